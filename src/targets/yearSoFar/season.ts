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
export const usualHalfTerms: readonly {
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
    const term = usualHalfTerms.find(({ weeks: [first, last] }) => week >= first && week <= last);
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

export const has = ({ weeks }: Season, week: number) => (weeks[week]?.sessions ?? 0) > 0;

/** The level in a week, or in the nearest that is not a holiday in it. */
export function levelNear(season: Season, week: number): number {
  return nearest(
    season.weeks.flatMap(({ level, sessions }, at) => (sessions > 0 ? [{ level, week: at }] : [])),
    week,
  ).level;
}

export function nearest<Each extends { week: number }>(all: readonly Each[], week: number): Each {
  return all.reduce((best, each) =>
    Math.abs(each.week - week) < Math.abs(best.week - week) ? each : best,
  );
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
