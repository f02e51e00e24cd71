import { easterSunday } from '../../absence/index.ts';
import type { AcademicYear } from '../../base/academicYear.ts';
import { type Day, daysAfter } from '../../base/day.ts';
import { mondayOf, weekOf, weeksInYear } from '../../base/weekOfYear.ts';

/*
 * In which weeks most schools of England are closed. No list of it is published: this is what most authorities set. Where one
 * of them differs, its schools are in the week before or after.
 */

/** Is this week, by its Monday, one of most schools’ holidays? */
export function isHoliday(monday: Day): boolean {
  const month = monday.slice(5, 7);
  const day = Number(monday.slice(8));
  const has = (from: number, to: number) => day >= from && day <= to;
  switch (month) {
    case '10':
      return has(22, 28);
    case '12':
      // Up to the week of 1 January.
      return day >= 19;
    case '01':
      return day === 1;
    case '02':
      return has(12, 18);
    case '03':
    case '04':
      return springHoliday(Number(monday.slice(0, 4))).includes(monday);
    case '05':
      // The spring bank holiday is the last Monday of May.
      return day >= 25;
    default:
      return false;
  }
}

/** Two weeks: about an Easter in between, from an early one on, and up to Good Friday where it is late. */
function springHoliday(year: number): Day[] {
  const easter = easterSunday(year);
  const monday = daysAfter(easter, 1);
  const day = easter.slice(5);
  const first = day <= '04-03' ? monday : daysAfter(monday, day <= '04-12' ? -7 : -14);
  return [first, daysAfter(first, 7)];
}

/** The last week up to a day in which schools were open. */
export function lastOpenWeek(day: Day, year: AcademicYear): number {
  let week = Math.min(weekOf(day, year), weeksInYear - 1);
  while (week > 0 && isHoliday(mondayOf(week, year))) week -= 1;
  return week;
}

/** Weeks in which schools were open, after one week and up to another. */
export function openWeeksBetween(after: number, to: number, year: AcademicYear): number {
  let open = 0;
  for (let week = after + 1; week <= to; week += 1) {
    if (!isHoliday(mondayOf(week, year))) open += 1;
  }
  return open;
}
