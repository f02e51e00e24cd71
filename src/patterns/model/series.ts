import type { Day } from '../../base/day.ts';

/** Whose days they are. A group is one of pupils or of reasons; '' is everybody and every reason. */
export type SeriesName = { school: string; area: string; group: string };

/** What came in of some schools or groups, day by day: the form in which ours and another country's are looked at. */
export type DailySeries = {
  names: readonly SeriesName[];
  /** Rising; days on which nothing came at all are left out. */
  days: readonly Day[];
  /** Percent of possible sessions missed, series by series (`series × days.length + day`); NaN where no figure came. */
  absencePercent: Float64Array;
  /** Possible sessions; NaN where not known. */
  possible: Float64Array;
  /** 1 where somebody says that a register was due that day, whether it came or not. */
  due: Uint8Array;
};

/** The figures of some of the series alone. */
export function seriesOf(all: DailySeries, chosen: readonly number[]): DailySeries {
  const width = all.days.length;
  const part = {
    names: chosen.map((at) => all.names[at] as SeriesName),
    days: all.days,
    absencePercent: new Float64Array(chosen.length * width),
    possible: new Float64Array(chosen.length * width),
    due: new Uint8Array(chosen.length * width),
  };
  chosen.forEach((from, to) => {
    const [start, end] = [from * width, (from + 1) * width];
    part.absencePercent.set(all.absencePercent.subarray(start, end), to * width);
    part.possible.set(all.possible.subarray(start, end), to * width);
    part.due.set(all.due.subarray(start, end), to * width);
  });
  return part;
}

/** Monday is 0 and Sunday 6. */
export function weekdayOf(day: Day): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
}
