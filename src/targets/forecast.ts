import { type AcademicYear, startYearOf, yearLabel } from '../base/academicYear.ts';
import { type Measure, measures } from '../base/measure.ts';
import { Refusal } from '../base/problem.ts';
import { type SchoolType, schoolTypePlural, schoolTypes } from '../base/schoolType.ts';
import { leastAbsoluteSlope } from '../stats/leastSquares.ts';
import { mean, weightedQuantiles } from '../stats/quantiles.ts';
import {
  type ErrorShape,
  errorShape,
  givenShift,
  type OutcomeDistribution,
  outcomeQuantile,
  probabilityAtOrBelowPercent,
} from './forecastDistribution.ts';
import { type SharedShift, sharedShift } from './forecastShift.ts';
import {
  type DeviationPrediction,
  fitStructure,
  knownBefore,
  type PerMeasure,
  perMeasure,
  percentOfMeasure,
  predictDeviation,
  type MeasurePrediction,
  type TypeStructure,
  type YearLevels,
} from './forecastStructure.ts';
import type { SchoolHistory } from './history.ts';

/**
 * The forecast of every school's absence in one year if nothing special happens, from what was known before that year
 * began: nothing of that year or later is read. Methods and measured results: docs/forecast.md.
 */
export type ForecastModel = {
  year: AcademicYear;
  types: Partial<Record<SchoolType, TypeModel>>;
};

export type TypeModel = {
  structure: TypeStructure;
  /** Level and spread taken for the forecast year: those of the last known year, unless `levelBorrowedFrom` says more. */
  level: PerMeasure;
  spread: PerMeasure;
  levelYear: AcademicYear;
  /** Set when the type's own last year is older than that of the other types, whose change since then is borrowed. */
  levelBorrowedTo: AcademicYear | undefined;
  measures: Record<Measure, MeasureModel>;
  /** In one or two sentences, what the forecasts of this type rest on. */
  restsOn: string;
};

export type MeasureModel = {
  shift: SharedShift;
  errors: ErrorModel;
};

/** How far forecasts were out in past years, each made from what was known before it. */
export type ErrorModel = {
  /** The years forecast in hindsight, and how many schools. */
  years: AcademicYear[];
  schools: number;
  /** How far the forecast goes from the best linear prediction towards last year's figure, 0–0.4. */
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
export const historyKinds = ['none', 'one', 'two', 'more', 'gap'] as const;
export type HistoryKind = (typeof historyKinds)[number];

export type SchoolForecast = { year: AcademicYear } & Record<Measure, MeasureForecast>;

/** All percentages are of sessions (overall) or of enrolments (persistent), 0–100, unrounded. */
export type MeasureForecast = {
  centralPercent: number;
  lower80Percent: number;
  upper80Percent: number;
  lower95Percent: number;
  upper95Percent: number;
  /** The same intervals were the shift that all schools share already known, and none: the school's own luck alone. */
  ownLuck: {
    lower80Percent: number;
    upper80Percent: number;
    lower95Percent: number;
    upper95Percent: number;
  };
  distribution: OutcomeDistribution;
  /** The shift that all schools of the type share, the same object for all of them. */
  shift: SharedShift;
  reasons: ForecastReasons;
};

/** The central forecast in parts: level + size + area + new school + own history = central. */
export type ForecastReasons = {
  levelPercent: number;
  levelYear: AcademicYear;
  sizePoints: number;
  areaPoints: number;
  /** What schools in their first known year have come out above others; 0 for all other schools. */
  newSchoolPoints: number;
  ownHistoryPoints: number;
  /** 0–1: of a point by which the school has lain above its like in every known year, how much the forecast keeps. */
  ownHistoryTrust: number;
  yearsUsed: AcademicYear[];
};

const originsForErrors = 3;
const strongestPull = 0.4;
/** Weight, in schools, of "no different from the others" when a kind of history is judged apart. */
const schoolsForKind = 30;

export function fitForecast(
  histories: readonly SchoolHistory[],
  year: AcademicYear,
): ForecastModel {
  const sorted = [...histories].sort((a, b) => a.urn - b.urn);
  const structures = schoolTypes.flatMap((schoolType) => {
    const ofType = sorted.filter((history) => history.schoolType === schoolType);
    const structure = fitStructure(schoolType, ofType, year);
    return structure ? [{ structure, ofType }] : [];
  });
  const types: ForecastModel['types'] = {};
  for (const { structure, ofType } of structures) {
    const others = structures.map((each) => each.structure).filter((each) => each !== structure);
    types[structure.schoolType] = fitType(structure, others, ofType, year);
  }
  return { year, types };
}

function fitType(
  structure: TypeStructure,
  others: readonly TypeStructure[],
  histories: readonly SchoolHistory[],
  year: AcademicYear,
): TypeModel {
  const last = structure.levels.at(-1) as YearLevels;
  const borrowed = borrowedChange(last, others);
  const level = [0, 1].map(
    (m) => (last.level[m] as number) * (borrowed?.level[m] ?? 1),
  ) as PerMeasure;
  const spread = perMeasure((m) => last.spread[m] + Math.max(0, borrowed?.spread[m] ?? 0));
  const levels: YearLevels[] = borrowed
    ? [...structure.levels, { ...last, year: borrowed.year, level, spread }]
    : structure.levels;
  const errors = fitErrors(structure.schoolType, histories, year, structure);
  return {
    structure,
    level,
    spread,
    levelYear: last.year,
    levelBorrowedTo: borrowed?.year,
    measures: {
      overall: { shift: sharedShift(levels, 0, level[0], year), errors: errors.overall },
      persistent: { shift: sharedShift(levels, 1, level[1], year), errors: errors.persistent },
    },
    restsOn: restsOn(structure, borrowed?.year, year),
  };
}

/** By how many points level and spread of the other types have changed since this type's last known year, on average. */
function borrowedChange(last: YearLevels, others: readonly TypeStructure[]) {
  const changes = others.flatMap(({ levels }) => {
    const then = levels.find(({ year }) => year === last.year);
    const now = levels.at(-1);
    return then && now && now.year > last.year ? [{ then, now }] : [];
  });
  if (changes.length === 0) return undefined;
  const meanChange = (of: (levels: YearLevels) => PerMeasure) =>
    perMeasure((m) => mean(changes.map(({ then, now }) => of(now)[m] - of(then)[m])));
  return {
    year: Math.max(...changes.map(({ now }) => now.year)),
    level: meanChange(({ level }) => level),
    spread: meanChange(({ spread }) => spread),
  };
}

function restsOn(
  structure: TypeStructure,
  borrowedTo: AcademicYear | undefined,
  year: AcademicYear,
): string {
  const plural = schoolTypePlural[structure.schoolType];
  const full = structure.levels.filter(({ sampled }) => !sampled).map((each) => each.year);
  const sampled = structure.levels.filter((each) => each.sampled);
  const parts = [`Rests on the absence of ${plural} in ${listOfYears(full)}`];
  if (sampled.length > 0) {
    const schools = Math.max(...sampled.map((each) => each.schools));
    parts.push(
      ` and on a sample of ${schools} of them in ${listOfYears(sampled.map((each) => each.year))}`,
    );
  }
  const lastYear = structure.levels.at(-1)?.year as AcademicYear;
  const missing = startYearOf(year) - startYearOf(lastYear) - 1;
  if (borrowedTo !== undefined)
    parts.push(
      `; nothing is known of ${plural} after ${yearLabel(lastYear)}, so they are taken to have changed as the other types did until ${yearLabel(borrowedTo)}`,
    );
  else if (missing > 0) parts.push(`; the ${missing} years before the forecast are not known`);
  return `${parts.join('')}.`;
}

function listOfYears(years: readonly AcademicYear[]): string {
  const runs: AcademicYear[][] = [];
  for (const year of years) {
    const run = runs.at(-1);
    if (run && startYearOf(run.at(-1) as number) + 1 === startYearOf(year)) run.push(year);
    else runs.push([year]);
  }
  return runs
    .map((run) => {
      const first = yearLabel(run[0] as number);
      return run.length > 1 ? `${first} to ${yearLabel(run.at(-1) as number)}` : first;
    })
    .join(', ');
}

// ---- how far forecasts were out ------------------------------------------------------------------------------------

type PastError = {
  origin: number;
  /** Outcome less prediction, the shared shift taken out; last year's figure less prediction; both in spreads. */
  miss: number;
  towardsLastYear: number;
  deviation: number;
  kind: HistoryKind;
  /** Standard deviation expected by the structure, in spreads. */
  expected: number;
  /** (predicted percent ÷ level), within bounds. */
  ratio: number;
  weight: number;
};

/** Forecasts the last few known years again, each from the years before it, and learns from the misses. */
function fitErrors(
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
    const found = pastErrors(then, histories, origin);
    for (const measure of measures) errors[measure].push(...found[measure]);
  }
  return {
    overall: learnErrors(errors.overall, origins),
    persistent: learnErrors(errors.persistent, origins),
  };
}

function pastErrors(
  structure: TypeStructure,
  histories: readonly SchoolHistory[],
  origin: AcademicYear,
): Record<Measure, PastError[]> {
  const last = structure.levels.at(-1) as YearLevels;
  const found: Record<Measure, PastError[]> = { overall: [], persistent: [] };
  for (const history of histories) {
    const outcome = history.years.find(({ year }) => year === origin);
    if (!outcome) continue;
    const prediction = predictDeviation(structure, knownBefore(history, origin), origin);
    measures.forEach((measure, m) => {
      const percent = percentOfMeasure(outcome, measure);
      if (percent === null) return;
      const level = last.level[m] as number;
      const spread = last.spread[m] as number;
      const { deviation, variance, lastYear } = prediction.measures[m] as MeasurePrediction;
      found[measure].push({
        origin,
        miss: (percent - level) / spread - deviation,
        towardsLastYear: lastYear === undefined ? 0 : lastYear - deviation,
        deviation,
        kind: kindOf(prediction, m as 0 | 1),
        expected: Math.sqrt(variance),
        ratio: levelRatio(level + spread * deviation, level),
        weight: 0,
      });
    });
  }
  for (const measure of measures) takeOutShift(found[measure]);
  return found;
}

function levelRatio(percent: number, level: number): number {
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

function kindOf(prediction: DeviationPrediction, m: 0 | 1): HistoryKind {
  const known = prediction.yearsUsed.length;
  if (known === 0) return 'none';
  if (prediction.measures[m]?.lastYear === undefined) return 'gap';
  return known === 1 ? 'one' : known === 2 ? 'two' : 'more';
}

function learnErrors(errors: readonly PastError[], origins: AcademicYear[]): ErrorModel {
  const pull = leastAbsoluteSlope(
    errors.map(({ towardsLastYear, miss, weight }) => ({ x: towardsLastYear, y: miss, weight })),
  );
  const lastYearPull = Math.max(0, Math.min(strongestPull, pull));
  const newSchoolsAbove = aboveWhenNew(errors);
  const standardised = errors.map((error) => ({
    ...error,
    error:
      (error.miss -
        lastYearPull * error.towardsLastYear -
        (error.kind === 'none' ? newSchoolsAbove : 0)) /
      error.expected,
  }));
  const levelPower = growthWithLevel(standardised);
  const scaled = standardised.map((each) => ({
    ...each,
    error: each.error / each.ratio ** levelPower,
  }));
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
  const sum = some.reduce((total, { miss }) => total + clipped(miss), 0);
  return sum / (some.length + schoolsForKind);
}

function clipped(spreads: number): number {
  return Math.max(-4, Math.min(4, spreads));
}

type Standardised = PastError & { error: number };

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

// ---- one school ----------------------------------------------------------------------------------------------------

/**
 * @throws Refusal `not-ready` when no school of its type is known in any earlier year: there is no level to start from.
 */
export function forecastSchool(model: ForecastModel, history: SchoolHistory): SchoolForecast {
  const type = model.types[history.schoolType];
  if (!type)
    throw new Refusal(
      'not-ready',
      `No ${schoolTypePlural[history.schoolType]} are known before ${yearLabel(model.year)}; import a school-level absence file of an earlier year.`,
    );
  const prediction = predictDeviation(type.structure, knownBefore(history, model.year), model.year);
  return {
    year: model.year,
    overall: forecastMeasure(type, prediction, 0),
    persistent: forecastMeasure(type, prediction, 1),
  };
}

function forecastMeasure(
  type: TypeModel,
  prediction: DeviationPrediction,
  m: 0 | 1,
): MeasureForecast {
  const { shift, errors } = type.measures[measures[m] as Measure];
  const level = type.level[m];
  const spread = type.spread[m];
  const own = prediction.measures[m] as MeasurePrediction;
  const pull =
    own.lastYear === undefined ? 0 : errors.lastYearPull * (own.lastYear - own.deviation);
  const usual = prediction.usualForSize[m] + prediction.usualForArea[m];
  const kind = kindOf(prediction, m);
  const above = kind === 'none' ? errors.newSchoolsAbove : 0;
  const centralPercent = bounded(level + spread * (own.deviation + pull + above));
  const scalePoints =
    spread *
    Math.sqrt(own.variance) *
    levelRatio(level + spread * own.deviation, level) ** errors.levelPower *
    errors.byHistory[kind].factor;
  const distribution: OutcomeDistribution = {
    centrePercent: centralPercent,
    scalePoints,
    shiftScalePoints: shift.scalePoints,
    shape: errors.shape,
  };
  const kept = own.lastYear === undefined ? 0 : errors.lastYearPull;
  return {
    centralPercent,
    ...intervalsOf(distribution),
    ownLuck: intervalsOf(givenShift(distribution, 0)),
    distribution,
    shift,
    reasons: {
      levelPercent: level,
      levelYear: type.levelYear,
      sizePoints: spread * prediction.usualForSize[m],
      areaPoints: spread * prediction.usualForArea[m],
      newSchoolPoints: spread * above,
      ownHistoryPoints: centralPercent - level - spread * (usual + above),
      ownHistoryTrust: Math.max(0, Math.min(1, (1 - kept) * own.trust + kept)),
      yearsUsed: prediction.yearsUsed,
    },
  };
}

function bounded(percent: number): number {
  return Math.max(0, Math.min(100, percent));
}

function intervalsOf(distribution: OutcomeDistribution) {
  return {
    lower80Percent: outcomeQuantile(distribution, 0.1),
    upper80Percent: outcomeQuantile(distribution, 0.9),
    lower95Percent: outcomeQuantile(distribution, 0.025),
    upper95Percent: outcomeQuantile(distribution, 0.975),
  };
}

/** Probability (0–1) that the school comes out at or below `percent`, the shift all schools share included. */
export function probabilityAtOrBelow(forecast: MeasureForecast, percent: number): number {
  return probabilityAtOrBelowPercent(forecast.distribution, percent);
}
