import { type AcademicYear, yearsAfter } from '../base/academicYear.ts';
import type { Measure } from '../base/measure.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { leastSquares } from '../stats/leastSquares.ts';
import { mean, weightedQuantiles } from '../stats/quantiles.ts';
import { percentOfMeasure } from './forecastPrediction.ts';
import type { SchoolHistory } from './history.ts';

/** The simple forecasts that ours has to beat, each from the three years before. */
export const baselines = ['last_year', 'mean3', 'ar3'] as const;
export type Baseline = (typeof baselines)[number];

/** Fitted on the schools of one type and one measure, from outcomes before the forecast year. */
export type BaselineModel = {
  /** @param lags last year's percent first. */
  central: (lags: readonly number[]) => number;
  /**
   * Quantiles of past errors (outcome − forecast) at 2.5, 10, 90 and 97.5 %, as they were, and with each year's mean taken
   * out; null where no earlier year has three years before it.
   */
  errors: { asTheyWere: number[]; ownLuck: number[] } | null;
};

const fewestToFit = 10;
const tails = [0.025, 0.1, 0.9, 0.975];

/** The three years before `year`, last first; undefined unless all three are known. */
export function threeLags(
  history: SchoolHistory,
  year: AcademicYear,
  measure: Measure,
): number[] | undefined {
  const lags: number[] = [];
  for (let back = 1; back <= 3; back++) {
    const percent = percentIn(history, yearsAfter(year, -back), measure);
    if (percent === undefined) return undefined;
    lags.push(percent);
  }
  return lags;
}

export function percentIn(
  history: SchoolHistory,
  year: AcademicYear,
  measure: Measure,
): number | undefined {
  const known = history.years.find((each) => each.year === year);
  return known ? (percentOfMeasure(known, measure) ?? undefined) : undefined;
}

/**
 * AR(3): ordinary least squares with an intercept over every earlier year that has three years before it; missing where
 * there is none.
 */
export function fitBaselines(
  histories: readonly SchoolHistory[],
  schoolType: SchoolType,
  measure: Measure,
  year: AcademicYear,
): Partial<Record<Baseline, BaselineModel>> {
  const past: { year: AcademicYear; lags: number[]; outcome: number }[] = [];
  for (const history of histories) {
    if (history.schoolType !== schoolType) continue;
    for (const known of history.years) {
      if (known.year >= year) continue;
      const outcome = percentOfMeasure(known, measure);
      const lags = threeLags(history, known.year, measure);
      if (outcome !== null && lags) past.push({ year: known.year, lags, outcome });
    }
  }
  const lastYear = (lags: readonly number[]) => lags[0] as number;
  if (past.length < fewestToFit)
    return {
      last_year: { central: lastYear, errors: null },
      mean3: { central: mean, errors: null },
    };
  const coefficients = leastSquares(
    past.map(({ lags }) => [1, ...lags]),
    past.map(({ outcome }) => outcome),
  );
  const ar3 = (lags: readonly number[]) =>
    lags.reduce(
      (sum, lag, i) => sum + lag * (coefficients[i + 1] as number),
      coefficients[0] as number,
    );
  const model = (central: BaselineModel['central']): BaselineModel => {
    const errors = past.map((each) => ({
      year: each.year,
      error: each.outcome - central(each.lags),
    }));
    const shiftOf = new Map<AcademicYear, number>();
    for (const at of new Set(errors.map((each) => each.year)))
      shiftOf.set(at, mean(errors.filter((each) => each.year === at).map(({ error }) => error)));
    const quantilesOf = (values: number[]) =>
      weightedQuantiles(values, new Uint8Array(values.length).fill(1), tails);
    return {
      central,
      errors: {
        asTheyWere: quantilesOf(errors.map(({ error }) => error)),
        ownLuck: quantilesOf(errors.map((each) => each.error - (shiftOf.get(each.year) as number))),
      },
    };
  };
  return { last_year: model(lastYear), mean3: model(mean), ar3: model(ar3) };
}
