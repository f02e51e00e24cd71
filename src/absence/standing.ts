import { createHash } from 'node:crypto';
import type { Day } from '../base/day.ts';
import type { CountedRow } from './question.ts';

/*
 * Which of a school’s summaries of a year stand, what they show together, and how far the registers may move from under
 * them. All of it is plain rules over values.
 */

/** What a school’s registers came to when a summary was compared, over its days: no child. */
export type Sums = Pick<
  CountedRow,
  'possible' | 'authorised' | 'unauthorised' | 'enrolments' | 'persistent' | 'severe'
> & {
  /** Sessions of each code. */
  codes: Record<string, number>;
  /** Of the counts of every day: another where a mark moved from one day to another. */
  days: string;
};

/** How far the registers have moved since: `small` leaves what rests on the summary in its place. */
export type Change = 'none' | 'small' | 'large';

/** The sessions of a year day by day. */
export type SessionDays = readonly Pick<
  CountedRow,
  'time' | 'possible' | 'authorised' | 'unauthorised'
>[];

export function sumsOf(row: CountedRow | undefined, days: SessionDays): Sums {
  const { possible = 0, authorised = 0, unauthorised = 0 } = row ?? {};
  const { enrolments = 0, persistent = 0, severe = 0, codes = {} } = row ?? {};
  const told = Object.entries(codes).filter(([, count]) => count > 0);
  return {
    ...{ possible, authorised, unauthorised, enrolments, persistent, severe },
    codes: Object.fromEntries(told.sort(([a], [b]) => (a < b ? -1 : 1))),
    days: digestOf(days),
  };
}

function digestOf(days: SessionDays): string {
  const lines = days
    .map((each) => [each.time, each.possible, each.authorised, each.unauthorised].join())
    .sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}

/** Percentage points by which absence, authorised or not, may move. */
const smallPoints = 0.1;
/** The share of sessions, and of pupils, that may come or go; of pupils one always may. */
const smallShare = 0.01;

export function changeOf(then: Sums, now: Sums): Change {
  if (JSON.stringify(then) === JSON.stringify(now)) return 'none';
  if (then.possible === 0 || now.possible === 0) return 'large';
  const percentsOf = ({ possible, authorised, unauthorised }: Sums) =>
    [authorised + unauthorised, authorised, unauthorised].map((each) => (100 * each) / possible);
  const percentsNow = percentsOf(now);
  const moved = percentsOf(then).map((each, at) => Math.abs(each - (percentsNow[at] as number)));
  const pupilsMayMove = Math.max(1, smallShare * then.enrolments);
  const pupilsMoved = (['enrolments', 'persistent', 'severe'] as const).map((each) =>
    Math.abs(now[each] - then[each]),
  );
  const isSmall =
    moved.every((points) => points <= smallPoints + 1e-9) &&
    Math.abs(now.possible - then.possible) <= smallShare * then.possible &&
    pupilsMoved.every((pupils) => pupils <= pupilsMayMove);
  return isSmall ? 'small' : 'large';
}

/** What of a kept summary decides whether it stands and what it shows. */
export type Shown = {
  from: Day;
  to: Day;
  /** It gives sessions possible, and absent or attended, as numbers. */
  tellsCounts: boolean;
  /** It agrees, or its difference was accepted. */
  isFine: boolean;
  /** It is of all days of the year that have registers. */
  isOfYear: boolean;
};

/** Whether a later summary takes the place of an earlier one: it is of all its days and tells no less. */
function replaces(later: Shown, earlier: Shown): boolean {
  const isAsWide = later.from <= earlier.from && later.to >= earlier.to;
  return isAsWide && (later.tellsCounts || !earlier.tellsCounts);
}

/** Enough for a year to agree by. */
export const isEnough = ({ tellsCounts, isOfYear }: Shown) => tellsCounts && isOfYear;

/**
 * The summary that says where a year stands, of all in their order: of those that no later one replaced the newest that
 * differs; else the newest that is enough; else the newest.
 */
export function decisive<Each extends Shown>(summaries: readonly Each[]): Each | undefined {
  const standing = summaries.reduce<Each[]>(
    (kept, each) => [...kept.filter((earlier) => !replaces(each, earlier)), each],
    [],
  );
  return (
    standing.findLast(({ isFine }) => !isFine) ?? standing.findLast(isEnough) ?? standing.at(-1)
  );
}
