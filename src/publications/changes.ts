import type { Warehouse } from '../warehouse/index.ts';
import { changedRows, type KeyedRow, rowsOfKeys } from './publications.sql.ts';
import type { Source } from './source.ts';

/** What a corrected file changes. */
export type PartChanges = {
  added: number;
  removed: number;
  changed: number;
  /** The first few, in words: `urn 100000, time_period 201718: sess_overall 2565 → 2566`. */
  first: string[];
};

const named = 5;

/** Compares what two receipts brought of one part. */
export async function findChanges(
  warehouse: Warehouse,
  source: Source,
  before: number,
  after: number,
): Promise<PartChanges> {
  const rows = await warehouse.query(changedRows(source), { before, after });
  const changed = rows.filter((row) => row.was && row.is).map((row) => row.row_key);
  const added = rows.filter((row) => !row.was).map((row) => row.row_key);
  const removed = rows.filter((row) => !row.is).map((row) => row.row_key);
  const keys = changed.slice(0, named);
  const pairs =
    keys.length > 0 ? await warehouse.query(rowsOfKeys(source), { before, after, keys }) : [];
  const words = [
    ...keys.map((key) => differenceText(key, pairs, before, after)),
    ...added.map((key) => `${key}: added`),
    ...removed.map((key) => `${key}: removed`),
  ];
  return {
    added: added.length,
    removed: removed.length,
    changed: changed.length,
    first: words.slice(0, named),
  };
}

function differenceText(
  key: string,
  pairs: readonly KeyedRow[],
  before: number,
  after: number,
): string {
  const was = pairs.find((row) => row.row_key === key && row.receipt === before);
  const is = pairs.find((row) => row.row_key === key && row.receipt === after);
  if (!was || !is) return key;
  const columns = Object.keys(is).filter(
    (column) => column !== 'receipt' && shown(was[column]) !== shown(is[column]),
  );
  const cells = columns.map((column) => `${column} ${shown(was[column])} → ${shown(is[column])}`);
  return `${key}: ${cells.join(', ')}`;
}

function shown(value: unknown): string {
  return value === null
    ? 'none'
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
}
