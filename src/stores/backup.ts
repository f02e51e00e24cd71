import type { Clock } from '../base/clock.ts';
import {
  atOneMoment,
  countersOfRecords,
  everCommitted,
  findAuditHead,
  linesOfTable,
  migrationsOfRecords,
  type Records,
  tablesOfRecords,
} from '../records/index.ts';
import {
  countKept,
  keptRows,
  keptTables,
  migrationsOfWarehouse,
  type UpTo,
  type Warehouse,
} from '../warehouse/index.ts';
import { type BackupWriter, createBackup, type Manifest, type Totals } from './backupFile.ts';

export type BackupOptions = {
  /** These are the demo's stores: they are put back into a demo only. */
  demo: boolean;
  signal?: AbortSignal;
  onProgress?(doing: string): void;
};

export type BackedUp = { bytes: number; rows: Record<string, number> };

/**
 * Tables of the records that no backup takes: whose session is whose is of the moment, and a session that was ended
 * since must not live again; which installation this is, the one restored into says for itself.
 */
export const leftOut: readonly string[] = ['sessions', 'sign_ins', 'installation'];

/**
 * Writes everything committed into one file, while others go on reading and writing: the records as of one moment, then
 * of the warehouse the rows of the receipts they know. Committed rows are never changed or removed, so that nobody has
 * to wait for the warehouse. Holds a few megabytes at a time.
 */
export async function backUp(
  { records, warehouse, clock }: { records: Records; warehouse: Warehouse; clock: Clock },
  path: string,
  options: BackupOptions,
): Promise<BackedUp> {
  const manifest = await describe(records, warehouse, { madeAt: clock(), demo: options.demo });
  const file = await createBackup(path, manifest);
  try {
    const totals: Totals = { rows: {}, counters: {} };
    const upTo = await addRecords(file, records, { manifest, totals, ...options });
    await addWarehouse(file, warehouse, { manifest, totals, upTo, ...options });
    return { bytes: await file.finish(totals), rows: totals.rows };
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

async function describe(
  records: Records,
  warehouse: Warehouse,
  { madeAt, demo }: { madeAt: Date; demo: boolean },
): Promise<Manifest> {
  const tables = await tablesOfRecords(records);
  return {
    format: 1,
    madeAt: madeAt.toISOString(),
    demo,
    records: {
      migrations: await migrationsOfRecords(records),
      tables: tables.filter(({ table }) => !leftOut.includes(table)),
      leftOut: [...leftOut],
    },
    warehouse: {
      migrations: await migrationsOfWarehouse(warehouse),
      tables: await keptTables(warehouse),
    },
  };
}

type Adding = Pick<BackupOptions, 'signal' | 'onProgress'> & { manifest: Manifest; totals: Totals };

function addRecords(
  file: BackupWriter,
  records: Records,
  { manifest, totals, signal, onProgress }: Adding,
): Promise<UpTo> {
  return atOneMoment(records, async (moment) => {
    for (const { table } of manifest.records.tables) {
      signal?.throwIfAborted();
      onProgress?.(`records, ${table}`);
      totals.rows[`records/${table}`] = await file.addTable(
        'records',
        table,
        asBytes(linesOfTable(moment, table)),
      );
    }
    totals.counters = await countersOfRecords(moment);
    return {
      receipts: await everCommitted(moment),
      trailEntries: (await findAuditHead(moment))?.number ?? 0,
    };
  });
}

async function* asBytes(pages: AsyncIterable<string[]>) {
  for await (const lines of pages) yield Buffer.from(`${lines.join('\n')}\n`);
}

async function addWarehouse(
  file: BackupWriter,
  warehouse: Warehouse,
  { manifest, totals, upTo, signal, onProgress }: Adding & { upTo: UpTo },
): Promise<void> {
  for (const { table } of manifest.warehouse.tables) {
    onProgress?.(`warehouse, ${table}`);
    const rows = await file.addTable(
      'warehouse',
      table,
      untilAborted(keptRows(warehouse, table, upTo), signal),
    );
    const expected = await countKept(warehouse, table, upTo);
    if (rows !== expected) throw new Error(`${rows} of ${expected} rows of ${table} were read`);
    totals.rows[`warehouse/${table}`] = rows;
  }
}

async function* untilAborted(pieces: AsyncIterable<Buffer>, signal?: AbortSignal) {
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    yield piece;
  }
}
