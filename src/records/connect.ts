import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
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
  if (text.startsWith('embedded:')) {
    return { kind: 'embedded', folder: resolve(text.slice('embedded:'.length)) };
  }
  if (/^postgres(ql)?:\/\//.test(text)) return { kind: 'server', url: text };
  throw new Refusal(
    'bad-input',
    'ROLLCALL_RECORDS is neither embedded:FOLDER nor postgres://user:password@host:port/database. Give one of the two.',
  );
}

/**
 * Opens the records. PGlite does not lock its folder, and two processes on it lose acknowledged writes: whoever calls
 * this on a folder must hold its lock (`stores/lock.ts`).
 */
export async function connectRecords(address: RecordsAddress): Promise<Records> {
  if (address.kind === 'server') {
    const pool = new pg.Pool({ connectionString: address.url, max: 10 });
    // An idle connection that breaks (a server restart) is replaced by the pool; without a listener it would end the process.
    pool.on('error', () => {});
    return new Kysely<RecordsTables>({ dialect: new PostgresDialect({ pool }) });
  }
  mkdirSync(address.folder, { recursive: true, mode: 0o700 });
  const pglite = await PGlite.create(address.folder);
  return new Kysely<RecordsTables>({ dialect: new PGliteDialect({ pglite }) });
}
