import { codesBetween } from '../base/attendanceCodes.ts';
import type { Day } from '../base/day.ts';
import { percentOf, roundHalfUp } from '../base/rate.ts';
import {
  bandCount,
  type CountedRow,
  type Level,
  type Question,
  type TimeKind,
} from './question.ts';
import { countingYear, terms } from './windows.ts';

/** A row as files have it: a figure by the name of its column. Null = blank; `blank_reason` says why. */
export type FigureRow = Readonly<Record<string, string | number | null>>;

/** What of a row is not shown to whoever asks. */
export type HiddenOfRow = { everything: boolean; persistent: boolean; severe: boolean };

const keyColumns = [
  ...['time_period', 'time_identifier', 'geographic_level', 'urn', 'laestab', 'la_code'],
  ...['region_code', 'breakdown_topic', 'breakdown'],
];
const persistentColumns = ['enrolments_pa_10_exact', 'enrolments_pa_10_exact_percent'];
const severeColumns = ['enrolments_pa_50_exact', 'enrolments_pa_50_exact_percent'];
const mainColumns = [
  ...['enrolments', 'sess_possible', 'sess_overall', 'sess_authorised', 'sess_unauthorised'],
  ...['sess_overall_percent', 'sess_authorised_percent', 'sess_unauthorised_percent'],
  ...persistentColumns,
  ...severeColumns,
];
const moreColumns = [
  ...['sess_attended', 'sess_attended_percent', 'sess_present', 'sess_aea', 'sess_late'],
  ...['days_possible', 'days_overall'],
];
const bandColumns = Array.from(
  { length: bandCount },
  (_, at) => `enrolments_absent_${5 * at}_percent`,
);
/** Numbers of pupils and their sessions that are given only where nothing is hidden. */
const pupilColumns = [
  ...['enrolments_absent', 'sess_possible_pa_10_exact', 'sess_overall_pa_10_exact'],
  ...bandColumns,
];

/** Columns that come after the code columns. */
const lastColumns = [...moreColumns, ...pupilColumns, 'trust_uid', 'series', 'blank_reason'];

/** The columns of a file about a period: those of its codes depend on the codes there were. */
export function figureColumns({ from, to }: Pick<Question, 'from' | 'to'>): string[] {
  return [...keyColumns, ...mainColumns, ...codeColumns({ from, to }), ...lastColumns];
}

function codeColumns({ from, to }: Pick<Question, 'from' | 'to'>): string[] {
  return [...new Set(codesBetween(from, to).map(({ column }) => `sess_${column}`))];
}

const geographicLevels: Record<Level, string> = {
  school: 'School',
  trust: 'MAT',
  la: 'Local authority',
  region: 'Regional',
  national: 'National',
};

/**
 * What of a row is shown. `all` gives the numbers that need no hiding to be safe; `codes`, sessions of each code;
 * `sessions`, numbers of sessions at all, and exact rates.
 */
type Shown = { hidden: HiddenOfRow; all: boolean; codes: boolean; sessions: boolean };

/** A row of counts as a row of figures; what is hidden is blank. */
export function figureRow(
  row: CountedRow,
  question: Question,
  { hidden, all, codes, sessions }: Shown,
): FigureRow {
  const isShort = shortTimes.includes(question.time);
  const figures = figuresOf(row, question);
  const blank = [
    ...(isShort || hidden.persistent ? persistentColumns : []),
    ...(isShort || hidden.severe ? severeColumns : []),
    ...(isShort || !all ? pupilColumns : []),
    ...(codes ? [] : [...codeColumns(question), ...ofCodesColumns]),
    ...(sessions ? [] : Object.keys(figures).filter((name) => isOfSessions.test(name))),
    ...(hidden.everything ? Object.keys(figures) : []),
  ];
  return {
    ...keysOf(row, question),
    ...figures,
    ...(sessions ? {} : roundedRates(row.possible, figures)),
    [rateStep]: sessions ? 0 : (stepOf(row.possible) ?? null),
    ...Object.fromEntries(blank.map((column) => [column, null])),
    trust_uid: row.trust || null,
    series: question.series,
    blank_reason: blankReason({ hidden, isShort, codes, sessions }),
  };
}

const isOfSessions = /^(sess|days)_(?!.*_percent$)/;
const sessionsReason =
  'numbers of sessions: not given of fewer than 60 pupils, of groups of pupils in a school, a trust or an area with few schools, nor where such would be told';

/** In a row and in no file: what its rates are rounded to, percentage points; 0 where they are exact. */
export const rateStep = 'rate_step';

/** One step of a rounded rate is this many sessions at least; to no more than one decimal. */
const fewestInStep = 6;

/** What rates are rounded to where numbers of sessions are not given; undefined where they are not given either. */
function stepOf(possible: number): 0.1 | 1 | undefined {
  return ([0.1, 1] as const).find((step) => (possible * step) / 100 >= fewestInStep);
}

function roundedRates(possible: number, figures: FigureRow): FigureRow {
  const step = stepOf(possible);
  const rates = Object.entries(figures).filter(([name]) => /^sess_.*_percent$/.test(name));
  return Object.fromEntries(
    rates.map(([name, rate]) => [
      name,
      step === undefined || typeof rate !== 'number' ? null : roundHalfUp(rate, step === 1 ? 0 : 1),
    ]),
  );
}

/** What is added up of a few codes. */
const ofCodesColumns = ['sess_present', 'sess_aea', 'sess_late'];
const codesReason =
  'sessions by code: not given of groups of pupils in a school or a trust, nor where a group has few pupils';

/** For so short a time nobody is persistently absent: it is not defined for a day or a week. */
const shortTimes: readonly TimeKind[] = ['day', 'weekday', 'week'];

type Blank = Omit<Shown, 'all'> & { isShort: boolean };

function blankReason({ hidden, isShort, codes, sessions }: Blank): string | null {
  if (hidden.everything) return 'fewer than 6 pupils, or needed to hide fewer than 6';
  const reasons = [
    ...(isShort ? ['persistent absence is not defined for less than half a term'] : []),
    ...(!isShort && (hidden.persistent || hidden.severe)
      ? ['persistent or severe absentees: fewer than 6, or needed to hide fewer than 6']
      : []),
    ...(codes ? [] : [codesReason]),
    ...(sessions ? [] : [sessionsReason]),
  ];
  return reasons.length > 0 ? reasons.join('; ') : null;
}

function keysOf(row: CountedRow, question: Question): FigureRow {
  const { level, by, year } = question;
  const values = [row.first, row.second].slice(0, Math.max(1, by.length));
  return {
    time_period: year,
    time_identifier: timeIdentifier(row.time, question),
    geographic_level: geographicLevels[level],
    urn: row.urn || null,
    laestab: row.laestab || null,
    la_code: row.la_code || null,
    region_code: row.region_code || null,
    breakdown_topic: by.join() || 'total',
    breakdown: values.join(),
  };
}

function figuresOf(row: CountedRow, question: Question): Record<string, number | null> {
  const { enrolments, possible, authorised, unauthorised, persistent, severe } = row;
  const overall = authorised + unauthorised;
  const percent = (part: number, whole = possible) => percentOf(part, whole) ?? null;
  const code = (...columns: string[]) =>
    columns.reduce((sum, column) => sum + (row.codes[column] ?? 0), 0);
  const codeColumnsHere = codeColumns(question);
  const present = code('slash', 'backslash', 'L');
  return {
    ...{ enrolments, sess_possible: possible, sess_overall: overall },
    ...{ sess_authorised: authorised, sess_unauthorised: unauthorised },
    sess_overall_percent: percent(overall),
    sess_authorised_percent: percent(authorised),
    sess_unauthorised_percent: percent(unauthorised),
    enrolments_pa_10_exact: persistent,
    enrolments_pa_10_exact_percent: percent(persistent, enrolments),
    enrolments_pa_50_exact: severe,
    enrolments_pa_50_exact_percent: percent(severe, enrolments),
    ...Object.fromEntries(codeColumnsHere.map((column) => [column, code(column.slice(5))])),
    sess_attended: possible - overall,
    sess_attended_percent: percent(possible - overall),
    sess_present: present,
    sess_aea: possible - overall - present,
    sess_late: code('L', 'U'),
    days_possible: possible / 2,
    days_overall: overall / 2,
    enrolments_absent: row.absentees,
    sess_possible_pa_10_exact: row.persistentPossible,
    sess_overall_pa_10_exact: row.persistentAbsent,
    ...Object.fromEntries(bandColumns.map((column, at) => [column, row.bands[at] ?? 0])),
  };
}

const termNames = ['Autumn term', 'Spring term', 'Summer term'];
const halfTermNames = ['Autumn 1', 'Autumn 2', 'Spring 1', 'Spring 2', 'Summer 1', 'Summer 2'];
const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** What a row is about in time; a year, and a year to date, is the academic year, as the feed has it. */
function timeIdentifier(time: string, { time: kind, year, from, to }: Question): string {
  switch (kind) {
    case 'day':
      return time;
    case 'week':
      return `Week of ${time}`;
    case 'weekday':
      return weekdays[Number(time) - 1] ?? time;
    case 'half_term':
      return halfTermNames[Number(time) - 1] ?? time;
    case 'term':
      return termNames[Number(time) - 1] ?? time;
    case 'year':
      return periodName(year, from, to);
  }
}

function periodName(year: number, from: Day, to: Day): string {
  if (from <= `${countingYear(year).from.slice(0, 4)}-09-01`) {
    const term = terms(year)[0];
    return to === term?.to ? 'Autumn term' : 'Academic year';
  }
  const at = terms(year).findIndex((each) => each.from === from && each.to === to);
  return termNames[at] ?? `${from} to ${to}`;
}
