import { type AcademicYear, startYearOf, yearsAfter } from '../base/academicYear.ts';
import { type Measure, measures } from '../base/measure.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { bestLinearPredictor } from '../stats/bestLinearPrediction.ts';
import type { SchoolHistory, SchoolYear } from './history.ts';

/**
 * What the past says about schools of one type: the level and spread of every year, and how a school's deviation from
 * the level divides into a lasting part, a wandering part that fades and the luck of one year, and what is usual in each
 * authority. From it a school's deviation in any year follows as the best linear prediction from what is known of it.
 */
export type TypeStructure = {
  schoolType: SchoolType;
  levels: YearLevels[];
  /**
   * Later years that only some schools’ own registers tell. Nothing is learned from them of all schools: in them a school is
   * seen against the last level known.
   */
  carried: YearLevels[];
  /** The smallest first; a school in between two is predicted by both, in proportion. */
  sizeClasses: SizeClass[];
  /** Share of the wandering part that is still there a year later. */
  keptPerYear: number;
  /** How far an authority's schools usually lie from others of their size, in spreads, after shrinking. By LA code. */
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
  /** Place among the schools by size: −1 the smallest, 1 the largest. */
  rank: number;
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
  /** Of the latest known enrolments; undefined when none are known. */
  logEnrolments: number | undefined;
  years: readonly SchoolYear[];
};

export function knownBefore(history: SchoolHistory, before: AcademicYear): Known {
  const all = history.years;
  const later = all.findIndex(({ year }) => year >= before);
  const years = later < 0 ? all : all.slice(0, later);
  const latest = years.findLast(({ enrolments }) => enrolments !== null && enrolments > 0);
  return {
    laCode: history.laCode,
    logEnrolments: latest ? Math.log(latest.enrolments as number) : undefined,
    years,
  };
}

/** Between which two classes of size a school lies, and how near to the second (0–1); the middle one if not known. */
function placeBySize(sizeClasses: readonly SizeClass[], logEnrolments: number | undefined) {
  const last = sizeClasses.length - 1;
  const inside = (only: number) => ({ low: only, high: only, share: 0 });
  if (logEnrolments === undefined) return inside(Math.ceil(last / 2));
  const above = sizeClasses.findIndex((each) => each.logEnrolments > logEnrolments);
  if (above < 0) return inside(last);
  if (above === 0) return inside(0);
  const from = sizeClasses[above - 1]?.logEnrolments as number;
  const to = sizeClasses[above]?.logEnrolments as number;
  return { low: above - 1, high: above, share: (logEnrolments - from) / (to - from) };
}

function between(low: number, high: number, share: number): number {
  return low + share * (high - low);
}

/** What is usual for the size in a year; for a year that is not among the full ones, in the last full one before it. */
function usualIn({ usual }: SizeClass, year: AcademicYear): PerMeasure {
  const known = usual.findLast((each) => each.year <= year) ?? usual[0];
  return known?.deviation ?? [0, 0];
}

/** What is usual for a size of school in a year, in spreads. */
export function usualForSize(
  sizeClasses: readonly SizeClass[],
  logEnrolments: number | undefined,
  year: AcademicYear,
): PerMeasure {
  const { low, high, share } = placeBySize(sizeClasses, logEnrolments);
  const one = usualIn(sizeClasses[low] as SizeClass, year);
  const other = usualIn(sizeClasses[high] as SizeClass, year);
  return perMeasure((m) => between(one[m], other[m], share));
}

export type DeviationPrediction = {
  yearsUsed: AcademicYear[];
  logEnrolments: number | undefined;
  /** From −1 for the smallest schools to 1 for the largest. */
  sizeRank: number;
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

/**
 * The best linear prediction of schools' deviations in `year` from all that is known of each before. What every known
 * year counts for depends only on the class of size and on which years are known, and is worked out once for each.
 */
export function deviationPredictor(
  structure: TypeStructure,
  year: AcademicYear,
): (school: Known) => DeviationPrediction {
  const { sizeClasses, areaDeviation } = structure;
  const seen = [...structure.levels, ...structure.carried];
  const indexOf = new Map(seen.map((levels, index) => [levels.year, index]));
  const weightings = new Map<string, Weighting>();
  const weightingIn = (sizeIndex: number, observed: Observed) => {
    const key = `${sizeIndex} ${observed.pattern[0]} ${observed.pattern[1]}`;
    let weighting = weightings.get(key);
    if (!weighting) {
      weighting = weigh(structure, sizeClasses[sizeIndex] as SizeClass, observed, year);
      weightings.set(key, weighting);
    }
    return weighting;
  };

  return (school) => {
    const { low, high, share } = placeBySize(sizeClasses, school.logEnrolments);
    const area = areaDeviation[school.laCode] ?? [0, 0];
    const observed = observe(seen, indexOf, school, year, area);
    const one = weightingIn(low, observed);
    const other = weightingIn(high, observed);
    const predict = (m: 0 | 1): MeasurePrediction => ({
      deviation:
        area[m] + between(weightedSum(one[m], observed), weightedSum(other[m], observed), share),
      variance: between(one[m].variance, other[m].variance, share),
      trust: between(one[m].trust, other[m].trust, share),
      lastYear: observed.lastYear[m],
    });
    return {
      yearsUsed: observed.years,
      logEnrolments: school.logEnrolments,
      sizeRank: between(
        (sizeClasses[low] as SizeClass).rank,
        (sizeClasses[high] as SizeClass).rank,
        share,
      ),
      usualForSize: perMeasure((m) => between(one[m].usual, other[m].usual, share)),
      usualForArea: area,
      measures: [predict(0), predict(1)],
    };
  };
}

/** One after the other: which measure of which year is known, and how far it lies from the usual of the area, in spreads. */
type Observed = {
  measure: (0 | 1)[];
  year: AcademicYear[];
  value: number[];
  years: AcademicYear[];
  /** Which years are known of each measure, as the bits of a number. */
  pattern: PerMeasure;
  lastYear: [number | undefined, number | undefined];
};

function observe(
  levels: readonly YearLevels[],
  indexOf: ReadonlyMap<AcademicYear, number>,
  school: Known,
  before: AcademicYear,
  area: PerMeasure,
): Observed {
  const observed: Observed = {
    measure: [],
    year: [],
    value: [],
    years: [],
    pattern: [0, 0],
    lastYear: [undefined, undefined],
  };
  for (const known of school.years) {
    const index = known.year < before ? indexOf.get(known.year) : undefined;
    if (index === undefined) continue;
    observed.years.push(known.year);
    const { level, spread } = levels[index] as YearLevels;
    for (const m of eachMeasure) {
      const percent = percentOfMeasure(known, measures[m]);
      if (percent === null) continue;
      const deviation = (percent - level[m]) / spread[m];
      observed.measure.push(m);
      observed.year.push(known.year);
      observed.value.push(deviation - area[m]);
      observed.pattern[m] += 2 ** index;
      if (yearsAfter(known.year, 1) === before) observed.lastYear[m] = deviation;
    }
  }
  return observed;
}

/** For one class of size and pattern of known years: what a school's deviations count for in the prediction. */
type Weighting = [MeasureWeighting, MeasureWeighting];

type MeasureWeighting = {
  weights: Float64Array;
  /** What is usual for the size in the year predicted; and less what the weights make of the usual of every known year. */
  usual: number;
  constant: number;
  variance: number;
  trust: number;
};

function weightedSum({ constant, weights }: MeasureWeighting, { value }: Observed): number {
  let sum = constant;
  for (let i = 0; i < weights.length; i++) sum += (weights[i] as number) * (value[i] as number);
  return sum;
}

function weigh(
  { keptPerYear }: TypeStructure,
  size: SizeClass,
  observed: Observed,
  year: AcademicYear,
): Weighting {
  const times = observed.year.map(startYearOf);
  const usual = observed.year.map((known, i) => usualIn(size, known)[observed.measure[i] as 0 | 1]);
  const settled = observed.years.length >= yearsForAllowance;
  const count = times.length;
  const weighMeasure = (m: 0 | 1): MeasureWeighting => {
    const allowance = settled ? lastingAllowance[m] : 1;
    const covarianceOf = (one: 0 | 1, other: 0 | 1, lag: number) =>
      allowance * size.lasting[one][other] +
      keptPerYear ** lag * size.wandering[one][other] +
      (lag === 0 ? size.passing[one][other] : 0);
    const covariance = new Float64Array(count * count);
    const withTarget = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const time = times[i] as number;
      const own = observed.measure[i] as 0 | 1;
      for (let j = 0; j <= i; j++)
        covariance[i * count + j] =
          covarianceOf(own, observed.measure[j] as 0 | 1, time - (times[j] as number)) +
          (i === j ? 1e-6 : 0);
      withTarget[i] = covarianceOf(m, own, startYearOf(year) - time);
    }
    const { weights } = bestLinearPredictor(covariance, count, withTarget);
    const usualNow = usualIn(size, year)[m];
    let constant = usualNow;
    let trust = 0;
    for (let i = 0; i < count; i++) {
      constant -= (weights[i] as number) * (usual[i] as number);
      trust += weights[i] as number;
    }
    const variance = Math.max(
      1e-4,
      covarianceOf(m, m, 0) - explainedByLast(covariance, withTarget, observed),
    );
    return { weights, usual: usualNow, constant, variance, trust };
  };
  return [weighMeasure(0), weighMeasure(1)];
}

/**
 * How sure a forecast is goes by the last two known years. In theory every further year makes it surer; in every year
 * tried the errors of schools known for five years were as large as those of schools known for two.
 */
const yearsForVariance = 2;

function explainedByLast(
  covariance: Float64Array,
  withTarget: Float64Array,
  { year, years }: Observed,
): number {
  const count = withTarget.length;
  const first = years.at(-yearsForVariance) ?? 0;
  const from = year.findIndex((each) => each >= first);
  if (from < 0) return 0;
  const kept = count - from;
  const some = new Float64Array(kept * kept);
  for (let i = 0; i < kept; i++)
    for (let j = 0; j <= i; j++)
      some[i * kept + j] = covariance[(from + i) * count + from + j] as number;
  return bestLinearPredictor(some, kept, withTarget.slice(from)).explainedVariance;
}

export function clippedTo(limit: number, deviation: number): number {
  return Math.max(-limit, Math.min(limit, deviation));
}
