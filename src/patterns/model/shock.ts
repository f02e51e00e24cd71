import { type Candidate, type Limits } from './candidate.ts';
import { type Judged, missOf, percentOf } from './judge.ts';
import { OwnTail } from './ownTail.ts';
import type { DailySeries } from './series.ts';

/** Before so many figures nobody knows what is usual of a series. */
const leastDays = 15;

/**
 * Sudden shocks: days on which far more are away than was to be expected, measured against the series' own odd days. On a
 * day when everybody's misses are wide, as before a storm, a miss counts by as much less.
 */
export function findShocks(series: DailySeries, judged: Judged, limits: Limits): Candidate[] {
  return findOddDays(series, judged, 1).flatMap((found) =>
    found.score >= limits.shock ? [{ ...found, kind: 'shock' as const }] : [],
  );
}

/** Days far above (`direction` 1) or far below (-1) the absence that was to be expected. */
export function findOddDays(
  series: DailySeries,
  judged: Judged,
  direction: 1 | -1,
): Omit<Candidate, 'kind'>[] {
  const [rows, width] = [series.names.length, series.days.length];
  const tail = new OwnTail(rows);
  const seen = new Uint16Array(rows);
  const found: Omit<Candidate, 'kind'>[] = [];
  const misses = new Float64Array(rows);
  for (let day = 0; day < width; day++) {
    for (let row = 0; row < rows; row++) {
      const at = row * width + day;
      const miss = (direction * missOf(judged, at)) / (judged.dispersion[day] as number);
      misses[row] = miss;
      if (Number.isNaN(miss)) continue;
      seen[row] = (seen[row] as number) + 1;
      const score = (seen[row] as number) > leastDays ? tail.scoreOf(row, miss) : 0;
      if (score > 0) found.push({ row, day, startedOn: day, score, ...bandOf(judged, at, day) });
    }
    for (let row = 0; row < rows; row++)
      if ((seen[row] as number) > leastDays) tail.learn(row, misses[row] as number);
  }
  return found;
}

/** What came on a day and what was to be expected, as attendance in percent. */
export function bandOf(judged: Judged, at: number, day: number) {
  const expected =
    (judged.level[at] as number) + (judged.common[at] as number) + (judged.weekday[at] as number);
  const reach = 1.96 * (judged.spread[at] as number) * (judged.dispersion[day] as number);
  const root = judged.root[at] as number;
  return {
    observedPercent: Number.isNaN(root) ? Number.NaN : 100 - percentOf(root),
    expectedPercent: 100 - percentOf(expected),
    lowerPercent: 100 - percentOf(expected + reach),
    upperPercent: 100 - percentOf(expected - reach),
  };
}
