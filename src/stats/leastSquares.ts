import { risingOrder } from './quantiles.ts';

/**
 * Solves `matrix · x = right` by Gaussian elimination with partial pivoting. Small dense systems only.
 * @throws when the matrix is singular.
 */
export function solveLinear(matrix: readonly (readonly number[])[], right: readonly number[]) {
  const size = right.length;
  const rows = matrix.map((row, i) => [...row, right[i] as number]);
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let i = column + 1; i < size; i++)
      if (Math.abs(at(rows, i, column)) > Math.abs(at(rows, pivot, column))) pivot = i;
    if (Math.abs(at(rows, pivot, column)) < 1e-300) throw new Error('singular linear system');
    [rows[column], rows[pivot]] = [rows[pivot] as number[], rows[column] as number[]];
    const top = rows[column] as number[];
    for (let i = column + 1; i < size; i++) {
      const row = rows[i] as number[];
      const factor = (row[column] as number) / (top[column] as number);
      for (let k = column; k <= size; k++)
        row[k] = (row[k] as number) - factor * (top[k] as number);
    }
  }
  const solution = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    let rest = at(rows, i, size);
    for (let k = i + 1; k < size; k++) rest -= at(rows, i, k) * (solution[k] as number);
    solution[i] = rest / at(rows, i, i);
  }
  return solution;
}

function at(rows: readonly (readonly number[])[], i: number, j: number): number {
  return (rows[i] as readonly number[])[j] as number;
}

/** Ordinary least squares: the coefficients that bring `rows · coefficients` nearest to `targets`; no intercept is added. */
export function leastSquares(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
): number[] {
  const width = rows[0]?.length ?? 0;
  const gram = Array.from({ length: width }, () => new Array<number>(width).fill(0));
  const moment = new Array<number>(width).fill(0);
  rows.forEach((row, i) => {
    for (let j = 0; j < width; j++) {
      const x = row[j] as number;
      moment[j] = (moment[j] as number) + x * (targets[i] as number);
      const line = gram[j] as number[];
      for (let k = 0; k < width; k++) line[k] = (line[k] as number) + x * (row[k] as number);
    }
  });
  return solveLinear(gram, moment);
}

/**
 * The slope of a line through the origin that makes the absolute (not squared) misses least: a weighted median of the
 * ratios y/x with weights |x|. One outlying point cannot move it far.
 */
export function leastAbsoluteSlope(
  points: readonly { x: number; y: number; weight: number }[],
): number {
  const some = points.filter(({ x }) => Math.abs(x) > 1e-9);
  const ratios = Float64Array.from(some, ({ x, y }) => y / x);
  const weights = Float64Array.from(some, ({ x, weight }) => weight * Math.abs(x));
  let total = 0;
  for (const weight of weights) total += weight;
  let passed = 0;
  for (const index of risingOrder(ratios, weights)) {
    passed += weights[index] as number;
    if (passed >= total / 2) return ratios[index] as number;
  }
  return 0;
}
