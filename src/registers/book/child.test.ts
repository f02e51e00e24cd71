import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { countFigures, countingYear } from '../../absence/index.ts';
import { attendanceCodes } from '../../base/attendanceCodes.ts';
import { type Day, daysAfter } from '../../base/day.ts';
import { halfTermWeeks, mondayOf as mondayOfWeek } from '../../base/weekOfYear.ts';
import { demoCast } from '../../demo/index.ts';
import fc from '../../testing/chance.ts';
import { openTestSite, type TestSite } from '../../testing/site.ts';
import { testClock } from '../../testing/stores.ts';
import type { ShownPupil } from '../../pupils/index.ts';
import { attendanceOfChild, childAttendance } from './child.ts';
import { keysOf } from './show.ts';

/*
 * A child’s own page says what the kernel counts of its enrolments: over random registers of two schools, with every code
 * there is, strokes in the wrong half of the day, closed sessions, days outside its enrolments and entries made anew.
 */

let site: TestSite;
let pupil: number;
let key: string;
before(async () => {
  site = await openTestSite({ issue: false });
  pupil = site.cast.pupils.get('elderSibling') as number;
  key = (await keysOf(site.stores.records, [pupil])).get(pupil) as string;
});
after(() => site.close());

const urns = [demoCast.improvingSecondary.urn, demoCast.smallRuralPrimary.urn] as const;
const year = 202627;
const days: readonly Day[] = [
  ...['2026-09-02', '2026-09-03', '2026-09-04', '2026-10-01', '2026-10-02', '2026-10-05'],
  ...['2026-10-06', '2026-11-02', '2026-11-03', '2026-11-19', '2026-11-20', '2026-11-21'],
];
const day = fc.constantFrom(...days);
const code = fc.oneof(
  fc.constantFrom('/', '\\', 'I', 'O', 'L'),
  fc.constantFrom(...attendanceCodes.map((each) => each.code), '?'),
);
const session = fc.constantFrom(0, 1);
const urn = fc.constantFrom(...urns);
const registers = fc.record({
  marks: fc.array(fc.tuple(urn, day, session, code, fc.nat(2)), { minLength: 40, maxLength: 80 }),
  closed: fc.array(fc.tuple(urn, day, session, fc.boolean()), { maxLength: 12 }),
  enrolments: fc.uniqueArray(
    fc.record({ urn, entry_date: day, leaving_date: fc.option(day) }).map((each) => ({
      ...each,
      leaving_date:
        each.leaving_date !== null && each.leaving_date < each.entry_date
          ? null
          : each.leaving_date,
    })),
    { minLength: 1, maxLength: 3, selector: (each) => `${each.urn} ${each.entry_date}` },
  ),
});
type Registers = typeof registers extends fc.Arbitrary<infer Value> ? Value : never;

const entry = (each: readonly unknown[]) => JSON.stringify(each);
const once = <Row extends readonly unknown[]>(rows: readonly Row[], size: number): Row[] => [
  ...new Map(rows.map((row) => [entry(row.slice(0, size)), row])).values(),
];

/** In the place of what was laid before. */
async function lay({ marks, closed, enrolments }: Registers): Promise<void> {
  await site.stores.write(async ({ begin, warehouse }) => {
    const bring = async (kind: string) =>
      (await begin({ kind, scope: 'one child', title: kind, digest: '' })).id;
    const [ofMarks, ofDays, ofPupils] = [
      await bring('marks'),
      await bring('calendars'),
      await bring('pupils'),
    ];
    await warehouse.append(
      'marks',
      ['receipt', 'urn', 'pupil', 'date', 'session', 'code', 'entered_at', 'entry'],
      once(
        marks.map(([at, date, half, letter, hour]) => [at, date, half, hour, letter] as const),
        4,
      ).map(([at, date, half, hour, letter]) => [
        ...[ofMarks, at, key, date, half, letter, `2026-11-21 0${hour}:00:00`, 0],
      ]),
    );
    await warehouse.append(
      'register_days',
      ['receipt', 'urn', 'date', 'session', 'open', 'reason'],
      once(closed, 3).map(([at, date, half, open]) => [ofDays, at, date, half, open, '']),
    );
    await warehouse.append(
      'enrolments',
      ['receipt', 'urn', 'pupil', 'entry_date', 'leaving_date', 'year_group', 'born'],
      enrolments.map((each) => [
        ...[ofPupils, each.urn, key, each.entry_date, each.leaving_date ?? '2149-06-06'],
        ...[7, '2015-01-01'],
      ]),
    );
  });
}

test('a child’s own page says what the kernel counts for its enrolments', async () => {
  let counted = 0;
  await fc.assert(
    fc.asyncProperty(registers, async (laid) => {
      await lay(laid);
      const rows = await countFigures(site.stores, {
        ...{ level: 'school', by: [], series: 'daily', year, time: 'year', asKnownOn: null },
        ...{ ...countingYear(year), urns },
      });
      const sum = (of: (row: (typeof rows)[number]) => number) =>
        rows.reduce((all, row) => all + of(row), 0);
      const enrolments = laid.enrolments.map((each, id) => ({
        ...each,
        ...{ id, pupil, year_group: '7', class_name: null },
      }));
      const parts = {
        ...{ stores: site.stores, records: site.stores.records },
        ...{ directories: site.directories, clock: testClock },
      };
      const shown = await childAttendance(parts, { id: pupil, enrolments });
      const { possible = 0, absent = 0 } = shown?.year ?? {};
      assert.deepEqual(
        { possible, absent },
        {
          possible: sum((row) => row.possible),
          absent: sum((row) => row.authorised + row.unauthorised),
        },
      );
      const sessions = (parts: readonly { sessions: number }[] = []) =>
        parts.reduce((all, each) => all + each.sessions, 0);
      assert.deepEqual([sessions(shown?.spells), sessions(shown?.reasons)], [absent, absent]);
      const drawn = (shown?.strip ?? []).flatMap(({ weeks }) =>
        weeks.flatMap((week) => week.cells),
      );
      const blank = drawn.filter((cell) => cell === 'no mark').length;
      assert.ok(blank <= (shown?.year.unmarked ?? 0));
      assert.ok(blank + (shown?.atWeekends ?? 0) >= (shown?.year.unmarked ?? 0));
      counted += possible;
    }),
    { numRuns: 6, seed: 4, endOnFailure: true },
  );
  assert.ok(counted > 50, `only ${counted} sessions were possible`);
});

test('of a child on two rolls the half days left are those of both calendars, each once', async () => {
  const [one, other] = urns;
  const week = mondayOfWeek(12, year);
  const all = halfTermWeeks.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, each) => mondayOfWeek(first + each, year)),
  );
  const daysOf = (mondays: readonly Day[], until: number) =>
    mondays.flatMap((monday) =>
      Array.from({ length: until }, (_, each) => daysAfter(monday, each)).flatMap((date) =>
        [0, 1].map((half) => ({ date, half })),
      ),
    );
  const staying = { entry_date: '2026-09-02', leaving_date: null };
  const enrolments = [
    { urn: one, ...staying },
    { urn: other, ...staying, leaving_date: daysAfter(week, 4) },
  ];
  // The other school is open on the Saturday of the first week too, and the child leaves it on the Friday.
  await lay({
    marks: [[one, '2026-09-03', 0, '/', 0]],
    closed: [
      ...daysOf(all, 5).map(({ date, half }) => [one, date, half, true] as const),
      ...daysOf(all, 6).map(({ date, half }) => [other, date, half, true] as const),
    ],
    enrolments,
  } as Registers);
  const parts = {
    ...{ stores: site.stores, records: site.stores.records },
    ...{ directories: site.directories, clock: testClock },
  };
  const named = enrolments.map((each) => ({
    ...{ ...each, id: pupil, pupil, year_group: '7', class_name: null },
  }));
  const shown = await childAttendance(parts, { id: pupil, enrolments: named });
  assert.equal(shown?.year.left, 10 * (4 + 25));
});

test('a mark of a school that the child has left is in place of none at its new one', async () => {
  const [left, joined] = urns;
  const enrolments = [
    { urn: left, entry_date: '2026-09-02', leaving_date: '2026-11-13' },
    { urn: joined, entry_date: '2026-11-16', leaving_date: null },
  ];
  await lay({
    marks: [
      [joined, '2026-11-16', 0, '/', 0],
      [left, '2026-11-17', 0, 'N', 0],
    ],
    closed: ['2026-11-16', '2026-11-17'].map((date) => [joined, date, 0, true]),
    enrolments,
  } as Registers);
  const shown = await childAttendance(
    {
      ...{ stores: site.stores, records: site.stores.records },
      ...{ directories: site.directories, clock: testClock },
    },
    {
      id: pupil,
      enrolments: enrolments.map((each, id) => ({
        ...{ ...each, id, pupil, year_group: '7', class_name: null },
      })),
    },
  );
  assert.deepEqual([shown?.year.possible, shown?.year.unmarked], [1, 1]);
});

test('what is counted on a Saturday is said beside the strip, which has no place for it', async () => {
  const [at] = urns;
  const enrolment = { urn: at, entry_date: '2026-09-02', leaving_date: null };
  const [friday, saturday] = ['2026-11-13', '2026-11-14'];
  await lay({
    marks: [
      [at, friday, 0, '/', 0],
      [at, saturday, 0, 'O', 0],
    ],
    closed: [friday, saturday].flatMap((date) => [0, 1].map((half) => [at, date, half, true])),
    enrolments: [enrolment],
  } as Registers);
  const parts = {
    ...{ stores: site.stores, records: site.stores.records },
    ...{ directories: site.directories, clock: testClock },
  };
  const named = { ...enrolment, id: pupil, pupil, year_group: '7', class_name: null };
  const shown = await childAttendance(parts, { id: pupil, enrolments: [named] });
  const { possible, absent, unmarked } = shown?.year ?? {};
  assert.deepEqual([possible, absent, unmarked, shown?.atWeekends], [2, 1, 2, 2]);
  assert.deepEqual(
    shown?.strip.flatMap(({ weeks }) => weeks.map(({ cells }) => cells.slice(8))),
    [['present', 'no mark']],
  );
  const pupilShown = { id: pupil, forename: 'Merrin', enrolments: [named] };
  const page = await attendanceOfChild(parts, pupilShown as unknown as ShownPupil, 'parent');
  assert.match(
    page?.summary.join(' ') ?? '',
    /2 half days on Saturdays or Sundays are in the figures/,
  );
});

test('how many sessions are left is said only by a calendar that goes on to the end of the year', async () => {
  const [at] = urns;
  const enrolment = { urn: at, entry_date: '2026-09-02', leaving_date: null };
  const parts = {
    ...{ stores: site.stores, records: site.stores.records },
    ...{ directories: site.directories, clock: testClock },
  };
  const leftBy = async (openWeeks: readonly number[]) => {
    const weekdays = openWeeks.flatMap((week) =>
      [0, 1, 2, 3, 4].map((each) => daysAfter(mondayOfWeek(week, year), each)),
    );
    await lay({
      marks: [[at, '2026-09-03', 0, '/', 0]],
      closed: weekdays.flatMap((date) => [0, 1].map((half) => [at, date, half, true] as const)),
      enrolments: [enrolment],
    } as Registers);
    const named = { ...enrolment, id: pupil, pupil, year_group: '7', class_name: null };
    return (await childAttendance(parts, { id: pupil, enrolments: [named] }))?.year.left;
  };
  const [autumn, later] = [halfTermWeeks.slice(0, 2), halfTermWeeks.slice(2)].map((halfTerms) =>
    halfTerms.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, each) => first + each),
    ),
  ) as [number[], number[]];
  // The clock stands on the Sunday of week 11: four weeks of the autumn are left, and 25 after it.
  assert.equal(await leftBy(autumn), null);
  assert.equal(await leftBy([12, 13, 30]), null);
  assert.equal(await leftBy([...autumn, ...later]), 10 * (4 + 25));
});

test('of a child who is at the school for a part of the week only, nothing is told of what is left', async () => {
  const [at] = urns;
  const enrolment = { urn: at, entry_date: '2026-09-02', leaving_date: null };
  const open = halfTermWeeks
    .flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, each) => first + each))
    .flatMap((week) => [0, 1, 2, 3, 4].map((each) => daysAfter(mondayOfWeek(week, year), each)));
  const parts = {
    ...{ stores: site.stores, records: site.stores.records },
    ...{ directories: site.directories, clock: testClock },
  };
  const told = async (codeOf: (half: number) => string, weeks: readonly number[]) => {
    const marked = weeks.flatMap((week) =>
      [0, 1, 2, 3, 4].map((each) => daysAfter(mondayOfWeek(week, year), each)),
    );
    await lay({
      marks: [
        ...marked.flatMap((date) => [0, 1].map((half) => [at, date, half, codeOf(half), 0])),
        [at, marked.at(-1), 0, 'I', 1],
      ],
      closed: open.flatMap((date) => [0, 1].map((half) => [at, date, half, true])),
      enrolments: [enrolment],
    } as unknown as Registers);
    const named = { ...enrolment, id: pupil, pupil, year_group: '7', class_name: null };
    const shown = await childAttendance(parts, { id: pupil, enrolments: [named] });
    return shown && [shown.year.possible, shown.year.left !== null, shown.year.canMiss !== null];
  };
  const mornings = (half: number) => (half === 0 ? '/' : 'X');
  const allDay = (half: number) => (half === 0 ? '/' : '\\');
  assert.deepEqual(await told(mornings, [7, 8, 10, 11]), [20, false, false]);
  assert.deepEqual(await told(allDay, [7, 8, 10, 11]), [40, true, true]);
  assert.deepEqual(
    await told(mornings, [10, 11]),
    [10, true, true],
    'of two weeks nobody can tell',
  );
});

test('of a child on two rolls the weeks, entry by entry, show where it was and not that it was elsewhere', async () => {
  const enrolments = urns.map((at) => ({ urn: at, entry_date: '2026-09-02', leaving_date: null }));
  const parts = {
    ...{ stores: site.stores, records: site.stores.records },
    ...{ directories: site.directories, clock: testClock },
  };
  for (const [here, there] of [urns, urns.toReversed()]) {
    await lay({
      marks: [
        ...[0, 1].map((half) => [here, '2026-11-19', half, half === 0 ? 'I' : '\\', 0]),
        ...[0, 1].map((half) => [there, '2026-11-19', half, 'D', 0]),
      ],
      closed: [],
      enrolments,
    } as unknown as Registers);
    const named = enrolments.map((each) => ({
      ...{ ...each, id: pupil, pupil, year_group: '7', class_name: null },
    }));
    const shown = await childAttendance(parts, { id: pupil, enrolments: named });
    const codes = shown?.weeks[0]?.cells.map((cell) => (cell.kind === 'mark' ? cell.code : ''));
    assert.deepEqual(codes?.slice(6, 8), ['I', '\\']);
  }
});
