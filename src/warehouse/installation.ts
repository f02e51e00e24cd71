import { createInstallationTable, installations } from './installation.sql.ts';
import type { Warehouse } from './warehouse.ts';

/** Which installation this warehouse belongs to; undefined before it was ever joined to records. */
export async function findInstallation(warehouse: Warehouse): Promise<string | undefined> {
  await warehouse.run(createInstallationTable, {});
  return (await warehouse.query(installations, {})).map((row) => row.id).join() || undefined;
}

export async function keepInstallation(warehouse: Warehouse, id: string): Promise<void> {
  await warehouse.append('warehouse_installation', ['id'], [[id]]);
}
