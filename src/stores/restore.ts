import { existsSync, readdirSync, rmSync } from 'node:fs';
import { Refusal } from '../base/problem.ts';
import {
  clearTable,
  connectRecords,
  installationOf,
  keepOthersOut,
  knownReceipts,
  migrateRecords,
  migrationsOfRecords,
  putCounters,
  putLines,
  type Records,
  recordsMigrations,
  rowsInTable,
  tablesOfRecords,
} from '../records/index.ts';
import {
  connectWarehouse,
  countRows,
  findInstallation,
  keepInstallation,
  keptTables,
  migrateWarehouse,
  migrations as warehouseMigrations,
  migrationsOfWarehouse,
  sweepRows,
  type Warehouse,
  type WarehouseTable,
} from '../warehouse/index.ts';
import { type Manifest, type OpenBackup, openBackup, type Totals } from './backupFile.ts';
import {
  lockEmbedded,
  openStores,
  type Stores,
  type StoresAddress,
  type StoresOptions,
} from './stores.ts';

export type RestoreOptions = StoresOptions & {
  /** These are to be the demo's stores. */
  demo: boolean;
  signal?: AbortSignal;
  onProgress?(doing: string): void;
};

export type Restored = {
  /** Open, with what the backup holds. */
  stores: Stores;
  madeAt: Date;
  rows: Record<string, number>;
};

/** The one row of each is there from the start; the backup's takes the place of the trail's. */
const rowsFromTheStart = ['audit_head', 'installation', 'pupil_secret'];

/**
 * Opens empty stores with what a backup holds. All of it is there from the moment the records commit, or none: before,
 * its rows in the warehouse belong to no receipt that is known. Whatever goes wrong leaves what was there, which is
 * nothing. An older backup is put back as it was, and then goes through the migrations since.
 */
export async function restoreStores(
  address: StoresAddress,
  path: string,
  options: RestoreOptions,
): Promise<Restored> {
  options.onProgress?.('checking the file');
  const backup = await openBackup(path);
  refuseForeign(backup.manifest, path, options);
  const release = lockEmbedded(address, options);
  let totals: Totals;
  try {
    const made = foldersToMake(address);
    totals = await overConnections(address, options, (both) => putAll(both, backup, options)).catch(
      (error: unknown) => {
        if (error instanceof Uncertain) throw error.cause;
        for (const folder of made) rmSync(folder, { recursive: true, force: true });
        throw error;
      },
    );
  } finally {
    release();
  }
  const stores = await openStores(address, options);
  return { stores, madeAt: new Date(backup.manifest.madeAt), rows: totals.rows };
}

/** The records went away while they committed: whether they did, and what to clear away, is not known. */
class Uncertain extends Error {}

type Both = { warehouse: Warehouse; records: Records };

async function overConnections<Result>(
  address: StoresAddress,
  { workSeconds }: StoresOptions,
  work: (both: Both) => Promise<Result>,
): Promise<Result> {
  const records = await connectRecords(address.records);
  try {
    const warehouse = connectWarehouse(address.warehouse, { maxExecutionSeconds: workSeconds });
    try {
      return await work({ warehouse, records });
    } finally {
      await warehouse.close();
    }
  } finally {
    await records.destroy();
  }
}

/** Folders of embedded stores that are not there yet. */
function foldersToMake(address: StoresAddress): string[] {
  return [address.warehouse, address.records]
    .flatMap((store) => (store.kind === 'embedded' ? store.folder : []))
    .filter((folder) => !existsSync(folder) || readdirSync(folder).length === 0);
}

function refuseForeign({ demo, records, warehouse }: Manifest, path: string, to: RestoreOptions) {
  if (demo !== to.demo) {
    throw new Refusal(
      'bad-input',
      demo
        ? `${path} is a backup of the demo, which never meets real data. Restore it with --demo.`
        : `${path} is a backup of real data, which never meets the demo. Leave out --demo.`,
    );
  }
  const known =
    isBeginning(records.migrations, recordsMigrations) &&
    isBeginning(
      warehouse.migrations,
      warehouseMigrations.map(({ number }) => number),
    );
  if (!known) {
    throw new Refusal(
      'not-ready',
      `${path} was made by another version of Rollcall, with migrations that this one does not know. Restore it with the version that made it, or a newer one.`,
    );
  }
}

function isBeginning<Item>(some: readonly Item[], all: readonly Item[]): boolean {
  return some.every((item, at) => item === all[at]);
}

async function putAll(both: Both, backup: OpenBackup, options: RestoreOptions): Promise<Totals> {
  await prepare(both, backup.manifest, options);
  const totals = await commitParts(both, backup, options);
  await putAnchors(both.warehouse, backup);
  return totals;
}

/** Stores without a row, with the tables that the backup was made from. */
async function prepare(
  { records, warehouse }: Both,
  manifest: Manifest,
  { clock }: RestoreOptions,
): Promise<void> {
  const taken = {
    records: await migrationsOfRecords(records),
    warehouse: await migrationsOfWarehouse(warehouse),
  };
  if (
    !isBeginning(taken.records, manifest.records.migrations) ||
    !isBeginning(taken.warehouse, manifest.warehouse.migrations)
  ) {
    throw notEmpty('was opened by a newer version than the one that made the backup');
  }
  await migrateRecords(records, manifest.records.migrations.at(-1));
  const steps = warehouseMigrations.slice(0, manifest.warehouse.migrations.length);
  await migrateWarehouse(warehouse, steps, clock);
  const [ours, theirs] = [await installationOf(records), await findInstallation(warehouse)];
  // What an earlier restore left that was cut off: rows of receipts that nobody knows.
  if (theirs === ours) await sweepRows(warehouse, (found) => knownReceipts(records, found));
  if ((await rowsOfRecords(records)) > 0) throw notEmpty('has records already');
  for (const { table } of await keptTables(warehouse)) {
    if ((await countRows(warehouse, table)) > 0) throw notEmpty(`has rows in ${table} already`);
  }
  if (theirs === undefined) await keepInstallation(warehouse, ours);
  else if (theirs !== ours) throw notEmpty('has a warehouse that belongs to other records');
  await refuseOtherTables({ records, warehouse }, manifest);
}

function notEmpty(what: string): Refusal {
  return new Refusal(
    'store-held',
    `A backup is restored into empty stores only, and this place ${what}: nothing was changed. Name an empty folder with ROLLCALL_DATA, or empty databases with ROLLCALL_RECORDS and ROLLCALL_WAREHOUSE.`,
  );
}

async function rowsOfRecords(records: Records): Promise<number> {
  let rows = 0;
  for (const { table } of await tablesOfRecords(records)) {
    if (!rowsFromTheStart.includes(table)) rows += await rowsInTable(records, table);
  }
  return rows;
}

/** The same migrations make the same tables; a file that says otherwise is not ours. */
async function refuseOtherTables({ records, warehouse }: Both, manifest: Manifest): Promise<void> {
  const here = (await tablesOfRecords(records)).filter(
    ({ table }) => !manifest.records.leftOut.includes(table),
  );
  const same =
    asText(here) === asText(manifest.records.tables) &&
    asText(await keptTables(warehouse)) === asText(manifest.warehouse.tables);
  if (same) return;
  throw new Refusal(
    'check-failed',
    'The tables of the backup are not those that its migrations make: nothing was restored. Restore it with the version that made it.',
  );
}

function asText(tables: readonly { table: string; columns: unknown }[]): string {
  return JSON.stringify(tables.map(({ table, columns }) => [table, columns]).sort());
}

/** The moment of truth: everything of the records in one transaction, which ends when the warehouse has its rows. */
async function commitParts(
  { records, warehouse }: Both,
  backup: OpenBackup,
  options: RestoreOptions,
): Promise<Totals> {
  let totals: Totals | undefined;
  try {
    await records.transaction().execute(async (transaction) => {
      await keepOthersOut(transaction);
      totals = await putParts({ warehouse, records: transaction }, backup, options);
    });
  } catch (error) {
    const rows = await rowsOfRecords(records).catch(() => {
      throw new Uncertain('The records do not answer', { cause: error });
    });
    if (rows === 0 || !totals) {
      // What cannot be removed now is unseen, and removed at the next try.
      await sweepRows(warehouse, async () => new Set()).catch(() => {});
      throw error;
    }
  }
  if (!totals) throw new Error('the backup came to no end');
  return totals;
}

async function putParts(
  { records, warehouse }: { records: Parameters<typeof keepOthersOut>[0]; warehouse: Warehouse },
  { manifest, parts }: OpenBackup,
  { signal, onProgress }: RestoreOptions,
): Promise<Totals> {
  const recordsTables = new Map(manifest.records.tables.map((each) => [each.table, each]));
  const warehouseTables = new Map(manifest.warehouse.tables.map((each) => [each.table, each]));
  for (const table of rowsFromTheStart) {
    if (recordsTables.has(table)) await clearTable(records, table);
  }
  const totals = await parts(async ({ store, table, lines }) => {
    signal?.throwIfAborted();
    onProgress?.(`${store}, ${table}`);
    if (store === 'records') {
      await putLines(records, known(recordsTables, table), linesIn(lines));
    } else if (isHidden(known(warehouseTables, table))) {
      await appendTo(warehouse, known(warehouseTables, table), lines);
    }
  });
  await putCounters(records, totals.counters);
  for (const table of recordsTables.keys()) {
    mustBe(totals, `records/${table}`, await rowsInTable(records, table));
  }
  for (const [table, each] of warehouseTables) {
    if (isHidden(each)) mustBe(totals, `warehouse/${table}`, await countRows(warehouse, table));
  }
  return totals;
}

/** Whether a table's rows are seen by nobody until their receipt commits. Others are put back after the commit. */
function isHidden({ columns }: WarehouseTable): boolean {
  return columns.some(({ name }) => name === 'receipt');
}

async function putAnchors(warehouse: Warehouse, { manifest, parts }: OpenBackup): Promise<void> {
  const seen = new Map(
    manifest.warehouse.tables.filter((each) => !isHidden(each)).map((each) => [each.table, each]),
  );
  await parts(async ({ store, table, lines }) => {
    const into = store === 'warehouse' ? seen.get(table) : undefined;
    if (into) await appendTo(warehouse, into, lines);
  });
}

async function appendTo(
  warehouse: Warehouse,
  { table, columns }: WarehouseTable,
  lines: Buffer,
): Promise<void> {
  await warehouse.appendLines(
    table,
    columns.map(({ name }) => name),
    lines,
  );
}

function known<Table>(tables: ReadonlyMap<string, Table>, name: string): Table {
  const table = tables.get(name);
  if (!table) throw new Error(`the backup has rows of ${name}, which it does not describe`);
  return table;
}

function linesIn(lines: Buffer): string[] {
  return lines.toString('utf8').split('\n').slice(0, -1);
}

function mustBe(totals: Totals, table: string, rows: number): void {
  if (rows === totals.rows[table]) return;
  throw new Error(`${rows} of ${totals.rows[table]} rows of ${table} were restored`);
}
