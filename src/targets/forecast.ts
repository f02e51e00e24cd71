import { type AcademicYear, startYearOf, yearLabel } from '../base/academicYear.ts';
import { type Measure, measures } from '../base/measure.ts';
import { Refusal } from '../base/problem.ts';
import { type SchoolType, schoolTypePlural, schoolTypes } from '../base/schoolType.ts';
import { mean } from '../stats/quantiles.ts';
import {
  givenShift,
  type OutcomeDistribution,
  outcomeQuantile,
  probabilityAtOrBelowPercent,
} from './forecastDistribution.ts';
import {
  type ErrorModel,
  fitErrors,
  kindOf,
  levelRatio,
  onCurve,
  surpriseOf,
} from './forecastErrors.ts';
import {
  type DeviationPrediction,
  deviationPredictor,
  type Known,
  knownBefore,
  type PerMeasure,
  perMeasure,
  type TypeStructure,
  type YearLevels,
} from './forecastPrediction.ts';
import { type SharedShift, sharedShift } from './forecastShift.ts';
import { fitStructure } from './forecastStructure.ts';
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
  /** What the structure says of a school in the forecast year, before anything was learned from past errors. */
  predict: (school: Known) => DeviationPrediction;
  /** Level and spread taken for the forecast year: those of the last known year, unless `levelBorrowedTo` says more. */
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

/** The central forecast in parts: level + size + area + own history = central. */
export type ForecastReasons = {
  levelPercent: number;
  levelYear: AcademicYear;
  sizePoints: number;
  areaPoints: number;
  ownHistoryPoints: number;
  /** 0–1: of a point by which the school has lain above its like in every known year, how much the forecast keeps. */
  ownHistoryTrust: number;
  yearsUsed: AcademicYear[];
};

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
  const level = perMeasure((m) => last.level[m] + (borrowed?.level[m] ?? 0));
  const spread = perMeasure((m) => last.spread[m] + Math.max(0, borrowed?.spread[m] ?? 0));
  const levels: YearLevels[] = borrowed
    ? [...structure.levels, { ...last, year: borrowed.year, level, spread }]
    : structure.levels;
  const errors = fitErrors(structure.schoolType, histories, year, structure);
  return {
    structure,
    predict: deviationPredictor(structure, year),
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
    const start = levels.find(({ year }) => year === last.year);
    const end = levels.at(-1);
    return start && end && end.year > last.year ? [{ start, end }] : [];
  });
  if (changes.length === 0) return undefined;
  const meanChange = (of: (levels: YearLevels) => PerMeasure) =>
    perMeasure((m) => mean(changes.map(({ start, end }) => of(end)[m] - of(start)[m])));
  return {
    year: Math.max(...changes.map(({ end }) => end.year)),
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
      ` and on a sample of ${schools.toLocaleString('en-GB')} of them in ${listOfYears(sampled.map((each) => each.year))}`,
    );
  }
  const lastYear = structure.levels.at(-1)?.year as AcademicYear;
  const missing = startYearOf(year) - startYearOf(lastYear) - 1;
  if (borrowedTo !== undefined)
    parts.push(
      `; nothing is known of ${plural} after ${yearLabel(lastYear)}, so they are taken to have changed as the other types did until ${yearLabel(borrowedTo)}`,
    );
  else if (missing > 0)
    parts.push(
      missing === 1
        ? '; the year before the forecast is not known'
        : `; the ${missing} years before the forecast are not known`,
    );
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
  const prediction = type.predict(knownBefore(history, model.year));
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
  const own = prediction.measures[m];
  const pull =
    own.lastYear === undefined ? 0 : errors.lastYearPull * (own.lastYear - own.deviation);
  const drift = errors.sizeDrift * prediction.sizeRank;
  const sizePoints = spread * (prediction.usualForSize[m] + drift);
  const areaPoints = spread * prediction.usualForArea[m];
  const centralPercent = bounded(level + spread * (own.deviation + pull + drift));
  const scalePoints =
    spread *
    Math.sqrt(own.variance) *
    levelRatio(level + spread * own.deviation, level) ** errors.levelPower *
    onCurve(errors.bySize, prediction.logEnrolments ?? Number.NaN) *
    onCurve(errors.bySurprise, surpriseOf(own.lastYear, own.deviation, own.variance)) *
    errors.byHistory[kindOf(type.structure, prediction, m)].factor;
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
      sizePoints,
      areaPoints,
      ownHistoryPoints: centralPercent - level - sizePoints - areaPoints,
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
