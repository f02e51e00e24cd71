import { startYearOf } from '../base/academicYear.ts';
import { measures } from '../base/measure.ts';
import { mean } from '../stats/quantiles.ts';
import {
  clippedTo,
  type Covariance,
  eachMeasure,
  type Known,
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
const guessPairs = 50;
const guess = { lasting: 0.45, wandering: 0.45 };
const yearsToBeSettled = 4;

/** Overall with itself, with persistent, persistent with itself: the order in which covariances are kept. */
const pairsOfMeasures = [
  [0, 0],
  [0, 1],
  [1, 1],
] as const;

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
    deviations[m].forEach((value, index) => {
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

/** No variance below `least`; the covariance drawn in to what the two variances can make. */
function covarianceOf(
  divisions: readonly Division[],
  part: 'lasting' | 'wandering' | 'passing',
  least: number,
): Covariance {
  const [overall, both, persistent] = divisions.map((division) => division[part]) as [
    number,
    number,
    number,
  ];
  const variances = perMeasure((m) => Math.max(m === 0 ? overall : persistent, least));
  const limit = 0.97 * Math.sqrt(variances[0] * variances[1]);
  const covariance = Math.max(-limit, Math.min(limit, both));
  return [
    [variances[0], covariance],
    [covariance, variances[1]],
  ];
}

type DeviationRow = {
  logEnrolments: number | undefined;
  known: number;
  deviations: [Float64Array, Float64Array];
};

function deviationTable(schools: readonly Known[], levels: readonly YearLevels[]) {
  const columnOf = new Map(levels.map(({ year }, index) => [year, index]));
  const rows = schools.map(({ logEnrolments, years }): DeviationRow => {
    const deviations: DeviationRow['deviations'] = [
      new Float64Array(levels.length).fill(Number.NaN),
      new Float64Array(levels.length).fill(Number.NaN),
    ];
    let known = 0;
    for (const year of years) {
      const column = columnOf.get(year.year);
      if (column === undefined) continue;
      known += 1;
      const { level, spread } = levels[column] as YearLevels;
      for (const m of eachMeasure) {
        const percent = percentOfMeasure(year, measures[m]);
        if (percent !== null)
          deviations[m][column] = clippedTo(clipSpreads, (percent - level[m]) / spread[m]);
      }
    }
    return { logEnrolments, known, deviations };
  });
  const logs = rows.flatMap((row) => row.logEnrolments ?? []).sort((a, b) => a - b);
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
  [one, other]: (typeof pairsOfMeasures)[number],
): LagMoments {
  const sums = new Float64Array(longest + 1);
  const pairs = new Float64Array(longest + 1);
  const beyondUsual = (row: DeviationRow, m: 0 | 1, column: number) =>
    (row.deviations[m][column] as number) - (usual[column]?.deviation[m] as number);
  const add = (row: DeviationRow, first: 0 | 1, second: 0 | 1) => {
    for (let i = 0; i < times.length; i++) {
      const x = beyondUsual(row, first, i);
      if (Number.isNaN(x)) continue;
      for (let j = i; j < times.length; j++) {
        const y = beyondUsual(row, second, j);
        if (Number.isNaN(y)) continue;
        const lag = (times[j] as number) - (times[i] as number);
        sums[lag] = (sums[lag] as number) + x * y;
        pairs[lag] = (pairs[lag] as number) + 1;
      }
    }
  };
  for (const row of rows) {
    add(row, one, other);
    if (one !== other) add(row, other, one);
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
