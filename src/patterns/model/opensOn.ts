/** A weekday on which nothing came so often, and never anything, is none on which they open. */
const leastTimes = 3;

/** On which days of the week schools open, by what came so far: other countries have other weekends, and some schools Saturdays. */
export class OpensOn {
  readonly #times: Uint16Array;
  readonly #came: Uint8Array;

  constructor(rows: number) {
    this.#times = new Uint16Array(rows * 7);
    this.#came = new Uint8Array(rows * 7);
  }

  weekday(row: number, weekday: number): boolean {
    const at = row * 7 + weekday;
    return this.#came[at] === 1 || (this.#times[at] as number) < leastTimes;
  }

  learn(row: number, weekday: number, came: boolean): void {
    const at = row * 7 + weekday;
    this.#times[at] = Math.min((this.#times[at] as number) + 1, 1000);
    if (came) this.#came[at] = 1;
  }
}
