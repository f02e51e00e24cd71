import type { Warehouse } from './warehouse.ts';
import { forgetReceipts, receiptsIn, receiptTables } from './receipts.sql.ts';

/** Removes the rows that these receipts brought, wherever they stand. */
export async function removeRows(warehouse: Warehouse, receipts: number[]): Promise<void> {
  if (receipts.length === 0) return;
  for (const { table } of await warehouse.query(receiptTables, {})) {
    await warehouse.run(forgetReceipts, { table, receipts });
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
    if (orphans.length > 0) await warehouse.run(forgetReceipts, { table, receipts: orphans });
    for (const receipt of orphans) swept.add(receipt);
  }
  return swept.size;
}
