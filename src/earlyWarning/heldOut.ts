import { brierScore } from '../stats/classification.ts';
import type { Trained } from './examples.ts';
import { sessionsThatMatter } from './fit.ts';
import type { Coefficients } from './scores.sql.ts';

/** The mean squared difference between what was told and what came (Brier, 1950), of each of the two probabilities. */
export type Missed = { persistent: number; month: number };

/** How well a fit did on children that it did not see, beside what is shipped on the same. */
export type JudgedFit = { examples: number; own: Missed; shipped: Missed };

/** Every fourth child, whatever school it is at: its key is as good as chance. */
export const isHeldOut = ({ pupil }: Pick<Trained, 'pupil'>) => BigInt(pupil) % 4n === 0n;

/** A fit is used that does as well, of both probabilities together. */
export const isNoWorse = ({ own, shipped }: JudgedFit) =>
  own.persistent + own.month <= shipped.persistent + shipped.month;

/** Of examples whose inputs were worked out with the same `rate`. */
export function missedBy(
  examples: readonly Trained[],
  { persistent, month }: Coefficients,
): Missed {
  const toldOfYear = ({ certain, for_persistent }: Trained) =>
    certain >= 0 ? certain : probability(for_persistent, persistent);
  return {
    persistent: brierScore({
      scores: examples.map(toldOfYear),
      outcomes: examples.map(({ came }) => Number(came.persistent)),
    }),
    month: brierScore({
      scores: examples.map(({ for_month }) => probability(for_month, month)),
      outcomes: examples.map(({ came }) => Number(came.monthAbsent >= sessionsThatMatter)),
    }),
  };
}

function probability(inputs: readonly number[], coefficients: readonly number[]): number {
  const sum = inputs.reduce((total, input, at) => total + input * (coefficients[at] ?? 0), 0);
  return 1 / (1 + Math.exp(-sum));
}
