import { countingYear, countingYearOf } from '../absence/index.ts';
import type { Day } from '../base/day.ts';
import { sessionsOfDays } from '../registers/index.ts';
import { isToldToItsEnd } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';

export type CalendarDay = { date: Day; session: number; open: boolean };

/** What a school’s calendar, by any URN it has had, tells of the year of a day. */
export async function calendarAt(
  stores: Stores,
  urns: readonly number[],
  on: Day,
): Promise<CalendarDay[]> {
  const { from, to } = countingYear(countingYearOf(on));
  return stores.read(sessionsOfDays, { urns: [...urns], from, to });
}

/**
 * The open sessions from a day on, in order, where the calendar tells the year to its end: only then may they be counted
 * for somebody. An estimate asks for less (`ask.ts`).
 */
export function sessionsToCome(days: readonly CalendarDay[], on: Day): CalendarDay[] | null {
  if (!isToldToItsEnd(days, countingYearOf(on), on)) return null;
  return days.filter(({ date, open }) => open && date >= on);
}
