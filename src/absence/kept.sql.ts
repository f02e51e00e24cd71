import { codeBits } from '../base/attendanceCodes.ts';
import { type Statement, statement } from '../warehouse/index.ts';
import { kernel, type Parameters, type Step } from './absence.sql.ts';
import { type Dimension, keptDivisions, topicOf } from './question.ts';

/*
 * What is worked out from registers and kept: weeks, sums of enrolments, figures of schools and of areas. All by the steps
 * of the kernel, in the daily feed’s series. A row is replaced by one of a newer version; a statement that writes anew what
 * may have gone writes empty rows for it too, one version older, in the same block.
 */

const { receipts, wanted, named } = kernel;

/** Rows of a table as they stood, emptied: what is written beside them in the same block and is newer takes their place. */
const asWritten =
  'SETTINGS max_insert_threads = 1, do_not_merge_across_partitions_select_final = 1';

type OfReceipts = { receipts: number[] };
type OfSchools = { urns: number[]; version: number };

export type ChangedSchool = { urn: number; first: string; last: string; pupils: number };

/** Schools and days that marks of these receipts are about. */
export const changedByMarks: Statement<ChangedSchool, OfReceipts> = statement(
  'changedByMarks',
  `SELECT urn, min(date) AS first, max(date) AS last, uniq(pupil) AS pupils
   FROM marks WHERE ${receipts} GROUP BY urn ORDER BY first, last, urn`,
);

/** Schools and days that calendars of these receipts are about. */
export const changedByCalendars: Statement<ChangedSchool, OfReceipts> = statement(
  'changedByCalendars',
  `SELECT urn, min(date) AS first, max(date) AS last, 0 AS pupils
   FROM register_days WHERE ${receipts} GROUP BY urn ORDER BY urn`,
);

/** Schools whose roll these receipts brought, with the days for which they have weeks. */
export const changedByRolls: Statement<ChangedSchool, OfReceipts> = statement(
  'changedByRolls',
  `SELECT urn, min(monday) AS first, max(monday) + 6 AS last, 0 AS pupils FROM pupil_weeks
   WHERE urn IN (SELECT DISTINCT urn FROM enrolments WHERE ${receipts}) GROUP BY urn ORDER BY urn`,
);

/** How many enrolments each school has: for sharing out the work. */
export const sizesOfSchools: Statement<{ urn: number; enrolments: number }, OfReceipts> = statement(
  'sizesOfSchools',
  `SELECT urn, uniq(pupil) AS enrolments FROM enrolments WHERE ${receipts} GROUP BY urn ORDER BY urn`,
);

export type DerivedReceipt = { derived_receipt: number; is_in: boolean; version: number };

export const derivedReceipts: Statement<DerivedReceipt, object> = statement(
  'derivedReceipts',
  'SELECT derived_receipt, is_in, version FROM derived_receipts FINAL ORDER BY derived_receipt',
);

/** Weeks of these schools from the marks that stand. */
export const packWeeks: Statement<
  never,
  OfReceipts & OfSchools & { from: string; to: string; emptied: boolean }
> = statement(
  'packWeeks',
  `INSERT INTO pupil_weeks
   SELECT urn, pupil, monday, morning, afternoon, toUInt32({version:UInt32} + 1) AS version
   FROM (${kernel.packedWeeks(`${receipts} AND ${wanted} AND date BETWEEN toMonday({from:Date}) AND addDays(toMonday({to:Date}), 6)`)})
   UNION ALL
   SELECT urn, pupil, monday, 0, 0, {version:UInt32} FROM pupil_weeks
   WHERE {emptied:Bool} AND ${wanted} AND monday BETWEEN toMonday({from:Date}) AND {to:Date}
   SETTINGS optimize_aggregation_in_order = 1, max_insert_threads = 1`,
);

/** What the kernel’s steps take here: everybody, as the daily feed counts. */
export type KeptParameters = OfSchools &
  Pick<Parameters, 'receipts' | 'series' | 'time' | 'startYear' | 'from' | 'to' | 'halfTerms'>;

const nobody = kernel.rollsWith(`'' AS first, '' AS second`);

/** The sums of each enrolment in each half-term. One that has weeks and no session gets a row too, of zeros. */
export const sumHalfTerms: Statement<never, KeptParameters & { emptied: boolean }> = statement(
  'sumHalfTerms',
  `INSERT INTO enrolment_half_terms
   WITH ${named([
     ...[kernel.weeksKept, nobody, kernel.tooSmall, kernel.inSeries, kernel.pieces, kernel.closed],
     ...[kernel.enrolled, kernel.counted, kernel.perEnrolmentThat('')],
   ])}
   SELECT urn, pupil, entry_date, {startYear:UInt16}, toUInt8(piece), possible, absent, unauthorised, slash, backslash,
          others, toUInt32({version:UInt32} + 1)
   FROM per_enrolment
   UNION ALL
   SELECT urn, pupil, entry_date, start_year, half_term, 0, 0, 0, 0, 0, [], {version:UInt32} FROM enrolment_half_terms
   WHERE {emptied:Bool} AND ${wanted} AND start_year = {startYear:UInt16}
     AND half_term BETWEEN arrayCount(start -> start <= {from:Date}, {halfTerms:Array(Date)})
       AND arrayCount(start -> start <= {to:Date}, {halfTerms:Array(Date)})
   ${asWritten}`,
);

const cellOf = (by: readonly Dimension[], at: number) => {
  const dimension = by[at];
  return `toString(${dimension === undefined ? `'total'` : kernel.value[dimension]})`;
};

/**
 * Divisions by how fine a group holds theirs: enrolments are added up by these few numbers first, and those sums then by
 * each division, which are ten times fewer.
 */
const finest: readonly (readonly Dimension[])[] = [
  ['year_group', 'sex', 'fsm', 'sen'],
  ['eal', 'ethnicity'],
];
const divisionsOf = (fine: readonly Dimension[]) =>
  keptDivisions.filter(
    (by) => finest.find((each) => by.every((dimension) => each.includes(dimension))) === fine,
  );
const fineGroup = (fine: readonly Dimension[]) =>
  `cityHash64('${topicOf(fine)}', ${fine.map((dimension) => kernel.value[dimension]).join(', ')})`;

/** The fine groups of each enrolment, as numbers. */
const groups: Step = {
  ...kernel.rollsWith(`[${finest.map(fineGroup).join(',\n            ')}] AS fine_groups`),
  name: 'groups',
};

const values = ['year_group', 'sex', 'fsm', 'sen', 'eal', 'ethnicity'].join(', ');
const groupNames: Step = {
  name: 'group_names',
  about: 'The groups of every division that a fine group is part of.',
  text: `SELECT fine_group, name.1 AS topic, name.2 AS first, name.3 AS second
   FROM (SELECT DISTINCT fine.1 AS fine_group, fine.2 AS names
         FROM (SELECT arrayJoin([${finest
           .map(
             (fine) =>
               `(${fineGroup(fine)}, [${divisionsOf(fine)
                 .map((by) => `('${topicOf(by)}', ${cellOf(by, 0)}, ${cellOf(by, 1)})`)
                 .join(', ')}])`,
           )
           .join(',\n            ')}]) AS fine
               FROM (SELECT DISTINCT ${values} FROM enrolments WHERE ${receipts} AND ${wanted})))
   ARRAY JOIN names AS name`,
};

/** Sums of enrolments (with `urn`, `pupil`, `entry_date` and a `period`) by school, period and group. */
const byGroup = (enrolments: string, codes: boolean) =>
  kernel.sumsBy(
    'urn, period, topic, first, second',
    `SELECT urn, period, topic, first, second, fine.*
          FROM (SELECT urn, period, fine_group, sum(each.sessions) AS sessions, sum(each.banded) AS banded${
            codes ? `, groupArrayArray(each.others) AS others, ${kernel.codeWords}` : ''
          }
                FROM (SELECT counts.urn AS urn, period, fine_groups, ${kernel.wordsOfEach}${codes ? ', others' : ''}
                      FROM (${enrolments}) AS counts
                      INNER JOIN groups ON counts.urn = groups.urn AND counts.pupil = groups.pupil
                        AND counts.entry_date = groups.entry_date) AS each
                ARRAY JOIN fine_groups AS fine_group
                GROUP BY urn, period, fine_group) AS fine
          INNER JOIN group_names ON fine.fine_group = group_names.fine_group`,
    { codes },
  );

const emptyFigures = `
   SELECT urn, start_year, period, topic, first, second, [], {version:UInt32} FROM school_figures
   WHERE ${wanted} AND start_year = {startYear:UInt16} AND period IN {periods:Array(UInt8)}`;

/** A half-term is kept as period 11 to 16, a term as 1 to 3, the year as 0. */
export const firstHalfTermPeriod = 11;

type OfPeriods = OfReceipts & OfSchools & { startYear: number; periods: number[] };

/** Figures of these schools in half-terms. */
export const keepHalfTerms: Statement<never, OfPeriods> = statement(
  'keepHalfTerms',
  `INSERT INTO school_figures
   WITH ${named([groups, groupNames])}
   SELECT urn, {startYear:UInt16}, period, topic, first, second, sums, toUInt32({version:UInt32} + 1)
   FROM (${byGroup(
     `SELECT urn, pupil, entry_date, toUInt8(half_term + ${firstHalfTermPeriod - 1}) AS period, possible, absent,
        unauthorised, slash, backslash, others
      FROM enrolment_half_terms FINAL WHERE ${wanted} AND start_year = {startYear:UInt16}
        AND has({periods:Array(UInt8)}, half_term + ${firstHalfTermPeriod - 1}) AND (possible > 0 OR notEmpty(others))`,
     true,
   )}) AS figures
   UNION ALL ${emptyFigures}
   ${asWritten}`,
);

/** Figures of these schools in the year and its terms. Codes are those of half-terms: only enrolments must be looked at again. */
export const keepLonger: Statement<never, OfPeriods> = statement(
  'keepLonger',
  `INSERT INTO school_figures
   WITH ${named([groups, groupNames])}
   SELECT urn, {startYear:UInt16}, period, topic, first, second, sumForEach(parts_of_it), toUInt32({version:UInt32} + 1)
   FROM (SELECT urn, period, topic, first, second, sums AS parts_of_it FROM (${byGroup(
     `SELECT urn, pupil, entry_date, added.1 AS period, ${kernel.countsOfWord('added.2')}
      FROM (SELECT urn, pupil, entry_date, ${[1, 2, 3].map((term) => `sumIf(word, intDiv(half_term + 1, 2) = ${term}) AS term_${term}`).join(', ')}
            FROM (SELECT urn, pupil, entry_date, half_term, ${kernel.wordOf(kernel.countNames)} AS word
                  FROM enrolment_half_terms FINAL WHERE ${wanted} AND start_year = {startYear:UInt16} AND possible > 0)
            GROUP BY urn, pupil, entry_date)
      ARRAY JOIN [(toUInt8(0), term_1 + term_2 + term_3), (toUInt8(1), term_1), (toUInt8(2), term_2), (toUInt8(3), term_3)] AS added
      WHERE has({periods:Array(UInt8)}, period) AND possible > 0`,
     false,
   )}) AS figures
         UNION ALL
         SELECT urn, longer, topic, first, second, arrayMap((count, at) -> if(at < ${kernel.firstCode + 2}, 0, toUInt64(count)), sums, arrayEnumerate(sums))
         FROM school_figures FINAL
         ARRAY JOIN [toUInt8(0), toUInt8(intDiv(period - ${firstHalfTermPeriod - 2}, 2))] AS longer
         WHERE ${wanted} AND start_year = {startYear:UInt16} AND period >= ${firstHalfTermPeriod} AND notEmpty(sums)
           AND has({periods:Array(UInt8)}, longer))
   GROUP BY urn, period, topic, first, second
   UNION ALL ${emptyFigures}
   ${asWritten}`,
);

const { possible, absent, unauthorised } = codeBits;
const shiftOf = (bit: number) => Math.log2(bit);
const ones = '0x01010101010101';
/** 1 in the byte of each day whose session has the bit. */
const onDays = (week: string, bit: number) =>
  `bitAnd(bitShiftRight(${week}, ${shiftOf(bit)}), ${ones})`;
const plainly = (week: string) =>
  `bitShiftRight(bitAnd(bitAnd(${week}, ${kernel.isPossible}), bitNot(bitAnd(${week}, ${kernel.whichOne}) + ${kernel.whichOne})), 7)`;
const bothSessions = (bit: number) => `(${onDays('morning', bit)} + ${onDays('afternoon', bit)})`;
const eitherSession = (bit: number) =>
  `bitOr(${onDays('morning', bit)}, ${onDays('afternoon', bit)})`;

/** What is counted on each day of an enrolment: a small number in the byte of the day. */
const dailies = {
  possible: bothSessions(possible),
  absent: bothSessions(absent),
  unauthorised: bothSessions(unauthorised),
  of_absentees: `bitAnd(${bothSessions(possible)}, ${eitherSession(absent)} * 3)`,
  enrolled: eitherSession(possible),
  absentees: eitherSession(absent),
  slash: plainly('morning'),
  backslash: plainly('afternoon'),
} as const;
type Daily = keyof typeof dailies;

/** Summed with 16 bits a day, of which a number holds four: the even days in one, the odd days in another. */
const fourDays = '0x00ff00ff00ff00ff';
const sumsOfDays = Object.keys(dailies)
  .map(
    (name) =>
      `sum(bitAnd(each.day_${name}, ${fourDays})) AS even_${name}, sum(bitAnd(bitShiftRight(each.day_${name}, 8), ${fourDays})) AS odd_${name}`,
  )
  .join(', ');
const onDay = (name: Daily) =>
  `bitAnd(bitShiftRight(if(day % 2 = 0, even_${name}, odd_${name}), 16 * intDiv(day, 2)), 65535)`;

const bytesOfDays = (['morning', 'afternoon'] as const)
  .flatMap((week) =>
    Array.from(
      { length: 7 },
      (_, day) => `toUInt16(bitAnd(bitShiftRight(${week}, ${8 * day}), 255) + ${256 * day})`,
    ),
  )
  .join(', ');

/** One piece a week, whatever half-term its days are of. */
const wholeWeeks: Step = {
  name: 'pieces',
  about: 'Each week of the period.',
  text: `SELECT toMonday(day) AS monday, toUInt16(monday) AS piece, min(day) AS first_day, max(day) AS last_day, 15 AS oldest
   FROM (SELECT toDate(arrayJoin(range(toUInt32({from:Date}), toUInt32({to:Date}) + 1))) AS day)
   GROUP BY monday`,
};

const noBands = Array.from({ length: kernel.bandCount - 2 }, () => '0').join(', ');

/** The totals of these schools in each week and on each of its days. */
export const keepSchoolWeeks: Statement<never, KeptParameters> = statement(
  'keepSchoolWeeks',
  `INSERT INTO school_weeks
   WITH ${named([
     ...[kernel.weeksKept, nobody, kernel.tooSmall, kernel.inSeries, wholeWeeks, kernel.closed],
     ...[kernel.enrolled, kernel.counted],
   ])}
   SELECT urn, {startYear:UInt16}, toDate(piece) AS monday,
          arrayConcat(arraySlice(arrayReduce('sumForEach', of_days) AS total, 1, 3),
            [bitAnd(persistents, 0xffffffff), bitShiftRight(persistents, 32), ${kernel.partsOf('banded', kernel.bandCount + 1, kernel.bitsABand)}],
            arraySlice(total, ${kernel.firstCode})) AS sums,
          arrayFlatten(arrayMap((day, of_day) -> [${onDay('possible')}, ${onDay('absent')}, ${onDay('unauthorised')}, ${onDay('of_absentees')}, ${onDay('absent')},
            toUInt64(${onDay('enrolled')} - ${onDay('absentees')}), ${noBands}, ${onDay('absentees')}, ${onDay('absentees')},
            ${onDay('slash')}, ${onDay('backslash')},
            ${kernel.bytes.map((byte) => `countEqual(of_day, ${byte})`).join(', ')}], range(7),
            arrayMap(day -> arrayMap(entry -> toUInt8(bitAnd(entry, 255)),
              arrayFilter(entry -> bitShiftRight(entry, 8) = day, others)), range(7))) AS of_days) AS days,
          toUInt32({version:UInt32} + 1)
   FROM (SELECT urn, piece, ${sumsOfDays}, groupArrayArray(each.others) AS others,
           sum(toUInt64(each.possible * each.is_persistent) + bitShiftLeft(toUInt64(each.absent * each.is_persistent), 32)) AS persistents,
           sum(each.banded) AS banded
         FROM (SELECT *, ${kernel.isPersistent} AS is_persistent, ${kernel.bandOfEach}
               FROM (SELECT urn, piece, ${Object.entries(dailies)
                 .map(([name, text]) => `${text} AS day_${name}`)
                 .join(', ')},
                   toUInt16(${kernel.bothOf(kernel.isPossible)}) AS possible, toUInt16(${kernel.bothOf(kernel.isAbsent)}) AS absent,
                   if(bitAnd(bitOr(morning, afternoon), ${kernel.whichOne}) = 0, [],
                     arrayFilter(entry -> bitAnd(entry, 127) != 0, [${bytesOfDays}])) AS others
                 FROM counted WHERE morning != 0 OR afternoon != 0)) AS each
         GROUP BY urn, piece)
   UNION ALL
   SELECT urn, start_year, monday, [], [], {version:UInt32} FROM school_weeks
   WHERE ${wanted} AND start_year = {startYear:UInt16} AND monday BETWEEN toMonday({from:Date}) AND {to:Date}
   ${asWritten}`,
);

/** Each level’s areas: which of the three keys it has. */
const areaKeys = `{level:String} AS area_level, if({level:String} = 'trust', trusts.trust, 0) AS area_trust,
          if({level:String} = 'la', schools.la_code, '') AS area_la,
          if({level:String} IN ('la', 'region'), schools.region_code, '') AS area_region`;
const hasArea = `({level:String} != 'trust' OR area_trust > 0) AND ({level:String} != 'la' OR area_la != '')
     AND ({level:String} != 'region' OR area_region != '')`;

export type OfLevel = OfReceipts & { level: string; version: number };

/** The figures of a level’s areas in these periods, from those of schools. */
export const keepAreas: Statement<never, OfLevel & { startYear: number; periods: number[] }> =
  statement(
    'keepAreas',
    `INSERT INTO area_figures
   WITH ${named([kernel.schools, kernel.trusts])}
   SELECT area_level, area_trust, area_la, area_region, {startYear:UInt16}, period, topic, first, second, sums,
          toUInt32({version:UInt32} + 1)
   FROM (SELECT ${areaKeys}, period, topic, first, second, sumForEach(figures.sums) AS sums
         FROM (SELECT * FROM school_figures FINAL
               WHERE start_year = {startYear:UInt16} AND period IN {periods:Array(UInt8)} AND notEmpty(sums)) AS figures
         LEFT JOIN schools ON figures.urn = schools.urn LEFT JOIN trusts ON figures.urn = trusts.urn
         GROUP BY area_level, area_trust, area_la, area_region, period, topic, first, second HAVING ${hasArea})
   UNION ALL
   SELECT level, trust, la_code, region_code, start_year, period, topic, first, second, [], {version:UInt32} FROM area_figures
   WHERE level = {level:String} AND start_year = {startYear:UInt16} AND period IN {periods:Array(UInt8)}
   ${asWritten}`,
  );

/** The totals of a level’s areas in each of these weeks. */
export const keepAreaWeeks: Statement<
  never,
  OfLevel & { startYear: number; from: string; to: string }
> = statement(
  'keepAreaWeeks',
  `INSERT INTO area_weeks
   WITH ${named([kernel.schools, kernel.trusts])}
   SELECT area_level, area_trust, area_la, area_region, {startYear:UInt16}, monday, sums, days, toUInt32({version:UInt32} + 1)
   FROM (SELECT ${areaKeys}, monday, sumForEach(figures.sums) AS sums, sumForEach(figures.days) AS days
         FROM (SELECT * FROM school_weeks FINAL
               WHERE start_year = {startYear:UInt16} AND monday BETWEEN toMonday({from:Date}) AND {to:Date}
                 AND notEmpty(sums)) AS figures
         LEFT JOIN schools ON figures.urn = schools.urn LEFT JOIN trusts ON figures.urn = trusts.urn
         GROUP BY area_level, area_trust, area_la, area_region, monday HAVING ${hasArea})
   UNION ALL
   SELECT level, trust, la_code, region_code, start_year, monday, [], [], {version:UInt32} FROM area_weeks
   WHERE level = {level:String} AND start_year = {startYear:UInt16} AND monday BETWEEN toMonday({from:Date}) AND {to:Date}
   SETTINGS max_insert_threads = 1`,
);

/** Whether schools changed their places by these receipts: areas are then added up anew. */
export const changedPlaces: Statement<{ rows: number }, OfReceipts> = statement(
  'changedPlaces',
  `SELECT (SELECT count() FROM register_schools WHERE ${receipts})
     + (SELECT count() FROM published_trust_member WHERE ${receipts}) AS rows`,
);

/** Whether any of these receipts says anything of these schools. */
export const saidOfSchools: Statement<
  { rows: number },
  { receipts: number[]; among: number[]; urns: number[] }
> = statement(
  'saidOfSchools',
  `SELECT ${['marks', 'register_days', 'enrolments', 'register_schools', 'published_trust_member']
    .map(
      (table) =>
        `(SELECT count() FROM ${table} WHERE ${receipts} AND urn IN {urns:Array(UInt32)} AND receipt IN {among:Array(UInt32)})`,
    )
    .join(' + ')} AS rows`,
);

/** The periods and the days of which schools have figures. */
export const keptPeriods: Statement<{
  start_year: number;
  periods: number[];
  first: string;
  last: string;
}> = statement(
  'keptPeriods',
  `SELECT start_year, periods, first, last
   FROM (SELECT start_year, groupUniqArray(period) AS periods FROM school_figures GROUP BY start_year) AS figures
   INNER JOIN (SELECT start_year, min(monday) AS first, max(monday) AS last FROM school_weeks GROUP BY start_year) AS weeks
     ON figures.start_year = weeks.start_year
   ORDER BY start_year`,
);

type AskedOfKept = {
  receipts: number[];
  level: string;
  urns: number[];
  area: string;
  startYear: number;
};

/** A list of counts (in the order of the kernel’s) of a school, or of an area. */
export type KeptRow = { urn?: number; first: string; second: string; sums: number[] };
export type KeptArea = { trust: number; la_code: string; region_code: string };
export type KeptWeek = KeptRow & { monday: string; days: number[] };

const ofSchool = `{level:String} = 'school' AND ${wanted} AND start_year = {startYear:UInt16} AND notEmpty(sums)`;
const ofArea = `level = {level:String} AND start_year = {startYear:UInt16} AND notEmpty(sums)
     AND ({area:String} = '' OR {area:String} = multiIf({level:String} = 'la', la_code, {level:String} = 'region', region_code, toString(trust)))`;
const area = 'la_code, region_code, trust';
const asKept = 'SETTINGS do_not_merge_across_partitions_select_final = 1';

const ofPeriods = 'period IN {periods:Array(UInt8)} AND topic = {topic:String}';
const timeOfPeriod = `multiIf(period = 0, '', period < ${firstHalfTermPeriod}, toString(period), toString(period - ${firstHalfTermPeriod - 1})) AS time`;

type AskedOfPeriods = AskedOfKept & { topic: string; periods: number[] };

/** Figures of schools in periods, as they are kept. */
export const keptSchoolFigures: Statement<KeptRow & { time: string }, AskedOfPeriods> = statement(
  'keptSchoolFigures',
  `SELECT ${timeOfPeriod}, urn, first, second, sums FROM school_figures FINAL WHERE ${ofSchool} AND ${ofPeriods}
   ORDER BY time, urn, first, second ${asKept}`,
);

/** Figures of a level’s areas in periods, as they are kept. */
export const keptAreaFigures: Statement<KeptRow & KeptArea & { time: string }, AskedOfPeriods> =
  statement(
    'keptAreaFigures',
    `SELECT ${timeOfPeriod}, ${area}, first, second, sums FROM area_figures FINAL WHERE ${ofArea} AND ${ofPeriods}
   ORDER BY time, ${area}, first, second ${asKept}`,
  );

type AskedOfWeeks = AskedOfKept & { from: string; to: string };
const weekly = `toString(monday) AS monday, 'total' AS first, 'total' AS second, sums, days`;
const ofWeeks = 'monday BETWEEN toMonday({from:Date}) AND {to:Date}';

/** Totals of schools in weeks, with those of each week’s seven days after another, as they are kept. */
export const keptSchoolWeeks: Statement<KeptWeek, AskedOfWeeks> = statement(
  'keptSchoolWeeks',
  `SELECT urn, ${weekly} FROM school_weeks FINAL WHERE ${ofSchool} AND ${ofWeeks.replace('monday', 'school_weeks.monday')}
   ORDER BY monday, urn ${asKept}`,
);

/** The same of a level’s areas. */
export const keptAreaWeeks: Statement<KeptWeek & KeptArea, AskedOfWeeks> = statement(
  'keptAreaWeeks',
  `SELECT ${area}, ${weekly} FROM area_weeks FINAL WHERE ${ofArea} AND ${ofWeeks.replace('monday', 'area_weeks.monday')}
   ORDER BY monday, ${area}`,
);
