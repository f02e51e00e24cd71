import type { AcademicYear } from '../base/academicYear.ts';
import { type Measure, measures } from '../base/measure.ts';
import { type SchoolType, schoolTypes } from '../base/schoolType.ts';
import { leastAbsoluteSlope } from '../stats/leastSquares.ts';
import { medianOf } from '../stats/robust.ts';

/**
 * How much of its gap to similar schools a school loses in a year by itself, beyond what the forecast says: 0 to `most`.
 *
 * The forecast reads no intake, since a census is often not known on the day it is made. So it takes a school far above
 * schools with its intake to stay there more than such schools do. The chance of meeting an expectation, which is set
 * with the intake known, must count that: docs/expectation.md.
 */
export type FallBack = Record<SchoolType, Record<Measure, number>>;

/** One school in a year now past: its gap as the rule would have found it then, and outcome less forecast. Points. */
export type PastGap = {
  schoolType: SchoolType;
  measure: Measure;
  year: AcademicYear;
  gapPoints: number;
  missPoints: number;
};

const most = 0.5;
/** Weight, in schools, of "nothing falls back". */
const schoolsForNone = 200;

export const noFallBack: FallBack = fallBackOf(() => 0);

/** The line through the origin that makes absolute misses least, each year's median miss (the shared shift) taken out. */
export function learnFallBack(past: readonly PastGap[]): FallBack {
  return fallBackOf((schoolType, measure) => {
    const some = past.filter((each) => each.schoolType === schoolType && each.measure === measure);
    const points = [...Map.groupBy(some, ({ year }) => year).values()].flatMap((ofYear) => {
      const shift = medianOf(ofYear.map(({ missPoints }) => missPoints)) ?? 0;
      return ofYear.map(({ gapPoints, missPoints }) => ({
        x: gapPoints,
        y: shift - missPoints,
        weight: 1,
      }));
    });
    const kept = points.length / (points.length + schoolsForNone);
    return Math.max(0, Math.min(most, kept * leastAbsoluteSlope(points)));
  });
}

function fallBackOf(part: (schoolType: SchoolType, measure: Measure) => number): FallBack {
  return Object.fromEntries(
    schoolTypes.map((schoolType) => [
      schoolType,
      Object.fromEntries(measures.map((measure) => [measure, part(schoolType, measure)])),
    ]),
  ) as FallBack;
}
