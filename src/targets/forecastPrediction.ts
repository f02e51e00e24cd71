import { type AcademicYear, startYearOf } from '../base/academicYear.ts';
import { type Measure, measures } from '../base/measure.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { bestLinearPredictor } from '../stats/bestLinearPrediction.ts';
import type { SchoolHistory, SchoolYear } from './history.ts';

/**
 * What the past says about schools of one type: the level and spread of every year, how a school's deviation from the
 * level divides into a lasting part, a wandering part that fades and the luck of one year, and what is usual in each
 * authority. From it a school's deviation in any year follows as the best linear prediction from what is known of it.
 */
export type TypeStructure = {
  schoolType: SchoolType;
  levels: YearLevels[];
  /** By size of school, smallest first; in between, they are read off a straight line in log enrolments. */
  sizeClasses: SizeClass[];
  /** Share of the wandering part that is still there a year later. */
  keptPerYear: number;
  /** How far an authority's schools usually lie from the type's, in spreads, after shrinking. By LA code. */
  areaDeviation: Record<string, PerMeasure>;
};

/** One number for each measure, overall first. */
export type PerMeasure = [overall: number, persistent: number];

export function perMeasure(value: (m: 0 | 1) => number): PerMeasure {
  return [value(0), value(1)];
}

export const eachMeasure = [0, 1] as const;

/** Variances and the covariance of the two measures. */
export type Covariance = [PerMeasure, PerMeasure];

export type YearLevels = {
  year: AcademicYear;
  /** Schools with a known year. */
  schools: number;
  /** True when only a sample of the schools is known: level and spread are then those of all schools, inferred. */
  sampled: boolean;
  /** Mean over schools, percent; and the standard deviation between schools, points. */
  level: PerMeasure;
  spread: PerMeasure;
};

export type SizeClass = {
  logEnrolments: number;
  /** Mean deviation of the class in each of the full years, in spreads. */
  usual: { year: AcademicYear; deviation: PerMeasure }[];
  /** Variances of the three parts of a deviation, in spreads squared. */
  lasting: Covariance;
  wandering: Covariance;
  passing: Covariance;
};

export function percentOfMeasure(year: SchoolYear, measure: Measure): number | null {
  return measure === 'overall' ? year.absencePercent : year.persistentPercent;
}

/**
 * Drawing a school towards the average is biased against whatever keeps it apart for good and the model does not see,
 * above all its intake. Once three years are known, lasting deviations of persistent absence are allowed this many times
 * the variance found: it halves the bias between fifths of free school meals and costs 0.5 % in absolute error.
 */
const lastingAllowance: PerMeasure = [1, 3];
const yearsForAllowance = 3;

/** What is known of a school before a year. */
export type Known = {
  laCode: string;
  /** Log of the latest known enrolments; undefined when none are known. */
  logEnrolments: number | undefined;
  years: SchoolYear[];
};

export function knownBefore(history: SchoolHistory, before: AcademicYear): Known {
  const years = history.years.filter(({ year }) => year < before);
  const enrolments = years.findLast((year) => (year.enrolments ?? 0) > 0)?.enrolments;
  return {
    laCode: history.laCode,
    logEnrolments: enrolments ? Math.log(enrolments) : undefined,
    years,
  };
}

export function sizeClassOf(
  structure: TypeStructure,
  logEnrolments: number | undefined,
): SizeClass {
  const classes = structure.sizeClasses;
  const middle = classes[Math.floor(classes.length / 2)] as SizeClass;
  if (logEnrolments === undefined) return middle;
  const above = classes.findIndex((each) => each.logEnrolments > logEnrolments);
  if (above === 0) return classes[0] as SizeClass;
  if (above < 0) return classes.at(-1) as SizeClass;
  const low = classes[above - 1] as SizeClass;
  const high = classes[above] as SizeClass;
  const share = (logEnrolments - low.logEnrolments) / (high.logEnrolments - low.logEnrolments);
  const mix = (a: PerMeasure, b: PerMeasure) => perMeasure((m) => a[m] + share * (b[m] - a[m]));
  const mixed = (a: Covariance, b: Covariance): Covariance => [mix(a[0], b[0]), mix(a[1], b[1])];
  return {
    logEnrolments,
    usual: low.usual.map(({ year, deviation }, index) => ({
      year,
      deviation: mix(deviation, high.usual[index]?.deviation as PerMeasure),
    })),
    lasting: mixed(low.lasting, high.lasting),
    wandering: mixed(low.wandering, high.wandering),
    passing: mixed(low.passing, high.passing),
  };
}

/** What is usual for the size in a year; for a year that is not among the full ones, in the last full one before it. */
export function usualIn({ usual }: SizeClass, year: AcademicYear): PerMeasure {
  const known = usual.findLast((each) => each.year <= year) ?? usual[0];
  return known?.deviation ?? [0, 0];
}

export type DeviationPrediction = {
  yearsUsed: AcademicYear[];
  /** Of the size of school, and of the authority: where a school stands of which nothing is known, in spreads. */
  usualForSize: PerMeasure;
  usualForArea: PerMeasure;
  measures: [MeasurePrediction, MeasurePrediction];
};

export type MeasurePrediction = {
  /** Predicted deviation from the level of the year, in spreads, and its variance, in spreads squared. */
  deviation: number;
  variance: number;
  /** What one spread above the usual in every known year and both measures would add to the prediction. */
  trust: number;
  /** Deviation in the year just before, when known. */
  lastYear: number | undefined;
};

/** The best linear prediction of a school's deviation in `year` from all that is known of it before. */
export function predictDeviation(
  structure: TypeStructure,
  school: Known,
  year: AcademicYear,
): DeviationPrediction {
  const size = sizeClassOf(structure, school.logEnrolments);
  const area = structure.areaDeviation[school.laCode] ?? [0, 0];
  const usual = usualIn(size, year);
  const observed = observe(structure, school, year, size, area);
  const count = observed.value.length;
  const target = startYearOf(year);
  const predict = (m: 0 | 1): MeasurePrediction => {
    const allowance = observed.years.length >= yearsForAllowance ? lastingAllowance[m] : 1;
    const between = covarianceByLag(size, allowance, structure.keptPerYear, observed.time, target);
    const covariance = new Float64Array(count * count);
    const withTarget = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const time = observed.time[i] as number;
      const measure = observed.measure[i] as 0 | 1;
      for (let j = 0; j <= i; j++) {
        const lag = Math.abs(time - (observed.time[j] as number));
        covariance[i * count + j] =
          between(measure, observed.measure[j] as 0 | 1, lag) + (i === j ? 1e-6 : 0);
      }
      withTarget[i] = between(m, measure, target - time);
    }
    const { weights, explainedVariance } = bestLinearPredictor(covariance, count, withTarget);
    let deviation = usual[m] + area[m];
    let trust = 0;
    for (let i = 0; i < count; i++) {
      deviation += (weights[i] as number) * (observed.value[i] as number);
      trust += weights[i] as number;
    }
    const variance = Math.max(1e-4, between(m, m, 0) - explainedVariance);
    return { deviation, variance, trust, lastYear: observed.lastYear[m] };
  };
  return {
    yearsUsed: observed.years,
    usualForSize: usual,
    usualForArea: area,
    measures: [predict(0), predict(1)],
  };
}

/** Covariance of two measures of a school so many years apart, from a table of every lag that can occur. */
function covarianceByLag(
  size: SizeClass,
  allowance: number,
  kept: number,
  times: readonly number[],
  target: number,
): (first: 0 | 1, second: 0 | 1, lag: number) => number {
  const longest = target - Math.min(target, ...times);
  const table = new Float64Array((longest + 1) * 4);
  let fading = 1;
  for (let lag = 0; lag <= longest; lag++) {
    for (const m of eachMeasure)
      for (const n of eachMeasure)
        table[4 * lag + 2 * m + n] =
          allowance * size.lasting[m][n] +
          fading * size.wandering[m][n] +
          (lag === 0 ? size.passing[m][n] : 0);
    fading *= kept;
  }
  return (first, second, lag) => table[4 * lag + 2 * first + second] as number;
}

function observe(
  structure: TypeStructure,
  school: Known,
  before: AcademicYear,
  size: SizeClass,
  area: PerMeasure,
) {
  const measure: (0 | 1)[] = [];
  const time: number[] = [];
  const value: number[] = [];
  const years: AcademicYear[] = [];
  const lastYear: [number | undefined, number | undefined] = [undefined, undefined];
  for (const known of school.years) {
    if (known.year >= before) continue;
    const levels = structure.levels.find((each) => each.year === known.year);
    if (!levels) continue;
    years.push(known.year);
    const start = startYearOf(known.year);
    const usual = usualIn(size, known.year);
    for (const m of eachMeasure) {
      const percent = percentOfMeasure(known, measures[m]);
      if (percent === null) continue;
      const deviation = (percent - levels.level[m]) / levels.spread[m];
      measure.push(m);
      time.push(start);
      value.push(deviation - usual[m] - area[m]);
      if (start === startYearOf(before) - 1) lastYear[m] = deviation;
    }
  }
  return { measure, time, value, years, lastYear };
}

export function clippedTo(limit: number, deviation: number): number {
  return Math.max(-limit, Math.min(limit, deviation));
}
