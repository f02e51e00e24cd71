import type { AcademicYear } from '../base/academicYear.ts';
import { kindsNamingNoSchool, perCommit, type Stores } from '../stores/index.ts';
import { buildDirectory, type Directory } from './directory.ts';
import {
  areaNames,
  censusSchools,
  everyYear,
  listedSchools,
  publishedSchools,
  sampledSchools,
  schoolLinks,
  schoolLocations,
  trustMembers,
} from './schools.sql.ts';

/** Gives the directory as the stores have it now: rebuilt when something was committed since, kept otherwise. */
export type Directories = () => Promise<Directory>;

export function directoriesOf(stores: Stores): Directories {
  return () => directoryOf(stores);
}

const directoryOf = perCommit((stores) => directoryBefore(stores, everyYear), {
  ignoring: kindsNamingNoSchool,
});

/**
 * The directory as publications of years before `before` make it: type, authority and URNs of a school as they were known
 * then. For whoever may know nothing of a later year. Lists that came with registers have no year: a school is named by
 * them where no publication does.
 */
export async function directoryBefore(stores: Stores, before: AcademicYear): Promise<Directory> {
  const work = { work: true };
  return buildDirectory({
    published: await stores.read(publishedSchools, { before }, work),
    sampled: await stores.read(sampledSchools, { before }, work),
    census: await stores.read(censusSchools, {}, work),
    locations: await stores.read(schoolLocations, {}, work),
    links: await stores.read(schoolLinks, {}, work),
    trusts: await stores.read(trustMembers, {}, work),
    areas: await stores.read(areaNames, { before }, work),
    listed: await stores.read(listedSchools, {}, work),
  });
}
