import { standardNormalBelow } from '../../stats/standardNormal.ts';
import { placesOf } from './came.ts';
import { type Candidate, type Limits, scoreOf } from './candidate.ts';
import { type Judged, missOf, percentOf } from './judge.ts';
import { OwnVariance } from './ownVariance.ts';
import { RunningSums } from './runningSums.ts';
import type { DailySeries } from './series.ts';

const leastSchools = 5;
/** School days that are looked at together: one for a shock of the area, more for an illness that goes round. */
const spans = [1, 3, 6] as const;
const clip = 3;
/** Of the schools of an area, so many have to be above what was expected. */
const leastShare = 0.6;

/**
 * Areas in which more schools than usual have more away than expected, beyond what the day brought to all: for a day
 * (a shock of the area) or for several (an outbreak). `row` of a candidate is its place among `areas`.
 */
export function findOutbreaks(
  series: DailySeries,
  judged: Judged,
  limits: Limits,
): { areas: string[]; found: Candidate[] } {
  const width = series.days.length;
  const places = [...placesOf(series.names.map(({ area }) => area))].filter(
    ([area, rows]) => area !== '' && rows.length >= leastSchools,
  );
  // Where there is but one area, what goes on in it is what goes on everywhere.
  if (places.length < 2) return { areas: [], found: [] };
  const days = places.map(([, rows]) => daysOf(judged, rows, width));
  const found: Candidate[] = [];
  for (const span of spans) {
    const variance = new OwnVariance(places.length, span, { variance: 1.5, looks: 20 });
    const sums = days.map(({ misses }) => new RunningSums(misses));
    const shares = days.map(({ above }) => new RunningSums(above));
    const kind = span === 1 ? ('shock' as const) : ('outbreak' as const);
    for (let day = span - 1; day < width; day++) {
      const means = Float64Array.from(sums, (sum) => {
        const { count, mean } = sum.over(day + 1 - span, day + 1);
        return count < span ? Number.NaN : mean * Math.sqrt(span);
      });
      variance.standardise(means).forEach((rise, at) => {
        if (!(rise > 0) || day < 20) return;
        const score = scoreOf((1 - standardNormalBelow(rise)) / span);
        const share = (shares[at] as RunningSums).over(day + 1 - span, day + 1).mean;
        if (score < limits.outbreak || share < leastShare) return;
        const [, rows] = places[at] as [string, number[]];
        found.push({
          ...{ kind, row: at, day, startedOn: day + 1 - span, score },
          ...bandOfArea(judged, rows, width, day, span),
        });
      });
    }
  }
  return { areas: places.map(([area]) => area), found };
}

/** Of each day: the mean miss of an area’s schools, as if of one school, and the share of them above what was expected. */
function daysOf(judged: Judged, rows: readonly number[], width: number) {
  const [misses, above] = [new Float64Array(width), new Float64Array(width)];
  for (let day = 0; day < width; day++) {
    let [count, sum, high] = [0, 0, 0];
    for (const row of rows) {
      const miss = missOf(judged, row * width + day) / (judged.dispersion[day] as number);
      if (Number.isNaN(miss)) continue;
      count += 1;
      sum += Math.min(clip, Math.max(-clip, miss));
      if (miss > 0) high += 1;
    }
    misses[day] = count < leastSchools ? Number.NaN : sum / Math.sqrt(count);
    above[day] = count < leastSchools ? Number.NaN : high / count;
  }
  return { misses, above };
}

/** Attendance of some schools together over the `span` days up to one, each counting alike. */
export function bandOfArea(
  judged: Judged,
  rows: readonly number[],
  width: number,
  day: number,
  span: number,
) {
  let [count, observed, expected, variance] = [0, 0, 0, 0];
  for (const row of rows)
    for (let each = Math.max(0, day + 1 - span); each <= day; each++) {
      const at = row * width + each;
      const root = judged.root[at] as number;
      if (Number.isNaN(root)) continue;
      const usual =
        (judged.level[at] as number) +
        (judged.common[at] as number) +
        (judged.weekday[at] as number);
      count += 1;
      observed += percentOf(root);
      expected += percentOf(usual);
      variance += (2 * usual * (judged.spread[at] as number)) ** 2;
    }
  // Neighbours move together a little: four times the variance that there would be if they did not.
  const reach = (1.96 * 2 * Math.sqrt(variance)) / count;
  return {
    observedPercent: 100 - observed / count,
    expectedPercent: 100 - expected / count,
    lowerPercent: 100 - expected / count - reach,
    upperPercent: Math.min(100, 100 - expected / count + reach),
  };
}
