import type { Warehouse } from './warehouse.ts';
import { forgetReceipts, receiptsAmong, receiptsIn, receiptTables } from './receipts.sql.ts';

/** Removes the rows that these receipts brought, wherever they stand. */
export async function removeRows(warehouse: Warehouse, receipts: number[]): Promise<void> {
  if (receipts.length === 0) return;
  for (const { table } of await warehouse.query(receiptTables, {})) {
    await forget(warehouse, table, receipts);
  }
}

/**
 * Removes every row whose receipt `counts` does not recognise, and says how many receipts went. Rows without a
 * committed receipt are what a crash leaves behind: nobody could read them.
 */
export async function sweepRows(
  warehouse: Warehouse,
  counts: (receipts: number[]) => Promise<Set<number>>,
): Promise<number> {
  const swept = new Set<number>();
  for (const { table } of await warehouse.query(receiptTables, {})) {
    const present = (await warehouse.query(receiptsIn, { table })).map((row) => row.receipt);
    const known = await counts(present);
    const orphans = present.filter((receipt) => !known.has(receipt));
    await forget(warehouse, table, orphans);
    for (const receipt of orphans) swept.add(receipt);
  }
  return swept.size;
}

/**
 * ClickHouse 26.7 now and then passes over rows while several deletions run at once, and calls it done: so it is looked
 * at until they are gone. What is left after that nobody sees; the next start sweeps it.
 */
async function forget(warehouse: Warehouse, table: string, receipts: number[]): Promise<void> {
  let left = receipts;
  for (let tries = 0; left.length > 0 && tries < 10; tries++) {
    const rows = await warehouse.query(receiptsAmong, { table, receipts: left });
    left = rows.map((row) => row.receipt);
    if (left.length > 0) await warehouse.run(forgetReceipts, { table, receipts: left });
  }
}
