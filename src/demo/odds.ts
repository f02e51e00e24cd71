export function logOdds(share: number): number {
  return Math.log(share / (1 - share));
}

/** A share moved on the log-odds scale, so that it stays between 0 and 1. */
export function shiftShare(share: number, by: number): number {
  return 1 / (1 + Math.exp(-(logOdds(share) + by)));
}
