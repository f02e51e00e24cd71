import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DailySeries } from './model/series.ts';

/**
 * Attendance of every public school of New York, each day of 2012/13 to 2014/15 (where published data lies beside the
 * project): `NS` is a register that had not come, and days on which next to nobody had school are left out.
 *
 * @param files the paths of that folder.
 */
export function newYork(files: readonly string[]): DailySeries {
  const named = (name: string) => files.filter((path) => basename(path).startsWith(name));
  const [quality = ''] = named('nyc_days_quality');
  const open = new Set(
    rowsOf(quality).flatMap((row) => (row.at(-1) === 'ok' ? [row[0] as string] : [])),
  );
  const rows = named('nyc_daily_attendance')
    .flatMap(rowsOf)
    .filter(([day, school]) => open.has(day as string) && school !== 'TOTAL');
  const days = [...new Set(rows.map(([day]) => isoDay(day as string)))].sort();
  const schools = [...new Set(rows.map(([, school]) => school as string))].sort();
  const dayAt = new Map(days.map((day, at) => [day, at]));
  const schoolAt = new Map(schools.map((school, at) => [school, at]));
  const cells = schools.length * days.length;
  const absencePercent = new Float64Array(cells).fill(Number.NaN);
  const due = new Uint8Array(cells);
  for (const [day, school, percent] of rows) {
    const at =
      (schoolAt.get(school as string) as number) * days.length +
      (dayAt.get(isoDay(day as string)) as number);
    due[at] = 1;
    if (percent !== 'NS') absencePercent[at] = 100 - Number(percent);
  }
  return {
    // The district stands at the beginning of a school’s number.
    names: schools.map((school) => ({ school, area: school.slice(0, 2), group: '' })),
    ...{ days, absencePercent, due, possible: new Float64Array(cells).fill(Number.NaN) },
  };
}

function rowsOf(path: string): string[][] {
  const text = gunzipSync(readFileSync(path)).toString();
  return text
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','));
}

const isoDay = (day: string) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
