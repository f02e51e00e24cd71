import { hideAlso, type PartOfTotal, safeToShow } from '../access/index.ts';
import type { AcademicYear } from '../base/academicYear.ts';
import type { Urn } from '../base/identifiers.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { perCommit, workedOutKinds } from '../stores/index.ts';
import { type GroupCountsRow, groupCounts } from './published.sql.ts';

/** Is anything of these hidden from outside: everything, or what is said about persistent absentees? */
export type Hiding = {
  school(urn: Urn, year: AcademicYear): { everything: boolean; persistent: boolean };
  authority(
    laCode: string,
    schoolType: SchoolType,
    year: AcademicYear,
  ): { everything: boolean; persistent: boolean };
};

/**
 * What is hidden from outside, in every published year: figures that rest on fewer than six pupils, and as many others
 * as it takes that they cannot be had by subtraction, neither from their authority's nor from England's total.
 */
export const hidingOf = perCommit(
  async (stores): Promise<Hiding> => {
    const groups = await stores.read(groupCounts, {}, { work: true });
    const everything = hiddenKeys(
      groups,
      (row) => row.enrolments,
      (_, whole) => safeToShow(null, whole),
    );
    const persistent = hiddenKeys(groups, (row) => row.persistent, safeToShow);
    const at = (key: string) => ({
      everything: everything.has(key),
      persistent: persistent.has(key) || everything.has(key),
    });
    return {
      school: (urn, year) => at(schoolKey(urn, year)),
      authority: (laCode, schoolType, year) => at(authorityKey(laCode, schoolType, year)),
    };
  },
  { ignoring: workedOutKinds },
);

const schoolKey = (urn: Urn, year: AcademicYear) => `${urn} ${year}`;
const authorityKey = (laCode: string, schoolType: string, year: AcademicYear) =>
  `${laCode} ${schoolType} ${year}`;

function hiddenKeys(
  groups: readonly GroupCountsRow[],
  countsOf: (row: GroupCountsRow) => number[],
  safe: (part: number, whole: number) => boolean,
): Set<string> {
  const hidden = new Set<string>();
  const england = Map.groupBy(groups, (row) => `${row.school_type} ${row.time_period}`);
  for (const authorities of england.values()) {
    const totals = authorities.map((row) => hideInAuthority(row, countsOf(row), safe, hidden));
    for (const key of hideAlso(totals).parts) hidden.add(key);
  }
  return hidden;
}

/** Hides what must be among the schools of an authority; gives its total as a part of England's. */
function hideInAuthority(
  row: GroupCountsRow,
  counts: number[],
  safe: (part: number, whole: number) => boolean,
  hidden: Set<string>,
): PartOfTotal<string> {
  const parts = row.urns.map((urn, index) => ({
    key: schoolKey(urn, row.time_period),
    count: counts[index] as number,
    hidden: !safe(counts[index] as number, row.enrolments[index] as number),
  }));
  const also = hideAlso(parts);
  for (const part of parts) if (part.hidden) hidden.add(part.key);
  for (const key of also.parts) hidden.add(key);
  const key = authorityKey(row.la_code, row.school_type, row.time_period);
  if (also.total) hidden.add(key);
  return { key, count: counts.reduce((sum, count) => sum + count, 0), hidden: also.total };
}
