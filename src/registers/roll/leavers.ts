import type { Day } from '../../base/day.ts';
import type { Urn } from '../../base/identifiers.ts';
import type { StandingRollRow } from '../../records/index.ts';
import type { Fault } from '../read/problems.ts';
import type { PupilRow } from './rows.ts';

/** So many children, and so large a part of a school, that it is asked: of a large school, and of any. */
const many = { ofLarge: { children: 10, part: 0.1 }, ofAny: { children: 2, part: 0.2 } };

export const yearGroupNumber = (text: string) =>
  text === 'R' ? 0 : text === 'N' ? -1 : Number(text);

/** Children who are enrolled today, and of them those whom a new roll leaves out. */
export type Left = { enrolled: number; left: number };

/**
 * Whom a new roll leaves out. When the others have gone up a year, in September, those of the oldest year group and of years
 * 11 to 14 are no loss: they left in July. Who is in the file with a leaving date is not left out.
 */
export function leftOut(
  before: readonly StandingRollRow[],
  told: readonly PupilRow[],
  today: Day,
): Left {
  const enrolled = new Map(
    before
      .filter(({ leaving_date }) => leaving_date === null || leaving_date >= today)
      .map((row) => [row.upn, yearGroupNumber(row.year_group)]),
  );
  const now = new Map(told.map((row) => [row.upn, yearGroupNumber(row.yearGroup)]));
  const stay = [...enrolled].filter(([upn]) => now.has(upn));
  const isNewYear =
    stay.filter(([upn, year]) => now.get(upn) === year + 1).length * 2 > stay.length;
  const oldest = Math.min(11, Math.max(...enrolled.values()));
  const left = [...enrolled].filter(
    ([upn, year]) => !now.has(upn) && !(isNewYear && year >= oldest),
  );
  return { enrolled: enrolled.size, left: left.length };
}

export function areMany({ enrolled, left }: Left): boolean {
  return [many.ofLarge, many.ofAny].some(
    ({ children, part }) => left > children && left > part * enrolled,
  );
}

export function manyLeavers(urn: Urn, { enrolled, left }: Left): Fault {
  return {
    kind: 'many-leavers',
    message: `School ${urn}: ${left} of the ${enrolled} children on its roll are not in the file, so nothing of its roll is taken: send all of the roll, or if they have left, give their leaving dates or say that they have (--leavers at the command line, the box on the page, ?leavers=yes in a push).`,
  };
}
