import type { DailySeries } from '../model/series.ts';

/** Registers of so many schools of an area, and of so large a share of those that usually come, stopped on one day. */
const leastSchools = 3;
const leastShare = 0.15;
/** Who sent one in the last so many school days is waited for. */
const lately = 10;

export type Stopped = { area: string; day: number; rows: number[] };

/**
 * Areas in which the registers of several schools stopped on the same day though their own calendars say that they are
 * open: a system that broke down, and no closed day.
 */
export function findStopped(series: DailySeries): Stopped[] {
  const [rows, width] = [series.names.length, series.days.length];
  const came = (row: number, day: number) =>
    day >= 0 && !Number.isNaN(series.absencePercent[row * width + day] as number);
  const areas = Map.groupBy(
    Array.from({ length: rows }, (_, row) => row),
    (row) => series.names[row]?.area ?? '',
  );
  const found: Stopped[] = [];
  for (const [area, members] of areas) {
    if (area === '') continue;
    const last = new Map<number, number>();
    for (let day = 0; day < width; day++) {
      const awaited = members.filter(
        (row) =>
          series.due[row * width + day] === 1 && day - (last.get(row) ?? -lately - 1) <= lately,
      );
      // It stopped today: its last register came on the school day before on which it was open.
      const stopped = awaited.filter(
        (row) => !came(row, day) && last.get(row) === lastDue(series, row, day),
      );
      if (stopped.length >= leastSchools && stopped.length >= leastShare * awaited.length)
        found.push({ area, day, rows: stopped });
      for (const row of members) if (came(row, day)) last.set(row, day);
    }
  }
  return found;
}

function lastDue(series: DailySeries, row: number, before: number): number {
  const width = series.days.length;
  for (let day = before - 1; day >= 0; day--) if (series.due[row * width + day] === 1) return day;
  return -1;
}
