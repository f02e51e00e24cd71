import { attendanceCodes, byteOf, codeBits } from '../../base/attendanceCodes.ts';
import { type Day, daysAfter } from '../../base/day.ts';
import type { SessionKind, StripWeek } from '../../ui/index.ts';
import type { StripRow } from '../strip.sql.ts';

/** When a school was closed by its calendar, as `2026-11-02 0`, the days on which a child was on its roll, and today. */
export type Around = {
  closed: ReadonlySet<string>;
  from: Day;
  to: Day | null;
  today: Day;
};

const lateBytes = attendanceCodes
  .filter(({ code }) => code === 'L')
  .map((meaning) => byteOf(meaning));

/** A child’s weeks as they are kept, oldest first, each half day as what it was. */
export function weeksOfRows(rows: readonly StripRow[], around: Around): StripWeek[] {
  return rows
    .map(({ monday, bytes }) => ({
      monday,
      cells: bytes.map((byte, at) => kindOf(byte, daysAfter(monday, at >> 1), at % 2, around)),
    }))
    .sort((a, b) => (a.monday < b.monday ? -1 : 1));
}

function kindOf(byte: number, day: Day, session: number, around: Around): SessionKind {
  if (byte === 0) return isExpected(day, session, around) ? 'no mark' : 'blank';
  if ((byte & codeBits.possible) === 0) return 'not counted';
  if ((byte & codeBits.unauthorised) !== 0) return 'unauthorised';
  if ((byte & codeBits.absent) !== 0) return 'authorised';
  return lateBytes.includes(byte) ? 'late' : 'present';
}

/** Whether a mark should be there by now: today’s may still come. */
function isExpected(day: Day, session: number, { closed, from, to, today }: Around): boolean {
  if (day >= today || day < from || (to !== null && day > to)) return false;
  return !closed.has(`${day} ${session}`);
}

/** Which half days of a day have a mark that is kept. */
export function markedOn(rows: readonly StripRow[], day: Day): number[] {
  return rows.flatMap(({ monday, bytes }) =>
    bytes.flatMap((byte, at) => (byte !== 0 && daysAfter(monday, at >> 1) === day ? [at % 2] : [])),
  );
}
