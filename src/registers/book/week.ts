import { type AttendanceCode, codeIn, sessions } from '../../base/attendanceCodes.ts';
import { type Day, daysAfter, isWithin } from '../../base/day.ts';

/** One session of one pupil, in the register. */
export type SessionCell =
  | { kind: 'mark'; code: string; meaning: AttendanceCode | undefined; changed: boolean }
  | { kind: 'unmarked' }
  | { kind: 'closed' }
  | { kind: 'not on roll' }
  | { kind: 'to come' };

/** A session of the week: when, and whether the school is open. */
export type SessionOfWeek = {
  date: Day;
  session: 0 | 1;
  closed: string | null;
  /** Not over yet. */
  toCome: boolean;
};

/** How many sessions of each sort a column of the register has. */
export type SessionTotals = {
  attending: number;
  absent: number;
  notPossible: number;
  unmarked: number;
};

/** The ten sessions of a week, Monday morning to Friday afternoon. A day that no calendar tells of is taken as open. */
export function sessionsOfWeek(
  monday: Day,
  today: Day,
  days: readonly { date: Day; session: number; open: boolean; reason: string }[],
): SessionOfWeek[] {
  const told = new Map(days.map((each) => [`${each.date} ${each.session}`, each]));
  return Array.from({ length: 5 }, (_, at) => daysAfter(monday, at)).flatMap((date) =>
    ([0, 1] as const).map((session) => {
      const day = told.get(`${date} ${session}`);
      const closed = day && !day.open ? day.reason || 'closed' : null;
      return { date, session, closed, toCome: date > today };
    }),
  );
}

/** `2026-11-02 0` → the mark that stands. */
export type MarksBySession = ReadonlyMap<string, { code: string; entries: number }>;

/** A pupil’s row of the register. */
export function cellsOf(
  week: readonly SessionOfWeek[],
  marks: MarksBySession,
  enrolments: readonly { entry_date: Day; leaving_date: Day | null }[],
): SessionCell[] {
  return week.map(({ date, session, closed, toCome }) => {
    const mark = marks.get(`${date} ${session}`);
    if (mark) {
      const meaning = codeIn(mark.code, date, session);
      return { kind: 'mark', code: mark.code, meaning, changed: mark.entries > 1 };
    }
    const isOnRoll = enrolments.some((each) => isWithin(date, each.entry_date, each.leaving_date));
    if (!isOnRoll) return { kind: 'not on roll' };
    if (closed !== null) return { kind: 'closed' };
    return { kind: toCome ? 'to come' : 'unmarked' };
  });
}

/** Of each session, how many pupils attended, were absent, could not be expected, and have no mark. */
export function totalsOf(rows: readonly (readonly SessionCell[])[]): SessionTotals[] {
  const width = rows[0]?.length ?? 0;
  return Array.from({ length: width }, (_, at) => {
    const totals: SessionTotals = { attending: 0, absent: 0, notPossible: 0, unmarked: 0 };
    for (const row of rows) {
      const cell = row[at];
      if (cell?.kind === 'unmarked') totals.unmarked += 1;
      if (cell?.kind !== 'mark') continue;
      const kind = kindOf(cell.meaning);
      if (kind) totals[kind] += 1;
    }
    return totals;
  });
}

/** What a mark counts as; nothing where its code was none on that day. */
export function kindOf(
  meaning: AttendanceCode | undefined,
): 'attending' | 'absent' | 'notPossible' | undefined {
  switch (meaning?.category) {
    case undefined:
      return undefined;
    case 'present':
    case 'aea':
      return 'attending';
    case 'authorised':
    case 'unauthorised':
      return 'absent';
    default:
      return 'notPossible';
  }
}

/** The codes of these rows, each with what it meant, in the order of letters. */
export function codesExplained(
  rows: readonly (readonly SessionCell[])[],
): { code: string; meaning: string }[] {
  const found = new Map<string, string>();
  for (const cell of rows.flat()) {
    if (cell.kind !== 'mark') continue;
    found.set(cell.code, cell.meaning?.meaning ?? 'No code on that day: it counts nowhere');
  }
  return [...found]
    .map(([code, meaning]) => ({ code, meaning }))
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

export const sessionNames = sessions;
