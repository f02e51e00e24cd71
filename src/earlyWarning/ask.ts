import { type AcademicYear, startYearOf } from '../base/academicYear.ts';
import { type Day, daysAfter, isWeekday } from '../base/day.ts';
import { halfTermWeeks, mondayOf, weekOf } from '../base/weekOfYear.ts';
import { countingYear, countingYearOf, knownBefore } from '../absence/index.ts';
import { calendarOfWeeks, isWholeFrom } from '../schools/index.ts';
import type { Statement } from '../warehouse/index.ts';
import type { CountsParameters, Knowing } from './counts.sql.ts';
import { type CalendarRow, calendarsKept, calendarsAsKnown } from './left.sql.ts';

/** Asks the warehouse for a statement’s rows, of the receipts that count. */
export type Read = <Row, Parameters extends object>(
  asked: Statement<Row, Parameters & { receipts: number[] }>,
  parameters: Parameters,
) => Promise<Row[]>;

/** Of which schools (none: of all), on which day, and what was known of it. */
export type Asked = {
  urns: readonly number[];
  on: Day;
  knowing: Knowing;
  /** Receipts that came after the day: what they brought is not seen. */
  cameLater: readonly number[];
  /** False: the year before is not looked at. */
  seesLast?: boolean;
};

const sessionsInYear = 380;
const sessionsInWeek = 10;

/** What every statement of counts takes. Which schools’ calendars tell what is left is asked first. */
export async function parametersOn(
  read: Read,
  { urns, on, knowing, cameLater, seesLast = true }: Asked,
): Promise<Omit<CountsParameters, 'receipts'>> {
  const year = countingYearOf(on);
  const { from, to: end } = countingYear(year);
  const of = { urns: [...urns], from, to: on, cameLater: [...cameLater] };
  const rows = await read(knowing === 'kept' ? calendarsKept : calendarsAsKnown, {
    ...of,
    ...{ end, firstMonday: mondayOf(0, year) },
  });
  const whole = rows.filter((row) => tellsWhatIsLeft(row, on, year));
  return {
    ...of,
    seesLast,
    startYear: startYearOf(year),
    knownBefore: knownBefore(on),
    calendars: whole.map(({ urn }) => urn),
    left: whole.map(({ left }) => left),
    soon: whole.map(({ soon }) => soon),
    usualLeft: usualSessions(on, end, year),
    usualSoon: usualSessions(on, daysAfter(on, 28), year),
  };
}

/** Only a calendar that goes on to the end of the year does: one of a few days must not decide a child’s year. */
function tellsWhatIsLeft(row: CalendarRow, on: Day, year: AcademicYear): boolean {
  const weeks = new Map(
    row.weeks.map((week, at) => [week, { open: row.open[at] ?? 0, closed: row.closed[at] ?? 0 }]),
  );
  const hasOpen = row.open.some((sessions) => sessions > 0);
  const end = { lastOpen: hasOpen ? row.last_open : undefined, closedAfter: row.closed_after };
  return isWholeFrom(calendarOfWeeks(weeks, end, year), weekOf(on, year));
}

/** How many sessions a usual school year has after a day, up to another. */
export function usualSessions(after: Day, to: Day, year: AcademicYear): number {
  const usualWeeks = halfTermWeeks.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  let days = 0;
  for (let day = daysAfter(after, 1); day <= to; day = daysAfter(day, 1)) {
    const week = weekOf(day, year);
    const isTerm = halfTermWeeks.some(([first, last]) => first <= week && week <= last);
    if (isTerm && isWeekday(day)) days += 1;
  }
  return Math.round((2 * days * sessionsInYear) / (sessionsInWeek * usualWeeks));
}
