import type { Records } from './connect.ts';

/** Which installation these records belong to: made with them, and kept by their warehouse too. */
export async function installationOf(records: Records): Promise<string> {
  const row = await records.selectFrom('installation').select('id').executeTakeFirstOrThrow();
  return row.id;
}
