/** Order statistics that a few extreme values do not move. All are undefined for no values. */

/** The value below which `part` (0–1) of the values lie, interpolated linearly (Hyndman and Fan's type 7). */
export function quantileOf(values: readonly number[], part: number): number | undefined {
  if (values.length < 2) return values[0];
  const sorted = new Float64Array(values).sort(); // not `from`, which is slow
  const place = part * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? 0;
  return below + (place - Math.floor(place)) * (above - below);
}

export function medianOf(values: readonly number[]): number | undefined {
  return quantileOf(values, 0.5);
}

/** A standard deviation from the median absolute deviation, right for normal values (factor 1.4826). */
export function robustDeviationOf(values: readonly number[]): number | undefined {
  const median = medianOf(values);
  if (median === undefined) return undefined;
  return 1.4826 * (medianOf(values.map((value) => Math.abs(value - median))) ?? 0);
}
