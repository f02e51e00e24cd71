/** `100 × part / whole`, or undefined when there is no whole: a rate of nothing is not 0. */
export function percentOf(part: number, whole: number): number | undefined {
  return whole > 0 ? (100 * part) / whole : undefined;
}

/**
 * Rounds half away from zero, with the tolerance the department uses (`dfeR::round_five_up`):
 * `roundHalfUp(1.005, 2) === 1.01`, where `toFixed` gives "1.00".
 */
export function roundHalfUp(value: number, decimals = 0): number {
  const factor = 10 ** decimals;
  return (
    (Math.sign(value) * Math.trunc(Math.abs(value) * factor + 0.5 + Math.sqrt(Number.EPSILON))) /
    factor
  );
}

/** A rate for people: one decimal and a per cent sign, `5.3%`. */
export function percentText(percent: number, decimals = 1): string {
  return `${roundHalfUp(percent, decimals).toFixed(decimals)}%`;
}
