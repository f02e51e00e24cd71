import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import type { Clock } from '../base/clock.ts';
import {
  connectRecords,
  migrateRecords,
  type Records,
  type RecordsAddress,
} from '../records/index.ts';
import { openStores, type Stores, type StoresAddress } from '../stores/index.ts';
import { createDatabase } from './postgres.ts';
import { hashOfProgram, layTemplate, type Template } from './template.ts';

/** The clock of tests: it stands still. */
export const testClock: Clock = () => new Date('2026-11-22T09:00:00Z');

export function embeddedAddress(folder: string) {
  return {
    warehouse: { kind: 'embedded', folder: join(folder, 'warehouse') },
    records: { kind: 'embedded', folder: join(folder, 'records') },
  } as const;
}

export const testStoresOptions = {
  clock: testClock,
  doing: 'a test',
  pageSeconds: 10,
  workSeconds: 300,
  sweepAfterHours: 24,
};

/** A new folder that is removed by `remove`. */
export function scratchFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
  chmodSync(folder, 0o711); // PostgreSQL runs as another user where this one is root, and passes through
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * The real stores, empty and migrated: embedded in a folder of their own (one per process: chDB opens one folder), or
 * `on` servers.
 */
export async function openTestStores(
  on?: StoresAddress,
): Promise<{ stores: Stores; close(): Promise<void> }> {
  const { folder, remove } = scratchFolder();
  const { warehouse } = embeddedAddress(folder);
  const address = on ?? { warehouse, records: await emptyRecords(folder) };
  const stores = await openStores(address, testStoresOptions);
  return {
    stores,
    async close() {
      await stores.close();
      remove();
    },
  };
}

/** Empty records alone, embedded in a folder of their own. */
export async function openTestRecords(): Promise<{ records: Records; close(): Promise<void> }> {
  const { folder, remove } = scratchFolder();
  const records = await connectRecords(await emptyRecords(folder));
  await migrateRecords(records);
  return {
    records,
    async close() {
      await records.destroy();
      remove();
    },
  };
}

/** Embedded in the folder; or where `onPostgres.test.ts` runs the tests again, a new database of its server. */
async function emptyRecords(folder: string): Promise<RecordsAddress> {
  const server = process.env['ROLLCALL_TEST_POSTGRES'];
  if (server) return { kind: 'server', url: await createDatabase(server, `t${randomUUID()}`) };
  const { records } = embeddedAddress(folder);
  await layTemplate(migratedOnes, records.folder);
  return records;
}

/**
 * Lays an empty records folder, without a table, to be opened in a fraction of a second. Making one takes PGlite seconds,
 * copying one none.
 */
export function layRecords(folder: string): Promise<void> {
  return layTemplate(emptyOnes, folder);
}

const emptyOnes: Template = {
  name: 'records',
  of: () => [packageJson.dependencies['@electric-sql/pglite']],
  make: async (folder) => (await connectRecords({ kind: 'embedded', folder })).destroy(),
};

/** With every table. All that are laid have one secret and one number: who mixes stores up lays empty ones. */
const migratedOnes: Template = {
  name: 'migrated-records',
  of: () => [hashOfProgram(['records'])],
  async make(folder) {
    const records = await connectRecords({ kind: 'embedded', folder });
    await migrateRecords(records);
    await records.destroy();
  },
};
