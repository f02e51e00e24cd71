import { solveLinear } from './leastSquares.ts';

/** The logistic function: from any number to a probability. */
export function logistic(value: number): number {
  return value >= 0 ? 1 / (1 + Math.exp(-value)) : 1 - 1 / (1 + Math.exp(value));
}

/** Its inverse. A probability nearer to 0 or 1 than a millionth of a millionth is taken as that near. */
export function logit(probability: number): number {
  const inside = Math.min(1 - 1e-12, Math.max(1e-12, probability));
  return Math.log(inside / (1 - inside));
}

/** What a logistic regression is fitted to: `width` inputs a row, one row after the other, and what came of each row. */
export type Trials = {
  inputs: Float64Array;
  width: number;
  /** How many of the trials of each row came out; with one trial a row, 0 or 1. */
  successes: Float64Array;
  /** One a row where there are none. */
  trials?: Float64Array;
};

/** Newton steps; the last of a fit that goes well is smaller than this. */
const mostSteps = 50;
const smallestStep = 1e-8;

/**
 * The coefficients that make what came most likely, less `ridge` × half the sum of their squares (the first, which is
 * taken for the intercept, is not held back). By Newton steps, halved where they would go too far (iteratively reweighted
 * least squares; Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 4.4).
 */
export function logisticRegression(of: Trials, { ridge }: { ridge: number }): number[] {
  const { width } = of;
  let coefficients = new Array<number>(width).fill(0);
  let now = penalised(of, coefficients, ridge);
  for (let step = 0; step < mostSteps; step++) {
    const move = solveLinear(...normalEquations(of, coefficients, ridge));
    let scale = 1;
    let next = coefficients;
    let then = -Infinity;
    while (scale > 1e-6 && !(then >= now - 1e-9 * Math.abs(now))) {
      const part = scale;
      next = coefficients.map((each, at) => each + part * (move[at] as number));
      then = penalised(of, next, ridge);
      scale /= 2;
    }
    coefficients = next;
    now = then;
    if (move.every((each) => Math.abs(each) < smallestStep)) break;
  }
  return coefficients;
}

/** The sum of one row’s inputs, each times its coefficient. */
export function scoreOf(
  of: Pick<Trials, 'inputs' | 'width'>,
  row: number,
  coefficients: readonly number[],
) {
  let sum = 0;
  const from = row * of.width;
  for (let at = 0; at < of.width; at++) {
    sum += (coefficients[at] as number) * (of.inputs[from + at] as number);
  }
  return sum;
}

function penalised(of: Trials, coefficients: readonly number[], ridge: number): number {
  let sum = 0;
  for (let row = 0; row < of.successes.length; row++) {
    const score = scoreOf(of, row, coefficients);
    const trials = of.trials ? (of.trials[row] as number) : 1;
    sum += (of.successes[row] as number) * score - trials * softplus(score);
  }
  for (const each of coefficients.slice(1)) sum -= (ridge / 2) * each * each;
  return sum;
}

/** log(1 + e^value) */
const softplus = (value: number) =>
  value > 0 ? value + Math.log1p(Math.exp(-value)) : Math.log1p(Math.exp(value));

function normalEquations(
  of: Trials,
  coefficients: readonly number[],
  ridge: number,
): [matrix: number[][], right: number[]] {
  const { inputs, width } = of;
  const curvature = new Float64Array(width * width);
  const slope = new Float64Array(width);
  for (let row = 0; row < of.successes.length; row++) {
    const trials = of.trials ? (of.trials[row] as number) : 1;
    const probability = logistic(scoreOf(of, row, coefficients));
    const miss = (of.successes[row] as number) - trials * probability;
    const weight = trials * probability * (1 - probability);
    const from = row * width;
    for (let at = 0; at < width; at++) {
      const input = inputs[from + at] as number;
      slope[at] = (slope[at] as number) + miss * input;
      const weighted = weight * input;
      for (let other = 0; other <= at; other++) {
        const place = at * width + other;
        curvature[place] =
          (curvature[place] as number) + weighted * (inputs[from + other] as number);
      }
    }
  }
  const matrix = Array.from({ length: width }, (_, at) =>
    Array.from({ length: width }, (_unused, other) => {
      const held = at === other ? (at === 0 ? 1e-9 : ridge + 1e-9) : 0;
      return held + (curvature[Math.max(at, other) * width + Math.min(at, other)] as number);
    }),
  );
  const right = Array.from(
    slope,
    (each, at) => each - (at === 0 ? 0 : ridge * (coefficients[at] as number)),
  );
  return [matrix, right];
}
