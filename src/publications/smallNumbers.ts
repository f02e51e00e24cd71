import { hideAlso, type Part, safeToShow, type Total } from '../access/index.ts';
import type { AcademicYear } from '../base/academicYear.ts';
import type { Urn } from '../base/identifiers.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { type Directory, directoriesOf } from '../schools/index.ts';
import { perCommit, registerKinds, workedOutKinds } from '../stores/index.ts';
import { type GroupCountsRow, groupCounts } from './published.sql.ts';

/** Is anything of these hidden from outside: everything, or what is said about persistent absentees? */
export type HiddenFigures = { everything: boolean; persistent: boolean };

export type AreaLevel = 'Local authority' | 'Regional' | 'National';

export type Hiding = {
  /** By any URN of the school. */
  school(urn: Urn, year: AcademicYear): HiddenFigures;
  /** The total of an area; England has no code. */
  area(level: AreaLevel, code: string, schoolType: SchoolType, year: AcademicYear): HiddenFigures;
};

/**
 * What is hidden from outside, in every published year: figures that rest on fewer than six pupils, and as many others
 * as it takes that nobody has them by subtraction from the total of an authority, a region or England. Nobody: neither
 * the public, nor a school, a trust or an authority that knows its own.
 */
export const hidingOf = perCommit(
  async (stores): Promise<Hiding> => {
    const directory = await directoriesOf(stores)();
    const groups = await stores.read(groupCounts, {}, { work: true });
    const everything = new Set<string>();
    const persistent = new Set<string>();
    for (const england of Map.groupBy(
      groups,
      (row) => `${row.school_type} ${row.time_period}`,
    ).values()) {
      const schools = england.map((row) => countedSchools(row, directory));
      const small = (isSmall: (school: CountedSchool) => boolean) =>
        schools.flat().flatMap((school) => (isSmall(school) ? school.key : []));
      const tiny = hideAlso(
        totalOf(england, schools, 'enrolments'),
        new Set(small((each) => each.tiny)),
      );
      for (const key of tiny) everything.add(key);
      const few = new Set([...tiny, ...small((each) => each.few)]);
      for (const key of hideAlso(totalOf(england, schools, 'persistent'), few)) persistent.add(key);
    }
    const at = (key: string) => ({
      everything: everything.has(key),
      persistent: persistent.has(key),
    });
    return {
      school: (urn, year) => at(schoolKey(newestUrn(directory, urn), year)),
      area: (...area) => at(areaKey(...area)),
    };
  },
  { ignoring: [...workedOutKinds, ...registerKinds] },
);

const newestUrn = (directory: Directory, urn: Urn): Urn => directory.find(urn)?.urn ?? urn;
const schoolKey = (urn: Urn, year: AcademicYear) => `${urn} ${year}`;
const areaKey = (level: AreaLevel, code: string, schoolType: string, year: AcademicYear) =>
  `${level} ${code} ${schoolType} ${year}`;

/** A school’s counts in one authority and year, over all URNs that it had there. */
type CountedSchool = {
  key: string;
  circles: string[];
  enrolments: number;
  persistent: number;
  tiny: boolean;
  few: boolean;
};

function countedSchools(row: GroupCountsRow, directory: Directory): CountedSchool[] {
  const schools = new Map<Urn, CountedSchool>();
  for (const [index, urn] of row.urns.entries()) {
    const newest = newestUrn(directory, urn);
    const enrolments = row.enrolments[index] as number;
    const persistent = row.persistent[index] as number;
    const before = schools.get(newest);
    schools.set(newest, {
      key: schoolKey(newest, row.time_period),
      circles: before?.circles ?? circlesOf(newest, directory),
      enrolments: (before?.enrolments ?? 0) + enrolments,
      persistent: (before?.persistent ?? 0) + persistent,
      tiny: before?.tiny || !safeToShow(null, enrolments),
      few: before?.few || !safeToShow(persistent, enrolments),
    });
  }
  return [...schools.values()];
}

/** Those who see a school’s figures whole: itself, its trust, its authority. */
function circlesOf(urn: Urn, directory: Directory): string[] {
  const school = directory.find(urn);
  return [
    `school ${urn}`,
    ...(school?.trust ? [`trust ${school.trust.uid}`] : []),
    ...(school ? [`authority ${school.laCode}`] : []),
  ];
}

/** England’s total of one type and year: of regions, of authorities, of schools. */
function totalOf(
  england: readonly GroupCountsRow[],
  schools: readonly CountedSchool[][],
  of: 'enrolments' | 'persistent',
): Total<string> {
  const keyOf = (level: AreaLevel, code: string) => {
    const { school_type, time_period } = england[0] as GroupCountsRow;
    return areaKey(level, code, school_type as SchoolType, time_period);
  };
  const authorities = england.map((row, index) => ({
    region: row.region_code,
    total: {
      key: keyOf('Local authority', row.la_code),
      parts: (schools[index] as CountedSchool[]).map(
        ({ key, circles, [of]: count }): Part<string> => ({ key, count, circles }),
      ),
    },
  }));
  const regions = [...Map.groupBy(authorities, ({ region }) => region)].map(([code, inRegion]) => ({
    key: keyOf('Regional', code),
    parts: inRegion.map(({ total }) => total),
  }));
  return { key: keyOf('National', ''), parts: regions };
}
