import type { Urn } from '../base/identifiers.ts';
import type { Stores } from '../stores/index.ts';
import { registerSchools } from './absence.sql.ts';

/** The URNs of every school whose registers may be here: of which a list of schools was brought. */
export async function schoolsWithRegisters(stores: Stores): Promise<Urn[]> {
  const rows = await stores.read(registerSchools, {}, { work: true });
  return rows.map(({ urn }) => urn);
}
