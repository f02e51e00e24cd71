import { scoreOf } from './candidate.ts';

/** What all series show counts as so many days, and so many runs, of one's own. */
const priorDays = 5;
const priorRuns = 2;
/** What shorter runs show of going on counts as so many runs of all. */
const priorOfAll = 3;
const usuallyGoesOn = 0.3;
/** Beyond so many days runs of any length go on alike. */
const longest = 20;

/**
 * How rare it is for a series that something goes on for so many days: how often it begins, and how often it then goes on
 * from each day to the next, both drawn towards those of all. A school whose register is late every month is not told of
 * each time; one that was never late is told of at once.
 */
export class Runs {
  readonly #days: Float64Array;
  readonly #length: Int32Array;
  /** Of the run that goes on: how rare it is that one comes so far. */
  readonly #chance: Float64Array;
  /** Of each series: how many runs came to each length. */
  readonly #reached: Float64Array;
  /** Of all: how many days and beginnings there were, and of the runs that could come to a length how many did. */
  #allDays = 300;
  #allBegun = 4;
  readonly #could: Float64Array;
  readonly #did: Float64Array;

  constructor(rows: number) {
    this.#days = new Float64Array(rows);
    this.#length = new Int32Array(rows);
    this.#chance = new Float64Array(rows);
    this.#reached = new Float64Array(rows * (longest + 1));
    this.#could = new Float64Array(longest + 1);
    this.#did = new Float64Array(longest + 1);
  }

  /**
   * Takes a day in: of each series with something to say that day whether it is so. The lengths of the runs and their
   * scores, in the same order; length 0 where it is not so.
   */
  takeDay(asked: readonly { row: number; isSo: boolean }[]): { length: number; score: number }[] {
    const crowd = this.#crowdsOf(asked);
    const runs = asked.map(({ row, isSo }) => {
      if (!isSo) return { length: 0, score: 0 };
      const before = this.#length[row] as number;
      const goesOn = before > 0;
      const today = Math.min(1, crowd[goesOn ? 1 : 0] * this.#chanceOf(row));
      this.#chance[row] = goesOn ? (this.#chance[row] as number) * today : today;
      return { length: before + 1, score: scoreOf(this.#chance[row] as number) };
    });
    asked.forEach(({ row }, at) => this.#learn(row, (runs[at] as { length: number }).length));
    return runs;
  }

  /** By how many times more runs than usual begin, and go on, on a day: what many do together is odd of none of them. */
  #crowdsOf(asked: readonly { row: number; isSo: boolean }[]): [number, number] {
    const [usual, are] = [
      [1, 1],
      [0, 0],
    ] as [[number, number], [number, number]];
    for (const { row, isSo } of asked) {
      const which = (this.#length[row] as number) > 0 ? 1 : 0;
      usual[which] += this.#chanceOf(row);
      if (isSo) are[which] += 1;
    }
    return [Math.max(1, are[0] / usual[0]), Math.max(1, are[1] / usual[1])];
  }

  /** How likely a run begins, or the run of the days before goes on. */
  #chanceOf(row: number): number {
    const length = this.#length[row] as number;
    return length === 0 ? this.#begins(row) : this.#goesOn(row, Math.min(length + 1, longest));
  }

  #learn(row: number, length: number): void {
    const before = this.#length[row] as number;
    this.#days[row] = (this.#days[row] as number) + 1;
    this.#allDays += 1;
    this.#length[row] = length;
    if (length === 1) this.#allBegun += 1;
    if (before > 0) {
      const next = Math.min(before + 1, longest);
      this.#could[next] = (this.#could[next] as number) + 1;
      if (length > 0) this.#did[next] = (this.#did[next] as number) + 1;
    }
    if (length === 0 || length > longest) return;
    const at = row * (longest + 1) + length;
    this.#reached[at] = (this.#reached[at] as number) + 1;
  }

  #begins(row: number): number {
    const days = this.#days[row] as number;
    const runs = this.#reached[row * (longest + 1) + 1] as number;
    return (runs + (priorDays * this.#allBegun) / this.#allDays) / (days + priorDays);
  }

  /** Of runs of one day less, the share that came to this length; the one that goes on now is not among them. */
  #goesOn(row: number, length: number): number {
    const own = row * (longest + 1);
    const before = Math.max(0, (this.#reached[own + length - 1] as number) - 1);
    const came = this.#reached[own + length] as number;
    return (came + priorRuns * this.#allGoOn(length)) / (before + priorRuns);
  }

  #allGoOn(length: number): number {
    const usual = length === 2 ? usuallyGoesOn : this.#allGoOn(length - 1);
    return (
      ((this.#did[length] as number) + priorOfAll * usual) /
      ((this.#could[length] as number) + priorOfAll)
    );
  }
}
