/**
 * How much of a regression's explained variance belongs to each group of columns, shared fairly where columns
 * say the same thing (Lindeman, Merenda and Gold 1980; Grömping 2007, "LMG"): the group's gain in R², averaged
 * over every order in which the groups could be added. Shares are ≥ 0 and add up to R².
 */
export type Importance = {
  /** One share of R² per group, in the order of the groups. */
  shares: number[];
  rSquared: number;
  /** One coefficient per column, groups in order; on the columns' own units. */
  coefficients: number[];
  intercept: number;
};

/** A column group is one input: one column of numbers, or the 0/1 columns of one category. At most 16 groups. */
export function importanceOf(groups: number[][][], outcome: number[]): Importance {
  if (groups.length > 16) throw new RangeError('importanceOf: more than 16 groups');
  const columns = groups.flat();
  const groupOfColumn = groups.flatMap((group, index) => group.map(() => index));
  const { means, covariance, withOutcome, outcomeMean, outcomeVariance } = moments(
    columns,
    outcome,
  );
  const explained = (inGroup: (group: number) => boolean) => {
    const chosen = columns.keys().filter((column) => inGroup(groupOfColumn[column] ?? -1));
    return explainedBy([...chosen], covariance, withOutcome, outcomeVariance);
  };

  const subsets = 1 << groups.length;
  const rSquaredOf = new Float64Array(subsets);
  for (let subset = 1; subset < subsets; subset++) {
    rSquaredOf[subset] = explained((group) => (subset & (1 << group)) !== 0).rSquared;
  }

  const orderWeight = weightsOfSubsetSize(groups.length);
  const shares = groups.map((_, group) => {
    const bit = 1 << group;
    let share = 0;
    for (let subset = 0; subset < subsets; subset++) {
      if (subset & bit) continue;
      const gain = (rSquaredOf[subset | bit] ?? 0) - (rSquaredOf[subset] ?? 0);
      share += (orderWeight[bitCount(subset)] ?? 0) * gain;
    }
    return Math.max(0, share);
  });

  const { rSquared, coefficients } = explained(() => true);
  const intercept =
    outcomeMean -
    coefficients.reduce((sum, slope, column) => sum + slope * (means[column] ?? 0), 0);
  return { shares, rSquared, coefficients, intercept };
}

function moments(columns: number[][], outcome: number[]) {
  const rows = outcome.length;
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / rows;
  const means = columns.map(mean);
  const outcomeMean = mean(outcome);
  const centred = columns.map((values, column) =>
    Float64Array.from(values, (value) => value - (means[column] ?? 0)),
  );
  const centredOutcome = Float64Array.from(outcome, (value) => value - outcomeMean);
  return {
    means,
    outcomeMean,
    covariance: centred.map((a) => centred.map((b) => dot(a, b) / rows)),
    withOutcome: centred.map((a) => dot(a, centredOutcome) / rows),
    outcomeVariance: dot(centredOutcome, centredOutcome) / rows,
  };
}

/** Least squares on the chosen columns, by Cholesky; a column that the ones before it already say gets coefficient 0. */
function explainedBy(
  chosen: number[],
  covariance: number[][],
  withOutcome: number[],
  outcomeVariance: number,
): { rSquared: number; coefficients: number[] } {
  const entry = (row: number, column: number) =>
    covariance[chosen[row] ?? -1]?.[chosen[column] ?? -1] ?? 0;
  const size = chosen.length;
  const lower = Array.from({ length: size }, () => new Float64Array(size));
  const redundant: boolean[] = [];
  for (let row = 0; row < size; row++) {
    const lowerRow = lower[row] ?? new Float64Array(size);
    for (let column = 0; column < row; column++) {
      const lowerColumn = lower[column] ?? new Float64Array(size);
      let left = entry(row, column);
      for (let k = 0; k < column; k++) left -= (lowerRow[k] ?? 0) * (lowerColumn[k] ?? 0);
      lowerRow[column] = redundant[column] ? 0 : left / (lowerColumn[column] ?? 1);
    }
    let pivot = entry(row, row);
    for (let k = 0; k < row; k++) pivot -= (lowerRow[k] ?? 0) ** 2;
    redundant[row] = pivot <= 1e-10 * entry(row, row) || entry(row, row) === 0;
    lowerRow[row] = redundant[row] ? 1 : Math.sqrt(pivot);
  }

  const forward = new Float64Array(size);
  let explainedVariance = 0;
  for (let row = 0; row < size; row++) {
    if (redundant[row]) continue;
    let left = withOutcome[chosen[row] ?? -1] ?? 0;
    for (let k = 0; k < row; k++) left -= (lower[row]?.[k] ?? 0) * (forward[k] ?? 0);
    forward[row] = left / (lower[row]?.[row] ?? 1);
    explainedVariance += (forward[row] ?? 0) ** 2;
  }
  const solution = new Float64Array(size);
  for (let row = size - 1; row >= 0; row--) {
    if (redundant[row]) continue;
    let left = forward[row] ?? 0;
    for (let k = row + 1; k < size; k++) left -= (lower[k]?.[row] ?? 0) * (solution[k] ?? 0);
    solution[row] = left / (lower[row]?.[row] ?? 1);
  }
  return {
    rSquared: outcomeVariance > 0 ? explainedVariance / outcomeVariance : 0,
    coefficients: [...solution],
  };
}

/** The share of all orders of `groups` groups in which a given subset of each size comes just before a given group. */
function weightsOfSubsetSize(groups: number): number[] {
  const weights: number[] = [];
  for (let size = 0; size < groups; size++) {
    let choices = 1;
    for (let k = 0; k < size; k++) choices = (choices * (groups - 1 - k)) / (k + 1);
    weights.push(1 / (groups * choices));
  }
  return weights;
}

function bitCount(value: number): number {
  let count = 0;
  for (let rest = value; rest; rest &= rest - 1) count++;
  return count;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
