import type { Limits } from '../model/candidate.ts';
import { detect, type Sensitivity } from '../model/detect.ts';
import { type DriftScale, findDrifts } from '../model/drift.ts';
import { judge } from '../model/judge.ts';
import type { DailySeries } from '../model/series.ts';
import { toldOnce } from '../model/tell.ts';
import type { RegisterDays } from './days.ts';
import { findRecoveries } from './recovery.ts';
import type { Seen } from './seen.ts';
import { dayAt, placesIn, seenOf, seenOfRow } from './seenOf.ts';
import { fewestPupils, seriesOfGroup } from './series.ts';
import { findSilent, findStopped, type Stopped } from './stopped.ts';

/** A year in which attendance slips a little every week shows over months, and hardly over weeks. */
const slowScale: DriftScale = { lately: 40, between: 20, before: 80, daysALook: 50 };

/** What the whole of each school and area shows; `slow` is the limit of slow drifts. */
export function lookAtAll(
  days: RegisterDays,
  sensitivity: Sensitivity,
  { others, slow }: { others: Limits; slow: number },
): Seen[] {
  const { series } = seriesOfGroup(days, '');
  const judged = judge(series);
  const small = new Set(
    seriesOfGroup(days, '', { least: fewestPupils }).series.names.map(({ school }) => school),
  );
  const found = detect(series, sensitivity).filter(
    (each) =>
      each.scope !== 'school' ||
      each.startedOn !== each.date ||
      each.kind === 'missing' ||
      small.has(each.school),
  );
  const at = placesIn(series);
  return [
    ...found.map((each) => seenOf(each, at.bandOf(each, judged))),
    ...toldOnce(
      findRecoveries(series, judged, others).map((each) => ({ ...each, kind: 'drift' as const })),
    ).map((each) => seenOfRow(series, judged, each, 'recovery')),
    ...toldOnce(findDrifts(series, judged, { drift: slow }, slowScale)).map((each) => ({
      ...seenOfRow(series, judged, each, 'drift'),
      counts: { days: slowScale.lately },
    })),
    ...findStopped(series).map((stopped) => seenOfStopped(series, stopped)),
    ...findSilent(series).map(({ row, day, startedOn }): Seen => {
      const { school, area } = series.names[row] ?? { school: '', area: '' };
      return {
        ...nothingCame,
        ...{ scope: 'school', urn: Number(school), laCode: area, group: '', kind: 'missing' },
        ...{ happenedOn: dayAt(series, day), startedOn: dayAt(series, startedOn) },
        ...{ score: others.missing, band: [] },
      };
    }),
  ];
}

function seenOfStopped(series: DailySeries, { area, day, rows }: Stopped): Seen {
  const on = dayAt(series, day);
  return {
    ...nothingCame,
    ...{ scope: 'area', urn: 0, laCode: area, group: '', kind: 'missing' },
    ...{ happenedOn: on, startedOn: on, score: 12, band: [] },
    urns: rows.map((row) => Number(series.names[row]?.school)),
    counts: { schools: rows.length },
  };
}

const nothingCame = {
  ...{ observedPercent: null, expectedPercent: null },
  ...{ lowerPercent: null, upperPercent: null },
};
