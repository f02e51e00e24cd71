import { medianOf, robustDeviationOf } from '../../stats/robust.ts';
import { standardNormalBelow } from '../../stats/standardNormal.ts';
import { daysAYear, scoreOf } from '../model/candidate.ts';
import { type Judged, missOf, percentOf } from '../model/judge.ts';
import type { DailySeries } from '../model/series.ts';

/** A school is on holiday where it has no register for so many days, weekends among them. */
const breakDays = 6;
/** Its last school days before a holiday and its first after it. */
const daysBefore = 5;
const daysAfterwards = 2;
const leastDays = 5;
/** Holidays that began within so many calendar days of each other are of one season. */
const sameSeason = 10;
/** With fewer schools, nobody knows what is usual around a holiday. */
const leastSchools = 20;
/** A habit shows at more than one holiday. */
const leastHolidays = 2;
const mostHolidays = 4;
const clip = 3;
/** Means of such days spread at least so widely, in usual misses, wherever schools look alike. */
const leastDeviation = 0.35;
const holidaysAYear = 5;
/** Less is not worth anybody’s morning. */
const leastPoints = 1.5;

export type FoundAroundHolidays = {
  row: number;
  day: number;
  startedOn: number;
  score: number;
  holidays: number;
  observedPercent: number;
  expectedPercent: number;
  lowerPercent: number;
  upperPercent: number;
};

/**
 * Schools in which more are away around holidays than around those of others, at one holiday after another: families who
 * leave early or come back late. No single day of it need be far off. Told on the second day after a holiday.
 */
export function findAroundHolidays(
  series: DailySeries,
  judged: Judged,
  limit: number,
): FoundAroundHolidays[] {
  const edges = series.names.flatMap((_, row) => edgesOf(series, judged, row));
  const usual = usualAround(edges);
  const found: FoundAroundHolidays[] = [];
  for (const [row, ofRow] of Map.groupBy(edges, (edge) => edge.row)) {
    const seen = ofRow.flatMap((edge): Odd[] => {
      const around = usual(edge);
      if (!around) return [];
      const deviations = (edge.mean - around.middle) / around.deviation;
      return [{ ...edge, ...around, deviations: Math.min(clip, Math.max(-clip, deviations)) }];
    });
    for (let at = leastHolidays; at <= seen.length; at++) {
      const lately = seen.slice(Math.max(0, at - mostHolidays), at);
      const score = scoreOfHabit(lately);
      if (score < limit) continue;
      const figures = figuresOf(judged, series.days.length, lately);
      if (figures.expectedPercent - figures.observedPercent < leastPoints) continue;
      const { day } = lately.at(-1) as Odd;
      const startedOn = lately[0]?.days[0] ?? day;
      found.push({ row, day, startedOn, score, holidays: lately.length, ...figures });
      break;
    }
  }
  return found;
}

/** Of the last holidays together, where the newest and another show it; 0 of others. */
function scoreOfHabit(lately: readonly Odd[]): number {
  const times = lately.filter(({ deviations }) => deviations >= 1).length;
  if (times < leastHolidays || (lately.at(-1)?.deviations ?? 0) < 1) return 0;
  const sum = lately.reduce((total, { deviations }) => total + deviations, 0);
  const chance = 1 - standardNormalBelow(sum / Math.sqrt(lately.length));
  return scoreOf((chance * holidaysAYear) / daysAYear);
}

/** A holiday of a school: the days around it with a register, and how far they lay above what was to be expected. */
type Edge = { row: number; day: number; began: number; days: number[]; mean: number };
/** The same beside the holidays of other schools. */
type Odd = Edge & { middle: number; deviation: number; deviations: number };

function edgesOf(series: DailySeries, judged: Judged, row: number): Edge[] {
  const width = series.days.length;
  const came = series.days.flatMap((_, day) =>
    Number.isNaN(missOf(judged, row * width + day)) ? [] : [day],
  );
  const dateOf = (day: number) => Date.parse(series.days[day] as string) / 86_400_000;
  return came.flatMap((first, at): Edge[] => {
    const last = came[at - 1];
    const told = came[at + daysAfterwards - 1];
    if (last === undefined || told === undefined) return [];
    if (dateOf(first) - dateOf(last) < breakDays) return [];
    const days = came.slice(Math.max(0, at - daysBefore), at + daysAfterwards);
    if (days.length < leastDays) return [];
    const misses = days.map((day) => {
      const miss = missOf(judged, row * width + day) / (judged.dispersion[day] as number);
      return Math.min(clip, Math.max(-clip, miss));
    });
    const mean = misses.reduce((sum, miss) => sum + miss, 0) / misses.length;
    return [{ row, day: told, began: dateOf(last), days, mean }];
  });
}

/** What is usual around a holiday, from all schools whose holiday of that season is over by then. */
function usualAround(edges: readonly Edge[]) {
  const inOrder = edges.toSorted((a, b) => a.day - b.day);
  return (edge: Edge) => {
    const others = inOrder
      .filter(({ began, day }) => Math.abs(began - edge.began) <= sameSeason && day <= edge.day)
      .map(({ mean }) => mean);
    if (others.length < leastSchools) return undefined;
    return {
      middle: medianOf(others) ?? 0,
      deviation: Math.max(leastDeviation, robustDeviationOf(others) ?? leastDeviation),
    };
  };
}

/** What came on these days together, and where 95 of 100 such schools lie. */
function figuresOf(judged: Judged, width: number, lately: readonly Odd[]) {
  let [days, observed, expected, lower, upper] = [0, 0, 0, 0, 0];
  for (const { row, days: around, middle, deviation } of lately)
    for (const day of around) {
      const at = row * width + day;
      const usual =
        (judged.level[at] as number) +
        (judged.common[at] as number) +
        (judged.weekday[at] as number);
      const spread = (judged.spread[at] as number) * (judged.dispersion[day] as number);
      const reach = (1.96 * deviation) / Math.sqrt(lately.length);
      days += 1;
      observed += percentOf(judged.root[at] as number);
      expected += percentOf(usual + middle * spread);
      lower += percentOf(usual + (middle + reach) * spread);
      upper += percentOf(usual + (middle - reach) * spread);
    }
  return {
    observedPercent: 100 - observed / days,
    expectedPercent: 100 - expected / days,
    lowerPercent: 100 - lower / days,
    upperPercent: 100 - upper / days,
  };
}
