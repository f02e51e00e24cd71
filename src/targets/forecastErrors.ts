import { type AcademicYear, yearsAfter } from '../base/academicYear.ts';
import { type Measure, measures } from '../base/measure.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { leastAbsoluteSlope } from '../stats/leastSquares.ts';
import { weightedQuantiles } from '../stats/quantiles.ts';
import { clipSpreads } from './forecastComponents.ts';
import { type ErrorShape, errorShape } from './forecastDistribution.ts';
import {
  clippedTo,
  type DeviationPrediction,
  eachMeasure,
  knownBefore,
  percentOfMeasure,
  predictDeviation,
  type TypeStructure,
  type YearLevels,
} from './forecastPrediction.ts';
import { fitStructure } from './forecastStructure.ts';
import type { SchoolHistory } from './history.ts';

/** How far forecasts were out in past years, each made from what was known before it. */
export type ErrorModel = {
  /** The years forecast in hindsight, and how many schools. */
  years: AcademicYear[];
  schools: number;
  /** How far the forecast goes from the best linear prediction towards last year's figure, 0–0.5. */
  lastYearPull: number;
  /** The scale grows as (forecast ÷ level) to this power. */
  levelPower: number;
  /** By how well a school is known: correction of the scale. */
  byHistory: Record<HistoryKind, { schools: number; factor: number }>;
  /** How far schools come out above the prediction in their first known year, in spreads. */
  newSchoolsAbove: number;
  shape: ErrorShape;
};

/** Years known up to the year before the forecast; `gap` when some are known, but not that one. */
const historyKinds = ['none', 'one', 'two', 'more', 'gap'] as const;
export type HistoryKind = (typeof historyKinds)[number];

const originsForErrors = 3;
const strongestPull = 0.5;
/** Weight, in schools, of "no different from the others" when a kind of history is judged apart. */
const schoolsForKind = 30;

type PastError = {
  /** Outcome less prediction, the shared shift taken out; last year's figure less prediction; both in spreads. */
  miss: number;
  towardsLastYear: number;
  kind: HistoryKind;
  /** Standard deviation expected by the structure, in spreads. */
  expected: number;
  /** (predicted percent ÷ level), within bounds. */
  ratio: number;
  weight: number;
};

/** Forecasts the last few known years again, each from the years before it, and learns from the misses. */
export function fitErrors(
  schoolType: SchoolType,
  histories: readonly SchoolHistory[],
  before: AcademicYear,
  structure: TypeStructure,
): Record<Measure, ErrorModel> {
  const years = structure.levels.map(({ year }) => year).slice(1);
  const settled = years.slice(1).slice(-originsForErrors);
  const origins = settled.length > 0 ? settled : years;
  const errors: Record<Measure, PastError[]> = { overall: [], persistent: [] };
  for (const origin of origins) {
    const then = fitStructure(schoolType, histories, origin);
    if (!then) continue;
    const found = pastErrors(then, histories, origin, levelsToJudgeBy(then, structure, origin));
    for (const measure of measures) errors[measure].push(...found[measure]);
  }
  return {
    overall: learnErrors(errors.overall, origins),
    persistent: learnErrors(errors.persistent, origins),
  };
}

/**
 * Errors are measured in the spread that was known then. Over a gap in the record the spread itself changes, as it did
 * over the pandemic, and that change is known by now: errors after a gap are measured in the spread of their own year.
 */
function levelsToJudgeBy(
  then: TypeStructure,
  now: TypeStructure,
  origin: AcademicYear,
): YearLevels {
  const last = then.levels.at(-1) as YearLevels;
  const own = now.levels.find(({ year }) => year === origin);
  return own && yearsAfter(last.year, 1) !== origin ? own : last;
}

function pastErrors(
  structure: TypeStructure,
  histories: readonly SchoolHistory[],
  origin: AcademicYear,
  levels: YearLevels,
): Record<Measure, PastError[]> {
  const found: Record<Measure, PastError[]> = { overall: [], persistent: [] };
  for (const history of histories) {
    const outcome = history.years.find(({ year }) => year === origin);
    if (!outcome) continue;
    const prediction = predictDeviation(structure, knownBefore(history, origin), origin);
    for (const m of eachMeasure) {
      const measure = measures[m];
      const percent = percentOfMeasure(outcome, measure);
      if (percent === null) continue;
      const level = levels.level[m];
      const spread = levels.spread[m];
      const { deviation, variance, lastYear } = prediction.measures[m];
      found[measure].push({
        miss: (percent - level) / spread - deviation,
        towardsLastYear: lastYear === undefined ? 0 : lastYear - deviation,
        kind: kindOf(prediction, m),
        expected: Math.sqrt(variance),
        ratio: levelRatio(level + spread * deviation, level),
        weight: 0,
      });
    }
  }
  for (const measure of measures) takeOutShift(found[measure]);
  return found;
}

export function levelRatio(percent: number, level: number): number {
  return Math.max(0.3, Math.min(4, percent / level));
}

/** The mean miss of a year is the shift all schools share; what is left is each school's own. */
function takeOutShift(errors: PastError[]): void {
  const withHistory = errors.filter(({ kind }) => kind !== 'none');
  const shift =
    withHistory.reduce((sum, { miss }) => sum + miss, 0) / Math.max(1, withHistory.length);
  for (const error of errors) {
    error.miss -= shift;
    error.weight = 1 / errors.length;
  }
}

export function kindOf(prediction: DeviationPrediction, m: 0 | 1): HistoryKind {
  const known = prediction.yearsUsed.length;
  if (known === 0) return 'none';
  if (prediction.measures[m].lastYear === undefined) return 'gap';
  return known === 1 ? 'one' : known === 2 ? 'two' : 'more';
}

function learnErrors(errors: readonly PastError[], origins: AcademicYear[]): ErrorModel {
  const pull = leastAbsoluteSlope(
    errors.map(({ towardsLastYear, miss, weight }) => ({ x: towardsLastYear, y: miss, weight })),
  );
  const lastYearPull = Math.max(0, Math.min(strongestPull, pull));
  const newSchoolsAbove = aboveWhenNew(errors);
  const standardised = errors.map(
    ({ miss, towardsLastYear, kind, expected, ratio, weight }): Standardised => {
      const foreseen = lastYearPull * towardsLastYear + (kind === 'none' ? newSchoolsAbove : 0);
      return { error: (miss - foreseen) / expected, kind, ratio, weight };
    },
  );
  const levelPower = growthWithLevel(standardised);
  const scaled = standardised.map(
    ({ error, kind, ratio, weight }): Standardised => ({
      error: error / ratio ** levelPower,
      kind,
      ratio,
      weight,
    }),
  );
  const factors = factorsByHistory(scaled);
  const shape = errorShape(
    scaled.map(({ error, weight, kind }) => ({ value: error / factors[kind], weight })),
  );
  const byHistory = Object.fromEntries(
    historyKinds.map((kind) => [
      kind,
      {
        schools: errors.filter((error) => error.kind === kind).length,
        factor: factors[kind],
      },
    ]),
  ) as ErrorModel['byHistory'];
  return {
    years: origins,
    schools: errors.length,
    lastYearPull,
    levelPower,
    byHistory,
    newSchoolsAbove,
    shape,
  };
}

/** How far schools come out above the prediction in their first known year, shrunk. */
function aboveWhenNew(errors: readonly PastError[]): number {
  const some = errors.filter(({ kind }) => kind === 'none');
  const sum = some.reduce((total, { miss }) => total + clippedTo(clipSpreads, miss), 0);
  return sum / (some.length + schoolsForKind);
}

type Standardised = Pick<PastError, 'kind' | 'ratio' | 'weight'> & { error: number };

/** Slope of log |error| on log ratio: 1 when errors are in proportion to the forecast, 0 when they do not depend on it. */
function growthWithLevel(errors: readonly Standardised[]): number {
  let n = 0;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  for (const { error, ratio, weight, kind } of errors) {
    if (kind === 'none' || Math.abs(error) < 1e-6) continue;
    const x = Math.log(ratio);
    const y = Math.log(Math.max(0.02, Math.abs(error)));
    n += weight;
    sx += weight * x;
    sy += weight * y;
    sxx += weight * x * x;
    sxy += weight * x * y;
  }
  const determinant = n * sxx - sx * sx;
  if (errors.length < 100 || !(determinant > 1e-9 * n * n)) return 0.5;
  return Math.max(0, Math.min(1.2, (n * sxy - sx * sy) / determinant));
}

/** Errors' 80 % reach by kind of history over that of all, shrunk; knowing less never counts as being surer. */
function factorsByHistory(errors: readonly Standardised[]): Record<HistoryKind, number> {
  const reach = (some: readonly Standardised[]) =>
    weightedQuantiles(
      some.map(({ error, weight }) => ({ value: Math.abs(error), weight })),
      [0.8],
    )[0] as number;
  const all = errors.length > 0 ? reach(errors) : 1;
  const of = (kind: HistoryKind) => {
    const some = errors.filter((error) => error.kind === kind);
    const ratio = some.length > 0 ? reach(some) / all : 1;
    return (some.length * ratio + schoolsForKind) / (some.length + schoolsForKind);
  };
  const more = of('more');
  const two = Math.max(more, of('two'));
  const one = Math.max(two, of('one'));
  return { more, two, one, none: Math.max(one, of('none')), gap: Math.max(more, of('gap')) };
}
