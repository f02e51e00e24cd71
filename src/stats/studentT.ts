/**
 * Quantile of Student's t with 4 degrees of freedom: a bell with honest tails, in closed form (Shaw 2006).
 * Its 80 % interval is ±1.533, its 95 % interval ±2.776.
 */
export function studentT4Quantile(probability: number): number {
  const root = Math.sqrt(4 * probability * (1 - probability));
  const stretched = Math.cos(Math.acos(root) / 3) / root;
  return Math.sign(probability - 0.5) * 2 * Math.sqrt(Math.max(0, stretched - 1));
}
