import { type AcademicYear, yearsAfter } from '../base/academicYear.ts';
import { type Measure, measures } from '../base/measure.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { leastAbsoluteSlope } from '../stats/leastSquares.ts';
import { mean, weightedQuantiles } from '../stats/quantiles.ts';
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
  /** Corrections of the scale: by enrolments, by how surprising the last year was, by how well a school is known. */
  bySize: ScaleCurve;
  bySurprise: ScaleCurve;
  byHistory: Record<HistoryKind, { schools: number; factor: number }>;
  shape: ErrorShape;
};

/**
 * Years known of a school. Where nothing is known of the year before the forecast, the others count as one. `few`: two to
 * four, where the record is longer, so the school is new or has gaps.
 */
export type HistoryKind = 'none' | 'one' | 'few' | 'settled';

/** A factor that changes evenly between its points and stays beyond them. In order of `at`. */
export type ScaleCurve = { at: number; schools: number; factor: number }[];

export function onCurve(curve: ScaleCurve, at: number): number {
  const above = curve.findIndex((point) => point.at > at);
  if (curve.length === 0 || Number.isNaN(at)) return 1;
  if (above === 0) return (curve[0] as ScaleCurve[number]).factor;
  const low = curve[(above < 0 ? curve.length : above) - 1] as ScaleCurve[number];
  if (above < 0) return low.factor;
  const high = curve[above] as ScaleCurve[number];
  return low.factor + ((at - low.at) / (high.at - low.at)) * (high.factor - low.factor);
}

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
  logEnrolments: number;
  surprise: number;
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
    return [pastErrors(then, structure, histories, origin)];
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

/** What was foretold then is judged by how sure the structure of now would have been: surer with every year of record, or not. */
function pastErrors(
  then: TypeStructure,
  now: TypeStructure,
  histories: readonly SchoolHistory[],
  origin: AcademicYear,
): Record<Measure, PastError[]> {
  const levels = levelsToJudgeBy(then, now, origin);
  const predict = deviationPredictor(then, origin);
  const predictNow = deviationPredictor(now, origin);
  const found: Record<Measure, PastError[]> = { overall: [], persistent: [] };
  for (const history of histories) {
    const outcome = history.years.find(({ year }) => year === origin);
    if (!outcome) continue;
    const known = knownBefore(history, origin);
    const prediction = predict(known);
    const sure = predictNow(known);
    for (const m of eachMeasure) {
      const measure = measures[m];
      const percent = percentOfMeasure(outcome, measure);
      if (percent === null) continue;
      const level = levels.level[m];
      const spread = levels.spread[m];
      const { deviation, lastYear } = prediction.measures[m];
      const { variance } = sure.measures[m];
      found[measure].push({
        miss: (percent - level) / spread - deviation,
        towardsLastYear: lastYear === undefined ? 0 : lastYear - deviation,
        sizeRank: prediction.sizeRank,
        logEnrolments: known.logEnrolments ?? Number.NaN,
        surprise: surpriseOf(lastYear, deviation, variance),
        kind: kindOf(then, prediction, m),
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

const fewYears = 4;

export function kindOf(
  { levels }: TypeStructure,
  { yearsUsed, measures: own }: DeviationPrediction,
  m: 0 | 1,
): HistoryKind {
  const known = yearsUsed.length;
  if (known === 0) return 'none';
  if (own[m].lastYear === undefined) return 'one';
  if (known >= levels.length || known > fewYears) return 'settled';
  return known === 1 ? 'one' : 'few';
}

/** How far last year lies from what all years together say, in standard errors of the forecast; NaN when not known. */
export function surpriseOf(
  lastYear: number | undefined,
  deviation: number,
  variance: number,
): number {
  return lastYear === undefined ? Number.NaN : Math.abs(lastYear - deviation) / Math.sqrt(variance);
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
  const curve = (ends: number[], valueOf: (error: PastError) => number): ScaleCurve => {
    const found = scaleCurve(errors.map(valueOf), own, weights, ends);
    errors.forEach((error, index) => {
      own[index] = (own[index] as number) / onCurve(found, valueOf(error));
    });
    return found;
  };
  const bySize = curve(sizeEnds, (error) => error.logEnrolments);
  const bySurprise = curve(surpriseEnds, (error) => error.surprise);
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
    bySize,
    bySurprise,
    byHistory: {
      none: ofKind('none'),
      one: ofKind('one'),
      few: ofKind('few'),
      settled: ofKind('settled'),
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
    const ratio = some.schools > 0 && all.reach > 0 ? some.reach / all.reach : 1;
    return (some.schools * ratio + schoolsForKind) / (some.schools + schoolsForKind);
  };
  const settled = of('settled');
  const few = Math.max(settled, of('few'));
  const one = Math.max(few, of('one'));
  return { settled, few, one, none: Math.max(one, of('none')) };
}

/** Where classes end, as shares of the schools: narrow where errors change most. */
const sizeEnds = [0.01, 0.03, 0.06, 0.12, 0.25, 0.5, 0.75, 0.9, 1];
const surpriseEnds = [0.5, 0.75, 0.9, 0.96, 0.985, 0.995, 1];
const fewestForPoint = 50;

/** The 80 % reach of errors in classes by a value over that of all, shrunk. */
function scaleCurve(
  values: readonly number[],
  own: Float64Array,
  weights: Float64Array,
  ends: readonly number[],
): ScaleCurve {
  const order = [...values.keys()]
    .filter((index) => !Number.isNaN(values[index]))
    .sort((a, b) => (values[a] as number) - (values[b] as number));
  const reachOf = (some: readonly number[]) =>
    weightedQuantiles(
      some.map((index) => Math.abs(own[index] as number)),
      some.map((index) => weights[index] as number),
      [0.8],
    )[0] as number;
  if (order.length < 2 * fewestForPoint) return [];
  const all = reachOf(order);
  const curve: ScaleCurve = [];
  let from = 0;
  for (const end of ends) {
    const to = Math.floor(end * order.length);
    if (to - from < fewestForPoint) continue;
    const some = order.slice(from, to);
    from = to;
    curve.push({
      at: mean(some.map((index) => values[index] as number)),
      schools: some.length,
      factor:
        (some.length * (reachOf(some) / all) + schoolsForKind) / (some.length + schoolsForKind),
    });
  }
  return curve;
}
