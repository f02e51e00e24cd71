import type { DailySeries } from './series.ts';

/** What a group is called in which everybody is. */
const everybody = ['', 'all', 'total'];
/** Of the false alarms of a school its whole has so many, where it has groups too; what shows in both is told once. */
const shareOfAll = 0.7;
const shareOfOthers = 0.4;

export const isOfEverybody = (group: string): boolean =>
  everybody.includes(group.trim().toLowerCase());

/**
 * How the false alarms that a school may have are shared among its groups: ten groups are not to have ten times as many. It
 * rests on the groups that have sent a figure by a day.
 */
export class GroupShares {
  readonly #first: Map<string, number>;

  constructor(series: DailySeries) {
    const width = series.days.length;
    this.#first = new Map();
    series.names.forEach(({ group }, row) => {
      const own = series.absencePercent.subarray(row * width, (row + 1) * width);
      const first = own.findIndex((percent) => !Number.isNaN(percent));
      const before = this.#first.get(group) ?? width;
      this.#first.set(group, first < 0 ? before : Math.min(before, first));
    });
  }

  of(group: string, day: number): number {
    let [whole, others] = [0, 0];
    for (const [name, first] of this.#first)
      if (first <= day) {
        if (isOfEverybody(name)) whole += 1;
        else others += 1;
      }
    if (others === 0) return 1;
    if (whole === 0) return 1 / others;
    return isOfEverybody(group) ? shareOfAll : shareOfOthers / others;
  }
}
