import { attendanceCodes } from '../../base/attendanceCodes.ts';
import type { Day } from '../../base/day.ts';
import type { Urn } from '../../base/identifiers.ts';
import { withoutUpns } from '../../base/upn.ts';
import { dayIn, type DateText, OrderEvidence, readDate } from './dates.ts';
import { findLayout, type Layout, type MarkColumn } from './layout.ts';
import { canBeCode, isBlank } from './markCells.ts';
import {
  badQuotes,
  cellTooLong,
  codeNotRead,
  dateFault,
  enteredOnNotRead,
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
import { schoolOf } from './school.ts';
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
  found.headings = headingsOf(layout);
  refuseTooWide(layout, limits);
  refuseHeadedTwice(layout);
  tellColumnsWithoutSession(layout, tally);
  const reader = new TableReader(layout, options, limits, tally, found);
  if (layout.form === 'wide-csv') reader.settle(evidenceOfHeadings(layout));
  const splitter = new RowSplitter(delimiter, limits, layout);
  let row = 0;
  const takeRows = async (rows: Row[]): Promise<void> => {
    for (const cells of rows) {
      row += 1;
      if (row <= layout.rowsBefore) continue;
      if (!reader.take(cells, row)) {
        reader.settle(await evidenceOf(texts, layout, delimiter, options, limits));
        if (!reader.take(cells, row)) throw changed();
      }
      if (tally.isFull) await tally.handOn();
    }
    found.quoted = splitter.quoted;
  };
  for await (const text of texts()) await takeRows(splitter.rowsOf(text));
  await takeRows(splitter.lastRows());
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
 * The days of all rows, those of the entries with the others: a file is written by one program, in one order. Asked for
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
  const evidence = new OrderEvidence();
  const seen = new Set<string>();
  const columns = [layout.dateAt, layout.notes.get('enteredOn') ?? -1];
  let row = 0;
  const look = (rows: Row[]): void => {
    for (const cells of rows) {
      row += 1;
      if (row <= layout.rowsBefore || !Array.isArray(cells)) continue;
      for (const at of columns) {
        const text = cells[at];
        if (text === undefined || text.length > limits.cellCharacters || seen.has(text)) continue;
        if (seen.size < mostDates) seen.add(text);
        evidence.add(rowDate(text, layout, options).date);
      }
    }
  };
  for await (const text of texts()) look(splitter.rowsOf(text));
  look(splitter.lastRows());
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
  readonly #layout: Layout;
  readonly #options: ReadOptions;
  readonly #limits: ReadLimits;
  readonly #tally: Tally;
  readonly #found: Found;
  readonly #needed: number;
  readonly #dates = new Map<string, RowDate>();
  readonly #enteredAt: number;
  #order: DateOrder | undefined;
  /** Why dates whose order matters cannot be read, when the file leaves it open. */
  #open: Fault | undefined;
  /** What was said of the school last, and which that is: most rows say the same. */
  #lastSchool: { urn: string; laestab: string; is: Urn } | undefined;

  constructor(
    layout: Layout,
    options: ReadOptions,
    limits: ReadLimits,
    tally: Tally,
    found: Found,
  ) {
    this.#layout = layout;
    this.#options = options;
    this.#limits = limits;
    this.#tally = tally;
    this.#found = found;
    this.#order = options.dateOrder;
    const { urnAt, upnAt, dateAt, sessionAt, marks } = layout;
    // Who leaves off the cells after the last that is filled leaves off an afternoon, and no more.
    const first = layout.form === 'wide-csv' ? -1 : Math.min(...marks.map(({ at }) => at));
    this.#needed = Math.max(urnAt, upnAt, dateAt, sessionAt, first) + 1;
    this.#enteredAt = layout.notes.get('enteredOn') ?? -1;
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
    const { urnAt, laestabAt } = this.#layout;
    const urn = cellAt(row, urnAt);
    const laestab = cellAt(row, laestabAt);
    const last = this.#lastSchool;
    if (last?.urn === urn && last.laestab === laestab) return last.is;
    const school = schoolOf({ urn: urn.trim(), laestab: laestab.trim() }, this.#options);
    if (typeof school === 'number') {
      this.#lastSchool = { urn, laestab, is: school };
      return school;
    }
    if (school.kind === urnMissing.kind) this.#refuseOnce(school, number, undefined, filled);
    else {
      const at = school.kind === urnNotRead.kind ? urnAt : laestabAt;
      this.#refuse(school, number, this.#labelOf(at), filled);
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
