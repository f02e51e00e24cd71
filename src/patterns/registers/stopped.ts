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

/** A school that says it is open and sends nothing for so many school days is told of, however often it is late. */
const silentDays = 5;

/**
 * Schools whose registers have not come for a week of days on which they are open by their own calendar, and most others’
 * came: one of which a day is missing now and then has to fall silent for longer before that is unusual.
 */
export function findSilent(series: DailySeries): { row: number; day: number; startedOn: number }[] {
  const [rows, width] = [series.names.length, series.days.length];
  const isDue = (row: number, day: number) => series.due[row * width + day] === 1;
  const came = (row: number, day: number) =>
    !Number.isNaN(series.absencePercent[row * width + day] as number);
  const all = Array.from({ length: rows }, (_, row) => row);
  const mostCame = series.days.map((_, day) => {
    const due = all.filter((row) => isDue(row, day));
    return 2 * due.filter((row) => came(row, day)).length > due.length;
  });
  return all.flatMap((row) => {
    const found: { row: number; day: number; startedOn: number }[] = [];
    let silent: number[] | undefined;
    for (let day = 0; day < width; day++) {
      if (came(row, day)) silent = [];
      else if (silent && isDue(row, day) && mostCame[day]) {
        silent.push(day);
        if (silent.length === silentDays) found.push({ row, day, startedOn: silent[0] as number });
      }
    }
    return found;
  });
}
