import { type Dimension, kernel, type Step } from '../../absence/index.ts';
import { type Statement, statement } from '../../warehouse/index.ts';

/*
 * What a comparison of groups rests on: each pupil’s possible and absent sessions in a period, summed over the pupils of each
 * group, with their squares. Which sessions count, and as what, the kernel of the official figures says.
 */

/** By what pupils are told apart here, in the order in which a pair names them. */
export const groupings = [
  ...['fsm', 'sen', 'year_group', 'sex', 'ethnicity', 'eal'],
] as const as readonly Dimension[];

const onRoll: Step = {
  name: 'in_series',
  about: 'Pupils aged 5 to 15 on 31 August before the year, on a roll in the period.',
  text: `SELECT * FROM rolls WHERE age BETWEEN 5 AND 15 AND entry_date <= {to:Date} AND until >= {from:Date}`,
};

const weeksOfPeriod: Step = {
  name: 'pieces',
  about: 'Each week of the period, with those of its days that are in it.',
  text: `SELECT toMonday(day) AS monday, toUInt16(0) AS piece, min(day) AS first_day, max(day) AS last_day, 255 AS oldest
   FROM (SELECT toDate(arrayJoin(range(toUInt32({from:Date}), toUInt32({to:Date}) + 1))) AS day)
   GROUP BY monday`,
};

const perPupil: Step = {
  name: 'per_pupil',
  about:
    'Each pupil once, at however many of the schools: all sessions of the period, and the school and the groups of the newest enrolment.',
  text: `SELECT pupil, argMax(first, entry_date) AS told, if({bySchool:UInt8} = 1, argMax(urn, entry_date), 0) AS school,
          toUInt64(sum(${kernel.bothOf(kernel.isPossible)})) AS possible,
          toUInt64(sum(${kernel.bothOf(kernel.isAbsent)})) AS absent
   FROM counted GROUP BY pupil HAVING possible > 0`,
};

/** All pupils; each division by itself; and every pair. */
const divisions = [
  [],
  ...groupings.map((_, at) => [at + 1]),
  ...groupings.flatMap((_, one) =>
    groupings.flatMap((__, other) => (other > one ? [[one + 1, other + 1]] : [])),
  ),
];

const values = groupings.map((each) => `toString(${kernel.value[each]})`).join(', ');
const steps = [
  ...[
    kernel.weeksKept,
    kernel.rollsWith(`arrayStringConcat([${values}], '|') AS first, '' AS second`),
  ],
  ...[onRoll, weeksOfPeriod, kernel.closed, kernel.enrolled, kernel.counted, perPupil],
];

export type GroupSumsRow = {
  /** Its URN where schools are asked for one by one; 0 where all are taken together. */
  school: number;
  /** Which of the groupings, from 1; none: all pupils. */
  division: number[];
  /** Its values, with | between them. */
  told: string;
  pupils: number;
  possible: number;
  absent: number;
  absent_squared: number;
  crossed: number;
  possible_squared: number;
};

export type GroupSumsParameters = {
  receipts: number[];
  urns: number[];
  startYear: number;
  from: string;
  to: string;
  bySchool: 0 | 1;
};

/** The sums of every group of the pupils of these schools, in one period: of all together, or of each school. */
export const groupSums: Statement<GroupSumsRow, GroupSumsParameters> = statement(
  'groupSums',
  `WITH ${kernel.named(steps)}
   SELECT division, arrayStringConcat(arrayMap(at -> splitByChar('|', per_pupil.told)[at], division), '|') AS told,
          toUInt32(school) AS school, count() AS pupils, sum(possible) AS possible, sum(absent) AS absent,
          sum(per_pupil.absent * per_pupil.absent) AS absent_squared,
          sum(per_pupil.absent * per_pupil.possible) AS crossed,
          sum(per_pupil.possible * per_pupil.possible) AS possible_squared
   FROM per_pupil ARRAY JOIN CAST([${divisions.map((each) => `[${each.join(', ')}]`).join(', ')}], 'Array(Array(UInt8))') AS division
   GROUP BY division, told, school
   ORDER BY length(division), division, told, school`,
);
