import { type AttendanceCode, attendanceCodes, byteOf, codeBits } from '../base/attendanceCodes.ts';
import { type Day, daysAfter } from '../base/day.ts';
import { type Statement, statement } from '../warehouse/index.ts';
import {
  bandCount,
  type CountedRow,
  dimensions,
  type Dimension,
  type Question,
} from './question.ts';

/** What every step is given. Periods are within one year; `halfTerms` are the first days of its six half-terms. */
export type Parameters = {
  receipts: number[];
  level: string;
  by: string[];
  series: string;
  time: string;
  /** The calendar year in which the academic year starts. */
  startYear: number;
  from: string;
  to: string;
  halfTerms: string[];
  /** As known on a day: marks entered before this moment, UTC, */
  knownBefore: string;
  /** and not brought by these receipts: they came later. Of rolls, calendars and schools the oldest where all came later. */
  cameLater: number[];
  urns: number[];
};

export type Step = { name: string; about: string; text: string };

const receipts = 'receipt IN {receipts:Array(UInt32)}';
/** The greatest counts: the newest receipt; as known on a day the newest that had come by then, else the oldest of all. */
const newest = 'receipt';
const newestThen = 'if(receipt IN {cameLater:Array(UInt32)}, -toInt64(receipt), toInt64(receipt))';
const wanted = '(empty({urns:Array(UInt32)}) OR urn IN {urns:Array(UInt32)})';
const isCensus = "{series:String} = 'census'";
const summerSecondHalf = '{halfTerms:Array(Date)}[6]';

/** Whole years on 31 August before the year; where the month of birth is not known, as the year group has it. */
const age = `if(born < toDate32('1901-01-01'), year_group + 4,
             {startYear:UInt16} - toYear(born) - (toMonth(born) > 8))`;

const value: Record<Dimension, string> = {
  year_group: `multiIf(year_group = 0, 'R', year_group BETWEEN 1 AND 14, toString(year_group), 'Unclassified')`,
  sex: `if(sex = '', 'Unclassified', sex)`,
  fsm: `ifNull(toString(toUInt8(fsm)), 'Unclassified')`,
  sen: `if(sen = '', 'Unclassified', sen)`,
  eal: `ifNull(toString(toUInt8(eal)), 'Unclassified')`,
  ethnicity: `if(ethnicity = '', 'Unclassified', ethnicity)`,
};

const valueAsked = (at: 1 | 2) => {
  const asked = `{by:Array(String)}[${at}]`;
  const cases = dimensions.map((each) => `${asked} = '${each}', toString(${value[each]})`);
  return `multiIf(${cases.join(',\n            ')}, 'total')`;
};

/** The days from which a code has another byte than before, or none. */
const eras: readonly { from: Day; to: Day }[] = (() => {
  const firstDay = '1970-01-01';
  const starts = attendanceCodes.flatMap(({ from, to }) => [
    from ?? [],
    to ? daysAfter(to, 1) : [],
  ]);
  const firsts = [...new Set([firstDay, ...starts.flat()])].toSorted();
  return firsts.map((from, at) => ({ from, to: daysAfter(firsts[at + 1] ?? '2149-06-07', -1) }));
})();

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\')}'`;

/** The byte of a code on a day; 0 where it was none then. */
const byteOnDay = (() => {
  const texts = eras.map(({ from }) => {
    const used = attendanceCodes.filter(
      (each) => (each.from ?? from) <= from && from <= (each.to ?? from),
    );
    const codes = used.map(({ code }) => quoted(code)).join(', ');
    return `transform(code, [${codes}], [${used.map(byteOf).join(', ')}], 0)`;
  });
  const cases = texts.flatMap((text, at) =>
    at > 0 && text !== texts[at - 1] ? [`date >= '${eras[at]?.from}', ${text}`] : [],
  );
  return `multiIf(${[...cases.toReversed(), texts[0]].join(',\n            ')})`;
})();

/** The same byte for each day of a week. */
const everyDay = (byte: number) => `0x${byte.toString(16).padStart(2, '0').repeat(7)}`;
const { possible, absent, unauthorised } = codeBits;
const isPossible = everyDay(possible);
const isAbsent = everyDay(absent);
const isUnauthorised = everyDay(unauthorised);
const whichOne = everyDay(possible - 1);

/** By the first and the last day of a week, 7 × first + last + 1: all bits of the days between. */
const dayMasks = Array.from({ length: 49 }, (_, at) => {
  const [first, last] = [Math.floor(at / 7), at % 7];
  const bytes = Array.from({ length: 7 }, (_, day) => (day >= first && day <= last ? 'ff' : '00'));
  return `toUInt64(0x${bytes.toReversed().join('')})`;
});

/**
 * The weeks of each pupil from marks. Nearly every session has one mark: then a sum puts the bytes in their places. Else the
 * marks are sorted by session, time of entry, receipt and amendment, as parts of one number, and the last of each counts.
 */
const packedWeeks = (which: string) => {
  const place = 'toUInt8(bitShiftRight(mark, 124))';
  const bytesAt = (half: string) =>
    `arraySum(mark -> if(${half}, bitShiftLeft(toUInt64(bitAnd(mark, 255)), 8 * (${place} % 7)), 0), standing)`;
  return `SELECT urn, pupil, monday, if(is_plain, morning_sum, ${bytesAt(`${place} < 7`)}) AS morning,
          if(is_plain, afternoon_sum, ${bytesAt(`${place} >= 7`)}) AS afternoon
   FROM (SELECT urn, pupil, monday, is_plain, morning_sum, afternoon_sum,
           arrayFilter((mark, next) -> bitShiftRight(mark, 124) != bitShiftRight(next, 124),
             entered, arrayPushBack(arrayPopFront(entered), bitNot(toUInt128(0)))) AS standing
         FROM (SELECT urn, pupil, monday, morning_sum, afternoon_sum, length(marks_entered) = sessions AS is_plain,
                 if(length(marks_entered) = sessions, [], arraySort(marks_entered)) AS entered
               FROM (SELECT urn, pupil, monday, groupArray(mark) AS marks_entered,
                       bitCount(groupBitOr(bitShiftLeft(toUInt16(1), place))) AS sessions,
                       sum(if(place < 7, bitShiftLeft(toUInt64(byte), 8 * (place % 7)), 0)) AS morning_sum,
                       sum(if(place >= 7, bitShiftLeft(toUInt64(byte), 8 * (place % 7)), 0)) AS afternoon_sum
                     FROM (SELECT urn, pupil, monday, place, byte,
                             bitShiftLeft(toUInt128(place), 124) + bitShiftLeft(toUInt128(toUInt32(entered_at)), 92)
                             + bitShiftLeft(toUInt128(receipt), 60) + bitShiftLeft(toUInt128(entry), 8) + byte AS mark
                           FROM (SELECT urn, pupil, toMonday(date) AS monday,
                                   toUInt8(date - toMonday(date) + 7 * session) AS place, receipt, entered_at, entry,
                                   toUInt8(if(code = if(session = 0, '\\\\', '/'), 0, ${byteOnDay})) AS byte
                                 FROM marks WHERE ${which}))
                     GROUP BY urn, pupil, monday)))`;
};

const marksAsked = `${receipts} AND ${wanted}
                 AND date BETWEEN toMonday({from:Date}) AND addDays(toMonday({to:Date}), 6)`;

const weeksFromMarks: Step = {
  name: 'weeks',
  about:
    'Each pupil’s week, a byte a session (128: possible, 64: absent, 32: unauthorised; the lowest byte is Monday’s), from the mark that stands for each session: the newest. A code that was none on that day is 0.',
  text: packedWeeks(marksAsked),
};

const weeksThen: Step = {
  name: 'weeks',
  about:
    'Each pupil’s week, a byte a session (128: possible, 64: absent, 32: unauthorised; the lowest byte is Monday’s), from the mark that stood for each session: the newest of those entered by the end of the day asked for, in what had come by then. A code that was none on that day is 0.',
  text: packedWeeks(`${marksAsked}
                 AND entered_at < {knownBefore:DateTime('UTC')} AND receipt NOT IN {cameLater:Array(UInt32)}`),
};

const weeksKept: Step = {
  name: 'weeks',
  about:
    'Each pupil’s week as it is kept, a byte a session (128: possible, 64: absent, 32: unauthorised; the lowest byte is Monday’s).',
  text: `SELECT urn, pupil, monday, morning, afternoon FROM pupil_weeks FINAL
   WHERE ${wanted} AND monday BETWEEN toMonday({from:Date}) AND {to:Date}`,
};

const newestRolls = `SELECT urn, max(receipt) FROM enrolments WHERE ${receipts} AND ${wanted} GROUP BY urn`;

const rollsWith = (columns: string, those = newestRolls): Step => ({
  name: 'rolls',
  about:
    'Who is enrolled where, from when until when, as the newest list of each school’s pupils has it: a later enrolment ends the one before.',
  text: `SELECT urn, pupil, entry_date, ${age} AS age,
          ${columns},
          least(leaving_date, addDays(leadInFrame(entry_date, 1, toDate('2149-06-06')) OVER (
            PARTITION BY urn, pupil ORDER BY entry_date ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), -1)) AS until,
          leaving_date
   FROM enrolments
   WHERE ${receipts} AND ${wanted} AND (urn, receipt) IN (
     ${those})`,
});

const groupsAsked = `toLowCardinality(${valueAsked(1)}) AS first, toLowCardinality(${valueAsked(2)}) AS second`;
const rolls = rollsWith(groupsAsked);

const newestRollsThen = `SELECT urn, toUInt32(abs(max(${newestThen}))) FROM enrolments WHERE ${receipts} AND ${wanted} GROUP BY urn`;

const rollsThen: Step = {
  ...rollsWith(groupsAsked, newestRollsThen),
  about:
    'Who was enrolled where, from when until when, as the newest list of each school’s pupils that had come by the end of the day asked for has it, or the first where none had: a later enrolment ends the one before.',
};

const tooSmall: Step = {
  name: 'too_small',
  about: 'Census: schools with fewer than six enrolments aged 5 to 15 in the period.',
  text: `SELECT urn FROM rolls
   WHERE age BETWEEN 5 AND 15
     AND entry_date <= {to:Date} AND leaving_date >= {from:Date} AND entry_date < ${summerSecondHalf}
   GROUP BY urn HAVING count() < 6`,
};

const inSeries: Step = {
  name: 'in_series',
  about:
    'Pupils aged 5 to 15 on 31 August before the year. Census: without enrolments that began in the second half of summer, without schools that are too small.',
  text: `SELECT * FROM rolls
   WHERE age BETWEEN 5 AND 15 AND entry_date <= {to:Date} AND until >= {from:Date}
     AND (NOT (${isCensus}) OR (entry_date < ${summerSecondHalf} AND urn NOT IN too_small))`,
};

const pieces: Step = {
  name: 'pieces',
  about:
    'Which days of which week belong to which piece of time, and to which half-term. Census: the second half of summer is not for those aged 15.',
  text: `SELECT toMonday(day) AS monday, half_term, piece, min(day) AS first_day, max(day) AS last_day,
          if(${isCensus} AND half_term = 6, 14, 15) AS oldest
   FROM (SELECT toDate(arrayJoin(range(toUInt32({from:Date}), toUInt32({to:Date}) + 1))) AS day,
           arrayCount(start -> start <= day, {halfTerms:Array(Date)}) AS half_term,
           toUInt16(multiIf({time:String} = 'day', toUInt32(day), {time:String} = 'weekday', toDayOfWeek(day),
             {time:String} = 'week', toUInt32(toMonday(day)), {time:String} = 'half_term', half_term,
             {time:String} = 'term', intDiv(half_term + 1, 2), 0)) AS piece)
   GROUP BY monday, half_term, piece`,
};

const closedAsOf = (greatest: string): Step => ({
  name: 'closed',
  about: 'Sessions in which a school is closed, as the newest calendar has it: 128 in each.',
  text: `SELECT urn, toMonday(date) AS monday,
          groupBitOr(if(session = 0, bitShiftLeft(toUInt64(128), 8 * (date - toMonday(date))), 0)) AS mornings,
          groupBitOr(if(session = 1, bitShiftLeft(toUInt64(128), 8 * (date - toMonday(date))), 0)) AS afternoons
   FROM (SELECT urn, date, session FROM register_days
         WHERE ${receipts} AND ${wanted} AND date BETWEEN {from:Date} AND {to:Date}
         GROUP BY urn, date, session HAVING NOT argMax(register_days.open, ${greatest}))
   GROUP BY urn, monday`,
});
const closed = closedAsOf(newest);
const closedThen: Step = {
  ...closedAsOf(newestThen),
  about:
    'Sessions in which a school was closed, as the newest calendar that had come by the end of the day asked for has it, or the first where none had: 128 in each.',
};

/** Of the bytes of a week, those of the days between. */
const ofDays = (week: string) =>
  `bitAnd(weeks.${week}, [${dayMasks.join(', ')}][1 + 7 * (greatest(first_day, entry_date) - monday) + (least(last_day, until) - monday)])`;

const enrolled: Step = {
  name: 'enrolled',
  about:
    'The weeks of each enrolment, in pieces of time: only the days of it that the enrolment and the period have.',
  text: `SELECT weeks.urn AS urn, weeks.pupil AS pupil, entry_date, first, second, piece,
          weeks.monday AS monday, ${ofDays('morning')} AS morning, ${ofDays('afternoon')} AS afternoon
   FROM weeks
   INNER JOIN pieces ON weeks.monday = pieces.monday
   INNER JOIN in_series ON weeks.urn = in_series.urn AND weeks.pupil = in_series.pupil
   WHERE entry_date <= last_day AND until >= first_day AND age <= oldest`,
};

/** Without the bytes of possible codes in closed sessions: 128 there, shifted to 1, times 255, is all their bits. */
const unlessClosed = (week: string, closures: string) =>
  `toUInt64(bitAnd(enrolled.${week}, bitNot(bitShiftRight(bitAnd(enrolled.${week}, closed.${closures}), 7) * 255)))`;

const counted: Step = {
  name: 'counted',
  about:
    'Without closed sessions: nothing is possible in them. Codes that make no session possible stand under their own names there too.',
  text: `SELECT enrolled.urn AS urn, pupil, entry_date, first, second, piece,
          ${unlessClosed('morning', 'mornings')} AS morning, ${unlessClosed('afternoon', 'afternoons')} AS afternoon
   FROM enrolled LEFT JOIN closed ON enrolled.urn = closed.urn AND enrolled.monday = closed.monday`,
};

const bothOf = (bits: string) =>
  `bitCount(bitAnd(morning, ${bits})) + bitCount(bitAnd(afternoon, ${bits}))`;
const plainIn = (week: string) =>
  `bitCount(bitAnd(bitAnd(${week}, ${isPossible}), bitNot(bitAnd(${week}, ${whichOne}) + ${whichOne})))`;
/** Of one enrolment in a year, so that twelve bits hold the sum of each. */
const countsOfWeek = {
  possible: bothOf(isPossible),
  absent: bothOf(isAbsent),
  unauthorised: bothOf(isUnauthorised),
  slash: plainIn('morning'),
  backslash: plainIn('afternoon'),
};
const wordOf = (counts: readonly string[]) =>
  counts.map((count, at) => `bitShiftLeft(toUInt64(${count}), ${12 * at})`).join(' + ');
const countNames = Object.keys(countsOfWeek);
const countsOfWord = (word: string) =>
  countNames
    .map((name, at) => `toUInt16(bitAnd(bitShiftRight(${word}, ${12 * at}), 4095)) AS ${name}`)
    .join(', ');
const bytesOf = (week: string) =>
  [0, 1, 2, 3, 4, 5, 6].map((day) => `toUInt8(bitAnd(bitShiftRight(${week}, ${8 * day}), 255))`);

/** The four keys are sixteen bytes together, which the engine groups by faster than by more. */
const sumsOfEnrolments = `SELECT urn, pupil, entry_date, piece, first, second, ${countsOfWord('added')}, others
   FROM (SELECT urn, pupil, entry_date, piece, any(counted.first) AS first, any(counted.second) AS second,
           sum(${wordOf(Object.values(countsOfWeek))}) AS added,
           groupArrayArray(if(bitAnd(bitOr(morning, afternoon), ${whichOne}) = 0, [],
             arrayFilter(byte -> bitAnd(byte, ${possible - 1}) != 0,
               [${[...bytesOf('morning'), ...bytesOf('afternoon')].join(', ')}]))) AS others
         FROM counted
         GROUP BY urn, pupil, entry_date, piece)`;

const perEnrolmentThat = (having: string): Step => ({
  name: 'per_enrolment',
  about:
    'The sessions of each enrolment in each piece of time, and the bytes of all that are not plainly present. Sums are added as parts of one number. Census: without those that have no possible one in the whole period.',
  text: `${sumsOfEnrolments}
   ${having}`,
});

const perEnrolment = perEnrolmentThat(
  `WHERE possible > 0 OR (NOT (${isCensus}) AND notEmpty(others))`,
);

/** In the census an enrolment is in or out for the whole period, whatever it has in one piece of it. */
const perCensusEnrolment: Step = {
  ...perEnrolment,
  text: `SELECT * EXCEPT (possible_in_all)
   FROM (SELECT *, sum(possible) OVER (PARTITION BY urn, pupil, entry_date) AS possible_in_all
         FROM (${sumsOfEnrolments}))
   WHERE possible_in_all > 0 AND (possible > 0 OR notEmpty(others))`,
};

/*
 * Within a school, counts are added many at a time: as parts of one number, wide enough that none runs over into the
 * next. A part of 20 bits holds a million enrolments, one of 24 bits sixteen million sessions: 40,000 pupils’ year.
 */
const bytes = [...new Set(attendanceCodes.map(byteOf))].filter((byte) => byte !== possible);
const [codesAWord, bitsACode, bitsABand, bitsASum] = [10, 24, 20, 32];
const words = Array.from({ length: Math.ceil(bytes.length / codesAWord) }, (_, word) =>
  bytes.slice(word * codesAWord, (word + 1) * codesAWord),
);
const partsOf = (word: string, count: number, bits: number) =>
  Array.from(
    { length: count },
    (_, at) => `toUInt64(bitAnd(bitShiftRight(${word}, ${at * bits}), ${2 ** bits - 1}))`,
  ).join(', ');
/** The list of a school’s counts, in this order. */
const countsOfSchool = [
  partsOf('sessions', 5, bitsASum),
  partsOf('banded', bandCount + 1, bitsABand),
  partsOf(`bitShiftRight(sessions, ${5 * bitsASum})`, 2, bitsASum),
  ...words.map((ofWord, word) => partsOf(`codes_${word}`, ofWord.length, bitsACode)),
].join(', ');

/** Of the bytes that are not plainly present, how many there are of each, as parts of a few numbers. */
const codeWords = words
  .map((ofWord, word) => {
    const counts = ofWord.map(
      (byte, at) => `bitShiftLeft(toUInt256(countEqual(others, ${byte})), ${bitsACode * at})`,
    );
    return `${counts.join(' + ')} AS codes_${word}`;
  })
  .join(',\n            ');
const noCodeWords = words.map((_, word) => `toUInt256(0) AS codes_${word}`).join(', ');

const isPersistent = '(10 * absent >= possible)';
/** The share of sessions that an enrolment missed, and whether any, as parts of one number. */
const bandOfEach = `bitShiftLeft(toUInt256(possible > 0),
              toUInt8(${bitsABand} * least(intDiv(20 * absent, greatest(1, possible)), 10)))
            + bitShiftLeft(toUInt256(absent > 0), ${bitsABand * bandCount}) AS banded`;
const sessionsOfEach = [
  ...['possible', 'absent', 'unauthorised', `possible * ${isPersistent}`],
  ...[`absent * ${isPersistent}`, 'slash', 'backslash'],
];
const wordsOfEach = `${sessionsOfEach
  .map((count, at) => `bitShiftLeft(toUInt256(${count}), ${bitsASum * at})`)
  .join(' + ')} AS sessions,
            ${bandOfEach}`;

/** Adds rows (`each`) of such numbers up into one list of counts for each key. */
const sumsBy = (keys: string, from: string, { codes = true } = {}) =>
  `SELECT *, [${countsOfSchool}] AS sums
   FROM (SELECT ${keys}, sum(each.sessions) AS sessions, sum(each.banded) AS banded,
           ${codes ? words.map((_, word) => `sum(each.codes_${word}) AS codes_${word}`).join(', ') : noCodeWords}
         FROM (${from}) AS each
         GROUP BY ${keys})`;

const perSchool: Step = {
  name: 'per_school',
  about:
    'The sums of each school: of sessions, of enrolments by the share of sessions they missed (persistent: ten times the absent sessions are the possible ones or more; severe: twice), and of each code. All are added as parts of a few numbers.',
  text: sumsBy(
    'urn, piece, first, second',
    `SELECT urn, piece, first, second, ${wordsOfEach},
            ${codeWords}
          FROM per_enrolment`,
  ),
};

const schoolsAsOf = (greatest: string): Step => ({
  name: 'schools',
  about: 'Each school’s authority and region, as the newest list of schools has them.',
  text: `SELECT urn, argMax(register_schools.laestab, ${greatest}) AS laestab,
          argMax(register_schools.la_code, ${greatest}) AS la_code,
          argMax(register_schools.region_code, ${greatest}) AS region_code
   FROM register_schools WHERE ${receipts} GROUP BY urn`,
});
const schools = schoolsAsOf(newest);
const schoolsThen: Step = {
  ...schoolsAsOf(newestThen),
  about:
    'Each school’s authority and region, as the newest list of schools that had come by the end of the day asked for has them, or the first where none had.',
};

const trusts: Step = {
  name: 'trusts',
  about: 'Each school’s trust, as last published.',
  text: `SELECT urn, argMax(trust_uid, (receipt, trust_uid)) AS trust
   FROM published_trust_member WHERE ${receipts} GROUP BY urn`,
};

/** Where in these counts, from 1, the bands and the codes begin. */
const firstBand = 6;
const firstCode = firstBand + bandCount + 1;
const sumOf = (from: number, to = from) =>
  from === to ? `sums[${from}]` : `arraySum(arraySlice(sums, ${from}, ${to - from + 1}))`;

const codeColumns = Map.groupBy(attendanceCodes, ({ column }) => column);
const placeOfCode = (each: AttendanceCode) =>
  each.session === 'AM'
    ? firstCode
    : each.session === 'PM'
      ? firstCode + 1
      : firstCode + 2 + bytes.indexOf(byteOf(each));
/** For each column of codes, where in these counts, from 1, are those that are added up in it. */
const placesOfCodes = [...codeColumns].map(
  ([column, meanings]) => [column, [...new Set(meanings.map(placeOfCode))]] as const,
);

const figures: Step = {
  name: 'figures',
  about: 'Pooled sums for each area.',
  text: `SELECT multiIf({time:String} IN ('day', 'week'), toString(toDate(piece)), piece = 0, '', toString(piece)) AS time,
          if({level:String} = 'school', per_school.urn, 0) AS area_urn,
          if({level:String} = 'school', schools.laestab, 0) AS area_laestab,
          if({level:String} = 'trust', trusts.trust, 0) AS area_trust,
          if({level:String} IN ('school', 'la'), schools.la_code, '') AS area_la,
          if({level:String} IN ('school', 'la', 'region'), schools.region_code, '') AS area_region,
          first, second, sumForEach(per_school.sums) AS sums
   FROM per_school
   LEFT JOIN schools ON per_school.urn = schools.urn
   LEFT JOIN trusts ON per_school.urn = trusts.urn
   GROUP BY time, area_urn, area_laestab, area_trust, area_la, area_region, first, second
   HAVING ({level:String} != 'trust' OR area_trust > 0)
     AND ({level:String} != 'la' OR area_la != '') AND ({level:String} != 'region' OR area_region != '')`,
};

/** From what a question is answered. */
type Source = 'marks' | 'marks as known' | 'weeks';

/** The steps from each source: what is known now, or on a day. */
const sources: Record<Source, { weeks: Step; rolls: Step; closed: Step; schools: Step }> = {
  marks: { weeks: weeksFromMarks, rolls, closed, schools },
  'marks as known': {
    ...{ weeks: weeksThen, rolls: rollsThen, closed: closedThen, schools: schoolsThen },
  },
  weeks: { weeks: weeksKept, rolls, closed, schools },
};

const stepsOn = (source: Source, each: Step): readonly Step[] => {
  const of = sources[source];
  return [
    ...[of.weeks, of.rolls, tooSmall, inSeries, pieces, of.closed, enrolled, counted, each],
    ...[perSchool, of.schools, trusts, figures],
  ];
};

/** The calculation in the order in which one step rests on another, as it is carried out where nothing else is asked for. */
export const steps = stepsOn('marks', perEnrolment);

const named = (list: readonly Step[]) =>
  list.map(({ name, text }) => `${name} AS (\n   ${text})`).join(',\n ');

/** A list of counts as the columns of a row. */
const columnsOfSums = `${sumOf(firstBand, firstBand + bandCount - 1)} AS enrolments,
          sums[1] AS possible, sums[2] - sums[3] AS authorised, sums[3] AS unauthorised,
          ${sumOf(firstBand + 2, firstBand + bandCount - 1)} AS persistent,
          ${sumOf(firstBand + bandCount - 1)} AS severe, ${sumOf(firstBand + bandCount)} AS absentees,
          sums[4] AS persistentPossible, sums[5] AS persistentAbsent, arraySlice(sums, ${firstBand}, ${bandCount}) AS bands,
          mapFilter((name, count) -> count > 0, map(${placesOfCodes.map(([name, places]) => `${quoted(name)}, ${places.map((place) => `sums[${place}]`).join(' + ')}`).join(', ')})) AS codes`;

const countedBy = (list: readonly Step[]) =>
  `WITH ${named(list)}
   SELECT time, area_urn AS urn, area_laestab AS laestab, area_trust AS trust, area_la AS la_code,
          area_region AS region_code, first, second, ${columnsOfSums}
   FROM figures
   ORDER BY time, urn, la_code, region_code, trust, first, second`;

/** What the statements that keep figures are made of too (`kept.sql.ts`). */
export const kernel = {
  ...{
    receipts,
    wanted,
    value,
    packedWeeks,
    named,
    sumsBy,
    codeWords,
    wordOf,
    countNames,
    countsOfWord,
    wordsOfEach,
    codeCount: bytes.length,
  },
  ...{
    isPossible,
    isAbsent,
    isUnauthorised,
    whichOne,
    bytes,
    firstBand,
    firstCode,
    placesOfCodes,
    bandCount,
    words,
  },
  ...{
    weeksKept,
    rollsWith,
    tooSmall,
    inSeries,
    pieces,
    closed,
    closedThen,
    newestRollsThen,
    newestThen,
    enrolled,
    counted,
    perEnrolmentThat,
  },
  ...{ schools, trusts, partsOf, bandOfEach, bitsABand, bothOf, isPersistent },
};

/** A way to count, and its steps, which `absence --explain` prints. */
export type Counting = { statement: Statement<CountedRow, Parameters>; steps: readonly Step[] };

const countingOn = (name: string, list: readonly Step[]): Counting => ({
  statement: statement(name, countedBy(list)),
  steps: list,
});

const countings: Record<Source, { usual: Counting; inPieces: Counting }> = {
  marks: {
    usual: countingOn('countedFigures', steps),
    inPieces: countingOn('countedCensusPieces', stepsOn('marks', perCensusEnrolment)),
  },
  'marks as known': {
    usual: countingOn('countedAsKnown', stepsOn('marks as known', perEnrolment)),
    inPieces: countingOn(
      'countedCensusPiecesAsKnown',
      stepsOn('marks as known', perCensusEnrolment),
    ),
  },
  weeks: {
    usual: countingOn('countedFromWeeks', stepsOn('weeks', perEnrolment)),
    inPieces: countingOn('countedCensusPiecesFromWeeks', stepsOn('weeks', perCensusEnrolment)),
  },
};

/** How every figure of every area and group that a question asks for is counted: from the marks themselves, or from weeks that are kept. */
export function countingOf(
  { series, time, asKnownOn }: Pick<Question, 'series' | 'time' | 'asKnownOn'>,
  { weeks = false }: { weeks?: boolean } = {},
): Counting {
  const now: Source = weeks ? 'weeks' : 'marks';
  const of = countings[asKnownOn === null ? now : 'marks as known'];
  return series === 'census' && time !== 'year' ? of.inPieces : of.usual;
}

export type RegisterSchool = {
  urn: number;
  laestab: number;
  la_code: string;
  region_code: string;
  /** 0 where it is in none. */
  trust: number;
};

/** Every school that a list of schools has, with its trust. */
export const registerSchools: Statement<RegisterSchool, { receipts: number[] }> = statement(
  'registerSchools',
  `WITH schools AS (${schools.text}), trusts AS (${trusts.text})
   SELECT schools.urn AS urn, laestab, la_code, region_code, trusts.trust AS trust
   FROM schools LEFT JOIN trusts ON schools.urn = trusts.urn ORDER BY urn`,
);
