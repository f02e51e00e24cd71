/** Nearer to the root than this share of the first interval is near enough. */
const nearEnough = 1e-9;
const mostSteps = 100;

/**
 * Where a function that never falls passes through 0, between `low` (where it is at most 0) and `high` (where it is at
 * least 0): false position with the Illinois rule, so that neither end stays behind; where it jumps over 0, the jump.
 */
export function risingRoot(rising: (x: number) => number, low: number, high: number): number {
  const enough = nearEnough * (high - low);
  let below = rising(low);
  let above = rising(high);
  if (below >= 0) return low;
  if (above <= 0) return high;
  let x = low;
  let lastY = 0;
  for (let step = 0; step < mostSteps && high - low > enough; step++) {
    x = low + ((high - low) * below) / (below - above);
    if (x <= low || x >= high) break;
    const y = rising(x);
    if (y === 0) break;
    if (y < 0) {
      low = x;
      below = y;
      if (lastY < 0) above /= 2;
    } else {
      high = x;
      above = y;
      if (lastY > 0) below /= 2;
    }
    lastY = y;
  }
  return x;
}
