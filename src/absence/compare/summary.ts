import type { Day } from '../../base/day.ts';
import type { Session } from '../../base/attendanceCodes.ts';
import type { Problem } from '../../base/problem.ts';
import { dayOfText, sessionOfText, splitDaySession } from './days.ts';
import {
  type Field,
  fieldOf,
  fieldWords,
  isPercentField,
  type Key,
  keyOf,
  keyWords,
  markCodesOf,
  percentOfField,
} from './headings.ts';

/** What a school’s information system says, as it was typed: a number, and to how many decimals. */
export type Given = { value: number; decimals: number };
export type Figures = Partial<Record<Field, Given>>;

/** Of what the rows are: one for all, one each for a session, a code or a pupil. */
export type SummaryForm = 'totals' | 'sessions' | 'codes' | 'pupils';

export type SummaryRow = {
  /** 1 = the header. */
  row: number;
  figures: Figures;
  /** Of the forms with rows of sessions. */
  date?: Day;
  session?: Session;
  /** Counts of codes in columns of their own; or of the code that the row is of. */
  codes?: Record<string, number>;
  /** Of rows by code: those it is of. Two, where mornings and afternoons are one. */
  ofCodes?: readonly string[];
  /** Of rows by pupil. A UPN is a key here and is nowhere shown. */
  upn?: string;
};

export type Summary = {
  form: SummaryForm;
  rows: SummaryRow[];
  /** Where the file says for which days it is. */
  from?: Day;
  to?: Day;
  /** Where it says for which days it is, and the day cannot be read: what is wrong with it. */
  unread: Partial<Record<End, string>>;
  /** What columns were taken for, in our words; and the numbers of those that were taken for nothing. */
  understood: string[];
  notUnderstood: number[];
  /** Rows that were not used, by reason. */
  notUsed: Map<string, number>;
  problems: Problem[];
};

/** The first and the last day. */
type End = 'from' | 'to';

const mostRows = 20_000;

/** Reads what an information system prints. Never fails: what could not be read is among the problems. */
export function readSummary(text: string, file = 'summary'): Summary {
  const plain = text.replace(/^\uFEFF/, '');
  const sign = signOf(plain);
  const table = upright(rowsOf(plain, sign), sign);
  const headerAt = headerRowOf(table);
  const empty = { unread: {}, understood: [], notUnderstood: [], notUsed: new Map(), problems: [] };
  if (headerAt === undefined) {
    return { form: 'totals', rows: [], ...empty, problems: [noHeadings(file)] };
  }
  const named = (table[headerAt] ?? []).map((heading) => columnOf(heading));
  const below = table.slice(headerAt + 1, headerAt + 1 + mostRows);
  const form = formOf(named);
  const measured = measuredIn(named, below, { sign, form });
  const columns = named.map((column, at) => asMeasured(column, measured[at]));
  const unsure = measured.flatMap((each, at) =>
    each === 'either' ? [unsureColumn(file, at)] : [],
  );
  const reader: Reader = {
    ...{ columns, form, sign, file },
    ...{ notUsed: new Map(), problems: unsure, seen: new Map(), unread: {} },
  };
  const read = below.flatMap((cells, at) => readRow(reader, cells, headerAt + at + 2));
  const isSeveral = form === 'totals' && read.length > 1;
  const rows = isSeveral ? [] : read;
  const headings = table[headerAt] ?? [];
  const days = rows.flatMap(({ date }) => date ?? []).toSorted();
  const first = reader.period?.from ?? days[0];
  const last = reader.period?.to ?? days.at(-1);
  if (isSeveral) reader.problems.unshift(severalTotals(file, read.length));
  else if (rows.length === 0) reader.problems.push(noRows(file));
  if (table.length - headerAt - 1 > mostRows) reader.problems.push(tooManyRows(file));
  return {
    ...{ form, rows },
    ...(first === undefined ? {} : { from: first }),
    ...(last === undefined ? {} : { to: last }),
    unread: form === 'sessions' ? {} : reader.unread,
    understood: columns.flatMap((column) => (column ? [columnWords(column)] : [])),
    notUnderstood: headings.flatMap((each, at) =>
      columns[at] === undefined && each.trim() !== '' ? [at + 1] : [],
    ),
    ...{ notUsed: reader.notUsed, problems: reader.problems },
  };
}

type Column = { key: Key } | { field: Field } | { codes: readonly string[] } | undefined;

type Reader = {
  columns: readonly Column[];
  form: SummaryForm;
  sign: Sign;
  notUsed: Map<string, number>;
  problems: Problem[];
  file: string;
  seen: Map<string, number>;
  period?: Partial<Record<End, Day>>;
  unread: Partial<Record<End, string>>;
};

function columnOf(heading: string): Column {
  const key = keyOf(heading);
  if (key) return { key };
  const field = fieldOf(heading);
  if (field) return { field };
  const codes = markCodesOf(heading);
  return codes.length > 0 ? { codes } : undefined;
}

function columnWords(column: NonNullable<Column>): string {
  if ('key' in column) return keyWords[column.key];
  if ('field' in column) return fieldWords[column.field];
  return `code ${column.codes.join(' ')}`;
}

function formOf(columns: readonly Column[]): SummaryForm {
  const has = (wanted: Key) => columns.some((each) => each && 'key' in each && each.key === wanted);
  if (has('upn')) return 'pupils';
  if (has('date')) return 'sessions';
  if (has('code')) return 'codes';
  return 'totals';
}

/** The first row in which most headings are known; what stands before it is a title. */
function headerRowOf(table: readonly string[][]): number | undefined {
  const known = table
    .slice(0, 20)
    .map((cells, at) => ({
      at,
      count: knownIn(cells),
    }))
    .filter(({ count, at }) => count >= 2 || (count === 1 && table[at]?.length === 1));
  return known.toSorted((a, b) => b.count - a.count || a.at - b.at)[0]?.at;
}

/** A label and its figure, or its day, in each row, turned into a row of labels and a row of what they are of. */
function upright(table: string[][], sign: Sign): string[][] {
  const told = table.flatMap(([label = '', text = '']): Labelled[] => {
    const [from, to] = periodOf(label, text);
    if (from && to)
      return [
        { heading: 'from', text: from },
        { heading: 'to', text: to },
      ];
    // “To: the head teacher” stands over a letter, and names no day.
    const isDay = ['from', 'to'].includes(keyOf(label) ?? '') && /\d/.test(text);
    const isFigure = fieldOf(label) !== undefined && isNumber(text, sign);
    return isDay || isFigure ? [{ heading: label, text }] : [];
  });
  const figures = told.filter(({ heading }) => fieldOf(heading) !== undefined);
  const couldBe = table.filter(([, text = '']) => isNumber(text, sign));
  const isUpright = figures.length >= 2 && figures.length >= couldBe.length / 2;
  const hasHeader = table.some((cells) => cells.filter((cell) => fieldOf(cell)).length >= 2);
  if (!isUpright || hasHeader) return table;
  return [told.map(({ heading }) => heading), told.map(({ text }) => text)];
}

type Labelled = { heading: string; text: string };

/** “Period: 16/11/2026 to 20/11/2026” as its two days, as they are written. */
function periodOf(label: string, text: string): string[] {
  if (!/^\s*((reporting )?period|dates?( range)?)\s*:?\s*$/i.test(label)) return [];
  const days = text.split(/\s(?:to|until|[-–—])\s/i).map((day) => day.trim());
  return days.length === 2 ? days : [];
}

function readRow(reader: Reader, cells: readonly string[], row: number): SummaryRow[] {
  if (cells.every((cell) => cell.trim() === '')) return [];
  const skip = (reason: string): SummaryRow[] => {
    reader.notUsed.set(reason, (reader.notUsed.get(reason) ?? 0) + 1);
    return [];
  };
  const read: SummaryRow = { row, figures: {} };
  const keys: Partial<Record<Key, string>> = {};
  for (const [at, column] of reader.columns.entries()) {
    const cell = cells[at]?.trim() ?? '';
    if (column === undefined || cell === '') continue;
    if ('key' in column) keys[column.key] ??= cell;
    else readFigure(reader, read, column, cell, at);
  }
  if (Object.values(keys).some(isOfAll) && reader.form !== 'totals') {
    return skip('totals below the rows');
  }
  if (reader.form === 'totals' && Object.keys(read.figures).length === 0 && !read.codes) {
    return skip('rows without a figure');
  }
  notePeriod(reader, keys, row);
  const key = readKeys(reader, read, keys);
  if (key === undefined) {
    return skip(
      `rows without ${reader.form === 'pupils' ? 'a UPN' : reader.form === 'codes' ? 'a code' : 'a date and a session'}`,
    );
  }
  const before = reader.seen.get(key);
  if (before !== undefined && reader.form !== 'totals') {
    reader.problems.push({
      ...{ kind: 'twice', file: reader.file, row },
      message: `Row ${row} is of the same ${ofWhat[reader.form]} as row ${before}: only the first is used.`,
    });
    return skip('rows that come twice');
  }
  reader.seen.set(key, row);
  return [withAttended(read)];
}

const isOfAll = (cell: string) =>
  /^\s*(grand )?(total|average|mean|overall|all|school)\b/i.test(cell);

const ofWhat: Record<SummaryForm, string> = {
  totals: 'period',
  sessions: 'session',
  codes: 'code',
  pupils: 'pupil',
};

/** What tells rows apart; undefined where it is missing. */
function readKeys(
  { form }: Reader,
  read: SummaryRow,
  keys: Partial<Record<Key, string>>,
): string | undefined {
  switch (form) {
    case 'totals':
      return 'totals';
    case 'pupils': {
      const upn = keys.upn?.replaceAll(/\s/g, '').toUpperCase() ?? '';
      if (!/^[A-Z]\d{11}[\dA-Z]$/.test(upn)) return undefined;
      read.upn = upn;
      return upn;
    }
    case 'codes': {
      const codes = markCodesOf(keys.code ?? '');
      if (codes.length === 0) return undefined;
      read.ofCodes = codes;
      return codes.join(' ');
    }
    case 'sessions': {
      const { day, session: beside } = splitDaySession(keys.date ?? '');
      const date = dayOfText(day);
      const session = sessionOfText(keys.session ?? beside);
      if (date === undefined || session === undefined) return undefined;
      read.date = date;
      read.session = session;
      return `${date} ${session}`;
    }
  }
}

function notePeriod(reader: Reader, keys: Partial<Record<Key, string>>, row: number): void {
  for (const end of ['from', 'to'] as const) {
    const cell = keys[end];
    if (cell === undefined || isCrossedOut(cell)) continue;
    const day = dayOfText(cell);
    if (day === undefined) noteUnread(reader, end, row);
    else {
      const [first = day, last = day] = [day, reader.period?.[end] ?? day].toSorted();
      reader.period = { ...reader.period, [end]: end === 'from' ? first : last };
    }
  }
}

/** Told once, in however many rows it is. */
function noteUnread({ unread, problems, file }: Reader, end: End, row: number): void {
  if (unread[end] !== undefined) return;
  const day = keyWords[end];
  const message = `The ${day} that the summary gives is none that is read: write it as 2026-09-01, or give the ${day} beside the summary.`;
  unread[end] = message;
  problems.push({ ...{ kind: 'not-a-day', file, row }, message });
}

const isCrossedOut = (cell: string) => /^[-–—.]$|^n\/?a$/i.test(cell);

function readFigure(
  { problems, file, sign }: Reader,
  read: SummaryRow,
  column: { field: Field } | { codes: readonly string[] },
  cell: string,
  at: number,
): void {
  const given = numberOf(cell, sign);
  if (given === undefined || given === 'unsure') {
    if (isCrossedOut(cell)) return;
    const holds = given
      ? 'holds a number whose comma or point could stand for thousands or for decimals'
      : 'holds no number';
    problems.push({
      ...{ kind: 'not-a-number', file, row: read.row, column: String(at + 1) },
      message: `Row ${read.row}, column ${at + 1} ${holds}. It is left out; write figures as 1234 or 93.4.`,
    });
    return;
  }
  if ('codes' in column) {
    const name = column.codes.join(' ');
    read.codes = { ...read.codes, [name]: (read.codes?.[name] ?? 0) + given.value };
    return;
  }
  read.figures[column.field] ??= given;
}

/** Of what a column is, by its cells and those beside them: sessions or days, percentages, or either. */
type Measure = 'count' | 'percent' | 'either';

/** “Attendance” over `93.4%` is a percentage, whatever its heading says: the column is, and not a cell of it. */
function measuredIn(
  columns: readonly Column[],
  rows: readonly string[][],
  { sign, form }: { sign: Sign; form: SummaryForm },
): Measure[] {
  const ofRows = rows.filter(
    (cells) => !columns.some((each, at) => each && 'key' in each && isOfAll(cells[at] ?? '')),
  );
  const figures = ofRows.map((cells) => figuresIn(columns, cells, sign));
  const fields = columns.map((each) => (each && 'field' in each ? each.field : undefined));
  const measures = fields.map((field, at): Measure => {
    const percent = field && percentOfField(field);
    if (!percent || isPercentField(field) || fields.includes(percent)) return 'count';
    const cells = ofRows.map((of) => of[at] ?? '');
    if (cells.some((cell) => isNumber(cell, sign) && cell.includes('%'))) return 'percent';
    const own = cells.flatMap((cell, place): Beside[] => {
      const given = numberOf(cell, sign);
      return typeof given === 'object' ? [{ ...given, beside: figures[place] ?? {} }] : [];
    });
    return measureOf(field, own, { figures, form });
  });
  return measures.map((measure, at) => {
    const field = fields[at];
    const beside = fields.some((each, other) => isMissed(each) && measures[other] === 'percent');
    return measure === 'count' && isMissed(field) && beside && form === 'totals'
      ? besideRates(field, figures)
      : measure;
  });
}

/** Beside a rate of what was missed, a small whole number may be one too, that lost its “.0”: of one row nothing tells. */
function besideRates(field: Field, figures: readonly Figures[]): Measure {
  const isCounted = figures.some((row) => areOfPossible(row) && partsOf(row)[field]);
  return isCounted || figures.some((row) => (row[field]?.value ?? 0) > 100) ? 'count' : 'either';
}

const isMissed = (field: Field | undefined): field is 'absent' | 'authorised' | 'unauthorised' =>
  field === 'absent' || field === 'authorised' || field === 'unauthorised';

function asMeasured(column: Column, measure: Measure | undefined): Column {
  if (measure === 'either') return undefined;
  if (measure !== 'percent' || !column || !('field' in column)) return column;
  return { field: percentOfField(column.field) ?? column.field };
}

/** A figure of a column, and the others of its row. */
type Beside = Given & { beside: Figures };

function figuresIn(columns: readonly Column[], cells: readonly string[], sign: Sign): Figures {
  const figures: Figures = {};
  for (const [at, column] of columns.entries()) {
    const given = numberOf(cells[at] ?? '', sign);
    if (column && 'field' in column && typeof given === 'object') figures[column.field] ??= given;
  }
  return figures;
}

/** What has decimals, and is nowhere more than 100, is of percentages or, with halves alone, of days. */
function measureOf(
  field: Field,
  own: readonly Beside[],
  { figures, form }: { figures: readonly Figures[]; form: SummaryForm },
): Measure {
  const printed = own.filter(({ decimals }) => decimals > 0);
  if (own.some(({ value }) => value > 100)) return 'count';
  // A spreadsheet writes 94.0 as 94.
  if (printed.length === 0)
    return isMost(figures.filter(isOfAnother), areOfHundred) ? 'percent' : 'count';
  const inDays = areInDays(figures);
  if (field === 'persistent' || field === 'severe')
    return inDays && own.every(isWhole) ? 'count' : 'percent';
  if (own.some(({ value }) => value % 0.5 !== 0)) return 'percent';
  if (isOfParts(field, figures)) return 'count';
  if (isMost(figures, areOfHundred) || isRate(field, own) || isBeyondCounts(field, own, form))
    return 'percent';
  if (inDays) return 'count';
  return printed.some(isWhole) ? 'percent' : 'either';
}

const isWhole = ({ value }: Given) => value % 1 === 0;

const ofSessions = ['possible', 'attended', 'present', 'absent', 'authorised', 'unauthorised'];

/** What cannot be a percentage, and has decimals all the same, counts days. */
function areInDays(figures: readonly Figures[]): boolean {
  return figures.some((row) =>
    Object.entries(row).some(
      ([field, { value, decimals }]) =>
        decimals > 0 && ofSessions.includes(field) && (field === 'possible' || value > 100),
    ),
  );
}

/** What was attended and what was not: all that was possible where they are counts, and all of a hundred where percentages. */
type Parts = Partial<Record<Field, Given>>;

function partsOf({ attended, present, educatedElsewhere, ...row }: Figures): Parts {
  const { absent, authorised, unauthorised } = row;
  const here = attended
    ? { attended }
    : present && { present, ...(educatedElsewhere && { educatedElsewhere }) };
  const missed = absent ? { absent } : authorised && unauthorised && { authorised, unauthorised };
  return here && missed ? { ...here, ...missed } : {};
}

const sumOf = (parts: Parts) => Object.values(parts).reduce((sum, { value }) => sum + value, 0);

const isMost = (figures: readonly Figures[], isOne: (row: Figures) => boolean) => {
  const told = figures.filter((row) => Object.keys(partsOf(row)).length > 0);
  return 2 * told.filter(isOne).length > told.length;
};

const areOfPossible = (row: Figures) =>
  Math.abs(sumOf(partsOf(row)) - (row.possible?.value ?? NaN)) < 1e-6;
const isOfAnother = ({ possible }: Figures) => possible !== undefined && possible.value > 100;
const areOfHundred = (row: Figures) =>
  !areOfPossible(row) && Math.abs(sumOf(partsOf(row)) - 100) < 0.11;

/** Whether a column is one of the parts of what was possible, or those have halves and so are days. */
function isOfParts(field: Field, figures: readonly Figures[]): boolean {
  const isOne = (row: Figures) =>
    Object.hasOwn(partsOf(row), field) || !Object.values(partsOf(row)).every(isWhole);
  return isMost(figures, areOfPossible) && figures.some((row) => areOfPossible(row) && isOne(row));
}

/** Whether attendance is what is left of a hundred by the absence beside it, or absence by the attendance. */
function isRate(field: Field, own: readonly Beside[]): boolean {
  const step = 10 ** -Math.max(...own.map(({ decimals }) => decimals));
  const told = own.flatMap(({ value, beside: { possible, ...row } }) => {
    const { [field]: itself, ...others } = partsOf(row);
    if (!itself || !possible?.value) return [];
    const rate = (100 * (possible.value - sumOf(others))) / possible.value;
    return [Math.abs(rate - value) < step];
  });
  return told.length > 0 && told.every(Boolean);
}

/** More than was possible; or of a whole school less than half of it, and so no number of what was attended. */
function isBeyondCounts(field: Field, own: readonly Beside[], form: SummaryForm): boolean {
  const isOf = (isOne: (value: number, possible: number) => boolean) => (each: Beside) =>
    isOne(each.value, each.beside.possible?.value ?? Infinity);
  const beyond = own.filter(isOf((value, possible) => value > possible));
  return (
    2 * beyond.length > own.length ||
    (form !== 'pupils' &&
      (field === 'attended' || field === 'present') &&
      own.every(isOf((value, possible) => value < possible / 2)))
  );
}

/** Some print present and approved educational activity apart: together they are what was attended. */
function withAttended(read: SummaryRow): SummaryRow {
  const { present, educatedElsewhere, ...figures } = read.figures;
  const attended =
    figures.attended ??
    (present && {
      value: present.value + (educatedElsewhere?.value ?? 0),
      decimals: Math.max(present.decimals, educatedElsewhere?.decimals ?? 0),
    });
  return { ...read, figures: { ...figures, ...(attended ? { attended } : {}) } };
}

/** `12,345`, `93.4 %`, `7.0`, `96,0`; unsure where a comma or a point may stand for thousands or for decimals. */
function numberOf(text: string, sign: Sign): Given | 'unsure' | undefined {
  const plain = text.replaceAll(/[\s%\u00a0]/g, '');
  if (plain.length > 20 || !/^-?\d[\d.,]*$/.test(plain)) return undefined;
  const found = decimalIn(plain, sign);
  if (typeof found !== 'number') return found;
  const whole = plain.slice(0, found).replaceAll(/[.,]/g, '');
  const decimals = plain.slice(found + 1);
  return { value: Number(`${whole}.${decimals || 0}`), decimals: decimals.length };
}

/** Where the decimals of a number begin. */
function decimalIn(plain: string, sign: Sign): number | 'unsure' | undefined {
  const isGrouped = (whole: string, by: ',' | '.') =>
    (by === ',' ? /^-?[1-9]\d{0,2}(,\d{3})+$/ : /^-?[1-9]\d{0,2}(\.\d{3})+$/).test(whole);
  const isWhole = (whole: string, by: ',' | '.') => /^-?\d+$/.test(whole) || isGrouped(whole, by);
  const comma = plain.lastIndexOf(',');
  const point = plain.lastIndexOf('.');
  const last = Math.max(comma, point);
  if (last < 0) return plain.length;
  const by = last === comma ? '.' : ',';
  // Where semicolons stand between the cells, a comma or a point before three digits may be either.
  if (sign === ';' && /^-?[1-9]\d{0,2}[.,]\d{3}$/.test(plain)) return 'unsure';
  if (isGrouped(plain, ',')) return plain.length;
  if (sign === ';' && isGrouped(plain, '.')) return plain.length;
  return last < plain.length - 1 && isWhole(plain.slice(0, last), by) ? last : undefined;
}

const isNumber = (text: string, sign: Sign) => numberOf(text, sign) !== undefined;

/** What stands between cells. */
type Sign = ',' | ';' | '\t';
const signs: readonly Sign[] = [',', ';', '\t'];

/** What gives most headings that are known; else whichever there are most of. */
function signOf(text: string): Sign {
  const head = text.slice(0, 4000);
  const found = signs.map((sign) => ({
    ...{ sign, count: head.split(sign).length },
    known: Math.max(...rowsOf(head, sign).slice(0, 20).map(knownIn)),
  }));
  return found.toSorted((a, b) => b.known - a.known || b.count - a.count)[0]?.sign ?? ',';
}

const knownIn = (cells: readonly string[]) =>
  cells.filter((cell) => columnOf(cell) !== undefined).length;

/** Rows and cells. */
function rowsOf(plain: string, sign: Sign): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endCell = () => {
    row.push(cell);
    cell = '';
  };
  for (let at = 0; at < plain.length; at++) {
    const each = plain[at] as string;
    if (quoted) {
      if (each !== '"') cell += each;
      else if (plain[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (each === '"' && cell.trim() === '') {
      quoted = true;
      cell = '';
    } else if (each === sign) endCell();
    else if (each === '\n') {
      endCell();
      rows.push(row);
      row = [];
    } else if (each !== '\r') cell += each;
  }
  endCell();
  rows.push(row);
  return rows;
}

const noHeadings = (file: string): Problem => ({
  ...{ kind: 'no-headings', file },
  message:
    'No row of headings was found. Give a row of headings such as “Possible sessions, Absent, Authorised, Absence %”, and the figures below it.',
});

const severalTotals = (file: string, rows: number): Problem => ({
  ...{ kind: 'several-totals', file },
  message: `The summary has ${rows} rows of totals, and a comparison is of one period. Send each row by itself with its first and last day, or a summary with a row for each session.`,
});

const unsureColumn = (file: string, at: number): Problem => ({
  ...{ kind: 'unsure-column', file, column: String(at + 1) },
  message: `Column ${at + 1} may be of half-days or of percentages. It is left out: head it with “%” if it is of percentages, and print possible days with a decimal, as 190.0, if it is of days.`,
});

const noRows = (file: string): Problem => ({
  ...{ kind: 'no-rows', file },
  message: 'There are headings and no row of figures below them that can be used.',
});

const tooManyRows = (file: string): Problem => ({
  ...{ kind: 'too-many-rows', file },
  message: `Only the first ${mostRows.toLocaleString('en-GB')} rows are read.`,
});

/** The bytes of a small text: UTF-16 by its mark, UTF-8, or else Windows-1252. */
export function summaryText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** A summary is small; what is larger is a register. */
export const mostSummaryBytes = 5_000_000;
