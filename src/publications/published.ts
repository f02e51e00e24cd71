import type { AcademicYear } from '../base/academicYear.ts';
import type { Urn } from '../base/identifiers.ts';
import type { Stores } from '../stores/index.ts';
import {
  allSchoolYears,
  type SampleYearRow,
  type SchoolYearsRow,
  sampleYears,
  sampleYearsOf,
  schoolYearsOf,
} from './published.sql.ts';

/**
 * One published year of one school. Percentages are unrounded, recomputed from the counts; where only percentages
 * were published (the sample of 2021/22 and 2022/23) the counts are null.
 */
export type PublishedYear = {
  year: AcademicYear;
  urn: Urn;
  absencePercent: number;
  persistentPercent: number | null;
  authorisedPercent: number | null;
  unauthorisedPercent: number | null;
  enrolments: number | null;
  sessionsPossible: number | null;
};

/** The published years of every URN before `before`, in order. */
export async function publishedYearsBefore(
  stores: Stores,
  before: AcademicYear,
): Promise<Map<Urn, PublishedYear[]>> {
  const work = { work: true };
  return byUrn(
    await stores.read(allSchoolYears, { before }, work),
    await stores.read(sampleYears, { before }, work),
  );
}

/** The published years of these URNs, in order. */
export async function publishedYearsOf(
  stores: Stores,
  urns: Urn[],
): Promise<Map<Urn, PublishedYear[]>> {
  return byUrn(
    await stores.read(schoolYearsOf, { urns }),
    await stores.read(sampleYearsOf, { urns }),
  );
}

function byUrn(counted: SchoolYearsRow[], sampled: SampleYearRow[]): Map<Urn, PublishedYear[]> {
  const years = new Map<Urn, PublishedYear[]>();
  for (const row of counted) years.set(row.urn, yearsOfRow(row));
  for (const row of sampled) {
    if (row.overall_absence_percent === null) continue;
    const known = years.get(row.urn) ?? [];
    if (known.some((each) => each.year === row.time_period)) continue; // counts say more than percentages
    years.set(row.urn, [
      ...known,
      {
        year: row.time_period,
        urn: row.urn,
        absencePercent: row.overall_absence_percent,
        persistentPercent: row.persistent_absence_percent,
        authorisedPercent: null,
        unauthorisedPercent: null,
        enrolments: null,
        sessionsPossible: null,
      },
    ]);
  }
  return years;
}

function yearsOfRow(row: SchoolYearsRow): PublishedYear[] {
  return row.time_periods.flatMap((year, index) => {
    const possible = row.sess_possible[index] as number;
    const enrolments = row.enrolments[index] as number;
    if (possible === 0) return [];
    return [
      {
        year,
        urn: row.urn,
        absencePercent: (100 * (row.sess_overall[index] as number)) / possible,
        persistentPercent:
          enrolments === 0 ? null : (100 * (row.persistent[index] as number)) / enrolments,
        authorisedPercent: (100 * (row.sess_authorised[index] as number)) / possible,
        unauthorisedPercent: (100 * (row.sess_unauthorised[index] as number)) / possible,
        enrolments,
        sessionsPossible: possible,
      },
    ];
  });
}

/**
 * One school's years over all its URNs. Where two URNs report the same year (the year of the change), the two parts
 * are pooled by their sessions and enrolments; one without counts gives way to one with.
 */
export function yearsOfSchool(parts: readonly PublishedYear[]): PublishedYear[] {
  const byYear = Map.groupBy(parts, (part) => part.year);
  return [...byYear.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, sameYear]) => {
      const counted = sameYear.filter((part) => part.sessionsPossible !== null);
      return counted.length > 1 ? pool(counted) : ((counted[0] ?? sameYear[0]) as PublishedYear);
    });
}

function pool(parts: PublishedYear[]): PublishedYear {
  const last = parts.at(-1) as PublishedYear;
  const possible = sum(parts, (part) => part.sessionsPossible);
  const enrolments = sum(parts, (part) => part.enrolments);
  const bySessions = (pick: (part: PublishedYear) => number | null) =>
    sum(parts, (part) => (pick(part) ?? 0) * (part.sessionsPossible ?? 0)) / possible;
  return {
    ...last,
    absencePercent: bySessions((part) => part.absencePercent),
    authorisedPercent: bySessions((part) => part.authorisedPercent),
    unauthorisedPercent: bySessions((part) => part.unauthorisedPercent),
    persistentPercent:
      enrolments === 0
        ? null
        : sum(parts, (part) => (part.persistentPercent ?? 0) * (part.enrolments ?? 0)) / enrolments,
    enrolments: Math.max(...parts.map((part) => part.enrolments ?? 0)),
    sessionsPossible: possible,
  };
}

function sum(parts: PublishedYear[], pick: (part: PublishedYear) => number | null): number {
  return parts.reduce((total, part) => total + (pick(part) ?? 0), 0);
}
