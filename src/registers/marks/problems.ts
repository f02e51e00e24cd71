import { codeOn, codesBetween } from '../../base/attendanceCodes.ts';
import type { Day } from '../../base/day.ts';
import { words } from '../../ui/index.ts';
import type { RefusedRow, Verdict } from './check.sql.ts';

/**
 * A problem as it is shown: what kind, where, and what to do. Nothing in it says whose mark it is. It is of one mark where it
 * does not say of how many: a column without a heading has many.
 */
export type MarkProblem = {
  kind: string;
  row?: number;
  column?: string;
  message: string;
  marks?: number;
};

/** What is wrong with a mark that is refused, and how to mend it. */
const whatToDo: Partial<Record<Verdict, string>> = {
  'another-school':
    'The mark is of another school than the one that sends it: leave it out, or correct the URN.',
  'upn-wrong':
    'This cannot be a UPN: it has not 13 characters, or its check letter does not fit. Correct it.',
  'school-not-known':
    'No school has this URN here: correct it, or have the school brought in first.',
  'entered-in-future':
    'The day on which it was entered is still to come: correct it, or leave it out.',
  'entered-long-before':
    'The day on which it was entered is more than a year before the day of the session: correct it, or leave it out.',
  'not-in-calendar':
    'It is a Saturday or a Sunday, and the school’s calendar does not have that day: correct the date, or send a calendar that has it.',
  'date-in-future': 'The day is still to come: correct it, or send the mark once the day is here.',
  'code-unknown': 'There is no such attendance code: write one that there is.',
  'code-of-other-session':
    'This code is of the other half of the day: / is for the morning and \\ for the afternoon. Correct the code or the session.',
  'pupil-not-on-roll':
    'No pupil with this UPN is on the school’s roll: correct the UPN, or send the roll first.',
  'outside-enrolment':
    'The pupil was not enrolled at the school on that day: correct the date, or the dates of entry and leaving on the roll.',
  'school-closed':
    'The school was closed then by its calendar, so nobody could attend: leave the mark out, or correct the calendar.',
  'two-codes':
    'The file has this session of this pupil more than once, with different codes: leave one in.',
};

/** What the columns of a file are called, by what they say. */
export type MarkColumns = Readonly<Record<string, string>>;

/** In which column that stands which is wrong, where it is not the mark itself. */
const wrongIn: Partial<Record<Verdict, string>> = {
  ...{ 'school-not-known': 'urn', 'another-school': 'urn' },
  ...{ 'upn-wrong': 'upn', 'pupil-not-on-roll': 'upn' },
  ...{ 'date-in-future': 'date', 'outside-enrolment': 'date', 'not-in-calendar': 'date' },
  'entered-in-future': 'enteredOn',
  'entered-long-before': 'enteredOn',
};

export function problemOfMark(
  { row, spot, verdict, code, date }: RefusedRow,
  columns: MarkColumns,
): MarkProblem {
  const message =
    verdict === 'code-not-of-that-day' ? codeOfAnotherDay(code, date) : (whatToDo[verdict] ?? '');
  return { kind: verdict, row, column: columns[wrongIn[verdict] ?? ''] ?? spot, message };
}

/** A code that there was on other days, and what stood for the same on this one, where anything did. */
export function codeOfAnotherDay(code: string, date: Day): string {
  const none = `There was no code ${code} on ${words.date(date)}`;
  const then = codesInPlaceOf(code, date);
  if (then.length === 0) return `${none}, nor another for the same: write the code that was right.`;
  const says = then.map((each) => `${each} (${codeOn(each, date)?.meaning})`);
  return says.length === 1
    ? `${none}: what it stands for was ${says[0]} then. Write that.`
    : `${none}: what it stands for was one of ${then.join(', ')} then. Write the one that is right.`;
}

/** Codes that changed their name and their reason at once: the same is meant by both. */
const renamed = [
  ['H', 'C'],
  ['F', 'H'],
  ['J', 'J1'],
  ['C1', 'C'],
  ['C2', 'C'],
] as const;

/** Those of that day by another name for the same, or else with the reason that the code has on its own days. */
function codesInPlaceOf(code: string, date: Day): string[] {
  const isOfDay = (each: string) => codeOn(each, date) !== undefined;
  const byName = renamed
    .filter((pair) => (pair as readonly string[]).includes(code))
    .map(([one, other]) => (one === code ? other : one))
    .filter(isOfDay);
  if (byName.length > 0) return byName;
  const ofDay = codesBetween(date, date);
  const reasons = codesBetween('0000-01-01', '9999-12-31')
    .filter((each) => each.code === code && each.reason !== 'AEA')
    .map(({ reason }) => reason);
  return ofDay.filter(({ reason }) => reasons.includes(reason)).map((each) => each.code);
}

/** What a kind of problem is called for people: few of them say it themselves. */
const kindNames: Readonly<Record<string, string>> = {
  'another-school': 'Of another school',
  'upn-wrong': 'UPN is wrong',
  'school-not-known': 'School is not known',
  'date-in-future': 'Day is still to come',
  'entered-in-future': 'Day of entry is still to come',
  'entered-long-before': 'Day of entry is long before the session',
  'not-in-calendar': 'Day is not in the calendar',
  'code-unknown': 'There is no such code',
  'code-not-of-that-day': 'There was no such code on that day',
  'code-of-other-session': 'Code of the other half of the day',
  'pupil-not-on-roll': 'Pupil is not on the roll',
  'outside-enrolment': 'Pupil was not enrolled on that day',
  'school-closed': 'School was closed',
  'two-codes': 'Two codes for one session',
  'upn-missing': 'UPN is missing',
  'urn-missing': 'URN is missing',
  'urn-not-read': 'URN cannot be read',
  'laestab-not-read': 'Number of the school cannot be read',
  'marks-of-another-school': 'Of another school, by the number in the file',
  'date-not-read': 'Date cannot be read',
  'date-without-year': 'Date has no year',
  'two-digit-year': 'Year has two digits',
  'weekday-differs': 'Weekday is not of that date',
  'date-not-in-order': 'No such date in the order of the file',
  'date-order-ambiguous': 'Order of day and month is open',
  'date-orders-mixed': 'Day and month in two orders',
  'session-missing': 'Session is missing',
  'session-missing-in-heading': 'Session is missing in the heading',
  'heading-missing': 'Heading is missing',
  'heading-not-read': 'Heading is no day and session',
  'session-not-read': 'Session cannot be read',
  'entered-on-not-read': 'Day of entry cannot be read',
  'mark-not-read': 'Mark cannot be read',
  'reason-not-known': 'Reason is no attendance code',
  'more-missed-than-possible': 'More sessions missed than possible',
  'pupil-twice': 'Pupil is in the return twice',
  'code-missing': 'Code is missing',
  'cell-too-long': 'Cell is too long',
  'too-few-cells': 'Row has too few cells',
  'too-many-cells': 'Row has too many cells',
  'misplaced-quote': 'Quotation mark in the wrong place',
  'quote-not-closed': 'Quotation mark is not closed',
  'json-not-read': 'JSON cannot be read',
  'told-twice': 'Told twice, each time something else',
  'list-not-read': 'List under a name that is not read',
};

export function kindInWords(kind: string): string {
  const plain = kind
    .replaceAll('-', ' ')
    .replaceAll(/\b(?:upn|urn|json|xml)\b/g, (each) => each.toUpperCase());
  return kindNames[kind] ?? words.sentence(plain);
}

/** What a person does about it who is told no place: as `problemOfMark` says it of any mark of the kind. */
export function whatToDoAbout(kind: string): string {
  return whatToDo[kind as Verdict] ?? '';
}

/** Problems as they are kept with an upload: what is the same of many stands once. Those of a whole column have no row. */
export type PlacesOfProblem = Omit<MarkProblem, 'row'> & { rows: number[] };

type Told = Omit<MarkProblem, 'marks'> & { cells?: number };

/** The first so many of each kind (`most`), to be kept. */
export function placesOf(problems: readonly Told[], most: number): PlacesOfProblem[] {
  const first = [...Map.groupBy(problems, ({ kind }) => kind).values()].flatMap((ofKind) =>
    ofKind.slice(0, most),
  );
  const alike = Map.groupBy(first, ({ kind, column, message, cells = 1, row }) =>
    JSON.stringify([kind, column, message, cells, row === undefined]),
  );
  return [...alike.values()].flatMap((each): PlacesOfProblem[] => {
    const [{ kind, column, message, cells = 1 } = each[0] as Told] = each;
    const rows = each.flatMap(({ row }) => row ?? []);
    return [
      {
        ...{ kind, message, rows },
        ...(column === undefined ? {} : { column }),
        ...(cells === 1 ? {} : { marks: cells }),
      },
    ];
  });
}

export function problemsOfPlaces(places: readonly PlacesOfProblem[]): MarkProblem[] {
  return places.flatMap(({ rows, ...same }): MarkProblem[] =>
    rows.length === 0 ? [same] : rows.map((row) => ({ ...same, row })),
  );
}

/** Problems of one kind: for how many marks, and the first of them, by row. */
export type ProblemsOfKind = { kind: string; marks: number; first: MarkProblem[] };

export function problemsByKind(
  counts: Readonly<Record<string, number>>,
  problems: readonly MarkProblem[],
  most = Number.POSITIVE_INFINITY,
): ProblemsOfKind[] {
  const byKind = Map.groupBy(problems, ({ kind }) => kind);
  const kinds = new Set([...Object.keys(counts), ...byKind.keys()]);
  return [...kinds]
    .map((kind) => {
      const inOrder = (byKind.get(kind) ?? []).toSorted((a, b) => (a.row ?? 0) - (b.row ?? 0));
      return { kind, marks: counts[kind] ?? 0, first: inOrder.slice(0, most) };
    })
    .sort((a, b) => b.marks - a.marks || (a.kind < b.kind ? -1 : 1));
}

/** For how many marks of a kind no place is among these. */
export function marksBeside({ marks }: ProblemsOfKind, shown: readonly MarkProblem[]): number {
  return Math.max(0, marks - shown.reduce((sum, each) => sum + (each.marks ?? 1), 0));
}
