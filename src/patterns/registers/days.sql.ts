import { kernel, type Step } from '../../absence/index.ts';
import { codeBits } from '../../base/attendanceCodes.ts';
import { type Statement, statement } from '../../warehouse/index.ts';
import { bytesOfFamily, familyNames, reasonKey } from './families.ts';

/*
 * What came in of each school on each day, by group of pupils and by reason, where the marks lie. Which sessions count, the
 * kernel of the official figures says. A week of a pupil is a number with a byte a day; small numbers in these bytes are
 * added up over pupils with sixteen bits a day, of which a number holds four: the even days in one, the odd days in another.
 */

const { receipts, wanted } = kernel;

/** Read of the weeks that are kept, as they stand now; or of the marks as they stood at the end of the day. */
export type Knowing = 'now' | 'then';

export type DaysParameters = {
  receipts: number[];
  urns: number[];
  startYear: number;
  /** Within one academic year. */
  from: string;
  to: string;
  knownBefore: string;
  cameLater: number[];
};

const entered = `entered_at < {knownBefore:DateTime('UTC')} AND receipt NOT IN {cameLater:Array(UInt32)}`;
const inWeeks =
  'date BETWEEN toMonday({from:Date}) AND least({to:Date}, addDays(toMonday({to:Date}), 6))';

const weeksThen: Step = {
  name: 'weeks',
  about: 'Each pupil’s week from the mark that stood for each session at the end of the day.',
  text: kernel.packedWeeks(`${receipts} AND ${wanted} AND ${inWeeks} AND ${entered}`),
};

const topics = ['year_group', 'sex', 'fsm', 'sen', 'ethnicity'] as const;
const groupsOfEach = `arrayConcat([''], arrayFilter(group -> NOT endsWith(group, ' Unclassified'),
            [${topics.map((topic) => `concat('${topic} ', toString(${kernel.value[topic]}))`).join(', ')}]))`;

const rolls = kernel.rollsWith(
  `${groupsOfEach} AS first, toUInt8(year_group) AS second`,
  kernel.newestRollsThen,
);

const inSeries: Step = {
  name: 'in_series',
  about: 'Pupils aged 5 to 15 on 31 August before the year, as the daily feed counts.',
  text: `SELECT * FROM rolls WHERE age BETWEEN 5 AND 15 AND entry_date <= {to:Date} AND until >= {from:Date}`,
};

const wholeWeeks: Step = {
  name: 'pieces',
  about: 'Each week of the days that are looked at.',
  text: `SELECT toMonday(day) AS monday, toUInt16(monday) AS piece, min(day) AS first_day, max(day) AS last_day, 15 AS oldest
   FROM (SELECT toDate(arrayJoin(range(toUInt32({from:Date}), toUInt32({to:Date}) + 1))) AS day)
   GROUP BY monday`,
};

const stepsOf = (knowing: Knowing) => [
  ...[
    knowing === 'now' ? kernel.weeksKept : weeksThen,
    rolls,
    inSeries,
    wholeWeeks,
    kernel.closedThen,
  ],
  ...[kernel.enrolled, kernel.counted],
];

const everyDay = (byte: number) => `0x${byte.toString(16).padStart(2, '0').repeat(7)}`;
const onDays = (week: string, bit: number) =>
  `bitAnd(bitShiftRight(${week}, ${Math.log2(bit)}), ${everyDay(1)})`;
const bothSessions = (bit: number) => `(${onDays('morning', bit)} + ${onDays('afternoon', bit)})`;

/** 1 in the byte of each day whose session has exactly this byte. */
const isByte = (week: string, byte: number) => {
  const apart = `bitXor(${week}, ${everyDay(byte)})`;
  const low = `bitAnd(${apart}, ${everyDay(0x7f)}) + ${everyDay(0x7f)}`;
  return `bitXor(bitAnd(bitShiftRight(bitOr(${low}, ${apart}), 7), ${everyDay(1)}), ${everyDay(1)})`;
};
const ofFamily = (bytes: readonly number[]) =>
  bytes.flatMap((byte) => ['morning', 'afternoon'].map((week) => isByte(week, byte))).join(' + ');

const fourDays = '0x00ff00ff00ff00ff';
const summed = (name: string, packed: string) =>
  `sum(bitAnd(${packed}, ${fourDays})) AS even_${name}, sum(bitAnd(bitShiftRight(${packed}, 8), ${fourDays})) AS odd_${name}`;
const eachDay = (name: string) =>
  `arrayMap(day -> toUInt16(bitAnd(bitShiftRight(if(day % 2 = 0, even_${name}, odd_${name}), 16 * intDiv(day, 2)), 65535)), range(7)) AS ${name}`;

export type GroupDays = {
  urn: number;
  monday: string;
  /** See `GroupKey`. Of a reason the possible sessions are those of everybody who missed one for it, and count nowhere. */
  group: string;
  /** From Monday to Sunday. */
  possible: number[];
  absent: number[];
};

/** Of each school, week and group: possible and missed sessions of each day. */
export function groupDays(knowing: Knowing): Statement<GroupDays, DaysParameters> {
  return statement(
    `groupDays_${knowing}`,
    `WITH ${kernel.named(stepsOf(knowing))}
   SELECT urn, toString(toDate(piece)) AS monday, group, ${eachDay('possible')}, ${eachDay('absent')}
   FROM (SELECT urn, piece, part.1 AS group, ${summed('possible', 'each_possible')}, ${summed('absent', 'part.2')}
         FROM (SELECT urn, piece, ${bothSessions(codeBits.possible)} AS each_possible,
                 toUInt64(${bothSessions(codeBits.absent)}) AS each_absent,
                 arrayConcat(arrayMap(group -> (group, each_absent), first), arrayFilter(reason -> reason.2 != 0,
                   [${familyNames
                     .map(
                       (family) =>
                         `('${reasonKey(family)}', toUInt64(${ofFamily(bytesOfFamily(family))}))`,
                     )
                     .join(',\n                    ')}])) AS parts
               FROM counted WHERE morning != 0 OR afternoon != 0)
         ARRAY JOIN parts AS part
         GROUP BY urn, piece, group)
   ORDER BY urn, monday, group`,
  );
}

export type OpenDays = { urn: number; open: string[] };
type OfDays = Omit<DaysParameters, 'startYear' | 'knownBefore'>;

/** The days on which each school is open, by the newest calendar; of a school that sent none there is no row. */
export const openDays: Statement<OpenDays, OfDays> = statement(
  'openDays',
  `SELECT urn, arraySort(groupUniqArrayIf(toString(date), is_open)) AS open
   FROM (SELECT urn, date, argMax(register_days.open, if(receipt IN {cameLater:Array(UInt32)}, -toInt64(receipt), toInt64(receipt))) AS is_open
         FROM register_days WHERE ${receipts} AND ${wanted} AND date BETWEEN {from:Date} AND {to:Date}
         GROUP BY urn, date, session)
   GROUP BY urn ORDER BY urn`,
);

export type LateDays = { urn: number; date: string; late: number; edited: number };

/** Of each school and day: arrivals that were entered as late, and how many of them were amended to present since. */
export const lateDays: Statement<LateDays, Omit<DaysParameters, 'startYear'>> = statement(
  'lateDays',
  `SELECT urn, toString(date) AS date, toUInt32(count()) AS late, toUInt32(countIf(standing IN ('/', '\\\\'))) AS edited
   FROM (SELECT urn, pupil, marks.date AS date, session, argMax(code, (entered_at, receipt, entry)) AS standing
         FROM marks
         WHERE ${receipts} AND ${wanted} AND marks.date BETWEEN {from:Date} AND {to:Date} AND ${entered}
           AND (urn, pupil, marks.date, session) IN (
             SELECT urn, pupil, date, session FROM marks
             WHERE ${receipts} AND ${wanted} AND date BETWEEN {from:Date} AND {to:Date} AND ${entered} AND code IN ('L', 'U'))
         GROUP BY urn, pupil, date, session)
   GROUP BY urn, date ORDER BY urn, date`,
);

export type Leavers = {
  urn: number;
  pupils: number;
  leavers: number;
  /** Of these, with at least fifteen per cent missed. */
  often_absent: number;
  often_absent_leavers: number;
  /** The last day on which one of them left. */
  last_left: string;
};

/** Of Years 10 and 11 of each school: who left since a day, and who of all was often absent before. */
export function leaversDays(
  knowing: Knowing,
): Statement<Leavers, DaysParameters & { leftFrom: string }> {
  return statement(
    `leavers_${knowing}`,
    `WITH ${kernel.named(stepsOf(knowing))}
   SELECT urn, toUInt32(count()) AS pupils, toUInt32(countIf(has_left)) AS leavers, toUInt32(countIf(is_often)) AS often_absent,
          toUInt32(countIf(has_left AND is_often)) AS often_absent_leavers,
          toString(maxIf(left_on, has_left)) AS last_left
   FROM (SELECT counted.urn AS urn, counted.pupil AS pupil, counted.entry_date AS entry_date, any(in_series.leaving_date) AS left_on,
           left_on BETWEEN {leftFrom:Date} AND {to:Date} AS has_left,
           sum(${kernel.bothOf(kernel.isPossible)}) AS possible, sum(${kernel.bothOf(kernel.isAbsent)}) AS absent,
           absent * 100 >= possible * 15 AS is_often
         FROM counted INNER JOIN in_series ON counted.urn = in_series.urn AND counted.pupil = in_series.pupil
           AND counted.entry_date = in_series.entry_date
         WHERE counted.second IN (10, 11)
         GROUP BY urn, pupil, entry_date HAVING possible >= 20 AND left_on >= {leftFrom:Date})
   GROUP BY urn ORDER BY urn`,
  );
}
