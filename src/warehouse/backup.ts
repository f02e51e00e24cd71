import {
  anchorsUpTo,
  countOfAnchors,
  countOfReceipts,
  rowsInTable,
  rowsOfReceipts,
  tablesOfWarehouse,
} from './backup.sql.ts';
import { columnsOf } from './connection.sql.ts';
import { appliedMigrations, createMigrationTable } from './migrate.sql.ts';
import type { Warehouse } from './warehouse.ts';

/** A table as a backup sees it. */
export type WarehouseTable = { table: string; columns: { name: string; type: string }[] };

/** Which rows a backup takes: those that these receipts brought, and the anchors of a trail of so many entries. */
export type UpTo = { receipts: number[]; trailEntries: number };

/** What is the warehouse's own: another one gets its own too. */
const itsOwn = ['warehouse_installation', 'warehouse_migrations'];
const anchors = 'audit_anchors';
/** What is worked out from other tables, and is worked out again where it is missing. */
const workedOut = [
  ...['pupil_weeks', 'derived_receipts', 'enrolment_half_terms', 'school_figures', 'school_weeks'],
  ...['area_figures', 'area_weeks'],
];
/** Marks that nobody has said yes to: a school that finds none of them sends its file again. */
const onTheirWay = ['marks_arriving', 'marks_staged', 'marks_checked'];
const notKept = [...itsOwn, ...workedOut, ...onTheirWay];

/** Every table that holds anything of anybody’s, whether a backup takes it or not. */
export async function heldTables(warehouse: Warehouse): Promise<string[]> {
  const tables = await warehouse.query(tablesOfWarehouse, {});
  return tables.map(({ table }) => table).filter((table) => !itsOwn.includes(table));
}

/** Every table that a backup takes. One that carries no receipts must be named in this file, or none is made. */
export async function keptTables(warehouse: Warehouse): Promise<WarehouseTable[]> {
  const kept: WarehouseTable[] = [];
  for (const { table, receipts } of await warehouse.query(tablesOfWarehouse, {})) {
    if (notKept.includes(table)) continue;
    if (receipts === 0 && table !== anchors) {
      throw new Error(`no backup is made: nothing says which rows of ${table} belong to it`);
    }
    kept.push({ table, columns: await warehouse.query(columnsOf, { table }) });
  }
  return kept;
}

/** The rows of a table that belong to a backup, as `Warehouse.stream` gives them. */
export function keptRows(
  warehouse: Warehouse,
  table: string,
  { receipts, trailEntries }: UpTo,
): AsyncIterable<Buffer> {
  return table === anchors
    ? warehouse.stream(anchorsUpTo, { entries: trailEntries })
    : warehouse.stream(rowsOfReceipts, { table, receipts });
}

/** How many they are. */
export async function countKept(
  warehouse: Warehouse,
  table: string,
  { receipts, trailEntries }: UpTo,
): Promise<number> {
  const [count] =
    table === anchors
      ? await warehouse.query(countOfAnchors, { entries: trailEntries })
      : await warehouse.query(countOfReceipts, { table, receipts });
  return count?.rows ?? 0;
}

export async function countRows(warehouse: Warehouse, table: string): Promise<number> {
  return (await warehouse.query(rowsInTable, { table }))[0]?.rows ?? 0;
}

/** The numbers of the migrations that this warehouse went through, in order. */
export async function migrationsOfWarehouse(warehouse: Warehouse): Promise<number[]> {
  await warehouse.run(createMigrationTable, {});
  return (await warehouse.query(appliedMigrations, {})).map(({ number }) => number);
}
