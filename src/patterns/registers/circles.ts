import { medianOf, robustDeviationOf } from '../../stats/robust.ts';
import { standardNormalBelow } from '../../stats/standardNormal.ts';
import { scoreOf } from '../model/candidate.ts';
import { type Judged, missOf } from '../model/judge.ts';
import { bandOfArea } from '../model/outbreak.ts';
import { OwnVariance } from '../model/ownVariance.ts';
import type { DailySeries } from '../model/series.ts';
import type { PlacedSchool } from './days.ts';

/** A school and so many of its nearest, of any phase. */
const sizes = [5, 10, 20] as const;
/** Open days that are looked at together. */
const spans = [3, 6] as const;
const clip = 3;
/** Of the schools of a circle, so many have to be above what was expected. */
const leastShare = 0.7;
/** Nearest means within so many kilometres. */
const furthestKm = 25;
/** Beside a break of so many days the days of a school are like no others: the last before it and the first after it. */
const breakDays = 4;
/** With fewer circles, what a day brought to all of them cannot be told. */
const leastCircles = 30;
/** Circles that share schools are one thing for so many school days. */
const rest = 10;

export type CircleFound = {
  /** Which authority is told: each that has a school in the circle. */
  area: string;
  /** Rows of the series: the middle first. */
  rows: number[];
  day: number;
  startedOn: number;
  score: number;
  observedPercent: number;
  expectedPercent: number;
  lowerPercent: number;
  upperPercent: number;
};

/**
 * Outbreaks among neighbouring schools, whichever authorities they are in: a scan over circles. Days are the open days of
 * each school, and those at the edge of its holidays are left out, so that a half-term in another week next door does not
 * look like an illness. An authority has as many circles as schools, and half of each is in the next: that is paid for, so
 * that the limit is of an authority, and not of each of its circles.
 */
export function findCircles(
  series: DailySeries,
  judged: Judged,
  places: readonly Pick<PlacedSchool, 'easting' | 'northing'>[],
  limit: number,
): CircleFound[] {
  const width = series.days.length;
  const rows = Array.from({ length: series.names.length }, (_, row) => row);
  const ordinary = rows.map((row) => ordinaryDays(series, judged, row));
  const neighbours = nearest(places);
  const candidates: Candidate[] = [];
  const areaOf = (row: number) => series.names[row]?.area ?? '';
  for (const size of sizes) {
    const circles = neighbours
      .filter((near) => near.length >= size)
      .map((near) => near.slice(0, size));
    if (circles.length === 0) continue;
    const looks = looksOf(circles, size, areaOf);
    for (const span of spans) {
      const sums = rows.map((row) => overLast(ordinary[row] as Ordinary, span, width));
      const variance = new OwnVariance(circles.length, span, { variance: 1.5, looks: 20 });
      for (let day = 20; day < width; day++) {
        const statistics = Float64Array.from(circles, (circle) => statisticOf(circle, sums, day));
        beyondTheDay(variance.standardise(statistics)).forEach((rise, at) => {
          if (!(rise > 0)) return;
          const circle = circles[at] as number[];
          const score = scoreOf(((1 - standardNormalBelow(rise)) * (looks[at] as number)) / span);
          if (score < limit || shareAbove(circle, sums, day) < leastShare) return;
          candidates.push({
            ...{ rows: circle, day, startedOn: Math.max(0, day + 1 - span), score },
            ...bandOfArea(judged, circle, series.days.length, day, span),
          });
        });
      }
    }
  }
  return joined(candidates, areaOf);
}

type Candidate = Omit<CircleFound, 'area'>;

/**
 * On a day when circles everywhere lie high, or far apart, one that does too is nothing odd: where terms end in different
 * weeks, what rises towards their end does not rise everywhere on the same days.
 */
function beyondTheDay(rises: Float64Array): Float64Array {
  const known = [...rises].filter((rise) => !Number.isNaN(rise));
  if (known.length < leastCircles) return rises;
  const middle = Math.max(0, medianOf(known) ?? 0);
  const spread = Math.max(1, robustDeviationOf(known) ?? 1);
  return rises.map((rise) => (rise - middle) / spread);
}

/** How many looks at its authority each circle is one of: every size and span, and every circle that is not the next. */
function looksOf(
  circles: readonly (readonly number[])[],
  size: number,
  areaOf: (row: number) => string,
): number[] {
  const areas = circles.map(([middle = -1]) => areaOf(middle));
  const counts = new Map<string, number>();
  for (const area of areas) counts.set(area, (counts.get(area) ?? 0) + 1);
  return areas.map(
    (area) => sizes.length * spans.length * Math.max(1, (2 * (counts.get(area) ?? 1)) / size),
  );
}

type Ordinary = Float64Array;

/** Misses of the days of a school with a figure; NaN where it has none, and at the edges of its breaks. */
function ordinaryDays(series: DailySeries, judged: Judged, row: number): Ordinary {
  const width = series.days.length;
  const days = series.days.map((day) => Date.parse(day) / 86_400_000);
  const came = days.flatMap((_, day) =>
    Number.isNaN(judged.root[row * width + day] as number) ? [] : [day],
  );
  const misses = new Float64Array(width).fill(Number.NaN);
  came.forEach((day, at) => {
    const [before, after] = [came[at - 1], came[at + 1]];
    const away = (other: number | undefined) =>
      other === undefined ? 0 : Math.abs((days[other] as number) - (days[day] as number));
    if (away(before) >= breakDays || away(after) >= breakDays) return;
    const miss = missOf(judged, row * width + day) / (judged.dispersion[day] as number);
    misses[day] = Math.min(clip, Math.max(-clip, miss));
  });
  return misses;
}

/** Of each day with a figure: the sum of the last `span` such days of the school, as if of one. */
function overLast(misses: Ordinary, span: number, width: number): Float64Array {
  const sums = new Float64Array(width).fill(Number.NaN);
  const window: number[] = [];
  for (let day = 0; day < width; day++) {
    const miss = misses[day] as number;
    if (Number.isNaN(miss)) continue;
    window.push(miss);
    if (window.length > span) window.shift();
    if (window.length === span) sums[day] = window.reduce((a, b) => a + b, 0) / Math.sqrt(span);
  }
  return sums;
}

function statisticOf(
  circle: readonly number[],
  sums: readonly Float64Array[],
  day: number,
): number {
  let [count, total] = [0, 0];
  for (const row of circle) {
    const sum = sums[row]?.[day] as number;
    if (Number.isNaN(sum)) continue;
    [count, total] = [count + 1, total + sum];
  }
  return count < 0.8 * circle.length ? Number.NaN : total / Math.sqrt(count);
}

function shareAbove(circle: readonly number[], sums: readonly Float64Array[], day: number): number {
  let [count, above] = [0, 0];
  for (const row of circle) {
    const sum = sums[row]?.[day] as number;
    if (Number.isNaN(sum)) continue;
    [count, above] = [count + 1, above + (sum > 0 ? 1 : 0)];
  }
  return above / count;
}

/** Of each school that has a place: itself and its nearest, the nearest first. */
function nearest(places: readonly Pick<PlacedSchool, 'easting' | 'northing'>[]): number[][] {
  const most = Math.max(...sizes);
  const grid = furthestKm * 1000;
  const cellOf = (metres: number) => Math.floor(metres / grid);
  const cells = new Map<string, number[]>();
  const placed = places.flatMap(({ easting, northing }, row) =>
    easting === null || northing === null ? [] : [{ row, easting, northing }],
  );
  for (const { row, easting, northing } of placed) {
    const key = `${cellOf(easting)} ${cellOf(northing)}`;
    const members = cells.get(key);
    if (members) members.push(row);
    else cells.set(key, [row]);
  }
  const at = new Map(placed.map((each) => [each.row, each]));
  return placed.map(({ row, easting, northing }) => {
    const near: { row: number; metres: number }[] = [];
    for (const x of [-1, 0, 1])
      for (const y of [-1, 0, 1])
        for (const other of cells.get(`${cellOf(easting) + x} ${cellOf(northing) + y}`) ?? []) {
          const place = at.get(other) as { easting: number; northing: number };
          const metres = Math.hypot(place.easting - easting, place.northing - northing);
          if (metres <= grid) near.push({ row: other, metres: other === row ? -1 : metres });
        }
    return near
      .sort((a, b) => a.metres - b.metres || a.row - b.row)
      .slice(0, most)
      .map((each) => each.row);
  });
}

/**
 * Circles that share a school within some days are one outbreak. Each authority is told once of it: on the first day on which
 * a circle holds a school of its own, and of that day by the rarest.
 */
function joined(candidates: readonly Candidate[], areaOf: (row: number) => string): CircleFound[] {
  const outbreaks: { rows: Set<number>; last: number; told: Set<string> }[] = [];
  return candidates
    .toSorted((a, b) => a.day - b.day || b.score - a.score)
    .flatMap((found) => {
      let outbreak = outbreaks.find(
        (each) => found.day - each.last <= rest && found.rows.some((row) => each.rows.has(row)),
      );
      if (!outbreak) {
        outbreak = { rows: new Set(), last: found.day, told: new Set() };
        outbreaks.push(outbreak);
      }
      const { rows, told } = outbreak;
      outbreak.last = found.day;
      for (const row of found.rows) rows.add(row);
      const areas = [...new Set(found.rows.map(areaOf))].filter((area) => !told.has(area));
      for (const area of areas) told.add(area);
      return areas.map((area) => ({ ...found, area }));
    });
}
