import type { AcademicYear } from '../base/academicYear.ts';
import { type Day, daysAfter, isWeekday, isWithin } from '../base/day.ts';
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
/** With less of it, what is there may be of the half-term before or after, which move with Easter. */
const partFrom = 1 / 3;

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
        closed: ofWeek.filter(({ date, open }) => !open && isWeekdayOfWeek(date, year)).length,
      },
    ]),
  );
  const closedAfter = told.some(
    ({ date }) => date > (lastOpenDay(told) ?? '') && isWeekdayOfWeek(date, year),
  );
  return calendarOfWeeks(weeks, { lastOpen: lastOpenDay(told), closedAfter }, year);
}

/** The same of weeks that were counted already, with the last open day and whether closed weekdays are told after it. */
export function calendarOfWeeks(
  weeks: OwnCalendar['weeks'],
  end: { lastOpen: Day | undefined; closedAfter: boolean },
  year: AcademicYear,
): OwnCalendar {
  return { weeks, whole: wholeIn(weeks, { isEnded: isEnded(end, year) }) };
}

function lastOpenDay(days: readonly { date: Day; open: boolean }[]): Day | undefined {
  const last = days.reduce((latest, { date, open }) => (open && date > latest ? date : latest), '');
  return last === '' ? undefined : last;
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
function isWeekdayOfWeek(date: Day, year: AcademicYear): boolean {
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
    const usual = sessionsInWeek * (to - from + 1);
    const isBetween = at > 0 && next !== undefined;
    return {
      ...{ first, until, isWhole: open >= wholeFrom * usual },
      isPart: isBetween && open >= partFrom * usual,
    };
  });
  const lacking = parts.filter(({ isWhole }) => !isWhole).length;
  return parts.flatMap(({ first, until, isWhole, isPart }): [number, number][] => {
    if (!isWhole && !(isPart && lacking === 1)) return [];
    return [[first, until === Infinity && isEnded ? until : Math.min(until, last)]];
  });
}

const isInWhole = ({ whole }: OwnCalendar, week: number) =>
  whole.some(([first, last]) => week >= first && week <= last);

/**
 * Whether a calendar has the year from a week on, near enough for an estimate: each half-term that is not over by then is
 * whole. What a family is told wants more (`isToldToItsEnd`).
 */
export function isWholeFrom(calendar: OwnCalendar, week: number): boolean {
  return halfTermWeeks.every(
    ([first, last]) => last < week || (isInWhole(calendar, first) && isInWhole(calendar, last)),
  );
}

/** Weekdays in a row of which a calendar says nothing, as of a holiday: two weeks, and three about Christmas and Easter. */
const longestHoliday = 10;
const longHolidays: readonly (readonly [from: string, to: string])[] = [
  ['12-15', '12-31'],
  ['01-01', '01-10'],
  ['03-20', '04-30'],
];
const longestLongHoliday = 15;

/**
 * Whether every session from a day to the end of the year is told, so that they may be counted for a family: each half-term
 * that is not over is whole by itself, nothing longer than a holiday is left out, and the last open day is the end. It is
 * where a closed weekday stands after it, or where it is one of the usual last three weeks and still a week off: a calendar
 * that comes up to today says nothing of tomorrow.
 */
export function isToldToItsEnd(
  days: readonly { date: Day; open: boolean }[],
  year: AcademicYear,
  today: Day,
): boolean {
  const last = lastOpenDay(days);
  if (last === undefined || last < today) return false;
  const openSessions = (first: number, until: number) =>
    days.filter(({ date, open }) => {
      const week = weekOf(date, year);
      return open && week >= first && week <= until;
    }).length;
  const isWhole = halfTermWeeks.every(
    ([first, until], at) =>
      until < weekOf(today, year) ||
      openSessions(first, (halfTermWeeks[at + 1]?.[0] ?? Infinity) - 1) >=
        wholeFrom * sessionsInWeek * (until - first + 1),
  );
  const usualLast = halfTermWeeks.at(-1)?.[1] ?? 0;
  const isEnd =
    days.some(({ date }) => date > last && isWeekdayOfWeek(date, year)) ||
    (weekOf(last, year) >= usualLast - 2 && last >= daysAfter(today, 7));
  return isWhole && isEnd && !hasHole(new Set(days.map(({ date }) => date)), today, last);
}

function hasHole(told: ReadonlySet<Day>, from: Day, to: Day): boolean {
  let untold = 0;
  let most = longestHoliday;
  for (let day = from; day <= to; day = daysAfter(day, 1)) {
    if (told.has(day)) [untold, most] = [0, longestHoliday];
    else if (isWeekday(day)) {
      untold += 1;
      if (longHolidays.some(([first, until]) => isWithin(day.slice(5), first, until)))
        most = longestLongHoliday;
      if (untold > most) return true;
    }
  }
  return false;
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
