import type { Urn } from '../base/identifiers.ts';
import type { SchoolType } from '../base/schoolType.ts';

/**
 * How unlike two schools are: `distance² = Σ weight × difference²` over the inputs that both have, scaled up for those
 * that one of them lacks.
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

export type DistanceRule = { inputs: readonly Input[]; caliper: number };

/** A school as it is compared. An attribute that is not known (null or absent) excludes nobody. */
export type ComparableSchool = {
  /** Unique in a list. */
  urn: Urn;
  /** Every URN the school has had or will have, its own included. */
  chain: readonly Urn[];
  /** URNs of other schools that it came from or became in part, by merging or splitting. */
  linkedUrns?: readonly Urn[];
  schoolType: SchoolType;
  values: InputValues;
  allThrough?: boolean | null;
  sex?: 'girls' | 'boys' | 'mixed' | null;
  /** False: gets a group, but is in nobody's (say, because its absence in the last known year is not known). Default true. */
  canBeCompared?: boolean;
};

/** The distance between two sets of values, or why there is none. Pure definition; `nearest.ts` gives the same, faster. */
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
    const a = knownValue(one[name]);
    const b = knownValue(other[name]);
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

/** Null for whatever says that a value is not known. */
export function knownValue(value: number | string | null | undefined): number | string | null {
  if (value === null || value === undefined || Number.isNaN(value)) return null;
  return value;
}
