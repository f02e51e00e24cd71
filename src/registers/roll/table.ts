import { createHash } from 'node:crypto';
import { readDate, OrderEvidence, dayIn, type DateText } from '../read/dates.ts';
import { badQuotes, dateFault, type Fault, orderFault, tooManyCells } from '../read/problems.ts';
import {
  type DateOrder,
  type Delimiter,
  type Encoding,
  type ReadLimits,
  type Source,
  StopReading,
  usualReadLimits,
} from '../read/reading.ts';
import { type Row, RowSplitter } from '../read/rows.ts';
import { type Characters, textOf } from '../read/text.ts';
import { type Day, parseDay } from '../../base/day.ts';
import type { Urn } from '../../base/identifiers.ts';
import { urnOf } from '../read/markCells.ts';

/** A column of a table with a heading: what it is called here, and what else files call it, in small letters alone. */
export type Column = { name: string; also?: readonly string[]; optional?: true; date?: true };

/** What a kind of file has in it. */
export type TableShape = { what: string; columns: readonly Column[] };

/** What was found out about a file while it was read. */
export type TableFound = {
  file: string;
  encoding: Encoding;
  delimiter: Delimiter;
  headingRow: number;
  /** Headings that are no column of this kind of file: they are left. */
  notUsed: string[];
  /** Only where a date occurs whose order is not plain from how it is written. */
  dateOrder?: DateOrder | 'ambiguous' | 'mixed';
};

type Cells = Readonly<Record<string, string>>;

/** A row: its cells by the name of their column, without spaces around them; or why it is none. */
export type Line = { row: number; cells: Cells } | { row: number; fault: Fault };

export type OpenTable = {
  found: TableFound;
  /** SHA-256 of its bytes. */
  digest: string;
  rows: number;
  /** The last row of each school, by its URN as it is written. */
  lastRowOf: ReadonlyMap<string, number>;
  /** The child, as it is written, of each row of no school that is read: it is broken, or its URN is none, or another’s. */
  strays: readonly string[];
  /** What a column is called in this file, for people: `C (Date of birth)`. */
  labelOf(name: string): string | undefined;
  /** A date as this file writes it, or what is wrong with it. */
  dayOf(text: string): { day: Day } | { fault: Fault };
  /** Every row under the headings that is not blank, in the order of the file, each time they are asked for. */
  lines(): AsyncGenerator<Line[]>;
};

const delimiters: readonly Delimiter[] = [',', ';', '\t', '|'];
const headCharacters = 262_144;
const headingsWithin = 20;

export const tableLimits: ReadLimits = { ...usualReadLimits, cellCharacters: 200, columns: 200 };

/**
 * Opens a table: finds its delimiter, its encoding, its headings and the order of its dates, and reads it once from end to
 * end. What cannot be read at all is thrown as `StopReading`.
 */
export async function openTable(
  source: Source,
  shape: TableShape,
  options: {
    file: string;
    dateOrder?: DateOrder | undefined;
    limits?: Partial<ReadLimits>;
    /** The schools whose rows are read; without it every school’s. */
    onlyUrns?: readonly Urn[];
  },
): Promise<OpenTable> {
  const limits = { ...tableLimits, ...options.limits };
  const characters: Characters = { encoding: 'UTF-8', damaged: false };
  const head = await headOf(() => textOf(source, characters, limits));
  const { delimiter, headings, headingRow } = findHeadings(head, shape, limits);
  const places = placesOf(headings, shape, headingRow);
  const used = new Set(places.values());
  const found: TableFound = {
    ...{ file: options.file, encoding: characters.encoding, delimiter, headingRow },
    notUsed: headings.filter((heading, at) => !used.has(at) && heading.trim() !== ''),
  };
  const whole = { source, characters, limits, delimiter, headingRow, places, headings };
  const evidence = new OrderEvidence();
  const seen = new Map<string, DateText>();
  const dates = shape.columns.filter(({ date }) => date).map(({ name }) => name);
  const digest = { text: '' };
  const lastRowOf = new Map<string, number>();
  const strays: string[] = [];
  let rows = 0;
  for await (const lines of linesOf(whole, digest)) {
    rows += lines.length;
    for (const line of lines) {
      const cells: Cells = 'fault' in line ? {} : line.cells;
      if (!isOfSchool(cells['urn'], options.onlyUrns)) strays.push(cells['upn'] ?? '');
      if ('fault' in line) continue;
      lastRowOf.set(line.cells['urn'] ?? '', line.row);
      for (const name of dates) noteDate(line.cells[name] ?? '', seen, evidence);
    }
  }
  const all = evidence.found();
  const order = options.dateOrder ?? (all && isOrder(all.order) ? all.order : undefined);
  if (all) found.dateOrder = options.dateOrder ?? all.order;
  found.encoding = characters.encoding;
  return {
    ...{ found, digest: digest.text, rows, lastRowOf, strays },
    labelOf(name) {
      const at = places.get(name);
      return at === undefined ? undefined : `${letters(at)} (${headings[at]?.trim()})`;
    },
    dayOf(text) {
      const iso = parseDay(text);
      if (iso !== undefined) return { day: iso };
      const read = seen.get(text) ?? readDate(text);
      if (read.reads === 'by-order' && order === undefined && all) {
        return { fault: orderFault(all) };
      }
      const day = dayIn(read, order);
      return day === undefined ? { fault: dateFault(read, order ?? 'dmy') } : { day };
    },
    async *lines() {
      const again = { text: '' };
      yield* linesOf(whole, again);
      if (again.text !== digest.text) {
        throw new StopReading('file-changed', 'The file changed while it was read: send it again.');
      }
    },
  };
}

function isOfSchool(text = '', onlyUrns?: readonly Urn[]): boolean {
  const urn = urnOf(text);
  return urn !== undefined && (onlyUrns?.includes(urn) ?? true);
}

const isOrder = (order: string): order is DateOrder => order === 'dmy' || order === 'mdy';
const mostDates = 50_000;

function noteDate(text: string, seen: Map<string, DateText>, evidence: OrderEvidence): void {
  if (text === '' || text.length > 40 || parseDay(text) !== undefined) return;
  if (seen.has(text)) return;
  const read = readDate(text);
  if (seen.size < mostDates) seen.set(text, read);
  evidence.add(read);
}

type Whole = {
  source: Source;
  characters: Characters;
  limits: ReadLimits;
  delimiter: Delimiter;
  headingRow: number;
  places: ReadonlyMap<string, number>;
  headings: readonly string[];
};

async function* linesOf(whole: Whole, digest: { text: string }): AsyncGenerator<Line[]> {
  const hash = createHash('sha256');
  const source: Source = async function* () {
    for await (const bytes of whole.source()) {
      hash.update(bytes);
      yield bytes;
    }
  };
  const headed = { rowsBefore: whole.headingRow, width: whole.headings.length };
  const splitter = new RowSplitter(whole.delimiter, whole.limits, headed);
  let row = 0;
  const read = (rows: Row[]): Line[] =>
    rows.flatMap((cells) => {
      row += 1;
      return row <= whole.headingRow ? [] : lineOf(cells, row, whole);
    });
  for await (const text of textOf(source, whole.characters, whole.limits)) {
    yield read(splitter.rowsOf(text));
  }
  yield read(splitter.lastRows());
  digest.text = hash.digest('hex');
}

function lineOf(cells: Row, row: number, { places, headings, limits }: Whole): Line[] {
  if (!Array.isArray(cells)) return [{ row, fault: badQuotes[cells.bad] }];
  if (cells.length === 1 && cells[0]?.trim() === '') return [];
  if (cells.slice(headings.length).some((cell) => cell.trim() !== '')) {
    return [{ row, fault: tooManyCells }];
  }
  if (cells.every((cell) => cell.trim() === '')) return [];
  const named: Record<string, string> = {};
  for (const [name, at] of places) {
    const cell = cells[at]?.trim() ?? '';
    if (cell.length > limits.cellCharacters) return [{ row, fault: tooLong(limits) }];
    named[name] = cell;
  }
  return [{ row, cells: named }];
}

function tooLong({ cellCharacters }: ReadLimits): Fault {
  return {
    kind: 'cell-too-long',
    message: `A cell has more than ${cellCharacters.toLocaleString('en-GB')} characters: it is not what its column is for. Correct it.`,
  };
}

async function headOf(texts: () => AsyncIterable<string>): Promise<string> {
  let head = '';
  for await (const text of texts()) {
    head += text;
    if (head.length >= headCharacters) break;
  }
  if (head.trim() === '') {
    throw new StopReading('empty-file', 'There is nothing in the file: export it again.');
  }
  return head;
}

type Headings = { delimiter: Delimiter; headings: string[]; headingRow: number; known: number };

/** The delimiter and the row that show the most columns of this kind of file. */
function findHeadings(head: string, shape: TableShape, limits: ReadLimits): Headings {
  const tried = delimiters.flatMap((delimiter): Headings[] => {
    const splitter = new RowSplitter(delimiter, { ...limits, rowCharacters: Infinity });
    const rows = [...splitter.rowsOf(head), ...splitter.lastRows()].slice(0, headingsWithin);
    return rows.flatMap((row, at) => {
      const headings = Array.isArray(row) ? row : [];
      const known = headings.filter((heading) => columnNamed(heading, shape)).length;
      return known > 0 ? [{ delimiter, headings, headingRow: at + 1, known }] : [];
    });
  });
  const [best] = tried.sort((a, b) => b.known - a.known || a.headingRow - b.headingRow);
  const wanted = shape.columns.filter(({ optional }) => !optional).map(({ name }) => name);
  if (!best || best.known < 2) {
    throw new StopReading(
      'headings-not-found',
      `No row of headings was found in the first ${headingsWithin}: ${shape.what} has the columns ${wanted.join(', ')}.`,
    );
  }
  return best;
}

function columnNamed(heading: string, { columns }: TableShape): string | undefined {
  const plain = heading.toLowerCase().replaceAll(/[^a-z]/g, '');
  return columns.find(
    ({ name, also = [] }) => name.replaceAll('_', '') === plain || also.includes(plain),
  )?.name;
}

function placesOf(
  headings: readonly string[],
  shape: TableShape,
  headingRow: number,
): Map<string, number> {
  const places = new Map<string, number>();
  for (const [at, heading] of headings.entries()) {
    const name = columnNamed(heading, shape);
    if (name === undefined) continue;
    if (places.has(name)) {
      throw new StopReading(
        'heading-twice',
        `Two columns are headed as ${name}: leave out the one that is not meant.`,
        headingRow,
      );
    }
    places.set(name, at);
  }
  const missing = shape.columns.filter(({ name, optional }) => !optional && !places.has(name));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    throw new StopReading(
      'column-missing',
      `${shape.what} needs ${missing.length === 1 ? 'a column' : 'columns'} that this file has not: ${names}. Export it with ${missing.length === 1 ? 'it' : 'them'}.`,
      headingRow,
    );
  }
  return places;
}

/** 0 → `A`, 26 → `AA`, as a spreadsheet names its columns. */
function letters(at: number): string {
  const before = Math.floor(at / 26);
  return `${before > 0 ? letters(before - 1) : ''}${String.fromCharCode(65 + (at % 26))}`;
}
