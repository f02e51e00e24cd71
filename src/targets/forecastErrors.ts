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
  deviationPredictor,
  eachMeasure,
  knownBefore,
  percentOfMeasure,
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
  /** How far the largest schools move in a year, and the smallest the other way, against the middle; in spreads. */
  sizeDrift: number;
  /** The scale grows as (forecast ÷ level) to this power. */
  levelPower: number;
  /** By how well a school is known: correction of the scale. */
  byHistory: Record<HistoryKind, { schools: number; factor: number }>;
  shape: ErrorShape;
};

/** Years known of a school. Where nothing is known of the year before the forecast, the others count as one. */
export type HistoryKind = 'none' | 'one' | 'two' | 'more';

const originsForErrors = 3;
const strongestPull = 0.5;
/** Weight, in schools, of "no different from the others" when a kind of history is judged apart. */
const schoolsForKind = 30;
/** Weight of "large schools move as small ones do": in schools within a year, and in years. */
const schoolsForDrift = 300;
const yearsForDrift = 2;
/** Of ranks spread evenly from −1 to 1. */
const meanSquareRank = 1 / 3;

type PastError = {
  /** Outcome less prediction, the shared shift taken out; last year's figure less prediction; both in spreads. */
  miss: number;
  towardsLastYear: number;
  sizeRank: number;
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
  const found = origins.flatMap((origin) => {
    const then = fitStructure(schoolType, histories, origin);
    if (!then) return [];
    return [pastErrors(then, histories, origin, levelsToJudgeBy(then, structure, origin))];
  });
  const learn = (measure: Measure) =>
    learnErrors(
      found.map((errors) => errors[measure]),
      origins,
    );
  return { overall: learn('overall'), persistent: learn('persistent') };
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
  const predict = deviationPredictor(structure, origin);
  const found: Record<Measure, PastError[]> = { overall: [], persistent: [] };
  for (const history of histories) {
    const outcome = history.years.find(({ year }) => year === origin);
    if (!outcome) continue;
    const prediction = predict(knownBefore(history, origin));
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
        sizeRank: prediction.sizeRank,
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
  if (known === 1 || prediction.measures[m].lastYear === undefined) return 'one';
  return known === 2 ? 'two' : 'more';
}

function learnErrors(byYear: readonly PastError[][], years: AcademicYear[]): ErrorModel {
  const errors = byYear.flat();
  const pull = leastAbsoluteSlope(
    errors.map(({ towardsLastYear, miss, weight }) => ({ x: towardsLastYear, y: miss, weight })),
  );
  const lastYearPull = Math.max(0, Math.min(strongestPull, pull));
  const unforeseen = ({ miss, towardsLastYear }: PastError) =>
    miss - lastYearPull * towardsLastYear;
  const sizeDrift = driftBySize(byYear, unforeseen);
  const own = Float64Array.from(
    errors,
    (error) => (unforeseen(error) - sizeDrift * error.sizeRank) / error.expected,
  );
  const levelPower = growthWithLevel(errors, own);
  errors.forEach(({ ratio }, index) => {
    own[index] = (own[index] as number) / ratio ** levelPower;
  });
  const weights = Float64Array.from(errors, ({ weight }) => weight);
  const factors = factorsByHistory(errors, own, weights);
  errors.forEach(({ kind }, index) => {
    own[index] = (own[index] as number) / factors[kind];
  });
  const ofKind = (kind: HistoryKind) => ({
    schools: errors.filter((error) => error.kind === kind).length,
    factor: factors[kind],
  });
  return {
    years,
    schools: errors.length,
    lastYearPull,
    sizeDrift,
    levelPower,
    byHistory: {
      none: ofKind('none'),
      one: ofKind('one'),
      two: ofKind('two'),
      more: ofKind('more'),
    },
    shape: errorShape(own, weights),
  };
}

/**
 * The slope of a year's errors on the rank by size, over the years on average: small schools have moved against large
 * ones for years on end. Shrunk, since a year's slope is one case however many schools make it.
 */
function driftBySize(
  byYear: readonly PastError[][],
  unforeseen: (error: PastError) => number,
): number {
  let slopes = 0;
  for (const errors of byYear) {
    let products = 0;
    let squares = 0;
    for (const error of errors) {
      if (error.kind === 'none') continue;
      products += error.sizeRank * clippedTo(clipSpreads, unforeseen(error));
      squares += error.sizeRank ** 2;
    }
    slopes += products / (squares + schoolsForDrift * meanSquareRank);
  }
  return slopes / (byYear.length + yearsForDrift);
}

/** Slope of log |error| on log ratio: 1 when errors are in proportion to the forecast, 0 when they do not depend on it. */
function growthWithLevel(errors: readonly PastError[], own: Float64Array): number {
  let n = 0;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  errors.forEach(({ ratio, weight, kind }, index) => {
    const size = Math.abs(own[index] as number);
    if (kind === 'none' || size < 1e-6) return;
    const x = Math.log(ratio);
    const y = Math.log(Math.max(0.02, size));
    n += weight;
    sx += weight * x;
    sy += weight * y;
    sxx += weight * x * x;
    sxy += weight * x * y;
  });
  const determinant = n * sxx - sx * sx;
  if (errors.length < 100 || !(determinant > 1e-9 * n * n)) return 0.5;
  return Math.max(0, Math.min(1.2, (n * sxy - sx * sy) / determinant));
}

/** Errors' 80 % reach by kind of history over that of all, shrunk; knowing less never counts as being surer. */
function factorsByHistory(
  errors: readonly PastError[],
  own: Float64Array,
  weights: Float64Array,
): Record<HistoryKind, number> {
  const size = own.map(Math.abs);
  const reach = (belongs: (kind: HistoryKind) => boolean) => {
    const some = errors.flatMap(({ kind }, index) => (belongs(kind) ? [index] : []));
    const [found] = weightedQuantiles(
      some.map((index) => size[index] as number),
      some.map((index) => weights[index] as number),
      [0.8],
    );
    return { schools: some.length, reach: found as number };
  };
  const all = reach(() => true);
  const of = (wanted: HistoryKind) => {
    const some = reach((kind) => kind === wanted);
    const ratio = some.schools > 0 ? some.reach / all.reach : 1;
    return (some.schools * ratio + schoolsForKind) / (some.schools + schoolsForKind);
  };
  const more = of('more');
  const two = Math.max(more, of('two'));
  const one = Math.max(two, of('one'));
  return { more, two, one, none: Math.max(one, of('none')) };
}
