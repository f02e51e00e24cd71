import { perCommit, type Stores, workedOutKinds } from '../stores/index.ts';
import { buildDirectory, type Directory } from './directory.ts';
import {
  areaNames,
  censusSchools,
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

const directoryOf = perCommit(loadDirectory, { ignoring: workedOutKinds });

async function loadDirectory(stores: Stores): Promise<Directory> {
  const work = { work: true };
  return buildDirectory({
    published: await stores.read(publishedSchools, {}, work),
    sampled: await stores.read(sampledSchools, {}, work),
    census: await stores.read(censusSchools, {}, work),
    locations: await stores.read(schoolLocations, {}, work),
    links: await stores.read(schoolLinks, {}, work),
    trusts: await stores.read(trustMembers, {}, work),
    areas: await stores.read(areaNames, {}, work),
  });
}
