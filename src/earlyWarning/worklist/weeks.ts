import { attendanceCodes, byteOf } from '../../base/attendanceCodes.ts';
import { type Day, daysAfter, isWeekday, isWithin, mondayOnOrBefore } from '../../base/day.ts';
import { sessionKindOf } from '../../registers/index.ts';
import type { SessionKind, StripWeek } from '../../ui/index.ts';
import type { CalendarDay } from '../coming.ts';
import type { StripRow } from '../strip.sql.ts';

/** From a first day to a last, on a school’s roll. */
export type Span = { entry_date: Day; leaving_date: Day | null };

/** What a school’s calendar tells, when a child was or will be on its roll, and today. */
export type Around = { calendar: readonly CalendarDay[]; spans: readonly Span[]; today: Day };

const keyOf = (date: Day, session: number) => `${date} ${session}`;
const meanings = new Map(attendanceCodes.map((meaning) => [byteOf(meaning), meaning]));

/**
 * A child’s weeks at a school, oldest first, each half day as what it was, and none on which the school was closed: such a
 * mark counts nowhere. `rows`: the weeks that are kept, of every URN of the school, the newest URN’s last. A week without
 * any mark is none of them: it stands here where the calendar has it, and no mark is missing of a day that it has not.
 */
export function weeksOfRows(rows: readonly StripRow[], around: Around): StripWeek[] {
  const byWeek = Map.groupBy(rows, ({ monday }) => monday);
  const open = around.calendar.filter(
    ({ date, open: isOpen }) => isOpen && isWeekday(date) && isExpected(date, around),
  );
  const expected = new Set(open.map(({ date, session }) => keyOf(date, session)));
  const closed = new Set(
    around.calendar.filter((day) => !day.open).map(({ date, session }) => keyOf(date, session)),
  );
  const mondays = new Set([...byWeek.keys(), ...open.map(({ date }) => mondayOnOrBefore(date))]);
  return [...mondays].sort().map((monday) => ({
    monday,
    cells: Array.from({ length: 10 }, (_, at): SessionKind => {
      const [date, session] = [daysAfter(monday, at >> 1), at % 2];
      if (closed.has(keyOf(date, session))) return 'blank';
      const byte = byWeek.get(monday)?.findLast(({ bytes }) => (bytes[at] ?? 0) !== 0)?.bytes[at];
      if (byte !== undefined) return sessionKindOf(meanings.get(byte));
      return expected.has(keyOf(date, session)) ? 'no mark' : 'blank';
    }),
  }));
}

/** Whether a mark should be there by now of a day on which the school is open: today’s may still come. */
function isExpected(day: Day, { spans, today }: Around): boolean {
  return day < today && isOnRoll(day, spans);
}

/** Whether a child’s last day here is known, and comes before this one. */
export function leavesBefore(day: Day, spans: readonly Span[]): boolean {
  return spans.every(({ leaving_date }) => leaving_date !== null && leaving_date < day);
}

export function isOnRoll(day: Day, spans: readonly Span[]): boolean {
  return spans.some(({ entry_date, leaving_date }) => isWithin(day, entry_date, leaving_date));
}

/** Which half days of a day have a mark that is kept. */
export function markedOn(rows: readonly StripRow[], day: Day): number[] {
  return rows.flatMap(({ monday, bytes }) =>
    bytes.flatMap((byte, at) => (byte !== 0 && daysAfter(monday, at >> 1) === day ? [at % 2] : [])),
  );
}
