import {
  type Difference,
  noPupils,
  type PupilSums,
  rateOf,
  shareOf,
  spreadOf,
  squaresAbout,
  together,
  without,
} from './sums.ts';

/*
 * A group of an area’s pupils beside the other pupils of the same schools. Schools differ by more than their pupils do, and
 * most groups stand together in a few of them: set beside the pupils of all other schools, a group would be told for its
 * schools. So each school’s difference is taken by itself, and counts by how many of both stand side by side in it (the
 * weights of Mantel and Haenszel). A school that has only one of the two says nothing.
 */

/** A group’s pupils of one school, and all pupils of that school. */
export type OfSchool = { sums: PupilSums; all: PupilSums };

/** The pupils, in the group and beside it, of the schools that have both. */
export function sideBySide(schools: readonly OfSchool[]): [group: PupilSums, rest: PupilSums] {
  return schools
    .filter(hasBoth)
    .reduce(
      ([group, rest], { sums, all }): [PupilSums, PupilSums] => [
        together(group, sums),
        together(rest, without(all, sums)),
      ],
      [noPupils, noPupils],
    );
}

const hasBoth = ({ sums, all }: OfSchool) =>
  sums.possible > 0 && all.possible > sums.possible && all.pupils > sums.pupils;

/**
 * The greatest of three variances. Two are as in one school: what a group drawn by chance from the pupils of each school would
 * have, and what the two groups have as each spreads. The third is of the schools, whose differences may themselves differ by
 * more than their pupils explain: a class that is ill, a school that keeps its registers otherwise.
 */
export function differenceWithin(schools: readonly OfSchool[]): Difference {
  const each = schools.filter(hasBoth).map(({ sums, all }) => {
    const rest = without(all, sums);
    return {
      ...{ sums, rest, all, weight: (sums.possible * rest.possible) / all.possible },
      difference: rateOf(sums) - rateOf(rest),
    };
  });
  const sum = (of: (school: (typeof each)[number]) => number) =>
    each.reduce((total, school) => total + of(school), 0);
  const weights = sum(({ weight }) => weight);
  const mean = (of: (school: (typeof each)[number]) => number) =>
    sum((school) => school.weight * of(school)) / weights;
  const group = mean(({ sums }) => rateOf(sums));
  const rest = mean((school) => rateOf(school.rest));
  const difference = group - rest;

  const drawn = sum(({ weight, sums, rest: other, all }) => {
    const spread = spreadOf(all, rateOf(all));
    return (weight / weights) ** 2 * spread * (shareOf(sums) + shareOf(other));
  });
  const [ofGroup, ofRest] = [
    sum(({ weight, sums, rest: other, all }) => {
      const rate = rateOf(all) + (difference * other.possible) / all.possible;
      return (weight / weights / sums.possible) ** 2 * squaresAbout(sums, rate);
    }),
    sum(({ weight, sums, rest: other, all }) => {
      const rate = rateOf(all) - (difference * sums.possible) / all.possible;
      return (weight / weights / other.possible) ** 2 * squaresAbout(other, rate);
    }),
  ] as const;
  const freedomOf = {
    group: sum(({ sums }) => sums.pupils) - 1,
    rest: sum((school) => school.rest.pupils) - 1,
  };
  const apart =
    (ofGroup * (freedomOf.group + 1)) / freedomOf.group +
    (ofRest * (freedomOf.rest + 1)) / freedomOf.rest;
  /** As many schools of the same weight would say as much. */
  const effective = weights ** 2 / sum(({ weight }) => weight ** 2);
  const ofSchools =
    effective > 1
      ? (sum(({ weight, difference: own }) => (weight / weights) ** 2 * (own - difference) ** 2) *
          effective) /
        (effective - 1)
      : 0;
  const [variance, freedom] = greatest([
    [drawn, sum(({ all }) => all.pupils - 1) - 1],
    [apart, apart ** 2 / (ofGroup ** 2 / freedomOf.group + ofRest ** 2 / freedomOf.rest)],
    [ofSchools, effective - 1],
  ]);
  return { group, rest, difference, deviation: Math.sqrt(variance), freedom };
}

type Variance = readonly [variance: number, freedom: number];

function greatest(all: readonly Variance[]): Variance {
  return all.reduce((most, each) => (each[0] > most[0] ? each : most));
}
