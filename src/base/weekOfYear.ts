import { type AcademicYear, startYearOf } from './academicYear.ts';
import type { Day } from './day.ts';

/*
 * Weeks of an academic year are counted from the Monday nearest to 1 September, which is week 0: the same week of two years
 * is the same time of the year, to three days. Days before it count with it.
 */

export const weeksInYear = 48;

/** First and last weeks of the half-terms of a usual year. */
export const halfTermWeeks: readonly (readonly [first: number, last: number])[] = [
  [1, 7],
  [9, 15],
  [18, 23],
  [25, 30],
  [33, 38],
  [40, 46],
];

/** The number of the week that a day is in. */
export function weekOf(day: Day, year: AcademicYear): number {
  return Math.max(0, Math.floor((dayNumber(day) - firstMonday(year)) / 7));
}

/** The Monday of a week. */
export function mondayOf(week: number, year: AcademicYear): Day {
  return new Date((firstMonday(year) + 7 * week) * 86_400_000).toISOString().slice(0, 10);
}

function dayNumber(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`) / 86_400_000;
}

/** The last Monday up to 4 September. (1970 began on a Thursday.) */
function firstMonday(year: AcademicYear): number {
  const day = dayNumber(`${startYearOf(year)}-09-04`);
  return day - ((day + 3) % 7);
}
