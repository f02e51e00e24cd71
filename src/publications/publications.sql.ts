import { type Statement, statement } from '../warehouse/index.ts';
import type { Source } from './source.ts';

/*
 * What is asked of the warehouse while publications come in. Every table of a publication has its own text of the
 * first two, made from the columns by which its source says that rows are told apart.
 */

type TwoReceipts = { before: number; after: number };

export type ChangedRow = { row_key: string; was: boolean; is: boolean };

/** Rows that two receipts of the same part do not have in common: gone, come, or with other cells. */
export function changedRows(source: Source): Statement<ChangedRow, TwoReceipts> {
  return statement(
    `changedRows of ${source.table}`,
    `SELECT ${rowKey(source)} AS row_key,
            countIf(receipt = {before:UInt32}) > 0 AS was, countIf(receipt = {after:UInt32}) > 0 AS is
     FROM ${source.table}
     WHERE receipt IN ({before:UInt32}, {after:UInt32})
     GROUP BY row_key
     HAVING was != is OR uniqExact(cityHash64(toString(tuple(* EXCEPT receipt)))) > 1
     ORDER BY row_key`,
  );
}

export type KeyedRow = Record<string, unknown> & { receipt: number; row_key: string };

/** The rows themselves, of a few keys, under both receipts. */
export function rowsOfKeys(source: Source): Statement<KeyedRow, TwoReceipts & { keys: string[] }> {
  return statement(
    `rowsOfKeys of ${source.table}`,
    `SELECT *, ${rowKey(source)} AS row_key
     FROM ${source.table}
     WHERE receipt IN ({before:UInt32}, {after:UInt32}) AND row_key IN {keys:Array(String)}
     ORDER BY row_key, receipt`,
  );
}

/** What tells rows apart within a part, in words: `urn 100000, time_period 201718`. */
function rowKey(source: Source): string {
  const words = source.key.map((column) => `concat('${column} ', ifNull(toString(${column}), ''))`);
  return `arrayStringConcat([${words.join(', ')}], ', ')`;
}
