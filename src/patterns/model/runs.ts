import { scoreOf } from './candidate.ts';

/** What all series show counts as so many days, and so many runs, of one's own. */
const priorDays = 5;
const priorRuns = 2;
/** Longer runs are counted as so long. */
const longest = 20;

/**
 * How rare it is for a series that something goes on for so many days: how often it begins, and how many of its runs come
 * to that length, both drawn towards those of all. A school whose register is late every month is not told of each time;
 * one that was never late is told of at once.
 */
export class Runs {
  readonly #days: Float64Array;
  readonly #length: Int32Array;
  /** Of each series, and then of all: how many runs came to each length. */
  readonly #reached: Float64Array;
  readonly #all: Float64Array;
  #allDays = 200;

  constructor(rows: number) {
    this.#days = new Float64Array(rows);
    this.#length = new Int32Array(rows);
    this.#reached = new Float64Array(rows * (longest + 1));
    this.#all = new Float64Array(longest + 1).map((_, length) => 0.3 ** (length - 1));
  }

  /** Takes a day in; the length of the run and its score, or length 0 where it is not so that day. */
  next(row: number, isSo: boolean): { length: number; score: number } {
    const days = this.#days[row] as number;
    this.#days[row] = days + 1;
    this.#allDays += 1;
    if (!isSo) {
      this.#length[row] = 0;
      return { length: 0, score: 0 };
    }
    const length = Math.min((this.#length[row] as number) + 1, longest);
    const own = row * (longest + 1);
    const runs =
      length === 1 ? (this.#reached[own + 1] as number) : (this.#reached[own + 1] as number) - 1;
    const allRuns = this.#all[1] as number;
    const begins = (runs + (priorDays * allRuns) / this.#allDays) / (days + priorDays);
    const comesTo =
      length === 1
        ? 1
        : ((this.#reached[own + length] as number) +
            (priorRuns * (this.#all[length] as number)) / allRuns) /
          (runs + priorRuns);
    this.#length[row] = length;
    this.#reached[own + length] = (this.#reached[own + length] as number) + 1;
    this.#all[length] = (this.#all[length] as number) + 1;
    return { length, score: scoreOf(begins * comesTo) };
  }
}
