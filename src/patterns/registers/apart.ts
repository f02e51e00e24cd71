import type { Candidate, Limits } from '../model/candidate.ts';
import { findDrifts } from '../model/drift.ts';
import { judge, percentOf, rootOf } from '../model/judge.ts';
import type { DailySeries } from '../model/series.ts';

/** Differences of roots are looked at beside this, so that none is below nought. */
const middle = 4;
const lately = 20;
const gap = 10;
const before = 60;

/**
 * Groups that part from the rest of their school: the distance between the two, which a bad week of the school leaves as it
 * is, rises for weeks and by more than the same group’s does elsewhere. `group` and `rest` have the same rows and days.
 */
export function findParting(group: DailySeries, rest: DailySeries, limits: Limits): Candidate[] {
  const width = group.days.length;
  const distance = group.absencePercent.map((percent, at) => {
    const other = rest.absencePercent[at] as number;
    const apart = middle + rootOf(percent) - rootOf(other);
    return Number.isNaN(percent) || Number.isNaN(other)
      ? Number.NaN
      : Math.max(0, apart) ** 2 - 0.25;
  });
  const series = { ...group, absencePercent: distance };
  return findDrifts(series, judge(series), limits).map((found) => ({
    ...found,
    ...figuresOf(group, rest, width, found),
  }));
}

/** What the group came to in the last weeks, and what it would have, had it kept its distance. */
function figuresOf(group: DailySeries, rest: DailySeries, width: number, found: Candidate) {
  const { row, day } = found;
  const root = (series: DailySeries, at: number) => {
    const percent = series.absencePercent[row * width + at] as number;
    return Number.isNaN(percent) ? Number.NaN : rootOf(percent);
  };
  const over = (from: number, to: number, of: (at: number) => number) =>
    Array.from({ length: to - Math.max(0, from) + 1 }, (_, at) =>
      of(Math.max(0, from) + at),
    ).filter((each) => !Number.isNaN(each));
  const [earlyFrom, earlyTo] = [day + 1 - lately - gap - before, day - lately - gap];
  const distances = over(earlyFrom, earlyTo, (at) => root(group, at) - root(rest, at));
  const late = over(day + 1 - lately, day, (at) => root(group, at));
  const usual = mean(distances);
  const expected = mean(over(day + 1 - lately, day, (at) => root(rest, at))) + usual;
  const spread = Math.sqrt(mean(distances.map((each) => (each - usual) ** 2)));
  // Means of twenty days vary by so much more than if each day were drawn anew.
  const reach = 1.96 * 2.5 * spread * Math.sqrt(1 / late.length + 1 / distances.length);
  return {
    observedPercent: 100 - percentOf(mean(late)),
    expectedPercent: 100 - percentOf(expected),
    lowerPercent: 100 - percentOf(expected + reach),
    upperPercent: 100 - percentOf(expected - reach),
  };
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, each) => sum + each, 0) / values.length;
