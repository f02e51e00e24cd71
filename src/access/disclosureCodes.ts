import { type CellCounts, type TableArea, totalDivision } from './disclosureTables.ts';
import { addTie, tellOfFewer, type Ties } from './disclosureTies.ts';

/*
 * Numbers of sessions of groups of pupils. Groups of a school or a trust have none: where all who speak English at home are
 * White British but eight, what is told of the one group less what is told of the other is those eight’s, and no table by one
 * division shows it. Those of an authority, a region and England have them where so many of its schools send registers, and
 * of what is left, when areas are taken from another, so many do.
 */
const fewestSchoolsForGroups = 20;

/*
 * Sessions by code (a suspension, a part-time timetable, an illness): one of a rare code is one child’s even in a group that
 * is large enough to be shown. They are given where the group has so many pupils, and whatever can be taken from what is given
 * has as many.
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
  fewestSchools = fewestSchoolsForGroups,
): ReadonlySet<string> {
  const divisions = [...new Set([...division.split(','), division])];
  const rule = {
    ...{ pupils, fewest: fewestForCodes, fewestSchools, schools: false, above: [] },
    schoolOf: namesOfSchools(country),
  };
  return divisions.reduce(
    (all, each) => all.intersection(new Set(givenIn(country, { ...rule, division: each }).given)),
    areasGivingSessions(country, pupils, division, fewestSchools),
  );
}

/**
 * The areas of whose table by these divisions numbers of sessions are given; of all pupils, schools are among them. The table
 * of all pupils comes first and is the same whatever is asked for; then those by one division, and by two.
 */
export function areasGivingSessions(
  country: TableArea,
  pupils: CellCounts,
  division: string,
  fewestSchools = fewestSchoolsForGroups,
): ReadonlySet<string> {
  const above = divisionsAbove(division).map((each): Above => {
    const given = areasGivingSessions(country, pupils, each, fewestSchools);
    return { given, places: placesIn(country, given), valueOf: valueAbove(division, each) };
  });
  const schools = division === totalDivision;
  const rule = {
    ...{ pupils, division, fewest: fewestForSessions, fewestSchools, schools, above },
    schoolOf: namesOfSchools(country),
  };
  return new Set(givenIn(country, rule).given);
}

/** The tables whose numbers are sums of those of a table. */
function divisionsAbove(division: string): readonly string[] {
  if (division === totalDivision) return [];
  return division.includes(',') ? [totalDivision, ...division.split(',')] : [totalDivision];
}

function valueAbove(division: string, above: string): (value: string) => string {
  const at = division.split(',').indexOf(above);
  return (value) => (at < 0 ? totalDivision : (value.split(',')[at] as string));
}

/** Every school with the smallest area around it that is given: what others of that area are given of is taken from it. */
function placesIn(
  area: TableArea,
  given: ReadonlySet<string>,
  around = '',
): ReadonlyMap<string, string> {
  const place = given.has(area.key) ? area.key : around;
  if (area.parts.length === 0) return new Map([[area.key, place]]);
  return new Map(area.parts.flatMap((part) => [...placesIn(part, given, place)]));
}

/** A table whose numbers are sums of another’s, with what is given of it. */
type Above = {
  given: ReadonlySet<string>;
  places: ReadonlyMap<string, string>;
  valueOf: (value: string) => string;
};

type Rule = {
  pupils: CellCounts;
  division: string;
  fewest: number;
  /** Of groups of pupils: so many schools, or none, are what is left of an area. */
  fewestSchools: number;
  schools: boolean;
  above: readonly Above[];
  /** A school that changed its URN in the year has two keys and one name. */
  schoolOf: ReadonlyMap<string, string>;
};

/** What is given of an area and those in it, and the schools of which none of them tells, with their sums. */
type Given = { area: TableArea; given: readonly string[]; left: readonly string[]; rest: Sums };

function givenIn(area: TableArea, rule: Rule): Given {
  const parts = area.parts.filter((part) => rule.schools || part.parts.length > 0);
  const mayBe = rule.above.every(({ given }) => given.has(area.key));
  const within = parts.map((part) => givenIn(part, rule));
  for (;;) {
    const all = parts.length === 0 ? [untold(area, rule)] : within;
    const rest = added(all.map((each) => each.rest));
    const left = all.flatMap((each) => each.left);
    const given = within.flatMap((each) => each.given);
    if (!mayBe) return { area, given, left, rest };
    if (areMany(left, rule) && areLarge(rest, rule) && areLargeWith(left, rule)) {
      return { area, given: [area.key, ...given], left: [], rest: none };
    }
    // What is left of this area would tell of few: one more part is not given.
    const at = within.findIndex((each) => each.given.includes(each.area.key));
    const part = within[at];
    if (!part) return { area, given, left, rest };
    within[at] = untold(part.area, rule);
  }
}

function untold(area: TableArea, rule: Rule): Given {
  return { area, given: [], left: schoolsOf(area), rest: sumsOf(area, rule) };
}

const areMany = (left: readonly string[], { schools, fewestSchools, schoolOf }: Rule) =>
  schools ||
  left.length === 0 ||
  new Set(left.map((key) => schoolOf.get(key))).size >= fewestSchools;

const areLarge = (sums: Sums, { fewest }: Rule) =>
  [...sums.values()].every((count) => count === 0 || count >= fewest);

/** Pupils of one value in one school, with the sum that each table above has of them. */
type Alike = { value: string; sums: readonly string[]; count: number };

/**
 * Nor is anything told of few by taking the sums of these schools, and those of the tables above, from each other. What a
 * sum tells by itself is known, and what is left of the others is looked at again.
 */
function areLargeWith(schools: readonly string[], rule: Rule): boolean {
  let unknown = schools.flatMap((school) => alikeIn(school, rule));
  for (;;) {
    const known = new Set<Alike>();
    for (const at of rule.above.keys()) {
      const ties: Ties = new Map();
      for (const { sums, value, count } of unknown) addTie(ties, sums[at] as string, value, count);
      for (const each of unknown) {
        const isAlone = [each.sums[at] as string, each.value].some(
          (cell) => ties.get(cell)?.size === 1,
        );
        if (isAlone) known.add(each);
      }
      if (tellOfFewer(ties, rule.fewest)) return false;
    }
    if (known.size === 0) return true;
    unknown = unknown.filter((each) => !known.has(each));
  }
}

function alikeIn(school: string, { pupils, division, above }: Rule): Alike[] {
  return [...(pupils.of(school).get(division) ?? none)]
    .filter(([, count]) => count > 0)
    .map(([value, count]) => ({
      ...{ value, count },
      sums: above.map(({ places, valueOf }) => `${valueOf(value)} of ${places.get(school)}`),
    }));
}

function namesOfSchools({ key, parts, school = key }: TableArea): Map<string, string> {
  return parts.length === 0
    ? new Map([[key, school]])
    : new Map(parts.flatMap((part) => [...namesOfSchools(part)]));
}

function schoolsOf(area: TableArea): string[] {
  return area.parts.length === 0 ? [area.key] : area.parts.flatMap(schoolsOf);
}

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
