import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { parseHTML } from 'linkedom';
import type { MadeUpEngland } from '../demo/index.ts';
import { areaFigures } from '../publications/index.ts';
import { openTestSite, type TestSite } from '../testing/site.ts';

/*
 * What people outside a school’s circle may learn of few children: nothing. Judged against the made-up England’s own
 * counts, which no part of the site has seen but through its files.
 */

type Counts = { enrolments: number; persistent: number };
type Line = {
  urn: number;
  newestUrn: number;
  laCode: string;
  schoolType: string;
  year: number;
} & Counts;

let site: TestSite;
let app: FastifyInstance;
let lines: Line[];

/** The island school: four children in 2015/16, with two of them persistently absent. */
const tiny = { urn: 900012, year: 201516 };

before(async () => {
  site = await openTestSite({
    issue: false,
    change(england) {
      const school = england.schools.find((each) => each.urn === tiny.urn);
      const counts = school?.years.find((each) => each.year === tiny.year)?.counts;
      if (!counts) throw new Error('the cast has lost its island school');
      counts.enrolments = 4;
      counts.persistentEnrolments = 2;
      const alone = england.schools.find(
        ({ authority, schoolType }) => authority.laCode === 991 && schoolType === 'Special',
      );
      for (const year of alone?.years ?? []) year.counts.persistentEnrolments = 3;
      lines = linesOf(england);
    },
  });
  app = await site.serve({ demo: true });
});
after(() => site.close());

function linesOf(england: MadeUpEngland): Line[] {
  return england.schools.flatMap((school) =>
    school.years.map(({ year, urn, counts }) => ({
      urn,
      newestUrn: school.urn,
      laCode: String(school.authority.laCode),
      schoolType: school.schoolType,
      year,
      enrolments: counts.enrolments,
      persistent: counts.persistentEnrolments,
    })),
  );
}

const isTiny = ({ enrolments }: Counts) => enrolments < 6;
const isFew = (counts: Counts) =>
  isTiny(counts) || (counts.persistent > 0 && counts.persistent < 6);

const outsiders = ['public', 'inspector:990', 'school:900001', 'authority:992', 'trust:1'];

async function ask(url: string, viewer: string) {
  const reply = await app.inject({ url, headers: { cookie: `rollcall_demo_viewer=${viewer}` } });
  assert.equal(reply.statusCode, 200, url);
  return reply;
}

type ShownYear = {
  time_period: number;
  enrolments: number | null;
  sess_possible: number | null;
  sess_overall_percent: number | null;
  enrolments_pa_10_exact_percent: number | null;
  hidden: boolean;
};

const asked = new Map<string, Promise<ShownYear[]>>();

function yearsOf(urn: number, viewer: string): Promise<ShownYear[]> {
  const key = `${urn} ${viewer}`;
  const years =
    asked.get(key) ??
    ask(`/api/v1/schools/${urn}/absence`, viewer).then((reply) => reply.json().data);
  asked.set(key, years);
  return years;
}

test('the made-up England has small numbers to hide, of every sort', () => {
  assert.ok(lines.filter(isTiny).length >= 1);
  assert.ok(lines.filter(isFew).length >= 100);
  const groups = Map.groupBy(lines, (line) => `${line.laCode} ${line.schoolType} ${line.year}`);
  const alone = [...groups.values()].filter((group) => group.length === 1 && group.some(isFew));
  assert.ok(alone.length >= 1, 'an authority’s only school of a type has few persistent absentees');
});

test('from the API nobody outside gets a persistent percentage of one to five pupils, nor anything of a tiny school', async () => {
  for (const viewer of outsiders.slice(0, 3)) {
    for (const line of lines) {
      if (!isFew(line) || viewer === `school:${line.newestUrn}`) continue;
      const shown = (await yearsOf(line.newestUrn, viewer)).find(
        (year) => year.time_period === line.year,
      );
      assert.equal(shown?.enrolments_pa_10_exact_percent, null, JSON.stringify(line));
      assert.equal(shown?.hidden, true);
      if (!isTiny(line)) continue;
      const { time_period: _, hidden: __, ...figures } = shown as ShownYear;
      for (const [name, figure] of Object.entries(figures)) assert.equal(figure, null, name);
    }
  }
});

test('nor from the files of schools, authorities and trusts', async () => {
  const newest = new Map<number, Line>();
  for (const line of lines) newest.set(line.newestUrn, line);
  for (const viewer of outsiders) {
    const files = ['/authorities/990', '/authorities/991', '/trusts/990001', '/trusts/990002'];
    for (const file of files) {
      if (file === `/authorities/${viewer.split(':')[1]}` && viewer.startsWith('authority'))
        continue;
      for (const row of rowsOf((await ask(`${file}/schools.csv`, viewer)).body)) {
        const line = newest.get(Number(row['urn']));
        if (!line || !isFew(line) || line.year !== Number(row['time_period'])) continue;
        assert.equal(row['enrolments_pa_10_exact_percent'], '', `${viewer} ${file} ${line.urn}`);
      }
    }
    const school = rowsOf((await ask(`/schools/${tiny.urn}/absence.csv`, viewer)).body).find(
      (row) => row['time_period'] === String(tiny.year),
    );
    assert.deepEqual(Object.values(school ?? {}).filter(Boolean), [String(tiny.year)]);
  }
});

test('nor from a page: its cards, its charts and their tables', async () => {
  const withFew = [...new Set(lines.filter(isFew).map((line) => line.newestUrn))].slice(0, 6);
  for (const urn of [tiny.urn, ...withFew]) {
    for (const viewer of ['public', 'inspector:990']) {
      const { document } = parseHTML((await ask(`/schools/${urn}`, viewer)).body);
      for (const line of lines.filter((each) => each.newestUrn === urn && isFew(each))) {
        const percent = `${((100 * line.persistent) / line.enrolments).toFixed(1)}%`;
        const label = `${Math.floor(line.year / 100)}/${String(line.year % 100)}`;
        const tables = [...document.querySelectorAll('#years-table, #history-persistent-table')];
        assert.equal(tables.length, 2);
        for (const table of tables) {
          const row = [...table.querySelectorAll('tbody tr')].find((each) =>
            each.textContent.includes(label),
          );
          const own = [...(row?.querySelectorAll('td') ?? [])];
          const cell = table.id === 'years-table' ? own.at(-1) : own[0];
          assert.notEqual(cell?.textContent.trim(), percent, `${urn} ${label} ${table.id}`);
          assert.doesNotMatch(cell?.textContent ?? '', /%/, `${urn} ${label} ${table.id}`);
          if (!isTiny(line)) continue;
          const ownOverall = table.id === 'years-table' ? own : own.slice(0, 1);
          for (const each of ownOverall) assert.doesNotMatch(each.textContent, /\d/);
        }
      }
    }
  }
});

test('those inside see the figures of their own school', async () => {
  const inside = [`school:${tiny.urn}`, 'authority:990', 'department'];
  for (const viewer of inside) {
    const year = (await yearsOf(tiny.urn, viewer)).find((each) => each.time_period === tiny.year);
    assert.equal(year?.enrolments_pa_10_exact_percent, 50);
    assert.equal(year?.hidden, false);
  }
});

type Figure = 'sess_overall_percent' | 'enrolments_pa_10_exact_percent';

/** Who looks, and at which schools they see more than the public does. */
type Insider = { viewer: string; own: ReadonlySet<number> };

async function insiders(): Promise<Insider[]> {
  const { schools } = await site.directories();
  const urnsOf = (some: typeof schools) => new Set(some.map(({ urn }) => urn));
  const withFew = urnsOf(
    schools.filter(({ urn }) => lines.some((each) => each.newestUrn === urn && isFew(each))),
  );
  return [
    { viewer: 'public', own: new Set() },
    ...[...withFew].map((urn) => ({ viewer: `school:${urn}`, own: new Set([urn]) })),
    ...[...Map.groupBy(schools, ({ trust }) => trust?.uid)].flatMap(([uid, ofTrust]) =>
      uid === undefined ? [] : { viewer: `trust:${uid}`, own: urnsOf(ofTrust) },
    ),
    ...[...Map.groupBy(schools, ({ laCode }) => laCode)].map(([laCode, ofAuthority]) => ({
      viewer: `authority:${laCode}`,
      own: urnsOf(ofAuthority),
    })),
  ];
}

/** Is a figure of a school’s year shown to them? */
async function isShown(line: Line, figure: Figure, { viewer, own }: Insider): Promise<boolean> {
  const years = await yearsOf(line.newestUrn, own.has(line.newestUrn) ? viewer : 'public');
  const year = years.find((each) => each.time_period === line.year);
  return year !== undefined && year[figure] !== null;
}

/** The totals of authorities, and of England, that are shown: to everybody the same. */
async function shownTotals(figure: Figure): Promise<Set<string>> {
  const shown = new Set<string>();
  const ofEngland = await areaFigures(site.stores, { laCode: '', regionCode: '' });
  for (const { schoolType, year, absencePercent, persistentPercent } of ofEngland) {
    const percent = figure === 'sess_overall_percent' ? absencePercent : persistentPercent;
    if (percent !== null) shown.add(`${schoolType} ${year}`);
  }
  for (const laCode of new Set(lines.map((line) => line.laCode))) {
    const reply = await ask(`/api/v1/authorities/${laCode}/absence`, 'public');
    for (const row of reply.json().data) {
      if (row[figure] !== null) shown.add(`${laCode} ${row.school_type} ${row.time_period}`);
    }
  }
  return shown;
}

const authorityOf = (line: Line) => `${line.laCode} ${line.schoolType} ${line.year}`;

for (const figure of ['enrolments_pa_10_exact_percent', 'sess_overall_percent'] as const) {
  test(`nor can anybody, inside or outside, take what they see from the totals of authorities and England: ${figure}`, async () => {
    const totals = await shownTotals(figure);
    const publicSees: Insider = { viewer: 'public', own: new Set() };
    const hiddenLines: Line[] = [];
    for (const line of lines)
      if (!(await isShown(line, figure, publicSees))) hiddenLines.push(line);
    assert.ok(hiddenLines.length > 0);
    let tried = 0;
    for (const insider of await insiders()) {
      const left: Line[] = [];
      for (const line of hiddenLines) {
        const own = insider.own.has(line.newestUrn);
        if (!(own && (await isShown(line, figure, insider)))) left.push(line);
      }
      const england = Map.groupBy(left, (line) => `${line.schoolType} ${line.year}`);
      for (const [key, ofEngland] of england) {
        const authorities = [...Map.groupBy(ofEngland, authorityOf)];
        const inShown = authorities.filter(([area]) => totals.has(area)).map(([, some]) => some);
        const inHidden = authorities
          .filter(([area]) => !totals.has(area))
          .flatMap(([, some]) => some);
        for (const some of totals.has(key) ? [...inShown, inHidden] : inShown) {
          if (some.length === 0) continue;
          tried += 1;
          const schools = new Set(some.map(({ newestUrn }) => newestUrn));
          const where = `${insider.viewer}: ${authorityOf(some[0] as Line)}`;
          assert.ok(schools.size >= 2, `${where}: one school is left alone`);
          if (figure === 'sess_overall_percent') continue;
          const pupils = some.reduce((sum, { persistent }) => sum + persistent, 0);
          assert.ok(pupils >= 6, `${where}: ${pupils} pupils are left`);
        }
      }
    }
    assert.ok(tried >= 20, `${tried} totals tried`);
  });
}

test('what the intake of a school rests on few pupils is hidden too', async () => {
  const directory = await site.directories();
  let hidden = 0;
  for (const { urn, intakes } of directory.schools) {
    const { data } = (await ask(`/api/v1/schools/${urn}`, 'public')).json();
    for (const [index, intake] of intakes.entries()) {
      const shown = data.intakes[index];
      const pupils = intake.pupils ?? 0;
      for (const [percent, given] of [
        [intake.fsmPercent, shown.fsm_ever6_percent],
        [intake.ehcPlanPercent, shown.ehc_plan_percent],
        [intake.girlsPercent, shown.girls_percent],
      ] as const) {
        if (percent === null) continue;
        const part = Math.round((percent * pupils) / 100);
        const few = [part, pupils - part].some((each) => each > 0 && each < 6);
        if (few) hidden += 1;
        if (few) assert.equal(given, null, `${urn}: ${part} of ${pupils}`);
      }
    }
  }
  assert.ok(hidden > 20);
});

function rowsOf(csv: string): Record<string, string>[] {
  const [header = '', ...rows] = csv.trim().split('\n');
  const names = header.split(',');
  return rows.map((row) => {
    const cells = row.match(/("([^"]|"")*"|[^,]*)(,|$)/g) ?? [];
    return Object.fromEntries(
      names.map((name, index) => [name, (cells[index] ?? '').replace(/,$/, '')]),
    );
  });
}
