import { holdsUpn } from '../../base/upn.ts';
import { type Delimiter, type ReadLimits, StopReading } from './reading.ts';

/** A row that is no row: why not. */
export type BadRow = { bad: 'misplaced-quote' | 'quote-not-closed' };
export type Row = string[] | BadRow;

/** What is known of a table once its headings are: how many rows stand before the first below them, and their cells. */
export type Headed = { rowsBefore: number; width: number };

/**
 * Cuts a table’s text into rows of cells as it comes (RFC 4180 with any delimiter). A quotation mark counts where a cell
 * begins; elsewhere it is a character like another, as in O"Brien. Nothing but a limit makes it stop.
 *
 * A cell in quotation marks may hold ends of lines, as a note of two lines does, and is still of one row: rows are
 * numbered as a spreadsheet numbers them. But far more often a mark was opened by mistake and would swallow the rows
 * after it. It is taken for that when it is not closed where a cell ends, and when what it would swallow shows rows: a
 * UPN, or lines that are each as long as the headings. Then its own line alone is the bad row, and the next is a row.
 */
export class RowSplitter {
  readonly #delimiter: Delimiter;
  readonly #limits: ReadLimits;
  readonly #headed: Headed | undefined;
  #waiting = '';
  #rows = 0;
  #lineEnd: '\n' | '\r' | undefined;
  /** Whether any cell stood in quotation marks. */
  quoted = false;

  constructor(delimiter: Delimiter, limits: ReadLimits, headed?: Headed) {
    this.#delimiter = delimiter;
    this.#limits = limits;
    this.#headed = headed;
  }

  rowsOf(chunk: string): Row[] {
    return this.#cut(this.#waiting === '' ? chunk : this.#waiting + chunk, false);
  }

  /** What is left when no more text comes. */
  lastRows(): Row[] {
    return this.#cut(this.#waiting, true);
  }

  #cut(text: string, last: boolean): Row[] {
    this.#lineEnd ??= lineEndOf(text, last);
    const lineEnd = this.#lineEnd ?? '\n';
    let quote = nextQuote(text, 0);
    const rows: Row[] = [];
    let start = 0;
    while (start < text.length) {
      const end = text.indexOf(lineEnd, start);
      if (end < 0 && !last) break;
      const lineTo = end < 0 ? text.length : end;
      if (quote < start) quote = nextQuote(text, start);
      if (quote >= lineTo) {
        rows.push(this.#plainCells(text.slice(start, lineTo)));
        start = lineTo + 1;
      } else {
        const found = this.#quotedCells(text, { start, lineTo, lineEnd }, last);
        if (found === 'more') break;
        if (found.end - start > this.#limits.rowCharacters + 1) throw this.#tooLong();
        rows.push(found.row);
        start = found.end;
      }
      this.#countRow();
    }
    this.#waiting = text.slice(start);
    if (this.#waiting.length > this.#limits.rowCharacters) throw this.#tooLong();
    return rows;
  }

  #countRow(): void {
    this.#rows += 1;
    if (this.#rows <= this.#limits.rows) return;
    throw new StopReading(
      'too-many-rows',
      `The table has more than ${this.#limits.rows.toLocaleString('en-GB')} rows: split it and send the parts.`,
      this.#rows,
    );
  }

  #tooLong(): StopReading {
    return new StopReading(
      'row-too-long',
      `The row has more than ${this.#limits.rowCharacters.toLocaleString('en-GB')} characters: close the quotation mark that opens a cell in it, or export the table again.`,
      this.#rows + 1,
    );
  }

  /** Whether a cell that goes on over lines has swallowed what are rows by themselves. */
  #isStray(
    { text, start, end, lineEnd }: Piece,
    cells: readonly string[],
    quoted: Quoted,
  ): boolean {
    if (this.#headed === undefined || this.#rows < this.#headed.rowsBefore) return false;
    const { opens, lineBreak, close } = quoted;
    if (holdsUpn(text.slice(opens, close))) return true;
    const { width } = this.#headed;
    if (cells.slice(width).some((cell) => cell.trim() !== '')) return true;
    const isWhole = (line: string) => line.split(this.#delimiter).length >= width;
    const others = text.slice(lineBreak + 1, end).split(lineEnd);
    return isWhole(text.slice(start, lineBreak)) && others.some(isWhole);
  }

  #plainCells(line: string): string[] {
    if (line.length > this.#limits.rowCharacters) throw this.#tooLong();
    return (line.endsWith('\r') ? line.slice(0, -1) : line).split(this.#delimiter);
  }

  /** A row from `start` on with a quotation mark somewhere; `end` is where the next begins. */
  #quotedCells(
    text: string,
    { start, lineTo, lineEnd }: { start: number; lineTo: number; lineEnd: string },
    last: boolean,
  ): CutRow | 'more' {
    const cells: string[] = [];
    const separator = this.#delimiter.charCodeAt(0);
    const rowEnd = lineEnd.charCodeAt(0);
    let at = start;
    /** Cells in quotation marks that go on over lines. */
    const overLines: Quoted[] = [];
    for (;;) {
      const opens = quoteAt(text, at);
      let end: number;
      if (opens >= 0) {
        this.quoted = true;
        const close = closingQuote(text, opens);
        const seen = close < 0 ? text.length : close;
        if (seen - start >= this.#limits.rowCharacters || (close < 0 && last)) {
          return lineOnly(text, overLines[0]?.opens ?? opens, lineEnd, last);
        }
        if (close < 0 || (close === text.length - 1 && !last)) return 'more';
        const lineBreak = close < lineTo ? close : text.indexOf(lineEnd, opens);
        if (lineBreak >= 0 && lineBreak < close) overLines.push({ opens, lineBreak, close });
        cells.push(unquoted(text.slice(opens + 1, close)));
        end = afterBlanks(text, close + 1, rowEnd);
      } else {
        end = endOfCell(text, at, separator, rowEnd);
        const cell = text.slice(at, end);
        const isLast = text.charCodeAt(end) !== separator;
        cells.push(isLast && cell.endsWith('\r') ? cell.slice(0, -1) : cell);
      }
      const isOver = end >= text.length;
      if (isOver && !last) return 'more';
      const code = text.charCodeAt(end);
      if (isOver || code === rowEnd) {
        const piece = { text, start, end, lineEnd };
        const stray = overLines.find((quoted) => this.#isStray(piece, cells, quoted));
        return stray
          ? lineOnly(text, stray.opens, lineEnd, last)
          : { row: cells, end: isOver ? end : end + 1 };
      }
      if (code !== separator) {
        if (overLines[0]) return lineOnly(text, overLines[0].opens, lineEnd, last);
        const next = text.indexOf(lineEnd, end);
        if (next < 0 && !last) return 'more';
        return { row: { bad: 'misplaced-quote' }, end: next < 0 ? text.length : next + 1 };
      }
      at = end + 1;
    }
  }
}

type CutRow = { row: Row; end: number };
type Piece = { text: string; start: number; end: number; lineEnd: string };

/** A cell in quotation marks over more than one line: where it opens, where its first line ends, and where it closes. */
type Quoted = { opens: number; lineBreak: number; close: number };

/** The line of a quotation mark that opens by mistake is no row; the next line is one. */
function lineOnly(text: string, opens: number, lineEnd: string, last: boolean): CutRow | 'more' {
  const end = text.indexOf(lineEnd, opens);
  if (end < 0 && !last) return 'more';
  return { row: { bad: 'quote-not-closed' }, end: end < 0 ? text.length : end + 1 };
}

const blank = 32;
const carriageReturn = 13;
const quotationMark = 34;

/** Where the mark that opens this cell stands, or -1; some programs put a space before it. */
function quoteAt(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) === blank) at += 1;
  return text.charCodeAt(at) === quotationMark ? at : -1;
}

/** Past spaces, and past the first of the two characters with which Windows ends a line. */
function afterBlanks(text: string, from: number, rowEnd: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== blank && (code !== carriageReturn || rowEnd === carriageReturn)) return at;
    at += 1;
  }
}

function unquoted(text: string): string {
  return text.includes('"') ? text.replaceAll('""', '"') : text;
}

/** Infinity when there is none. */
function nextQuote(text: string, from: number): number {
  const at = text.indexOf('"', from);
  return at < 0 ? Infinity : at;
}

function closingQuote(text: string, open: number): number {
  let close = text.indexOf('"', open + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  return close;
}

function endOfCell(text: string, start: number, separator: number, rowEnd: number): number {
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === separator || code === rowEnd) return at;
  }
  return text.length;
}

/** Windows ends a line with both, which is read as the second; old Macintoshes with the first alone. */
function lineEndOf(text: string, last: boolean): '\n' | '\r' | undefined {
  const first = /\r\n?|\n/.exec(text);
  if (!first) return undefined;
  const mayGoOn = first[0] === '\r' && first.index === text.length - 1 && !last;
  if (mayGoOn) return undefined;
  return first[0] === '\r' ? '\r' : '\n';
}
