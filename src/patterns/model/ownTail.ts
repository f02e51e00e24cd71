import { scoreOf } from './candidate.ts';

/** A miss beyond so many usual ones is an odd day. */
const odd = 2.5;
/** The share of odd days of all series counts as so many days of one’s own. */
const priorDays = 60;
/** The depth of all counts as so many odd days of one’s own. */
const priorOdd = 2;
/** A day further off than this teaches no more. */
const deepest = 20;

/**
 * How rare a miss is for the series that has it. Some schools have odd days every month and most have none in a year, so
 * one limit for all would give most alarms to a few. Each has its own share of odd days and its own depth of them (a Pareto
 * tail, Hill's estimate), both drawn towards those of all.
 */
export class OwnTail {
  readonly #days: Float64Array;
  readonly #oddDays: Float64Array;
  readonly #depths: Float64Array;
  /** Before anybody is known: two days in a hundred are odd, and deep. */
  #allDays = 400;
  #allOdd = 8;
  #allDepths = 3.2;

  constructor(rows: number) {
    this.#days = new Float64Array(rows);
    this.#oddDays = new Float64Array(rows);
    this.#depths = new Float64Array(rows);
  }

  /** The score of a miss in usual misses; 0 for one that is not odd. */
  scoreOf(row: number, miss: number): number {
    if (!(miss > odd)) return 0;
    const oddDays = this.#oddDays[row] as number;
    const share =
      (oddDays + (priorDays * this.#allOdd) / this.#allDays) /
      ((this.#days[row] as number) + priorDays);
    const depth =
      ((this.#depths[row] as number) + (priorOdd * this.#allDepths) / this.#allOdd) /
      (oddDays + priorOdd);
    return scoreOf(share * (miss / odd) ** (-1 / depth));
  }

  /** Takes a day in, once it is over. */
  learn(row: number, miss: number): void {
    if (Number.isNaN(miss)) return;
    this.#days[row] = (this.#days[row] as number) + 1;
    this.#allDays += 1;
    if (miss <= odd) return;
    const depth = Math.log(Math.min(miss, deepest) / odd);
    this.#oddDays[row] = (this.#oddDays[row] as number) + 1;
    this.#depths[row] = (this.#depths[row] as number) + depth;
    this.#allOdd += 1;
    this.#allDepths += depth;
  }
}
