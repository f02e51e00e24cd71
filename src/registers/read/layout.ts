import { sessionOf, splitSession, type SessionName } from './sessions.ts';
import { canBeCode, isBlank } from './markCells.ts';
import { looksLikeDay, readDate, type DateRules, type DateText } from './dates.ts';
import { type Fault, headingMissing, headingNotRead } from './problems.ts';
import type { Row } from './rows.ts';
import type { SchoolPlace } from './school.ts';
import { holdsUpn, withoutUpns } from '../../base/upn.ts';

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
  /** Where it may say whose marks they are, beside a URN. */
  schoolAt: readonly { at: number; place: SchoolPlace }[];
  upnAt: number;
  dateAt: number;
  sessionAt: number;
  marks: MarkColumn[];
  /** What the columns that are used are called, by where they stand. */
  labels: ReadonlyMap<number, string>;
  /** Columns that have a day but no session: they cannot be read. */
  withoutSession: ColumnPlace[];
  /** Columns of which a code tells that they were meant for marks, and why they cannot be read then. */
  doubtful: (ColumnPlace & { fault: Fault })[];
  /** What two columns are headed as, where only one can be meant. */
  headedTwice: string | undefined;
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

/** What the numbers of a school are called, and its name; the department’s own files have `LA` and `ESTAB`. */
const schoolNames: Record<SchoolPlace, readonly string[]> = {
  laestab: [
    ...['laestab', 'leaestab', 'schoollaestab', 'laestabnumber', 'laestabno', 'laestabcode'],
    ...['dfenumber', 'dfeno', 'schooldfenumber', 'dfeestab'],
  ],
  authority: [
    ...['la', 'lacode', 'lanumber', 'lano', 'lea', 'leacode', 'leanumber', 'leano'],
    ...['localauthority', 'localauthoritycode', 'localauthoritynumber'],
  ],
  establishment: [
    ...['estab', 'estabnumber', 'estabno', 'estabcode', 'schoolestab'],
    ...['establishmentnumber', 'establishmentno', 'establishmentcode'],
  ],
  school: ['school', 'establishment', 'dfe', 'schoolnumber', 'schoolno', 'schoolcode', 'dfecode'],
};
const schoolPlaceOf = new Map(
  Object.entries(schoolNames).flatMap(([place, known]) =>
    known.map((name) => [name, place as SchoolPlace] as const),
  ),
);

/** Where a heading or a key says that a school is named, by its numbers or its name. */
export function schoolPlaceNamed(heading: string): SchoolPlace | undefined {
  return schoolPlaceOf.get(heading.toLowerCase().replaceAll(/[^a-z]/g, ''));
}

/** What an entry’s notes are called where a person is told of them. */
const notesInWords: Readonly<Record<Note, string>> = {
  ...{ enteredOn: 'entered_on', reason: 'reason', amendedBy: 'amended_by', position: 'position' },
};

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

/** A part of a table: the row that its headings stand in, and how they are read; undefined where no day could be. */
export type Section = { headingRow: number; layout: Layout | undefined };

/**
 * The part that begins with a row further down; undefined where the row is none of headings. One is that names the UPN in
 * its place, or lays out as headings do; or that has days where the marks of pupils stand. A row with a UPN is a pupil’s.
 */
export function sectionAt(
  {
    before,
    row,
    after,
    number,
  }: { before: Row | undefined; row: Row; after: Row | undefined; number: number },
  current: Section,
  rules: DateRules,
): Section | 'headed-below' | undefined {
  const cells = cellsOf(row);
  const upnAt = current.layout?.upnAt ?? -1;
  if (holdsUpn(cells[upnAt] ?? '') || cells.some((cell) => holdsUpn(cell))) return undefined;
  const found = (rows: readonly Row[], at: number): Section => {
    const layout = layoutFrom(rows, at, rules);
    const moved = number - at - 1;
    return {
      headingRow: number,
      layout: layout && {
        ...layout,
        headingRow: layout.headingRow + moved,
        rowsBefore: layout.rowsBefore + moved,
      },
    };
  };
  const namesUpn = (each: Row | undefined) =>
    cellsOf(each).some((cell) => fieldNamed(cell) === 'upn');
  if (namesUpn(row)) {
    const above = cellsOf(before).some((cell) => holdsUpn(cell)) ? [] : (before ?? []);
    const section = found([above, row, after ?? []], 1);
    const isInPlace = upnAt < 0 || fieldNamed(cells[upnAt] ?? '') === 'upn';
    return section.layout || isInPlace ? section : undefined;
  }
  const underDays = (current.layout?.marks ?? []).flatMap(({ at, date }) =>
    date ? [cells[at]?.trim() ?? ''] : [],
  );
  const isRead = underDays.some((cell) => namesDay(cell, rules));
  if (!isRead && !saysWhen(underDays, rules)) return undefined;
  if (namesUpn(after)) return 'headed-below';
  if (!isRead) return { headingRow: number, layout: undefined };
  const section = found([withUpnAt(cells, upnAt), after ?? []], 0);
  const read = section.layout;
  if (!read || read.marks.length === 0) return { headingRow: number, layout: undefined };
  const covered = new Set(
    [...read.marks, ...read.withoutSession, ...read.doubtful].map(({ at }) => at),
  );
  const left = (current.layout?.marks ?? [])
    .filter(({ at }) => !covered.has(at))
    .map(({ at }) => noHeading(at));
  const width = Math.max(read.width, ...left.map(({ at }) => at + 1));
  return { ...section, layout: { ...read, width, doubtful: [...read.doubtful, ...left] } };
}

function withUpnAt(cells: readonly string[], upnAt: number): string[] {
  const length = Math.max(cells.length, upnAt + 1);
  return Array.from({ length }, (_, at) => (at === upnAt ? 'UPN' : (cells[at] ?? '')));
}

/** Whether what stands where marks do is no mark, and some of it a day or a session: headings, though of no day that is read. */
function saysWhen(cells: readonly string[], rules: DateRules): boolean {
  const filled = cells.filter((cell) => !isBlank(cell));
  const isNumber = (cell: string) =>
    /^\d+(?:[.,]\d+)?(?: ?%)?$|%|\d:\d|\(\d|^\d+ ?\/ ?(?:1[3-9]|[2-9]\d|\d{3,})$| of \d/.test(cell);
  const isDayOrSession = (cell: string) => {
    const { rest, session, date } = headingOf(cell, rules);
    if (/^\d{1,2}(?:st|nd|rd|th)$/i.test(cell)) return true;
    return session !== undefined || date.reads !== 'no-date' || looksLikeDay(rest, 'AM');
  };
  const when = filled.filter((cell) => cell.length > 1 && !isNumber(cell) && isDayOrSession(cell));
  return (
    when.length > 0 &&
    filled.every((cell) => when.includes(cell) || !(canBeCode(cell) || isNumber(cell)))
  );
}

function namesDay(cell: string, rules: DateRules): boolean {
  if (cell.length < 2) return false;
  const heading = headingOf(cell, rules);
  return (
    hasDay(heading) ||
    (heading.rest !== '' && (heading.session !== undefined || looksLikeDay(heading.rest)))
  );
}

/** All that the columns of a wide table say beside its marks. */
const isOfPupil = new Set<Field>(['urn', 'upn']);

function saysWhose(heading: string): boolean {
  const field = fieldNamed(heading);
  return (field !== undefined && isOfPupil.has(field)) || schoolPlaceNamed(heading) !== undefined;
}

function layoutFrom(rows: readonly Row[], at: number, rules: DateRules): Layout | undefined {
  const headings = cellsOf(rows[at]);
  const fields = headings.map((heading) => fieldNamed(heading));
  const upnAt = fields.indexOf('upn');
  if (upnAt < 0) return undefined;
  const dateAt = fields.indexOf('date');
  // A wide table is asked of its pupils alone: what else its headings name are other things.
  const named = headings.map((heading, column): string | undefined => {
    const field = fields[column];
    if (field && (dateAt >= 0 || isOfPupil.has(field))) return field;
    if (schoolPlaceNamed(heading) === 'laestab') return 'LAESTAB';
    const note = dateAt >= 0 ? noteNamed(heading) : undefined;
    return note && notesInWords[note];
  });
  const common = {
    headingRow: at + 1,
    urnAt: fields.indexOf('urn'),
    schoolAt: headings.flatMap((heading, column) => {
      const place = schoolPlaceNamed(heading);
      return place ? [{ at: column, place }] : [];
    }),
    upnAt,
    dateAt,
    sessionAt: fields.indexOf('session'),
    labels: new Map(
      headings.flatMap((_, column) =>
        fields[column] || named[column] !== undefined || schoolPlaceNamed(headings[column] ?? '')
          ? [[column, labelOf(headings, column)]]
          : [],
      ),
    ),
    withoutSession: [],
    doubtful: [],
    headedTwice: named.find((name, column) => name !== undefined && named.indexOf(name) !== column),
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
    return longLayout(headings, { ...common, marks });
  }
  if (dateAt >= 0) {
    const marks = headings.flatMap((heading, column) => {
      const session = sessionOf(heading.replace(/ ?(?:mark|code)$/i, ''));
      return session ? [{ at: column, label: labelOf(headings, column), session }] : [];
    });
    return marks.length > 0 ? longLayout(headings, { ...common, marks }) : undefined;
  }
  return wideLayout(rows, at, common, rules);
}

type Common = Omit<Layout, 'form' | 'rowsBefore' | 'width' | 'marks'>;

function longLayout(headings: readonly string[], common: Common & Pick<Layout, 'marks'>): Layout {
  const first = Math.min(...common.marks.map(({ at }) => at));
  const isAmongSessions = common.marks.some(({ session }) => session !== undefined);
  const doubtful = headings.flatMap((heading, at) => {
    if (heading.trim() === '' && at > first) return [noHeading(at)];
    const isOther = isAmongSessions && !common.marks.some((mark) => mark.at === at);
    if (!isOther || headingOf(heading.trim(), {}).session === undefined) return [];
    return [{ at, label: labelled(at, heading.trim()), fault: headingNotRead }];
  });
  const rowsBefore = common.headingRow;
  return { ...common, form: 'long-csv', rowsBefore, width: headings.length, doubtful };
}

const noHeading = (at: number) => ({
  at,
  label: `${letters(at)} (no heading)`,
  fault: headingMissing,
});

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
  const best = tried.reduce((most, next) => (tellsMore(next, most) ? next : most));
  if (![...best.marks, ...best.withoutSession].some(({ label }) => /\d/.test(label))) {
    return undefined;
  }
  const width = Math.max(headings.length, best.rowsBefore > at + 1 ? below.length : 0);
  return { ...common, form: 'wide-csv', width, ...best };
}

type Columns = Pick<Layout, 'marks' | 'withoutSession' | 'doubtful'>;

/** Of two ways to read the headings the one that finds more days, or else more of what was meant for them. */
function tellsMore(one: Columns, other: Columns): boolean {
  const days = ({ marks }: Columns) => marks.filter(({ date }) => date?.reads !== 'no-date').length;
  if (days(one) !== days(other)) return days(one) > days(other);
  return one.marks.length > other.marks.length;
}

/** No date and session need as many characters. */
const longestHeading = 60;

const isSession = (text: string) => sessionOf(text) !== undefined;

/**
 * Each column under a day and a session is one of marks, also where no calendar has that day: it was meant for one, and is
 * told of. Any other column that could have been meant so is doubtful: one that stands among the marks, or whose heading
 * looks like a day.
 */
function columnsOf(
  days: readonly string[],
  sessions: readonly string[] | undefined,
  rules: DateRules,
): Columns {
  const marks: MarkColumn[] = [];
  const withoutSession: ColumnPlace[] = [];
  const others: { at: number; heading: string; under: string; isLikeDay: boolean }[] = [];
  const width = Math.max(days.length, sessions?.length ?? 0);
  let day: Heading | undefined;
  let joined = '';
  for (let at = 0; at < width; at += 1) {
    const heading = days[at]?.trim() ?? '';
    const under = sessions?.[at]?.trim() ?? '';
    // Over two sessions a spreadsheet writes the day once, in the first of the cells that it joins.
    if (heading !== '') day = headingOf(heading, rules);
    const own = heading === '' ? undefined : day?.session;
    const session = own ?? sessionOf(under);
    if (day && session && looksMeant(day, session)) {
      marks.push({
        at,
        label: labelled(at, labelText(day.text, own, session)),
        date: day.date,
        session,
      });
    } else if (heading !== '' && day && hasDay(day)) {
      withoutSession.push({ at, label: labelled(at, day.text) });
    } else if (!saysWhose(heading)) {
      const isLikeDay =
        session !== undefined ||
        (heading !== '' &&
          day !== undefined &&
          (day.date.reads !== 'no-date' || looksLikeDay(day.rest)));
      others.push({ at, heading: heading || joined, under, isLikeDay });
      // `Day 2` over AM and PM is a heading of both.
      joined = session === undefined || own !== undefined ? '' : heading || joined;
      continue;
    }
    joined = '';
  }
  const among = [...marks, ...withoutSession].map(({ at }) => at);
  const [first, last] = [Math.min(...among), Math.max(...among)];
  const doubtful = others.flatMap(({ at, heading, under, isLikeDay }) => {
    const isBare = heading === '' && under === '';
    if (!isLikeDay && !(at > first && (at < last || isBare))) return [];
    if (heading === '') return [noHeading(at)];
    const text = under === '' ? heading : `${heading} ${under}`;
    return [{ at, label: labelled(at, text), fault: headingNotRead }];
  });
  return { marks, withoutSession, doubtful };
}

/** What a heading says, of the columns under it. */
type Heading = { text: string; rest: string; date: DateText; session: SessionName | undefined };

function headingOf(text: string, rules: DateRules): Heading {
  const { rest, session } = splitSession(text.slice(0, longestHeading));
  return { text, rest, session, date: readDate(rest, rules) };
}

/** A day without a year is as likely something else: `7/8`. */
const hasDay = ({ date }: Heading) => date.reads !== 'no-date' && date.reads !== 'no-year';

const looksMeant = ({ date, rest }: Heading, session: SessionName) =>
  date.reads !== 'no-date' || looksLikeDay(rest, session);

/** `F (Mon 08/09/2025 AM)`; a heading that by a mistake holds a UPN does not show it. */
function labelled(at: number, text: string): string {
  return `${letters(at)} (${withoutUpns(text.slice(0, longestHeading))})`;
}

function labelText(
  day: string,
  own: SessionName | undefined,
  session: SessionName | undefined,
): string {
  return own || !session ? day : `${day} ${session}`;
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
