import { type Day, parseDay } from '../base/day.ts';
import type { SeriesName } from './model/series.ts';

/** Series and days by number, so that millions of rows are held without their words. */
export class SeriesNames {
  /** School, then group. */
  readonly #series = new Map<string, Map<string, number>>();
  readonly #names: SeriesName[] = [];
  /** The day on which the area of each series was said: the earliest counts. */
  readonly #saidOn: number[] = [];
  readonly #texts = new Map<string, number | undefined>();
  readonly #days: Day[] = [];
  readonly #dayAt = new Map<Day, number>();

  /** The number of a day as it is written; undefined where it cannot be read. */
  dayOf(text: string): number | undefined {
    const known = this.#texts.get(text);
    if (known !== undefined || this.#texts.has(text)) return known;
    const day = parseDay(text);
    let at = day === undefined ? undefined : this.#dayAt.get(day);
    if (day !== undefined && at === undefined) {
      at = this.#days.push(day) - 1;
      this.#dayAt.set(day, at);
    }
    this.#texts.set(text, at);
    return at;
  }

  seriesOf(name: SeriesName, day: number): number {
    let groups = this.#series.get(name.school);
    if (!groups) this.#series.set(name.school, (groups = new Map()));
    let at = groups.get(name.group);
    if (at === undefined) {
      at = this.#names.push(name) - 1;
      groups.set(name.group, at);
      this.#saidOn.push(day);
    } else if ((this.#days[day] as Day) < (this.#days[this.#saidOn[at] as number] as Day)) {
      this.#names[at] = name;
      this.#saidOn[at] = day;
    }
    return at;
  }

  /** Rising days and series in the order of school and group, and where each number stands among them. */
  sorted(): { days: Day[]; dayAt: number[]; series: SeriesName[]; seriesAt: number[] } {
    const keys = this.#names.map(({ school, group }) => `${school}\u001f${group}`);
    const [byDay, bySeries] = [orderOf(this.#days), orderOf(keys)];
    return {
      days: byDay.map((at) => this.#days[at] as Day),
      dayAt: placesIn(byDay),
      series: bySeries.map((at) => this.#names[at] as SeriesName),
      seriesAt: placesIn(bySeries),
    };
  }
}

function orderOf(texts: readonly string[]): number[] {
  return texts
    .map((_, at) => at)
    .sort((a, b) => ((texts[a] as string) < (texts[b] as string) ? -1 : 1));
}

function placesIn(order: readonly number[]): number[] {
  const places: number[] = [];
  order.forEach((at, place) => (places[at] = place));
  return places;
}

export type Cell = {
  series: number;
  day: number;
  row: number;
  absencePercent: number;
  possible: number;
  due: number;
};

/** What each row says, in numbers alone. */
export class Cells {
  count = 0;
  #whole = new Int32Array(3 * 1024);
  #figures = new Float64Array(2 * 1024);
  #due = new Uint8Array(1024);

  add(
    series: number,
    day: number,
    row: number,
    { absencePercent, possible, due }: Pick<Cell, 'absencePercent' | 'possible' | 'due'>,
  ): void {
    if (this.count === this.#due.length) this.#grow();
    this.#whole.set([series, day, row], 3 * this.count);
    this.#figures.set([absencePercent, possible], 2 * this.count);
    this.#due[this.count] = due;
    this.count += 1;
  }

  at(cell: number): Cell {
    return {
      series: this.#whole[3 * cell] as number,
      day: this.#whole[3 * cell + 1] as number,
      row: this.#whole[3 * cell + 2] as number,
      absencePercent: this.#figures[2 * cell] as number,
      possible: this.#figures[2 * cell + 1] as number,
      due: this.#due[cell] as number,
    };
  }

  #grow(): void {
    const size = 2 * this.count;
    const [whole, figures, due] = [this.#whole, this.#figures, this.#due];
    this.#whole = new Int32Array(3 * size);
    this.#figures = new Float64Array(2 * size);
    this.#due = new Uint8Array(size);
    this.#whole.set(whole);
    this.#figures.set(figures);
    this.#due.set(due);
  }
}
