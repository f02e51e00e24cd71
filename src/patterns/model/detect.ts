import type { Day } from '../../base/day.ts';
import { placesOf } from './places.ts';
import { type Candidate, type Kind, type Limits, limitsFor } from './candidate.ts';
import { withoutClosedDays } from './closed.ts';
import { findCodeSwaps } from './codeSwap.ts';
import { findDaysInARow } from './daysInARow.ts';
import { findDrifts } from './drift.ts';
import { withinFalseShare } from './falseShare.ts';
import { findForAll } from './forAll.ts';
import { findImplausible } from './implausible.ts';
import { GroupShares } from './groupShares.ts';
import { joined, togetherOnDays, type Scope, type Told } from './join.ts';
import { judge } from './judge.ts';
import { findMissingRegisters } from './missing.ts';
import { findOutbreaks, withoutAreas } from './outbreak.ts';
import { type DailySeries, type SeriesName, seriesOf } from './series.ts';
import { findShocks } from './shock.ts';
import { findWeekdays } from './weekday.ts';

export type { Scope } from './join.ts';

/** Something to tell: what, of whom, and since when. Percentages are of attendance; of a code swap, of one reason's share. */
export type Finding = SeriesName & {
  /** The first day on which it could have been told from what was known that day. */
  date: Day;
  kind: Kind;
  scope: Scope;
  /** NaN where no register came. */
  observedPercent: number;
  expectedPercent: number;
  /** Where 95 of 100 such figures lie. */
  lowerPercent: number;
  upperPercent: number;
  /** Minus the decimal logarithm of how often chance brings as much to a school on one school day. */
  score: number;
  startedOn: Day;
};

export type Sensitivity = {
  /** How many false alarms a school may have in a year, about: 1 unless somebody says otherwise. */
  alarmsAYear?: number;
  /** Where given, no more than this share of what is told of one day, of one kind, is to be chance. */
  falseShare?: number | undefined;
};

/**
 * Everything that can be told of some series, each on the first day on which it could be told: what is found of a day does
 * not change when later days, or schools that open later, come. Series of the same group are looked at beside each other.
 */
export function detect(
  all: DailySeries,
  { alarmsAYear = 1, falseShare }: Sensitivity = {},
): Finding[] {
  const series = withoutClosedDays(all);
  const limits = limitsFor(alarmsAYear);
  const shares = new GroupShares(series);
  const found = [...placesOf(series.names.map(({ group }) => group)).entries()].flatMap(
    ([group, rows]) =>
      detectAmong(seriesOf(series, rows), limits)
        .filter(
          ({ kind, day, score, scope }) =>
            scope === 'national' || score >= limits[kind] - Math.log10(shares.of(group, day)),
        )
        .map((each) => ({
          ...each,
          row: each.scope === 'school' ? (rows[each.row] as number) : 0,
        })),
  );
  const swaps = findCodeSwaps(series, limits).map((each) => ofSchool(series, each));
  return joined(withinShare(series, [...found, ...swaps], falseShare))
    .map(({ row: _, day, startedOn, ...each }) => ({
      ...each,
      date: series.days[day] as Day,
      startedOn: series.days[startedOn] as Day,
    }))
    .toSorted((a, b) => compare(keyOf(a), keyOf(b)));
}

function detectAmong(series: DailySeries, limits: Limits): Told[] {
  const seen = judge(series);
  const group = series.names[0]?.group ?? '';
  const forAll = findForAll(series, seen);
  const { areas, found: ofAreas } = findOutbreaks(series, seen, limits, forAll);
  const judged = withoutAreas(seen, ofAreas, series.days.length);
  const ofSchools = [
    ...findShocks(series, judged, limits),
    ...findDaysInARow(series, judged, limits),
    ...findDrifts(series, judged, limits),
    ...findWeekdays(series, judged, limits),
    ...findMissingRegisters(series, judged, limits),
    ...findImplausible(series, judged, limits),
  ];
  return togetherOnDays(series, [
    ...ofSchools.map((found) => ofSchool(series, found)),
    ...ofAreas.map(({ rows: _, ...found }) => ({
      ...found,
      ...{ school: '', area: areas[found.row] as string, group, scope: 'area' as const },
    })),
    ...forAll.map((found) => ({
      ...found,
      ...{ school: '', area: '', group, scope: 'national' as const },
    })),
  ]);
}

function ofSchool(series: DailySeries, found: Candidate): Told {
  return { ...found, ...(series.names[found.row] as SeriesName), scope: 'school' };
}

function withinShare(
  series: DailySeries,
  found: readonly Told[],
  share: number | undefined,
): readonly Told[] {
  if (share === undefined) return found;
  const of = (scope: Scope) => found.filter((each) => each.scope === scope);
  const schools = comeBy(series, ({ school, group }) => `${school}\u001f${group}`);
  const areas = comeBy(series, ({ area }) => area);
  return [
    ...of('national'),
    ...withinFalseShare(of('area'), share, (day) => areas[day] as number),
    ...withinFalseShare(of('school'), share, (day) => schools[day] as number),
  ];
}

/** Of each day: of how many a figure had come by then. */
function comeBy(series: DailySeries, of: (name: SeriesName) => string): Int32Array {
  const width = series.days.length;
  const come = new Set<string>();
  return Int32Array.from({ length: width }, (_, day) => {
    series.names.forEach((name, row) => {
      if (!Number.isNaN(series.absencePercent[row * width + day] as number)) come.add(of(name));
    });
    return come.size;
  });
}

const keyOf = (found: Finding) =>
  [found.date, found.scope, found.area, found.school, found.group, found.kind].join('\u001f');
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
