import { standardNormalBelow } from '../../stats/standardNormal.ts';
import { type Candidate, type Limits, scoreOf } from './candidate.ts';
import { type Judged, percentOf } from './judge.ts';
import { OwnVariance } from './ownVariance.ts';
import { RunningSums } from './runningSums.ts';
import type { DailySeries } from './series.ts';

/** The last weeks are set beside those that ended some weeks before: a slow rise is in the one and not in the other. */
const lately = 20;
const between = 10;
const before = 60;
const leastBefore = 20;
/** A day further off than so many usual misses counts as that. */
const clip = 2.5;
/** Means of twenty days vary by so much more than if each day were drawn anew. */
const usualVariance = 6.25;
/** Days in a row show the same twenty days: of eight, one is new. */
const daysALook = 8;

/** Slow drifts: schools whose absence rose against their own weeks before and against what all others did meanwhile. */
export function findDrifts(series: DailySeries, judged: Judged, limits: Limits): Candidate[] {
  const [rows, width] = [series.names.length, series.days.length];
  const variance = new OwnVariance(rows, lately, { variance: usualVariance, looks: 3 });
  const steady = Array.from({ length: rows }, (_, row) => steadied(judged, row, width));
  const sums = steady.map((values) => new RunningSums(values));
  const found: Candidate[] = [];
  for (let day = lately + between + leastBefore - 1; day < width; day++) {
    const rises = new Float64Array(rows).fill(Number.NaN);
    for (let row = 0; row < rows; row++)
      rises[row] =
        riseOf(sums[row] as RunningSums, day) / (judged.spread[row * width + day] as number);
    variance.standardise(rises).forEach((rise, row) => {
      if (!(rise > 0) || Number.isNaN(judged.root[row * width + day] as number)) return;
      const score = scoreOf((1 - standardNormalBelow(rise)) / daysALook);
      if (score < limits.drift) return;
      found.push({
        ...{ kind: 'drift', row, day, score },
        startedOn: likelyStart(steady[row] as Float64Array, day),
        ...bandsOf(judged, sums[row] as RunningSums, row * width + day, day),
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

function windowsOf(sums: RunningSums, day: number) {
  const from = day + 1 - lately;
  return {
    late: sums.over(from, day + 1),
    early: sums.over(Math.max(0, from - between - before), from - between),
  };
}

/** By how much the last days lie above those before; in deviations of such a difference, once divided by the spread. */
function riseOf(sums: RunningSums, day: number): number {
  const { late, early } = windowsOf(sums, day);
  if (late.count < lately / 2 || early.count < leastBefore) return Number.NaN;
  return (late.mean - early.mean) / Math.sqrt(1 / late.count + 1 / early.count);
}

/** Where a line that is flat and then rises to `day` bends, so that it fits best. */
function likelyStart(steady: Float64Array, day: number): number {
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

function bandsOf(judged: Judged, sums: RunningSums, at: number, day: number) {
  const { late, early } = windowsOf(sums, day);
  const common = judged.common[at] as number;
  const reach =
    1.96 *
    (judged.spread[at] as number) *
    Math.sqrt(usualVariance * (1 / late.count + 1 / early.count));
  return {
    observedPercent: 100 - percentOf(late.mean + common),
    expectedPercent: 100 - percentOf(early.mean + common),
    lowerPercent: 100 - percentOf(early.mean + common + reach),
    upperPercent: 100 - percentOf(early.mean + common - reach),
  };
}
