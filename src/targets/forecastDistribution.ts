import { weightedQuantiles } from '../stats/quantiles.ts';
import { risingRoot } from '../stats/risingRoot.ts';
import { studentT4Quantile } from '../stats/studentT.ts';

/**
 * The shape of forecast errors, learned from past errors and shared by the schools of a type and measure: quantiles of
 * (outcome − central forecast) ÷ the school's own scale, at rising probabilities. It need not be symmetric.
 */
export type ErrorShape = { probabilities: number[]; quantiles: number[] };

/** What the outcome of one school may be: its own luck (`scale` × shape) and the shift all schools share. Points. */
export type OutcomeDistribution = {
  centrePercent: number;
  scalePoints: number;
  /** Scale of the shared shift (Student's t with 4 degrees of freedom); 0 when the shift is known. */
  shiftScalePoints: number;
  shape: ErrorShape;
};

const probabilities = [
  0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.06, 0.075,
  0.09, 0.1, 0.11, 0.125, 0.15, 0.175, 0.2, 0.225, 0.25, 0.275, 0.3, 0.325, 0.35, 0.375, 0.4, 0.425,
  0.45, 0.475, 0.5, 0.525, 0.55, 0.575, 0.6, 0.625, 0.65, 0.675, 0.7, 0.725, 0.75, 0.775, 0.8,
  0.825, 0.85, 0.875, 0.89, 0.9, 0.91, 0.925, 0.94, 0.95, 0.96, 0.97, 0.975, 0.98, 0.985, 0.99,
  0.9925, 0.995, 0.9975, 0.999, 0.9995,
];

/** How many past errors the guessed shape counts for: Student's t with 4 degrees of freedom, its middle 80 % as wide as a normal's. */
const guessedErrors = 60;
const guessedShape = Array.from(
  { length: 199 },
  (_, i) => (1.2816 / studentT4Quantile(0.9)) * studentT4Quantile((i + 0.5) / 199),
);

/** @param errors past errors in the schools' own scales; `weights` make every past year count the same. */
export function errorShape(errors: Float64Array, weights: Float64Array): ErrorShape {
  let total = 0;
  for (const weight of weights) total += weight;
  const guessedWeight =
    errors.length === 0 ? 1 : (total * guessedErrors) / errors.length / guessedShape.length;
  const quantiles = weightedQuantiles(
    joined(errors, guessedShape),
    joined(
      weights,
      guessedShape.map(() => guessedWeight),
    ),
    probabilities,
  );
  // Beyond what was ever seen: half as far again, where probability reaches 0 and 1.
  return {
    probabilities: [0, ...probabilities, 1],
    quantiles: [1.5 * (quantiles[0] as number), ...quantiles, 1.5 * (quantiles.at(-1) as number)],
  };
}

function joined(one: Float64Array, other: readonly number[]): Float64Array {
  const both = new Float64Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

/** Probability that the error in the school's own scale is at most `error`. */
function shapeProbability(shape: ErrorShape, error: number): number {
  const { quantiles, probabilities: at } = shape;
  let low = 0;
  let high = quantiles.length - 1;
  if (error < (quantiles[low] as number)) return 0;
  if (error >= (quantiles[high] as number)) return 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((quantiles[middle] as number) <= error) low = middle;
    else high = middle;
  }
  const from = quantiles[low] as number;
  const share = (error - from) / ((quantiles[high] as number) - from);
  return (at[low] as number) + share * ((at[high] as number) - (at[low] as number));
}

function shapeQuantile({ probabilities: at, quantiles }: ErrorShape, probability: number): number {
  const above = at.findIndex((each) => each >= probability);
  if (above <= 0) return quantiles[0] as number;
  const from = at[above - 1] as number;
  const share = (probability - from) / ((at[above] as number) - from);
  const low = quantiles[above - 1] as number;
  return low + share * ((quantiles[above] as number) - low);
}

/** The shared shift as eleven equally likely values. */
const shiftNodes = Array.from({ length: 11 }, (_, i) => studentT4Quantile((i + 0.5) / 11));

function unboundedProbability(distribution: OutcomeDistribution, percent: number): number {
  const { centrePercent, scalePoints, shiftScalePoints, shape } = distribution;
  if (shiftScalePoints === 0)
    return shapeProbability(shape, (percent - centrePercent) / scalePoints);
  let sum = 0;
  for (const node of shiftNodes)
    sum += shapeProbability(
      shape,
      (percent - centrePercent - shiftScalePoints * node) / scalePoints,
    );
  return sum / shiftNodes.length;
}

/** Probability that the outcome is at or below `percent`: 0 below 0, 1 from 100. */
export function probabilityAtOrBelowPercent(
  distribution: OutcomeDistribution,
  percent: number,
): number {
  if (percent < 0) return 0;
  if (percent >= 100) return 1;
  return unboundedProbability(distribution, percent);
}

/** The percent that the outcome is at or below with `probability`; within 0–100. */
export function outcomeQuantile(distribution: OutcomeDistribution, probability: number): number {
  const { centrePercent, scalePoints, shiftScalePoints, shape } = distribution;
  const withoutShift = centrePercent + scalePoints * shapeQuantile(shape, probability);
  if (shiftScalePoints === 0) return bounded(withoutShift);
  const reach = shiftScalePoints * (shiftNodes.at(-1) as number);
  return bounded(
    risingRoot(
      (percent) => unboundedProbability(distribution, percent) - probability,
      withoutShift - reach,
      withoutShift + reach,
    ),
  );
}

function bounded(percent: number): number {
  return Math.min(100, Math.max(0, percent));
}

/** The same outcome when the shared shift has turned out to be `shiftPoints`. */
export function givenShift(distribution: OutcomeDistribution, shiftPoints: number) {
  return {
    ...distribution,
    centrePercent: distribution.centrePercent + shiftPoints,
    shiftScalePoints: 0,
  };
}
