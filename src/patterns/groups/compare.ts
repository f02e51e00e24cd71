import { studentBeyond, studentLimit } from '../../stats/studentTail.ts';
import { rateOf, shareOf, spreadOf, type Difference, type PupilSums, without } from './sums.ts';
import { differenceWithin, type OfSchool, sideBySide } from './withinSchools.ts';

/*
 * Groups of pupils beside all other pupils. A pupil is one draw: the sessions of a child hang together, so that the spread of
 * a rate is that of pupils, and not of sessions. Whether groups part is asked many times at once, and the number of times is
 * paid for by Holm’s method: the chance that any group is told that does not part is one in twenty at most. The pupils of one
 * school hang together as well: in an area a group is set beside the other pupils of the same schools (withinSchools.ts).
 */

/** A group to be compared; `key` says which, and of which period. Of an area, `schools` has each of its schools by itself. */
export type Group<Key> = {
  key: Key;
  sums: PupilSums;
  all: PupilSums;
  schools?: readonly OfSchool[];
};

export type Comparison<Key> = {
  key: Key;
  pupils: number;
  others: number;
  groupPercent: number;
  othersPercent: number;
  /** The group’s less the others’, percentage points; and where it lies, the number of comparisons paid for. */
  differencePoints: number;
  lowerPoints: number;
  upperPoints: number;
  /** The chance of a difference as large where there is none; and after all comparisons are paid for. */
  chance: number;
  chancePaid: number;
  parts: boolean;
};

export type Compared<Key> = {
  comparisons: Comparison<Key>[];
  /** Too few pupils in them, or beside them: nothing is said of these. */
  tooFew: Key[];
};

/** In a group, and beside it: of fewer a few children would decide. */
export const fewestCompared = 10;
const chanceOfAny = 0.05;

/** Compares each group with all other pupils of its period. Two groups that are each other’s rest are one comparison. */
export function compareGroups<Key>(groups: readonly Group<Key>[]): Compared<Key> {
  const compared: { key: Key; found: Found; once: string }[] = [];
  const tooFew: Key[] = [];
  for (const { key, sums: own, all, schools } of groups) {
    const [sums, rest] = schools ? sideBySide(schools) : [own, without(all, own)];
    if (sums.pupils < fewestCompared || rest.pupils < fewestCompared) {
      tooFew.push(key);
      continue;
    }
    const difference = schools ? differenceWithin(schools) : differenceOf(sums, rest, all);
    const { deviation, freedom } = difference;
    const chance =
      deviation > 0 && freedom > 0 ? studentBeyond(difference.difference / deviation, freedom) : 1;
    const found = { ...difference, pupils: sums.pupils, others: rest.pupils, chance };
    compared.push({ key, found, once: onceFor(sums, rest) });
  }
  const chances = new Map(compared.map(({ once, found }) => [once, found.chance]));
  const paid = paidFor([...chances]);
  const comparisons = compared.map(({ key, found, once }): Comparison<Key> => {
    const { chancePaid, at } = paid.get(once) as Paid;
    const limit = studentLimit(at, found.freedom) * found.deviation;
    return {
      ...{ key, pupils: found.pupils, others: found.others, chance: found.chance, chancePaid },
      groupPercent: 100 * found.group,
      othersPercent: 100 * found.rest,
      differencePoints: 100 * found.difference,
      lowerPoints: 100 * (found.difference - limit),
      upperPoints: 100 * (found.difference + limit),
      parts: chancePaid < chanceOfAny,
    };
  });
  return { comparisons, tooFew };
}

type Found = Difference & { pupils: number; others: number; chance: number };

/**
 * The greater of two variances: that of the two groups as each spreads (Welch), and that which a group drawn by chance from
 * all pupils would have. Absence is so skewed that either alone is too small somewhere: a small group of children who happen to
 * be alike spreads little, and one with a few who miss much spreads more than chance would have it.
 */
function differenceOf(sums: PupilSums, rest: PupilSums, all: PupilSums): Difference {
  const [one, other] = [rateOf(sums), rateOf(rest)];
  const difference = one - other;
  const spread = spreadOf(all, rateOf(all));
  const drawn = spread * (shareOf(sums) + shareOf(rest));
  const each = [
    spreadOf(sums, one) * shareOf(sums),
    spreadOf(rest, other) * shareOf(rest),
  ] as const;
  const apart = each[0] + each[1];
  const variance = Math.max(drawn, apart);
  const freedom =
    drawn >= apart
      ? all.pupils - 2
      : apart ** 2 / (each[0] ** 2 / (sums.pupils - 1) + each[1] ** 2 / (rest.pupils - 1));
  return { group: one, rest: other, difference, deviation: Math.sqrt(variance), freedom };
}

/** The same for a group and for its rest. */
function onceFor(sums: PupilSums, rest: PupilSums): string {
  return [sums, rest]
    .map((each) => Object.values(each).join())
    .sort()
    .join(' ');
}

type Paid = { chancePaid: number; at: number };

/** Holm’s method: the smallest chance pays for all comparisons, the next for one less; `at` is the level of each. */
function paidFor(chances: readonly [key: string, chance: number][]): Map<string, Paid> {
  const rising = chances.toSorted((a, b) => a[1] - b[1]);
  const paid = new Map<string, Paid>();
  let before = 0;
  let level = chanceOfAny / Math.max(1, rising.length);
  for (const [at, [key, chance]] of rising.entries()) {
    before = Math.max(before, Math.min(1, chance * (rising.length - at)));
    if (before < chanceOfAny) level = chanceOfAny / (rising.length - at);
    paid.set(key, { chancePaid: before, at: level });
  }
  return paid;
}
