/** The mean of some numbers; NaN of none. */
export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

export type Weighted = { value: number; weight: number };

/**
 * Quantiles of weighted numbers at each of `probabilities` (rising), linear between the middles of the weights.
 * With equal weights this is Hyndman and Fan's (1996) type 5. NaN of none.
 */
export function weightedQuantiles(
  sample: readonly Weighted[],
  probabilities: readonly number[],
): number[] {
  const sorted = [...sample].sort((a, b) => a.value - b.value || a.weight - b.weight);
  let total = 0;
  for (const { weight } of sorted) total += weight;
  const quantiles: number[] = [];
  let index = 0;
  let before = 0;
  let previous: { middle: number; value: number } | undefined;
  for (const probability of probabilities) {
    const wanted = probability * total;
    let next = sorted[index];
    while (next && before + next.weight / 2 < wanted) {
      previous = { middle: before + next.weight / 2, value: next.value };
      before += next.weight;
      index += 1;
      next = sorted[index];
    }
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
