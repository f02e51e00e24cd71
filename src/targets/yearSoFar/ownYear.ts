import { isOpenBy, type OwnCalendar, partOfWeek } from '../../schools/index.ts';
import {
  defaultSeason,
  has,
  levelNear,
  nearest,
  type Season,
  sumOf,
  type WeekSums,
} from './season.ts';

/* A school’s year against the season: how far it is, and what absence comes to by then. */

/** How far the year is, and what absence comes to by then of what it comes to in the whole year. */
export type Passed = {
  /** Share of the year’s sessions that there are registers of, 0–1. */
  share: number;
  /** Absence so far against the whole year’s, where the season is as usual: 0.87 in the middle of November. */
  ratio: number;
};

/** A school’s year against the season: only weeks that it has registers of tell anything. */
export type OwnYear = {
  passed: Passed;
  /** The weeks up to the last one that there are no registers of, and that are no holiday. */
  silent: number[];
  /** Whether less than half a week is to come. */
  over: boolean;
  /** From the first week with registers to the end of the year, where it is 1: the ratio so far, in weeks to come as it would be by then. */
  weeks: { week: number; ratio: number }[];
};

/** From so much of a usual week on, a week before the last is whole: a day may be a bank holiday, and a year group gone. */
const wholeFrom = 0.75;
/** A holiday that fell in other weeks than usual, as Easter’s does, is at most so many weeks away. */
const movedAtMost = 3;
const halfWeek = 0.5 / 39;

/** What is known of a school’s year beside its sessions. */
export type OwnWays = {
  calendar?: OwnCalendar | undefined;
  /** The share of its sessions, 0–1, that were of those whom the census no longer counts in the second half of summer. */
  oldest?: number | undefined;
};

/**
 * The season summed over the school’s own weeks, each by the school’s own possible sessions; the weeks that are to come or
 * silent by those that it would have. Undefined where there are no sessions.
 */
export function ownYear(
  season: Season,
  sums: readonly WeekSums[],
  own: OwnWays = {},
): OwnYear | undefined {
  const known = sums.filter(({ possible }) => possible > 0).sort((a, b) => a.week - b.week);
  const [first, last] = [known.at(0), known.at(-1)];
  if (!first || !last) return undefined;
  const missing = missingWeeks(season, known, own);
  const silent = missing.filter(({ week }) => week < last.week);
  const after = missing.filter(({ week }) => week >= last.week);
  const over = sizeOf(after) < halfWeek * sizeOf([...known, ...missing]);
  const toCome = over ? [] : after;
  const levelOf = (weeks: readonly Weighed[]) =>
    sumOf(weeks.map(({ week, possible }) => possible * levelNear(season, week))) / sizeOf(weeks);
  const year = [...known, ...silent, ...toCome];
  const ratioOf = (weeks: readonly Weighed[]) => levelOf(weeks) / levelOf(year);
  const shown = new Set(year.map(({ week }) => week).filter((week) => week >= first.week));
  const ratioAfter = (week: number) => {
    const come = toCome.filter((each) => each.week <= week);
    // The silent weeks come into it little by little, so that the path ends at the whole year and leaps nowhere.
    const part = toCome.length > 0 ? sizeOf(come) / sizeOf(toCome) : 1;
    const filled = silent.map((each) => ({ ...each, possible: part * each.possible }));
    return ratioOf([...known, ...filled, ...come]);
  };
  if (toCome.length === 0 && silent.length > 0) shown.add(last.week + 1);
  return {
    passed: { share: sizeOf(known) / sizeOf(year), ratio: ratioOf(known) },
    silent: silent.filter(({ whole }) => whole).map(({ week }) => week),
    over,
    weeks: [...shown]
      .sort((a, b) => a - b)
      .map((week) => ({
        week,
        ratio:
          week > last.week ? ratioAfter(week) : ratioOf(known.filter((each) => each.week <= week)),
      })),
  };
}

type Weighed = { week: number; possible: number };

const sizeOf = (weeks: readonly Weighed[]) => sumOf(weeks.map(({ possible }) => possible));

/** What the school has no registers of, in its own possible sessions: whole weeks, or the rest of one. */
function missingWeeks(
  season: Season,
  known: readonly Weighed[],
  own: OwnWays,
): (Weighed & { whole: boolean })[] {
  const { calendar } = own;
  const lastWeek = known.at(-1)?.week ?? 0;
  const expectedIn = sessionsExpected(season, known, own);
  const told = (week: number) => isOpenBy(calendar, week);
  // Last year’s beginning of September, or its Easter, is this year’s holiday: without a calendar, silent is what is always open.
  const isOpen = (week: number) =>
    told(week) ?? (has(season, week) && (week > lastWeek || has(defaultSeason, week)));
  const missing = season.weeks.flatMap((_, week) => {
    if (!isOpen(week)) return [];
    const expected = expectedIn(week);
    const here = known.find((each) => each.week === week)?.possible ?? 0;
    const enough = week === lastWeek ? expected : wholeFrom * expected;
    return here >= enough ? [] : [{ week, possible: expected - here, whole: here === 0 }];
  });
  const mayHaveMoved = missing.filter(({ week }) => told(week) === undefined);
  const left = withoutMovedHolidays(mayHaveMoved, {
    open: season.weeks.flatMap((_, week) => (has(season, week) ? [week] : [])),
    ...{ known, lastWeek },
  });
  return missing.filter((each) => told(each.week) === true || left.includes(each));
}

/** From this week on, the second half of summer, the census does not count those aged 15. */
const withoutOldestFrom = 39;
export const isLate = (week: number) => week >= withoutOldestFrom;

/**
 * The possible sessions of a week if it has as many as the school’s others, for the part of a week that it is open. The second
 * half of summer is by itself: the oldest are not counted in it, and before there are registers of it, it is what is left
 * of them.
 */
function sessionsExpected(
  season: Season,
  known: readonly Weighed[],
  { calendar, oldest }: OwnWays,
): (week: number) => number {
  const usualWeek = (late: boolean) =>
    middle(
      season.weeks.flatMap(({ sessions }, week) =>
        sessions > 0 && isLate(week) === late ? [sessions] : [],
      ),
    );
  const usual = { early: usualWeek(false), late: usualWeek(true) };
  const usualPart = (week: number) => {
    const whole = isLate(week) ? usual.late : usual.early;
    return has(season, week) && whole > 0 ? (season.weeks[week]?.sessions ?? 0) / whole : undefined;
  };
  const partOf = (week: number) => partOfWeek(calendar, week, usualPart(week));
  const wholeWeek = (weeks: readonly Weighed[]) =>
    weeks.length === 0
      ? undefined
      : middle(weeks.map(({ week, possible }) => possible / (partOf(week) || 1)));
  const [early, late] = [false, true].map((side) =>
    known.filter(({ week }) => isLate(week) === side),
  ) as [Weighed[], Weighed[]];
  const left = oldest === undefined ? (usual.late > 0 ? usual.late / usual.early : 1) : 1 - oldest;
  // One week alone may have only begun: its days tell less than those before it.
  const lateWeek = early.length > 0 && late.length < 2 ? undefined : wholeWeek(late);
  const earlyWeek = wholeWeek(early) ?? (lateWeek ?? 0) / (left || 1);
  return (week) => partOf(week) * (isLate(week) ? (lateWeek ?? earlyWeek * left) : earlyWeek);
}

function withoutMovedHolidays<Each extends Weighed & { whole: boolean }>(
  missing: readonly Each[],
  { open, known, lastWeek }: { open: number[]; known: readonly Weighed[]; lastWeek: number },
): Each[] {
  const inHoliday = known.filter(
    ({ week }) => !open.includes(week) && week > Math.min(...open) && week < Math.max(...open),
  );
  let left = [...missing];
  for (const { week } of inHoliday) {
    const near = left.filter(
      (each) => each.whole && each.week < lastWeek && Math.abs(each.week - week) <= movedAtMost,
    );
    if (near.length === 0) continue;
    const instead = nearest(near, week);
    left = left.filter((each) => each !== instead);
  }
  return left;
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
