import { medianOf } from '../../stats/robust.ts';
import { standardNormalBelow } from '../../stats/standardNormal.ts';
import { placesOf } from './places.ts';
import { type Candidate, type Limits, scoreOf } from './candidate.ts';
import { type Judged, missOf, percentOf } from './judge.ts';
import { OwnVariance } from './ownVariance.ts';
import { RunningSums } from './runningSums.ts';
import type { DailySeries } from './series.ts';

const leastSchools = 3;
/** Of the schools of an area that sent figures in the last weeks, so many have to have one. */
const leastCame = 0.5;
const lately = 20;
/** School days that are looked at together: one for a shock of the area, more for an illness that goes round. */
const spans = [1, 3, 6] as const;
const clip = 3;
/** Of the schools of an area, so many have to be above what was expected. */
const leastShare = 0.6;

/** `rows`: the series of the area. */
type AreaCandidate = Candidate & { rows: readonly number[] };

/**
 * Areas in which more schools than usual have more away than expected, beyond what the day brought to all: for a day
 * (a shock of the area) or for several (an outbreak). `row` of a candidate is its place among `areas`.
 */
export function findOutbreaks(
  series: DailySeries,
  judged: Judged,
  limits: Limits,
  forAll: readonly Candidate[] = [],
): { areas: string[]; found: AreaCandidate[] } {
  const width = series.days.length;
  const places = [...placesOf(series.names.map(({ area }) => area))].filter(
    ([area, rows]) => area !== '' && rows.length >= leastSchools,
  );
  const second = firstDayOfTwoAreas(series);
  const days = places.map(([, rows]) => daysOf(judged, rows, width));
  const found: AreaCandidate[] = [];
  const ofAll = new Set(forAll.map(({ day }) => day));
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
        if (!(rise > 0) || day < 20 || day < second) return;
        if (span === 1 && ofAll.has(day)) return;
        const score = scoreOf((1 - standardNormalBelow(rise)) / span);
        const share = (shares[at] as RunningSums).over(day + 1 - span, day + 1).mean;
        if (score < limits.outbreak || share < leastShare) return;
        const [, rows] = places[at] as [string, number[]];
        found.push({
          ...{ kind, row: at, rows, day, startedOn: day + 1 - span, score },
          ...bandOfArea(judged, rows, width, day, span),
        });
      });
    }
  }
  return { areas: places.map(([area]) => area), found };
}

/** What was expected, with what such a day brought to the schools of an area: it is told of the area and not of each. */
export function withoutAreas(
  judged: Judged,
  found: readonly AreaCandidate[],
  width: number,
): Judged {
  const common = judged.common.slice();
  const eased = new Set<string>();
  for (const { rows, row, day } of found) {
    if (eased.has(`${row} ${day}`)) continue;
    eased.add(`${row} ${day}`);
    const away = rows.flatMap((each) => {
      const at = each * width + day;
      const miss = missOf(judged, at) * (judged.spread[at] as number);
      return Number.isNaN(miss) ? [] : [miss];
    });
    const shift = Math.max(0, medianOf(away) ?? 0);
    for (const each of rows)
      common[each * width + day] = (common[each * width + day] as number) + shift;
  }
  return { ...judged, common };
}

/** Where there is but one area so far, what goes on in it is what goes on everywhere. */
function firstDayOfTwoAreas(series: DailySeries): number {
  const width = series.days.length;
  let first: string | undefined;
  for (let day = 0; day < width; day++)
    for (const [row, { area }] of series.names.entries())
      if (!Number.isNaN(series.absencePercent[row * width + day] as number)) {
        first ??= area;
        if (area !== first) return day;
      }
  return width;
}

/** Of each day: the mean miss of an area’s schools, as if of one school, and the share of them above what was expected. */
function daysOf(judged: Judged, rows: readonly number[], width: number) {
  const [misses, above] = [new Float64Array(width), new Float64Array(width)];
  const lastCame = new Map<number, number>();
  for (let day = 0; day < width; day++) {
    let [count, sum, high] = [0, 0, 0];
    for (const row of rows) {
      const miss = missOf(judged, row * width + day) / (judged.dispersion[day] as number);
      if (Number.isNaN(miss)) continue;
      lastCame.set(row, day);
      count += 1;
      sum += Math.min(clip, Math.max(-clip, miss));
      if (miss > 0) high += 1;
    }
    const usual = [...lastCame.values()].filter((last) => day - last < lately).length;
    if (count < leastSchools - 1 || usual < leastSchools || count < leastCame * usual) {
      [misses[day], above[day]] = [Number.NaN, Number.NaN];
      continue;
    }
    misses[day] = sum / Math.sqrt(count);
    above[day] = high / count;
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
