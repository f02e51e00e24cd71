import { standardNormalBelow } from '../../stats/standardNormal.ts';
import { type Candidate, type Limits, scoreOf } from './candidate.ts';
import { type Judged, percentOf } from './judge.ts';
import { OwnVariance } from './ownVariance.ts';
import type { DailySeries } from './series.ts';

export type DriftScale = {
  /** The last so many days are set beside `before` days, with some days between. */
  lately: number;
  between: number;
  before: number;
  /** Days in a row show nearly the same days: of so many, as much is new as one look may show by chance. */
  daysALook: number;
  /** Later days count for more: a slow rise is highest at its end. */
  rising?: boolean;
};

const usualScale: DriftScale = { lately: 30, between: 0, before: 60, daysALook: 8, rising: true };
const leastBefore = 20;
/** A day further off than so many usual misses counts as that. */
const clip = 2;
/** Means of so many days vary by so much more than if each day were drawn anew; looks so far apart are of other days. */
const usualVariance = 6.25;
const lookApart = 20;

/** Slow drifts: schools whose absence rose against their own weeks before and against what all others did meanwhile. */
export function findDrifts(
  series: DailySeries,
  judged: Judged,
  limits: Pick<Limits, 'drift'>,
  scale = usualScale,
): Candidate[] {
  const [rows, width] = [series.names.length, series.days.length];
  const variance = new OwnVariance(rows, lookApart, { variance: usualVariance, looks: 5 });
  const steady = Array.from({ length: rows }, (_, row) => steadied(judged, row, width));
  const weights = judged.dispersion.map((wide) => 1 / wide ** 2);
  const found: Candidate[] = [];
  for (let day = scale.lately + scale.between + leastBefore - 1; day < width; day++) {
    const rises = new Float64Array(rows).fill(Number.NaN);
    for (let row = 0; row < rows; row++)
      rises[row] =
        riseOf(steady[row] as Float64Array, weights, { day, scale }) /
        (judged.spread[row * width + day] as number);
    variance.standardise(rises).forEach((rise, row) => {
      if (!(rise > 0) || Number.isNaN(judged.root[row * width + day] as number)) return;
      const score = scoreOf((1 - standardNormalBelow(rise)) / scale.daysALook);
      if (score < limits.drift) return;
      const means = meansOf(steady[row] as Float64Array, weights, { day, scale });
      found.push({
        ...{ kind: 'drift', row, day, score },
        startedOn: likelyStart(steady[row] as Float64Array, day, scale),
        ...bandsOf(judged, row * width + day, means, (rises[row] as number) / rise),
      });
    });
  }
  return found;
}

/** The series without what the days brought to all, and with odd days cut short. */
function steadied(judged: Judged, row: number, width: number): Float64Array {
  return Float64Array.from({ length: width }, (_, day) => {
    const at = row * width + day;
    const own = (judged.root[at] as number) - (judged.common[at] as number);
    const [level, reach] = [judged.level[at] as number, clip * (judged.spread[at] as number)];
    return Math.min(level + reach, Math.max(level - reach, own));
  });
}

/**
 * By how much the last days lie above those before; in deviations of such a difference, once divided by the spread. A day on
 * which everybody's misses were wide counts for less.
 */
function riseOf(
  steady: Float64Array,
  weights: Float64Array,
  { day, scale }: { day: number; scale: DriftScale },
): number {
  const { late, early } = meansOf(steady, weights, { day, scale });
  if (late.count < scale.lately / 2 || early.count < leastBefore) return Number.NaN;
  return (late.mean - early.mean) / Math.sqrt(late.variance + early.variance);
}

/** The mean of the last days and of those before. */
function meansOf(
  steady: Float64Array,
  weights: Float64Array,
  { day, scale }: { day: number; scale: DriftScale },
) {
  const { from, earlyFrom, earlyTo } = daysOf(day, scale);
  const weightOf = (at: number) => weights[at] as number;
  const late = meanOf(steady, from, day + 1, (at) =>
    scale.rising ? (at + 1 - from) * weightOf(at) : weightOf(at),
  );
  return { late, early: meanOf(steady, earlyFrom, earlyTo, weightOf) };
}

function daysOf(day: number, { lately, between, before }: DriftScale) {
  const from = day + 1 - lately;
  return { from, earlyFrom: Math.max(0, from - between - before), earlyTo: from - between };
}

/** The weighted mean of some days; its variance is in variances of one day. */
function meanOf(
  steady: Float64Array,
  from: number,
  to: number,
  weightOf: (at: number) => number,
): { count: number; mean: number; variance: number } {
  let [count, sum, weights, squares] = [0, 0, 0, 0];
  for (let at = from; at < to; at++) {
    const value = steady[at] as number;
    if (Number.isNaN(value)) continue;
    const weight = weightOf(at);
    count += 1;
    sum += weight * value;
    weights += weight;
    squares += weight * weight;
  }
  return { count, mean: sum / weights, variance: squares / weights ** 2 };
}

/** Where a line that is flat and then rises to `day` bends, so that it fits best. */
function likelyStart(steady: Float64Array, day: number, scale: DriftScale): number {
  const { lately, between, before } = scale;
  const first = Math.max(0, day - lately - between - before + 1);
  let best = { start: day, left: Number.POSITIVE_INFINITY };
  for (let start = day - 4; start > first + 4; start--) {
    let [n, sx, sy, sxx, sxy, syy] = [0, 0, 0, 0, 0, 0];
    for (let at = first; at <= day; at++) {
      const y = steady[at] as number;
      if (Number.isNaN(y)) continue;
      const x = Math.max(0, at - start);
      [n, sx, sy, sxx, sxy, syy] = [n + 1, sx + x, sy + y, sxx + x * x, sxy + x * y, syy + y * y];
    }
    const slope = (sxy - (sx * sy) / n) / (sxx - sx ** 2 / n);
    if (!(slope > 0)) continue;
    const left = syy - sy ** 2 / n - slope * (sxy - (sx * sy) / n);
    if (left < best.left) best = { start, left };
  }
  return best.start;
}

/** `deviation`: by how many times more than days drawn anew the school’s own such differences spread. */
function bandsOf(
  judged: Judged,
  at: number,
  { late, early }: ReturnType<typeof meansOf>,
  deviation: number,
) {
  const common = judged.common[at] as number;
  const reach =
    1.96 * (judged.spread[at] as number) * deviation * Math.sqrt(late.variance + early.variance);
  return {
    observedPercent: 100 - percentOf(late.mean + common),
    expectedPercent: 100 - percentOf(early.mean + common),
    lowerPercent: 100 - percentOf(early.mean + common + reach),
    upperPercent: 100 - percentOf(early.mean + common - reach),
  };
}
