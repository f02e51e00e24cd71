import type { DailySeries } from './series.ts';

/** Who sent a figure in the last so many days is waited for. */
const lately = 10;
/** Where fewer than this share of those who are waited for sent anything, the day was closed and nothing is missing. */
const openShare = 0.2;
const leastSeries = 5;

/**
 * Of each series and day: 1 where a figure was due and did not come. A day is closed for an area, or for all, when next to
 * none of those who usually send did; where there are too few to tell, a register is due when somebody says so.
 */
export function findMissing(series: DailySeries): Uint8Array {
  const [rows, width] = [series.names.length, series.days.length];
  const areas = placesOf(series.names.map(({ area }) => area));
  const everybody = series.names.map((_, row) => row);
  const groups = areas.size > 1 ? [everybody, ...areas.values()] : [everybody];
  const missing = new Uint8Array(rows * width);
  const lastCame = new Int32Array(rows).fill(-lately - 1);
  for (let day = 0; day < width; day++) {
    const came = (row: number) => !Number.isNaN(series.absencePercent[row * width + day] as number);
    const awaited = (row: number) => day - (lastCame[row] as number) <= lately;
    const closed = new Set<number>();
    for (const members of groups) {
      const waited = members.filter(awaited);
      if (waited.length < leastSeries) continue;
      if (waited.filter(came).length < openShare * waited.length)
        for (const row of members) closed.add(row);
    }
    const few = everybody.filter(awaited).length < leastSeries;
    for (const row of everybody) {
      const at = row * width + day;
      const wanted = series.due[at] === 1 || (awaited(row) && !few);
      if (!came(row) && !closed.has(row) && wanted && (lastCame[row] as number) >= 0)
        missing[at] = 1;
      if (came(row)) lastCame[row] = day;
    }
  }
  return missing;
}

export function placesOf(texts: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  texts.forEach((text, at) => {
    const known = places.get(text);
    if (known) known.push(at);
    else places.set(text, [at]);
  });
  return places;
}
