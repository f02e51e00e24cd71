import { robustDeviationOf } from '../../stats/robust.ts';

/**
 * By how much a statistic of each series varies when nothing is told: its own variance, drawn towards a prior, and then what
 * all series together show. Days in a row share most of what they look at, so each adds only `1 / days` of a look.
 */
export class OwnVariance {
  readonly #sums: Float64Array;
  readonly #looks: Float64Array;
  readonly #share: number;
  readonly #prior: { variance: number; looks: number };
  /** What all series show beyond their own variances. */
  #inflation = 1;

  constructor(rows: number, days: number, prior: { variance: number; looks: number }) {
    this.#sums = new Float64Array(rows);
    this.#looks = new Float64Array(rows);
    this.#share = 1 / days;
    this.#prior = prior;
  }

  /** The statistics of one day over all series (NaN where there is none), in their own deviations. */
  standardise(statistics: Float64Array): Float64Array {
    const { variance, looks } = this.#prior;
    const own = statistics.map(
      (value, row) =>
        value /
        Math.sqrt(
          ((this.#sums[row] as number) + looks * variance) / ((this.#looks[row] as number) + looks),
        ),
    );
    const known = [...own].filter((value) => !Number.isNaN(value));
    if (known.length >= 30)
      this.#inflation += 0.05 * (Math.max(0.5, robustDeviationOf(known) ?? 1) - this.#inflation);
    statistics.forEach((value, row) => {
      if (Number.isNaN(value)) return;
      this.#sums[row] =
        (this.#sums[row] as number) + this.#share * Math.min(value ** 2, 4 * variance);
      this.#looks[row] = (this.#looks[row] as number) + this.#share;
    });
    return own.map((value) => value / this.#inflation);
  }
}
