import type { Purpose, Viewer } from '../../access/index.ts';
import { dayInEngland } from '../../base/clock.ts';
import { type Day, daysAfter, isWeekday, mondayOnOrBefore } from '../../base/day.ts';
import { type ListedPupil, pupilsFor } from '../../pupils/index.ts';
import type { School } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { markedDays, sessionsOfDays, stillUnexplained } from './book.sql.ts';
import { type BookParts, keysOf, urnsOf } from './show.ts';

/**
 * Within so many school days the reason for an absence is found and N replaced, else the entry becomes O (SI 2024/208,
 * regulation 10(7) to (9)).
 */
export const schoolDaysToExplain = 5;

/** A session whose mark is N. */
export type Unexplained = {
  pupil: string;
  date: Day;
  session: number;
  /** The last school day on which the reason can be found; null while that is not known, or to come. */
  due: Day | null;
  overdue: boolean;
};

/**
 * When an N has to be gone: the fifth of the school’s own days after it. It stands too long from the day after that.
 * `schoolDays` are in order.
 */
export function dueDay(date: Day, schoolDays: readonly Day[]): Day | null {
  return schoolDays.filter((day) => day > date)[schoolDaysToExplain - 1] ?? null;
}

/**
 * The days on which a school is open in either half. Where its calendar says nothing of a day, because there is none or it
 * stops short, it is one if anybody has a mark on it; a weekend only in a week of which the calendar says nothing at all.
 */
export function schoolDays(
  calendar: readonly { date: Day; open: boolean }[],
  marked: readonly Day[],
): Day[] {
  const said = new Set(calendar.map(({ date }) => date));
  const weeks = new Set(calendar.map(({ date }) => mondayOnOrBefore(date)));
  const open = calendar.filter((each) => each.open).map(({ date }) => date);
  const silent = marked.filter(
    (date) => !said.has(date) && (isWeekday(date) || !weeks.has(mondayOnOrBefore(date))),
  );
  return [...new Set([...open, ...silent])].sort();
}

async function schoolDaysOf(stores: Stores, urns: number[], from: Day, to: Day): Promise<Day[]> {
  const calendar = await stores.read(sessionsOfDays, { urns, from, to });
  const marked = await stores.read(markedDays, { urns, from, to });
  return schoolDays(
    calendar,
    marked.map(({ date }) => date),
  );
}

/** Every N that still stands at a school (any URN it has had), the oldest first. */
export async function unexplainedAt(
  stores: Stores,
  urns: number[],
  today: Day,
): Promise<Unexplained[]> {
  const found = await stores.read(stillUnexplained, { urns, before: daysAfter(today, 1) });
  const [first] = found;
  if (!first) return [];
  const days = await schoolDaysOf(stores, urns, first.date, daysAfter(today, 60));
  return found.map(({ pupil, date, session }) => {
    const due = dueDay(date, days);
    return { pupil, date, session, due, overdue: due !== null && due < today };
  });
}

export type ShownUnexplained = Omit<Unexplained, 'pupil'> & {
  pupil: Exclude<ListedPupil, { restricted: true }>;
};

/**
 * The same of the children whom a viewer may see, and how many entries are of others: of those who left, of restricted
 * records, of other classes.
 */
export async function showUnexplained(
  parts: BookParts,
  asked: { viewer: Viewer; purpose: Purpose | null; school: School },
): Promise<{ entries: ShownUnexplained[]; others: number; today: Day }> {
  const { viewer, purpose, school } = asked;
  const today = dayInEngland(parts.clock());
  const listed = await pupilsFor(parts, viewer, purpose).list(school.urn);
  const pupils = listed.filter((each) => !each.restricted);
  const keys = await keysOf(
    parts.records,
    pupils.map(({ id }) => id),
  );
  const byKey = new Map(pupils.map((pupil) => [keys.get(pupil.id) ?? '', pupil]));
  const all = await unexplainedAt(parts.stores, urnsOf(school), today);
  const entries = all.flatMap((each): ShownUnexplained[] => {
    const pupil = byKey.get(each.pupil);
    return pupil ? [{ ...each, pupil }] : [];
  });
  return { entries, others: all.length - entries.length, today };
}
