import type { AcademicYear } from '../../base/academicYear.ts';
import { halfTermWeeks, weeksInYear } from '../../base/weekOfYear.ts';

/* What a year of absence usually looks like from week to week. */

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

/**
 * The default: in each half-term absence goes straight from one level to another. Levels are of the whole year’s, in steps of a
 * twentieth: low in September, rising to half-term and, as illness spreads, to Christmas; the year’s own in spring; a tenth
 * and more above it in June and July. Weeks are those of a usual calendar.
 */
const levelsInHalfTerms: readonly (readonly [from: number, to: number])[] = [
  [0.75, 1],
  [0.85, 1.2],
  [1, 1.05],
  [0.95, 1.05],
  [0.95, 1],
  [1.1, 1.15],
];

export const defaultSeason: Season = seasonOf(
  Array.from({ length: weeksInYear }, (_, week) => {
    const at = halfTermWeeks.findIndex(([first, last]) => week >= first && week <= last);
    const [[first, last], [from, to]] = [
      halfTermWeeks[at] ?? [0, 0],
      levelsInHalfTerms[at] ?? [0, 0],
    ];
    if (at < 0) return { sessions: 0, level: 0 };
    const gone = (week - first) / (last - first);
    return { sessions: 1, level: from + gone * (to - from) };
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
