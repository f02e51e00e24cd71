import { logisticRegression } from '../stats/logistic.ts';
import type { Trained } from './examples.ts';
import { type Coefficients, widths } from './scores.sql.ts';

/** So many sessions missed in four weeks need somebody. */
export const sessionsThatMatter = 3;

const ridge = 1;

/** A number that holds the examples of many days: rows of a regression after another. */
class Rows {
  readonly width: number;
  #inputs: Float64Array;
  #successes: number[] = [];
  #trials: number[] = [];
  constructor(width: number) {
    this.width = width;
    this.#inputs = new Float64Array(width * 1024);
  }
  add(inputs: readonly number[], successes: number, trials: number): void {
    const at = this.#successes.length * this.width;
    if (at + this.width > this.#inputs.length) {
      const wider = new Float64Array(2 * this.#inputs.length);
      wider.set(this.#inputs);
      this.#inputs = wider;
    }
    this.#inputs.set(inputs, at);
    this.#successes.push(successes);
    this.#trials.push(trials);
  }
  fit(): number[] {
    return logisticRegression(
      {
        inputs: this.#inputs,
        width: this.width,
        successes: Float64Array.from(this.#successes),
        trials: Float64Array.from(this.#trials),
      },
      { ridge },
    );
  }
}

/**
 * On every third day the year before is not looked at, so that children of whom it is not known are fitted on too, of
 * whatever age.
 */
export const seesLastOn = (day: number) => day % 3 !== 2;

/** Days of examples, each read when it is its turn. `rate`: the coefficients on which the inputs of the others rest. */
export type Days = readonly ((rate: readonly number[]) => Promise<Trained[]>)[];

/**
 * The three regressions: first the share of the sessions to come that is missed, then on what it foresees the two
 * probabilities. What is certain by arithmetic is no example of the second. Nothing of the first rests on `rate`: with which
 * the days are read for it is the caller’s to say.
 */
export async function fitCoefficients(
  days: Days,
  firstRate: readonly number[] = new Array<number>(widths.rate).fill(0),
): Promise<Coefficients> {
  const rates = new Rows(widths.rate);
  for (const day of days) {
    for (const { for_rate, came } of await day(firstRate)) {
      if (came.restPossible > 0) rates.add(for_rate, came.restAbsent, came.restPossible);
    }
  }
  const rate = rates.fit();
  const persistent = new Rows(widths.persistent);
  const month = new Rows(widths.month);
  for (const day of days) {
    for (const { for_persistent, for_month, certain, came } of await day(rate)) {
      if (certain < 0) persistent.add(for_persistent, came.persistent ? 1 : 0, 1);
      month.add(for_month, came.monthAbsent >= sessionsThatMatter ? 1 : 0, 1);
    }
  }
  return { rate, persistent: persistent.fit(), month: month.fit() };
}
