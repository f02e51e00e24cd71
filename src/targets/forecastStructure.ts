import { type AcademicYear, startYearOf } from '../base/academicYear.ts';
import { type Measure, measures } from '../base/measure.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { bestLinearPredictors } from '../stats/bestLinearPrediction.ts';
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
  areaDeviation: Record<string, Pair>;
};

/** One number for each measure, overall first. */
export type Pair = [overall: number, persistent: number];
/** Variances of the two measures and their covariance. */
export type Covariance = { overall: number; persistent: number; both: number };

export type YearLevels = {
  year: AcademicYear;
  /** Schools with a known year. */
  schools: number;
  /** True when only a sample of the schools is known: level and spread are then those of all schools, inferred. */
  sampled: boolean;
  /** Mean over schools, percent; and the standard deviation between schools, points. */
  level: Pair;
  spread: Pair;
};

export type SizeClass = {
  logEnrolments: number;
  /** All in spreads (or spreads squared) of the year. */
  mean: Pair;
  lasting: Covariance;
  wandering: Covariance;
  passing: Covariance;
};

export const percentOfMeasure: Record<Measure, (year: SchoolYear) => number | null> = {
  overall: (year) => year.absencePercent,
  persistent: (year) => year.persistentPercent,
};

const fewestForOwnClass = 150;
const mostClasses = 5;
/** A deviation beyond this many spreads counts as this many when variances are estimated (never when forecasting). */
const clipSpreads = 4;
/** Until the data can say (three years at least): half of what is seen is lasting, and 3/4 of the rest stays a year. */
const keptBeforeData = 0.75;
const keptChoices = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9];
/** Weight, in pairs of school-years, of the guess that variances divide 45 : 45 : 10. */
const guessPairs = 150;
const guess = { lasting: 0.45, wandering: 0.45, passing: 0.1 };
/** Weight, in schools, of the guess of a year's spread (as a share of its level). */
const guessSchools = 5;
const guessedSpread: Pair = [0.25, 0.5];
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

function percentsIn(schools: readonly Known[], year: AcademicYear, measure: Measure): number[] {
  return schools.flatMap(({ years }) => {
    const known = years.find((each) => each.year === year);
    const percent = known ? percentOfMeasure[measure](known) : null;
    return percent === null ? [] : [percent];
  });
}

function fullLevels(schools: readonly Known[], year: AcademicYear): YearLevels {
  const percents = measures.map((measure) => percentsIn(schools, year, measure));
  const level = percents.map((values) => (values.length > 0 ? meanOf(values) : Number.NaN)) as Pair;
  const spread = percents.map((values, m) =>
    spreadAround(values, level[m] as number, guessedSpread[m] as number),
  ) as Pair;
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
  const found = measures.map((measure, m) => {
    const now: number[] = [];
    const expected: number[] = [];
    const then: number[] = [];
    sample.forEach((school, i) => {
      const known = school.years.find((each) => each.year === year);
      const percent = known ? percentOfMeasure[measure](known) : null;
      if (percent === null) return;
      const past = earlier[i] as Known;
      const last = past.years.find((each) => each.year === base.year);
      const lastPercent = last ? percentOfMeasure[measure](last) : null;
      if (lastPercent === null) return;
      now.push(percent);
      then.push(lastPercent);
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
    level: found.map(({ level }) => level) as Pair,
    spread: found.map(({ spread }) => spread) as Pair,
  };
}

function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

// ---- how a deviation divides --------------------------------------------------------------------------------------

const pairsOfMeasures = [
  { name: 'overall', first: 0, second: 0 },
  { name: 'both', first: 0, second: 1 },
  { name: 'persistent', first: 1, second: 1 },
] as const;

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
    const mean = [0, 1].map((m) => {
      const values = rows.flatMap((row) => [...(row.deviations[m] as Float64Array)]);
      const known = values.filter((value) => !Number.isNaN(value));
      return (known.length / (known.length + guessPairs)) * (known.length ? meanOf(known) : 0);
    }) as Pair;
    return {
      logEnrolments: meanOf(rows.map((row) => row.logEnrolments ?? table.typicalLogEnrolments)),
      mean,
      lags: pairsOfMeasures.map((pair) => lagMoments(rows, times, longest, mean, pair)),
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
    const [overall, both, persistent] = best.classes[index] as [Division, Division, Division];
    const covariance = (part: 'lasting' | 'wandering' | 'passing', least: number): Covariance => {
      const a = Math.max(overall[part], least);
      const b = Math.max(persistent[part], least);
      const limit = 0.97 * Math.sqrt(a * b);
      return { overall: a, persistent: b, both: Math.max(-limit, Math.min(limit, both[part])) };
    };
    return {
      logEnrolments,
      mean,
      lasting: covariance('lasting', 1e-6),
      wandering: covariance('wandering', 1e-6),
      passing: covariance('passing', 0.02),
    };
  });
  return { sizeClasses, keptPerYear: best.kept };
}

type DeviationRow = {
  logEnrolments: number | undefined;
  known: number;
  deviations: [Float64Array, Float64Array];
};

function deviationTable(schools: readonly Known[], levels: readonly YearLevels[]) {
  const at = new Map(levels.map(({ year }, index) => [year, index]));
  const rows = schools.map((school): DeviationRow => {
    const deviations = measures.map((measure, m) => {
      const row = new Float64Array(levels.length).fill(Number.NaN);
      for (const year of school.years) {
        const index = at.get(year.year);
        const percent = percentOfMeasure[measure](year);
        if (index === undefined || percent === null) continue;
        const { level, spread } = levels[index] as YearLevels;
        const deviation = (percent - (level[m] as number)) / (spread[m] as number);
        row[index] = Math.max(-clipSpreads, Math.min(clipSpreads, deviation));
      }
      return row;
    }) as [Float64Array, Float64Array];
    const known = deviations[0].filter((value) => !Number.isNaN(value)).length;
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
  mean: Pair,
  { first, second }: (typeof pairsOfMeasures)[number],
): LagMoments {
  const sums = new Float64Array(longest + 1);
  const pairs = new Float64Array(longest + 1);
  for (const { deviations } of rows)
    for (const [a, b] of first === second
      ? [[first, second]]
      : [
          [first, second],
          [second, first],
        ])
      for (let i = 0; i < times.length; i++) {
        const x = (deviations[a as 0 | 1][i] as number) - (mean[a as 0 | 1] as number);
        if (Number.isNaN(x)) continue;
        for (let j = i; j < times.length; j++) {
          const y = (deviations[b as 0 | 1][j] as number) - (mean[b as 0 | 1] as number);
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
function fitAreas(schools: readonly Known[], structure: TypeStructure): Record<string, Pair> {
  const recent = new Map(structure.levels.slice(-3).map((level) => [level.year, level]));
  const sums = new Map<string, { schools: number; sum: Pair }>();
  for (const school of schools) {
    const usual = sizeClassOf(structure, school.logEnrolments).mean;
    const own = measures.map((measure, m) => {
      const values = school.years.flatMap((year) => {
        const level = recent.get(year.year);
        const percent = percentOfMeasure[measure](year);
        if (!level || percent === null) return [];
        const deviation = (percent - (level.level[m] as number)) / (level.spread[m] as number);
        return [Math.max(-clipSpreads, Math.min(clipSpreads, deviation - (usual[m] as number)))];
      });
      return values.length > 0 ? meanOf(values) : Number.NaN;
    });
    if (own.some(Number.isNaN)) continue;
    const area = sums.get(school.laCode) ?? { schools: 0, sum: [0, 0] };
    area.schools += 1;
    area.sum = [area.sum[0] + (own[0] as number), area.sum[1] + (own[1] as number)];
    sums.set(school.laCode, area);
  }
  const areas = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  const within = [0, 1].map((m) =>
    meanOf(
      structure.sizeClasses.map((each) => {
        const name = measures[m] as Measure;
        return each.lasting[name] + each.wandering[name] + each.passing[name] / 3;
      }),
    ),
  );
  const between = [0, 1].map((m) => {
    let squares = 0;
    let count = 0;
    for (const [, area] of areas) {
      squares += (area.sum[m as 0 | 1] as number) ** 2 / area.schools;
      count += area.schools;
    }
    return count > 0 ? Math.max(0, (squares - areas.length * (within[m] as number)) / count) : 0;
  });
  return Object.fromEntries(
    areas.map(([laCode, area]) => {
      const shrunk = [0, 1].map((m) => {
        const variance = (within[m] as number) / area.schools;
        const trust = (between[m] as number) / ((between[m] as number) + variance);
        return (trust * (area.sum[m as 0 | 1] as number)) / area.schools;
      });
      return [laCode, shrunk as Pair];
    }),
  );
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
  const mix = (a: number, b: number) => a + share * (b - a);
  const mixed = (a: Covariance, b: Covariance): Covariance => ({
    overall: mix(a.overall, b.overall),
    persistent: mix(a.persistent, b.persistent),
    both: mix(a.both, b.both),
  });
  return {
    logEnrolments,
    mean: [mix(low.mean[0], high.mean[0]), mix(low.mean[1], high.mean[1])],
    lasting: mixed(low.lasting, high.lasting),
    wandering: mixed(low.wandering, high.wandering),
    passing: mixed(low.passing, high.passing),
  };
}

export type DeviationPrediction = {
  yearsUsed: AcademicYear[];
  /** Of the size of school, and of the authority: where a school stands of which nothing is known, in spreads. */
  usualForSize: Pair;
  usualForArea: Pair;
  measures: {
    /** Predicted deviation from the level of the year, in spreads, and its variance, in spreads squared. */
    deviation: number;
    variance: number;
    /** What one spread above the usual in every known year and both measures would add to the prediction. */
    trust: number;
    /** Deviation in the year just before, when known. */
    lastYear: number | undefined;
  }[];
};

/** The best linear prediction of a school's deviation in `year` from all of its known years and both measures. */
export function predictDeviation(
  structure: TypeStructure,
  school: Known,
  year: AcademicYear,
): DeviationPrediction {
  const size = sizeClassOf(structure, school.logEnrolments);
  const area = structure.areaDeviation[school.laCode] ?? [0, 0];
  const usual: Pair = [size.mean[0] + area[0], size.mean[1] + area[1]];
  const observed = observe(structure, school, year, usual);
  const count = observed.value.length;
  const target = startYearOf(year);
  const covarianceOf = (m: number, n: number, lag: number) => {
    const key = m !== n ? 'both' : (measures[m] as Measure);
    const fading = lag === 0 ? 1 : structure.keptPerYear ** lag;
    return size.lasting[key] + size.wandering[key] * fading + (lag === 0 ? size.passing[key] : 0);
  };
  const covariance = new Float64Array(count * count);
  const withTarget = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < count; i++) {
    const time = observed.time[i] as number;
    const measure = observed.measure[i] as number;
    for (let j = 0; j <= i; j++)
      covariance[i * count + j] =
        covarianceOf(
          measure,
          observed.measure[j] as number,
          Math.abs(time - (observed.time[j] as number)),
        ) + (i === j ? 1e-6 : 0);
    for (let m = 0; m < 2; m++)
      (withTarget[m] as Float64Array)[i] = covarianceOf(m, measure, target - time);
  }
  const predictors = bestLinearPredictors(covariance, count, withTarget);
  return {
    yearsUsed: observed.years,
    usualForSize: size.mean,
    usualForArea: area,
    measures: predictors.map(({ weights, explainedVariance }, m) => {
      let deviation = usual[m] as number;
      let trust = 0;
      for (let i = 0; i < count; i++) {
        deviation += (weights[i] as number) * (observed.value[i] as number);
        trust += weights[i] as number;
      }
      return {
        deviation,
        variance: Math.max(1e-4, covarianceOf(m, m, 0) - explainedVariance),
        trust,
        lastYear: observed.lastYear[m],
      };
    }),
  };
}

function observe(structure: TypeStructure, school: Known, before: AcademicYear, usual: Pair) {
  const measure: number[] = [];
  const time: number[] = [];
  const value: number[] = [];
  const years: AcademicYear[] = [];
  const lastYear: (number | undefined)[] = [undefined, undefined];
  for (const known of school.years) {
    if (known.year >= before) continue;
    const levels = structure.levels.find((each) => each.year === known.year);
    if (!levels) continue;
    years.push(known.year);
    measures.forEach((name, m) => {
      const percent = percentOfMeasure[name](known);
      if (percent === null) return;
      const deviation = (percent - (levels.level[m] as number)) / (levels.spread[m] as number);
      measure.push(m);
      time.push(startYearOf(known.year));
      value.push(deviation - (usual[m] as number));
      if (startYearOf(known.year) === startYearOf(before) - 1) lastYear[m] = deviation;
    });
  }
  return { measure, time, value, years, lastYear };
}
