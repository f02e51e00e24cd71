import { isOfTheCircle, type Subject, type Viewer } from '../../access/index.ts';
import { type Clock, dayInEngland } from '../../base/clock.ts';
import { type Directories, type Directory, type School, subjectOf } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { type GroupPlace, groupsOf, type GroupsOfPlace } from './ask.ts';

export type GroupOptions = { stores: Stores; directories: Directories; clock: Clock };

/** A school or an area whose pupils’ groups are compared. */
export type Compares = {
  name: string;
  path: string;
  /** `this school`, `this area`. */
  where: string;
  subject: Subject;
  place: GroupPlace;
};

export function ofSchool(school: School): Compares {
  return {
    ...{ name: school.name, path: `/schools/${school.urn}`, where: 'this school' },
    ...{ subject: subjectOf(school), place: { level: 'school', urns: urnsOf([school]) } },
  };
}

export function ofAuthority(directory: Directory, code: string): Compares {
  const { laCode, name, regionCode } = directory.getAuthority(code);
  return {
    ...{ name, path: `/authorities/${laCode}`, where: 'this area' },
    subject: { laCodes: [laCode], regionCodes: [regionCode] },
    place: { level: 'la', area: laCode, urns: urnsOf(directory.schoolsOfAuthority(laCode)) },
  };
}

const urnsOf = (schools: readonly School[]) =>
  schools.flatMap((school) => school.chain.map((record) => record.urn));

/** Six weeks of a group are a period: they are for the school’s own circle, as all that is shorter than a year. */
export function seesGroups(viewer: Viewer): boolean {
  return viewer.role === 'operator' || isOfTheCircle(viewer);
}

/** What was compared, for whoever may see it of this place: the policy is asked before. */
export async function foundFor(
  { stores, clock }: Pick<GroupOptions, 'stores' | 'clock'>,
  viewer: Viewer,
  { place }: Compares,
): Promise<GroupsOfPlace | undefined> {
  return seesGroups(viewer) ? groupsOf(stores, place, dayInEngland(clock())) : undefined;
}
