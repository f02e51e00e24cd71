import type { Day } from '../../base/day.ts';
import type { Candidate } from '../model/candidate.ts';
import type { Finding } from '../model/detect.ts';
import type { Judged } from '../model/judge.ts';
import type { DailySeries } from '../model/series.ts';
import { bandTo } from './band.ts';
import { type AlertKind, known, type Seen } from './seen.ts';

/* What the model found of a series, as something that registers show. */

export const dayAt = (series: DailySeries, at: number): Day => series.days[at] as Day;

export function placesIn(series: DailySeries) {
  const rowOf = new Map(series.names.map(({ school }, row) => [school, row]));
  const dayOf = new Map(series.days.map((day, at) => [day, at]));
  return {
    bandOf(found: Finding, judged: Judged) {
      const [row, day] = [rowOf.get(found.school), dayOf.get(found.date)];
      return row === undefined || day === undefined ? [] : bandTo(series, judged, row, day);
    },
  };
}

export function seenOf(found: Finding, band: Seen['band']): Seen {
  return {
    ...{ scope: found.scope, urn: Number(found.school), laCode: found.area, group: found.group },
    ...{
      kind: found.kind,
      happenedOn: found.date,
      startedOn: found.startedOn,
      score: found.score,
      band,
    },
    ...{
      observedPercent: known(found.observedPercent),
      expectedPercent: known(found.expectedPercent),
    },
    ...{ lowerPercent: known(found.lowerPercent), upperPercent: known(found.upperPercent) },
  };
}

export function seenOfRow(
  series: DailySeries,
  judged: Judged | undefined,
  found: Omit<Candidate, 'kind'>,
  kind: AlertKind,
): Seen {
  const name = series.names[found.row] ?? { school: '', area: '', group: '' };
  return {
    ...{ scope: 'school', urn: Number(name.school), laCode: name.area, group: name.group, kind },
    ...{
      happenedOn: dayAt(series, found.day),
      startedOn: dayAt(series, found.startedOn),
      score: found.score,
    },
    ...{
      observedPercent: known(found.observedPercent),
      expectedPercent: known(found.expectedPercent),
    },
    ...{ lowerPercent: known(found.lowerPercent), upperPercent: known(found.upperPercent) },
    band: judged ? bandTo(series, judged, found.row, found.day) : [],
  };
}
