import type { Urn } from '../base/identifiers.ts';
import { kindsNamingNoSchool, perCommit, type Stores } from '../stores/index.ts';
import { type RegisterSchool, registerSchools } from './absence.sql.ts';

export type Places = ReadonlyMap<Urn, RegisterSchool>;

/** Where each school is that a list of schools has. Schools change less often than marks: read once for many questions. */
export const placesOf: (stores: Stores) => Promise<Places> = perCommit(
  async (stores) => byUrn(await stores.read(registerSchools, {}, { work: true })),
  { ignoring: kindsNamingNoSchool },
);

export function byUrn(schools: readonly RegisterSchool[]): Places {
  return new Map(schools.map((school) => [school.urn, school]));
}
