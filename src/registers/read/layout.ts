import { sessionOf, splitSession, type SessionName } from './sessions.ts';
import { readDate, type DateRules, type DateText } from './dates.ts';
import type { Row } from './rows.ts';
import { holdsUpn } from '../../base/upn.ts';

/** A column that holds marks. What it does not say of day and session, the row says. */
export type MarkColumn = {
  at: number;
  /** Where it stands and what it is called, for people: `F (Mon 08/09/2025 AM)`. */
  label: string;
  date?: DateText;
  session?: SessionName;
};

type ColumnPlace = Pick<MarkColumn, 'at' | 'label'>;

/** Where the things of a table stand. */
export type Layout = {
  form: 'long-csv' | 'wide-csv';
  /** The rows before the first pupil, headings included. */
  rowsBefore: number;
  headingRow: number;
  /** How many cells the headings have. */
  width: number;
  urnAt: number;
  upnAt: number;
  dateAt: number;
  sessionAt: number;
  marks: MarkColumn[];
  /** What the columns that are used are called, by where they stand. */
  labels: ReadonlyMap<number, string>;
  /** Columns that have a day but no session, and those among the marks without any heading: they cannot be read. */
  withoutSession: ColumnPlace[];
  withoutHeading: ColumnPlace[];
  /** What two columns are headed as, where only one can be meant. */
  headedTwice: Field | undefined;
  /** Where a long table says when, why and by whom an entry was changed. */
  notes: ReadonlyMap<Note, number>;
};

/** What a register may say of an entry beside its five things. */
export type Note = 'enteredOn' | 'reason' | 'amendedBy' | 'position';

const notes = new Map<string, Note>([
  ['enteredon', 'enteredOn'],
  ['dateentered', 'enteredOn'],
  ['amendedon', 'enteredOn'],
  ['reason', 'reason'],
  ['amendmentreason', 'reason'],
  ['amendedby', 'amendedBy'],
  ['changedby', 'amendedBy'],
  ['position', 'position'],
]);

/** Which note a heading or a key names. */
export function noteNamed(heading: string): Note | undefined {
  return notes.get(heading.toLowerCase().replaceAll(/[^a-z]/g, ''));
}

type Field = 'urn' | 'upn' | 'date' | 'session' | 'code';

/** What management information systems call the five things, without spaces and signs. */
const names: Record<Field, readonly string[]> = {
  urn: [
    'urn',
    'schoolurn',
    'establishmenturn',
    'uniquereferencenumber',
    'schooluniquereferencenumber',
  ],
  upn: ['upn', 'uniquepupilnumber', 'pupilupn', 'studentupn', 'upnnumber', 'uniquepupilno'],
  date: [
    'date',
    'markdate',
    'attendancedate',
    'sessiondate',
    'registerdate',
    'dateofsession',
    'sessionstart',
    'dateandsession',
    'datesession',
  ],
  session: [
    'session',
    'ampm',
    'sessionname',
    'marksession',
    'sessiontype',
    'registersession',
    'amorpm',
    'sessionampm',
  ],
  code: [
    'code',
    'mark',
    'attendancecode',
    'attendancemark',
    'markcode',
    'sessionmark',
    'registermark',
    'registercode',
    'rollcallcode',
    'sessioncode',
  ],
};
const fieldOf = new Map(
  Object.entries(names).flatMap(([field, known]) =>
    known.map((name) => [name, field as Field] as const),
  ),
);

/** Which of the five a heading or a key names. */
export function fieldNamed(heading: string): Field | undefined {
  return fieldOf.get(heading.toLowerCase().replaceAll(/[^a-z]/g, ''));
}

/** Titles and blank lines may stand before the headings, so many at most. */
const headingsWithin = 20;

/** Finds the headings among a table’s first rows. */
export function findLayout(rows: readonly Row[], rules: DateRules): Layout | undefined {
  for (let at = 0; at < Math.min(rows.length, headingsWithin); at += 1) {
    const layout = layoutFrom(rows, at, rules);
    if (layout) return layout;
  }
  return undefined;
}

/** All that the columns of a wide table say beside its marks. */
const isOfPupil = new Set<Field>(['urn', 'upn']);

function layoutFrom(rows: readonly Row[], at: number, rules: DateRules): Layout | undefined {
  const headings = cellsOf(rows[at]);
  const fields = headings.map((heading) => fieldNamed(heading));
  const upnAt = fields.indexOf('upn');
  if (upnAt < 0) return undefined;
  const dateAt = fields.indexOf('date');
  const common = {
    headingRow: at + 1,
    urnAt: fields.indexOf('urn'),
    upnAt,
    dateAt,
    sessionAt: fields.indexOf('session'),
    labels: new Map(
      headings.flatMap((heading, column) =>
        fields[column] || (dateAt >= 0 && noteNamed(heading))
          ? [[column, labelOf(headings, column)]]
          : [],
      ),
    ),
    withoutSession: [],
    withoutHeading: [],
    headedTwice: fields.find(
      (field, column) =>
        field && (dateAt >= 0 || isOfPupil.has(field)) && fields.indexOf(field) !== column,
    ),
    notes: new Map(
      headings.flatMap((heading, column) => {
        const note = noteNamed(heading);
        return note && dateAt >= 0 ? [[note, column] as const] : [];
      }),
    ),
  };
  const codeAt = fields.indexOf('code');
  if (dateAt >= 0 && codeAt >= 0) {
    const marks = [{ at: codeAt, label: labelOf(headings, codeAt) }];
    return { ...common, form: 'long-csv', rowsBefore: at + 1, width: headings.length, marks };
  }
  if (dateAt >= 0) {
    const marks = headings.flatMap((heading, column) => {
      const session = sessionOf(heading.replace(/ ?(?:mark|code)$/i, ''));
      return session ? [{ at: column, label: labelOf(headings, column), session }] : [];
    });
    return marks.length > 0
      ? { ...common, form: 'long-csv', rowsBefore: at + 1, width: headings.length, marks }
      : undefined;
  }
  return wideLayout(rows, at, common, rules);
}

type Common = Omit<Layout, 'form' | 'rowsBefore' | 'width' | 'marks'>;

/** Days and sessions stand in the headings: in one row, or the days in one and the sessions in the row below. */
function wideLayout(
  rows: readonly Row[],
  at: number,
  common: Common,
  rules: DateRules,
): Layout | undefined {
  const headings = cellsOf(rows[at]);
  const one = columnsOf(headings, undefined, rules);
  const below = cellsOf(rows[at + 1]);
  const belowIsHeading = !holdsUpn(below[common.upnAt] ?? '') && below.some(isSession);
  const tried = [
    { ...one, rowsBefore: at + 1 },
    ...(belowIsHeading ? [{ ...columnsOf(headings, below, rules), rowsBefore: at + 2 }] : []),
    ...(at > 0
      ? [{ ...columnsOf(cellsOf(rows[at - 1]), headings, rules), rowsBefore: at + 1 }]
      : []),
  ];
  const best = tried.reduce((most, next) => (next.marks.length > most.marks.length ? next : most));
  if (best.marks.length === 0 && best.withoutSession.length === 0) return undefined;
  const width = Math.max(headings.length, best.rowsBefore > at + 1 ? below.length : 0);
  return { ...common, form: 'wide-csv', width, ...best };
}

/** No date and session need as many characters. */
const longestHeading = 60;

const isSession = (text: string) => sessionOf(text) !== undefined;

function columnsOf(
  days: readonly string[],
  sessions: readonly string[] | undefined,
  rules: DateRules,
): Pick<Layout, 'marks' | 'withoutSession' | 'withoutHeading'> {
  const marks: MarkColumn[] = [];
  const withoutSession: ColumnPlace[] = [];
  const withoutHeading: ColumnPlace[] = [];
  const width = Math.max(days.length, sessions?.length ?? 0);
  let day: { text: string; date: DateText } | undefined;
  for (let at = 0; at < width; at += 1) {
    const heading = days[at]?.trim() ?? '';
    const { rest, session: ownSession } = splitSession(heading.slice(0, longestHeading));
    const read = readDate(rest, rules);
    // Over two sessions a spreadsheet writes the day once, in the first of the cells that it joins.
    if (heading !== '') day = isDateLike(read) ? { text: heading, date: read } : undefined;
    const under = sessions?.[at] ?? '';
    const session = ownSession ?? sessionOf(under);
    const isAmongMarks = marks.length + withoutSession.length > 0;
    if (heading === '' && under.trim() === '' && isAmongMarks) {
      withoutHeading.push({ at, label: `${letters(at)} (no heading)` });
    }
    if (!day || (heading === '' && !session)) continue;
    const label = `${letters(at)} (${labelText(day.text, ownSession, session)})`;
    if (session) marks.push({ at, label, date: day.date, session });
    else if (day.date.reads !== 'no-year') withoutSession.push({ at, label });
  }
  return { marks, withoutSession, withoutHeading };
}

function labelText(
  day: string,
  own: SessionName | undefined,
  session: SessionName | undefined,
): string {
  return own || !session ? day : `${day} ${session}`;
}

/** A date, or what was meant for one: the column is then told of, not passed over. */
function isDateLike({ reads }: DateText): boolean {
  return reads !== 'no-date';
}

function cellsOf(row: Row | undefined): string[] {
  return Array.isArray(row) ? row : [];
}

function labelOf(headings: readonly string[], at: number): string {
  return `${letters(at)} (${headings[at]?.trim() ?? ''})`;
}

/** 0 → `A`, 26 → `AA`, as a spreadsheet names its columns. */
function letters(at: number): string {
  const before = Math.floor(at / 26);
  return `${before > 0 ? letters(before - 1) : ''}${String.fromCharCode(65 + (at % 26))}`;
}
