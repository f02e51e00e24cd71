import type { Records } from './connect.ts';

/** Which installation these records belong to: made with them, and kept by their warehouse too. */
export async function installationOf(records: Records): Promise<string> {
  const row = await records.selectFrom('installation').select('id').executeTakeFirstOrThrow();
  return row.id;
}

/**
 * The 16 bytes under which a UPN becomes what its child is called in the warehouse (`base/pupilKey.ts`): made with these
 * records and never again. A backup takes them along, since without them its marks would be nobody's; no log has them.
 */
export async function pupilSecretOf(records: Records): Promise<Uint8Array> {
  const row = await records.selectFrom('pupil_secret').select('secret').executeTakeFirstOrThrow();
  return Buffer.from(row.secret, 'hex');
}
