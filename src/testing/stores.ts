import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { openStores, type Stores } from '../stores/index.ts';

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
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The real stores, embedded, empty and migrated, in a folder of their own. One per process: chDB opens one folder. */
export async function openTestStores(): Promise<{ stores: Stores; close(): Promise<void> }> {
  const { folder, remove } = scratchFolder();
  const stores = await openStores(embeddedAddress(folder), testStoresOptions);
  return {
    stores,
    async close() {
      await stores.close();
      remove();
    },
  };
}
