import fc from 'fast-check';
import { attendanceCodes } from '../base/attendanceCodes.ts';
import type { Day } from '../base/day.ts';
import type { Warehouse } from '../warehouse/index.ts';
import { dimensions, levels, type Question, seriesNames, timeKinds } from './question.ts';
import type { Enrolment, Ground, Mark } from './reference.ts';
import { countingYear } from './windows.ts';

/** Days about which definitions differ: where codes, half-terms, terms, years and ages change. */
const days: readonly Day[] = [
  ...[
    '2023-09-04',
    '2023-10-27',
    '2023-10-30',
    '2023-12-29',
    '2024-01-02',
    '2024-02-19',
    '2024-04-01',
  ],
  ...[
    '2024-05-24',
    '2024-05-27',
    '2024-07-31',
    '2024-08-01',
    '2024-08-16',
    '2024-08-18',
    '2024-08-19',
  ],
  ...['2024-09-02', '2024-10-28', '2025-04-22', '2025-05-27'],
];
const urns = [900001, 900002];
const moments = ['2024-06-03 22:59:59', '2024-06-03 23:00:00', '2025-09-01 09:00:00'];

const day = fc.constantFrom(...days);
const urn = fc.constantFrom(...urns);
const pupil = fc.integer({ min: 1, max: 7 });

const enrolment: fc.Arbitrary<Enrolment> = fc.record({
  receipt: fc.constantFrom(20, 20, 20, 21),
  urn,
  pupil,
  entry_date: fc.constantFrom(
    ...['2020-09-01', '2020-09-01', '2020-09-01', '2023-09-04', '2024-01-02', '2024-05-27'],
    '2024-09-02',
  ),
  leaving_date: fc.constantFrom(
    ...['2024-01-02', '2024-05-27', '2149-06-06', '2149-06-06', '2149-06-06'],
  ),
  year_group: fc.integer({ min: -1, max: 14 }),
  sex: fc.constantFrom('F', 'M', ''),
  fsm: fc.constantFrom(true, false, null),
  sen: fc.constantFrom('N', 'K', 'E', ''),
  eal: fc.constantFrom(true, false, null),
  ethnicity: fc.constantFrom('WBRI', 'REFU', ''),
  born: fc.constantFrom(
    ...['2012-03-01', '2013-03-01', '2014-03-01', '2014-05-01', '2015-05-01', '2016-05-01'],
    ...['1900-01-01', '2007-08-01', '2007-09-01', '2008-08-01', '2008-09-01', '2009-08-01'],
    ...['2018-08-01', '2018-09-01', '2019-08-01', '2019-09-01'],
  ),
});

const mark: fc.Arbitrary<Mark> = fc.record({
  receipt: fc.integer({ min: 30, max: 33 }),
  urn,
  pupil,
  date: day,
  session: fc.nat(1),
  code: fc.oneof(
    fc.constantFrom(...attendanceCodes.map(({ code }) => code), '?'),
    fc.constantFrom('/', 'I', 'O', 'X'),
  ),
  entered_at: fc.constantFrom(...moments),
  entry: fc.nat(2),
});

const entryKey = ({ code: _, ...entry }: Mark) => JSON.stringify(entry);

/** Registers of two schools and a few pupils, with everything in them that can be. */
export const grounds: fc.Arbitrary<Ground> = fc.record({
  schools: fc.uniqueArray(
    fc.record({
      receipt: fc.constantFrom(1, 2),
      urn,
      laestab: fc.constantFrom(9994000, 9994001),
      la_code: fc.constantFrom('999', '998', ''),
      region_code: fc.constantFrom('E12000001', 'E12000002', ''),
    }),
    { selector: (each) => `${each.receipt} ${each.urn}`, maxLength: 6 },
  ),
  trusts: fc.uniqueArray(fc.record({ urn, trust: fc.constantFrom(2001, 2002) }), {
    selector: (each) => each.urn,
    maxLength: 3,
  }),
  days: fc.uniqueArray(
    fc.record({
      receipt: fc.constantFrom(10, 11),
      urn,
      date: day,
      session: fc.nat(1),
      open: fc.boolean(),
    }),
    { selector: (each) => Object.values(each).slice(0, 4).join(' '), maxLength: 12 },
  ),
  enrolments: fc.uniqueArray(enrolment, {
    selector: (each) => `${each.receipt} ${each.urn} ${each.pupil} ${each.entry_date}`,
    minLength: 16,
    maxLength: 30,
  }),
  // One entry is one mark: what two of a receipt would mean is refused before they are here.
  marks: fc
    .array(mark, { minLength: 60, maxLength: 250, size: 'max' })
    .map((marks) => [...new Map(marks.map((each) => [entryKey(each), each])).values()]),
});

export const questions: fc.Arbitrary<Question> = fc
  .record({
    level: fc.constantFrom(...levels),
    by: fc.uniqueArray(fc.constantFrom(...dimensions), { maxLength: 2 }),
    series: fc.constantFrom(...seriesNames),
    year: fc.constantFrom(202324, 202425),
    first: fc.option(day, { nil: undefined }),
    time: fc.constantFrom(...timeKinds),
    asKnownOn: fc.constantFrom(null, '2024-06-03', '2024-06-04'),
    urns: fc.oneof(fc.constant([]), fc.uniqueArray(urn, { maxLength: 2 })),
  })
  .map(({ first, ...question }) => {
    const { from, to } = countingYear(question.year);
    return { ...question, from: first && first > from && first < to ? first : from, to };
  });

/** What came after the day of which it is asked what was known: none, some or all of what a ground has. */
export const laters: fc.Arbitrary<number[]> = fc
  .record({
    schools: fc.subarray([1, 2]),
    calendars: fc.subarray([10, 11]),
    rolls: fc.subarray([20, 21]),
    marks: fc.subarray([32, 33]),
  })
  .map(({ schools, calendars, rolls, marks }) => [...schools, ...calendars, ...rolls, ...marks]);

/**
 * Appends a ground under receipts of its own, `from` being the first; gives those receipts. What stands there already is
 * of other receipts, and is not seen.
 */
export async function layGround(
  warehouse: Warehouse,
  ground: Ground,
  from: number,
  enrolmentsUnder = 20,
): Promise<number[]> {
  const at = (receipt: number) => from + receipt;
  await warehouse.append(
    'register_schools',
    ['receipt', 'urn', 'laestab', 'name', 'phase', 'la_code', 'region_code'],
    ground.schools.map((each) => [
      ...[at(each.receipt), each.urn, each.laestab, `School ${each.urn}`, 'primary'],
      ...[each.la_code, each.region_code],
    ]),
  );
  await warehouse.append(
    'register_days',
    ['receipt', 'urn', 'date', 'session', 'open', 'reason'],
    ground.days.map((each) => [
      ...[at(each.receipt), each.urn, each.date, each.session, each.open, ''],
    ]),
  );
  await warehouse.append(
    'published_trust_member',
    ['receipt', 'urn', 'trust_uid', 'trust_name', 'trust_kind', 'school_name'],
    ground.trusts.map(({ urn: of, trust }) => [at(0), of, trust, 'A trust', '', '']),
  );
  await warehouse.append(
    'enrolments',
    ['receipt', ...enrolmentColumns],
    ground.enrolments.map((each) => [
      at(each.receipt ?? enrolmentsUnder),
      ...enrolmentColumns.map((column) => each[column]),
    ]),
  );
  await layMarks(warehouse, ground.marks, from);
  return Array.from({ length: 40 }, (_, receipt) => at(receipt));
}

export async function layMarks(
  warehouse: Warehouse,
  marks: readonly Mark[],
  from: number,
): Promise<void> {
  await warehouse.append(
    'marks',
    ['receipt', 'urn', 'pupil', 'date', 'session', 'code', 'entered_at', 'entry'],
    marks.map((each) => [
      ...[from + each.receipt, each.urn, each.pupil, each.date, each.session],
      ...[each.code, each.entered_at, each.entry],
    ]),
  );
}

const enrolmentColumns = [
  ...(['urn', 'pupil', 'entry_date', 'leaving_date', 'year_group', 'sex'] as const),
  ...(['fsm', 'sen', 'eal', 'ethnicity', 'born'] as const),
] as const;
