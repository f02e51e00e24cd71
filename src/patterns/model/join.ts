import type { Candidate } from './candidate.ts';
import { isOfEverybody } from './groupShares.ts';
import { placesOf } from './places.ts';
import type { DailySeries, SeriesName } from './series.ts';
import { isFarRarer, restOf, toldOnce } from './tell.ts';

export type Scope = 'school' | 'area' | 'national';

/** A candidate with whose it is. */
export type Told = Candidate & SeriesName & { scope: Scope };

/** Of the schools with a figure so many have to have a shock on a day to be told of together. */
const leastTogether = 0.6;

/**
 * Where next to all schools of an area, or of all, have a shock on the same day, it is one: of the area or of all. For files
 * of so few schools that what is common to them cannot be told from what is each one's own.
 */
export function togetherOnDays(series: DailySeries, found: readonly Told[]): Told[] {
  const width = series.days.length;
  const areas = placesOf(series.names.map(({ area }) => area));
  const rowsOf = (scope: Scope, area: string) =>
    scope === 'national' ? series.names.map((_, row) => row) : (areas.get(area) ?? []);
  const days = Map.groupBy(
    found.filter(({ kind, scope }) => kind === 'shock' && scope === 'school'),
    ({ day }) => day,
  );
  const instead = new Set<Told>();
  const more: Told[] = [];
  for (const [day, shocks] of days) {
    const has = (scope: Scope, area: string) =>
      [...found, ...more].some(
        (each) => each.day === day && each.scope === scope && each.area === area,
      );
    const join = (scope: Scope, area: string, members: readonly Told[]) => {
      const came = rowsOf(scope, area).filter(
        (row) => !Number.isNaN(series.absencePercent[row * width + day] as number),
      );
      if (members.length < 2 || members.length < leastTogether * came.length) return;
      for (const each of members) instead.add(each);
      if (!has(scope, area)) more.push(oneOf(members, scope, area));
    };
    join('national', '', shocks);
    const left = shocks.filter((each) => !instead.has(each));
    for (const [area, members] of Map.groupBy(left, (each) => each.area))
      if (area !== '') join('area', area, members);
  }
  return [...found.filter((each) => !instead.has(each)), ...more];
}

function oneOf(members: readonly Told[], scope: Scope, area: string): Told {
  const first = members[0] as Told;
  const mean = (of: (each: Told) => number) =>
    members.reduce((sum, each) => sum + of(each), 0) / members.length;
  return {
    ...first,
    ...{ scope, area, school: '', row: 0 },
    score: Math.max(...members.map(({ score }) => score)),
    observedPercent: mean((each) => each.observedPercent),
    expectedPercent: mean((each) => each.expectedPercent),
    lowerPercent: mean((each) => each.lowerPercent),
    upperPercent: mean((each) => each.upperPercent),
  };
}

/** Everything once: what goes on, on its first day; what several groups of a school show, of the widest of them. */
export function joined(found: readonly Told[]): Told[] {
  const once = [...Map.groupBy(found, seriesKey).values()].flatMap((same) =>
    toldOnce(same, { ofAll: same[0]?.scope === 'national' }),
  );
  const places = Map.groupBy(once, placeKey);
  return [...places.values()].flatMap(ofTheWidest);
}

const seriesKey = (each: Told) =>
  [each.scope, each.area, each.school, each.group, each.kind].join('\u001f');

/** An illness that goes round an area may begin as a bad day of it: they are one thing. */
const placeKey = ({ scope, area, school, kind }: Told) =>
  [scope, area, school, scope === 'area' ? '' : kind].join('\u001f');

/** A wider group may be told of after a narrower one, and not the other way round. */
function ofTheWidest(found: readonly Told[]): Told[] {
  const told: Told[] = [];
  const width = ({ group }: Told) => (isOfEverybody(group) ? 1 : 0);
  const order = found.toSorted(
    (a, b) =>
      a.day - b.day || width(b) - width(a) || b.score - a.score || (a.group < b.group ? -1 : 1),
  );
  for (const each of order) {
    const isKnown = told.some((other) => isSame(other, each) && width(other) >= width(each));
    if (!isKnown) told.push(each);
  }
  return told;
}

/** A shock of an area that is far rarer than what was told of it is another. */
const isOtherShock = (before: Told, after: Told): boolean =>
  after.kind === 'shock' && after.day > before.day && isFarRarer(before, after);

function isSame(before: Told, after: Told): boolean {
  const days = after.day - before.day;
  if (before.scope === 'area') return days <= restOf('outbreak') && !isOtherShock(before, after);
  if (before.group === after.group) return false;
  return before.kind === 'shock' ? days === 0 : days <= restOf(before.kind);
}
