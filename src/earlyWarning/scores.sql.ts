import { kernel } from '../absence/index.ts';
import { type Statement, statement } from '../warehouse/index.ts';
import { type CountsParameters, countsSteps, type Knowing } from './counts.sql.ts';

/*
 * From counts to probabilities. What goes into the three regressions is written here and nowhere else: the fit reads the
 * same inputs from the engine (`exampleInputs`) that a score is worked out of.
 */

/** Layers of columns, each standing on those before it. */
const inLayers = (from: string, ...layers: readonly string[]) =>
  layers.reduce((inner, columns) => `SELECT *, ${columns} FROM (${inner})`, from);

/** About the national rate: what a child is taken to tend to of whom nothing is known. */
const usual = { rate: 0.067, logarithm: -2.7 } as const;
/** A rate as a logarithm, with so many sessions at the usual rate added: of few sessions it says little. */
const logRate = (absent: string, possible: string, added: number) =>
  `(log((${absent} + ${added * usual.rate}) / (${possible} + ${added})) - ${usual.logarithm})`;

const shares = `${logRate('absent', 'possible', 30)} AS year_rate, ${logRate('recent_absent', 'recent_possible', 15)} AS recent_rate,
  last_possible >= 20 AS has_last, if(has_last, ${logRate('last_absent', 'last_possible', 30)}, 0) AS last_rate,
  log((possible + 10) / 100) AS known, left / 380 AS to_come, log(1 + present_spell) AS away_now`;

/** Inputs of the share of the sessions to come that will be missed. The first is the intercept. */
const rateInputs = [
  ...['1', 'year_rate', 'recent_rate', 'last_rate', 'has_last', 'known'],
  ...['year_rate * known', 'recent_rate * known', 'last_rate * known', 'has_last * known'],
  ...[
    'year_rate * year_rate',
    'recent_rate * recent_rate',
    'last_rate * last_rate',
    'year_rate * last_rate',
  ],
  ...['log((spells + 0.5) / (possible / 10 + 4))', 'log(1 + longest_spell)', 'away_now'],
  ...['(unauthorised + 0.5) / (absent + 3)', `log((late + 1) / (possible + 30))`],
  ...['(absent_at_ends + 1.2) / (absent + 3)', 'schools_left > 0', 'first_year', 'came_late'],
  ...['to_come', 'to_come * to_come', 'to_come * year_rate', 'to_come * recent_rate'],
  ...['has_last * year_rate', 'has_last * year_rate * known', 'has_last * recent_rate'],
];

/** Sessions that come in one spell, and how far a child’s rate moves within a year (the variance of its logarithm). */
const [sessionsInSpell, movement] = [5, 0.1];

/**
 * How many more sessions must be missed for the year to end with a tenth or more missed; below 1 none, above `left` more
 * than there are. `distance` is how far the share that will be missed, as foreseen, stands from the share that must be, in
 * spreads of it.
 */
const distance = `(possible + left + 9) DIV 10 - absent AS must_miss`;
const shareOfRest = `log(rate) - log((greatest(1, must_miss) - 0.5) / greatest(1, left)) AS ahead,
  sqrt(${movement} + ${sessionsInSpell} / (greatest(1, left) * rate)) AS spread`;
const standing = `greatest(-8, least(8, ahead / spread)) AS distance, log(rate) - ${usual.logarithm} AS foreseen,
  log((soon + 1) / 20) AS coming`;

/** Inputs of the probability of persistent absence at the end of the year. */
const persistentInputs = [
  ...[
    '1',
    'distance',
    'distance * to_come',
    'distance * to_come * to_come',
    'distance * known',
    'distance * abs(distance)',
  ],
  ...[
    'distance * distance',
    'foreseen',
    'foreseen * to_come',
    'recent_rate',
    'last_rate',
    'has_last',
  ],
  ...['away_now', 'to_come', 'to_come * to_come', 'known'],
  // In the last weeks each session tells more.
  ...['exp(-20 * to_come)', 'distance * exp(-20 * to_come)', 'has_last * distance'],
];

/** Inputs of the probability of missing three sessions or more in the next four weeks. */
const monthInputs = [
  ...[
    '1',
    'foreseen',
    'foreseen * foreseen',
    'coming',
    'coming * foreseen',
    'year_rate',
    'recent_rate',
  ],
  ...['last_rate', 'has_last', 'has_last * foreseen', 'away_now', 'known', 'to_come'],
  // The season, by how much of the year is left.
  ...[1, 2, 3, 4].flatMap((times) => [
    `cos(${2 * times} * pi() * to_come)`,
    `sin(${2 * times} * pi() * to_come)`,
  ]),
];

/** How many coefficients each of the three regressions has. */
export const widths = {
  rate: rateInputs.length,
  persistent: persistentInputs.length,
  month: monthInputs.length,
} as const;

const list = (inputs: readonly string[]) =>
  `[${inputs.map((each) => `toFloat64(${each})`).join(', ')}]`;
const ofCoefficients = (name: string, inputs: readonly string[]) =>
  `1 / (1 + exp(-(${inputs.map((each, at) => `{${name}:Array(Float64)}[${at + 1}] * (${each})`).join(' + ')})))`;

/** In weeks, but for the summer’s. */
export const longestHoliday = 3;

/**
 * What the arithmetic says: 1 where even with no further absence the year ends with a tenth missed, 0 where even with no
 * further presence it does not, -1 where it is open. A usual year says only nearly how many sessions are left: there it must
 * be so with a tenth more of them, and two weeks.
 */
const withRate = [
  shares,
  `${ofCoefficients('rate', rateInputs)} AS rate`,
  distance,
  shareOfRest,
  standing,
  `if(has_calendar, left, toUInt16(left * 1.1 + 20)) + if(weeks_since > ${longestHoliday}, 10 * weeks_since, 0) AS most_left`,
  `multiIf(10 * absent >= possible + most_left, 1,
    10 * (absent + most_left) < possible + most_left, 0, -1) AS certain`,
];

const probabilities = `if(certain >= 0, toFloat64(certain), ${ofCoefficients('persistent', persistentInputs)}) AS probability_persistent,
  if(soon < 3 AND has_calendar, 0., ${ofCoefficients('month', monthInputs)}) AS probability_next_4_weeks`;

/** The coefficients of the three regressions, the intercept first. */
export type Coefficients = { rate: number[]; persistent: number[]; month: number[] };

/** What is counted of an enrolment. Numbers of sessions, but for days of spells. */
export type Counts = {
  urn: number;
  /** The child’s key, as text: it is wider than a number. */
  pupil: string;
  entry_date: string;
  possible: number;
  absent: number;
  unauthorised: number;
  late: number;
  /** On Mondays and Fridays. */
  absent_at_ends: number;
  /** In the last four school weeks. */
  recent_possible: number;
  recent_absent: number;
  spells: number;
  /** Days of the longest spell, and of one that goes on. */
  longest_spell: number;
  present_spell: number;
  days_counted: number;
  weeks_counted: number;
  /** The most half days possible in one of the last four school weeks, and how many weeks ago the last of them was. */
  week_most: number;
  weeks_since: number;
  last_possible: number;
  last_absent: number;
  schools_left: number;
  first_year: number;
  came_late: number;
  has_calendar: number;
  /** To come this year, and in the next four weeks. */
  left: number;
  soon: number;
};

const columns = [
  ...[
    'urn',
    'toString(pupil) AS pupil',
    'entry_date',
    'possible',
    'absent',
    'unauthorised',
    'late',
  ],
  ...[
    'absent_at_ends',
    'recent_possible',
    'recent_absent',
    'spells',
    'longest_spell',
    'present_spell',
  ],
  ...[
    'days_counted',
    'weeks_counted',
    'last_possible',
    'last_absent',
    'schools_left',
    'first_year',
  ],
  ...['week_most', 'weeks_since', 'came_late', 'has_calendar', 'left', 'soon'],
].join(', ');

const inOrder = 'ORDER BY urn, pupil, entry_date';

export type Score = Counts & {
  /** The share of the sessions to come that is foreseen to be missed. */
  rate: number;
  probability_persistent: number;
  probability_next_4_weeks: number;
};

type Scoring = Statement<Score, CountsParameters & Coefficients>;
const scoring = (name: string, knowing: Knowing): Scoring =>
  statement(
    name,
    `WITH ${kernel.named(countsSteps[knowing])}
   SELECT ${columns}, rate, probability_persistent, probability_next_4_weeks
   FROM (${inLayers('SELECT * FROM counts', ...withRate, probabilities)})
   ${inOrder}`,
  );

/** The scores of every enrolment on a day: from weeks that are kept, or from marks as they stood then. */
export const scoresKept = scoring('scoresKept', 'kept');
export const scoresAsKnown = scoring('scoresAsKnown', 'asKnown');

/** The sum of all scores alone: for measuring how long they take. */
export const scoresSummed: Statement<
  { enrolments: number; persistent: number },
  CountsParameters & Coefficients
> = statement(
  'scoresSummed',
  `WITH ${kernel.named(countsSteps.kept)}
   SELECT count() AS enrolments, sum(probability_persistent) AS persistent, sum(probability_next_4_weeks) AS month
   FROM (${inLayers('SELECT * FROM counts', ...withRate, probabilities)})`,
);

/** How many enrolments each school has: for sharing out the work. */
export const schoolSizes: Statement<{ urn: number; enrolments: number }, { receipts: number[] }> =
  statement(
    'schoolSizes',
    `SELECT urn, uniq(pupil) AS enrolments FROM enrolments WHERE ${kernel.receipts} GROUP BY urn ORDER BY urn`,
  );

export type Example = {
  urn: number;
  pupil: string;
  entry_date: string;
  possible: number;
  absent: number;
  last_possible: number;
  last_absent: number;
  rate: number;
  /** 1 or 0 where the arithmetic says how the year ends, else -1. */
  certain: number;
  for_rate: number[];
  for_persistent: number[];
  for_month: number[];
};

/** The inputs of the regressions, for fitting: those of the last two rest on the `rate` coefficients that are given. */
export const exampleInputs: Statement<Example, CountsParameters & Pick<Coefficients, 'rate'>> =
  statement(
    'exampleInputs',
    `WITH ${kernel.named(countsSteps.asKnown)}
   SELECT urn, toString(pupil) AS pupil, entry_date, possible, absent, last_possible, last_absent, rate, certain,
          ${list(rateInputs)} AS for_rate, ${list(persistentInputs)} AS for_persistent, ${list(monthInputs)} AS for_month
   FROM (${inLayers('SELECT * FROM counts', ...withRate)})
   ${inOrder}`,
  );
