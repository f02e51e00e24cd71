import type { Finding } from '../src/patterns/model/detect.ts';
import { detect } from '../src/patterns/model/detect.ts';
import type { DailySeries } from '../src/patterns/model/series.ts';
import { newYork } from '../src/patterns/newYork.fixture.ts';
import { realFiles, withoutRealData } from '../src/testing/realData.ts';
import { randomStream } from '../src/stats/randomStream.ts';
import { alarmsOf, baselines } from './patternBaselines.ts';
import { benchElsewhere } from './patternElsewhere.ts';
import {
  daySpreads,
  daysWatched,
  type Fault,
  faultKinds,
  faultSizes,
  usualSpread,
  withFaults,
} from './patternFaults.ts';
import { printTable } from './table.ts';

/*
 * `npm run bench -- --patterns`: faults put into real series, and how many of them are found. The series are New York’s, of
 * three school years, which lie beside the project or not.
 */

/** School days within which a fault is to be found. */
const within = [1, 3, 5, 30, daysWatched] as const;
/** Days at the beginning in which nobody knows anything yet. */
const firstDays = 90;
/** A year's alarms of one school are counted over so many days with a figure. */
const daysAYear = 178;
/** Alarms so close to one before are the same. */
const rest = 5;

/** An alarm of one method: a school, or an area, on a day. */
type Alarm = { row: number; day: number; kind?: string };

type Method = { name: string; alarms(series: DailySeries, alarmsAYear: number): Alarm[] };

/**
 * How much of what was put into real series is found, by kind and size, beside what is commonly used: every method at the
 * same number of false alarms a school and year on the untouched series.
 */
export function benchPatterns({
  rounds = 16,
  seed = '1',
  levels = [0.3, 1, 3],
}: {
  rounds?: number;
  seed?: string;
  levels?: readonly number[];
} = {}): void {
  if (withoutRealData) {
    console.log(`Patterns: ${withoutRealData}.`);
    return;
  }
  const series = newYork(realFiles('nyc-daily-attendance'));
  const spreads = daySpreads(series);
  const years = schoolYears(series);
  console.log(
    `${series.names.length} schools, ${series.days.length} days, ${years.toFixed(0)} school years watched; usual spread ${usualSpread(spreads).toFixed(2)} points.`,
  );
  const ours = oursOn(series);
  for (const level of levels) {
    const untouched = ours.alarms(series, level).filter(({ day }) => day >= firstDays);
    const reached = untouched.length / years;
    const methods = [ours, ...baselines.map((each) => calibrated(each, series, reached, years))];
    console.log(
      `\nAsked: ${level} false alarms a school year. Ours on untouched days: ${reached.toFixed(2)} (${countsOf(untouched, years)}). The others have as many.`,
    );
    const found = new Map<string, number[]>();
    const tried = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      const chance = randomStream('faults', seed, round);
      const { series: changed, faults } = withFaults(series, spreads, {
        first: firstDays,
        count: Math.floor(series.names.length / 5),
        chance,
      });
      for (const fault of faults) count(tried, `${fault.kind} ${fault.size}`);
      for (const method of methods) {
        const alarms = method.alarms(changed, level);
        for (const fault of faults) note(found, method.name, fault, alarms, series);
      }
    }
    printFound(methods, found, tried);
  }
  benchElsewhere(series, seed);
}

function oursOn(untouched: DailySeries): Method {
  const rowOf = new Map(untouched.names.map(({ school }, row) => [school, row]));
  const dayOf = new Map(untouched.days.map((day, at) => [day, at]));
  const firstOf = new Map(
    untouched.names.toReversed().map(({ area }, at) => [area, untouched.names.length - 1 - at]),
  );
  return {
    name: 'Rollcall',
    alarms: (series, alarmsAYear) =>
      detect(series, { alarmsAYear }).flatMap((found: Finding) => {
        const row = found.scope === 'school' ? rowOf.get(found.school) : firstOf.get(found.area);
        const day = dayOf.get(found.date);
        return row === undefined || day === undefined || found.scope === 'national'
          ? []
          : [{ row, day, kind: found.scope === 'area' ? `area ${found.kind}` : found.kind }];
      }),
  };
}

/** A baseline with the limit at which untouched series have so many alarms a year. */
function calibrated(
  baseline: (typeof baselines)[number],
  series: DailySeries,
  wanted: number,
  years: number,
): Method {
  const [rows, width] = [series.names.length, series.days.length];
  const untouched = baseline.statistic(series);
  const known = untouched.filter((value) => !Number.isNaN(value)).sort();
  let limit = known.at(-1) as number;
  // From the highest down: with a low limit everything is one long alarm, which would count as few.
  for (let share = 0.0005; share < 0.5; share *= 1.12) {
    const lower = known[Math.floor((1 - share) * known.length)] as number;
    const alarms = alarmsOf(untouched, { rows, width, limit: lower, rest });
    if (alarms.filter(({ day }) => day >= firstDays).length / years > wanted) break;
    limit = lower;
  }
  return {
    name: baseline.name,
    alarms: (changed) => alarmsOf(baseline.statistic(changed), { rows, width, limit, rest }),
  };
}

/** Is a fault found by an alarm of its school, or of its area where it is of an area, within so many days? */
function note(
  found: Map<string, number[]>,
  method: string,
  fault: Fault,
  alarms: readonly Alarm[],
  series: DailySeries,
): void {
  const area = series.names[fault.row]?.area;
  const members = new Set(
    fault.kind === 'outbreak'
      ? series.names.flatMap((name, row) => (name.area === area ? [row] : []))
      : [fault.row],
  );
  const own = alarms.filter(
    ({ row, kind }) =>
      members.has(row) &&
      (fault.kind === 'outbreak'
        ? kind === undefined || kind.startsWith('area')
        : !kind?.startsWith('area')),
  );
  const key = `${method} ${fault.kind} ${fault.size}`;
  const counts = found.get(key) ?? within.map(() => 0);
  within.forEach((days, at) => {
    const times = own.filter(({ day }) => day >= fault.day && day < fault.day + days).length;
    // One alarm of one school of an area is nothing: of a baseline, a third of them have to have one.
    const needed = fault.kind === 'outbreak' && method !== 'Rollcall' ? members.size / 3 : 1;
    if (times >= needed) counts[at] = (counts[at] as number) + 1;
  });
  found.set(key, counts);
}

function printFound(
  methods: readonly Method[],
  found: ReadonlyMap<string, number[]>,
  tried: ReadonlyMap<string, number>,
): void {
  const percent = (part: number, all: number) => `${Math.round((100 * part) / all)}`;
  printTable(
    ['fault', 'size', 'tried', ...methods.map(({ name }) => `${name} ${within.join('/')} d`)],
    faultKinds.flatMap((kind) =>
      faultSizes[kind].map((size) => {
        const all = tried.get(`${kind} ${size}`) ?? 0;
        return [
          kind,
          size,
          all,
          ...methods.map(({ name }) =>
            (found.get(`${name} ${kind} ${size}`) ?? [])
              .map((each) => percent(each, all))
              .join('/'),
          ),
        ];
      }),
    ),
  );
}

function schoolYears(series: DailySeries): number {
  const width = series.days.length;
  let days = 0;
  series.absencePercent.forEach((value, at) => {
    if (!Number.isNaN(value) && at % width >= firstDays) days += 1;
  });
  return days / daysAYear;
}

function countsOf(alarms: readonly Alarm[], years: number): string {
  const counts = new Map<string, number>();
  for (const { kind = '' } of alarms) count(counts, kind);
  return [...counts].map(([kind, times]) => `${kind} ${(times / years).toFixed(2)}`).join(', ');
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
