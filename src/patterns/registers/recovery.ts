import type { Candidate, Limits } from '../model/candidate.ts';
import { findDrifts } from '../model/drift.ts';
import { type Judged, percentOf } from '../model/judge.ts';
import type { DailySeries } from '../model/series.ts';

/** A fall is worth telling from so many points of absence on. */
const leastPoints = 1;
const lately = 20;
const gap = 10;
const before = 60;

/**
 * Schools whose absence fell for weeks against their own weeks before and against what all others did: a drift the other
 * way round. Told once the last weeks lie a point below.
 */
export function findRecoveries(series: DailySeries, judged: Judged, limits: Limits): Candidate[] {
  const turned = (values: Float64Array) => values.map((value) => -value);
  const mirrored: Judged = {
    ...judged,
    root: turned(judged.root),
    level: turned(judged.level),
    common: turned(judged.common),
  };
  return findDrifts(series, mirrored, limits).flatMap((found) => {
    const figures = figuresOf(judged, series.days.length, found);
    return figures.observedPercent - figures.expectedPercent < leastPoints
      ? []
      : [{ ...found, ...figures }];
  });
}

function figuresOf(judged: Judged, width: number, { row, day }: Candidate) {
  const mean = (from: number, to: number) => {
    let [sum, count] = [0, 0];
    for (let at = Math.max(0, from); at <= to; at++) {
      const cell = row * width + at;
      const own = (judged.root[cell] as number) - (judged.common[cell] as number);
      if (Number.isNaN(own)) continue;
      [sum, count] = [sum + own, count + 1];
    }
    return { mean: sum / count, count };
  };
  const late = mean(day + 1 - lately, day);
  const early = mean(day + 1 - lately - gap - before, day - lately - gap);
  const common = judged.common[row * width + day] as number;
  const reach =
    1.96 *
    (judged.spread[row * width + day] as number) *
    2.5 *
    Math.sqrt(1 / late.count + 1 / early.count);
  return {
    observedPercent: 100 - percentOf(late.mean + common),
    expectedPercent: 100 - percentOf(early.mean + common),
    lowerPercent: 100 - percentOf(early.mean + common + reach),
    upperPercent: 100 - percentOf(early.mean + common - reach),
  };
}
