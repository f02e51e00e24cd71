import { attendanceCodes, isPossible } from '../base/attendanceCodes.ts';
import { type Statement, statement } from '../warehouse/index.ts';
import { bandCount, type CountedRow, dimensions, type Dimension } from './question.ts';

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
  /** Marks entered before this moment, UTC. */
  knownBefore: string;
  urns: number[];
};

export type Step = { name: string; about: string; text: string };

const receipts = 'receipt IN {receipts:Array(UInt32)}';
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

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\')}'`;
const firstOfAll = '1970-01-01';
const lastOfAll = '2149-06-06';

const codeRows = attendanceCodes.map((each) => {
  const kind = isPossible(each) ? each.category : 'not possible';
  const session = each.session === null ? 2 : each.session === 'AM' ? 0 : 1;
  const texts = [each.code, each.column, kind].map(quoted).join(', ');
  return `(${texts}, ${session}, toDate('${each.from ?? firstOfAll}'), toDate('${each.to ?? lastOfAll}'))`;
});

/** When it was entered, then the receipt, then the amendment’s number, as one number: a tuple would take ten times as long. */
const newest = `bitShiftLeft(toUInt128(toUInt32(entered_at)), 96)
            + bitShiftLeft(toUInt128(receipt), 64) + toUInt128(entry)`;

const standing: Step = {
  name: 'standing',
  about: 'The mark that stands for each session: the newest of those entered by the day asked for.',
  text: `SELECT urn, pupil, date, session, argMax(marks.code, ${newest}) AS code
   FROM marks
   WHERE ${receipts} AND date BETWEEN {from:Date} AND {to:Date} AND ${wanted}
     AND entered_at < {knownBefore:DateTime('UTC')}
   GROUP BY urn, pupil, date, session`,
};

const enrolled: Step = {
  name: 'enrolled',
  about:
    'Each with the enrolment it falls into: the last that began by that day, if the pupil had not left. The others count nowhere.',
  text: `SELECT standing.urn AS urn, standing.pupil AS pupil, standing.date AS date,
          standing.session AS session, standing.code AS code, entry_date, age, first, second,
          arrayCount(start -> start <= standing.date, {halfTerms:Array(Date)}) AS half_term
   FROM standing
   ASOF INNER JOIN (
     SELECT urn, pupil, entry_date, leaving_date, ${age} AS age,
            toLowCardinality(${valueAsked(1)}) AS first,
            toLowCardinality(${valueAsked(2)}) AS second
     FROM enrolments WHERE ${receipts} AND ${wanted}) AS enrolment
     ON standing.urn = enrolment.urn AND standing.pupil = enrolment.pupil
     AND standing.date >= enrolment.entry_date
   WHERE standing.date <= leaving_date`,
};

const tooSmall: Step = {
  name: 'too_small',
  about: 'Census: schools with fewer than six enrolments aged 5 to 15 in the period.',
  text: `SELECT urn FROM enrolments
   WHERE ${receipts} AND ${wanted} AND ${age} BETWEEN 5 AND 15
     AND entry_date <= {to:Date} AND leaving_date >= {from:Date} AND entry_date < ${summerSecondHalf}
   GROUP BY urn HAVING count() < 6`,
};

const inSeries: Step = {
  name: 'in_series',
  about:
    'Pupils aged 5 to 15 on 31 August before the year. Census: without the second half of summer of those aged 15, without enrolments that began in it, without schools that are too small.',
  text: `SELECT * FROM enrolled
   WHERE age BETWEEN 5 AND 15
     AND (NOT (${isCensus})
          OR (NOT (age = 15 AND half_term = 6) AND entry_date < ${summerSecondHalf} AND urn NOT IN too_small))`,
};

const codes: Step = {
  name: 'codes',
  about:
    'What each code means, from which day to which, in the morning (0), the afternoon (1) or both (2).',
  text: `SELECT entry.1 AS register_code, entry.2 AS name, entry.3 AS kind, entry.4 AS of_session,
          entry.5 AS valid_from, entry.6 AS valid_to
   FROM (SELECT arrayJoin([${codeRows.join(',\n     ')}]) AS entry)`,
};

const closed: Step = {
  name: 'closed',
  about: 'Sessions in which a school is closed, as the newest calendar has it.',
  text: `SELECT urn, date, session FROM register_days
   WHERE ${receipts} AND ${wanted} AND date BETWEEN {from:Date} AND {to:Date}
   GROUP BY urn, date, session HAVING NOT argMax(register_days.open, receipt)`,
};

/** The days on which any code began or ended: between two of them every code means one thing. */
const changes = [
  ...new Set(
    attendanceCodes.flatMap(({ from, to }) => [from ?? [], to ? dayAfter(to) : []].flat()),
  ),
].toSorted();

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** A code is no longer than four bytes: as a number it is grouped several times as fast. */
const tallied: Step = {
  name: 'tallied',
  about:
    'How often each enrolment has each code in each piece of time, apart for open and closed sessions, mornings and afternoons, and for times in which a code meant different things.',
  text: `SELECT urn, pupil, entry_date,
          toUInt32(multiIf({time:String} = 'day', toUInt32(date), {time:String} = 'weekday', toDayOfWeek(date),
                           {time:String} = 'week', toUInt32(toMonday(date)), {time:String} = 'half_term', half_term,
                           {time:String} = 'term', intDiv(half_term + 1, 2), 0)) AS piece,
          reinterpretAsUInt32(in_series.code) AS code_number, session, (urn, date, session) IN closed AS is_closed,
          toUInt8(arrayCount(change -> change <= date, [${changes.map((day) => `toDate('${day}')`).join(', ')}])) AS era,
          any(in_series.code) AS one_code, any(date) AS one_date, count() AS sessions, any(in_series.first) AS first,
          any(in_series.second) AS second
   FROM in_series
   GROUP BY urn, pupil, entry_date, piece, code_number, session, is_closed, era`,
};

const counted: Step = {
  name: 'counted',
  about:
    'With what the code meant then. A code that was none counts nowhere; nor does a closed session, but under codes that make none possible.',
  text: `SELECT tallied.*, codes.name AS name, codes.kind AS kind
   FROM tallied INNER JOIN codes ON tallied.one_code = codes.register_code
   WHERE one_date BETWEEN valid_from AND valid_to AND of_session IN (session, 2)
     AND (kind = 'not possible' OR NOT is_closed)`,
};

const perEnrolment: Step = {
  name: 'per_enrolment',
  about:
    'The sessions of each enrolment in each piece of time. Census: without those that have no possible one.',
  text: `SELECT urn, pupil, entry_date,
          multiIf({time:String} IN ('day', 'week'), toString(toDate(piece)), piece = 0, '', toString(piece)) AS time,
          any(counted.first) AS first, any(counted.second) AS second,
          sumIf(sessions, kind != 'not possible') AS possible,
          sumIf(sessions, kind = 'authorised') AS authorised,
          sumIf(sessions, kind = 'unauthorised') AS unauthorised, authorised + unauthorised AS absent,
          sumMap(map(name, sessions)) AS codes
   FROM counted
   GROUP BY urn, pupil, entry_date, piece
   HAVING possible > 0 OR NOT (${isCensus})`,
};

const schools: Step = {
  name: 'schools',
  about: 'Each school’s authority and region, as the newest list of schools has them.',
  text: `SELECT urn, argMax(register_schools.laestab, receipt) AS laestab,
          argMax(register_schools.la_code, receipt) AS la_code,
          argMax(register_schools.region_code, receipt) AS region_code
   FROM register_schools WHERE ${receipts} GROUP BY urn`,
};

const trusts: Step = {
  name: 'trusts',
  about: 'Each school’s trust, as published.',
  text: `SELECT urn, argMax(trust_uid, (receipt, trust_uid)) AS trust
   FROM published_trust_member WHERE ${receipts} GROUP BY urn`,
};

const bands = Array.from({ length: bandCount }, (_, at) => `countIf(band = ${at})`).join(', ');

const figures: Step = {
  name: 'figures',
  about:
    'Pooled sums for each area. Persistent: ten times the absent sessions are the possible ones or more; severe: twice.',
  text: `SELECT time, if({level:String} = 'school', per_enrolment.urn, 0) AS area_urn,
          if({level:String} = 'school', schools.laestab, 0) AS area_laestab,
          if({level:String} = 'trust', trusts.trust, 0) AS area_trust,
          if({level:String} IN ('school', 'la'), schools.la_code, '') AS area_la,
          if({level:String} IN ('school', 'la', 'region'), schools.region_code, '') AS area_region,
          first, second, countIf(possible > 0) AS enrolments, sum(per_enrolment.possible) AS sum_possible,
          sum(per_enrolment.authorised) AS sum_authorised, sum(per_enrolment.unauthorised) AS sum_unauthorised,
          countIf(is_persistent) AS persistent,
          countIf(possible > 0 AND 2 * absent >= possible) AS severe, countIf(absent > 0) AS absentees,
          sumIf(per_enrolment.possible, is_persistent) AS persistent_possible,
          sumIf(per_enrolment.absent, is_persistent) AS persistent_absent,
          [${bands}] AS bands, sumMap(per_enrolment.codes) AS sum_codes
   FROM (SELECT *, possible > 0 AND 10 * absent >= possible AS is_persistent,
                if(possible > 0, least(intDiv(20 * absent, possible), 10), -1) AS band
         FROM per_enrolment) AS per_enrolment
   LEFT JOIN schools ON per_enrolment.urn = schools.urn
   LEFT JOIN trusts ON per_enrolment.urn = trusts.urn
   GROUP BY time, area_urn, area_laestab, area_trust, area_la, area_region, first, second
   HAVING ({level:String} != 'trust' OR area_trust > 0)
     AND ({level:String} != 'la' OR area_la != '') AND ({level:String} != 'region' OR area_region != '')`,
};

/** The calculation in the order in which one step rests on another. */
export const steps: readonly Step[] = [
  ...[standing, enrolled, tooSmall, inSeries, closed, tallied, codes, counted, perEnrolment],
  ...[schools, trusts, figures],
];

const named = steps.map(({ name, text }) => `${name} AS (\n   ${text})`);

/** Every figure of every area and group; the steps are named, and `absence --explain` prints each. */
export const countedFigures: Statement<CountedRow, Parameters> = statement(
  'countedFigures',
  `WITH ${named.join(',\n ')}
   SELECT time, area_urn AS urn, area_laestab AS laestab, area_trust AS trust, area_la AS la_code,
          area_region AS region_code, first, second, enrolments, sum_possible AS possible,
          sum_authorised AS authorised, sum_unauthorised AS unauthorised, persistent, severe, absentees,
          persistent_possible AS persistentPossible, persistent_absent AS persistentAbsent, bands,
          sum_codes AS codes
   FROM figures
   ORDER BY time, urn, la_code, region_code, trust, first, second`,
);

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
