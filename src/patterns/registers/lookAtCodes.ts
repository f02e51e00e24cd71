import type { Day } from '../../base/day.ts';
import type { RegisterDays } from './days.ts';
import { reasonKey } from './families.ts';
import { findGrown, type Grown } from './grown.ts';
import { leaversScore } from './offRolling.ts';
import type { Seen } from './seen.ts';
import { findSwaps } from './swaps.ts';

/* What registers show in how they are kept. */

/** Sessions of five pupils on a part-time timetable in twenty days: of fewer it would tell of a child. */
const partTimeSessions = 100;

/** Codes in place of others. */
export function lookAtSwaps(days: RegisterDays, limit: number): Seen[] {
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

/** Late arrivals amended to present, and part-time timetables. */
export function lookAtGrown(days: RegisterDays, limit: number): Seen[] {
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

/** Often-absent pupils who leave the roll. */
export function lookAtLeavers(days: RegisterDays, limit: number): Seen[] {
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
