import type { Urn } from '../base/identifiers.ts';
import {
  type ComparableSchool,
  type DistanceRule,
  type Input,
  knownValue,
  leastSharePresent,
} from './distance.ts';

/**
 * The search behind `findSimilar`: the same schools and the same distances as `distanceBetween` gives, to the bit, for all
 * schools of a type in seconds. Schools that may be in a group stand in trees (k-d trees, one for each combination of categories and
 * of inputs that are not known), and a branch is left out when even its nearest corner is further than what was found.
 */

/** Nearest first, ties by URN. */
export type Nearest = { urns: Urn[]; distances: number[] };

export type Search = {
  /** Up to `atMost` schools within the caliper that `school` may be compared with. */
  nearestTo(school: ComparableSchool): Nearest;
  /** How many others `school` may be compared with, however unlike it. */
  othersFor(school: ComparableSchool): number;
};

/** Makes `schools` of one type searchable; those that cannot be compared are left out. `kin`: whom each is never compared with. */
export function searchAmong(
  schools: readonly ComparableSchool[],
  rule: DistanceRule & { atMost: number },
  kin: ReadonlyMap<Urn, ReadonlySet<Urn>>,
): Search {
  const codes = new Map<string, number>();
  const valuesOf = (school: ComparableSchool) =>
    rule.inputs.map((input) => numberOf(school, input, codes));
  const points = schools
    .filter((school) => school.canBeCompared !== false)
    .map((school) => ({ school, values: valuesOf(school) }));
  const forest = plant(points, rule.inputs);
  const pointOf = new Map(points.map((point) => [point.school.urn, point]));
  const alikeByKind = new Map<string, number>();
  const kinOf = ({ urn }: ComparableSchool) => kin.get(urn) ?? new Set([urn]);
  return {
    nearestTo(school) {
      return nearest(forest, rule, {
        values: Float64Array.from(valuesOf(school)),
        hard: hardCodes(school),
        kin: kinOf(school),
      });
    },
    othersFor(school) {
      const hard = hardCodes(school);
      const kind = hard.join();
      const isAlike = (point: Point) => agree(hard, hardCodes(point.school));
      let alike = alikeByKind.get(kind);
      if (alike === undefined) {
        alike = points.filter(isAlike).length;
        alikeByKind.set(kind, alike);
      }
      const own = [...kinOf(school)].flatMap((urn) => pointOf.get(urn) ?? []);
      return alike - own.filter(isAlike).length;
    },
  };
}

type Point = { school: ComparableSchool; values: number[] };

/** NaN = not known; a category as a code. */
function numberOf(
  school: ComparableSchool,
  { name, kind }: Input,
  codes: Map<string, number>,
): number {
  const value = knownValue(school.values[name]);
  if (value === null) return Number.NaN;
  if (kind === 'number') return Number(value);
  const category = `${name} ${value}`;
  const code = codes.get(category) ?? codes.size;
  codes.set(category, code);
  return code;
}

/** One code per hard attribute; −1 = not known, which excludes nobody. */
function hardCodes({ allThrough, sex }: ComparableSchool): number[] {
  const flag = (value: boolean | null | undefined) => (value == null ? -1 : value ? 1 : 0);
  return [flag(allThrough), sex == null ? -1 : ['girls', 'boys', 'mixed'].indexOf(sex)];
}

function agree(mine: readonly number[], theirs: readonly number[]): boolean {
  return mine.every((code, k) => code === -1 || theirs[k] === -1 || code === theirs[k]);
}

/** Branch `b` holds the rows from `start[b]` to before `end[b]`; its two halves are `left[b]` and `left[b] + 1`, −1 in a leaf. */
type Forest = {
  inputs: number;
  weights: Float64Array;
  /** 1 = a category. */
  isCategory: Uint8Array;
  shares: Float64Array;
  urns: Urn[];
  hard: number[][];
  /** Row after row, one place per input. */
  values: Float64Array;
  /** The trees, by what is not known of their schools. */
  roots: { missing: number; branches: number[] }[];
  start: Int32Array;
  end: Int32Array;
  left: Int32Array;
  /** Branch after branch, one place per input: between which values its rows lie. */
  low: Float64Array;
  high: Float64Array;
};

/** So few rows are looked at one by one. */
const rowsOfLeaf = 24;

function plant(points: Point[], inputs: readonly Input[]): Forest {
  const weights = inputs.map(({ weight }) => weight);
  const rows: Point[] = [];
  const branches: Branch[] = [];
  const roots = [...Map.groupBy(points, (point) => missingIn(point.values))].map(
    ([missing, alike]) => ({
      missing,
      branches: [...Map.groupBy(alike, (point) => categoriesOf(point, inputs)).values()].map(
        (tree) => {
          const branch = branches.push(emptyBranch) - 1;
          grow({ inputs, branches, rows }, branch, tree);
          return branch;
        },
      ),
    }),
  );
  const urns = rows.map((row) => row.school.urn);
  return {
    inputs: inputs.length,
    weights: Float64Array.from(weights),
    isCategory: Uint8Array.from(inputs, ({ kind }) => (kind === 'category' ? 1 : 0)),
    shares: Float64Array.from(inputs, ({ share }) => share),
    urns,
    hard: rows.map((row) => hardCodes(row.school)),
    values: Float64Array.from(rows.flatMap((row) => row.values)),
    roots,
    start: Int32Array.from(branches, ({ start }) => start),
    end: Int32Array.from(branches, ({ end }) => end),
    left: Int32Array.from(branches, ({ left }) => left),
    low: Float64Array.from(branches.flatMap(({ low }) => low)),
    high: Float64Array.from(branches.flatMap(({ high }) => high)),
  };
}

function categoriesOf({ values }: Point, inputs: readonly Input[]): string {
  return values.filter((_, k) => inputs[k]?.kind === 'category').join();
}

/** One bit per input that is not known. */
function missingIn(values: ArrayLike<number>): number {
  let missing = 0;
  for (let k = 0; k < values.length; k++) if (Number.isNaN(values[k])) missing |= 1 << k;
  return missing;
}

type Branch = { start: number; end: number; left: number; low: number[]; high: number[] };
const emptyBranch: Branch = { start: 0, end: 0, left: -1, low: [], high: [] };

/** Halves the points where they lie furthest apart, until few are left. */
function grow(
  growing: { inputs: readonly Input[]; branches: Branch[]; rows: Point[] },
  branch: number,
  points: Point[],
): void {
  const { inputs, branches, rows } = growing;
  const columns = inputs.map((_, k) => points.map((point) => point.values[k] as number));
  const widths = inputs.map(({ kind, weight }, k) =>
    kind === 'number' ? weight * spreadOf(columns[k] as number[]) : 0,
  );
  const widest = Math.max(...widths.filter((width) => width > 0));
  const along = widths.indexOf(widest);
  const start = rows.length;
  let left = -1;
  if (points.length <= rowsOfLeaf || along === -1) {
    rows.push(...points);
  } else {
    const sorted = points.toSorted(
      (a, b) => (a.values[along] as number) - (b.values[along] as number),
    );
    const middle = sorted.length >> 1;
    left = branches.push(emptyBranch, emptyBranch) - 2;
    grow(growing, left, sorted.slice(0, middle));
    grow(growing, left + 1, sorted.slice(middle));
  }
  branches[branch] = {
    start,
    end: rows.length,
    left,
    low: columns.map((values) => least(values)),
    high: columns.map((values) => -least(values.map((value) => -value))),
  };
}

/** NaN where one is not known, as then all are. */
function least(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Infinity);
}

function spreadOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

type Asking = { values: Float64Array; hard: number[]; kin: ReadonlySet<Urn> };

/** Which inputs are known of both, and by how much their distance is scaled up for the others. */
type Scale = { known: Uint8Array; whole: number; present: number };

/** Found so far, nearest first. */
type Found = { rows: number[]; squared: number[]; bound: number; atMost: number };

function nearest(
  forest: Forest,
  { caliper, atMost }: { caliper: number; atMost: number },
  asking: Asking,
): Nearest {
  const found: Found = { rows: [], squared: [], bound: caliper ** 2, atMost };
  const own = missingIn(asking.values);
  const descents: { branch: number; descent: Descent; corner: number }[] = [];
  for (const { missing, branches } of forest.roots) {
    const scale = scaleFor(forest, own | missing);
    if (!scale) continue;
    const descent = { asking, scale, found };
    for (const branch of branches) {
      const corner = cornerOf(forest, branch, descent);
      if (corner <= found.bound * roundingSlack) descents.push({ branch, descent, corner });
    }
  }
  descents.sort((a, b) => a.corner - b.corner);
  for (const { branch, descent, corner } of descents) {
    if (corner > found.bound * roundingSlack) break;
    descend(forest, branch, descent);
  }
  return {
    urns: found.rows.map((row) => forest.urns[row] as Urn),
    distances: found.squared.map(Math.sqrt),
  };
}

/** Undefined where too little is known of both to compare them. */
function scaleFor({ shares }: Forest, missing: number): Scale | undefined {
  let whole = 0;
  let present = 0;
  const known: number[] = [];
  for (let k = 0; k < shares.length; k++) {
    whole += shares[k] as number;
    if (missing & (1 << k)) continue;
    present += shares[k] as number;
    known.push(k);
  }
  if (missing === 0) return { known: Uint8Array.from(known), whole: 1, present: 1 };
  if (present < leastSharePresent * whole) return undefined;
  return { known: Uint8Array.from(known), whole, present };
}

type Descent = { asking: Asking; scale: Scale; found: Found };

/** A little above 1: the corner of a branch and its rows are added up in different orders. */
const roundingSlack = 1 + 1e-9;

function descend(forest: Forest, branch: number, descent: Descent): void {
  const left = forest.left[branch] as number;
  if (left === -1) {
    lookThrough(forest, branch, descent);
    return;
  }
  const toLeft = cornerOf(forest, left, descent);
  const toRight = cornerOf(forest, left + 1, descent);
  const [near, far] = toLeft <= toRight ? [left, left + 1] : [left + 1, left];
  const { found } = descent;
  if (Math.min(toLeft, toRight) <= found.bound * roundingSlack) descend(forest, near, descent);
  if (Math.max(toLeft, toRight) <= found.bound * roundingSlack) descend(forest, far, descent);
}

/** The squared distance to the nearest that a row of the branch could be. */
function cornerOf(forest: Forest, branch: number, { asking, scale }: Descent): number {
  const { inputs, weights, isCategory, low, high } = forest;
  const { values } = asking;
  const { known } = scale;
  const at = branch * inputs;
  let sum = 0;
  for (let n = 0; n < known.length; n++) {
    const k = known[n] as number;
    const value = values[k] as number;
    const under = (low[at + k] as number) - value;
    const over = value - (high[at + k] as number);
    const gap = under > over ? under : over;
    if (gap > 0) sum += (weights[k] as number) * (isCategory[k] === 1 ? 1 : gap * gap);
  }
  return (sum * scale.whole) / scale.present;
}

/** The squared distance of each row, as `distanceBetween` gives it, to the same bits; a row is left as soon as it is too far. */
function lookThrough(forest: Forest, leaf: number, { asking, scale, found }: Descent): void {
  const { inputs, values, weights, isCategory } = forest;
  const { known, whole, present } = scale;
  const own = asking.values;
  const end = forest.end[leaf] as number;
  let { bound } = found;
  for (let row = forest.start[leaf] as number; row < end; row++) {
    const at = row * inputs;
    let sum = 0;
    for (let n = 0; n < known.length && sum <= bound; n++) {
      const k = known[n] as number;
      const difference = (own[k] as number) - (values[at + k] as number);
      if (isCategory[k] === 0) sum += (weights[k] as number) * (difference * difference);
      else if (difference !== 0) sum += weights[k] as number;
    }
    if (sum > bound) continue;
    const squared = (sum * whole) / present;
    if (squared > bound || asking.kin.has(forest.urns[row] as Urn)) continue;
    if (!agree(asking.hard, forest.hard[row] as number[])) continue;
    keep(forest, { row, squared }, found);
    ({ bound } = found);
  }
}

function keep(
  { urns }: Forest,
  { row, squared }: { row: number; squared: number },
  found: Found,
): void {
  let place = found.rows.length;
  while (place > 0) {
    const before = found.squared[place - 1] as number;
    const beforeUrn = urns[found.rows[place - 1] as number] as Urn;
    if (before < squared || (before === squared && beforeUrn < (urns[row] as Urn))) break;
    place--;
  }
  found.rows.splice(place, 0, row);
  found.squared.splice(place, 0, squared);
  if (found.rows.length > found.atMost) {
    found.rows.pop();
    found.squared.pop();
  }
  if (found.rows.length === found.atMost) {
    found.bound = Math.min(found.bound, found.squared.at(-1) as number);
  }
}
