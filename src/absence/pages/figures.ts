import { weekdayOf } from '../../base/day.ts';
import { isOfTheCircle, type Viewer } from '../../access/index.ts';
import { Refusal } from '../../base/problem.ts';
import { percentOf } from '../../base/rate.ts';
import type { Stores } from '../../stores/index.ts';
import {
  barsChart,
  type Cell,
  type Chart,
  type Table,
  type TimePiece,
  timeChart,
  words,
} from '../../ui/index.ts';
import { type Answer, answerFor } from '../answer.ts';
import type { FigureRow } from '../figures.ts';
import type { Dimension, Question, TimeKind } from '../question.ts';
import {
  dimensionWords,
  groupOrder,
  groupWords,
  reasonsBetween,
  shortGroupWords,
  shortTime,
  timeName,
  timeWords,
} from './labels.ts';

/** Everything that a page of figures shows, small numbers hidden already. */
export type Figures = {
  main: FigureRow;
  /** Pieces of time; null outside the circle, who is given a year to date alone. */
  time: { kind: TimeKind; rows: readonly FigureRow[] } | null;
  days: readonly FigureRow[];
  groups: readonly FigureRow[];
  anyHidden: boolean;
};

/** Whether this viewer is given every figure and any period. */
export function seesPeriods(viewer: Viewer): boolean {
  return viewer.role === 'operator' || isOfTheCircle(viewer);
}

/** The figures of one area; undefined where no session is counted. */
export async function figuresFor(
  stores: Stores,
  viewer: Viewer,
  question: Question,
  isIts: (row: FigureRow) => boolean,
): Promise<Figures | undefined> {
  const ask = (changes: Partial<Question>) =>
    answerOrNothing(stores, viewer, { ...question, by: [], time: 'year', ...changes });
  const periods = seesPeriods(viewer);
  const kind: TimeKind = question.time === 'year' ? 'week' : question.time;
  const [main, groups, time, days] = await Promise.all([
    ask({}),
    ask({ by: question.by.length > 0 ? question.by : ['year_group'] }),
    periods ? ask({ time: kind }) : undefined,
    periods ? ask({ time: 'day' }) : undefined,
  ]);
  const row = main?.rows.find(isIts);
  if (!row) return undefined;
  return {
    main: row,
    groups: (groups?.rows ?? []).filter(isIts),
    time: time ? { kind, rows: time.rows.filter(isIts) } : null,
    days: (days?.rows ?? []).filter(isIts),
    anyHidden: [main, groups].some((each) => each?.rows.some((any) => isIts(any) && isHidden(any))),
  };
}

/**
 * Nothing, where no session of the area is counted: a page says so. The policy has let its viewer see the area before, so
 * that “not allowed” means here that all there is belongs to others.
 */
export async function answerOrNothing(
  stores: Stores,
  viewer: Viewer,
  question: Question,
): Promise<Answer | undefined> {
  try {
    return await answerFor(stores, viewer, question);
  } catch (error) {
    if (error instanceof Refusal && ['not-found', 'not-allowed'].includes(error.reason)) {
      return undefined;
    }
    throw error;
  }
}

const numberIn = (row: FigureRow | undefined, column: string): number | null => {
  const value = row?.[column];
  return typeof value === 'number' ? value : null;
};

const hiddenWord = 'hidden';
const isHidden = (row: FigureRow) => /fewer than 6/.test(String(row['blank_reason'] ?? ''));

/** A figure as a table shows it: hidden, where it was blanked for small numbers. */
function shown(row: FigureRow, column: string): Cell {
  const value = row[column];
  if (typeof value === 'number') return value;
  if (isHidden(row)) return hiddenWord;
  return /not defined/.test(String(row['blank_reason'] ?? '')) ? 'not defined' : null;
}

const whyHidden =
  'Not shown: it is of fewer than 6 pupils, or one of fewer than 6, of another school or group, could be worked out from it';

/** Big figures at the top of the page. */
export function cardsOf({ main }: Figures) {
  const percent = (column: string) => {
    const cell = shown(main, column);
    return typeof cell === 'number' ? words.percent(cell) : String(cell ?? words.notKnown);
  };
  const count = (column: string) => {
    const value = numberIn(main, column);
    return value === null ? null : words.number(value);
  };
  const pupils = count('enrolments');
  const ofPupils = (column: string, what: string) => {
    if (shown(main, column) === hiddenWord) return `${what}. ${whyHidden}`;
    const number = count(column);
    return number === null || pupils === null ? what : `${number} of ${pupils} pupils. ${what}`;
  };
  return [
    {
      label: 'Absence',
      value: percent('sess_overall_percent'),
      detail:
        shown(main, 'sess_overall_percent') === hiddenWord
          ? whyHidden
          : `Attendance ${percent('sess_attended_percent')}. Authorised ${percent('sess_authorised_percent')}, unauthorised ${percent('sess_unauthorised_percent')}`,
    },
    {
      label: 'Persistently absent',
      value: percent('enrolments_pa_10_exact_percent'),
      detail: `${ofPupils('enrolments_pa_10_exact', 'Missed 10% or more')}${earlyNote(main)}`,
    },
    {
      label: 'Severely absent',
      value: percent('enrolments_pa_50_exact_percent'),
      detail: ofPupils(
        'enrolments_pa_50_exact',
        'Missed half or more; they are among those persistently absent',
      ),
    },
  ];
}

/** So many sessions each are a term and a half: before, a few days make a tenth. */
const sessionsToSettle = 120;

function earlyNote(main: FigureRow): string {
  const [possible, pupils] = [numberIn(main, 'sess_possible'), numberIn(main, 'enrolments')];
  if (!possible || !pupils || possible / pupils >= sessionsToSettle) return '';
  const days = words.number(Math.ceil(possible / pupils / 20));
  return `. So early in the year ${days === '1' ? '1 day is' : `${days} days are`} enough: compare it with the same weeks of another year`;
}

/** Three sentences at most: how it goes, who misses most, and when or why. */
export function firstLook(figures: Figures, question: Question): string[] {
  return [trendOf(figures), whoOf(figures, question), whyOf(figures, question)].flatMap(
    (sentence) => sentence ?? [],
  );
}

/** The last four weeks against the four before, as pooled sums. */
function trendOf({ time }: Figures): string | undefined {
  if (time?.kind !== 'week' || time.rows.length < 8) return undefined;
  const rate = (rows: readonly FigureRow[]) =>
    percentOf(sumOf(rows, 'sess_overall'), sumOf(rows, 'sess_possible'));
  const last = rate(time.rows.slice(-4));
  const before = rate(time.rows.slice(-8, -4));
  if (last === undefined || before === undefined) return undefined;
  const than = words.difference(last, before);
  return than === 'the same'
    ? `In the last four weeks absence was ${words.percent(last)}, the same as in the four weeks before.`
    : `In the last four weeks absence was ${words.percent(last)}: ${than} than in the four weeks before.`;
}

const sumOf = (rows: readonly FigureRow[], column: string) =>
  rows.reduce((sum, row) => sum + (numberIn(row, column) ?? 0), 0);

const fewestInGroup = 20;

function whoOf({ main, groups }: Figures, question: Question): string | undefined {
  const persistent = numberIn(main, 'enrolments_pa_10_exact');
  const absent = numberIn(main, 'sess_overall');
  const theirs = numberIn(main, 'sess_overall_pa_10_exact');
  const share =
    persistent && absent && theirs !== null
      ? `${words.plural(persistent, 'persistently absent pupil')} ${persistent === 1 ? 'accounts' : 'account'} for ${words.percent((100 * theirs) / absent, 0)} of all absence.`
      : '';
  const large = groups.filter((row) => (numberIn(row, 'enrolments') ?? 0) >= fewestInGroup);
  const most = large.toSorted((a, b) => rateIn(b) - rateIn(a))[0];
  const group =
    most && large.length > 1
      ? `Of the larger groups, “${groupName(most, question)}” misses most: ${words.percent(rateIn(most))}.`
      : '';
  return [share, group].filter(Boolean).join(' ') || undefined;
}

const rateIn = (row: FigureRow) => numberIn(row, 'sess_overall_percent') ?? 0;

function whyOf({ main, days }: Figures, { from, to }: Question): string | undefined {
  const absent = numberIn(main, 'sess_overall');
  const reasons = reasonsBetween(from, to)
    .filter(({ kind }) => kind === 'authorised' || kind === 'unauthorised')
    .map((reason) => ({ ...reason, sessions: numberIn(main, reason.column) ?? 0 }))
    .toSorted((a, b) => b.sessions - a.sessions);
  const [first, second] = reasons;
  const share = (sessions: number) => words.percent((100 * sessions) / (absent ?? 1), 0);
  const why =
    absent && first && second
      ? `The most frequent reasons: ${first.reason} (${first.code}), ${share(first.sessions)} of absence, and ${second.reason} (${second.code}), ${share(second.sessions)}.`
      : '';
  const when = whenOf(days);
  return [why, when].filter(Boolean).join(' ') || undefined;
}

const weekdayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'];

/** The day of the week on which most is missed, where it is a point more than on the best. */
function whenOf(days: readonly FigureRow[]): string {
  const rates = weekdayNames.flatMap((name, at) => {
    const own = days.filter((row) => weekdayOf(String(row['time_identifier'])) === at + 1);
    const percent = percentOf(sumOf(own, 'sess_overall'), sumOf(own, 'sess_possible'));
    return percent === undefined ? [] : [{ name, percent }];
  });
  const ordered = rates.toSorted((a, b) => b.percent - a.percent);
  const [worst, best] = [ordered[0], ordered.at(-1)];
  return worst && best && worst.percent - best.percent >= 1
    ? `Most is missed on ${worst.name}s: ${words.percent(worst.percent)}, against ${words.percent(best.percent)} on ${best.name}s.`
    : '';
}

function groupName(row: FigureRow, { by }: Question): string {
  const dimensions: readonly Dimension[] = by.length > 0 ? by : ['year_group'];
  const values = String(row['breakdown'] ?? '').split(',');
  if (values.every((value) => value === '')) return 'All groups';
  const wordsOf = dimensions.length > 1 ? shortGroupWords : groupWords;
  return dimensions.map((dimension, at) => wordsOf(dimension, values[at] ?? '')).join(', ');
}

const rateColumns: Table['columns'] = [
  { name: 'sess_overall_percent', heading: 'Absence', kind: 'percent' },
  { name: 'sess_authorised_percent', heading: 'Authorised', kind: 'percent' },
  { name: 'sess_unauthorised_percent', heading: 'Unauthorised', kind: 'percent' },
];
const pupilColumns: Table['columns'] = [
  { name: 'enrolments', heading: 'Pupils', kind: 'count' },
  { name: 'enrolments_pa_10_exact', heading: 'Persistently absent', kind: 'count' },
  { name: 'enrolments_pa_10_exact_percent', heading: 'Persistently absent', kind: 'percent' },
  { name: 'enrolments_pa_50_exact', heading: 'Severely absent', kind: 'count' },
];
const sessionColumns: Table['columns'] = [
  { name: 'sess_possible', heading: 'Possible sessions', kind: 'count' },
  { name: 'sess_overall', heading: 'Absent sessions', kind: 'count' },
];

function rowsTable(
  caption: string,
  first: Table['columns'][number],
  columns: Table['columns'],
  rows: readonly { name: Cell; row: FigureRow }[],
): Table {
  return {
    caption,
    columns: [first, ...columns],
    rows: rows.map(({ name, row }) => [name, ...columns.map((column) => shown(row, column.name))]),
  };
}

export function groupsChart({ groups }: Figures, question: Question): Chart {
  const by: readonly Dimension[] = question.by.length > 0 ? question.by : ['year_group'];
  const title = `Absence by ${by.map((each) => dimensionWords[each]).join(' and ')}`;
  const ordered = groups.toSorted((a, b) => {
    const values = (row: FigureRow) => String(row['breakdown'] ?? '').split(',');
    const orders = by.map((each, at) => {
      const [one = '', other = ''] = [values(a)[at], values(b)[at]];
      const byName = groupWords(each, one).localeCompare(groupWords(each, other));
      return groupOrder(each, one) - groupOrder(each, other) || byName;
    });
    return orders.find((order) => order !== 0) ?? 0;
  });
  const named = ordered.map((row) => ({ name: groupName(row, question), row }));
  return barsChart({
    id: 'groups',
    title,
    subtitle: 'Absent sessions as a share of possible sessions, of pupils in each group.',
    bars: named.slice(0, mostBars).map(({ name, row }) => barOf(name, row, 'sess_overall_percent')),
    table: rowsTable(
      title,
      { name: 'group', heading: 'Pupils', kind: 'text' },
      [...pupilColumns, ...rateColumns, ...sessionColumns],
      named,
    ),
  });
}

const mostBars = 24;

function barOf(name: string, row: FigureRow, column: string) {
  const cell = shown(row, column);
  return typeof cell === 'number'
    ? { name, percent: cell }
    : { name, percent: null, instead: String(cell ?? words.notKnown) };
}

export function timesChart({ time }: Figures): Chart | null {
  if (time === null || time.rows.length === 0) return null;
  const { kind, rows } = time;
  const title = `Absence by ${timeWords[kind]}`;
  const defined = kind === 'term' || kind === 'half_term';
  return timeChart({
    id: 'times',
    title,
    subtitle: 'Absent sessions as a share of possible sessions.',
    pieces: rows.map(
      (row): TimePiece => ({
        name: timeName(String(row['time_identifier'])),
        shortName: shortTime(String(row['time_identifier'])),
        authorisedPercent: numberIn(row, 'sess_authorised_percent'),
        unauthorisedPercent: numberIn(row, 'sess_unauthorised_percent'),
      }),
    ),
    table: rowsTable(
      title,
      { name: 'time', heading: words.sentence(timeWords[kind]), kind: 'text' },
      [...rateColumns, ...(defined ? pupilColumns : []), ...sessionColumns],
      rows.map((row) => ({ name: timeName(String(row['time_identifier'])), row })),
    ),
  });
}

const kindWords = {
  attended: 'attendance',
  authorised: 'authorised absence',
  unauthorised: 'unauthorised absence',
  'not counted': 'not counted',
} as const;

/** Every reason for absence that there was as bars, and every code in the table. */
export function reasonsChart({ main }: Figures, { from, to }: Question): Chart {
  const possible = numberIn(main, 'sess_possible') ?? 0;
  const reasons = reasonsBetween(from, to).map((reason) => ({
    ...reason,
    cell: shown(main, reason.column),
    sessions: numberIn(main, reason.column) ?? 0,
  }));
  const absences = reasons
    .filter(({ kind, sessions }) => sessions > 0 && /authorised/.test(kind))
    .toSorted((a, b) => b.sessions - a.sessions);
  const title = 'Why sessions were missed';
  return barsChart({
    id: 'reasons',
    title,
    subtitle:
      'Sessions of each reason as a share of all possible sessions. The table has every code there is.',
    bars: absences.map(({ code, reason, sessions }) => ({
      name: `${code}  ${words.sentence(reason)}`,
      percent: percentOf(sessions, possible) ?? null,
    })),
    table: {
      caption: 'Sessions of every code',
      columns: [
        { name: 'code', heading: 'Code', kind: 'text' },
        { name: 'meaning', heading: 'Meaning', kind: 'text' },
        { name: 'counts_as', heading: 'Counts as', kind: 'text' },
        { name: 'sessions', heading: 'Sessions', kind: 'count' },
        { name: 'percent_of_possible', heading: 'Of possible', kind: 'percent' },
      ],
      rows: reasons.map(({ code, meaning, kind, cell, sessions }) => [
        ...[code, meaning, kindWords[kind], cell],
        kind === 'not counted'
          ? 'not counted'
          : typeof cell === 'number'
            ? (percentOf(sessions, possible) ?? null)
            : cell,
      ]),
    },
  });
}

/** What an area consists of, by name: where to help first, and no ranking. */
export function partsTable(
  parts: string,
  rows: readonly { name: { text: string; href: string }; row: FigureRow }[],
): Table {
  return rowsTable(
    `${words.sentence(parts)} by name`,
    { name: 'name', heading: 'Name', kind: 'text' },
    [...rateColumns.slice(0, 1), ...pupilColumns.slice(2, 3), ...pupilColumns.slice(0, 1)],
    rows.toSorted((a, b) => a.name.text.localeCompare(b.name.text)),
  );
}
