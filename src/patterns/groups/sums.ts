/** Sums over pupils of their possible and absent sessions, and of the squares. */
export type PupilSums = {
  pupils: number;
  possible: number;
  absent: number;
  absentSquared: number;
  crossed: number;
  possibleSquared: number;
};

/** A group’s rate, that beside it, and the one less the other, all as shares; with the standard error of the last and its degrees of freedom. */
export type Difference = {
  group: number;
  rest: number;
  difference: number;
  deviation: number;
  freedom: number;
};

export const rateOf = ({ absent, possible }: PupilSums) => (possible > 0 ? absent / possible : 0);

/** Squares of absent sessions about those that a rate would bring, summed. */
export function squaresAbout(sums: PupilSums, rate: number): number {
  const squares = sums.absentSquared - 2 * rate * sums.crossed + rate * rate * sums.possibleSquared;
  return Math.max(0, squares);
}

/** The variance, from pupil to pupil, of absent sessions about the rate: of a ratio of sums (Cochran, Sampling Techniques, § 2.11). */
export function spreadOf(sums: PupilSums, rate: number): number {
  return squaresAbout(sums, rate) / (sums.pupils - 1);
}

/** What a pupil’s variance comes to in the rate of the group. */
export const shareOf = ({ pupils, possible }: PupilSums) => pupils / (possible * possible);

export function without(all: PupilSums, sums: PupilSums): PupilSums {
  return combined(all, sums, -1);
}

export function together(all: PupilSums, sums: PupilSums): PupilSums {
  return combined(all, sums, 1);
}

export const noPupils: PupilSums = {
  ...{ pupils: 0, possible: 0, absent: 0 },
  ...{ absentSquared: 0, crossed: 0, possibleSquared: 0 },
};

function combined(one: PupilSums, other: PupilSums, times: 1 | -1): PupilSums {
  return {
    pupils: one.pupils + times * other.pupils,
    possible: one.possible + times * other.possible,
    absent: one.absent + times * other.absent,
    absentSquared: one.absentSquared + times * other.absentSquared,
    crossed: one.crossed + times * other.crossed,
    possibleSquared: one.possibleSquared + times * other.possibleSquared,
  };
}
