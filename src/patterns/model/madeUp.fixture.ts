import { type Day, daysAfter, isWeekday, weekdayOf } from '../../base/day.ts';
import { randomStream } from '../../stats/randomStream.ts';
import type { DailySeries } from './series.ts';

export type MadeUp = { series: DailySeries; at(school: number, day: number): number };

/**
 * Quiet schools: each at its own level, with a movement of the day that all share, worse Fridays, and chance. Nothing is
 * built in; a test changes what it is about.
 */
export function quietSchools({
  schools = 80,
  areas = 8,
  days = 160,
  seed = 1,
}: {
  schools?: number;
  areas?: number;
  days?: number;
  seed?: number;
} = {}): MadeUp {
  const chance = randomStream('quiet schools', seed);
  const dates = schoolDays(days);
  const absencePercent = new Float64Array(schools * days);
  const levels = Array.from({ length: schools }, () => 4 + 5 * chance.uniform());
  dates.forEach((date, day) => {
    const shared = 0.1 * chance.normal() + (isFriday(date) ? 0.15 : 0);
    levels.forEach((level, school) => {
      const root = Math.sqrt(level) + shared + 0.3 * chance.normal();
      absencePercent[school * days + day] = Math.max(0.1, root) ** 2;
    });
  });
  return {
    series: {
      names: levels.map((_, school) => ({
        ...{ school: `School ${String(school).padStart(3, '0')}`, group: '' },
        area: `Area ${school % areas}`,
      })),
      ...{ days: dates, absencePercent, due: new Uint8Array(schools * days).fill(1) },
      possible: new Float64Array(schools * days).fill(Number.NaN),
    },
    at: (school, day) => school * days + day,
  };
}

/** Groups of each school, in its order: the first is everybody where it is '', and others move with it and by chance. */
export function withGroups(series: DailySeries, groups: readonly string[]): DailySeries {
  const chance = randomStream('groups', groups.length);
  const width = series.days.length;
  const names = series.names.flatMap((name) => groups.map((group) => ({ ...name, group })));
  const size = names.length * width;
  const absencePercent = new Float64Array(size);
  for (let at = 0; at < size; at++) {
    const row = Math.floor(at / width);
    const all = series.absencePercent[
      Math.floor(row / groups.length) * width + (at % width)
    ] as number;
    const own = names[row]?.group === '' ? 0 : 0.3 * chance.normal();
    absencePercent[at] = Number.isNaN(all) ? all : Math.max(0.1, Math.sqrt(all) + own) ** 2;
  }
  return {
    ...{ names, days: series.days, absencePercent, due: new Uint8Array(size).fill(1) },
    possible: new Float64Array(size).fill(Number.NaN),
  };
}

/** Weekdays from a September on. */
function schoolDays(count: number): Day[] {
  const days: Day[] = [];
  for (let day = '2024-09-02'; days.length < count; day = daysAfter(day, 1))
    if (isWeekday(day)) days.push(day);
  return days;
}

const isFriday = (day: Day) => weekdayOf(day) === 5;

/** The same series as it stood at the end of an earlier day. */
export function asItStood(series: DailySeries, days: number): DailySeries {
  const width = series.days.length;
  const cut = <Values extends Float64Array | Uint8Array>(values: Values): Values => {
    const kept = values.slice(0, series.names.length * days) as Values;
    series.names.forEach((_, row) =>
      kept.set(values.subarray(row * width, row * width + days), row * days),
    );
    return kept;
  };
  return {
    ...{ names: series.names, days: series.days.slice(0, days) },
    absencePercent: cut(series.absencePercent),
    possible: cut(series.possible),
    due: cut(series.due),
  };
}
