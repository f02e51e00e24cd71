/** A day as ISO writes it: `2026-11-22`. Two of them compare as texts. */
export type Day = string;

/** Reads `2026-11-22`, from 1800 to 2199; undefined for a day that no calendar has. */
export function parseDay(text: string): Day | undefined {
  if (!/^(?:1[89]|2[01])\d\d-\d\d-\d\d$/.test(text)) return undefined;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text) ? text : undefined;
}

/** Is `day` between the two, both included? Without a last day it is not over. */
export function isWithin(day: Day, first: Day, last: Day | null): boolean {
  return first <= day && (last === null || day <= last);
}

/** The same day so many years before; 1 March for what was 29 February. */
export function yearsBefore(day: Day, years: number): Day {
  return yearsAfter(day, -years);
}

/** The same day so many years later; 1 March for what was 29 February. */
export function yearsAfter(day: Day, years: number): Day {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCFullYear(at.getUTCFullYear() + years);
  return at.toISOString().slice(0, 10);
}

/** The day so many days later; before, where they are negative. */
export function daysAfter(day: Day, days: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** 1 for Monday to 7 for Sunday. */
export function weekdayOf(day: Day): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}

/** From Monday to Friday, open or not. */
export function isWeekday(day: Day): boolean {
  return weekdayOf(day) <= 5;
}

/** The Monday of a day’s week: the day itself, or one before it. */
export function mondayOnOrBefore(day: Day): Day {
  return daysAfter(day, 1 - weekdayOf(day));
}
