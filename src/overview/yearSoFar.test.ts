import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { parseHTML } from 'linkedom';
import { countFigures, countingYear, keepUp } from '../absence/index.ts';
import { demoCast, fillRegisters, registerYear } from '../demo/index.ts';
import { broughtTo } from '../demo/laterYears.ts';
import { numberOfDay } from '../demo/registers/calendar.ts';
import type { MadeUpEngland } from '../demo/index.ts';
import { keepSummary, pupilSecretOf } from '../records/index.ts';
import { issueTargets, issuedFigures } from '../targets/index.ts';
import { openTestSite, type TestSite } from '../testing/site.ts';

/* The registers of four schools of the cast: last year’s whole, and this year’s up to the middle of November. */

const [last, present] = [202526, 202627];
const clock = () => new Date('2026-11-20T16:00:00Z');
const agreed = demoCast.academisedChain.urn;
const accepted = demoCast.smallRuralPrimary.urn;
const notCompared = demoCast.oneYearOnly.urn;
const differing = demoCast.gapInHistory.urn;
const withoutRegisters = demoCast.improvingSecondary.urn;
const urns = [agreed, accepted, notCompared, differing];

let site: TestSite;
let app: FastifyInstance;

before(async () => {
  let england: MadeUpEngland | undefined;
  site = await openTestSite({
    issue: false,
    change: (made) => void (england = Object.assign(made, broughtTo(made, present))),
  });
  await bringRegisters(england as MadeUpEngland);
  for (const [urn, outcome] of [
    [agreed, 'agrees'],
    [accepted, 'explained'],
    [differing, 'differs'],
  ] as const) {
    await bringSummary(urn, outcome);
  }
  await issueTargets(site.stores, { year: present, visitKm: 40 });
  app = await site.serve({ demo: true, clock });
});
after(() => site.close());

async function bringRegisters(england: MadeUpEngland): Promise<void> {
  const { stores } = site;
  const secret = Buffer.from(await pupilSecretOf(stores.records));
  const key = [0, 8].map((at) => secret.readBigUInt64LE(at).toString()) as [string, string];
  const seam = numberOfDay('2026-09-01');
  const bringing = (kind: string) => ({ kind, scope: 'test', title: kind, digest: '' });
  await stores.write(async (write) => {
    const list = await write.begin(bringing('register schools'));
    const [pupils, marks] = [
      await write.begin(bringing('pupils')),
      await write.begin(bringing('marks')),
    ];
    for (const [year, roll, until] of [
      [last, { rollTo: seam - 1 }, seam - 1],
      [present, { rollFrom: seam }, numberOfDay('2026-11-20')],
    ] as const) {
      const of = { ...registerYear(england, { year, events: new Map(), castOf: present }), roll };
      const schools = of.schools.filter(({ urn }) => urns.some((each) => each === urn));
      const receipts = { enrolments: pupils.id, marks: marks.id };
      await fillRegisters(write.warehouse, of, { schools, receipts, key, until });
      if (year === last) {
        await write.warehouse.append(
          'register_schools',
          ['receipt', 'urn', 'laestab', 'name', 'phase', 'la_code', 'region_code'],
          schools.map(({ urn, laestab, name, authority }) => [
            ...[list.id, urn, laestab, name, 'primary'],
            ...[String(authority.laCode), authority.region.code],
          ]),
        );
      }
    }
  });
  await keepUp(stores);
}

async function countLast(urn: number, series: 'daily' | 'census') {
  const [row] = await countFigures(site.stores, {
    ...{ level: 'school', by: [], series, year: last, time: 'year', asKnownOn: null, urns: [urn] },
    ...countingYear(last),
  });
  assert.ok(row);
  return row;
}

async function bringSummary(urn: number, outcome: 'agrees' | 'explained' | 'differs') {
  const { possible, authorised, unauthorised } = await countLast(urn, 'daily');
  const { from, to } = countingYear(last);
  const { records } = site.stores;
  const sent = { person: null, role: 'operator', scope: null, at: clock() };
  const summary = await keepSummary(records, {
    ...{ urn, year: last, form: 'totals', outcome, first_day: from, last_day: to, ...sent },
    found: JSON.stringify({
      ...{ compared: 2, differing: 0, unexplained: 0, rules: [], tellsCounts: true },
    }),
    ...{ possible, absent: authorised + unauthorised },
  });
  if (outcome !== 'explained') return;
  const person = { person_name: 'A Head', position: 'Head', reason: 'Counted from the first day.' };
  await records
    .insertInto('accepted_differences')
    .values({ summary, ...person, ...sent })
    .execute();
}

async function ask(url: string, viewer: string) {
  return app.inject({ url, cookies: { rollcall_demo_viewer: viewer } });
}

async function textOf(urn: number, viewer: string): Promise<string> {
  const { statusCode, body } = await ask(`/schools/${urn}`, viewer);
  assert.equal(statusCode, 200);
  const { document } = parseHTML(body);
  return (document as unknown as { body: { textContent: string } }).body.textContent.replace(
    /\s+/g,
    ' ',
  );
}

const figuresOf = async (urn: number) => {
  const school = (await site.directories()).get(urn);
  const all = await issuedFigures(
    site.stores,
    { role: 'operator', scope: null },
    [school],
    present,
  );
  return all[0];
};

test('a year of a school’s own registers that agrees, or was explained and accepted, is what its expectation rests on', async () => {
  for (const urn of [agreed, accepted]) {
    const figures = await figuresOf(urn);
    const { authorised, unauthorised, possible } = await countLast(urn, 'census');
    assert.equal(figures?.last_known_period, last);
    const percent = (100 * (authorised + unauthorised)) / possible;
    assert.ok(Math.abs((figures.last_absence_percent ?? 0) - percent) < 1e-9);
  }
  const text = await textOf(agreed, `head:${agreed}`);
  assert.match(text, /2025\/26 is not published yet: counted from the school’s own registers/);
  assert.match(text, /These figures agree with the school’s own system/);
  assert.match(
    text,
    /\d published years of this school, and 2025\/26 from the school’s own registers/,
  );
  assert.doesNotMatch(text, /published years? of this school, the last 2025\/26/);
  assert.match(text, /Absence in 2025\/26: Counted from the school’s own registers/);
});

test('the head reads that this year’s registers were not compared with its own system; who can do nothing about it does not', async () => {
  const line =
    /These registers of 2026\/27 have not been compared with the school’s own system yet/;
  const { body } = await ask(`/schools/${agreed}`, `head:${agreed}`);
  assert.match(body, line);
  assert.match(body, new RegExp(`href="/schools/${agreed}/absence/compare\\?year=202627"`));
  for (const viewer of ['department', 'inspector:990', 'public']) {
    assert.doesNotMatch(await textOf(agreed, viewer), line, viewer);
  }
});

test('of other schools the last published year is used, and they are told so much', async () => {
  const figures = await figuresOf(withoutRegisters);
  assert.equal(figures?.last_known_period, 202425);
  assert.doesNotMatch(
    await textOf(withoutRegisters, `head:${withoutRegisters}`),
    /from the school’s own registers/,
  );
});

test('a school whose registers nobody compared, or that differ, is told no expectation, why, and what to do', async () => {
  for (const [urn, why] of [
    [notCompared, /nobody has set them beside the summary of its own system yet/],
    [differing, /they differ from the summary of its own system/],
  ] as const) {
    assert.equal(await figuresOf(urn), undefined);
    const { body } = await ask(`/schools/${urn}`, `head:${urn}`);
    assert.match(body, why);
    assert.match(body, new RegExp(`href="/schools/${urn}/absence/compare\\?year=202526"`));
    assert.doesNotMatch(body, /path to the expectation/i);
  }
});

test('a head reads where the year stands against the path, and where it may end', async () => {
  const text = await textOf(agreed, `head:${agreed}`);
  assert.match(
    text,
    /Up to the week of 16 November 2026, \d+\.\d% of sessions were missed\. On the way to \d+\.\d% for the whole year it would be \d+\.\d% by now\./,
  );
  assert.match(text, /it ends between \d+\.\d% and \d+\.\d%, 8 years in 10/);
  assert.match(
    text,
    /registers of 4 primary schools here in 2025\/26, drawn towards a usual season/,
  );
  assert.match(text, /Which pupils weigh most/);
  assert.match(text, /Persistent absence is not set against the year here/);
});

test('the API and the files say what the page says', async () => {
  const viewer = `head:${agreed}`;
  const reply = await ask(`/api/v1/schools/${agreed}/year-so-far`, viewer);
  assert.equal(reply.statusCode, 200);
  const { data } = reply.json();
  assert.equal(data.last_week, '2026-11-16');
  assert.ok(data.year_end_lower_80 < data.year_end_upper_80);
  const one = (value: number) => value.toFixed(1);
  const text = await textOf(agreed, viewer);
  assert.ok(text.includes(`${one(data.absence_so_far_percent)}% of sessions were missed`));
  assert.ok(text.includes(`it would be ${one(data.path_percent)}% by now`));
  const weeks = (await ask(`/schools/${agreed}/year-so-far.csv`, viewer)).body.split('\n');
  assert.equal(weeks[0], 'week_of,absence_so_far_percent,path_percent');
  const now = weeks.find((line) => line.startsWith('16 November 2026,'));
  assert.equal(now, `16 November 2026,${data.absence_so_far_percent},${data.path_percent}`);
  const groups = (await ask(`/schools/${agreed}/year-so-far-groups.csv`, viewer)).body;
  assert.equal(groups.trim().split('\n').length, data.groups.length + 1);
  assert.match(groups, /Eligible for free school meals/);
});

test('the department sees where the year stands, without weeks and groups', async () => {
  const reply = await ask(`/api/v1/schools/${agreed}/year-so-far`, 'department');
  const { data } = reply.json();
  assert.ok(data.absence_so_far_percent > 0);
  for (const name of [
    ...['year_end_percent', 'year_end_lower_80', 'path_percent', 'expectation_absence_percent'],
  ]) {
    assert.match(String(data[name]), /^\d+(\.\d)?$/, name);
  }
  assert.match(String(data.season_ratio), /^\d(\.\d\d?)?$/);
  assert.deepEqual(data.groups, []);
  const { body } = await ask(`/schools/${agreed}/year-so-far.csv`, 'department');
  const known = body.split('\n').filter((line) => /^\d.*,\d[\d.]*,/.test(line));
  assert.equal(known.length, 1);
  // And the path that the head sees: to the same expectation, and ending at it.
  const own = (await ask(`/schools/${agreed}/year-so-far.csv`, `head:${agreed}`)).body;
  const pathOf = (csv: string) =>
    csv
      .trim()
      .split('\n')
      .map((line) => line.replace(/,.*,/, ','));
  assert.deepEqual(pathOf(body), pathOf(own));
  assert.equal(Number(pathOf(own).at(-1)?.split(',')[1]), data.expectation_absence_percent);
});

test('outside its circle a school’s year so far is told as the figures give it, and no finer; in whole percents, nothing is said of where it stands', async () => {
  for (const [urn, isWhole] of [
    [agreed, false],
    [accepted, true],
  ] as const) {
    for (const viewer of ['department', 'analyst:990']) {
      const figures = (
        await ask(`/api/v1/schools/${urn}/absence/registers?year=${present}`, viewer)
      ).json().data[0];
      const { sess_overall_percent: percent, sess_possible } = figures;
      assert.equal(sess_possible, null);
      if (isWhole) assert.ok(Number.isInteger(percent));
      const { data } = (await ask(`/api/v1/schools/${urn}/year-so-far`, viewer)).json();
      const file = (await ask(`/schools/${urn}/year-so-far.csv`, viewer)).body;
      const text = await textOf(urn, viewer);
      if (isWhole) {
        assert.equal(data, null);
        assert.equal(file.trim().split('\n').length, 1);
        assert.ok(text.includes(`About ${percent}% of sessions were missed so far`), text);
        assert.match(text, /told in whole percents, too roughly to say where the year stands/);
        assert.doesNotMatch(text, /may end|Counted from the school’s own registers as/);
        continue;
      }
      assert.deepEqual([data.absence_so_far_percent, data.series], [percent, 'daily']);
      assert.match(file, new RegExp(`,${percent},${data.path_percent}\\n`));
      assert.ok(text.includes(`, ${percent.toFixed(1)}% of sessions`));
      assert.match(text, /own registers as the daily feed counts/);
      const own = (await ask(`/api/v1/schools/${urn}/year-so-far`, `head:${urn}`)).json().data;
      assert.equal(own.series, 'census');
      assert.ok(data.year_end_lower_80 <= own.year_end_lower_80);
      assert.ok(data.year_end_upper_80 >= own.year_end_upper_80);
    }
  }
});

test('outside its circle what rests on a school’s own registers is rounded, and nothing is said of persistent absentees', async () => {
  const exact = await figuresOf(agreed);
  assert.doesNotMatch(String(exact?.last_absence_percent), oneDecimal);
  assert.ok(exact?.last_persistent_percent !== null);
  for (const viewer of ['department', 'analyst:990']) {
    const reply = await ask(`/api/v1/schools/${agreed}/expectation`, viewer);
    const { figures, explanation, suggestions } = reply.json();
    const parts = Object.entries(figures).filter(([name]) => /percent|_80$|_95$|points/.test(name));
    for (const [name, value] of parts) {
      if (name === 'ladder_la_average_percent' || name === 'ladder_pre_pandemic_percent') continue;
      if (/persistent/.test(name) && name !== 'context_persistent_percent') {
        assert.equal(value, null, name);
      } else assert.match(String(value), oneDecimal, name);
    }
    assert.ok(figures.last_absence_percent > 0);
    const words = [...explanation.reasons, ...suggestions.flatMap(toldBy)].join(' ');
    assert.doesNotMatch(words, /[Pp]ersistent absence (of|was|\(pupils)/);
    const file = (await ask(`/schools/${agreed}/expectation.csv`, viewer)).body;
    assert.ok(!file.includes(String(exact?.last_absence_percent)));
    for (const measure of ['overall', 'persistent']) {
      const chart = (await ask(`/schools/${agreed}/history-${measure}.csv`, viewer)).body;
      assert.doesNotMatch(chart, new RegExp(`${exact?.[ofMeasure(measure)]}`));
    }
    const text = await textOf(agreed, viewer);
    assert.match(text, /given to one decimal outside the school/);
  }
  const head = (await ask(`/api/v1/schools/${agreed}/expectation`, `head:${agreed}`)).json();
  assert.equal(head.figures.last_absence_percent, exact?.last_absence_percent);
  assert.equal(head.figures.last_persistent_percent, exact?.last_persistent_percent);
});

const oneDecimal = /^-?\d+(\.\d)?$/;
const toldBy = (each: { says: string; rests_on: string[] }) => [each.says, ...each.rests_on];
const ofMeasure = (of: string) =>
  of === 'overall' ? 'last_absence_percent' : 'last_persistent_percent';

test('what is published of a school stays exact outside, and where it may have met others’ registers it is rounded', async () => {
  const exact = await figuresOf(withoutRegisters);
  const reply = await ask(`/api/v1/schools/${withoutRegisters}/expectation`, 'department');
  const { figures } = reply.json();
  assert.equal(figures.last_absence_percent, exact?.last_absence_percent);
  assert.equal(figures.last_persistent_percent, exact?.last_persistent_percent);
  assert.match(String(figures.forecast_absence_percent), oneDecimal);
});

test('a school’s own path does not tell it another school’s weeks', async () => {
  const { data } = (await ask(`/api/v1/schools/${agreed}/year-so-far`, `head:${agreed}`)).json();
  assert.match(String(data.season_ratio), /^\d(\.\d\d?)?$/);
  for (const rate of [data.path_percent, data.year_end_percent, data.groups[0].path_percent]) {
    assert.match(String(rate), oneDecimal);
  }
  const weeks = (await ask(`/schools/${agreed}/year-so-far.csv`, `head:${agreed}`)).body;
  for (const line of weeks.trim().split('\n').slice(1)) assert.match(line, /,\d+(\.\d)?$/);
});

test('an inspector sees the year so far as a fact, and never the path', async () => {
  const text = await textOf(agreed, 'inspector:990');
  assert.match(
    text,
    /% of sessions were missed so far, by the school’s own registers, counted as the daily feed counts\./,
  );
  assert.match(text, /do not set this against the figure of a whole year/);
  assert.doesNotMatch(text, /path|expectation of|may end/);
  const refused = await ask(`/api/v1/schools/${agreed}/year-so-far`, 'inspector:990');
  assert.equal(refused.statusCode, 403);
});

test('nobody outside sees any of it', async () => {
  for (const viewer of ['public', `head:${accepted}`]) {
    const text = await textOf(agreed, viewer);
    assert.doesNotMatch(text, /This year so far|own registers|may end/);
    const { statusCode } = await ask(`/api/v1/schools/${agreed}/year-so-far`, viewer);
    assert.equal(statusCode, 403);
  }
});

test('a list of a few days, imported as the school’s calendar, leaves the year so far as it was', async () => {
  const soFar = async () =>
    (await ask(`/api/v1/schools/${agreed}/year-so-far`, `head:${agreed}`)).json().data;
  const was = await soFar();
  await site.stores.write(async (write) => {
    const { id } = await write.begin({
      ...{ kind: 'calendars', scope: 'test', title: 'calendars', digest: '' },
    });
    const days = [
      ['2026-12-18', true],
      ['2027-07-20', false],
      ['2027-07-21', false],
    ] as const;
    await write.warehouse.append(
      'register_days',
      ['receipt', 'urn', 'date', 'session', 'open', 'reason'],
      days.flatMap(([date, open]) => [1, 2].map((half) => [id, agreed, date, half, open, ''])),
    );
  });
  const now = await soFar();
  for (const name of ['weeks_without_registers', 'path_percent', 'absence_so_far_percent']) {
    assert.deepEqual(now[name], was[name], name);
  }
  assert.ok(Math.abs(now.share_of_year - was.share_of_year) < 0.011);
});
