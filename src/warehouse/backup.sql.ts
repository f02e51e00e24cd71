import { statement } from './statement.ts';

/** Every table, and whether its rows carry the receipt that brought them. */
export const tablesOfWarehouse = statement<{ table: string; receipts: number }>(
  'tablesOfWarehouse',
  `SELECT table, countIf(name = 'receipt') AS receipts FROM system.columns
   WHERE database = currentDatabase() GROUP BY table ORDER BY table`,
);

export const rowsOfReceipts = statement<never, { table: string; receipts: number[] }>(
  'rowsOfReceipts',
  'SELECT * FROM {table:Identifier} WHERE receipt IN {receipts:Array(UInt32)}',
);

export const countOfReceipts = statement<{ rows: number }, { table: string; receipts: number[] }>(
  'countOfReceipts',
  `SELECT count() AS rows FROM {table:Identifier} WHERE receipt IN {receipts:Array(UInt32)}`,
);

/** The anchors of a trail of so many entries: those kept later do not belong to it. */
export const anchorsUpTo = statement<never, { entries: number }>(
  'anchorsUpTo',
  'SELECT * FROM audit_anchors WHERE number <= {entries:UInt32}',
);

export const countOfAnchors = statement<{ rows: number }, { entries: number }>(
  'countOfAnchors',
  'SELECT count() AS rows FROM audit_anchors WHERE number <= {entries:UInt32}',
);

export const rowsInTable = statement<{ rows: number }, { table: string }>(
  'rowsInTable',
  'SELECT count() AS rows FROM {table:Identifier}',
);
