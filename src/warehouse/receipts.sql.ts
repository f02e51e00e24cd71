import { statement } from './statement.ts';

/**
 * Every table whose rows carry the receipt that brought them. The column is not renamed to `name`: ClickHouse would take
 * the `name` of the condition for it.
 */
export const receiptTables = statement<{ table: string }>(
  'receiptTables',
  `SELECT table FROM system.columns
   WHERE database = currentDatabase() AND name = 'receipt' ORDER BY table`,
);

/** Removes the rows of receipts that never committed. */
export const forgetReceipts = statement<never, { table: string; receipts: number[] }>(
  'forgetReceipts',
  'DELETE FROM {table:Identifier} WHERE receipt IN {receipts:Array(UInt32)}',
);

/** Which receipts have rows in a table. */
export const receiptsIn = statement<{ receipt: number }, { table: string }>(
  'receiptsIn',
  'SELECT DISTINCT receipt FROM {table:Identifier} ORDER BY receipt',
);

/** Which of these receipts have rows in a table. */
export const receiptsAmong = statement<{ receipt: number }, { table: string; receipts: number[] }>(
  'receiptsAmong',
  'SELECT DISTINCT receipt FROM {table:Identifier} WHERE receipt IN {receipts:Array(UInt32)}',
);
