import { startYearOf } from '../base/academicYear.ts';
import { measures } from '../base/measure.ts';
import { mean } from '../stats/quantiles.ts';
import {
  clippedTo,
  type Covariance,
  type Known,
  type PerMeasure,
  percentOfMeasure,
  perMeasure,
  type SizeClass,
  type YearLevels,
} from './forecastPrediction.ts';

const fewestForOwnClass = 150;
const mostClasses = 5;
/** A deviation beyond this many spreads counts as this many when variances are estimated (never when forecasting). */
export const clipSpreads = 4;
/** Weight, in schools, of a size class's mean over all years against that of one year. */
const classYearSchools = 400;
/** Until the data can say (three years at least), three quarters of the wandering part stay from year to year. */
const keptBeforeData = 0.75;
const keptChoices = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9];
/** Weight, in pairs of school-years, of the guess that variances divide 45 : 45 : 10. */
const guessPairs = 150;
const guess = { lasting: 0.45, wandering: 0.45 };
const yearsToBeSettled = 4;

const pairsOfMeasures = measures.flatMap((_, first) =>
  measures.slice(first).map((__, further) => ({ first, second: first + further })),
);

type LagMoments = { pairs: number; covariance: number }[];

/**
 * Moments: the mean product of a school's deviations `lag` years apart estimates `lasting + wandering · kept^lag`, and at
 * lag 0 the passing luck comes on top. Only schools known for most of the years count, since a school that opens or
 * closes is not like one that stays.
 */
export function fitComponents(schools: readonly Known[], levels: readonly YearLevels[]) {
  const table = deviationTable(schools, levels);
  const settled = table.rows.filter(
    (row) => row.known >= Math.min(yearsToBeSettled, levels.length),
  );
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
      logEnrolments: mean(rows.map((row) => row.logEnrolments ?? table.typicalLogEnrolments)),
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
    const deviations = measures.map((measure, m) => {
      const row = new Float64Array(levels.length).fill(Number.NaN);
      for (const year of school.years) {
        const index = columnOf.get(year.year);
        const percent = percentOfMeasure(year, measure);
        if (index === undefined || percent === null) continue;
        const { level, spread } = levels[index] as YearLevels;
        const deviation = (percent - (level[m] as number)) / (spread[m] as number);
        row[index] = clippedTo(clipSpreads, deviation);
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
