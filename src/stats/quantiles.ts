/** The mean of some numbers; NaN of none. */
export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/**
 * The `probability` quantile of numbers already sorted upwards, linear between order statistics
 * (Hyndman and Fan 1996, type 7: R's default). NaN of none.
 */
export function quantileOfSorted(sorted: readonly number[], probability: number): number {
  const position = probability * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (position - below) * (high - low);
}

export function quantile(values: readonly number[], probability: number): number {
  return quantileOfSorted(
    [...values].sort((a, b) => a - b),
    probability,
  );
}

export type Weighted = { value: number; weight: number };

/**
 * Quantiles of weighted numbers at each of `probabilities` (rising), linear between the middles of the weights.
 * With equal weights this is Hyndman and Fan's type 5.
 */
export function weightedQuantiles(
  sample: readonly Weighted[],
  probabilities: readonly number[],
): number[] {
  const sorted = [...sample].sort((a, b) => a.value - b.value);
  let total = 0;
  for (const { weight } of sorted) total += weight;
  const quantiles: number[] = [];
  let index = 0;
  let before = 0;
  let previous: { middle: number; value: number } | undefined;
  for (const probability of probabilities) {
    const wanted = probability * total;
    while (index < sorted.length) {
      const { value, weight } = sorted[index] as Weighted;
      if (before + weight / 2 >= wanted) break;
      previous = { middle: before + weight / 2, value };
      before += weight;
      index += 1;
    }
    const next = sorted[index];
    if (!next) quantiles.push(previous?.value ?? Number.NaN);
    else if (!previous) quantiles.push(next.value);
    else {
      const middle = before + next.weight / 2;
      const share = (wanted - previous.middle) / (middle - previous.middle);
      quantiles.push(previous.value + share * (next.value - previous.value));
    }
  }
  return quantiles;
}
