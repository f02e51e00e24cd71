import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import {
  type DatabaseConnection,
  type Dialect,
  Kysely,
  PGliteDialect,
  PostgresDialect,
  type Transaction,
} from 'kysely';
import pg from 'pg';
import { makeFolder } from '../base/folder.ts';
import { noRoomForVisitors, notNowForVisitors, Refusal } from '../base/problem.ts';
import type { RecordsTables } from './tables.ts';

/** The records: PostgreSQL through Kysely, in the process (PGlite) or on a server. */
export type Records = Kysely<RecordsTables>;

/** The records within one transaction. */
export type RecordsTransaction = Transaction<RecordsTables>;

/** Where the records are: a folder that this process owns, or a PostgreSQL server. */
export type RecordsAddress = { kind: 'embedded'; folder: string } | { kind: 'server'; url: string };

/** Reads `embedded:./data/records` or `postgres://user:password@host:5432/database`. */
export function parseRecordsAddress(text: string): RecordsAddress {
  if (text.startsWith('embedded:') && text.length > 'embedded:'.length) {
    return { kind: 'embedded', folder: resolve(text.slice('embedded:'.length)) };
  }
  if (/^postgres(ql)?:\/\/./.test(text) && URL.canParse(text)) return { kind: 'server', url: text };
  throw new Refusal(
    'bad-input',
    'ROLLCALL_RECORDS is neither embedded:FOLDER nor postgres://user:password@host:port/database. Give one of the two.',
  );
}

/**
 * Opens the records; a server is first asked only when the first query is. PGlite does not lock its folder, and two
 * processes on it lose acknowledged writes: whoever calls this on a folder must hold its lock (`stores/lock.ts`).
 *
 * What PGlite acknowledged survives the end of this process, however it ends, but it never waits for the disk: the
 * machine's own end may take the last writes. A server waits.
 */
export async function connectRecords(address: RecordsAddress): Promise<Records> {
  return new Kysely<RecordsTables>({ dialect: await dialectOf(address) });
}

async function dialectOf(address: RecordsAddress): Promise<Dialect> {
  if (address.kind === 'server') {
    const dialect = new PostgresDialect({ pool: poolOf(address.url) });
    return inWords(dialect, (error) => explainBroken(error, address.url));
  }
  const { folder } = address;
  const dialect = new PGliteDialect({ pglite: await openFolder(folder) });
  return inWords(dialect, (error) => explainFull(error, folder));
}

/** A day is `2026-11-22`: as a Date it would be another day in another time zone. PostgreSQL's own number for `date`. */
const dayType = 1082;
const dayAsText = (text: string) => text;
pg.types.setTypeParser(dayType, dayAsText);

async function openFolder(folder: string): Promise<PGlite> {
  try {
    if (!existsSync(folder) || readdirSync(folder).length === 0) await createFolder(folder);
    if (!existsSync(join(folder, 'PG_VERSION'))) throw new Error('it holds something else');
    return await PGlite.create(folder, { parsers: { [dayType]: dayAsText } });
  } catch (error) {
    if ((error as { errno?: unknown }).errno === noSpaceInside) {
      throw new Refusal(
        'not-ready',
        `The records in ${folder} cannot be opened: the disk is full. Make room there, and try again.`,
        { cause: error },
      );
    }
    const why = error instanceof Error ? error.message : JSON.stringify(error);
    throw new Refusal(
      'store-held',
      `The records in ${folder} cannot be opened (${why}). Put the folder back from a backup, or choose another one with ROLLCALL_DATA.`,
      { cause: error },
    );
  }
}

/** `ENOSPC`, as PGlite’s own file system numbers it. */
const noSpaceInside = 51;

/** Made beside its place and moved there: what stands in its place is whole, or somebody else's. */
async function createFolder(folder: string): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  makeFolder(dirname(folder));
  mkdirSync(unfinished, { mode: 0o700 });
  try {
    const pglite = await PGlite.create(unfinished);
    await pglite.close();
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}

function poolOf(url: string) {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  // A connection that breaks (a server restart) is replaced by the pool; without listeners it would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: () => pool.connect().catch((error: unknown) => Promise.reject(explain(error, url))),
  };
}

/** What goes wrong in a question or a commit is said in words that a person can act on, where there are any. */
function inWords(dialect: Dialect, explainIt: (error: unknown) => unknown): Dialect {
  const explained = new WeakSet<DatabaseConnection>();
  const explaining =
    <Given extends unknown[], Result>(work: (...given: Given) => Promise<Result>) =>
    (...given: Given) =>
      work(...given).catch((error: unknown) => Promise.reject(explainIt(error)));
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver() {
      const driver = dialect.createDriver();
      const acquire = driver.acquireConnection.bind(driver);
      return Object.assign(driver, {
        commitTransaction: explaining(driver.commitTransaction.bind(driver)),
        async acquireConnection(...given: Parameters<typeof acquire>) {
          const connection = await acquire(...given);
          if (explained.has(connection)) return connection;
          explained.add(connection);
          const executeQuery = explaining(connection.executeQuery.bind(connection));
          return Object.assign(connection, { executeQuery });
        },
      });
    },
  };
}

/** PostgreSQL's own codes for what a person can do something about. */
const notKnown = ['28000', '28P01'];
const noDatabase = '3D000';

function explain(error: unknown, url: string): Refusal {
  const where = withoutPassword(url);
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const refuse = (sentence: string) =>
    new Refusal('not-ready', sentence, { cause: error, forVisitors: notNowForVisitors });
  if (notKnown.includes(code)) {
    return refuse(
      `The records at ${where} do not accept the user name and password in ROLLCALL_RECORDS. Correct them there.`,
    );
  }
  if (code === noDatabase) {
    return refuse(
      `The records at ${where} have no such database. Create it, or name another in ROLLCALL_RECORDS.`,
    );
  }
  return refuse(
    `The records at ${where} do not answer (${code || message}). Start the server, or correct the address in ROLLCALL_RECORDS.`,
  );
}

/** Connections refused or ended by the server (classes 08 and 57P), and what `pg` says of one that is no more. */
const broken = /^(08\w{3}|57P0[1-4]|ECONN\w+|EPIPE|ETIMEDOUT|E\w+UNREACH)$/;
const brokenWords = /Connection terminated|not queryable|connection timeout/i;
const diskFull = '53100';

function explainBroken(error: unknown, url: string): unknown {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (broken.test(code) || brokenWords.test(message)) return explain(error, url);
  return explainFull(error, withoutPassword(url));
}

function explainFull(error: unknown, where: string): unknown {
  const { code, message } = error as { code?: string; message?: string };
  if (code !== diskFull) return error;
  return new Refusal(
    'not-ready',
    `The disk of the records at ${where} is full (${message}): nothing of this was stored. Make room there, and try again.`,
    { cause: error, forVisitors: noRoomForVisitors },
  );
}

/** The address as it may be printed. */
function withoutPassword(url: string): string {
  const { protocol, username, host, pathname } = new URL(url);
  return `${protocol}//${username && `${username}@`}${host}${pathname}`;
}
