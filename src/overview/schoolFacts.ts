import type { AcademicYear } from '../base/academicYear.ts';
import type { Urn } from '../base/identifiers.ts';
import type { Measure } from '../base/measure.ts';
import {
  type AreaYear,
  areaFigures,
  type Hiding,
  hidingOf,
  type PublishedYear,
  publishedYearsOf,
  yearsOfSchool,
} from '../publications/index.ts';
import type { Directory, School } from '../schools/index.ts';
import { quantileOf } from '../stats/robust.ts';
import type { Stores } from '../stores/index.ts';

/** One year of a school as it is shown: null where it is not known, or hidden because few pupils are behind it. */
export type ShownYear = {
  year: AcademicYear;
  absencePercent: number | null;
  authorisedPercent: number | null;
  unauthorisedPercent: number | null;
  persistentPercent: number | null;
  enrolments: number | null;
  sessionsPossible: number | null;
  hidden: boolean;
};

/** A school's published years over all its URNs. Small numbers are hidden from whoever is outside its circle. */
export async function shownYears(
  stores: Stores,
  school: School,
  options: { hideSmallNumbers: boolean },
): Promise<ShownYear[]> {
  return (await shownYearsOf(stores, [school], options)).get(school.urn) ?? [];
}

/** The same of several schools, by their newest URN. */
export async function shownYearsOf(
  stores: Stores,
  schools: readonly School[],
  options: { hideSmallNumbers: boolean },
): Promise<Map<Urn, ShownYear[]>> {
  const urns = schools.flatMap((school) => school.chain.map((record) => record.urn));
  const published = await publishedYearsOf(stores, urns);
  const hiding = options.hideSmallNumbers ? await hidingOf(stores) : undefined;
  return new Map(
    schools.map((school) => {
      const parts = school.chain.flatMap((record) => published.get(record.urn) ?? []);
      const years = yearsOfSchool(parts).map((year) => shown(year, school, hiding));
      return [school.urn, years];
    }),
  );
}

function shown(year: PublishedYear, school: School, hiding: Hiding | undefined): ShownYear {
  const hidden = school.chain.flatMap(({ urn }) => hiding?.school(urn, year.year) ?? []);
  const tiny = hidden.some((each) => each.everything);
  const few = hidden.some((each) => each.persistent);
  return {
    year: year.year,
    absencePercent: tiny ? null : year.absencePercent,
    authorisedPercent: tiny ? null : year.authorisedPercent,
    unauthorisedPercent: tiny ? null : year.unauthorisedPercent,
    persistentPercent: few ? null : year.persistentPercent,
    enrolments: tiny ? null : year.enrolments,
    sessionsPossible: tiny ? null : year.sessionsPossible,
    hidden: tiny || few,
  };
}

export function percentOf(year: ShownYear | AreaYear, measure: Measure): number | null {
  return measure === 'overall' ? year.absencePercent : year.persistentPercent;
}

/** The authority, region and England of a school, for its type. */
export async function areaYearsOf(stores: Stores, school: School): Promise<AreaYear[]> {
  const all = await areaFigures(stores, school);
  return all.filter((area) => area.schoolType === school.schoolType);
}

export type Band = {
  year: AcademicYear;
  lowerQuartile: number;
  median: number;
  upperQuartile: number;
};

/** Quartiles of fewer schools than this would say what single schools have. */
const fewestInBand = 10;

/** What a hidden share stands for in a band: the middle of one to five pupils. The band is made of nothing hidden. */
const pupilsWhereHidden = 3;

/** Year by year, the quartiles of a school's similar schools; years in which fewer than ten are known are left out. */
export async function similarBands(
  stores: Stores,
  directory: Directory,
  similar: readonly { urn: number }[],
): Promise<Record<Measure, Band[]>> {
  const schools = similar.flatMap(({ urn }) => directory.find(urn) ?? []);
  const shownOf = await shownYearsOf(stores, schools, { hideSmallNumbers: true });
  const byYear = [...Map.groupBy([...shownOf.values()].flat(), (year) => year.year)];
  byYear.sort(([a], [b]) => a - b);
  const bandOf = (pick: (year: ShownYear) => number | null): Band[] =>
    byYear.flatMap(([year, sameYear]) => {
      const percents = sameYear.flatMap((each) => pick(each) ?? []);
      if (percents.length < fewestInBand) return [];
      return [
        {
          year,
          lowerQuartile: quantileOf(percents, 0.25) as number,
          median: quantileOf(percents, 0.5) as number,
          upperQuartile: quantileOf(percents, 0.75) as number,
        },
      ];
    });
  return {
    overall: bandOf((year) => year.absencePercent),
    persistent: bandOf(
      ({ persistentPercent, hidden, enrolments }) =>
        persistentPercent ?? (hidden && enrolments ? (100 * pupilsWhereHidden) / enrolments : null),
    ),
  };
}
