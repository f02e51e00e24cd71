import { isAscii } from 'node:buffer';
import { rm, writeFile } from 'node:fs/promises';
import { makeFolder } from '../../base/folder.ts';
import { noRoomForVisitors, Refusal } from '../../base/problem.ts';
import type { ArrivingFile, Warehouse } from '../../warehouse/index.ts';
import { fieldNamed, noteNamed } from '../read/layout.ts';
import { readRegister } from '../read/read.ts';
import {
  type RawMark,
  type Reading,
  type ReadOptions,
  type Source,
  StopReading,
  usualReadLimits,
} from '../read/reading.ts';
import { startOfTable } from '../read/table.ts';
import { forgetStagedOf } from './forget.ts';
import { passingFile } from './onDisk.ts';
import { stagedFacts, stagePlain, stagePlainDated, stageRead } from './stage.sql.ts';

/** A file on its way into the warehouse. */
export type Staging = {
  upload: number;
  source: Source;
  options: ReadOptions;
  /** Of pupil keys: see `base/pupilKey.ts`. */
  secret: Uint8Array;
  /** A folder for what stands on the disk for a moment, that nobody else reads. */
  scratch: string;
  signal: AbortSignal;
  onPiece?(): void;
};

/** What was read, and who read it: the engine, or where anything had to be found out, the reader. */
export type Staged = { reading: Reading; by: 'engine' | 'reader' };

/**
 * Puts all marks of a file into the warehouse as they came, to be checked there. A plain table (commas, ASCII, no quotation
 * marks, dates as 2025-09-08, AM and PM) is taken apart by the engine itself, several times as fast; at the first row that
 * is not plain the whole file is read again by the reader, so that it makes no difference to what is found.
 */
export async function stageFile(warehouse: Warehouse, given: Staging): Promise<Staged> {
  const staging = { ...given, source: heeding(given.source, given.signal) };
  const plain = await stagePlainTable(warehouse, staging).catch(refuseUnread);
  if (plain) return { reading: plain, by: 'engine' };
  await forgetStagedOf(warehouse, staging.upload);
  return { reading: await stageByReader(warehouse, staging), by: 'reader' };
}

/** Bytes that are no more read once nobody wants them. */
function heeding(source: Source, signal: AbortSignal): Source {
  return async function* () {
    for await (const chunk of source()) {
      signal.throwIfAborted();
      yield chunk;
    }
  };
}

/** What is wrong with the bytes themselves is said to whoever sent them: it is no fault of the program. */
export function refuseUnread(error: unknown): never {
  if (!(error instanceof StopReading)) throw error;
  throw new Refusal('bad-input', `${error.message} Nothing was kept.`, { cause: error });
}

const pieceBytes = 48 << 20;

async function stageByReader(warehouse: Warehouse, staging: Staging): Promise<Reading> {
  const { source, options, signal } = staging;
  const columns = [
    ...['row', 'spot', 'urn', 'upn', 'date', 'session', 'code'],
    ...['entered_on', 'reason', 'amended_by', 'position'],
  ];
  const lines: string[] = [];
  let length = 0;
  const flush = async () => {
    if (lines.length === 0) return;
    const text = lines.join('');
    lines.length = 0;
    length = 0;
    const format = 'TabSeparated';
    const went = await withPiece(staging, text, (path) =>
      warehouse.load(stageRead, keysOf(staging), { path, format, columns }),
    );
    if (!went) throw new Error('marks that were read could not be staged');
    staging.onPiece?.();
  };
  const reading = await readRegister(source, options, async (marks) => {
    signal.throwIfAborted();
    for (const mark of marks) {
      const line = lineOf(mark);
      lines.push(line);
      length += line.length;
    }
    staging.onPiece?.();
    if (length > pieceBytes) await flush();
  });
  await flush();
  return reading;
}

function lineOf(mark: RawMark): string {
  const { row, column, urn, upn, date, session, code } = mark;
  const notes = [mark.enteredOn, mark.reason, mark.amendedBy, mark.position];
  const cells = [row, escaped(column), urn, escaped(upn), date, session, escaped(code)];
  return `${cells.join('\t')}\t${notes.map((each) => escaped(each ?? '')).join('\t')}\n`;
}

const special: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\0': '\\0',
};

function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not stand in a line
  return /[\\\t\n\r\0]/.test(text)
    ? text.replace(/[\\\t\n\r\0]/g, (each) => special[each] ?? '')
    : text;
}

function keysOf({ upload, secret }: Staging) {
  const view = new DataView(secret.buffer, secret.byteOffset, secret.byteLength);
  const key = (at: number) => view.getBigUint64(at, true).toString();
  return { upload, key0: key(0), key1: key(8) };
}

async function withPiece<Result>(
  { scratch }: Pick<Staging, 'scratch'>,
  piece: Buffer | string,
  work: (path: string) => Promise<Result>,
): Promise<Result> {
  makeFolder(scratch);
  const path = passingFile(scratch);
  try {
    await writeFile(path, piece, { mode: 0o600 });
    return await work(path);
  } catch (error) {
    throw noRoom(error) ?? error;
  } finally {
    await rm(path, { force: true });
  }
}

/** Undefined where it is not the disk that is full. */
export function noRoom(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code !== 'ENOSPC') return;
  return new Refusal(
    'not-ready',
    'The disk of the data folder is full: nothing of the register was kept. Make room there, and send it again.',
    { cause: error, forVisitors: noRoomForVisitors },
  );
}

/** Undefined when the table is not plain: whatever was staged of it by then is to be forgotten. */
async function stagePlainTable(
  warehouse: Warehouse,
  staging: Staging,
): Promise<Reading | undefined> {
  const { source, signal, upload, options } = staging;
  const limits = { ...usualReadLimits, ...options.limits };
  const start = await plainStart(staging);
  if (!start) return undefined;
  const { columns, spot, headings } = start;
  const statement = columns.includes('entered_on') ? stagePlainDated : stagePlain;
  let before = 1;
  let isFirst = true;
  // While the engine takes one piece in, the next is read.
  let underWay = Promise.resolve(true);
  try {
    for await (const lines of wholeLines(source, limits.rowCharacters)) {
      signal.throwIfAborted();
      if (lines === tooLong || !isPlainText(lines)) return undefined;
      const piece = isFirst ? lines.subarray(lines.indexOf(newLine) + 1) : lines;
      isFirst = false;
      if (piece.length === 0) continue;
      const format: ArrivingFile['format'] = 'CSV';
      const parameters = { ...keysOf(staging), before, spot };
      before += linesIn(piece);
      if (!(await underWay)) return undefined;
      if (before > limits.rows) return undefined; // the reader says it in words
      underWay = withPiece(staging, piece, (path) =>
        warehouse.load(statement, parameters, { path, format, columns }),
      );
      underWay.catch(() => {});
      staging.onPiece?.();
    }
  } finally {
    await underWay.catch(() => {});
  }
  if (!(await underWay)) return undefined;
  const [facts] = await warehouse.query(stagedFacts, { upload });
  if (!facts || facts.rows !== before - 1) return undefined; // an empty line, say, is no row to the engine
  const marks = facts.rows;
  return {
    found: {
      ...{ form: 'long-csv', encoding: 'UTF-8', delimiter: ',', quoted: false, headings },
      ...(marks > 0 ? { firstDay: facts.first_day, lastDay: facts.last_day } : {}),
      urns: facts.urns,
    },
    counted: { cells: marks, marks, blank: 0, notRead: 0, byKind: {} },
    problems: [],
    counts: [],
    complete: true,
  };
}

const newLine = 10;
const quotationMark = 34;
const headBytes = 262_144;

function isPlainText(bytes: Buffer): boolean {
  return isAscii(bytes) && bytes.indexOf(quotationMark) < 0;
}

/** What a plain table’s headings say; undefined when they, or the first lines, are not plain. */
async function plainStart({ source, options }: Staging) {
  let head = Buffer.alloc(0);
  for await (const chunk of source()) {
    head = Buffer.concat([head, chunk]);
    if (head.length >= headBytes) break;
  }
  if (!isPlainText(head) || !/^[a-z_ ]+(,[a-z_ ]+)+\r?\n/i.test(head.toString('latin1', 0, 500))) {
    return undefined;
  }
  const table = startOfTable(head.toString('latin1'), false, options, usualReadLimits);
  if (!table || table.delimiter !== ',' || table.layout.rowsBefore !== 1) return undefined;
  const { layout } = table;
  const [mark, another] = layout.marks;
  const names = head
    .toString('latin1', 0, head.indexOf(newLine))
    .split(',')
    .map((heading) => fieldNamed(heading) ?? columnOfNote[noteNamed(heading) ?? '']);
  const isWhole = ['urn', 'upn', 'date', 'session', 'code'].every(
    (name) => names.filter((each) => each === name).length === 1,
  );
  if (!mark || another || !isWhole || names.includes(undefined)) return undefined;
  if (layout.headedTwice !== undefined) return undefined;
  const labels = [...layout.labels.values()];
  const headings = { row: 1, columns: labels };
  return { columns: names as string[], spot: mark.label, headings };
}

/** Of the notes only the day of entry is plain: others are free text. */
const columnOfNote: Readonly<Record<string, string>> = { enteredOn: 'entered_on' };

const tooLong = Symbol('a line longer than a row may be');

/** The bytes in pieces that end where lines do; at a line longer than a row may be it ends with `tooLong`. */
async function* wholeLines(
  source: Source,
  longest: number,
): AsyncGenerator<Buffer | typeof tooLong> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  let sinceLine = 0;
  for await (const chunk of source()) {
    waiting.push(chunk);
    length += chunk.length;
    const lineEnd = chunk.lastIndexOf(newLine) + 1;
    sinceLine = lineEnd > 0 ? chunk.length - lineEnd : sinceLine + chunk.length;
    if (sinceLine > longest) {
      yield tooLong;
      return;
    }
    if (length < pieceBytes) continue;
    const all = Buffer.concat(waiting);
    const end = all.lastIndexOf(newLine) + 1;
    if (end > 0) yield all.subarray(0, end);
    const rest = Buffer.from(all.subarray(end));
    waiting = [rest];
    length = rest.length;
  }
  if (length === 0) return;
  const all = Buffer.concat(waiting);
  yield all.at(-1) === newLine ? all : Buffer.concat([all, Buffer.from('\n')]);
}

function linesIn(piece: Buffer): number {
  let lines = 0;
  for (let at = piece.indexOf(newLine); at >= 0; at = piece.indexOf(newLine, at + 1)) lines += 1;
  return lines;
}
