import type { Candidate, Limits } from './candidate.ts';
import { type Judged, missOf, percentOf } from './judge.ts';
import { OwnTail } from './ownTail.ts';
import type { DailySeries } from './series.ts';

/** So many school days are looked at together: a week. */
const days = 5;
/** A day further off than so many usual misses counts as that: one odd day is no row of them. */
const clip = 3;
/** Sums of days in a row vary by so much more than if each day were drawn anew. */
const wider = 1.4;
/** Before so many figures nobody knows what is usual of a series. */
const leastDays = 20;
/** A row of days has to be rarer than one day by so much, as a logarithm: then it brings about a quarter of the false shocks. */
const rarer = 0.4;

type Missed = { day: number; miss: number };

/**
 * Shocks that last: a few school days in a row, none of which need be odd alone, on which together far more are away than was
 * to be expected, as when illness goes round in one school. Measured, as single days are, against the series' own.
 */
export function findDaysInARow(
  series: DailySeries,
  judged: Judged,
  limits: Pick<Limits, 'shock'>,
): Candidate[] {
  const [rows, width] = [series.names.length, series.days.length];
  const tail = new OwnTail(rows);
  const seen = new Uint16Array(rows);
  const last: Missed[][] = series.names.map(() => []);
  const found: Candidate[] = [];
  for (let day = 0; day < width; day++) {
    const sums = new Float64Array(rows).fill(Number.NaN);
    for (let row = 0; row < rows; row++) {
      const miss = missOf(judged, row * width + day) / (judged.dispersion[day] as number);
      if (Number.isNaN(miss)) continue;
      seen[row] = (seen[row] as number) + 1;
      const own = last[row] as Missed[];
      own.push({ day, miss: Math.max(-clip, Math.min(clip, miss)) });
      if (own.length > days) own.shift();
      if (own.length < days) continue;
      sums[row] = sumOf(own);
      if ((seen[row] as number) <= leastDays || miss <= 0) continue;
      const score = tail.scoreOf(row, sums[row] as number) - rarer;
      if (score >= limits.shock) found.push({ ...ofRow(judged, row * width, own), row, score });
    }
    sums.forEach((sum, row) => {
      if ((seen[row] as number) > leastDays) tail.learn(row, sum);
    });
  }
  return found;
}

/** The sum of some misses in deviations of such a sum. */
function sumOf(some: readonly Missed[]): number {
  return some.reduce((sum, { miss }) => sum + miss, 0) / Math.sqrt(some.length) / wider;
}

/** Since when it likely is, and what came on these days and was to be expected, as attendance in percent. */
function ofRow(
  judged: Judged,
  from: number,
  own: readonly Missed[],
): Omit<Candidate, 'row' | 'score'> {
  const rows = own.slice(0, -1).map((_, start) => own.slice(start));
  const likely = rows.toSorted((one, other) => sumOf(other) - sumOf(one))[0] ?? own;
  const meanOf = (value: (at: number) => number) =>
    likely.reduce((sum, { day }) => sum + value(from + day), 0) / likely.length;
  const expected = meanOf(
    (at) =>
      (judged.level[at] as number) + (judged.common[at] as number) + (judged.weekday[at] as number),
  );
  const spread = meanOf((at) => judged.spread[at] as number);
  const reach = (1.96 * wider * spread) / Math.sqrt(likely.length);
  return {
    ...{ kind: 'shock', day: own.at(-1)?.day ?? 0, startedOn: likely[0]?.day ?? 0 },
    observedPercent: 100 - percentOf(meanOf((at) => judged.root[at] as number)),
    expectedPercent: 100 - percentOf(expected),
    lowerPercent: 100 - percentOf(expected + reach),
    upperPercent: 100 - percentOf(expected - reach),
  };
}
