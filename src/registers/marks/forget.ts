import type { Warehouse } from '../../warehouse/index.ts';
import { forgetChecked, isChecked } from './check.sql.ts';
import { forgetStaged, isStaged } from './stage.sql.ts';

/** Takes away what is staged and checked of an upload. To delete is dear, to look is cheap: mostly there is nothing. */
export async function forgetUpload(warehouse: Warehouse, upload: number): Promise<void> {
  await forgetStagedOf(warehouse, upload);
  await forgetCheckedOf(warehouse, upload);
}

export async function forgetStagedOf(warehouse: Warehouse, upload: number): Promise<void> {
  const [staged] = await warehouse.query(isStaged, { upload });
  if (staged) await warehouse.run(forgetStaged, { uploads: [upload] });
}

export async function forgetCheckedOf(warehouse: Warehouse, upload: number): Promise<void> {
  const [checked] = await warehouse.query(isChecked, { upload });
  if (checked) await warehouse.run(forgetChecked, { uploads: [upload] });
}
