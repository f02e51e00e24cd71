import type { Day } from '../../base/day.ts';
import { type Candidate, daysAYear, type Limits, limitsFor, scoreOf } from '../model/candidate.ts';
import { detect, type Finding } from '../model/detect.ts';
import { type Judged, judge } from '../model/judge.ts';
import type { DailySeries } from '../model/series.ts';
import { toldOnce } from '../model/tell.ts';
import { findParting } from './apart.ts';
import { bandTo } from './band.ts';
import { findCircles } from './circles.ts';
import type { RegisterDays, Sessions } from './days.ts';
import { type Family, type GroupKey, isOfPupils, isOfYear, reasonKey } from './families.ts';
import { findGrown, type Grown } from './grown.ts';
import { leaversScore } from './offRolling.ts';
import { findRecoveries } from './recovery.ts';
import { type AlertKind, known, type Seen } from './seen.ts';
import { fewestPupils, seriesOfGroup } from './series.ts';
import { findStopped } from './stopped.ts';
import { findSwaps } from './swaps.ts';

export type LookOptions = {
  /** How many false alarms a school may have in a year, of all kinds and groups together, about. */
  alarmsAYear: number;
  /** Where given, no more than this share of what is told of one day, of one kind, is to be chance. */
  falseShare?: number | undefined;
};

/**
 * How the false alarms of a school are shared: its whole first, then each way of looking into it. More than one in all,
 * because what shows in several of them is told once; of the made-up England’s schools some have fewer than are asked for.
 */
const shares = { all: 0.65, years: 0.15, reasons: 0.04, apart: 0.15, others: 0.3 } as const;
/** Sessions of five pupils on a part-time timetable in twenty days: of fewer it would tell of a child. */
const partTimeSessions = 100;
/** Of swaps, which are seen slowly. */
const swapShare = 0.2;
const reasonsLookedAt: readonly Family[] = [
  'illness',
  'medical',
  'holiday',
  'unauthorised',
  'no reason yet',
];

/** Everything that registers show, each with the day on which it happened; not yet joined. Rests on no later day. */
export function look(days: RegisterDays, options: LookOptions): Seen[] {
  if (days.days.length === 0) return [];
  const { alarmsAYear, falseShare } = options;
  const keys = [...days.groups.keys()];
  const years = keys.filter(isOfYear);
  const pupils = keys.filter(isOfPupils);
  const share = (part: keyof typeof shares, among = 1) => ({
    alarmsAYear: (alarmsAYear * shares[part]) / Math.max(1, among),
    falseShare,
  });
  const others = limitsFor(alarmsAYear * shares.others);
  // A school has about seven year groups, of all there are.
  return [
    ...lookAtAll(days, share('all'), others),
    ...years.flatMap((key) => lookAtGroup(days, key, share('years', Math.min(7, years.length)))),
    ...reasonsLookedAt.flatMap((family) =>
      lookAtReason(days, family, share('reasons', reasonsLookedAt.length)),
    ),
    ...pupils.flatMap((key) =>
      lookApart(days, key, limitsFor(share('apart', pupils.length / 2).alarmsAYear)),
    ),
    ...lookAtSwaps(days, scoreOf((alarmsAYear * swapShare) / daysAYear)),
    ...lookAtGrown(days, others.code_swap),
    ...lookAtLeavers(days, others.code_swap),
  ];
}

function lookAtAll(days: RegisterDays, sensitivity: LookOptions, others: Limits): Seen[] {
  const { series, schools } = seriesOfGroup(days, '');
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
    ...findStopped(series).map(
      (stopped): Seen => ({
        ...nothingCame,
        ...{ scope: 'area', urn: 0, laCode: stopped.area, group: '', kind: 'missing' },
        ...{
          happenedOn: dayAt(series, stopped.day),
          startedOn: dayAt(series, stopped.day),
          score: 12,
          band: [],
        },
        urns: stopped.rows.map((row) => Number(series.names[row]?.school)),
        counts: { schools: stopped.rows.length },
      }),
    ),
    ...circlesIn(days, series, judged, schools, others, ''),
  ];
}

const nothingCame = {
  ...{ observedPercent: null, expectedPercent: null },
  ...{ lowerPercent: null, upperPercent: null },
};

function lookAtGroup(days: RegisterDays, key: GroupKey, sensitivity: LookOptions): Seen[] {
  const { series } = seriesOfGroup(days, key, { least: fewestPupils });
  // In a year group of a few dozen everybody is there often, and the very figure of the day before is nothing odd.
  const found = detect(series, sensitivity).filter(
    ({ scope, kind }) => scope === 'school' && kind !== 'implausible',
  );
  const at = placesIn(series);
  const judged = found.length > 0 ? judge(series) : undefined;
  return found.map((each) => seenOf(each, judged ? at.bandOf(each, judged) : []));
}

function lookAtReason(days: RegisterDays, family: Family, sensitivity: LookOptions): Seen[] {
  const { series, schools } = seriesOfGroup(days, reasonKey(family), { least: fewestPupils });
  const told = family === 'illness' ? ['school', 'area'] : ['school'];
  const found = detect(series, sensitivity).filter(
    ({ scope, kind }) =>
      told.includes(scope) && (kind === 'shock' || kind === 'drift' || kind === 'outbreak'),
  );
  const at = placesIn(series);
  const judged = judge(series);
  return [
    ...found.map((each) => seenOf(each, at.bandOf(each, judged))),
    ...(family === 'illness'
      ? circlesIn(
          days,
          series,
          judged,
          schools,
          limitsFor(sensitivity.alarmsAYear),
          reasonKey(family),
        )
      : []),
  ];
}

function circlesIn(
  days: RegisterDays,
  series: DailySeries,
  judged: Judged,
  schools: readonly number[],
  limits: Limits,
  group: GroupKey,
): Seen[] {
  const places = schools.map((school) => days.schools[school] ?? { easting: null, northing: null });
  return findCircles(series, judged, places, limits).map((found): Seen => {
    const { rows, day, startedOn, score, ...figures } = found;
    return {
      ...{
        scope: 'area',
        urn: 0,
        laCode: series.names[rows[0] as number]?.area ?? '',
        group,
        kind: 'outbreak',
      },
      ...{
        happenedOn: dayAt(series, day),
        startedOn: dayAt(series, startedOn),
        score,
        band: [],
        ...figures,
      },
      urns: rows.map((row) => Number(series.names[row]?.school)),
      counts: { schools: rows.length },
    };
  });
}

/** A group of pupils against the rest of its own school. */
function lookApart(days: RegisterDays, key: GroupKey, limits: Limits): Seen[] {
  const { series, schools } = seriesOfGroup(days, key, { least: fewestPupils });
  if (schools.length === 0) return [];
  const [all, own] = [days.groups.get('') as Sessions, days.groups.get(key) as Sessions];
  const width = days.days.length;
  const rest = series.absencePercent.map((_, at) => {
    const from = (schools[Math.floor(at / width)] as number) * width + (at % width);
    const possible = (all.possible[from] as number) - (own.possible[from] as number);
    const absent = (all.absent[from] as number) - (own.absent[from] as number);
    return possible < 2 * fewestPupils ? Number.NaN : (100 * absent) / possible;
  });
  const found = toldOnce(findParting(series, { ...series, absencePercent: rest }, limits));
  if (found.length === 0) return [];
  const judged = judge(series);
  return found.map((each) => seenOfRow(series, judged, each, 'apart'));
}

function lookAtSwaps(days: RegisterDays, limit: number): Seen[] {
  return findSwaps(days, limit).map(({ school: at, day, startedOn, to, ...found }): Seen => {
    const school = days.schools[at];
    return {
      ...{
        scope: 'school',
        urn: school?.urn ?? 0,
        laCode: school?.laCode ?? '',
        group: reasonKey(to),
      },
      ...{ kind: 'code_swap', happenedOn: days.days[day] as Day },
      ...{ startedOn: days.days[startedOn] as Day, score: found.score, band: [] },
      ...{ observedPercent: found.latePercent, expectedPercent: found.earlyPercent },
      ...{ lowerPercent: null, upperPercent: null },
    };
  });
}

function lookAtGrown(days: RegisterDays, limit: number): Seen[] {
  const of = { schools: days.schools.length, width: days.days.length, limit };
  const partTime = days.groups.get(reasonKey('part-time timetable'));
  return [
    ...findGrown(days.late, { ...of, clump: 3, leastCases: 8 }).map((each) =>
      seenOfGrown(days, each, 'late_edits'),
    ),
    ...(partTime
      ? findGrown(partTime, { ...of, clump: 20, leastCases: partTimeSessions }).map((each) =>
          seenOfGrown(days, each, 'part_time'),
        )
      : []),
  ];
}

function seenOfGrown(days: RegisterDays, each: Grown, kind: 'late_edits' | 'part_time'): Seen {
  const school = days.schools[each.school];
  return {
    ...{ scope: 'school', urn: school?.urn ?? 0, laCode: school?.laCode ?? '', group: '', kind },
    ...{ happenedOn: days.days[each.day] as Day, startedOn: days.days[each.startedOn] as Day },
    ...{ score: each.score, band: [], counts: { cases: each.cases } },
    ...{ observedPercent: each.latePercent, expectedPercent: each.earlyPercent },
    ...{ lowerPercent: 0, upperPercent: each.upperPercent },
  };
}

function lookAtLeavers(days: RegisterDays, limit: number): Seen[] {
  const places = new Map(days.schools.map((school) => [school.urn, school]));
  return days.leavers.flatMap((leavers): Seen[] => {
    const score = leaversScore(leavers);
    if (score < limit) return [];
    const [observed, expected] = [
      (100 * leavers.often_absent_leavers) / leavers.leavers,
      (100 * leavers.often_absent) / leavers.pupils,
    ];
    const on = days.days.find((day) => day >= leavers.last_left) ?? (days.days.at(-1) as Day);
    return [
      {
        ...{
          scope: 'school',
          urn: leavers.urn,
          laCode: places.get(leavers.urn)?.laCode ?? '',
          group: '',
        },
        ...{ kind: 'off_rolling', happenedOn: on, startedOn: on, score, band: [] },
        ...{
          observedPercent: observed,
          expectedPercent: expected,
          lowerPercent: null,
          upperPercent: null,
        },
        counts: { leavers: leavers.leavers, often: leavers.often_absent_leavers },
      },
    ];
  });
}

const dayAt = (series: DailySeries, at: number): Day => series.days[at] as Day;

function placesIn(series: DailySeries) {
  const rowOf = new Map(series.names.map(({ school }, row) => [school, row]));
  const dayOf = new Map(series.days.map((day, at) => [day, at]));
  return {
    bandOf(found: Finding, judged: Judged) {
      const [row, day] = [rowOf.get(found.school), dayOf.get(found.date)];
      return row === undefined || day === undefined ? [] : bandTo(series, judged, row, day);
    },
  };
}

function seenOf(found: Finding, band: Seen['band']): Seen {
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

function seenOfRow(
  series: DailySeries,
  judged: Judged | undefined,
  found: Candidate,
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
