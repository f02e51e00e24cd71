import { tablesOfRecords } from '../records/index.ts';
import { leftOut, type Stores, type StoresAddress } from '../stores/index.ts';
import { connectWarehouse, keptTables, statement } from '../warehouse/index.ts';

/** A table of more rows is told in parts: how many rows each has, and what they come to. */
const mostRows = 100_000;

const howMany = statement<{ rows: number }, { table: string }>(
  'howMany',
  'SELECT count() AS rows FROM {table:Identifier}',
);
const all = statement<object, { table: string }>('all', 'SELECT * FROM {table:Identifier}');
const inParts = statement<object, { table: string }>(
  'inParts',
  `SELECT hash % 1000 AS part, count() AS rows, toString(sum(hash)) AS comeTo
   FROM (SELECT sipHash64(toString(tuple(*))) AS hash FROM {table:Identifier}) GROUP BY part`,
);

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
    const [count] = await warehouse.query(howMany, { table });
    const isLarge = (count?.rows ?? 0) > mostRows;
    const rows = await warehouse.query(isLarge ? inParts : all, { table });
    found[`warehouse/${table}`] = rows.map((row) => JSON.stringify(row)).sort();
  }
  await warehouse.close();
  return found;
}
