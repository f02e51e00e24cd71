import type { Urn } from '../base/identifiers.ts';
import { type SchoolType, schoolTypePlural, schoolTypes } from '../base/schoolType.ts';

/**
 * Schools with a similar intake: the nearest by weighted distance, inside hard limits, and only where near means near.
 * `distance² = Σ weight × difference²` over the inputs that both schools have, scaled up for those that one of them lacks.
 */

/**
 * One input of the distance. `weight` multiplies the squared difference in the input's own unit, or a mismatch of
 * category (0 or 1); `share` is the part of the whole squared distance that it carries between two schools at random,
 * which says how much is lost where it is not known.
 */
export type Input = { name: string; kind: 'number' | 'category'; weight: number; share: number };

/** A school's value for each input; null or absent = not known. Not known is never taken for 0. */
export type InputValues = Readonly<Record<string, number | string | null | undefined>>;

export type Comparison =
  | { distance: number; missing: string[] }
  | { distance: null; missing: string[]; reason: string };

/** Two schools are compared only where both have inputs that carry at least this part of the distance. */
export const leastSharePresent = 0.7;
export const mostSimilarSchools = 20;
export const fewestSimilarSchools = 10;

/** The distance between two sets of values, or why there is none. Pure definition; `findNearest` gives the same, faster. */
export function distanceBetween(
  inputs: readonly Input[],
  one: InputValues,
  other: InputValues,
): Comparison {
  const missing: string[] = [];
  let whole = 0;
  let present = 0;
  let squared = 0;
  for (const { name, kind, weight, share } of inputs) {
    whole += share;
    const a = known(one[name]);
    const b = known(other[name]);
    if (a === null || b === null) {
      missing.push(name);
      continue;
    }
    present += share;
    squared += weight * (kind === 'number' ? (Number(a) - Number(b)) ** 2 : a === b ? 0 : 1);
  }
  if (missing.length === 0) return { distance: Math.sqrt(squared), missing };
  if (present < leastSharePresent * whole) {
    return { distance: null, missing, reason: `not known for both: ${missing.join(', ')}` };
  }
  return { distance: Math.sqrt((squared * whole) / present), missing };
}

function known(value: number | string | null | undefined): number | string | null {
  if (value === null || value === undefined || Number.isNaN(value)) return null;
  return value;
}

/** A school as it is compared. An attribute that is not known (null or absent) excludes nobody. */
export type ComparableSchool = {
  /** Unique in a list. */
  urn: Urn;
  /** Every URN the school has had or will have, its own included: its predecessors and successors are itself. */
  chain: readonly Urn[];
  schoolType: SchoolType;
  values: InputValues;
  allThrough?: boolean | null;
  selective?: boolean | null;
  sex?: 'girls' | 'boys' | 'mixed' | null;
  /** False: gets a group, but is in nobody's (say, because its absence in the last known year is not known). Default true. */
  canBeCompared?: boolean;
};

export type SimilarGroup = {
  urn: Urn;
  /** Nearest first, ties by URN; empty when there is no group. */
  similar: { urn: Urn; distance: number }[];
  /** How many schools were within the caliper, counted up to 20, group or not. */
  goodMatches: number;
  /** Inputs not known for this school. */
  missing: string[];
  /** Why there is no group, for the school's head; null when there is one. */
  noMatchReason: string | null;
};

export type DistanceRule = { inputs: readonly Input[]; caliper: number };

/** In a sentence, for the inputs the project uses; another input is called by its own name. */
export const inputWords: Record<string, string> = {
  fsmPercent: 'pupils eligible for free school meals in the last six years',
  idaci: 'income deprivation of the area (IDACI)',
  senSupportPercent: 'pupils with SEN support',
  ehcPlanPercent: 'pupils with an education, health and care plan',
  ealPercent: 'pupils whose first language is not English',
  logPupils: 'number of pupils',
  girlsPercent: 'girls',
  settlement: 'kind of place (urban or rural)',
  region: 'region',
};

/**
 * The similar schools of every school: same type, same hard attributes where both are known, never itself or its chain,
 * up to 20 nearest within the caliper. Does not depend on the order of `schools`. Groups come in the order of URN.
 */
export function findSimilar(
  schools: readonly ComparableSchool[],
  rules: Record<SchoolType, DistanceRule>,
): SimilarGroup[] {
  const identity = identityOf(schools);
  return schoolTypes
    .flatMap((schoolType) => {
      const ofType = schools.filter((school) => school.schoolType === schoolType);
      return groupsOfType(ofType, rules[schoolType], identity);
    })
    .sort((a, b) => a.urn - b.urn);
}

function groupsOfType(
  schools: ComparableSchool[],
  rule: DistanceRule,
  identity: Map<Urn, Urn>,
): SimilarGroup[] {
  const table = tabulate(schools, rule.inputs, identity);
  return schools.map((school) => {
    const row = table.rowOf.get(school.urn) ?? 0;
    const nearest = findNearest(table, row, rule.caliper);
    const missing = rule.inputs
      .filter(({ name }) => known(school.values[name]) === null)
      .map(({ name }) => name);
    const found = nearest.rows.length;
    const noMatchReason =
      found < fewestSimilarSchools ? whyNoGroup(school, rule, table, missing, found) : null;
    const similar =
      noMatchReason === null
        ? nearest.rows.map((near, place) => ({
            urn: table.urns[near] ?? 0,
            distance: Math.sqrt(nearest.squared[place] ?? 0),
          }))
        : [];
    return { urn: school.urn, similar, goodMatches: found, missing, noMatchReason };
  });
}

function whyNoGroup(
  school: ComparableSchool,
  rule: DistanceRule,
  table: Table,
  missing: string[],
  found: number,
): string {
  const plural = schoolTypePlural[school.schoolType];
  const whole = rule.inputs.reduce((sum, { share }) => sum + share, 0);
  const absent = rule.inputs
    .filter(({ name }) => missing.includes(name))
    .reduce((sum, { share }) => sum + share, 0);
  if (whole - absent < leastSharePresent * whole) {
    const names = missing.map((name) => inputWords[name] ?? name).join(', ');
    return `We do not know enough about this school's pupils to find ${plural} like it. Not known: ${names}.`;
  }
  const enough = `A fair comparison needs at least ${fewestSimilarSchools}.`;
  const { comparableSchools, urns } = table;
  if (comparableSchools <= fewestSimilarSchools) {
    return `There are too few ${plural} with known absence to compare this school with. ${enough}`;
  }
  const thinlyKnown =
    comparableSchools < urns.length / 2
      ? ` We know the last year's absence of only ${comparableSchools} of ${urns.length} ${plural}.`
      : '';
  if (found === 0) {
    return `No other school of its kind has an intake close enough to this school's. ${enough}${thinlyKnown}`;
  }
  const count = found === 1 ? 'other school of its kind has' : 'other schools of its kind have';
  return `Only ${found} ${count} an intake close enough to this school's. ${enough}${thinlyKnown}`;
}

/** The schools of one type as numbers, rows sorted by the number input that carries most (its unknowns last), then URN. */
type Table = {
  urns: number[];
  rowOf: Map<Urn, number>;
  identities: number[];
  /** Row after row, one place per input; NaN = not known; categories as codes. */
  values: Float64Array;
  weights: Float64Array;
  shares: Float64Array;
  isCategory: boolean[];
  /** The place of the sorted input, −1 when there is none; its rows from `sortedRows` on lack it. */
  leading: number;
  sortedRows: number;
  /** One place per hard attribute: −1 not known, else a code. */
  hard: number[][];
  comparable: boolean[];
  comparableSchools: number;
};

function tabulate(
  schools: readonly ComparableSchool[],
  inputs: readonly Input[],
  identity: Map<Urn, Urn>,
): Table {
  const leading = inputs.reduce(
    (best, { kind, share }, place) =>
      kind === 'number' && share > (inputs[best]?.share ?? -1) ? place : best,
    -1,
  );
  const leadingName = inputs[leading]?.name;
  const leadingOf = (school: ComparableSchool) =>
    leadingName === undefined ? null : known(school.values[leadingName]);
  const sorted = [...schools].sort(
    (a, b) => Number(leadingOf(a) ?? Infinity) - Number(leadingOf(b) ?? Infinity) || a.urn - b.urn,
  );
  const codes = new Map<string, number>();
  const codeOf = (category: string) => {
    const code = codes.get(category) ?? codes.size;
    codes.set(category, code);
    return code;
  };
  const numberOf = (school: ComparableSchool, { name, kind }: Input) => {
    const value = known(school.values[name]);
    if (value === null) return Number.NaN;
    return kind === 'number' ? Number(value) : codeOf(String(value));
  };
  return {
    urns: sorted.map((school) => school.urn),
    rowOf: new Map(sorted.map((school, row) => [school.urn, row])),
    identities: sorted.map((school) => identity.get(school.urn) ?? school.urn),
    values: Float64Array.from(
      sorted.flatMap((school) => inputs.map((input) => numberOf(school, input))),
    ),
    weights: Float64Array.from(inputs, ({ weight }) => weight),
    shares: Float64Array.from(inputs, ({ share }) => share),
    isCategory: inputs.map(({ kind }) => kind === 'category'),
    leading,
    sortedRows: sorted.filter((school) => leadingOf(school) !== null).length,
    hard: sorted.map(hardCodes),
    comparable: sorted.map((school) => school.canBeCompared !== false),
    comparableSchools: sorted.filter((school) => school.canBeCompared !== false).length,
  };
}

function hardCodes({ allThrough, selective, sex }: ComparableSchool): number[] {
  const flag = (value: boolean | null | undefined) => (value == null ? -1 : value ? 1 : 0);
  return [
    flag(allThrough),
    flag(selective),
    sex == null ? -1 : ['girls', 'boys', 'mixed'].indexOf(sex),
  ];
}

function mayBeCompared(table: Table, row: number, other: number): boolean {
  if (!table.comparable[other] || table.identities[other] === table.identities[row]) return false;
  const theirs = table.hard[other] ?? [];
  return (table.hard[row] ?? []).every(
    (mine, k) => mine === -1 || theirs[k] === -1 || mine === theirs[k],
  );
}

/** Rows of the nearest schools, nearest first, ties by URN, with their squared distances. */
function findNearest(
  table: Table,
  row: number,
  caliper: number,
): { rows: number[]; squared: number[] } {
  const rows: number[] = [];
  const squared: number[] = [];
  let bound = caliper ** 2;

  const consider = (other: number) => {
    const sum = squaredDistance(table, row, other, bound);
    if (sum > bound || other === row || !mayBeCompared(table, row, other)) return;
    const urn = table.urns[other] ?? 0;
    let place = rows.length;
    while (place > 0) {
      const before = squared[place - 1] ?? 0;
      const beforeUrn = table.urns[rows[place - 1] ?? 0] ?? 0;
      if (before < sum || (before === sum && beforeUrn < urn)) break;
      place--;
    }
    rows.splice(place, 0, other);
    squared.splice(place, 0, sum);
    if (rows.length > mostSimilarSchools) {
      rows.pop();
      squared.pop();
    }
    if (rows.length === mostSimilarSchools) bound = Math.min(bound, squared.at(-1) ?? bound);
  };

  const { values, weights, sortedRows, urns, leading } = table;
  if (row >= sortedRows) {
    for (let other = 0; other < urns.length; other++) consider(other);
    return { rows, squared };
  }
  // Outwards from the school's own row, until the leading input alone is too far on both sides.
  const leadingOf = (at: number) => values[at * weights.length + leading] ?? Number.NaN;
  const own = leadingOf(row);
  const leadingWeight = weights[leading] ?? 0;
  let below = row - 1;
  let above = row + 1;
  while (below >= 0 || above < sortedRows) {
    const gapBelow = below >= 0 ? own - leadingOf(below) : Infinity;
    const gapAbove = above < sortedRows ? leadingOf(above) - own : Infinity;
    if (leadingWeight * Math.min(gapBelow, gapAbove) ** 2 > bound) break;
    consider(gapBelow <= gapAbove ? below-- : above++);
  }
  for (let other = sortedRows; other < urns.length; other++) consider(other);
  return { rows, squared };
}

/** As `distanceBetween`, squared, to the same bits; Infinity as soon as it passes `bound` or where too little is known. */
function squaredDistance(table: Table, row: number, other: number, bound: number): number {
  const { values, weights, shares, isCategory } = table;
  const inputs = weights.length;
  let sum = 0;
  let complete = true;
  for (let k = 0; k < inputs; k++) {
    const difference =
      (values[row * inputs + k] as number) - (values[other * inputs + k] as number);
    if (Number.isNaN(difference)) complete = false;
    else if (!isCategory[k]) sum += (weights[k] as number) * difference ** 2;
    else if (difference !== 0) sum += weights[k] as number;
    if (sum > bound) return Infinity;
  }
  if (complete) return sum;
  let whole = 0;
  let present = 0;
  for (let k = 0; k < inputs; k++) {
    const share = shares[k] ?? 0;
    whole += share;
    const difference = (values[row * inputs + k] ?? 0) - (values[other * inputs + k] ?? 0);
    if (!Number.isNaN(difference)) present += share;
  }
  return present < leastSharePresent * whole ? Infinity : (sum * whole) / present;
}

/** One key per school through all its URNs: schools whose chains share a URN, directly or through others, are one. */
export function identityOf(schools: readonly ComparableSchool[]): Map<Urn, Urn> {
  const parent = new Map<Urn, Urn>();
  const rootOf = (urn: Urn): Urn => {
    let root = urn;
    for (
      let next = parent.get(root);
      next !== undefined && next !== root;
      next = parent.get(root)
    ) {
      root = next;
    }
    parent.set(urn, root);
    return root;
  };
  for (const { urn, chain } of schools) {
    for (const other of chain) {
      const [a, b] = [rootOf(urn), rootOf(other)];
      parent.set(Math.max(a, b), Math.min(a, b));
    }
  }
  return new Map(schools.map(({ urn }) => [urn, rootOf(urn)]));
}
