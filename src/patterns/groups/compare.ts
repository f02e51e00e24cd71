import { studentBeyond, studentLimit } from '../../stats/studentTail.ts';

/*
 * Groups of pupils beside all other pupils. A pupil is one draw: the sessions of a child hang together, so that the spread of
 * a rate is that of pupils, and not of sessions. Whether groups part is asked many times at once, and the number of times is
 * paid for by Holm’s method: the chance that any group is told that does not part is one in twenty at most.
 */

/** Sums over pupils of their possible and absent sessions, and of the squares. */
export type PupilSums = {
  pupils: number;
  possible: number;
  absent: number;
  absentSquared: number;
  crossed: number;
  possibleSquared: number;
};

/** A group to be compared; `key` says which, and of which period. */
export type Group<Key> = { key: Key; sums: PupilSums; all: PupilSums };

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
  for (const { key, sums, all } of groups) {
    const rest = without(all, sums);
    if (sums.pupils < fewestCompared || rest.pupils < fewestCompared) tooFew.push(key);
    else compared.push({ key, found: differenceOf(sums, rest, all), once: onceFor(sums, rest) });
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

type Found = {
  pupils: number;
  others: number;
  group: number;
  rest: number;
  difference: number;
  deviation: number;
  freedom: number;
  chance: number;
};

/**
 * The greater of two variances: that of the two groups as each spreads (Welch), and that which a group drawn by chance from
 * all pupils would have. Absence is so skewed that either alone is too small somewhere: a small group of children who happen to
 * be alike spreads little, and one with a few who miss much spreads more than chance would have it.
 */
function differenceOf(sums: PupilSums, rest: PupilSums, all: PupilSums): Found {
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
  const deviation = Math.sqrt(variance);
  return {
    ...{ pupils: sums.pupils, others: rest.pupils, group: one, rest: other },
    ...{ difference, deviation, freedom },
    chance: deviation > 0 ? studentBeyond(difference / deviation, freedom) : 1,
  };
}

const rateOf = ({ absent, possible }: PupilSums) => (possible > 0 ? absent / possible : 0);

/** The variance, from pupil to pupil, of absent sessions about the rate: of a ratio of sums (Cochran, Sampling Techniques, § 2.11). */
function spreadOf(sums: PupilSums, rate: number): number {
  const squares = sums.absentSquared - 2 * rate * sums.crossed + rate * rate * sums.possibleSquared;
  return Math.max(0, squares) / (sums.pupils - 1);
}

/** What a pupil’s variance comes to in the rate of the group. */
const shareOf = ({ pupils, possible }: PupilSums) => pupils / (possible * possible);

function without(all: PupilSums, sums: PupilSums): PupilSums {
  return {
    pupils: all.pupils - sums.pupils,
    possible: all.possible - sums.possible,
    absent: all.absent - sums.absent,
    absentSquared: all.absentSquared - sums.absentSquared,
    crossed: all.crossed - sums.crossed,
    possibleSquared: all.possibleSquared - sums.possibleSquared,
  };
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
