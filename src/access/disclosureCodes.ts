import type { CellCounts, TableArea } from './disclosureTables.ts';

/*
 * Sessions by code (a suspension, a part-time timetable, an illness) of groups of pupils. A session of a rare code is one
 * child’s even in a group that is large enough to be shown, so groups of a school or a trust have none; those of an
 * authority, a region and England have them where the group has so many pupils, and whatever can be taken from what is
 * given has as many.
 */
const fewestForCodes = 100;

/*
 * Whoever asks on two days takes one from the other, in a year that grows and, as corrections come late, in one that is over:
 * sessions of so few are given on neither.
 */
const fewestForSessions = 60;

type Sums = ReadonlyMap<string, number>;
const none: Sums = new Map();

/** The areas above schools of whose table by these divisions (as `fsm`, or `fsm,sen`) sessions by code are given. */
export function areasGivingCodes(
  country: TableArea,
  pupils: CellCounts,
  division: string,
): ReadonlySet<string> {
  return areasGiving(division, (each) =>
    givenIn(country, { pupils, division: each, fewest: fewestForCodes, schools: false }),
  );
}

/** The areas, schools among them, of whose table by these divisions numbers of sessions are given. */
export function areasGivingSessions(
  country: TableArea,
  pupils: CellCounts,
  division: string,
): ReadonlySet<string> {
  return areasGiving(division, (each) =>
    givenIn(country, { pupils, division: each, fewest: fewestForSessions, schools: true }),
  );
}

/** What is given by two divisions is given by each of them. */
function areasGiving(division: string, giving: (division: string) => Given): ReadonlySet<string> {
  const divisions = [...new Set([...division.split(','), division])];
  const given = divisions.map((each) => new Set(giving(each).given));
  return given.reduce((all, each) => all.intersection(each));
}

type Rule = { pupils: CellCounts; division: string; fewest: number; schools: boolean };

/** What is given of an area and those in it, and what of it is told by none of them. */
type Given = { area: TableArea; given: readonly string[]; rest: Sums };

function givenIn(area: TableArea, rule: Rule): Given {
  const parts = area.parts.filter((part) => rule.schools || part.parts.length > 0);
  if (parts.length === 0) {
    const own = sumsOf(area, rule);
    return areLarge(own, rule)
      ? { area, given: [area.key], rest: none }
      : { area, given: [], rest: own };
  }
  const within = parts.map((part) => givenIn(part, rule));
  for (;;) {
    const rest = added(within.map((each) => each.rest));
    const given = within.flatMap((each) => each.given);
    if (areLarge(rest, rule)) return { area, given: [area.key, ...given], rest: none };
    // What is left of this area would tell of few: one more part is not given.
    const at = within.findIndex((each) => each.given.includes(each.area.key));
    const part = within[at];
    if (!part) return { area, given, rest };
    within[at] = { area: part.area, given: [], rest: sumsOf(part.area, rule) };
  }
}

const areLarge = (sums: Sums, { fewest }: Rule) =>
  [...sums.values()].every((count) => count === 0 || count >= fewest);

function sumsOf(area: TableArea, rule: Rule): Sums {
  if (area.parts.length === 0) return rule.pupils.of(area.key).get(rule.division) ?? none;
  return added(area.parts.map((part) => sumsOf(part, rule)));
}

function added(all: readonly Sums[]): Sums {
  const sums = new Map<string, number>();
  for (const each of all) {
    for (const [value, count] of each) sums.set(value, (sums.get(value) ?? 0) + count);
  }
  return sums;
}
