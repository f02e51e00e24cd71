import { judge } from '../model/judge.ts';
import { findAroundHolidays } from './aroundHolidays.ts';
import { findCircles } from './circles.ts';
import type { RegisterDays } from './days.ts';
import { type GroupKey, reasonKey } from './families.ts';
import type { Seen } from './seen.ts';
import { dayAt, seenOfRow } from './seenOf.ts';
import { fewestPupils, seriesOfGroup } from './series.ts';

/** Illness among neighbouring schools. All absence together has more reasons to move in a neighbourhood, as a festival. */
export function lookAmongNeighbours(days: RegisterDays, limit: number): Seen[] {
  const group = reasonKey('illness');
  const { series, schools } = seriesOfGroup(days, group, { least: fewestPupils });
  const places = schools.map((school) => days.schools[school] ?? { easting: null, northing: null });
  return findCircles(series, judge(series), places, limit).map((found): Seen => {
    const { area, rows, day, startedOn, score, ...figures } = found;
    // Who is told of it is told of its own schools.
    const own = rows.filter((row) => series.names[row]?.area === area);
    return {
      ...{ scope: 'area', urn: 0, laCode: area, group, kind: 'outbreak' },
      ...{ happenedOn: dayAt(series, day), startedOn: dayAt(series, startedOn), score, band: [] },
      ...figures,
      urns: own.map((row) => Number(series.names[row]?.school)),
      counts: { schools: rows.length },
    };
  });
}

/** More away around holidays than in other schools: of all reasons together, and of leave for holidays. */
export function lookAroundHolidays(days: RegisterDays, limit: number): Seen[] {
  const groups: GroupKey[] = ['', reasonKey('holiday')];
  return groups.flatMap((group) => {
    const { series } = seriesOfGroup(days, group, { least: fewestPupils });
    const judged = judge(series);
    return findAroundHolidays(series, judged, limit).map(({ holidays, ...found }) => ({
      ...seenOfRow(series, judged, found, 'around_holidays'),
      counts: { holidays },
    }));
  });
}
