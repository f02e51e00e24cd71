import { type AcademicYear, startYearOf } from '../base/academicYear.ts';
import { type Measure, measures } from '../base/measure.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { bestLinearPredictors, isPositiveDefinite } from '../stats/bestLinearPrediction.ts';
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
  areaDeviation: Record<string, PerSignal>;
};

/**
 * What a prediction reads of a school's year: the two measures, in their order, and unauthorised absence, which is not
 * forecast but says much about a school's intake, and so where it will stay.
 */
export const signals = ['overall', 'persistent', 'unauthorised'] as const;
/** One number for each signal. */
export type PerSignal = [overall: number, persistent: number, unauthorised: number];

export function perSignal(value: (signal: number) => number): PerSignal {
  return [value(0), value(1), value(2)];
}
/** Variances and covariances of the signals. */
export type Covariance = number[][];

export type YearLevels = {
  year: AcademicYear;
  /** Schools with a known year. */
  schools: number;
  /** True when only a sample of the schools is known: level and spread are then those of all schools, inferred. */
  sampled: boolean;
  /** Mean over schools, percent; and the standard deviation between schools, points. */
  level: PerSignal;
  spread: PerSignal;
};

export type SizeClass = {
  logEnrolments: number;
  /** All in spreads (or spreads squared) of the year. */
  mean: PerSignal;
  lasting: Covariance;
  wandering: Covariance;
  passing: Covariance;
};

const readers = [
  (year: SchoolYear): number | null => year.absencePercent,
  (year: SchoolYear) => year.persistentPercent,
  (year: SchoolYear) => year.unauthorisedPercent,
];

export function percentOfMeasure(year: SchoolYear, measure: Measure): number | null {
  return measure === 'overall' ? year.absencePercent : year.persistentPercent;
}

const fewestForOwnClass = 150;
const mostClasses = 5;
/** A deviation beyond this many spreads counts as this many when variances are estimated (never when forecasting). */
const clipSpreads = 4;
/** Until the data can say (three years at least): half of what is seen is lasting, and 3/4 of the rest stays a year. */
const lastingAllowance = Number(process.env.KAPPA ?? 1);
const keptBeforeData = 0.75;
const keptChoices = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9];
/** Weight, in pairs of school-years, of the guess that variances divide 45 : 45 : 10. */
const guessPerSignals = 150;
const guess = { lasting: 0.45, wandering: 0.45, passing: 0.1 };
/** Weight, in schools, of the guess of a year's spread (as a share of its level). */
const guessSchools = 5;
const guessedSpread: PerSignal = [0.25, 0.5, 0.8];
/** A year counts as a sample when fewer than half of the most schools ever known are in it. */
const sampleBelow = 0.5;

/**
 * @param histories of one type, in any order; years from `before` on are not looked at.
 * @returns undefined when no year is known.
 */
export function fitStructure(
  schoolType: SchoolType,
  histories: readonly SchoolHistory[],
  before: AcademicYear,
): TypeStructure | undefined {
  const schools = histories.map((history) => knownBefore(history, before));
  const counts = schoolsByYear(schools);
  if (counts.size === 0) return undefined;
  const most = Math.max(...counts.values());
  const years = [...counts.keys()].sort((a, b) => a - b);
  const isSampled = (year: AcademicYear) => (counts.get(year) ?? 0) < sampleBelow * most;

  const levels = years.filter((year) => !isSampled(year)).map((year) => fullLevels(schools, year));
  const structure: TypeStructure = {
    schoolType,
    levels,
    ...fitComponents(schools, levels),
    areaDeviation: {},
  };
  structure.areaDeviation = fitAreas(schools, structure);
  for (const year of years.filter(isSampled))
    addLevels(structure, sampledLevels(schools, structure, year));
  return structure;
}

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

function schoolsByYear(schools: readonly Known[]): Map<AcademicYear, number> {
  const counts = new Map<AcademicYear, number>();
  for (const { years } of schools)
    for (const { year } of years) counts.set(year, (counts.get(year) ?? 0) + 1);
  return counts;
}

function addLevels(structure: TypeStructure, levels: YearLevels): void {
  structure.levels = [...structure.levels, levels].sort((a, b) => a.year - b.year);
}

// ---- level and spread of a year ------------------------------------------------------------------------------------

type Reader = (year: SchoolYear) => number | null;

function percentIn(school: Known, year: AcademicYear, read: Reader): number | null {
  const known = school.years.find((each) => each.year === year);
  return known ? read(known) : null;
}

function percentsIn(schools: readonly Known[], year: AcademicYear, read: Reader): number[] {
  return schools.flatMap((school) => percentIn(school, year, read) ?? []);
}

function fullLevels(schools: readonly Known[], year: AcademicYear): YearLevels {
  const percents = readers.map((read) => percentsIn(schools, year, read));
  const level = percents.map((values) =>
    values.length > 0 ? meanOf(values) : Number.NaN,
  ) as PerSignal;
  const spread = percents.map((values, m) =>
    spreadAround(values, level[m] as number, guessedSpread[m] as number),
  ) as PerSignal;
  return { year, schools: percents[0]?.length ?? 0, sampled: false, level, spread };
}

/** Standard deviation around the level with far-out schools drawn in, and a guess that counts as a few schools. */
function spreadAround(values: readonly number[], level: number, guessedShare: number): number {
  const guessed = Math.max(guessedShare * level, 0.01);
  let spread = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4; round++) {
    const limit = clipSpreads * spread;
    let sum = guessSchools * guessed ** 2;
    for (const value of values) sum += Math.min(Math.abs(value - level), limit) ** 2;
    spread = Math.sqrt(sum / (values.length + guessSchools));
  }
  return spread;
}

/**
 * A year known for a sample only: the sample's schools need not be typical, so the level of all schools is what the
 * sample shows less what those schools' own past says of them; the spread grows as the sample's own did.
 */
function sampledLevels(
  schools: readonly Known[],
  structure: TypeStructure,
  year: AcademicYear,
): YearLevels {
  const before = { ...structure, levels: structure.levels.filter((each) => each.year < year) };
  const base = before.levels.at(-1);
  const sample = schools.filter(({ years }) => years.some((each) => each.year === year));
  if (!base) return { ...fullLevels(sample, year), sampled: true };
  const earlier = sample.map((school) => ({
    ...school,
    years: school.years.filter((each) => each.year < year),
  }));
  const found = readers.map((read, m) => {
    const now: number[] = [];
    const expected: number[] = [];
    const then: number[] = [];
    sample.forEach((school, i) => {
      const percent = percentIn(school, year, read);
      const past = earlier[i] as Known;
      const last = percentIn(past, base.year, read);
      if (percent === null || last === null) return;
      now.push(percent);
      then.push(last);
      expected.push(predictDeviation(before, past, year).signals[m]?.deviation as number);
    });
    const baseSpread = base.spread[m] as number;
    if (now.length === 0) return { level: base.level[m] as number, spread: baseSpread };
    const share = guessedSpread[m] as number;
    const growth = spreadAround(now, meanOf(now), share) / spreadAround(then, meanOf(then), share);
    const spread = baseSpread * growth;
    return { level: meanOf(now) - spread * meanOf(expected), spread };
  });
  return {
    year,
    schools: sample.length,
    sampled: true,
    level: found.map(({ level }) => level) as PerSignal,
    spread: found.map(({ spread }) => spread) as PerSignal,
  };
}

function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

// ---- how a deviation divides --------------------------------------------------------------------------------------

const pairsOfSignals = signals.flatMap((_, first) =>
  signals.slice(first).map((__, further) => ({ first, second: first + further })),
);

type LagMoments = { pairs: number; covariance: number }[];

/**
 * Moments: the mean product of a school's deviations `lag` years apart estimates `lasting + wandering · kept^lag`, and at
 * lag 0 the passing luck comes on top. Only schools known for most of the years count, since a school that opens or
 * closes is not like one that stays.
 */
function fitComponents(schools: readonly Known[], levels: readonly YearLevels[]) {
  const table = deviationTable(schools, levels);
  const settled = table.rows.filter((row) => row.known >= Math.min(4, levels.length));
  const classes = bySize(settled.length > 0 ? settled : table.rows);
  const start = startYearOf(levels[0]?.year ?? 0);
  const times = levels.map(({ year }) => startYearOf(year) - start);
  const longest = times.at(-1) ?? 0;

  const moments = classes.map((rows) => {
    const mean = signals.map((_, m) => {
      const values = rows.flatMap((row) => [...(row.deviations[m] as Float64Array)]);
      const known = values.filter((value) => !Number.isNaN(value));
      return (known.length / (known.length + guessPerSignals)) * (known.length ? meanOf(known) : 0);
    }) as PerSignal;
    return {
      logEnrolments: meanOf(rows.map((row) => row.logEnrolments ?? table.typicalLogEnrolments)),
      mean,
      lags: pairsOfSignals.map((pair) => lagMoments(rows, times, longest, mean, pair)),
    };
  });

  const choices = longest >= 2 ? keptChoices : [keptBeforeData];
  const fits = choices.map((kept) => ({
    kept,
    classes: moments.map(({ lags }) => lags.map((moment) => divideVariance(moment, kept))),
  }));
  const best = fits.reduce((one, other) =>
    missOf(other.classes) < missOf(one.classes) ? other : one,
  );
  const sizeClasses: SizeClass[] = moments.map(({ logEnrolments, mean }, index) => {
    const divisions = best.classes[index] as Division[];
    return {
      logEnrolments,
      mean,
      lasting: covarianceOf(divisions, 'lasting', 1e-6),
      wandering: covarianceOf(divisions, 'wandering', 1e-6),
      passing: covarianceOf(divisions, 'passing', 0.02),
    };
  });
  return { sizeClasses, keptPerYear: best.kept };
}

/** No variance below `least`; covariances drawn in until the matrix is one that variances and covariances can make. */
function covarianceOf(
  divisions: readonly Division[],
  part: 'lasting' | 'wandering' | 'passing',
  least: number,
): Covariance {
  const matrix = signals.map(() => signals.map(() => 0));
  const put = (i: number, j: number, value: number) => {
    (matrix[i] as number[])[j] = value;
    (matrix[j] as number[])[i] = value;
  };
  pairsOfSignals.forEach(({ first, second }, index) => {
    const found = (divisions[index] as Division)[part];
    put(first, second, first === second ? Math.max(found, least) : found);
  });
  for (const { first, second } of pairsOfSignals) {
    if (first === second) continue;
    const limit = 0.97 * Math.sqrt(cell(matrix, first, first) * cell(matrix, second, second));
    put(first, second, Math.max(-limit, Math.min(limit, cell(matrix, first, second))));
  }
  while (!isPositiveDefinite(matrix))
    for (const { first, second } of pairsOfSignals)
      if (first !== second) put(first, second, 0.97 * cell(matrix, first, second));
  return matrix;
}

type DeviationRow = {
  logEnrolments: number | undefined;
  known: number;
  deviations: Float64Array[];
};

function deviationTable(schools: readonly Known[], levels: readonly YearLevels[]) {
  const columnOf = new Map(levels.map(({ year }, index) => [year, index]));
  const rows = schools.map((school): DeviationRow => {
    const deviations = readers.map((read, m) => {
      const row = new Float64Array(levels.length).fill(Number.NaN);
      for (const year of school.years) {
        const index = columnOf.get(year.year);
        const percent = read(year);
        if (index === undefined || percent === null) continue;
        const { level, spread } = levels[index] as YearLevels;
        const deviation = (percent - (level[m] as number)) / (spread[m] as number);
        row[index] = clipped(deviation);
      }
      return row;
    });
    const known = (deviations[0] as Float64Array).filter((value) => !Number.isNaN(value)).length;
    return { logEnrolments: school.logEnrolments, known, deviations };
  });
  const logs = rows.flatMap(({ logEnrolments }) => logEnrolments ?? []).sort((a, b) => a - b);
  return { rows, typicalLogEnrolments: logs[Math.floor(logs.length / 2)] ?? 0 };
}

function bySize(rows: readonly DeviationRow[]): DeviationRow[][] {
  const sized = rows
    .filter(({ logEnrolments }) => logEnrolments !== undefined)
    .sort((a, b) => (a.logEnrolments as number) - (b.logEnrolments as number));
  const count = Math.min(mostClasses, Math.floor(sized.length / fewestForOwnClass));
  if (count < 2) return [[...rows]];
  return Array.from({ length: count }, (_, index) =>
    sized.slice(
      Math.floor((index * sized.length) / count),
      Math.floor(((index + 1) * sized.length) / count),
    ),
  );
}

function lagMoments(
  rows: readonly DeviationRow[],
  times: readonly number[],
  longest: number,
  mean: PerSignal,
  { first, second }: { first: number; second: number },
): LagMoments {
  const sums = new Float64Array(longest + 1);
  const pairs = new Float64Array(longest + 1);
  for (const { deviations } of rows)
    for (const [a, b] of first === second
      ? [[first, second] as const]
      : ([
          [first, second],
          [second, first],
        ] as const))
      for (let i = 0; i < times.length; i++) {
        const x = (deviations[a]?.[i] as number) - (mean[a] as number);
        if (Number.isNaN(x)) continue;
        for (let j = i; j < times.length; j++) {
          const y = (deviations[b]?.[j] as number) - (mean[b] as number);
          if (Number.isNaN(y)) continue;
          const lag = (times[j] as number) - (times[i] as number);
          sums[lag] = (sums[lag] as number) + x * y;
          pairs[lag] = (pairs[lag] as number) + 1;
        }
      }
  return Array.from(pairs, (count, lag) => ({
    pairs: count,
    covariance: count > 0 ? (sums[lag] as number) / count : 0,
  }));
}

type Division = { lasting: number; wandering: number; passing: number; miss: number };

/** Weighted least squares over the lags, with the guess as a few pairs more; no part below 0. */
function divideVariance(moments: LagMoments, kept: number): Division {
  const atOnce = moments[0] ?? { pairs: 0, covariance: 0 };
  const total =
    (atOnce.pairs * atOnce.covariance + guessPerSignals) / (atOnce.pairs + guessPerSignals);
  let ss = guessPerSignals;
  let sw = 0;
  let ww = guessPerSignals;
  let sy = guessPerSignals * guess.lasting * total;
  let wy = guessPerSignals * guess.wandering * total;
  for (let lag = 1; lag < moments.length; lag++) {
    const { pairs, covariance } = moments[lag] as LagMoments[number];
    const x = kept ** lag;
    ss += pairs;
    sw += pairs * x;
    ww += pairs * x * x;
    sy += pairs * covariance;
    wy += pairs * covariance * x;
  }
  const determinant = ss * ww - sw * sw;
  let lasting = (sy * ww - wy * sw) / determinant;
  let wandering = (ss * wy - sw * sy) / determinant;
  if (lasting < 0) [lasting, wandering] = [0, Math.max(0, wy / ww)];
  else if (wandering < 0) [lasting, wandering] = [Math.max(0, sy / ss), 0];
  let miss = 0;
  for (let lag = 1; lag < moments.length; lag++) {
    const { pairs, covariance } = moments[lag] as LagMoments[number];
    miss += pairs * (covariance - lasting - wandering * kept ** lag) ** 2;
  }
  return { lasting, wandering, passing: total - lasting - wandering, miss };
}

function missOf(classes: readonly Division[][]): number {
  return classes.flat().reduce((sum, { miss }) => sum + miss, 0);
}

// ---- authorities --------------------------------------------------------------------------------------------------

/** Mean deviation of an authority's schools over the last three years, shrunk by how much chance alone would give. */
function fitAreas(schools: readonly Known[], structure: TypeStructure): Record<string, PerSignal> {
  const recent = new Map(structure.levels.slice(-3).map((level) => [level.year, level]));
  const usual = schools.map((school) => sizeClassOf(structure, school.logEnrolments).mean);
  const areas: Record<string, PerSignal> = {};
  readers.forEach((read, m) => {
    const sums = new Map<string, { schools: number; sum: number }>();
    schools.forEach((school, i) => {
      const beyond = school.years.flatMap((year) => {
        const level = recent.get(year.year);
        const percent = read(year);
        if (!level || percent === null) return [];
        const deviation = (percent - at(level.level, m)) / at(level.spread, m);
        return [clipped(deviation - at(usual[i] as PerSignal, m))];
      });
      if (beyond.length === 0) return;
      const area = sums.get(school.laCode) ?? { schools: 0, sum: 0 };
      area.schools += 1;
      area.sum += meanOf(beyond);
      sums.set(school.laCode, area);
    });
    const within = meanOf(
      structure.sizeClasses.map(
        ({ lasting, wandering, passing }) =>
          cell(lasting, m, m) + cell(wandering, m, m) + cell(passing, m, m) / 3,
      ),
    );
    let squares = 0;
    let count = 0;
    for (const area of sums.values()) {
      squares += area.sum ** 2 / area.schools;
      count += area.schools;
    }
    const between = count > 0 ? Math.max(0, (squares - sums.size * within) / count) : 0;
    for (const [laCode, area] of sums) {
      const trust = between / (between + within / area.schools);
      const deviation = areas[laCode] ?? perSignal(() => 0);
      deviation[m] = (trust * area.sum) / area.schools;
      areas[laCode] = deviation;
    }
  });
  return areas;
}

function clipped(deviation: number): number {
  return Math.max(-clipSpreads, Math.min(clipSpreads, deviation));
}

function at(values: readonly number[], index: number): number {
  return values[index] as number;
}

function cell(matrix: Covariance, row: number, column: number): number {
  return (matrix[row] as number[])[column] as number;
}

// ---- one school ---------------------------------------------------------------------------------------------------

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
  const mix = (a: readonly number[], b: readonly number[]) =>
    perSignal((m) => at(a, m) + share * (at(b, m) - at(a, m)));
  const mixed = (a: Covariance, b: Covariance) => a.map((row, m) => mix(row, b[m] as number[]));
  return {
    logEnrolments,
    mean: mix(low.mean, high.mean),
    lasting: mixed(low.lasting, high.lasting),
    wandering: mixed(low.wandering, high.wandering),
    passing: mixed(low.passing, high.passing),
  };
}

export type DeviationPrediction = {
  yearsUsed: AcademicYear[];
  /** Of the size of school, and of the authority: where a school stands of which nothing is known, in spreads. */
  usualForSize: PerSignal;
  usualForArea: PerSignal;
  signals: SignalPrediction[];
};

export type SignalPrediction = {
  /** Predicted deviation from the level of the year, in spreads, and its variance, in spreads squared. */
  deviation: number;
  variance: number;
  /** What one spread above the usual in every known year and signal would add to the prediction. */
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
  const area = structure.areaDeviation[school.laCode] ?? perSignal(() => 0);
  const usual = perSignal((m) => at(size.mean, m) + at(area, m));
  const observed = observe(structure, school, year, usual);
  const count = observed.value.length;
  const target = startYearOf(year);
  const between = covarianceByLag(size, structure.keptPerYear, observed.time, target);
  const covariance = new Float64Array(count * count);
  const withTarget = signals.map(() => new Float64Array(count));
  for (let i = 0; i < count; i++) {
    const time = at(observed.time, i);
    const signal = at(observed.signal, i);
    for (let j = 0; j <= i; j++)
      covariance[i * count + j] =
        between(signal, at(observed.signal, j), Math.abs(time - at(observed.time, j))) +
        (i === j ? 1e-6 : 0);
    for (let m = 0; m < signals.length; m++)
      (withTarget[m] as Float64Array)[i] = between(m, signal, target - time);
  }
  const predictors = bestLinearPredictors(covariance, count, withTarget);
  return {
    yearsUsed: observed.years,
    usualForSize: size.mean,
    usualForArea: area,
    signals: predictors.map(({ weights, explainedVariance }, m) => {
      let deviation = at(usual, m);
      let trust = 0;
      for (let i = 0; i < count; i++) {
        deviation += (weights[i] as number) * at(observed.value, i);
        trust += weights[i] as number;
      }
      return {
        deviation,
        variance: Math.max(1e-4, between(m, m, 0) - explainedVariance),
        trust,
        lastYear: observed.lastYear[m],
      };
    }),
  };
}

/** Covariance of two signals of a school so many years apart, from a table of every lag that can occur. */
function covarianceByLag(
  size: SizeClass,
  kept: number,
  times: readonly number[],
  target: number,
): (first: number, second: number, lag: number) => number {
  const count = signals.length;
  const longest = target - Math.min(target, ...times);
  const table = new Float64Array((longest + 1) * count * count);
  let fading = 1;
  let index = 0;
  for (let lag = 0; lag <= longest; lag++) {
    for (let m = 0; m < count; m++)
      for (let n = 0; n < count; n++)
        table[index++] =
          lastingAllowance * cell(size.lasting, m, n) +
          fading * cell(size.wandering, m, n) +
          (lag === 0 ? cell(size.passing, m, n) : 0);
    fading *= kept;
  }
  return (first, second, lag) => table[(lag * count + first) * count + second] as number;
}

function observe(structure: TypeStructure, school: Known, before: AcademicYear, usual: PerSignal) {
  const signal: number[] = [];
  const time: number[] = [];
  const value: number[] = [];
  const years: AcademicYear[] = [];
  const lastYear: (number | undefined)[] = signals.map(() => undefined);
  for (const known of school.years) {
    if (known.year >= before) continue;
    const levels = structure.levels.find((each) => each.year === known.year);
    if (!levels) continue;
    years.push(known.year);
    const start = startYearOf(known.year);
    readers.forEach((read, m) => {
      const percent = read(known);
      if (percent === null) return;
      const deviation = (percent - at(levels.level, m)) / at(levels.spread, m);
      signal.push(m);
      time.push(start);
      value.push(deviation - at(usual, m));
      if (start === startYearOf(before) - 1) lastYear[m] = deviation;
    });
  }
  return { signal, time, value, years, lastYear };
}
