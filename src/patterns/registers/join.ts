import type { Day } from '../../base/day.ts';
import type { Alert, Evidence } from './alert.ts';
import { isOfYear, type GroupKey } from './families.ts';
import type { AlertKind, Seen } from './seen.ts';

/** School days within which the same kind of thing at the same place is the same thing. */
const same: Record<AlertKind, number> = {
  ...{ shock: 5, drift: 60, weekday: 40, missing: 4, implausible: 10, code_swap: 60, outbreak: 15 },
  ...{ late_edits: 60, part_time: 60, off_rolling: 60, apart: 60, recovery: 60 },
  around_holidays: 190,
};

/** What one kind is made of: single days that stood out are part of what went on for days. It is told within it. */
const parts: Partial<Record<AlertKind, readonly AlertKind[]>> = {
  outbreak: ['shock'],
  around_holidays: ['shock', 'weekday'],
};

/** Of a place: the whole before its parts, year groups before reasons. */
function rank(group: GroupKey): number {
  return group === '' ? 0 : isOfYear(group) ? 1 : 2;
}

type Placed = Pick<Seen, 'scope' | 'urn' | 'laCode' | 'kind' | 'happenedOn' | 'startedOn'>;
type ToldBefore = Placed & Pick<Seen, 'score'>;
/** A school is itself whichever area it is in. */
const placeOf = ({ scope, urn, laCode }: Placed) => `${scope} ${scope === 'school' ? urn : laCode}`;

/** Findings about the same thing as one alert, with the others as its evidence. */
export function joinSeen(seen: readonly Seen[], days: readonly Day[]): Alert[] {
  const places = Map.groupBy(seen, placeOf);
  return [...places.values()]
    .flatMap((ofPlace) => {
      const kinds = Map.groupBy(ofPlace, ({ kind }) => kind);
      const alerts = [...kinds.values()].flatMap((ofKind) => clusters(ofKind, days).map(alertOf));
      return withoutParts(alerts, days);
    })
    .toSorted((a, b) =>
      a.happenedOn < b.happenedOn ? -1 : a.happenedOn > b.happenedOn ? 1 : a.urn - b.urn,
    );
}

/** Of one place: what is part of another alert becomes its evidence. */
function withoutParts(alerts: readonly Alert[], days: readonly Day[]): Alert[] {
  const wholeOf = (alert: Alert) => alerts.find((whole) => isPart(alert, whole, days));
  const ofWhole = Map.groupBy(alerts, wholeOf);
  return (ofWhole.get(undefined) ?? []).map((alert) => {
    const known = new Set([alert.group, ...alert.evidence.map(({ group }) => group)]);
    const others = (ofWhole.get(alert) ?? []).filter(({ group }) => !known.has(group));
    return { ...alert, evidence: [...alert.evidence, ...others.map(evidenceOf)] };
  });
}

function isPart(alert: Placed, whole: Placed, days: readonly Day[]): boolean {
  return (
    (parts[whole.kind] ?? []).includes(alert.kind) &&
    distance(alert, whole, days) <= same[alert.kind]
  );
}

function clusters(seen: readonly Seen[], days: readonly Day[]): Seen[][] {
  const found: Seen[][] = [];
  for (const each of seen.toSorted((a, b) => (a.happenedOn < b.happenedOn ? -1 : 1))) {
    const open = found.at(-1);
    if (open && isSame(each, open[0] as Seen, days)) open.push(each);
    else found.push([each]);
  }
  return found;
}

function isSame(a: Placed, b: Placed, days: readonly Day[]): boolean {
  if (a.kind !== b.kind) return false;
  // What goes on since before it was told is no news, however long it goes on.
  const goesOn = a.kind === 'missing' && a.startedOn <= b.happenedOn && b.startedOn <= a.happenedOn;
  // Of all schools a bad day is another as soon as a day that was none lies between.
  const reach = a.kind === 'shock' && a.scope === 'national' ? 1 : same[a.kind];
  return goesOn || distance(a, b, days) <= reach;
}

/** School days between two. */
const distance = (a: Placed, b: Placed, days: readonly Day[]) =>
  Math.abs(placeIn(days, a.happenedOn) - placeIn(days, b.happenedOn));

/** A single day that is ten times as rare as the one that was told lately is told too. */
function isFarWorse(alert: Alert, before: ToldBefore): boolean {
  return (
    alert.kind === 'shock' && alert.happenedOn > before.happenedOn && alert.score > before.score + 1
  );
}

/** How many of these days are before a day. */
function placeIn(days: readonly Day[], day: Day): number {
  const at = days.findIndex((each) => each >= day);
  return at < 0 ? days.length : at;
}

function alertOf(cluster: readonly Seen[]): Alert {
  const [first, ...others] = cluster.toSorted(
    (a, b) => rank(a.group) - rank(b.group) || b.score - a.score,
  ) as [Seen, ...Seen[]];
  const groups = new Map(
    others.filter(({ group }) => group !== first.group).map((each) => [each.group, each]),
  );
  const { urns = [], counts = {}, ...alert } = first;
  return {
    ...{ ...alert, urns, counts },
    evidence: [...groups.values()].map(evidenceOf),
  };
}

const evidenceOf = ({ group, observedPercent, expectedPercent }: Evidence): Evidence => ({
  ...{ group, observedPercent, expectedPercent },
});

/** Those of which nothing was told before: nothing is told twice, though marks that come late shift a day or two. */
export function notToldBefore(
  alerts: readonly Alert[],
  told: readonly ToldBefore[],
  days: readonly Day[],
): Alert[] {
  const places = Map.groupBy(told, placeOf);
  return alerts.filter(
    (alert) =>
      !(places.get(placeOf(alert)) ?? []).some(
        (before) =>
          isPart(alert, before, days) ||
          (isSame(alert, before, days) && !isFarWorse(alert, before)),
      ),
  );
}
