import type { DailySeries } from '../src/patterns/model/series.ts';
import { weekdayIndex } from '../src/patterns/model/series.ts';
import { medianOf, robustDeviationOf } from '../src/stats/robust.ts';
import type { RandomStream } from '../src/stats/randomStream.ts';

/*
 * Faults put by seed into real series. A size is in units of the school's own robust day-to-day spread: the median absolute
 * change from one day to the next, as a standard deviation, over √2, in points of attendance.
 */

export const faultKinds = [
  'shock',
  'bad days',
  'drift',
  'weekday',
  'outbreak',
  'missing',
  'implausible',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Sizes tried; of missing registers: all of them from a day on; of implausible ones: everybody there, or the same figure again. */
export const faultSizes: Record<FaultKind, readonly number[]> = {
  shock: [2, 3, 4, 6],
  'bad days': [1, 2, 3],
  drift: [1, 2, 3],
  weekday: [1, 2, 3],
  outbreak: [1, 2, 3],
  missing: [1],
  implausible: [1, 2],
};

/** School days over which a drift grows, and on which an outbreak rises and falls. */
const driftDays = 60;
const outbreakDays = 12;
/** Bad days in a row: a week of them. */
const badDays = 5;
/** Days of perfect or repeated registers. */
const implausibleDays = 5;
/** Days of untouched history before a fault, and days after its beginning that are watched. */
export const daysWatched = 60;

export type Fault = { kind: FaultKind; size: number; row: number; day: number };

/** The spread of each series from day to day, in points; NaN where fewer than 150 days came. */
export function daySpreads(series: DailySeries): Float64Array {
  const width = series.days.length;
  return Float64Array.from(series.names, (_, row) => {
    const own = series.absencePercent.subarray(row * width, (row + 1) * width);
    const changes = [...own].flatMap((value, day) => {
      const change = value - (own[day - 1] ?? Number.NaN);
      return Number.isNaN(change) ? [] : [change];
    });
    const spread = changes.length < 150 ? undefined : robustDeviationOf(changes);
    return spread ? spread / Math.SQRT2 : Number.NaN;
  });
}

/**
 * The series with one fault in each of `count` schools (outbreaks in all schools of an area), from `first` on, and what was
 * put where. Kinds and sizes take turns.
 */
export function withFaults(
  series: DailySeries,
  spreads: Float64Array,
  { first, count, chance }: { first: number; count: number; chance: RandomStream },
): { series: DailySeries; faults: Fault[]; touched: ReadonlySet<number> } {
  const width = series.days.length;
  const absencePercent = series.absencePercent.slice();
  const cells = faultKinds.flatMap((kind) => faultSizes[kind].map((size) => ({ kind, size })));
  const last = width - daysWatched - 1;
  const faults: Fault[] = [];
  const touched = new Set<number>();
  const can = (row: number) => !touched.has(row) && !Number.isNaN(spreads[row] as number);
  const put = (row: number, fault: Fault) => {
    const own = absencePercent.subarray(row * width, (row + 1) * width);
    change(own, fault, spreads[row] as number, series.days);
    touched.add(row);
  };
  const outbreaks = cells.filter(({ kind }) => kind === 'outbreak');
  const areas = chance.shuffled([...new Set(series.names.map(({ area }) => area))]);
  for (const cell of outbreaks) {
    const area = areas.pop();
    const members = series.names.flatMap((name, row) =>
      name.area === area && can(row) ? [row] : [],
    );
    const day = first + chance.integer(last - first);
    const fault = { ...cell, row: members[0] ?? 0, day };
    if (members.length < 5) continue;
    for (const row of members) put(row, fault);
    faults.push(fault);
  }
  const free = chance.shuffled(series.names.map((_, row) => row).filter(can)).slice(0, count);
  const others = cells.filter(({ kind }) => kind !== 'outbreak');
  free.forEach((row, turn) => {
    const cell = others[turn % others.length] as (typeof cells)[number];
    const day = dayWithFigure(series, row, first, last, chance);
    const fault = { ...cell, row, day };
    put(row, fault);
    faults.push(fault);
  });
  return { series: { ...series, absencePercent }, faults, touched };
}

function dayWithFigure(
  series: DailySeries,
  row: number,
  first: number,
  last: number,
  chance: RandomStream,
): number {
  const from = first + chance.integer(last - first);
  const width = series.days.length;
  for (let day = from; day < last; day++)
    if (!Number.isNaN(series.absencePercent[row * width + day] as number)) return day;
  return from;
}

/** Puts a fault into the figures of one series. */
function change(own: Float64Array, fault: Fault, spread: number, days: readonly string[]): void {
  const { kind, size, day } = fault;
  const add = (at: number, points: number) => {
    own[at] = Math.min(100, (own[at] as number) + points);
  };
  if (kind === 'shock') add(day, size * spread);
  if (kind === 'bad days') {
    const open = [...own].flatMap((value, at) => (at >= day && !Number.isNaN(value) ? [at] : []));
    for (const at of open.slice(0, badDays)) add(at, size * spread);
  }
  if (kind === 'drift')
    for (let at = day; at < own.length; at++)
      add(at, size * spread * Math.min(1, (at - day + 1) / driftDays));
  if (kind === 'weekday')
    for (let at = day; at < own.length; at++)
      if (weekdayIndex(days[at] as string) === weekdayIndex(days[day] as string))
        add(at, size * spread);
  if (kind === 'outbreak')
    for (let at = day; at < Math.min(own.length, day + outbreakDays); at++)
      add(at, size * spread * Math.sin((Math.PI * (at - day + 0.5)) / outbreakDays));
  if (kind === 'missing') own.fill(Number.NaN, day);
  if (kind === 'implausible') {
    const same = own[day] as number;
    const until = Math.min(own.length, day + implausibleDays);
    for (let at = day; at < until; at++)
      if (!Number.isNaN(own[at] as number)) own[at] = size === 1 ? 0 : same;
  }
}

/** A level to measure by, for those who want to print it. */
export function usualSpread(spreads: Float64Array): number {
  return medianOf([...spreads].filter((spread) => !Number.isNaN(spread))) ?? Number.NaN;
}
