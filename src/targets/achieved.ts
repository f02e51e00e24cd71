import { type AcademicYear, yearsAfter } from '../base/academicYear.ts';
import type { Urn } from '../base/identifiers.ts';
import { type Measure, measures } from '../base/measure.ts';
import { type SchoolType, schoolTypes } from '../base/schoolType.ts';
import { medianOf, quantileOf, robustDeviationOf } from '../stats/robust.ts';
import type { SchoolHistory, SchoolYear } from './history.ts';

/**
 * What schools have really achieved in a year: their changes from one year to the next, less the national shift, less luck.
 * Luck does not last, so it shows: a school that was lucky falls back the year after. How much successive changes cancel
 * out says how much of a change is luck.
 */

/** One school's change from the year before, in points, less the median change of its type that year. */
export type NetChange = { year: AcademicYear; points: number };

export type AchievedRule = {
  /** The part (0–1) of the variance of one-year changes that is still there the year after. */
  lastingPart: number;
  /** What the best quarter of schools really achieve in a year, as a part of the level: 0.05 is from 5.0% to 4.75%. */
  bestQuarterPart: number;
  /** How many one-year changes it rests on. */
  changes: number;
  source: 'learned' | 'published';
};

export type AchievedRules = Record<SchoolType, Record<Measure, AchievedRule>>;

/** Fewer pairs of successive changes than this, and the published rule is used. */
const fewestPairs = 500;
/** A national shift from fewer schools than this is not one. */
const fewestSchoolsForShift = 20;

/** A school's figure for a measure in a year, or null. */
export function percentIn(year: SchoolYear, measure: Measure): number | null {
  return measure === 'overall' ? year.absencePercent : year.persistentPercent;
}

/** Every school's one-year changes net of the shift of its type, by URN. Only years that follow each other count. */
export function netChanges(
  histories: readonly SchoolHistory[],
  measure: Measure,
): Map<Urn, NetChange[]> {
  const shifts = new Map<string, number[]>();
  const keyOf = (schoolType: SchoolType, year: AcademicYear) => `${schoolType} ${year}`;
  const changes = histories.map((history) => ({ history, found: rawChanges(history, measure) }));
  for (const { history, found } of changes) {
    for (const { year, points } of found) {
      const key = keyOf(history.schoolType, year);
      const ofYear = shifts.get(key) ?? [];
      if (ofYear.length === 0) shifts.set(key, ofYear);
      ofYear.push(points);
    }
  }
  const shiftOf = new Map<string, number | undefined>();
  for (const [key, points] of shifts) {
    shiftOf.set(key, points.length < fewestSchoolsForShift ? undefined : medianOf(points));
  }
  return new Map(
    changes.map(({ history, found }) => [
      history.urn,
      found.flatMap(({ year, points }) => {
        const shift = shiftOf.get(keyOf(history.schoolType, year));
        return shift === undefined ? [] : [{ year, points: points - shift }];
      }),
    ]),
  );
}

function rawChanges(history: SchoolHistory, measure: Measure): NetChange[] {
  return history.years.flatMap((now, place) => {
    const before = history.years[place - 1];
    if (!before || yearsAfter(before.year, 1) !== now.year) return [];
    const [from, to] = [percentIn(before, measure), percentIn(now, measure)];
    return from === null || to === null ? [] : [{ year: now.year, points: to - from }];
  });
}

/** Learns, per school type and measure, how much of a change lasts and what the best quarter of schools achieve. */
export function learnAchieved(histories: readonly SchoolHistory[]): AchievedRules {
  const changesOf = {
    overall: netChanges(histories, 'overall'),
    persistent: netChanges(histories, 'persistent'),
  };
  const ruleOf = (schoolType: SchoolType, measure: Measure): AchievedRule => {
    const ofType = histories.filter((history) => history.schoolType === schoolType);
    const changes = ofType.map((history) => changesOf[measure].get(history.urn) ?? []);
    const levels = ofType.flatMap((history) =>
      history.years.flatMap((year) => percentIn(year, measure) ?? []),
    );
    return learnRule(changes, levels) ?? publishedAchieved[schoolType][measure];
  };
  return Object.fromEntries(
    schoolTypes.map((schoolType) => [
      schoolType,
      Object.fromEntries(measures.map((measure) => [measure, ruleOf(schoolType, measure)])),
    ]),
  ) as AchievedRules;
}

function learnRule(changes: NetChange[][], levels: number[]): AchievedRule | null {
  const all = changes.flat().map(({ points }) => points);
  const widest = 4 * (robustDeviationOf(all) ?? 0);
  const clip = (points: number) => Math.max(-widest, Math.min(widest, points));
  let pairs = 0;
  let squares = 0;
  let products = 0;
  for (const ofSchool of changes) {
    for (const [place, now] of ofSchool.entries()) {
      const before = ofSchool[place - 1];
      if (!before || yearsAfter(before.year, 1) !== now.year) continue;
      pairs += 1;
      squares += (clip(before.points) ** 2 + clip(now.points) ** 2) / 2;
      products += clip(before.points) * clip(now.points);
    }
  }
  const level = medianOf(levels) ?? 0;
  if (pairs < fewestPairs || squares === 0 || level <= 0) return null;
  // A change is real change plus this year's luck less last year's; successive changes share one year's luck with
  // opposite signs, so their covariance is minus the variance of luck, and luck is in each change twice.
  const lastingPart = Math.min(1, Math.max(0, 1 + (2 * products) / squares));
  const bestQuarterPart =
    (Math.sqrt(lastingPart) * Math.max(0, -(quantileOf(all, 0.25) ?? 0))) / level;
  return { lastingPart, bestQuarterPart, changes: all.length, source: 'learned' };
}

/**
 * What the best quarter of a school's similar schools really achieved in a year, in points. Their own changes count as
 * far as there are many of them; the rest comes from the type, at the level of the group.
 */
export function achievedBy(
  changes: readonly number[],
  rule: AchievedRule,
  levelPercent: number,
): number {
  const ofType = rule.bestQuarterPart * levelPercent;
  const lowerQuartile = quantileOf(changes, 0.25);
  if (lowerQuartile === undefined) return ofType;
  const ofGroup = Math.sqrt(rule.lastingPart) * Math.max(0, -lowerQuartile);
  return (
    (changes.length * ofGroup + changesTheTypeIsWorth * ofType) /
    (changes.length + changesTheTypeIsWorth)
  );
}

/** How many of the group's own changes the rule of its type weighs as much as (docs/expectation.md). */
export const changesTheTypeIsWorth = 100;

/** Learned from the published school-level files of 2012/13 to 2017/18 (docs/expectation.md); used where there is too little to learn from. */
export const publishedAchieved: AchievedRules = {
  'State-funded primary': {
    overall: { lastingPart: 0.44, bestQuarterPart: 0.057, changes: 0, source: 'published' },
    persistent: { lastingPart: 0.33, bestQuarterPart: 0.146, changes: 0, source: 'published' },
  },
  'State-funded secondary': {
    overall: { lastingPart: 0.8, bestQuarterPart: 0.056, changes: 0, source: 'published' },
    persistent: { lastingPart: 0.7, bestQuarterPart: 0.102, changes: 0, source: 'published' },
  },
  Special: {
    overall: { lastingPart: 0.69, bestQuarterPart: 0.095, changes: 0, source: 'published' },
    persistent: { lastingPart: 0.38, bestQuarterPart: 0.103, changes: 0, source: 'published' },
  },
};
