import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from '../testing/chance.ts';
import { type ClickHouseNode, startClickHouse } from '../testing/clickhouse.ts';
import { scratchFolder, testClock } from '../testing/stores.ts';
import {
  connectWarehouse,
  migrateWarehouse,
  migrations,
  type Warehouse,
} from '../warehouse/index.ts';
import { countingOf } from './absence.sql.ts';
import { type Case, cases, groundOf, questionOfCase } from './cases.ts';
import { knownBefore, parametersOf } from './count.ts';
import { figureRow } from './figures.ts';
import { grounds, laters, layGround, layMarks, questions } from './ground.fixture.ts';
import { type CountedRow, type Question, seriesNames } from './question.ts';
import { countNaively, type Ground, type Mark } from './reference.ts';
import { countingYear } from './windows.ts';

/*
 * One specification, three implementations: the SQL on the embedded engine, the same on a server, and the naive
 * reference. They agree on whatever registers there are, and what must not make a difference makes none.
 */

const { folder, remove } = scratchFolder();
let node: ClickHouseNode;
const engines: Record<string, Warehouse> = {};
let nextReceipt = 1000;

before(async () => {
  node = await startClickHouse(join(folder, 'node'));
  const limits = { maxExecutionSeconds: 60 };
  const url = await node.createDatabase('absence');
  engines['the server'] = connectWarehouse({ kind: 'server', url }, limits);
  engines['the embedded engine'] = connectWarehouse(
    { kind: 'embedded', folder: join(folder, 'embedded') },
    limits,
  );
  for (const warehouse of Object.values(engines)) {
    await migrateWarehouse(warehouse, migrations, testClock);
  }
});
after(async () => {
  for (const warehouse of Object.values(engines)) await warehouse.close();
  await node.kill();
  remove();
});

const embedded = () => engines['the embedded engine'] as Warehouse;

function receiptsFrom(): number {
  nextReceipt += 100;
  return nextReceipt;
}

/** Receipts that `cameLater` count from the first of them. */
async function ask(
  warehouse: Warehouse,
  question: Question,
  receipts: number[],
  cameLater: readonly number[] = [],
) {
  const [first = 0] = receipts;
  return warehouse.query(countingOf(question).statement, {
    ...{ ...parametersOf(question), receipts },
    cameLater: cameLater.map((each) => first + each),
  });
}

async function countOn(
  warehouse: Warehouse,
  ground: Ground,
  question: Question,
): Promise<CountedRow[]> {
  return ask(warehouse, question, await layGround(warehouse, ground, receiptsFrom()));
}

describe('how we count', () => {
  for (const each of cases) {
    test(each.title, async () => {
      const ground = groundOf(each);
      const question = questionOfCase(each);
      const naive = countNaively(ground, question, knownBefore(question.asKnownOn));
      assert.deepEqual(askedColumns(each, naive), each.rows, 'the naive reference');
      for (const [engine, warehouse] of Object.entries(engines)) {
        const found = await countOn(warehouse, ground, question);
        assert.deepEqual(askedColumns(each, found), each.rows, engine);
        assert.deepEqual(found.map(plain), naive.map(plain), engine);
      }
    });
  }

  test('a case with a wrong figure is found out', async () => {
    const [each] = cases as [Case];
    const question = questionOfCase(each);
    const naive = countNaively(groundOf(each), question, knownBefore(null));
    assert.notDeepEqual(askedColumns(each, naive), [{ ...each.rows[0], sess_possible: 5 }]);
  });
});

/** Of what was counted, the columns that a case names. */
function askedColumns(each: Case, counted: readonly CountedRow[]) {
  const question = questionOfCase(each);
  const names = Object.keys(each.rows[0] ?? {});
  const shown = { everything: false, persistent: false, severe: false };
  return counted.map((row) => {
    const figures = figureRow(row, question, {
      hidden: shown,
      all: true,
      codes: true,
      sessions: true,
    });
    return Object.fromEntries(names.map((name) => [name, figures[name]]));
  });
}

const several = fc.array(questions, { minLength: 4, maxLength: 4 });

describe('on random registers', () => {
  for (const engine of ['the embedded engine', 'the server']) {
    test(`${engine} counts as the naive reference does`, async () => {
      let rows = 0;
      await fc.assert(
        fc.asyncProperty(grounds, several, laters, async (ground, asked, cameLater) => {
          const warehouse = engines[engine] as Warehouse;
          const receipts = await layGround(warehouse, ground, receiptsFrom());
          for (const question of asked) {
            const later = question.asKnownOn === null ? [] : cameLater;
            const found = await ask(warehouse, question, receipts, later);
            rows += found.length;
            const naive = countNaively(ground, question, knownBefore(question.asKnownOn), later);
            assert.deepEqual(found.map(plain), naive.map(plain));
          }
        }),
        { numRuns: 8, seed: 47 }, // of which most questions have an answer
      );
      assert.ok(rows >= 60, `only ${rows} rows were compared`);
    });
  }
});

/** Sorted by what tells rows apart, so that a difference is shown where it is. */
function plain(row: CountedRow) {
  return { ...row, codes: Object.fromEntries(Object.entries(row.codes).toSorted()) };
}

/** One mark a session and later amendments, as uploads bring them: no two entered at one moment for one session. */
const orderly = grounds.map((ground) => ({
  ...ground,
  marks: uniqueBy(ground.marks, (mark) =>
    [mark.urn, mark.pupil, mark.date, mark.session, mark.entered_at].join(' '),
  ),
}));

/** Of other rows those about what there was something of before: the first of it stands for the time before it too. */
const again = <Row>(
  before: readonly Row[],
  other: readonly Row[],
  about: (row: Row) => string,
  once = true,
) => {
  const known = new Set(before.map(about));
  const rows = other.filter((row) => known.has(about(row)));
  return once ? uniqueBy(rows, about) : rows;
};
const under =
  (receipt: number) =>
  <Row extends object>(row: Row) => ({ ...row, receipt });
const dayKey = ({ urn, date, session }: Ground['days'][number]) => [urn, date, session].join(' ');
const enrolmentKey = ({ urn, pupil, entry_date }: Ground['enrolments'][number]) =>
  [urn, pupil, entry_date].join(' ');

function uniqueBy<Each>(list: readonly Each[], keyOf: (each: Each) => string): Each[] {
  return [...new Map(list.map((each) => [keyOf(each), each])).values()];
}

describe('what must not make a difference', () => {
  test('the order in which uploads come, and how a register is split into them', async () => {
    await fc.assert(
      fc.asyncProperty(
        orderly,
        questions,
        fc.array(fc.nat(3), { minLength: 250, maxLength: 250 }),
        async (ground, question, split) => {
          const otherwise: Ground = {
            ...ground,
            marks: ground.marks
              .map((mark, at) => ({ ...mark, receipt: 30 + (split[at] as number) }))
              .toReversed(),
          };
          assert.deepEqual(
            await countOn(embedded(), otherwise, question),
            await countOn(embedded(), ground, question),
          );
        },
      ),
      { numRuns: 5 },
    );
  });

  test('an amendment that was taken back', async () => {
    await fc.assert(
      fc.asyncProperty(
        orderly,
        questions,
        fc.nat(),
        fc.constantFrom('I', 'O', '/', 'X'),
        async (ground, question, at, code) => {
          const receipt = receiptsFrom();
          const receipts = await layGround(embedded(), ground, receipt);
          const asked = { ...question, asKnownOn: null };
          const before = await ask(embedded(), asked, receipts);
          const mark = standingMark(ground.marks, at);
          const amend = (to: string, entered_at: string): Mark => ({
            ...{ ...mark, code: to, entered_at, receipt: 35, entry: 1 },
          });
          await layMarks(embedded(), [amend(code, '2026-01-05 10:00:00')], receipt);
          await layMarks(embedded(), [amend(mark.code, '2026-01-05 11:00:00')], receipt);
          assert.deepEqual(await ask(embedded(), asked, receipts), before);
        },
      ),
      { numRuns: 5 },
    );
  });

  test('for what was known on a day: rolls, calendars, lists of schools and marks that come after it', async () => {
    let rows = 0;
    await fc.assert(
      fc.asyncProperty(
        grounds,
        grounds,
        questions,
        laters,
        async (ground, another, question, cameLater) => {
          const asked: Question = {
            ...{ ...question, level: 'school', urns: [], year: 202324, ...countingYear(202324) },
            asKnownOn: '2024-06-04',
          };
          const receipt = receiptsFrom();
          const receipts = await layGround(embedded(), ground, receipt);
          const before = await ask(embedded(), asked, receipts, cameLater);
          rows += before.length;
          const after = {
            ...another,
            trusts: [],
            schools: again(ground.schools, another.schools, ({ urn }) => String(urn)).map(under(3)),
            days: again(ground.days, another.days, dayKey).map(under(12)),
            enrolments: uniqueBy(
              again(ground.enrolments, another.enrolments, ({ urn }) => String(urn), false),
              enrolmentKey,
            ).map(under(22)),
            marks: another.marks.map(under(34)),
          };
          await layGround(embedded(), after, receipt);
          const then = [...cameLater, 3, 12, 22, 34];
          assert.deepEqual(await ask(embedded(), asked, receipts, then), before);
        },
      ),
      { numRuns: 5, seed: 47, endOnFailure: true },
    );
    assert.ok(rows >= 5, `only ${rows} rows were compared`);
  });

  test('an upload that was withdrawn', async () => {
    await fc.assert(
      fc.asyncProperty(orderly, questions, async (ground, question) => {
        const receipt = receiptsFrom();
        const receipts = await layGround(embedded(), ground, receipt);
        const without = receipts.filter((each) => each !== receipt + 33);
        const kept = ground.marks.filter((mark) => mark.receipt !== 33);
        const naive = countNaively(
          { ...ground, marks: kept },
          question,
          knownBefore(question.asKnownOn),
        );
        assert.deepEqual((await ask(embedded(), question, without)).map(plain), naive.map(plain));
      }),
      { numRuns: 4 },
    );
  });
});

/** One of the marks that stand: an amendment taken back restores it and no other. */
function standingMark(marks: readonly Mark[], at: number): Mark {
  const newest = Map.groupBy(marks, (mark) =>
    [mark.urn, mark.pupil, mark.date, mark.session].join(' '),
  )
    .values()
    .map((list) => list.reduce((a, b) => (a.entered_at > b.entered_at ? a : b)))
    .toArray();
  return newest[at % newest.length] as Mark;
}

const additive = ['possible', 'authorised', 'unauthorised'] as const;
const codesIn = (rows: readonly CountedRow[]) => {
  const sums = new Map<string, number>();
  for (const [code, count] of rows.flatMap(({ codes }) => Object.entries(codes))) {
    sums.set(code, (sums.get(code) ?? 0) + count);
  }
  return Object.fromEntries([...sums].toSorted());
};
const perEnrolment = ['enrolments', 'persistent', 'severe', 'absentees'] as const;

test('the parts add up to the whole: areas, groups and pieces of time', async () => {
  const placed = grounds.map((ground) => ({
    ...ground,
    schools: [900001, 900002].map((urn, at) => ({
      ...{ receipt: 1, urn, laestab: 9994000 + at, la_code: '999', region_code: 'E12000001' },
    })),
  }));
  await fc.assert(
    fc.asyncProperty(placed, questions, async (ground, question) => {
      const receipts = await layGround(embedded(), ground, receiptsFrom());
      const count = (part: Partial<Question>) =>
        ask(embedded(), { ...question, urns: [], by: [], time: 'year', ...part }, receipts);
      const national = await count({ level: 'national' });
      const sum = (rows: readonly CountedRow[], names: readonly (keyof CountedRow)[]) =>
        names.map((name) => rows.reduce((total, row) => total + Number(row[name]), 0));
      const all = [...additive, ...perEnrolment];
      for (const level of ['school', 'la', 'region'] as const) {
        assert.deepEqual(sum(await count({ level }), all), sum(national, all), level);
      }
      for (const by of [['sex'], ['year_group'], ['fsm', 'ethnicity']] as const) {
        const parts = await count({ level: 'national', by });
        assert.deepEqual(sum(parts, all), sum(national, all), by.join());
      }
      for (const series of seriesNames) {
        const whole = await count({ level: 'national', series });
        for (const time of ['day', 'weekday', 'week', 'half_term', 'term'] as const) {
          const parts = await count({ level: 'national', series, time });
          assert.deepEqual(sum(parts, additive), sum(whole, additive), time);
          assert.deepEqual(codesIn(parts), codesIn(whole), `codes by ${time}, ${series}`);
        }
      }
      for (const row of national) {
        const absent = row.authorised + row.unauthorised;
        assert.ok(absent <= row.possible && row.severe <= row.persistent);
        assert.equal(
          row.bands.reduce((total, band) => total + band, 0),
          row.enrolments,
        );
        const figures = figureRow(row, question, {
          hidden: { everything: false, persistent: false, severe: false },
          all: true,
          codes: true,
          sessions: true,
        });
        const codes = (...names: string[]) =>
          names.reduce((total, name) => total + (row.codes[name] ?? 0), 0);
        assert.equal(figures['sess_aea'], codes('B', 'J', 'P', 'V', 'W', 'K'));
        assert.equal(row.unauthorised, codes('G', 'U', 'O', 'N'));
        assert.equal(row.authorised, codes(...'I M R S T H E C C1 J1 C2 F'.split(' ')));
      }
    }),
    { numRuns: 4 },
  );
});

test('known by the end of a day is by midnight in England, in summer and in winter', () => {
  assert.equal(knownBefore('2024-06-03'), '2024-06-03 23:00:00');
  assert.equal(knownBefore('2024-12-03'), '2024-12-04 00:00:00');
});
