import { startYearOf } from '../base/academicYear.ts';
import { measures } from '../base/measure.ts';
import { mean } from '../stats/quantiles.ts';
import {
  clippedTo,
  type Covariance,
  type Known,
  percentOfMeasure,
  perMeasure,
  type SizeClass,
  type YearLevels,
} from './forecastPrediction.ts';

/** Where the classes of size end, as shares of the schools: narrow among the small, whose absence is the most uneven. */
const classEnds = [0.02, 0.06, 0.15, 0.3, 0.5, 0.75, 1];
const fewestForOwnClass = 100;
/** How often the smallest class is halved, and the largest doubled, to reach schools beyond them. */
const halvings = 3;
const doublings = 1;
/** A deviation beyond this many spreads counts as this many when variances are estimated (never when forecasting). */
export const clipSpreads = 4;
/** Until the data can say (three years at least), three quarters of the wandering part stay from year to year. */
const keptBeforeData = 0.75;
const keptChoices = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9];
/** Weight, in pairs of school-years, of the guess that variances divide 45 : 45 : 10. */
const guessPairs = 50;
const guess = { lasting: 0.45, wandering: 0.45 };
/** Weight, in schools, of "the same as the others" when the mean of a class of size is taken. */
const guessSchools = 50;
const yearsToBeSettled = 4;

type LagMoments = { pairs: number; covariance: number }[];

/**
 * Moments: the mean product of a school's deviations `lag` years apart estimates `lasting + wandering · kept^lag`, and at
 * lag 0 the passing luck comes on top. Only schools known for most of the years count, since a school that opens or
 * closes is not like one that stays.
 */
export function fitComponents(schools: readonly Known[], levels: readonly YearLevels[]) {
  const settled = schools.filter(
    ({ years }) => years.length >= Math.min(yearsToBeSettled, levels.length),
  );
  const classes = bySize(settled.length > 0 ? settled : schools);
  const times = levels.map(({ year }) => startYearOf(year));
  const longest = longestLag(times);

  const moments = classes.map(({ members, rank }) => {
    const overall = deviationsOf(members, levels, 0);
    const persistent = deviationsOf(members, levels, 1);
    const usual = {
      overall: takeOutUsual(overall, times),
      persistent: takeOutUsual(persistent, times),
    };
    return {
      logEnrolments: mean(members.map(({ logEnrolments }) => logEnrolments ?? 0)),
      rank,
      usual: levels.map(({ year }, column): SizeClass['usual'][number] => ({
        year,
        deviation: [usual.overall[column] as number, usual.persistent[column] as number],
      })),
      lags: [
        lagMoments(overall, overall, times),
        lagMoments(overall, persistent, times),
        lagMoments(persistent, persistent, times),
      ],
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
  const sizeClasses = moments.map(({ logEnrolments, rank, usual }, index): SizeClass => {
    const divisions = best.classes[index] as Division[];
    return {
      logEnrolments,
      rank,
      usual,
      lasting: covarianceOf(divisions, 'lasting', 1e-6),
      wandering: covarianceOf(divisions, 'wandering', 1e-6),
      passing: covarianceOf(divisions, 'passing', 0.02),
    };
  });
  return { sizeClasses: reachingBeyond(sizeClasses), keptPerYear: best.kept };
}

/** Luck is chance among pupils: its variance goes as 1 ÷ enrolments. So it does from class to class, and so beyond them. */
function reachingBeyond(classes: SizeClass[]): SizeClass[] {
  if (classes.length < 2) return classes;
  const smallest = classes[0] as SizeClass;
  const largest = classes.at(-1) as SizeClass;
  return [
    ...Array.from({ length: halvings }, (_, i) => timesAsLarge(smallest, 2 ** (i - halvings))),
    ...classes,
    ...Array.from({ length: doublings }, (_, i) => timesAsLarge(largest, 2 ** (i + 1))),
  ];
}

function timesAsLarge(size: SizeClass, times: number): SizeClass {
  const [[overall, both], [, persistent]] = size.passing;
  return {
    ...size,
    logEnrolments: size.logEnrolments + Math.log(times),
    passing: [
      [overall / times, both / times],
      [both / times, persistent / times],
    ],
  };
}

function longestLag(times: readonly number[]): number {
  return (times.at(-1) ?? 0) - (times[0] ?? 0);
}

/** Smallest first, each with its place among all; neighbouring classes too small to stand alone are one. */
function bySize(schools: readonly Known[]): { members: Known[]; rank: number }[] {
  const sized = schools
    .filter(({ logEnrolments }) => logEnrolments !== undefined)
    .sort((a, b) => (a.logEnrolments as number) - (b.logEnrolments as number));
  const classes: { members: Known[]; rank: number }[] = [];
  let from = 0;
  for (const end of classEnds) {
    const to = Math.floor(end * sized.length);
    if (to - from < fewestForOwnClass) continue;
    classes.push({ members: sized.slice(from, to), rank: (from + to) / sized.length - 1 });
    from = to;
  }
  return classes.length < 2 ? [{ members: [...schools], rank: 0 }] : classes;
}

/** A row a school, a column a year; NaN where not known. */
function deviationsOf(
  schools: readonly Known[],
  levels: readonly YearLevels[],
  m: 0 | 1,
): Float64Array {
  const columnOf = new Map(levels.map(({ year }, index) => [year, index]));
  const deviations = new Float64Array(schools.length * levels.length).fill(Number.NaN);
  schools.forEach(({ years }, row) => {
    for (const known of years) {
      const column = columnOf.get(known.year);
      const percent = percentOfMeasure(known, measures[m]);
      if (column === undefined || percent === null) continue;
      const { level, spread } = levels[column] as YearLevels;
      deviations[row * levels.length + column] = (percent - level[m]) / spread[m];
    }
  });
  return deviations;
}

/** The mean of every year, drawn a little towards 0; it is taken out of the deviations themselves. */
function takeOutUsual(deviations: Float64Array, times: readonly number[]): number[] {
  const width = times.length;
  return times.map((_, column) => {
    let known = 0;
    let sum = 0;
    for (let at = column; at < deviations.length; at += width) {
      const deviation = deviations[at] as number;
      if (Number.isNaN(deviation)) continue;
      known += 1;
      sum += deviation;
    }
    const usual = sum / (known + guessSchools);
    for (let at = column; at < deviations.length; at += width)
      deviations[at] = clippedTo(clipSpreads, (deviations[at] as number) - usual);
    return usual;
  });
}

/** Mean products of schools' deviations in two measures, by the years between them. */
function lagMoments(one: Float64Array, other: Float64Array, times: readonly number[]): LagMoments {
  const sums = new Float64Array(longestLag(times) + 1);
  const pairs = new Float64Array(sums.length);
  const width = times.length;
  for (let row = 0; row < one.length; row += width)
    for (let i = 0; i < width; i++)
      for (let j = one === other ? i : 0; j < width; j++) {
        const product = (one[row + i] as number) * (other[row + j] as number);
        if (Number.isNaN(product)) continue;
        const lag = Math.abs((times[j] as number) - (times[i] as number));
        sums[lag] = (sums[lag] as number) + product;
        pairs[lag] = (pairs[lag] as number) + 1;
      }
  return Array.from(pairs, (count, lag) => ({
    pairs: count,
    covariance: count > 0 ? (sums[lag] as number) / count : 0,
  }));
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
