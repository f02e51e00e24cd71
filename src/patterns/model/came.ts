import { OpensOn } from './opensOn.ts';
import { placesOf } from './places.ts';
import { type DailySeries, noneDue, weekdayIndex } from './series.ts';

/** Who sent a figure in the last so many days is waited for, also where nobody says that a register was due. */
const lately = 30;
/** Where no more than this share of those who are waited for sent anything, they were closed and nothing is missing. */
const openShare = 0.2;

/** 1 where a register that was said to be due did not come; 2 where there is not even a row for it, though others came. */
export const [missing, withoutRow] = [1, 2];

/**
 * Of each series and day whether a figure is missing. A day is closed for an area, or for all, when next to none of those
 * who usually send did; one school alone is asked only where somebody says that a register was due.
 */
export function findMissing(series: DailySeries): Uint8Array {
  const [rows, width] = [series.names.length, series.days.length];
  const all = series.names.map((_, row) => row);
  const areas = [...placesOf(series.names.map(({ area }) => area)).values()];
  const found = new Uint8Array(rows * width);
  const lastCame = new Int32Array(rows).fill(-1);
  const opensOn = new OpensOn(rows);
  for (let day = 0; day < width; day++) {
    const weekday = weekdayIndex(series.days[day] as string);
    const came = (row: number) => !Number.isNaN(series.absencePercent[row * width + day] as number);
    const isKnown = (row: number) => (lastCame[row] as number) >= 0;
    const isOpen = (row: number) =>
      isKnown(row) && series.due[row * width + day] !== noneDue && opensOn.weekday(row, weekday);
    const isWaitedFor = (row: number) => isOpen(row) && day - (lastCame[row] as number) <= lately;
    const areClosed = (members: readonly number[]) => {
      const waited = members.filter(isWaitedFor);
      return waited.length > 1 && waited.filter(came).length <= openShare * waited.length;
    };
    const closed = new Set([all, ...areas].filter(areClosed).flat());
    const others = all.some(came);
    for (const row of all) {
      const at = row * width + day;
      if (!came(row) && !closed.has(row) && isOpen(row))
        if (series.due[at] === 1) found[at] = missing;
        else if (others && isWaitedFor(row)) found[at] = withoutRow;
    }
    for (const row of all) {
      if (came(row) || isKnown(row)) opensOn.learn(row, weekday, came(row));
      if (came(row)) lastCame[row] = day;
    }
  }
  return found;
}
