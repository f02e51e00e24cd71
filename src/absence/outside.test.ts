import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { operator, safeToShow, type Viewer } from '../access/index.ts';
import type { Stores } from '../stores/index.ts';
import { openTestStores } from '../testing/stores.ts';
import { workedOut } from '../testing/workedOut.ts';
import { answerFor } from './answer.ts';
import type { FigureRow } from './figures.ts';
import { layGround } from './ground.fixture.ts';
import { type Dimension, type Level, levels } from './question.ts';
import type { Enrolment, Ground, Mark } from './reference.ts';
import { countingYear } from './windows.ts';

/*
 * Figures as somebody outside the schools’ circle is given them, by question after question, and after corrections again.
 * Two weeks’ registers: one of a year that is over, one of the year that grows.
 */

const department: Viewer = { role: 'department', scope: null };
let stores: Stores;
let close: () => Promise<void>;

/** Two large schools, one very small, and some of every size with every group in them. */
const schools = [
  { urn: 900001, la_code: '999', region_code: 'E12000001', pupils: 250 },
  { urn: 900002, la_code: '999', region_code: 'E12000001', pupils: 7 },
  { urn: 900003, la_code: '998', region_code: 'E12000001', pupils: 250 },
  ...[40, 25, 60, 12, 33].map((pupils, at) => ({
    ...{ urn: 900004 + at, pupils, la_code: at < 3 ? '801' : '802', region_code: 'E12000009' },
  })),
];

const chanceOf = (seed: number) => {
  let state = seed;
  return <Value>(values: readonly Value[]): Value => {
    state = (state * 48_271) % 2_147_483_647;
    return values[state % values.length] as Value;
  };
};

function registers(): Ground {
  const pick = chanceOf(7);
  const enrolments: Enrolment[] = [];
  const marks: Mark[] = [];
  for (const { urn, pupils } of schools) {
    for (let pupil = 1; pupil <= pupils; pupil++) {
      enrolments.push({
        ...{ urn, pupil, entry_date: '2025-09-01', leaving_date: '2149-06-06' },
        ...{ year_group: 7, sex: pick(['F', 'M']), fsm: pick([true, false, false]) },
        ...{ sen: pick(['N', 'N', 'N', 'K', 'E']), eal: false, born: '2014-10-01' },
        ethnicity: pick(['WBRI', 'WBRI', 'MWBC', 'REFU']),
      });
      const away = pick([0, 0, 0, 1, 4]);
      for (const [day, date] of [
        '2025-09-08',
        '2025-09-09',
        '2026-09-07',
        '2026-09-08',
      ].entries()) {
        for (const session of [0, 1]) {
          const code = (2 * day + session) % 4 < away ? pick(['I', 'E']) : session ? '\\' : '/';
          const entered_at = `${date} 09:00:00`;
          marks.push({ receipt: 0, urn, pupil, date, session, code, entered_at, entry: 0 });
        }
      }
    }
  }
  return {
    ...{ trusts: [{ urn: 900001, trust: 2001 }], days: [], enrolments, marks },
    schools: schools.map(({ urn, la_code, region_code }) => ({
      ...{
        receipt: 0,
        urn,
        laestab: Number(la_code) * 10_000 + urn - 896_001,
        la_code,
        region_code,
      },
    })),
  };
}

before(async () => {
  ({ stores, close } = await openTestStores());
  await lay(registers(), 'a');
});
after(() => close());

async function lay(ground: Ground, scope: string) {
  await stores.write(async ({ warehouse, begin }) => {
    const receipt = await begin({ kind: 'marks', scope, title: 'Two weeks', digest: scope });
    receipt.detail['history'] = true;
    await layGround(warehouse, ground, receipt.id, 0);
  });
}

type Asked = { level: Level; by?: readonly Dimension[]; year: number };

const asked = new Map<string, Promise<FigureRow[]>>();

function rowsOf(viewer: Viewer, question: Asked): Promise<FigureRow[]> {
  const key = JSON.stringify([viewer.role, question]);
  const rows = asked.get(key) ?? answerTo(viewer, question);
  asked.set(key, rows);
  return rows;
}

async function answerTo(viewer: Viewer, { level, by = [], year }: Asked): Promise<FigureRow[]> {
  const { rows } = await answerFor(
    stores,
    viewer,
    {
      ...{ level, by, year, series: 'daily', time: 'year', asKnownOn: null, urns: [] },
      ...countingYear(year),
    },
    { unsuppressed: viewer === operator },
  );
  return rows;
}

const [over, growing] = [202526, 202627];

test('of a year that is over large schools have their sessions by code; groups of pupils have no sessions in a school, a trust or an area with few schools, but to the operator', async () => {
  for (const row of await rowsOf(department, { level: 'school', year: over })) {
    // The other large one is alone in its authority with a school of seven, and would tell of those.
    assert.equal(row['sess_E'] !== null, row['urn'] === 900003, String(row['urn']));
  }
  for (const level of levels) {
    for (const row of await rowsOf(department, { level, by: ['sex'], year: over })) {
      const blank = ['sess_E', 'sess_late', 'sess_present', 'sess_possible', 'sess_overall'];
      for (const column of blank) assert.equal(row[column], null, `${level} ${column}`);
      assert.match(String(row['blank_reason']), /an area with few schools|fewer than 6 pupils/);
    }
  }
  for (const row of await rowsOf(operator, { level: 'school', by: ['sex'], year: over })) {
    assert.notEqual(row['sess_E'], null);
  }
});

for (const year of [over, growing]) {
  test(`of a small school no number of sessions is given, nor can it be taken from its authority’s: ${year}`, () =>
    smallSchoolsAreLeftOut(year));
}

async function smallSchoolsAreLeftOut(year: number) {
  const all = await rowsOf(department, { level: 'school', year });
  const small = all.find((row) => row['urn'] === 900002) as FigureRow;
  for (const [column, value] of Object.entries(small)) {
    if (/^(sess|days)_/.test(column)) assert.equal(value, null, column);
  }
  assert.match(String(small['blank_reason']), /not given of fewer than 60 pupils/);
  for (const [level, column] of [
    ['la', 'la_code'],
    ['region', 'region_code'],
  ] as const) {
    for (const area of await rowsOf(department, { level, year })) {
      const without = all.filter(
        (row) => row[column] === area[column] && row['sess_overall'] === null,
      );
      const pupils = without.reduce((sum, row) => sum + Number(row['enrolments']), 0);
      assert.ok(
        area['sess_overall'] === null || pupils === 0 || pupils >= 60,
        String(area[column]),
      );
    }
  }
  assert.ok(all.some((row) => row['sess_overall'] !== null));
}

test('who is given figures by groups, by two at once, and of every area works out no number of one to five', async () => {
  for (const column of ['enrolments', 'enrolments_pa_10_exact', 'enrolments_pa_50_exact']) {
    assert.deepEqual(await foundOut(over, ['sen', 'ethnicity'], column), [], column);
  }
});

test('nor any number of sessions, or of sessions of a code, of fewer than 60 pupils', async () => {
  for (const column of ['sess_possible', 'sess_overall', 'sess_E']) {
    assert.deepEqual(await foundOut(over, ['sen', 'ethnicity'], column), [], column);
  }
});

test('corrections that come one by one, late of last year or of this, move no number or rate of sessions of fewer than 60 pupils', async () => {
  const answers = async (year: number) => {
    const rows: FigureRow[] = [];
    for (const by of [[], ['sex']] as const) {
      for (const level of ['school', 'la'] as const) {
        rows.push(...(await answerTo(department, { level, by, year })));
      }
    }
    return rows;
  };
  const absencesOf = async (urn: number, year: number) => {
    const rows = await answerTo(operator, { level: 'school', year });
    return rows.find((row) => row['urn'] === urn)?.['sess_overall'];
  };
  // One child of 33, and one of 40.
  for (const [urn, pupil, year, date] of [
    [900008, 5, over, '2025-09-08'],
    [900004, 9, growing, '2026-09-07'],
  ] as const) {
    const [before, absences] = [await answers(year), await absencesOf(urn, year)];
    const marks = registers().marks.filter(
      (mark) => mark.urn === urn && mark.pupil === pupil && mark.date === date && !mark.session,
    );
    const entered_at = '2026-10-01 09:00:00';
    await lay(
      {
        ...{ trusts: [], days: [], schools: [], enrolments: [] },
        marks: marks.map((mark) => ({ ...mark, code: mark.code === 'E' ? '/' : 'E', entered_at })),
      },
      `correction ${date}`,
    );
    const after = await answers(year);
    assert.equal(after.length, before.length);
    for (const [at, row] of after.entries()) {
      for (const column of Object.keys(row).filter((name) => /^(sess|days)_/.test(name))) {
        if (row[column] === before[at]?.[column]) continue;
        assert.ok(Number(row['enrolments']) >= 60, `${Object.values(row).slice(0, 9)} ${column}`);
      }
    }
    assert.notEqual(await absencesOf(urn, year), absences);
  }
});

const areaOf = (row: FigureRow, level: Level) =>
  `${level} ${{ school: row['urn'], trust: row['trust_uid'], la: row['la_code'], region: row['region_code'], national: '' }[level]}`;

/** Small numbers of pupils, and numbers of sessions of few, that all the answers about a pair of divisions tell, by linear algebra and by rows that are not there. */
async function foundOut(year: number, pair: readonly [Dimension, Dimension], column: string) {
  const tables: (readonly Dimension[])[] = [[], [pair[0]], [pair[1]], pair];
  const truth = await rowsOf(operator, { level: 'school', by: pair, year });
  const names = truth.length > 0 ? unknownsOf(truth) : [];
  const cells: {
    key: string;
    unknowns: string[];
    count: number;
    isFew: boolean;
    given: boolean;
  }[] = [];
  const nobody = new Set<string>();
  for (const level of levels) {
    const schoolsOf = Map.groupBy(await rowsOf(operator, { level: 'school', year }), (row) =>
      areaOf({ ...row, trust_uid: row['urn'] === 900001 ? 2001 : null }, level),
    );
    for (const by of tables) {
      const answers = new Map(
        (await rowsOf(department, { level, by, year })).map((row) => [
          `${areaOf(row, level)} ${row['breakdown']}`,
          row,
        ]),
      );
      for (const [area, members] of schoolsOf) {
        if (area === 'trust null') continue;
        const urns = new Set(members.map((row) => row['urn']));
        for (const value of valuesOf(truth, by, pair)) {
          const isIn = (name: string) => {
            const [urn, first, second] = name.split(' ');
            const own =
              by.length === 0
                ? 'total'
                : by.map((each) => (each === pair[0] ? first : second)).join();
            return urns.has(Number(urn)) && own === value;
          };
          const unknowns = names.filter(isIn);
          const row = answers.get(`${area} ${value}`);
          const isBlank = answers.has(`${area} ,`) || answers.has(`${area} `);
          if (row === undefined && !isBlank) for (const name of unknowns) nobody.add(name);
          const given = typeof row?.[column] === 'number';
          if (given && row?.[column] === 0) for (const name of unknowns) nobody.add(name);
          const sumOf = (name: string) =>
            truth
              .filter((each) => isIn(nameOf(each)))
              .reduce((sum, each) => sum + Number(each[name]), 0);
          const count = sumOf(column);
          const isFew = column.startsWith('sess')
            ? count > 0 && sumOf('enrolments') < 60
            : !safeToShow(count, null);
          if (given) assert.equal(row?.[column], count, `${area} ${value}`);
          cells.push({ key: `${area} ${by.join()} ${value}`, unknowns, count, isFew, given });
        }
      }
    }
  }
  const left = cells.map((cell) => ({
    ...cell,
    unknowns: cell.unknowns.filter((name) => !nobody.has(name)),
  }));
  assert.ok(left.some(({ given }) => given) && left.some(({ given }) => !given));
  return workedOut(
    left.filter(({ given }) => given),
    left.filter(({ isFew }) => isFew),
    names,
  ).map(({ key, count }) => `${key}: ${count}`);
}

const nameOf = (row: FigureRow) => `${row['urn']} ${String(row['breakdown']).replace(',', ' ')}`;

/** Every pair of values of every school, whether it has any or not. */
function unknownsOf(truth: readonly FigureRow[]): string[] {
  const values = (at: number) => [
    ...new Set(truth.map((row) => String(row['breakdown']).split(',')[at] as string)),
  ];
  return schools.flatMap(({ urn }) =>
    values(0).flatMap((first) => values(1).map((second) => `${urn} ${first} ${second}`)),
  );
}

function valuesOf(
  truth: readonly FigureRow[],
  by: readonly Dimension[],
  pair: readonly [Dimension, Dimension],
): string[] {
  if (by.length === 0) return ['total'];
  const names = unknownsOf(truth).map((name) => name.split(' ').slice(1));
  const own = names.map((name) => by.map((each) => name[each === pair[0] ? 0 : 1]).join());
  return [...new Set(own)];
}
