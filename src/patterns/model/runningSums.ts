/** Sums of a series up to each day, so that the mean of any span of days is at hand. */
export class RunningSums {
  readonly #sums: Float64Array;
  readonly #counts: Int32Array;

  /** @param values of one series; NaN where there is none. */
  constructor(values: Float64Array) {
    this.#sums = new Float64Array(values.length + 1);
    this.#counts = new Int32Array(values.length + 1);
    values.forEach((value, at) => {
      const known = !Number.isNaN(value);
      this.#sums[at + 1] = (this.#sums[at] as number) + (known ? value : 0);
      this.#counts[at + 1] = (this.#counts[at] as number) + (known ? 1 : 0);
    });
  }

  /** Of the days `from` to before `to`: how many figures, and their mean (NaN of none). */
  over(from: number, to: number): { count: number; mean: number } {
    const count = (this.#counts[to] as number) - (this.#counts[from] as number);
    return { count, mean: ((this.#sums[to] as number) - (this.#sums[from] as number)) / count };
  }
}
