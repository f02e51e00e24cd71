import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, PostgresDialect } from 'kysely';
import pg from 'pg';
import { Refusal } from '../base/problem.ts';
import type { RecordsTables } from './tables.ts';

/** The records: PostgreSQL through Kysely, in the process (PGlite) or on a server. */
export type Records = Kysely<RecordsTables>;

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
  return new Kysely<RecordsTables>({
    dialect:
      address.kind === 'server'
        ? new PostgresDialect({ pool: poolOf(address.url) })
        : new PGliteDialect({ pglite: await openFolder(address.folder) }),
  });
}

async function openFolder(folder: string): Promise<PGlite> {
  try {
    if (!existsSync(folder) || readdirSync(folder).length === 0) await createFolder(folder);
    if (!existsSync(join(folder, 'PG_VERSION'))) throw new Error('it holds something else');
    return await PGlite.create(folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new Refusal(
      'store-held',
      `The records in ${folder} cannot be opened (${why}). Put the folder back from a backup, or choose another one with ROLLCALL_DATA.`,
      { cause: error },
    );
  }
}

/** Made beside its place and moved there: what stands in its place is whole, or somebody else's. */
async function createFolder(folder: string): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
  mkdirSync(unfinished, { mode: 0o700 });
  const pglite = await PGlite.create(unfinished);
  await pglite.close();
  renameSync(unfinished, folder);
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

/** PostgreSQL's own codes for what a person can do something about. */
const notKnown = ['28000', '28P01'];
const noDatabase = '3D000';

function explain(error: unknown, url: string): Refusal {
  const where = withoutPassword(url);
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const refuse = (sentence: string) => new Refusal('not-ready', sentence, { cause: error });
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

/** The address as it may be printed. */
function withoutPassword(url: string): string {
  const { protocol, username, host, pathname } = new URL(url);
  return `${protocol}//${username && `${username}@`}${host}${pathname}`;
}
