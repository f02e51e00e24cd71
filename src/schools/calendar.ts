import type { AcademicYear } from '../base/academicYear.ts';
import type { Day } from '../base/day.ts';
import { halfTermWeeks, mondayOf, weekOf } from '../base/weekOfYear.ts';

/*
 * What a school’s own calendar says of the weeks of its year. A calendar says it of the days that it has: it may be of the
 * whole year, of a term, or a list of training days and closures.
 */

/** Sessions that a calendar has of a week: open ones, and of its weekdays closed ones. */
type SessionsOfWeek = { open: number; closed: number };

export type OwnCalendar = {
  weeks: ReadonlyMap<number, SessionsOfWeek>;
  /** First and last of the weeks in which what it does not have is closed. */
  whole: readonly (readonly [first: number, last: number])[];
};

const sessionsInWeek = 10;
/** With so much of a usual half-term’s sessions open, a calendar is one of the whole half-term, and no list of exceptions. */
const wholeFrom = 2 / 3;

/** Undefined of a school without a calendar. A session that is told twice, of two URNs, is open where one of them is. */
export function calendarOfDays(
  days: readonly { date: Day; session: number; open: boolean }[],
  year: AcademicYear,
): OwnCalendar | undefined {
  if (days.length === 0) return undefined;
  const sessions = [...Map.groupBy(days, ({ date, session }) => `${date} ${session}`).values()];
  const told = sessions.flatMap(([first, ...others]) =>
    first ? [{ ...first, open: [first, ...others].some(({ open }) => open) }] : [],
  );
  const weeks = new Map(
    [...Map.groupBy(told, ({ date }) => weekOf(date, year))].map(([week, ofWeek]) => [
      week,
      {
        open: ofWeek.filter(({ open }) => open).length,
        closed: ofWeek.filter(({ date, open }) => !open && isWeekday(date, year)).length,
      },
    ]),
  );
  const last = told.reduce((latest, { date, open }) => (open && date > latest ? date : latest), '');
  const closedAfter = told.some(({ date }) => date > last && isWeekday(date, year));
  return calendarOfWeeks(weeks, { lastOpen: last || undefined, closedAfter }, year);
}

/** The same of weeks that were counted already, with the last open day and whether closed weekdays are told after it. */
export function calendarOfWeeks(
  weeks: OwnCalendar['weeks'],
  end: { lastOpen: Day | undefined; closedAfter: boolean },
  year: AcademicYear,
): OwnCalendar {
  return { weeks, whole: wholeIn(weeks, { isEnded: isEnded(end, year) }) };
}

/** Whether nothing comes after the last open day: it is in one of the usual last two weeks, or closed weekdays are told after it. */
function isEnded(
  { lastOpen, closedAfter }: { lastOpen: Day | undefined; closedAfter: boolean },
  year: AcademicYear,
): boolean {
  if (lastOpen === undefined) return false;
  const usualLast = halfTermWeeks.at(-1)?.[1] ?? 0;
  return weekOf(lastOpen, year) >= usualLast - 1 || closedAfter;
}

/** Of the week itself: days of August count with the first week, and are none of its weekdays. */
function isWeekday(date: Day, year: AcademicYear): boolean {
  const monday = mondayOf(weekOf(date, year), year);
  return date >= monday && Date.parse(date) - Date.parse(monday) < 5 * 86_400_000;
}

/**
 * A half-term goes to the next, with the holiday after it; the last, where the calendar comes to its end, to that of the year.
 * A closure that is left out of one, as holidays are, leaves it whole where all the others are.
 */
function wholeIn(
  weeks: OwnCalendar['weeks'],
  { isEnded }: { isEnded: boolean },
): [first: number, last: number][] {
  const last = Math.max(...weeks.keys());
  const parts = halfTermWeeks.map(([from, to], at) => {
    const next = halfTermWeeks[at + 1]?.[0];
    const [first, until] = [at === 0 ? 0 : from, next === undefined ? Infinity : next - 1];
    const open = [...weeks].reduce(
      (sum, [week, of]) => sum + (week >= first && week <= until ? of.open : 0),
      0,
    );
    const isWhole = open >= wholeFrom * sessionsInWeek * (to - from + 1);
    return { first, until, open, isWhole, isBetween: at > 0 && next !== undefined };
  });
  const lacking = parts.filter(({ isWhole }) => !isWhole).length;
  return parts.flatMap(({ first, until, open, isWhole, isBetween }): [number, number][] => {
    if (!isWhole && !(isBetween && open > 0 && lacking === 1)) return [];
    return [[first, until === Infinity && isEnded ? until : Math.min(until, last)]];
  });
}

const isInWhole = ({ whole }: OwnCalendar, week: number) =>
  whole.some(([first, last]) => week >= first && week <= last);

/** Whether a calendar has all the sessions of the year from a week on: each half-term that is not over by then is whole. */
export function isWholeFrom(calendar: OwnCalendar | undefined, week: number): boolean {
  if (!calendar) return false;
  return halfTermWeeks.every(
    ([first, last]) => last < week || (isInWhole(calendar, first) && isInWhole(calendar, last)),
  );
}

/** Whether a school is open in a week by its calendar; undefined where that does not tell. */
export function isOpenBy(calendar: OwnCalendar | undefined, week: number): boolean | undefined {
  if (!calendar) return undefined;
  const { open, closed } = calendar.weeks.get(week) ?? { open: 0, closed: 0 };
  if (open > 0) return true;
  return closed >= sessionsInWeek || isInWhole(calendar, week) ? false : undefined;
}

/**
 * How much of a whole week a week is by its calendar; by `usual`, how much it usually is, where that does not tell. A closed
 * day is taken from a whole week, and not from one that is usually shorter by a bank holiday.
 */
export function partOfWeek(
  calendar: OwnCalendar | undefined,
  week: number,
  usual: number | undefined,
): number {
  const told = calendar?.weeks.get(week);
  if (calendar && isInWhole(calendar, week)) return (told?.open ?? 0) / sessionsInWeek;
  if (usual === undefined) return told && told.open > 0 ? told.open / sessionsInWeek : 1;
  return Math.min(usual, 1 - Math.min(sessionsInWeek, told?.closed ?? 0) / sessionsInWeek);
}
