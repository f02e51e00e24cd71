import { attendanceCodes } from '../../base/attendanceCodes.ts';
import type { Day } from '../../base/day.ts';
import type { Urn } from '../../base/identifiers.ts';
import { holdsUpn, withoutUpns } from '../../base/upn.ts';
import { dayIn, type DateText, OrderEvidence, readDate } from './dates.ts';
import { findLayout, type Layout, type MarkColumn, type Section, sectionAt } from './layout.ts';
import { canBeCode, isBlank } from './markCells.ts';
import {
  badQuotes,
  cellTooLong,
  codeNotRead,
  dateFault,
  enteredOnNotRead,
  headingsNotRead,
  type Fault,
  orderFault,
  sessionMissing,
  sessionMissingInHeading,
  sessionNotRead,
  tooFewCells,
  tooManyCells,
  upnMissing,
  urnMissing,
  urnNotRead,
} from './problems.ts';
import {
  type DateOrder,
  type Delimiter,
  type Found,
  longestNote,
  type RawMark,
  type ReadLimits,
  type ReadOptions,
  StopReading,
} from './reading.ts';
import { type Row, RowSplitter } from './rows.ts';
import { type SchoolPart, schoolOf, schoolSaidBy } from './school.ts';
import { sessionOf, splitSession, type SessionName } from './sessions.ts';
import type { Tally } from './tally.ts';

/** The text of a file from its beginning, each time it is asked for. */
export type Texts = () => AsyncIterable<string>;

/** What the start of a table tells: its delimiter and where its things stand. */
export type TableStart = { delimiter: Delimiter; layout: Layout };

const delimiters: readonly Delimiter[] = [',', ';', '\t', '|'];

/** Tries each delimiter on the first lines; the one that shows the most columns is the file’s. */
export function startOfTable(
  head: string,
  whole: boolean,
  options: ReadOptions,
  limits: ReadLimits,
): TableStart | undefined {
  const tried = delimiters.flatMap((delimiter) => {
    const splitter = new RowSplitter(delimiter, { ...limits, rowCharacters: Infinity });
    const rows = splitter.rowsOf(head);
    if (whole) rows.push(...splitter.lastRows());
    const layout = findLayout(rows, options);
    return layout ? [{ delimiter, layout }] : [];
  });
  return tried.sort((a, b) => b.layout.width - a.layout.width)[0];
}

/** Rows that follow each other under the same headings, and the number of the first. */
type Run = { section: Section; first: number; rows: Row[] };

/**
 * Cuts a table’s rows where headings stand, the first and any further down: an export of two weeks or two classes has them
 * again, and then each row is of the days over it. Titles before the first headings are passed over, and no pupil is.
 */
class SectionCutter {
  readonly #rules: ReadOptions;
  readonly #first: Layout;
  #section: Section = { headingRow: 0, layout: undefined };
  /** The last row waits until it is known what stands below it. */
  #waiting: Row[] = [];
  #before: Row | undefined;
  #row = 0;
  #headedTo = 0;
  #known: Layout | undefined;

  constructor(first: Layout, rules: ReadOptions) {
    this.#first = first;
    this.#rules = rules;
  }

  runsOf(rows: readonly Row[], last = false): Run[] {
    const all = [...this.#waiting, ...rows];
    const end = last ? all.length : all.length - 1;
    const runs: Run[] = [];
    for (let at = 0; at < end; at += 1) {
      const row = all[at] ?? [];
      this.#row += 1;
      if (!this.#isHeading(row, all[at + 1])) {
        const run = runs.at(-1);
        if (run?.section === this.#section && run.first + run.rows.length === this.#row) {
          run.rows.push(row);
        } else runs.push({ section: this.#section, first: this.#row, rows: [row] });
      } else if (this.#row === this.#section.headingRow) {
        runs.push({ section: this.#section, first: this.#row + 1, rows: [] });
      }
      this.#before = row;
    }
    this.#waiting = all.slice(Math.max(0, end));
    return runs;
  }

  #isHeading(row: Row, after: Row | undefined): boolean {
    const { rowsBefore, headingRow } = this.#first;
    if (this.#row === headingRow) this.#begin({ headingRow, layout: this.#first });
    if (this.#row <= rowsBefore && !isOfPupil(row, -1)) return true;
    if (this.#row <= this.#headedTo) return true;
    if (isOfPupil(row, this.#section.layout?.upnAt ?? -1)) return false;
    const around = { before: this.#before, row, after, number: this.#row };
    const section = sectionAt(
      around,
      { ...this.#section, layout: this.#section.layout ?? this.#known },
      this.#rules,
    );
    if (section === 'headed-below') return true;
    if (!section) return false;
    this.#begin(section);
    return true;
  }

  #begin(section: Section): void {
    this.#section = section;
    this.#known = section.layout ?? this.#known;
    this.#headedTo = section.layout?.rowsBefore ?? section.headingRow;
  }
}

/** Which column of those that name a school is to be mended: the authority’s where that is no number, else one of numbers. */
function toMend(schoolAt: Layout['schoolAt'], parts: readonly SchoolPart[]): number | undefined {
  const isUnread = ({ place, text }: SchoolPart) =>
    place === 'authority' && text !== '' && !/^\d{3}$/.test(text);
  const unread = schoolAt[parts.findIndex(isUnread)];
  const numbered = schoolAt.find(({ place }) => place !== 'authority' && place !== 'school');
  return (unread ?? numbered ?? schoolAt[0])?.at;
}

const upnAlone = /^[A-Z]\d{11}[A-Z0-9]$/i;

/** Most rows tell it at the first look, by the cell where the UPN stands. */
function isOfPupil(row: Row, upnAt: number): boolean {
  if (!Array.isArray(row)) return false;
  return upnAt >= 0 ? upnAlone.test(row[upnAt] ?? '') : row.some((cell) => holdsUpn(cell));
}

/** Reads every row of a table. */
export async function readTable(
  texts: Texts,
  { layout, delimiter }: TableStart,
  options: ReadOptions,
  limits: ReadLimits,
  tally: Tally,
  found: Found,
): Promise<void> {
  found.form = layout.form;
  found.delimiter = delimiter;
  const splitter = new RowSplitter(delimiter, limits, layout);
  const cutter = new SectionCutter(layout, options);
  const reader = new TableReader(options, limits, tally, found);
  const evidence = () => evidenceOf(texts, layout, delimiter, options, limits);
  const sessions = new Set<string>();
  let section: Section | undefined;
  const takeRuns = async (runs: Run[]): Promise<void> => {
    for (const run of runs) {
      if (run.section !== section) {
        section = run.section;
        await begin(section);
      }
      for (const [at, cells] of run.rows.entries()) {
        if (!reader.take(cells, run.first + at)) {
          reader.settle(await evidence());
          if (!reader.take(cells, run.first + at)) throw changed();
        }
        if (tally.isFull) await tally.handOn();
      }
    }
    found.quoted = splitter.quoted;
  };
  const begin = async ({ headingRow, layout: under }: Section): Promise<void> => {
    reader.begin(under);
    if (!under) {
      if (headingRow > 0) tellUnread(headingRow, tally);
      return;
    }
    noteHeadings(under, sessions, found);
    refuseTooWide(under, limits);
    refuseHeadedTwice(under);
    tellColumnsWithoutSession(under, tally);
    const own = evidenceOfHeadings(under);
    if (found.dateOrder !== undefined || !own.found()) return;
    reader.settle(options.dateOrder ? own : await evidence());
  };
  for await (const text of texts()) await takeRuns(cutter.runsOf(splitter.rowsOf(text)));
  await takeRuns(cutter.runsOf(splitter.lastRows(), true));
}

/** The first headings are shown, of others where they stand, and of all together how many sessions they name. */
function noteHeadings(layout: Layout, sessions: Set<string>, found: Found): void {
  for (const { date, session } of layout.marks) {
    if (date) sessions.add(`${JSON.stringify(date)} ${session}`);
  }
  const { headings } = found;
  if (!headings) {
    found.headings = headingsOf(layout);
    return;
  }
  const { count, first } = headings.further ?? { count: 0, first: [] };
  const shown = first.length < mostHeadings ? [...first, layout.headingRow] : first;
  headings.further = { count: count + 1, first: shown };
  if (headings.sessions !== undefined) headings.sessions = sessions.size;
}

/** As many rows of headings are named. */
const mostHeadings = 5;

function tellUnread(row: number, tally: Tally): void {
  tally.problem(headingsNotRead.kind, headingsNotRead.message, { row, cells: 0 });
}

function headingsOf({ form, headingRow, labels, marks }: Layout): NonNullable<Found['headings']> {
  const columns = [...labels.values()];
  if (form === 'wide-csv') return { row: headingRow, columns, sessions: marks.length };
  const sessions = marks.filter(({ session }) => session).map(({ label }) => label);
  return { row: headingRow, columns: [...columns, ...sessions] };
}

function refuseTooWide(layout: Layout, limits: ReadLimits): void {
  if (layout.width <= limits.columns) return;
  throw new StopReading(
    'too-many-columns',
    `The table has more than ${limits.columns.toLocaleString('en-GB')} columns: export fewer days at a time.`,
    layout.headingRow,
  );
}

function refuseHeadedTwice({ headedTwice, headingRow }: Layout): void {
  if (headedTwice === undefined) return;
  throw new StopReading(
    'heading-twice',
    `Two columns are headed as ${headedTwice}: leave out the one that is not meant.`,
    headingRow,
  );
}

/** Whether or not there are marks under them, which are then counted with it. */
function tellColumnsWithoutSession(layout: Layout, tally: Tally): void {
  for (const { label } of layout.withoutSession) {
    const { kind, message } = sessionMissingInHeading;
    tally.problemOnce(kind, () => message, { row: layout.headingRow, column: label, cells: 0 });
  }
}

function evidenceOfHeadings({ marks }: Layout): OrderEvidence {
  const evidence = new OrderEvidence();
  for (const { date } of marks) if (date) evidence.add(date);
  return evidence;
}

/**
 * The days of all headings and rows, those of the entries with the others: a file is written by one program, in one order. Asked for
 * once, when a day comes whose order only the whole file can tell.
 */
async function evidenceOf(
  texts: Texts,
  layout: Layout,
  delimiter: Delimiter,
  options: ReadOptions,
  limits: ReadLimits,
): Promise<OrderEvidence> {
  const splitter = new RowSplitter(delimiter, limits, layout);
  const cutter = new SectionCutter(layout, options);
  const evidence = new OrderEvidence();
  const seen = new Set<string>();
  let section: Section | undefined;
  const look = (runs: Run[]): void => {
    for (const run of runs) {
      const under = run.section.layout;
      if (run.section !== section)
        for (const { date } of under?.marks ?? []) if (date) evidence.add(date);
      section = run.section;
      if (!under) continue;
      const columns = [under.dateAt, under.notes.get('enteredOn') ?? -1].filter((at) => at >= 0);
      if (columns.length === 0) continue;
      for (const cells of run.rows) {
        if (!Array.isArray(cells)) continue;
        for (const at of columns) {
          const text = cells[at];
          if (text === undefined || text.length > limits.cellCharacters || seen.has(text)) continue;
          if (seen.size < mostDates) seen.add(text);
          evidence.add(rowDate(text, under, options).date);
        }
      }
    }
  };
  for await (const text of texts()) look(cutter.runsOf(splitter.rowsOf(text)));
  look(cutter.runsOf(splitter.lastRows(), true));
  return evidence;
}

function changed(): StopReading {
  return new StopReading('file-changed', 'The file changed while it was read: send it again.');
}

type RowDate = { date: DateText; session: SessionName | undefined };

/** A date may have its session beside it where no column has it. */
function rowDate(text: string, layout: Layout, options: ReadOptions): RowDate {
  const inColumn = layout.sessionAt >= 0 || layout.marks.some(({ session }) => session);
  const { rest, session } = inColumn ? { rest: text, session: undefined } : splitSession(text);
  return { date: readDate(rest, options), session };
}

/** As many texts of dates are remembered; a year has some 200 days. */
export const mostDates = 10_000;

type Notes = Pick<RawMark, 'enteredOn' | 'reason' | 'amendedBy' | 'position'>;
const noNotes: Notes = {};

/** Empty where the table has no such column: to ask an array for what stands at -1 is slow. */
const cellAt = (row: readonly string[], at: number) => (at < 0 ? '' : (row[at] ?? ''));

/** What stands under no heading is taken for a mark where it is a code. */
const knownCodes = new Set(attendanceCodes.map(({ code }) => code));

class TableReader {
  /** Undefined where the headings over the rows could not be read. */
  #under: Layout | undefined;
  readonly #options: ReadOptions;
  readonly #limits: ReadLimits;
  readonly #tally: Tally;
  readonly #found: Found;
  #needed = 0;
  readonly #dates = new Map<string, RowDate>();
  #enteredAt = -1;
  #order: DateOrder | undefined;
  /** Why dates whose order matters cannot be read, when the file leaves it open. */
  #open: Fault | undefined;
  /** What was said of the school last, and which that is: most rows say the same. */
  #lastSchool: { said: string; is: Urn } | undefined;

  constructor(options: ReadOptions, limits: ReadLimits, tally: Tally, found: Found) {
    this.#options = options;
    this.#limits = limits;
    this.#tally = tally;
    this.#found = found;
    this.#order = options.dateOrder;
  }

  /** What comes now stands under these headings. */
  begin(layout: Layout | undefined): void {
    this.#under = layout;
    this.#dates.clear();
    this.#lastSchool = undefined;
    if (!layout) return;
    const { urnAt, upnAt, dateAt, sessionAt, marks } = layout;
    // Who leaves off the cells after the last that is filled leaves off an afternoon, and no more.
    const first = layout.form === 'wide-csv' ? -1 : Math.min(...marks.map(({ at }) => at));
    this.#needed = Math.max(urnAt, upnAt, dateAt, sessionAt, first) + 1;
    this.#enteredAt = layout.notes.get('enteredOn') ?? -1;
  }

  get #layout(): Layout {
    if (!this.#under) throw new TypeError('a row is read under headings alone');
    return this.#under;
  }

  /** Decides the order of dates from all that there are; what a person said comes before it. */
  settle(evidence: OrderEvidence): void {
    const all = evidence.found();
    if (!all) return;
    if (this.#order) {
      this.#noteAsked();
      return;
    }
    this.#found.dateOrder = all.order;
    this.#found.dateOrderFrom = 'the file';
    if (all.order === 'dmy' || all.order === 'mdy') this.#order = all.order;
    else this.#open = orderFault(all);
  }

  #noteAsked(): void {
    const { dateOrder } = this.#options;
    if (!dateOrder) return;
    this.#found.dateOrder = dateOrder;
    this.#found.dateOrderFrom = 'the person';
  }

  /** Counts a row and reads its marks; false, and nothing done, when the order of dates must be settled first. */
  take(row: Row, number: number): boolean {
    if (!this.#under) {
      this.#takeUnread(row, number);
      return true;
    }
    const { marks } = this.#layout;
    if (!Array.isArray(row)) {
      this.#tally.cells(marks.length);
      this.#refuse(badQuotes[row.bad], number, undefined, marks.length);
      return true;
    }
    let filled = 0;
    for (const { at } of marks) if (!isBlank(row[at])) filled += 1;
    const { dateAt } = this.#layout;
    const date = filled === 0 || dateAt < 0 ? undefined : this.#rowDate(row[dateAt] ?? '');
    const entered = filled === 0 ? undefined : this.#enteredOf(row);
    if (this.#isUnsettled(date) || this.#isUnsettled(entered)) return false;
    this.#refuseUnread(row);
    this.#tally.cells(marks.length);
    const fault = this.#widthFault(row, filled);
    if (fault) {
      this.#refuse(fault, number, undefined, Math.max(filled, 1));
      this.#tally.blank(marks.length - Math.max(filled, 1));
      return true;
    }
    this.#tally.blank(marks.length - filled);
    if (filled > 0) this.#takeFilled(row, number, filled, date, entered);
    return true;
  }

  /** Marks under a heading that does not say of which session they are. */
  #refuseUnread(row: string[]): void {
    const { headingRow } = this.#layout;
    for (const { at, label } of this.#layout.withoutSession) {
      if (isBlank(row[at])) continue;
      this.#tally.cells(1);
      this.#refuseOnce(sessionMissingInHeading, headingRow, label, 1);
    }
    for (const { at, label, fault } of this.#layout.doubtful) {
      if (!knownCodes.has(row[at]?.trim() ?? '')) continue;
      this.#tally.cells(1);
      this.#refuseOnce(fault, headingRow, label, 1);
    }
  }

  /** As many marks as codes stand in it. */
  #takeUnread(row: Row, number: number): void {
    const cells = Array.isArray(row) ? row.filter((cell) => knownCodes.has(cell.trim())).length : 1;
    this.#tally.cells(cells);
    if (cells > 0) this.#refuse(headingsNotRead, number, undefined, cells);
  }

  #isUnsettled(day: RowDate | undefined): boolean {
    if (day?.date.reads !== 'by-order') return false;
    return this.#order === undefined && this.#open === undefined;
  }

  /** The day on which the entry of a row was made; undefined where the row does not say. */
  #enteredOf(row: string[]): RowDate | undefined {
    const text = cellAt(row, this.#enteredAt);
    return isBlank(text) ? undefined : this.#rowDate(text);
  }

  #rowDate(text: string): RowDate | undefined {
    const known = this.#dates.get(text);
    if (known) return known;
    if (text.length > this.#limits.cellCharacters) return undefined;
    const read = rowDate(text, this.#layout, this.#options);
    if (read.date.reads === 'by-order') this.#noteAsked();
    if (this.#dates.size >= mostDates) this.#dates.clear();
    this.#dates.set(text, read);
    return read;
  }

  #widthFault(row: string[], filled: number): Fault | undefined {
    if (row.length < this.#needed && row.some((cell) => cell.trim() !== '')) {
      return this.#layout.form === 'wide-csv' && filled === 0 ? undefined : tooFewCells;
    }
    if (row.length <= this.#layout.width) return undefined;
    const beyond = row.slice(this.#layout.width);
    return beyond.some((cell) => cell.trim() !== '') ? tooManyCells : undefined;
  }

  #takeFilled(
    row: string[],
    number: number,
    filled: number,
    date: RowDate | undefined,
    entered: RowDate | undefined,
  ): void {
    const { marks, upnAt, dateAt } = this.#layout;
    const urn = this.#schoolOf(row, number, filled);
    if (urn === undefined) return;
    const upn = row[upnAt]?.trim() ?? '';
    if (upn === '') return this.#refuse(upnMissing, number, this.#labelOf(upnAt), filled);
    if (this.#isTooLong(upn, number, upnAt, filled)) return;
    if (dateAt >= 0 && !date) {
      return this.#refuse(
        cellTooLong(this.#limits.cellCharacters),
        number,
        this.#labelOf(dateAt),
        filled,
      );
    }
    const rowDay = date ? this.#dayOf(date.date, number, this.#labelOf(dateAt), filled) : undefined;
    if (date && rowDay === undefined) return;
    const notes = this.#notesOf(row, entered, number, filled);
    if (!notes) return;
    for (const column of marks) {
      const cell = row[column.at];
      if (cell === undefined || isBlank(cell)) continue;
      const day = rowDay ?? this.#columnDay(column);
      if (day === undefined) continue;
      const session = column.session ?? this.#sessionOf(row, date, number);
      if (session === undefined) continue;
      const code = cell.length === 1 ? cell : cell.trim();
      if (!canBeCode(code)) this.#refuse(codeNotRead, number, column.label, 1);
      else {
        const mark = { urn, upn, date: day, session, code, row: number, column: column.label };
        this.#tally.mark(notes === noNotes ? mark : { ...mark, ...notes });
      }
    }
  }

  /** Undefined, and told, when the day on which the entry was made cannot be read. */
  #notesOf(
    row: string[],
    entered: RowDate | undefined,
    number: number,
    filled: number,
  ): Notes | undefined {
    const { notes: places } = this.#layout;
    if (places.size === 0) return noNotes;
    const notes: Notes = {};
    for (const [note, at] of places) {
      const text = row[at]?.trim() ?? '';
      if (text !== '' && note !== 'enteredOn') {
        notes[note] = withoutUpns(text).slice(0, longestNote);
      }
    }
    if (isBlank(cellAt(row, this.#enteredAt))) return notes;
    const column = this.#labelOf(this.#enteredAt);
    const day =
      entered && entered.date.reads !== 'no-date'
        ? this.#dayOf(entered.date, number, column, filled)
        : this.#refuse(enteredOnNotRead, number, column, filled);
    return day === undefined ? undefined : { ...notes, enteredOn: day };
  }

  #schoolOf(row: string[], number: number, filled: number): Urn | undefined {
    const { urnAt, schoolAt } = this.#layout;
    const urn = cellAt(row, urnAt);
    let said = urn;
    for (const { at } of schoolAt) said += `\n${cellAt(row, at)}`;
    if (this.#lastSchool?.said === said) return this.#lastSchool.is;
    const parts = schoolAt.map(({ at, place }) => ({ place, text: cellAt(row, at).trim() }));
    const school = schoolOf(schoolSaidBy(urn.trim(), parts), this.#options);
    if (typeof school === 'number') {
      this.#lastSchool = { said, is: school };
      return school;
    }
    if (school.kind === urnMissing.kind) this.#refuseOnce(school, number, undefined, filled);
    else {
      const at = school.kind === urnNotRead.kind ? urnAt : toMend(schoolAt, parts);
      this.#refuse(school, number, this.#labelOf(at ?? -1), filled);
    }
    return undefined;
  }

  #dayOf(date: DateText, row: number, column: string | undefined, cells: number): Day | undefined {
    if (date.reads === 'by-order' && this.#open) {
      this.#refuseOnce(this.#open, row, column, cells);
      return undefined;
    }
    const day = dayIn(date, this.#order);
    if (day === undefined) this.#refuse(this.#faultOf(date), row, column, cells);
    return day;
  }

  /** A heading that is no day is told once, whatever stands under it. */
  #columnDay({ date, label }: MarkColumn): Day | undefined {
    if (!date) return undefined;
    const { headingRow } = this.#layout;
    if (date.reads === 'by-order' && this.#open) {
      this.#refuseOnce(this.#open, headingRow, undefined, 1);
      return undefined;
    }
    const day = dayIn(date, this.#order);
    if (day === undefined) this.#refuseOnce(this.#faultOf(date), headingRow, label, 1);
    return day;
  }

  #faultOf(date: DateText): Fault {
    return dateFault(date, this.#order ?? 'dmy');
  }

  #sessionOf(row: string[], date: RowDate | undefined, number: number): SessionName | undefined {
    const { sessionAt } = this.#layout;
    const text = row[sessionAt]?.trim() ?? '';
    const session = text === '' ? date?.session : sessionOf(text);
    if (session === undefined) {
      const column = this.#labelOf(sessionAt >= 0 ? sessionAt : this.#layout.dateAt);
      this.#refuse(text === '' ? sessionMissing : sessionNotRead, number, column, 1);
    }
    return session;
  }

  #isTooLong(text: string, row: number, column: number, filled: number): boolean {
    const most = this.#limits.cellCharacters;
    if (text.length <= most) return false;
    this.#refuse(cellTooLong(most), row, this.#labelOf(column), filled);
    return true;
  }

  #labelOf(at: number): string | undefined {
    return this.#layout.labels.get(at);
  }

  #refuse(
    { kind, message }: Fault,
    row: number,
    column: string | undefined,
    cells: number,
  ): undefined {
    this.#tally.problem(kind, message, { row, column, cells });
  }

  #refuseOnce(
    { kind, message }: Fault,
    row: number,
    column: string | undefined,
    cells: number,
  ): void {
    this.#tally.problemOnce(kind, () => message, { row, column, cells });
  }
}
