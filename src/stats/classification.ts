import { logisticRegression, logit } from './logistic.ts';

/** How sure one was of each, and whether it came (1) or not (0). */
export type Judged = { scores: ArrayLike<number>; outcomes: ArrayLike<number> };

const highestFirst = ({ scores }: Judged) =>
  Uint32Array.from(scores, (_, at) => at).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number) || a - b,
  );

/**
 * The area under the ROC curve: how often one that came has the higher score of two, one of each; equal scores count half
 * (Mann and Whitney, 1947). NaN where nothing or everything came.
 */
export function areaUnderCurve(judged: Judged): number {
  const { scores, outcomes } = judged;
  const order = highestFirst(judged).reverse();
  let came = 0;
  let rankSum = 0;
  for (let at = 0; at < order.length; ) {
    let end = at + 1;
    while (end < order.length && scores[order[end] as number] === scores[order[at] as number])
      end++;
    for (let each = at; each < end; each++) {
      if (!outcomes[order[each] as number]) continue;
      came += 1;
      rankSum += (at + end + 1) / 2;
    }
    at = end;
  }
  return (rankSum - (came * (came + 1)) / 2) / (came * (order.length - came));
}

/** The mean, over those that came, of the share that came among the scores as high; equal scores are taken together. NaN where none came. */
export function averagePrecision(judged: Judged): number {
  const { scores, outcomes } = judged;
  const order = highestFirst(judged);
  let came = 0;
  let sum = 0;
  for (let at = 0; at < order.length; ) {
    let end = at;
    let here = 0;
    while (end < order.length && scores[order[end] as number] === scores[order[at] as number]) {
      here += outcomes[order[end] as number] ? 1 : 0;
      end++;
    }
    came += here;
    sum += (here * came) / end;
    at = end;
  }
  return sum / came;
}

/** The mean squared difference between a probability and what came (Brier, 1950). */
export function brierScore({ scores, outcomes }: Judged): number {
  let sum = 0;
  for (let at = 0; at < scores.length; at++) {
    sum += ((scores[at] as number) - (outcomes[at] ? 1 : 0)) ** 2;
  }
  return sum / scores.length;
}

/** As sure as a probability can be when it is judged: one that is told as certain would else count beyond all others. */
const surest = 1e-4;

/**
 * Calibration by a logistic regression on the logit of the probabilities (Cox, 1958): a slope of 1 and an intercept of 0
 * are perfect. A slope below 1 says that they are too sure; the intercept is that of the slope 1, as it is reported.
 */
export function calibrationOf({ scores, outcomes }: Judged): { slope: number; intercept: number } {
  const rows = scores.length;
  const logits = Float64Array.from(scores, (each) =>
    logit(Math.min(1 - surest, Math.max(surest, each))),
  );
  const successes = Float64Array.from(outcomes, (each) => (each ? 1 : 0));
  const inputs = new Float64Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    inputs[2 * row] = 1;
    inputs[2 * row + 1] = logits[row] as number;
  }
  const [, slope = NaN] = logisticRegression({ inputs, width: 2, successes }, { ridge: 0 });
  return { slope, intercept: interceptOf(logits, successes) };
}

/** What must be added to every logit for as many to come as did. */
function interceptOf(logits: Float64Array, successes: Float64Array): number {
  const came = successes.reduce((sum, each) => sum + each, 0);
  if (came === 0 || came === successes.length) return NaN;
  let [low, high] = [-20, 20];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    let expected = 0;
    for (const each of logits) expected += 1 / (1 + Math.exp(-each - middle));
    if (expected < came) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
