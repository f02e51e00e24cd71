import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { Refusal } from '../base/problem.ts';
import type { RecordsTable } from '../records/index.ts';
import type { WarehouseTable } from '../warehouse/index.ts';

/*
 * The form of a backup: one tar file (`tar xf` opens it). First `rollcall-backup.json`, the `Manifest`; then the rows of
 * every table in numbered gzip parts, a line a row: `records/<table>/00001.ndjson.gz`, `warehouse/<table>/00001.tsv.gz`;
 * last `end.json` with the SHA-256 of every byte before it. A file without its end is no backup.
 */

export type Manifest = {
  format: 1;
  madeAt: string;
  demo: boolean;
  records: { migrations: string[]; tables: RecordsTable[]; leftOut: string[] };
  warehouse: { migrations: number[]; tables: WarehouseTable[] };
};

/** How many rows of each table there are, by `records/pupils`; and where the records' counters stood. */
export type Totals = { rows: Record<string, number>; counters: Record<string, number> };

/** A part: some lines of a table. */
export type Part = { store: 'records' | 'warehouse'; table: string; lines: Buffer };

const manifestName = 'rollcall-backup.json';
const endName = 'end.json';
const block = 512;
/** A part is a few megabytes; what claims to be larger than this was not written by us. */
const largestEntry = 512 * 1024 * 1024;
const bytesOfAPart = 8 * 1024 * 1024;
const partName = /^(records|warehouse)\/(\w+)\/\d+\.(?:ndjson|tsv)\.gz$/;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

export type BackupWriter = {
  /** All of a table's lines, in pieces of whole ones. Gives how many there were. */
  addTable(
    store: Part['store'],
    table: string,
    pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
  ): Promise<number>;
  /** Ends the file and puts it in its place, on the disk. Gives its size in bytes. */
  finish(totals: Totals): Promise<number>;
  /** Removes what was written. */
  abandon(): Promise<void>;
};

/** Begins a backup beside its place, readable by its owner alone. */
export async function createBackup(path: string, manifest: Manifest): Promise<BackupWriter> {
  const draft = join(dirname(path), `.${randomBytes(6).toString('hex')}.part`);
  const at = new Date(manifest.madeAt);
  const hash = createHash('sha256');
  let size = 0;
  let file: FileHandle;
  try {
    file = await open(draft, 'wx', 0o600);
  } catch (error) {
    throw cannotWrite(path, error);
  }
  const write = async (bytes: Buffer) => {
    hash.update(bytes);
    size += bytes.length;
    try {
      await file.writeFile(bytes);
    } catch (error) {
      throw cannotWrite(path, error);
    }
  };
  const abandon = async () => {
    await file.close().catch(() => {});
    await rm(draft, { force: true });
  };
  const add = (name: string, content: Buffer) => write(entryOf(name, content, at));
  try {
    await add(manifestName, json(manifest));
  } catch (error) {
    await abandon();
    throw error;
  }
  return {
    abandon,
    async addTable(store, table, pieces) {
      let rows = 0;
      let part = 0;
      for await (const lines of inParts(pieces)) {
        part += 1;
        rows += countLines(lines);
        const extension = store === 'records' ? 'ndjson' : 'tsv';
        const name = `${store}/${table}/${String(part).padStart(5, '0')}.${extension}.gz`;
        await add(name, await compress(lines, { level: 1 }));
      }
      return rows;
    },
    async finish(totals) {
      const sha256 = hash.copy().digest('hex');
      await add(endName, json({ ...totals, sha256 }));
      await write(Buffer.alloc(2 * block));
      try {
        await file.sync();
        await file.close();
        await rename(draft, path);
      } catch (error) {
        throw cannotWrite(path, error);
      }
      return size;
    },
  };
}

async function* inParts(pieces: AsyncIterable<Buffer> | Iterable<Buffer>) {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    bytes += piece.length;
    if (bytes < bytesOfAPart) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}

function countLines(lines: Buffer): number {
  let count = 0;
  for (let at = lines.indexOf(10); at >= 0; at = lines.indexOf(10, at + 1)) count += 1;
  return count;
}

const json = (value: unknown) => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);

/** One entry of a tar file (POSIX ustar): a header of 512 bytes, then the content, filled up to a whole block. */
function entryOf(name: string, content: Buffer, at: Date): Buffer {
  const header = Buffer.alloc(block);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0, 100, 'utf8');
  header.write(octal(0o600, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(content.length, 11), 124);
  header.write(octal(Math.floor(at.getTime() / 1000), 11), 136);
  header.write('0', 156);
  header.write('ustar\0', 257);
  header.write('00', 263);
  header.write(`${octal(checksumOf(header), 6)} `, 148);
  return Buffer.concat([header, content, Buffer.alloc(filling(content.length))]);
}

const filling = (size: number) => (block - (size % block)) % block;

/** The sum of the header's bytes, its own eight taken for spaces. */
function checksumOf(header: Buffer): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
}

export type OpenBackup = {
  manifest: Manifest;
  /** Every part in the order written. Throws in the end unless all of it is still what was written. */
  parts(take: (part: Part) => Promise<void>): Promise<Totals>;
};

/**
 * Reads a backup from end to end before it gives anything of it. Refuses with `check-failed` what is cut short or
 * altered, and with `bad-input` what cannot be read or is no backup.
 */
export async function openBackup(path: string): Promise<OpenBackup> {
  let manifest: Manifest | undefined;
  await readEntries(path, async ({ name, content }) => {
    if (manifest) return;
    if (name !== manifestName) throw notABackup(path);
    const read = readJson(content) as Manifest;
    if (isManifest(read)) manifest = read;
    if (manifest) return;
    const form: unknown = read?.format;
    if (form === 1 || typeof form !== 'number') throw altered(path, 'what it holds cannot be read');
    throw new Refusal(
      'bad-input',
      `${path} has form ${form}, and this version of Rollcall reads form 1. Restore it with the version that made it, or a newer one.`,
    );
  });
  if (!manifest) throw notABackup(path);
  return {
    manifest,
    parts: (take) =>
      readEntries(path, async ({ name, content }) => {
        if (name === manifestName) return;
        const [, store, table = ''] = partName.exec(name) ?? [];
        if (store !== 'records' && store !== 'warehouse') throw altered(path, `it holds ${name}`);
        await take({
          store,
          table,
          lines: await decompress(content, { maxOutputLength: largestEntry }).catch(() => {
            throw altered(path, `${name} cannot be unzipped`);
          }),
        });
      }),
  };
}

type Entry = { name: string; content: Buffer };

/** Gives every entry but the last, which says whether the others are what was written. */
async function readEntries(path: string, give: (entry: Entry) => Promise<void>): Promise<Totals> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    throw cannotRead(path, error);
  }
  try {
    const hash = createHash('sha256');
    for (let header = await take(file, block, path); ; header = await take(file, block, path)) {
      const entry = headerOf(header);
      if (!entry) throw header.length < block ? altered(path, 'its end is missing') : unknown(path);
      const size = entry.size + filling(entry.size);
      if (size > (await file.stat()).size) throw altered(path, 'its end is missing');
      const whole = await take(file, size, path);
      if (whole.length < size) throw altered(path, 'its end is missing');
      const content = whole.subarray(0, entry.size);
      if (entry.name === endName) {
        const { sha256, ...totals } = endOf(path, content);
        if (sha256 !== hash.digest('hex')) throw altered(path, 'its SHA-256 is another');
        await mustEndHere(file, path);
        return totals;
      }
      hash.update(header).update(whole);
      await give({ name: entry.name, content });
    }
  } finally {
    await file.close();
  }
}

/** The next so many bytes, or what is left. */
async function take(file: FileHandle, size: number, path: string): Promise<Buffer> {
  const bytes = Buffer.alloc(size);
  let got = 0;
  while (got < size) {
    const { bytesRead } = await file.read(bytes, got, size - got).catch((error: unknown) => {
      throw cannotRead(path, error);
    });
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return bytes.subarray(0, got);
}

async function mustEndHere(file: FileHandle, path: string): Promise<void> {
  const last = await take(file, 2 * block + 1, path);
  if (last.length < 2 * block) throw altered(path, 'its end is missing');
  if (last.length > 2 * block || last.some((byte) => byte !== 0)) {
    throw altered(path, 'something stands behind its end');
  }
}

function endOf(path: string, content: Buffer): Totals & { sha256: string } {
  const end = readJson(content) as Totals & { sha256: string };
  const isNumbers = (each: unknown) =>
    isThing(each) && Object.values(each).every((value) => typeof value === 'number');
  if (isThing(end) && typeof end['sha256'] === 'string' && isNumbers(end['rows'])) {
    if (isNumbers(end['counters'])) return end;
  }
  throw altered(path, 'its end cannot be read');
}

function readJson(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    return undefined;
  }
}

function isThing(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The file comes from outside: what it says of itself is not taken on trust. */
function isManifest(read: unknown): read is Manifest {
  if (!isThing(read) || read['format'] !== 1) return false;
  const { madeAt, demo, records, warehouse } = read;
  const all = (list: unknown, is: (item: unknown) => boolean) =>
    Array.isArray(list) && list.every(is);
  const isText = (value: unknown) => typeof value === 'string';
  const isTable = (isColumn: (column: unknown) => boolean) => (table: unknown) =>
    isThing(table) && isText(table['table']) && all(table['columns'], isColumn);
  return (
    typeof madeAt === 'string' &&
    !Number.isNaN(new Date(madeAt).getTime()) &&
    typeof demo === 'boolean' &&
    isThing(records) &&
    all(records['migrations'], isText) &&
    all(records['tables'], isTable(isText)) &&
    all(records['leftOut'], isText) &&
    isThing(warehouse) &&
    all(warehouse['migrations'], (number) => typeof number === 'number') &&
    all(
      warehouse['tables'],
      isTable((column) => isThing(column) && isText(column['name']) && isText(column['type'])),
    )
  );
}

function headerOf(header: Buffer): { name: string; size: number } | undefined {
  if (header.length < block || header.toString('latin1', 257, 262) !== 'ustar') return undefined;
  if (Number.parseInt(header.toString('latin1', 148, 154), 8) !== checksumOf(header))
    return undefined;
  const size = Number.parseInt(header.toString('latin1', 124, 135), 8);
  if (!Number.isInteger(size) || size < 0 || size > largestEntry) return undefined;
  const name = header.toString('utf8', 0, 100);
  return { name: name.slice(0, name.indexOf('\0')), size };
}

const why = (error: unknown) => (error instanceof Error ? error.message : String(error));

function cannotWrite(path: string, cause: unknown): Refusal {
  return new Refusal(
    'bad-input',
    `The backup ${path} cannot be written (${why(cause)}), and nothing of it was kept. Name a file in a folder that exists, that you may write to and that has room.`,
    { cause },
  );
}

function cannotRead(path: string, cause: unknown): Refusal {
  return new Refusal(
    'bad-input',
    `The backup ${path} cannot be read (${why(cause)}). Name a file that “rollcall stores backup” made.`,
    { cause },
  );
}

function notABackup(path: string): Refusal {
  return new Refusal(
    'bad-input',
    `${path} is not a backup of Rollcall. Name a file that “rollcall stores backup” made.`,
  );
}

function unknown(path: string): Refusal {
  return altered(path, 'a part of it cannot be read, or it is no backup of Rollcall');
}

function altered(path: string, what: string): Refusal {
  return new Refusal(
    'check-failed',
    `The backup ${path} is not what was written (${what}): nothing is restored from it. Use another copy.`,
  );
}
