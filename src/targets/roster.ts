import { type AcademicYear, firstDayOf, startYearOf } from '../base/academicYear.ts';
import type { Urn } from '../base/identifiers.ts';
import { type PublishedYear, yearsOfSchool } from '../publications/index.ts';
import { type School, urnInYear } from '../schools/index.ts';
import type { SchoolHistory, SchoolYear } from './history.ts';
import { mayBeUsed, type OwnYear, ownYearsOfSchool } from './ownYears.ts';

/** A school that an expectation is set for, with what was known of it before the year. */
export type RosterSchool = {
  school: School;
  history: SchoolHistory;
  /** Years of its own registers that would count, and that nobody at the school has agreed: it is told nothing yet. */
  notAgreed: AcademicYear[];
};

/** Why a school of the directory gets none. */
export type NotOnRoster =
  | 'closed before the year'
  | 'opens after the year began'
  | 'not seen lately'
  | 'named by a list of schools alone, without a whole year of registers';

export type Roster = {
  year: AcademicYear;
  schools: RosterSchool[];
  left: Map<NotOnRoster, number>;
};

/**
 * The schools of `year`: open when it begins or opening by the January of it (the day by which published figures name
 * schools), and seen lately: in the newest published year before it, or in the nearest census. `published` holds years
 * before `year` only; later ones are left out even if given. `own` are years of schools' own registers: one counts where
 * none is published, and only when it agrees with the school's own system or the difference was accepted there.
 */
export function rosterOf(
  schools: readonly School[],
  published: ReadonlyMap<Urn, PublishedYear[]>,
  year: AcademicYear,
  own: ReadonlyMap<Urn, readonly OwnYear[]> = new Map(),
): Roster {
  const newest = newestYearBefore(published, year);
  const census = nearestCensus(schools, year);
  const roster: Roster = { year, schools: [], left: new Map() };
  for (const school of schools) {
    const years = yearsOfSchool(
      school.chain
        .flatMap((record) => published.get(record.urn) ?? [])
        .filter((known) => known.year < year),
    );
    const unpublished = ownYearsOfSchool(school, own).filter(
      (each) => each.year < year && !years.some((known) => known.year === each.year),
    );
    const used = unpublished.filter(mayBeUsed);
    const seen =
      years.some((known) => known.year === newest) ||
      unpublished.length > 0 ||
      school.intakes.some((intake) => intake.censusOn === census);
    const reason = whyNot(school, [...years, ...unpublished], seen, year);
    if (reason) roster.left.set(reason, (roster.left.get(reason) ?? 0) + 1);
    else {
      const all = [...years.map(withoutUrn), ...used.map(fromRegisters)];
      const history = historyOf(
        school,
        urnInYear(school.chain, year),
        all.sort((a, b) => a.year - b.year),
      );
      const notAgreed = unpublished.filter((each) => !mayBeUsed(each)).map((each) => each.year);
      roster.schools.push({ school, history, notAgreed });
    }
  }
  return roster;
}

function whyNot(
  school: School,
  years: PublishedYear[],
  seen: boolean,
  year: AcademicYear,
): NotOnRoster | undefined {
  if (school.closeDate !== null && school.closeDate < firstDayOf(year)) {
    return 'closed before the year';
  }
  if (school.onlyListed && years.length === 0) {
    return 'named by a list of schools alone, without a whole year of registers';
  }
  const first = school.chain[0];
  const opened = first?.openDate ?? (first?.firstYear ? firstDayOf(first.firstYear) : null);
  if (years.length === 0 && (opened === null || opened > `${startYearOf(year) + 1}-01-31`)) {
    return 'opens after the year began';
  }
  return seen ? undefined : 'not seen lately';
}

/** A school with these years as the models see it, under `urn`. */
export function historyOf(school: School, urn: Urn, years: readonly SchoolYear[]): SchoolHistory {
  const record = school.chain.find((each) => each.urn === urn);
  return {
    urn,
    laestab: record?.laestab ?? school.laestab,
    schoolType: school.schoolType,
    laCode: school.laCode,
    regionCode: school.regionCode,
    years: [...years],
  };
}

export function withoutUrn({ urn: _, ...known }: PublishedYear): SchoolYear {
  return known;
}

function fromRegisters({ state: _, ...own }: OwnYear): SchoolYear {
  return { ...withoutUrn(own), fromRegisters: true };
}

function newestYearBefore(
  published: ReadonlyMap<Urn, PublishedYear[]>,
  year: AcademicYear,
): AcademicYear {
  let newest = 0;
  for (const years of published.values()) {
    for (const known of years) if (known.year < year && known.year > newest) newest = known.year;
  }
  return newest;
}

/** The day of the census nearest to the January of `year`; undefined when none is loaded. */
export function nearestCensus(schools: readonly School[], year: AcademicYear): string | undefined {
  const days = new Set<string>();
  for (const school of schools) for (const intake of school.intakes) days.add(intake.censusOn);
  const january = startYearOf(year) + 1;
  return [...days].sort(
    (a, b) =>
      Math.abs(Number(a.slice(0, 4)) - january) - Math.abs(Number(b.slice(0, 4)) - january) ||
      a.localeCompare(b),
  )[0];
}
