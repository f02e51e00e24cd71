/** The mean of some numbers; NaN of none. */
export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** The positions of `values` from the smallest to the greatest; of equal ones, the lighter first. */
export function risingOrder(
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(values, (_, index) => index).sort(
    (a, b) =>
      (values[a] as number) - (values[b] as number) ||
      (weights[a] as number) - (weights[b] as number),
  );
}

/**
 * Quantiles of weighted numbers at each of `probabilities` (rising), linear between the middles of the weights.
 * With equal weights this is Hyndman and Fan's (1996) type 5. NaN of none.
 */
export function weightedQuantiles(
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
  probabilities: readonly number[],
): number[] {
  const order = risingOrder(values, weights);
  let total = 0;
  for (const index of order) total += weights[index] as number;
  const quantiles: number[] = [];
  let at = 0;
  let before = 0;
  let previous: { middle: number; value: number } | undefined;
  for (const probability of probabilities) {
    const wanted = probability * total;
    while (at < order.length) {
      const index = order[at] as number;
      const weight = weights[index] as number;
      if (before + weight / 2 >= wanted) break;
      previous = { middle: before + weight / 2, value: values[index] as number };
      before += weight;
      at += 1;
    }
    const next = order[at];
    if (next === undefined) quantiles.push(previous?.value ?? Number.NaN);
    else if (!previous) quantiles.push(values[next] as number);
    else {
      const middle = before + (weights[next] as number) / 2;
      const share = (wanted - previous.middle) / (middle - previous.middle);
      quantiles.push(previous.value + share * ((values[next] as number) - previous.value));
    }
  }
  return quantiles;
}
