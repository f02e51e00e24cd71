import type { Day } from '../../base/day.ts';
import { placesOf } from './came.ts';
import { type Candidate, type Kind, type Limits, limitsFor } from './candidate.ts';
import { findCodeSwaps } from './codeSwap.ts';
import { findDrifts } from './drift.ts';
import { withinFalseShare } from './falseShare.ts';
import { findForAll } from './forAll.ts';
import { findImplausible } from './implausible.ts';
import { judge } from './judge.ts';
import { findMissingRegisters } from './missing.ts';
import { findOutbreaks } from './outbreak.ts';
import { type DailySeries, type SeriesName, seriesOf } from './series.ts';
import { findShocks } from './shock.ts';
import { toldOnce } from './tell.ts';
import { findWeekdays } from './weekday.ts';

export type Scope = 'school' | 'area' | 'national';

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
 * not change when later days come. Series of the same group are looked at beside each other.
 */
export function detect(
  series: DailySeries,
  { alarmsAYear = 1, falseShare }: Sensitivity = {},
): Finding[] {
  const limits = limitsFor(alarmsAYear);
  const tell = (found: readonly Candidate[], looked: number) =>
    toldOnce(falseShare === undefined ? found : withinFalseShare(found, falseShare, looked));
  const groups = [...placesOf(series.names.map(({ group }) => group)).values()];
  const swaps = tell(findCodeSwaps(series, limits), series.names.length);
  return [
    ...groups.flatMap((rows) => detectAmong(seriesOf(series, rows), limits, tell)),
    ...swaps.map((found) => ofSchool(series, found)),
  ].toSorted((a, b) => compare(keyOf(a), keyOf(b)));
}

type Tell = (found: readonly Candidate[], looked: number) => Candidate[];

function detectAmong(series: DailySeries, limits: Limits, tell: Tell): Finding[] {
  const judged = judge(series);
  const ofSchools = [
    ...findShocks(series, judged, limits),
    ...findDrifts(series, judged, limits),
    ...findWeekdays(series, judged, limits),
    ...findMissingRegisters(series, judged, limits),
    ...findImplausible(series, judged, limits),
  ];
  const { areas, found: ofAreas } = findOutbreaks(series, judged, limits);
  const group = series.names[0]?.group ?? '';
  return [
    ...tell(ofSchools, series.names.length).map((found) => ofSchool(series, found)),
    ...tell(ofAreas, areas.length).map((found) => ({
      ...dated(series, found),
      ...{ school: '', area: areas[found.row] as string, group, scope: 'area' as const },
    })),
    ...toldOnce(findForAll(series, judged)).map((found) => ({
      ...dated(series, found),
      ...{ school: '', area: '', group, scope: 'national' as const },
    })),
  ];
}

function ofSchool(series: DailySeries, found: Candidate): Finding {
  const name = series.names[found.row] as SeriesName;
  return { ...dated(series, found), ...name, scope: 'school' };
}

function dated(series: DailySeries, { row: _, day, startedOn, ...found }: Candidate) {
  return { ...found, date: series.days[day] as Day, startedOn: series.days[startedOn] as Day };
}

const keyOf = (found: Finding) =>
  [found.date, found.scope, found.area, found.school, found.group, found.kind].join('\u001f');
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
