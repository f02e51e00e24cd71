import { type AcademicYear, startYearOf } from '../base/academicYear.ts';
import { type Measure, measures } from '../base/measure.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { bestLinearPredictor, isPositiveDefinite } from '../stats/bestLinearPrediction.ts';
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
/** Variances and covariances of the measures. */
export type Covariance = number[][];

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
  /** All in spreads (or spreads squared) of the year. `usual` is the mean of the class in each of the full years. */
  usual: { year: AcademicYear; deviation: PerMeasure }[];
  lasting: Covariance;
  wandering: Covariance;
  passing: Covariance;
};

const readers = [
  (year: SchoolYear): number | null => year.absencePercent,
  (year: SchoolYear) => year.persistentPercent,
];

export function percentOfMeasure(year: SchoolYear, measure: Measure): number | null {
  return measure === 'overall' ? year.absencePercent : year.persistentPercent;
}

const fewestForOwnClass = 150;
const mostClasses = 5;
/** A deviation beyond this many spreads counts as this many when variances are estimated (never when forecasting). */
const clipSpreads = 4;
/** Until the data can say (three years at least): half of what is seen is lasting, and 3/4 of the rest stays a year. */

/** Weight, in schools, of a size class's mean over all years against that of one year. */
const classYearSchools = 400;
const keptBeforeData = 0.75;
const keptChoices = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9];
/** Weight, in pairs of school-years, of the guess that variances divide 45 : 45 : 10. */
const guessPairs = 150;
const guess = { lasting: 0.45, wandering: 0.45, passing: 0.1 };
/** Weight, in schools, of the guess of a year's spread (as a share of its level). */
const guessSchools = 5;
const guessedSpread: PerMeasure = [0.25, 0.5];
/**
 * Drawing a school towards the average is biased against whatever keeps it apart for good and the model does not see,
 * above all its intake. Once three years are known, lasting deviations of persistent absence are allowed this many times
 * the variance found: it halves the bias between fifths of free school meals and costs 0.5 % in absolute error.
 */
const lastingAllowance: PerMeasure = [1, 3];
const yearsForAllowance = 3;
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
  ) as PerMeasure;
  const spread = percents.map((values, m) =>
    spreadAround(values, level[m] as number, guessedSpread[m] as number),
  ) as PerMeasure;
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
      expected.push(predictDeviation(before, past, year).measures[m]?.deviation as number);
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
    level: found.map(({ level }) => level) as PerMeasure,
    spread: found.map(({ spread }) => spread) as PerMeasure,
  };
}

function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

// ---- how a deviation divides --------------------------------------------------------------------------------------

const pairsOfMeasures = measures.flatMap((_, first) =>
  measures.slice(first).map((__, further) => ({ first, second: first + further })),
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
    const usual = levels.map(({ year }, index) => ({
      year,
      deviation: perMeasure((m) => usualDeviation(rows, m, index)),
    }));
    return {
      logEnrolments: meanOf(rows.map((row) => row.logEnrolments ?? table.typicalLogEnrolments)),
      usual,
      lags: pairsOfMeasures.map((pair) => lagMoments(rows, times, longest, usual, pair)),
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
  const sizeClasses: SizeClass[] = moments.map(({ logEnrolments, usual }, index) => {
    const divisions = best.classes[index] as Division[];
    return {
      logEnrolments,
      usual,
      lasting: covarianceOf(divisions, 'lasting', 1e-6),
      wandering: covarianceOf(divisions, 'wandering', 1e-6),
      passing: covarianceOf(divisions, 'passing', 0.02),
    };
  });
  return { sizeClasses, keptPerYear: best.kept };
}

/** Mean of a size class in one year, drawn towards its mean over all years: small classes move by chance alone. */
function usualDeviation(rows: readonly DeviationRow[], m: 0 | 1, column: number): number {
  let inYear = 0;
  let yearSum = 0;
  let known = 0;
  let sum = 0;
  for (const { deviations } of rows)
    (deviations[m] as Float64Array).forEach((value, index) => {
      if (Number.isNaN(value)) return;
      known += 1;
      sum += value;
      if (index !== column) return;
      inYear += 1;
      yearSum += value;
    });
  const overYears = sum / (known + guessPairs);
  return (yearSum + classYearSchools * overYears) / (inYear + classYearSchools);
}

/** No variance below `least`; covariances drawn in until the matrix is one that variances and covariances can make. */
function covarianceOf(
  divisions: readonly Division[],
  part: 'lasting' | 'wandering' | 'passing',
  least: number,
): Covariance {
  const matrix = measures.map(() => measures.map(() => 0));
  const put = (i: number, j: number, value: number) => {
    (matrix[i] as number[])[j] = value;
    (matrix[j] as number[])[i] = value;
  };
  pairsOfMeasures.forEach(({ first, second }, index) => {
    const found = (divisions[index] as Division)[part];
    put(first, second, first === second ? Math.max(found, least) : found);
  });
  for (const { first, second } of pairsOfMeasures) {
    if (first === second) continue;
    const limit = 0.97 * Math.sqrt(cell(matrix, first, first) * cell(matrix, second, second));
    put(first, second, Math.max(-limit, Math.min(limit, cell(matrix, first, second))));
  }
  while (!isPositiveDefinite(matrix))
    for (const { first, second } of pairsOfMeasures)
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
  usual: SizeClass['usual'],
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
        const x = (deviations[a]?.[i] as number) - at(usual[i]?.deviation as PerMeasure, a);
        if (Number.isNaN(x)) continue;
        for (let j = i; j < times.length; j++) {
          const y = (deviations[b]?.[j] as number) - at(usual[j]?.deviation as PerMeasure, b);
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
  const total = (atOnce.pairs * atOnce.covariance + guessPairs) / (atOnce.pairs + guessPairs);
  let ss = guessPairs;
  let sw = 0;
  let ww = guessPairs;
  let sy = guessPairs * guess.lasting * total;
  let wy = guessPairs * guess.wandering * total;
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
function fitAreas(schools: readonly Known[], structure: TypeStructure): Record<string, PerMeasure> {
  const recent = new Map(structure.levels.slice(-3).map((level) => [level.year, level]));
  const sizes = schools.map((school) => sizeClassOf(structure, school.logEnrolments));
  const areas: Record<string, PerMeasure> = {};
  readers.forEach((read, m) => {
    const sums = new Map<string, { schools: number; sum: number }>();
    schools.forEach((school, i) => {
      const beyond = school.years.flatMap((year) => {
        const level = recent.get(year.year);
        const percent = read(year);
        if (!level || percent === null) return [];
        const deviation = (percent - at(level.level, m)) / at(level.spread, m);
        return [clipped(deviation - at(usualIn(sizes[i] as SizeClass, year.year), m))];
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
      const deviation = areas[laCode] ?? perMeasure(() => 0);
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
    perMeasure((m) => at(a, m) + share * (at(b, m) - at(a, m)));
  const mixed = (a: Covariance, b: Covariance) => a.map((row, m) => mix(row, b[m] as number[]));
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
function usualIn({ usual }: SizeClass, year: AcademicYear): PerMeasure {
  const known = usual.findLast((each) => each.year <= year) ?? usual[0];
  return known?.deviation ?? [0, 0];
}

export type DeviationPrediction = {
  yearsUsed: AcademicYear[];
  /** Of the size of school, and of the authority: where a school stands of which nothing is known, in spreads. */
  usualForSize: PerMeasure;
  usualForArea: PerMeasure;
  measures: MeasurePrediction[];
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
  const area = structure.areaDeviation[school.laCode] ?? perMeasure(() => 0);
  const usual = usualIn(size, year);
  const observed = observe(structure, school, year, size, area);
  const count = observed.value.length;
  const target = startYearOf(year);
  return {
    yearsUsed: observed.years,
    usualForSize: usual,
    usualForArea: area,
    measures: measures.map((_, m) => {
      const between = covarianceByLag(
        size,
        observed.years.length >= yearsForAllowance ? at(lastingAllowance, m) : 1,
        structure.keptPerYear,
        observed.time,
        target,
      );
      const covariance = new Float64Array(count * count);
      const withTarget = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        const time = at(observed.time, i);
        const measure = at(observed.measure, i);
        for (let j = 0; j <= i; j++)
          covariance[i * count + j] =
            between(measure, at(observed.measure, j), Math.abs(time - at(observed.time, j))) +
            (i === j ? 1e-6 : 0);
        withTarget[i] = between(m, measure, target - time);
      }
      const { weights, explainedVariance } = bestLinearPredictor(covariance, count, withTarget);
      let deviation = at(usual, m) + at(area, m);
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

/** Covariance of two measures of a school so many years apart, from a table of every lag that can occur. */
function covarianceByLag(
  size: SizeClass,
  allowance: number,
  kept: number,
  times: readonly number[],
  target: number,
): (first: number, second: number, lag: number) => number {
  const count = measures.length;
  const longest = target - Math.min(target, ...times);
  const table = new Float64Array((longest + 1) * count * count);
  let fading = 1;
  let index = 0;
  for (let lag = 0; lag <= longest; lag++) {
    for (let m = 0; m < count; m++)
      for (let n = 0; n < count; n++)
        table[index++] =
          allowance * cell(size.lasting, m, n) +
          fading * cell(size.wandering, m, n) +
          (lag === 0 ? cell(size.passing, m, n) : 0);
    fading *= kept;
  }
  return (first, second, lag) => table[(lag * count + first) * count + second] as number;
}

function observe(
  structure: TypeStructure,
  school: Known,
  before: AcademicYear,
  size: SizeClass,
  area: PerMeasure,
) {
  const measure: number[] = [];
  const time: number[] = [];
  const value: number[] = [];
  const years: AcademicYear[] = [];
  const lastYear: (number | undefined)[] = measures.map(() => undefined);
  for (const known of school.years) {
    if (known.year >= before) continue;
    const levels = structure.levels.find((each) => each.year === known.year);
    if (!levels) continue;
    years.push(known.year);
    const start = startYearOf(known.year);
    const usual = usualIn(size, known.year);
    readers.forEach((read, m) => {
      const percent = read(known);
      if (percent === null) return;
      const deviation = (percent - at(levels.level, m)) / at(levels.spread, m);
      measure.push(m);
      time.push(start);
      value.push(deviation - at(usual, m) - at(area, m));
      if (start === startYearOf(before) - 1) lastYear[m] = deviation;
    });
  }
  return { measure, time, value, years, lastYear };
}
