import { type AcademicYear, startYearOf } from '../../base/academicYear.ts';
import type { Day } from '../../base/day.ts';

/*
 * What a year of absence usually looks like from week to week. Weeks are counted from the Monday nearest to 1 September,
 * which is week 0: the same week of two years is the same time of the year, to three days. Days before it count with it.
 */

/** One week’s part of the year. Both are 0 in a holiday. */
export type SeasonWeek = {
  /** Its share of the year’s possible sessions, 0–1. */
  sessions: number;
  /** Its absence against that of the whole year: 1.2 is a fifth more. */
  level: number;
};

export type Season = {
  /** By number of the week. The sessions add up to 1, and the levels, weighted by them, too. */
  weeks: readonly SeasonWeek[];
  /** How many schools’ registers it was found from, and of which year; null where it is the default alone. */
  from: { schools: number; year: AcademicYear } | null;
};

/** Possible and missed sessions of one week. */
export type WeekSums = { week: number; possible: number; absent: number };

const weeksInYear = 48;

/** The number of the week that a day is in. */
export function weekOf(day: Day, year: AcademicYear): number {
  return Math.max(0, Math.floor((dayNumber(day) - firstMonday(year)) / 7));
}

/** The Monday of a week. */
export function mondayOf(week: number, year: AcademicYear): Day {
  return new Date((firstMonday(year) + 7 * week) * 86_400_000).toISOString().slice(0, 10);
}

function dayNumber(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`) / 86_400_000;
}

/** The last Monday up to 4 September. (1970 began on a Thursday.) */
function firstMonday(year: AcademicYear): number {
  const day = dayNumber(`${startYearOf(year)}-09-04`);
  return day - ((day + 3) % 7);
}

/**
 * The default: in each half-term absence goes straight from one level to another. Levels are of the whole year’s, in steps of a
 * twentieth: low in September, rising to half-term and, as illness spreads, to Christmas; the year’s own in spring; a tenth
 * and more above it in June and July. Weeks are those of a usual calendar.
 */
const halfTerms: readonly {
  weeks: readonly [first: number, last: number];
  from: number;
  to: number;
}[] = [
  { weeks: [1, 7], from: 0.75, to: 1 },
  { weeks: [9, 15], from: 0.85, to: 1.2 },
  { weeks: [18, 23], from: 1, to: 1.05 },
  { weeks: [25, 30], from: 0.95, to: 1.05 },
  { weeks: [33, 38], from: 0.95, to: 1 },
  { weeks: [40, 46], from: 1.1, to: 1.15 },
];

export const defaultSeason: Season = seasonOf(
  Array.from({ length: weeksInYear }, (_, week) => {
    const term = halfTerms.find(({ weeks: [first, last] }) => week >= first && week <= last);
    if (!term) return { sessions: 0, level: 0 };
    const [first, last] = term.weeks;
    const gone = (week - first) / (last - first);
    return { sessions: 1, level: term.from + gone * (term.to - term.from) };
  }),
  null,
);

/** Scaled so that sessions, and levels weighted by them, add up to 1. */
function seasonOf(weeks: readonly SeasonWeek[], from: Season['from']): Season {
  const sessions = sumOf(weeks.map((week) => week.sessions));
  const level = sumOf(weeks.map((week) => week.sessions * week.level)) / sessions;
  return {
    from,
    weeks: weeks.map((week) => ({ sessions: week.sessions / sessions, level: week.level / level })),
  };
}

/** The default counts in each week as much as this many schools. */
const schoolsOfDefault = 10;

/** The season of a whole year that is over, from the pooled sums of so many schools; drawn towards the default where they are few. */
export function findSeason(
  sums: readonly WeekSums[],
  { schools, year }: { schools: number; year: AcademicYear },
): Season {
  const possible = sumOf(sums.map((each) => each.possible));
  const absent = sumOf(sums.map((each) => each.absent));
  if (possible === 0 || absent === 0) return defaultSeason;
  const byWeek = new Map(sums.map((each) => [each.week, each]));
  const own = schools / (schools + schoolsOfDefault);
  const weeks = Array.from({ length: weeksInYear }, (_, week): SeasonWeek => {
    const found = byWeek.get(week);
    if (!found || found.possible === 0) return { sessions: 0, level: 0 };
    const level = found.absent / found.possible / (absent / possible);
    const usual = levelNear(defaultSeason, week);
    return { sessions: found.possible, level: own * level + (1 - own) * usual };
  });
  return seasonOf(weeks, { schools, year });
}

/** The level in a week, or in the nearest that is not a holiday in it. */
function levelNear(season: Season, week: number): number {
  return nearest(
    season.weeks.flatMap(({ level, sessions }, at) => (sessions > 0 ? [{ level, week: at }] : [])),
    week,
  ).level;
}

function nearest<Each extends { week: number }>(all: readonly Each[], week: number): Each {
  return all.reduce((best, each) =>
    Math.abs(each.week - week) < Math.abs(best.week - week) ? each : best,
  );
}

/** How far the year is, and what absence comes to by then of what it comes to in the whole year. */
export type Passed = {
  /** Share of the year’s sessions that there are registers of, 0–1. */
  share: number;
  /** Absence so far against the whole year’s, where the season is as usual: 0.87 in the middle of November. */
  ratio: number;
};

/** What the school’s own calendar says of its weeks. */
export type OwnCalendar = {
  /** Those with an open session. */
  open: ReadonlySet<number>;
  /** The last that it says anything of. */
  last: number;
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

/**
 * The season summed over the school’s own weeks, each by the school’s own possible sessions; the weeks that are to come or
 * silent by those that it would have. Undefined where there are no sessions.
 */
export function ownYear(
  season: Season,
  sums: readonly WeekSums[],
  calendar?: OwnCalendar,
): OwnYear | undefined {
  const known = sums.filter(({ possible }) => possible > 0).sort((a, b) => a.week - b.week);
  const [first, last] = [known.at(0), known.at(-1)];
  if (!first || !last) return undefined;
  const missing = missingWeeks(season, known, calendar);
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
  calendar: OwnCalendar | undefined,
): (Weighed & { whole: boolean })[] {
  const open = season.weeks.flatMap(({ sessions }, week) =>
    sessions > 0 ? [{ week, sessions }] : [],
  );
  const usual =
    sizeOf(open.map(({ week, sessions: possible }) => ({ week, possible }))) / open.length;
  const perShare = middle(
    known.map(({ week, possible }) => possible / (season.weeks[week]?.sessions || usual)),
  );
  const lastWeek = known.at(-1)?.week ?? 0;
  const told = (week: number) => toldBy(calendar, week);
  // Last year’s beginning of September, or its Easter, is this year’s holiday: without a calendar, silent is what is always open.
  const isOpen = (week: number) =>
    told(week) ?? (has(season, week) && (week > lastWeek || has(defaultSeason, week)));
  const missing = season.weeks.flatMap(({ sessions }, week) => {
    if (!isOpen(week)) return [];
    const expected = perShare * (sessions || usual);
    const here = known.find((each) => each.week === week)?.possible ?? 0;
    const enough = week === lastWeek ? expected : wholeFrom * expected;
    return here >= enough ? [] : [{ week, possible: expected - here, whole: here === 0 }];
  });
  const mayHaveMoved = missing.filter(({ week }) => told(week) === undefined);
  const left = withoutMovedHolidays(mayHaveMoved, {
    ...{ open: open.map(({ week }) => week), known, lastWeek },
  });
  return missing.filter((each) => told(each.week) === true || left.includes(each));
}

const has = ({ weeks }: Season, week: number) => (weeks[week]?.sessions ?? 0) > 0;

/** Whether a school is open in a week by its calendar; undefined after the end of one that is not of the whole year. */
function toldBy(calendar: OwnCalendar | undefined, week: number): boolean | undefined {
  const [summer] = halfTerms.at(-1)?.weeks ?? [0];
  if (!calendar || (week > calendar.last && calendar.last < summer)) return undefined;
  return calendar.open.has(week);
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

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
