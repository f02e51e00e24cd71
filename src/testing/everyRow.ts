import { tablesOfRecords } from '../records/index.ts';
import { leftOut, type Stores, type StoresAddress } from '../stores/index.ts';
import { connectWarehouse, keptTables, statement } from '../warehouse/index.ts';

/** Every row of every table, whether it counts or not, in an order of its own. */
export async function everyRow(
  address: StoresAddress,
  stores: Stores,
): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const { table } of await tablesOfRecords(stores.records)) {
    if (leftOut.includes(table)) continue;
    const rows = await stores.records
      .selectFrom(table as 'receipts')
      .selectAll()
      .execute();
    found[`records/${table}`] = rows.map((row) => JSON.stringify(row)).sort();
  }
  const warehouse = connectWarehouse(address.warehouse, { maxExecutionSeconds: 60 });
  for (const { table } of await keptTables(warehouse)) {
    const all = statement<object, { table: string }>('all', 'SELECT * FROM {table:Identifier}');
    const rows = await warehouse.query(all, { table });
    found[`warehouse/${table}`] = rows.map((row) => JSON.stringify(row)).sort();
  }
  await warehouse.close();
  return found;
}
