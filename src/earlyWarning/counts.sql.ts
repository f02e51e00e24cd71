import { attendanceCodes, byteOf } from '../base/attendanceCodes.ts';
import { kernel, type Step } from '../absence/index.ts';

/*
 * What is counted of each enrolment up to a day, where the marks lie. Which sessions count, and as what, the kernel of the
 * official figures says. A week is packed once more into one number that sorts by time: in its highest byte the week of the
 * year, in each lower byte a day, with three bits for the morning and three for the afternoon: unauthorised, absent, possible.
 */

/** What every step is given. */
export type CountsParameters = {
  receipts: number[];
  /** Of which schools; none: of all. */
  urns: number[];
  /** The calendar year in which the academic year starts, its first day, and the last day that is seen. */
  startYear: number;
  from: string;
  to: string;
  /** Only what was entered before this moment (UTC), and not brought by these receipts; read by `asKnown` alone. */
  knownBefore: string;
  cameLater: number[];
  /** Schools whose calendar tells what is left of the year, and for each: sessions left, and those of the next four weeks. */
  calendars: number[];
  left: number[];
  soon: number[];
  /** The same in a usual year, for all other schools. */
  usualLeft: number;
  usualSoon: number;
  /** Whether the year before is looked at. */
  seesLast: boolean;
};

/** From what is counted: the weeks that are kept, as they stand now, or the marks as they stood at the end of the day. */
export type Knowing = 'kept' | 'asKnown';

const { receipts, wanted } = kernel;
const entered = `entered_at < {knownBefore:DateTime('UTC')} AND receipt NOT IN {cameLater:Array(UInt32)}`;

const weeksThen: Step = {
  name: 'weeks',
  about: 'Each pupil’s week from the marks that stood at the end of the day.',
  text: kernel.packedWeeks(
    `${receipts} AND ${wanted} AND date BETWEEN {from:Date} AND {to:Date} AND ${entered}`,
  ),
};

const ofRoll = `'' AS first, '' AS second,
          min(entry_date) OVER (PARTITION BY urn, pupil) AS first_entry`;
const rolls: Record<Knowing, Step> = {
  kept: kernel.rollsWith(ofRoll),
  asKnown: kernel.rollsWith(ofRoll, kernel.newestRollsThen),
};

const onRoll: Step = {
  name: 'in_series',
  about: 'Who is on a roll on the day, of whatever age.',
  text: `SELECT * FROM rolls WHERE entry_date <= {to:Date} AND until >= {to:Date}`,
};

/** A piece of time that is a week. */
const wholeWeeks: Step = {
  name: 'pieces',
  about: 'Each week of the year up to the day.',
  text: `SELECT toMonday(day) AS monday, toUInt16(intDiv(monday - toMonday({from:Date}), 7)) AS piece,
          min(day) AS first_day, max(day) AS last_day, 255 AS oldest
   FROM (SELECT toDate(arrayJoin(range(toUInt32({from:Date}), toUInt32({to:Date}) + 1))) AS day)
   GROUP BY monday`,
};

const everyDay = (byte: number) => `0x${byte.toString(16).padStart(2, '0').repeat(7)}`;
const bits = { unauthorised: 0x09, absent: 0x12, possible: 0x24 } as const;
const word = `bitOr(bitShiftLeft(toUInt64(piece), 56),
            bitOr(bitAnd(bitShiftRight(morning, 5), ${everyDay(0x07)}), bitAnd(bitShiftRight(afternoon, 2), ${everyDay(0x38)})))`;

/** How many bytes of a week are this one. */
const equal = (week: string, byte: number) => {
  const apart = `bitXor(${week}, ${everyDay(byte)})`;
  return `(7 - bitCount(bitAnd(bitOr(bitAnd(${apart}, ${everyDay(0x7f)}) + ${everyDay(0x7f)}, ${apart}), ${everyDay(0x80)})))`;
};
const lateCodes = attendanceCodes.filter(({ code }) => code === 'L' || code === 'U').map(byteOf);
const late = ['morning', 'afternoon']
  .flatMap((week) => lateCodes.map((byte) => equal(week, byte)))
  .join(' + ');

const packed: Step = {
  name: 'packed',
  about: 'The weeks of each enrolment in their order, and how often it was late.',
  text: `SELECT urn, pupil, entry_date, arraySort(groupArray(${word})) AS words, sum(${late}) AS late
   FROM counted WHERE morning != 0 OR afternoon != 0
   GROUP BY urn, pupil, entry_date`,
};

const bitsIn = (words: string, mask: string) =>
  `toUInt16(arraySum(week -> bitCount(bitAnd(week, ${mask})), ${words}))`;
/** Monday is the lowest byte, Friday the fifth. */
const mondayAndFriday = (byte: number) => `0x${`${byte.toString(16)}000000${byte.toString(16)}`}`;

/** A character for each combination of bits that a day can have; `@` is a day on which nothing was possible. */
const firstCharacter = 64;
const characters = Array.from({ length: 63 }, (_, at) => at + 1);
const escapedCharacters = characters
  .map((each) => `\\x${(firstCharacter + each).toString(16)}`)
  .join('');
const absences = characters.map((each) => ((each & bits.absent) === 0 ? '0' : '1')).join('');

const spells: Step = {
  name: 'spells',
  about:
    'The sums of each enrolment, its last four school weeks, and its days in a row as a text of 0 and 1: with an absence or without. Days that no session was possible on are left out, so that a spell goes on over a weekend.',
  text: `SELECT urn, pupil, entry_date, late, arrayFilter(week -> bitAnd(week, ${everyDay(bits.possible)}) != 0, words) AS school_weeks,
          arraySlice(school_weeks, -4) AS last_weeks,
          ${bitsIn('words', everyDay(bits.possible))} AS possible, ${bitsIn('words', everyDay(bits.absent))} AS absent,
          ${bitsIn('words', everyDay(bits.unauthorised))} AS unauthorised,
          ${bitsIn('words', mondayAndFriday(bits.absent))} AS absent_at_ends,
          ${bitsIn('last_weeks', everyDay(bits.possible))} AS recent_possible,
          ${bitsIn('last_weeks', everyDay(bits.absent))} AS recent_absent,
          translate(replaceAll(arrayStringConcat(arrayMap(week ->
              reinterpretAsString(bitOr(bitAnd(week, 0xffffffffffffff), ${everyDay(firstCharacter)})), school_weeks)), '@', ''),
            '${escapedCharacters}', '${absences}') AS days,
          arrayMap(spell -> length(spell), splitByChar('0', days)) AS runs
   FROM packed`,
};

/** Of the rows of all schools only those of schools where one of these children was ever on a roll are read. */
const attended = `urn IN (SELECT urn FROM enrolments WHERE ${receipts} AND pupil IN (SELECT pupil FROM in_series))
     AND pupil IN (SELECT pupil FROM in_series)`;

const lastYear: Record<Knowing, Step> = {
  kept: {
    name: 'last_year',
    about: 'What each child missed in the year before, at whatever schools.',
    text: `SELECT pupil, sum(possible) AS last_possible, sum(absent) AS last_absent
   FROM enrolment_half_terms FINAL
   WHERE start_year = {startYear:UInt16} - 1 AND ${attended}
   GROUP BY pupil`,
  },
  asKnown: {
    name: 'last_year',
    about:
      'What each child missed in the year before, at whatever schools, as the marks stood at the end of the day.',
    text: `SELECT pupil, sum(${kernel.bothOf(kernel.isPossible)}) AS last_possible, sum(${kernel.bothOf(kernel.isAbsent)}) AS last_absent
   FROM (${kernel.packedWeeks(
     `${receipts} AND date BETWEEN subtractYears({from:Date}, 1) AND subtractDays({from:Date}, 1) AND ${entered}
                 AND ${attended}`,
   )})
   GROUP BY pupil`,
  },
};

const newestEverywhere: Record<Knowing, string> = {
  kept: `SELECT urn, max(receipt) FROM enrolments WHERE ${receipts} GROUP BY urn`,
  asKnown: kernel.newestRollsThen.replace(` AND ${wanted}`, ''),
};
const leftSchools = (knowing: Knowing): Step => ({
  name: 'left_schools',
  about:
    'The schools that each child left this year, before the day. One that has nobody on its roll any more closed, or has a new number: the children did not change school.',
  text: `SELECT pupil, groupUniqArray(urn) AS left_urns FROM enrolments
   WHERE ${receipts} AND leaving_date BETWEEN addDays({from:Date}, 40) AND {to:Date}
     AND (urn, receipt) IN (${newestEverywhere[knowing]})
     AND pupil IN (SELECT pupil FROM in_series)
     AND urn IN (SELECT urn FROM enrolments WHERE ${receipts} AND entry_date <= {to:Date} AND leaving_date >= {to:Date}
       AND (urn, receipt) IN (${newestEverywhere[knowing]}))
   GROUP BY pupil`,
});

/** A child with fewer possible sessions than in a week has no score. */
export const fewestSessions = 10;

/** Of children aged 5 to 15 then: whose figures are kept. */
const hadLastYear = '{seesLast:Bool} AND age BETWEEN 6 AND 16';
const bySchool = (values: string, usual: string) =>
  `transform(each.urn, {calendars:Array(UInt32)}, {${values}:Array(UInt16)}, {${usual}:UInt16})`;

/** Who was possible on fewer half days than this in each of the last four school weeks is at the school for a part of the week. */
const partOfTheWeek = 8;

/**
 * Of the half days that the school has to come those that are the child’s: by how many of a week are, and up to its last
 * day. A last day is looked at today alone: of a day that is over it might not have been known.
 */
const ofTheChild: Record<Knowing, (left: string, days: string) => string> = {
  kept: (left, days) =>
    `least(${ofItsWeek(left)}, toUInt16(2 * ceil(5 / 7 * dateDiff('day', {to:Date}, least(until, addDays({to:Date}, ${days}))))))`,
  asKnown: (left) => ofItsWeek(left),
};
const ofItsWeek = (left: string) =>
  `if(weeks_counted >= 4 AND week_most < ${partOfTheWeek}, toUInt16(round(${left} * week_most / 10)), ${left})`;

const counts = (knowing: Knowing): Step => ({
  name: 'counts',
  about: 'Everything that is counted of an enrolment: the columns of `Counts`.',
  text: `SELECT each.urn AS urn, each.pupil AS pupil, each.entry_date AS entry_date, possible, absent, unauthorised, toUInt16(late) AS late,
          absent_at_ends, recent_possible, recent_absent, toUInt16(arrayCount(run -> run > 0, runs)) AS spells,
          toUInt16(arrayMax(runs)) AS longest_spell, toUInt16(runs[-1]) AS present_spell,
          toUInt16(length(days)) AS days_counted, toUInt16(length(school_weeks)) AS weeks_counted,
          toUInt8(arrayMax(week -> bitCount(bitAnd(week, ${everyDay(bits.possible)})), last_weeks)) AS week_most,
          toUInt8(intDiv(toMonday({to:Date}) - toMonday({from:Date}), 7) - bitShiftRight(school_weeks[-1], 56)) AS weeks_since,
          toUInt16(if(${hadLastYear}, last_possible, 0)) AS last_possible, toUInt16(if(${hadLastYear}, last_absent, 0)) AS last_absent,
          toUInt8(arrayCount(left -> left != each.urn, left_urns)) AS schools_left,
          toUInt8(first_entry >= {from:Date}) AS first_year, toUInt8(first_entry >= addDays({from:Date}, 60)) AS came_late,
          has({calendars:Array(UInt32)}, each.urn) AS has_calendar,
          ${ofTheChild[knowing](bySchool('left', 'usualLeft'), '366')} AS left,
          ${ofTheChild[knowing](bySchool('soon', 'usualSoon'), '28')} AS soon
   FROM spells AS each
   INNER JOIN in_series ON each.urn = in_series.urn AND each.pupil = in_series.pupil AND each.entry_date = in_series.entry_date
   LEFT JOIN last_year ON each.pupil = last_year.pupil
   LEFT JOIN left_schools ON each.pupil = left_schools.pupil
   WHERE possible >= ${fewestSessions}`,
});

/** The steps up to `counts`, each resting on those before it. */
export const countsSteps: Record<Knowing, readonly Step[]> = {
  kept: stepsOf('kept'),
  asKnown: stepsOf('asKnown'),
};

function stepsOf(knowing: Knowing): readonly Step[] {
  const isKept = knowing === 'kept';
  return [
    ...[isKept ? kernel.weeksKept : weeksThen, rolls[knowing], onRoll, wholeWeeks],
    ...[isKept ? kernel.closed : kernel.closedThen, kernel.enrolled, kernel.counted],
    ...[packed, spells, lastYear[knowing], leftSchools(knowing), counts(knowing)],
  ];
}
