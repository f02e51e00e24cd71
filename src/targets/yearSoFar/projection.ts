import type { SchoolType } from '../../base/schoolType.ts';
import type { Passed } from './ownYear.ts';

/**
 * Where the year may end. Two things tell: the year so far with the season taken out, and what was forecast before the year
 * began. Each counts by how sure it is; the first is the surer the more of the year is over.
 */

/** What is known of the year’s end before it: the middle and the interval that holds it 8 years in 10, percent. */
export type Beforehand = { percent: number; lower80Percent: number; upper80Percent: number };

export type SoFar = {
  percent: number;
  /** Pupils: luck among few is larger. */
  enrolments: number;
  passed: Passed;
};

export type YearEnd = {
  centralPercent: number;
  lower80Percent: number;
  upper80Percent: number;
  /** The year so far with the season taken out: what the year would come to if its rest were as usual. */
  withoutSeasonPercent: number;
};

/**
 * By how much the year’s end differs from the year so far without its season, as a share, when half of the year is over: one
 * standard deviation. `season`: no two years have the same; `school`: what a school does by itself; `pupils`: luck, for one
 * pupil. Measured (docs/year-so-far.md): the first two on the department’s feed, the last on made-up registers.
 */
export const halfYearSpread = {
  season: 0.025,
  school: 0.02,
  pupils: {
    'State-funded primary': 0.5,
    'State-funded secondary': 0.6,
    Special: 0.5,
  } satisfies Record<SchoolType, number>,
} as const;

/** An 80 % interval of a normal distribution reaches as many standard deviations to each side. */
const reach80 = 1.2816;

/** Undefined where nothing was missed, or nothing of the year is over. */
export function projectYearEnd(
  schoolType: SchoolType,
  { percent, enrolments, passed }: SoFar,
  beforehand: Beforehand | null,
): YearEnd | undefined {
  const { share, ratio } = passed;
  if (percent <= 0 || share <= 0 || enrolments <= 0) return undefined;
  const withoutSeasonPercent = percent / ratio;
  const left = Math.max(0, 1 - share);
  const own =
    halfYearSpread.season ** 2 +
    halfYearSpread.school ** 2 +
    halfYearSpread.pupils[schoolType] ** 2 / enrolments;
  const variance = Math.max(1e-8, (own * left) / share);
  const before = beforehand && spreadOf(beforehand);
  const weight = before ? before / (before + variance) : 1;
  const middle =
    weight * Math.log(withoutSeasonPercent) +
    (1 - weight) * Math.log(beforehand?.percent ?? withoutSeasonPercent);
  const deviation = Math.sqrt(weight * variance);
  return {
    withoutSeasonPercent,
    centralPercent: Math.min(100, Math.exp(middle)),
    lower80Percent: Math.exp(middle - reach80 * deviation),
    upper80Percent: Math.min(100, Math.exp(middle + reach80 * deviation)),
  };
}

/** Variance of the logarithm. */
function spreadOf({ percent, lower80Percent, upper80Percent }: Beforehand): number | null {
  if (percent <= 0) return null;
  const deviation = (upper80Percent - lower80Percent) / (2 * reach80 * percent);
  return Math.max(1e-4, deviation ** 2);
}

/** What is known beforehand of a group of the school’s pupils: its own share of last year’s, and the luck of fewer pupils. */
export function beforehandOfGroup(
  school: Beforehand,
  { times, enrolments, schoolType }: { times: number; enrolments: number; schoolType: SchoolType },
): Beforehand {
  const percent = school.percent * times;
  const spread = spreadOf(school) ?? 0;
  const luck = (2 * halfYearSpread.pupils[schoolType] ** 2) / Math.max(1, enrolments);
  const half = percent * reach80 * Math.sqrt(spread + luck);
  return { percent, lower80Percent: percent - half, upper80Percent: percent + half };
}
