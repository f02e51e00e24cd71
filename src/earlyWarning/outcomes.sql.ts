import { kernel, type Step } from '../absence/index.ts';
import { type Statement, statement } from '../warehouse/index.ts';

/** What came of each enrolment in a year that is over, week by week: to fit by and to judge by. */
export type Outcome = {
  urn: number;
  pupil: string;
  entry_date: string;
  /** `fsm/sen/eal/sex/ethnicity/year group`, to audit by and never to predict by. */
  groups: string;
  /** Mondays of the weeks that had a possible session, and sessions possible and absent in each. */
  mondays: string[];
  possible: number[];
  absent: number[];
};

type OutcomeParameters = {
  receipts: number[];
  urns: number[];
  startYear: number;
  from: string;
  to: string;
};

const { receipts, wanted, value } = kernel;
const dimensions = [value.fsm, value.sen, value.eal, value.sex, value.ethnicity, value.year_group];

const everybody: Step = {
  name: 'in_series',
  about: 'Whoever was on a roll in the year, of whatever age.',
  text: `SELECT * FROM rolls WHERE entry_date <= {to:Date} AND until >= {from:Date}`,
};

const weeksOfYear: Step = {
  name: 'pieces',
  about: 'Each week of the year.',
  text: `SELECT toMonday(day) AS monday, toUInt16(monday) AS piece, min(day) AS first_day, max(day) AS last_day, 255 AS oldest
   FROM (SELECT toDate(arrayJoin(range(toUInt32({from:Date}), toUInt32({to:Date}) + 1))) AS day)
   GROUP BY monday`,
};

const steps: readonly Step[] = [
  {
    name: 'weeks',
    about: 'Each pupil’s week from the marks that stand.',
    text: kernel.packedWeeks(
      `${receipts} AND ${wanted} AND date BETWEEN {from:Date} AND {to:Date}`,
    ),
  },
  kernel.rollsWith(
    `concat(${dimensions.map((each) => `toString(${each})`).join(`, '/', `)}) AS first, '' AS second`,
  ),
  ...[everybody, weeksOfYear, kernel.closed, kernel.enrolled, kernel.counted],
];

export const outcomesOfYear: Statement<Outcome, OutcomeParameters> = statement(
  'outcomesOfYear',
  `WITH ${kernel.named(steps)}
   SELECT urn, toString(pupil) AS pupil, entry_date, groups,
          arrayMap(week -> toString(toDate(week.1)), weeks_of) AS mondays, weeks_of.2 AS possible, weeks_of.3 AS absent
   FROM (SELECT urn, pupil, entry_date, any(first) AS groups,
           arraySort(groupArray((piece, toUInt8(${kernel.bothOf(kernel.isPossible)}) AS possible_then, toUInt8(${kernel.bothOf(kernel.isAbsent)})))) AS weeks_of
         FROM counted WHERE morning != 0 OR afternoon != 0
         GROUP BY urn, pupil, entry_date)
   ORDER BY urn, pupil, entry_date`,
);
