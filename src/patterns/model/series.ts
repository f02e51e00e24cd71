import { type Day, weekdayOf } from '../../base/day.ts';

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
  /** 1 where somebody says that a register was due that day, whether it came or not; 2 that none was; 0 where nobody says. */
  due: Uint8Array;
};

/** Of `due`: the school was closed that day, or what came of it cannot be read. */
export const noneDue = 2;

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

/** The figures of some of the days alone. */
export function onDays(all: DailySeries, chosen: readonly number[]): DailySeries {
  const [rows, width] = [all.names.length, all.days.length];
  if (chosen.length === width) return all;
  const of = <Values extends Float64Array | Uint8Array>(values: Values, into: Values): Values => {
    for (let row = 0; row < rows; row++)
      chosen.forEach((day, at) => {
        into[row * chosen.length + at] = values[row * width + day] as number;
      });
    return into;
  };
  const size = rows * chosen.length;
  return {
    ...{ names: all.names, days: chosen.map((day) => all.days[day] as Day) },
    absencePercent: of(all.absencePercent, new Float64Array(size)),
    possible: of(all.possible, new Float64Array(size)),
    due: of(all.due, new Uint8Array(size)),
  };
}

/** Monday is 0 and Sunday 6. */
export function weekdayIndex(day: Day): number {
  return weekdayOf(day) - 1;
}
