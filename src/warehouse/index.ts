/**
 * The warehouse: everything counted, in ClickHouse. In the process by default (chDB), on a server by URL; one client
 * and one SQL text serve both. This folder is the only code that knows ClickHouse.
 *
 * Every row carries the `receipt` that brought it. A receipt counts from the moment the records commit it (see
 * `stores/`), so every statement that reads such rows takes `{receipts:Array(UInt32)}`.
 */
export {
  countKept,
  countRows,
  heldTables,
  keptRows,
  keptTables,
  migrationsOfWarehouse,
  type UpTo,
  type WarehouseTable,
} from './backup.ts';
export {
  connectWarehouse,
  parseWarehouseAddress,
  type WarehouseAddress,
} from './connect.ts';
export { type Anchor, keepAnchor, keptAnchors } from './anchors.ts';
export { findInstallation, keepInstallation } from './installation.ts';
export { type Migration, migrateWarehouse } from './migrate.ts';
export { migrations } from './migrations/index.ts';
export { removeRows, sweepRows } from './receipts.ts';
export { type Statement, statement } from './statement.ts';
export type { Value as Cell } from './values.ts';
export type { ArrivingFile, Warehouse } from './warehouse.ts';
