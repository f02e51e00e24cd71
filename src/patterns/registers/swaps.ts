import { robustDeviationOf } from '../../stats/robust.ts';
import { standardNormalBelow } from '../../stats/standardNormal.ts';
import { scoreOf } from '../model/candidate.ts';
import type { RegisterDays, Sessions } from './days.ts';
import { type Family, reasonKey } from './families.ts';

/** The second may be written in place of the first. */
const pairs: readonly (readonly [Family, Family])[] = [
  ['unauthorised', 'illness'],
  ['unauthorised', 'medical'],
];
/** School days that are set beside those before: what all of a large school shows soon, a small one shows after months. */
const spans = [20, 40, 60] as const;
const before = 60;
const leastBefore = 25;
/** Sessions of one spell count as one case. */
const clump = 4;
/** So many sessions would have to have been missed for the first reason, for its going to be seen. */
const leastExpected = 24;
/** It has to have fallen to this share of what was to be expected. */
const mostLeft = 0.7;
/** Of what the first lost, the second has to have won so much. */
const leastWon = 0.5;
/** Days in a row show the same weeks; every pair and span is a look of its own. */
const daysALook = 10;
const looks = pairs.length * spans.length;
/** With fewer schools, how widely falls spread cannot be told. */
const leastSchools = 30;

export type FoundSwap = {
  school: number;
  day: number;
  startedOn: number;
  score: number;
  from: Family;
  to: Family;
  /** What the second takes of the two together, lately and before. */
  latePercent: number;
  earlyPercent: number;
};

/**
 * A code used in place of another: in the last weeks one reason has all but gone, by far more than it did elsewhere, and
 * another has grown by as much. In winter illness takes a larger share of what is missed everywhere, and no code is swapped.
 */
export function findSwaps(days: RegisterDays, limit: number): FoundSwap[] {
  const sums = new Map(
    [...new Set(pairs.flat())].map((family) => [
      family,
      new Sums(days, days.groups.get(reasonKey(family))),
    ]),
  );
  return pairs.flatMap(([from, to]) => {
    const both = { gone: sums.get(from) as Sums, grown: sums.get(to) as Sums };
    return findBetween(both, days, limit).map((found) => ({ ...found, from, to }));
  });
}

type Both = { gone: Sums; grown: Sums };

/** Of each school the first swap between two reasons. */
function findBetween({ gone, grown }: Both, { schools, days }: RegisterDays, limit: number) {
  const found: Omit<FoundSwap, 'from' | 'to'>[] = [];
  const isTold = new Set<number>();
  for (let day = leastBefore + spans[0] - 1; day < days.length; day++)
    for (const span of spans) {
      const weeks = weeksTo(day, span);
      if (!weeks) continue;
      const falls = schools.map((_, school) => gone.fallOf(school, weeks));
      const spread = spreadOf(falls);
      falls.forEach((fall, school) => {
        if (!fall || isTold.has(school) || fall.came > mostLeft * fall.expected) return;
        const chance = 1 - standardNormalBelow(fall.deviations / spread);
        const score = scoreOf((chance * looks) / daysALook);
        if (score < limit) return;
        const won = grown.against(school, weeks);
        if (!won || won.came - won.expected < leastWon * (fall.expected - fall.came)) return;
        isTold.add(school);
        found.push({
          ...{ school, day, startedOn: weeks.from, score },
          latePercent: (100 * won.came) / (won.came + fall.came),
          earlyPercent: (100 * won.early) / (won.early + fall.early),
        });
      });
    }
  return found;
}

type Weeks = { first: number; from: number; to: number };

function weeksTo(day: number, span: number): Weeks | undefined {
  const from = day + 1 - span;
  const first = Math.max(0, from - before);
  return from - first < leastBefore ? undefined : { first, from, to: day + 1 };
}

/** By how much the falls of all schools spread more than chance would have it: spells here may be longer than there. */
function spreadOf(falls: readonly (Fall | undefined)[]): number {
  const known = falls.flatMap((fall) => fall?.deviations ?? []);
  return known.length < leastSchools ? 1 : Math.max(1, robustDeviationOf(known) ?? 1);
}

type Against = { came: number; early: number; expected: number; certainty: number };
type Fall = Against & { deviations: number };

/** Sessions missed for a reason and possible ones, summed up to each day: of each school, and of all together. */
class Sums {
  readonly #width: number;
  readonly #all: number;
  readonly #absent: Float64Array;
  readonly #possible: Float64Array;

  constructor({ schools, days }: RegisterDays, sessions: Sessions | undefined) {
    const width = days.length;
    this.#width = width;
    this.#all = schools.length;
    const size = (schools.length + 1) * (width + 1);
    [this.#absent, this.#possible] = [new Float64Array(size), new Float64Array(size)];
    const [absents, possibles] = [new Float64Array(width), new Float64Array(width)];
    for (let row = 0; row < schools.length; row++)
      for (let day = 0; day < width; day++) {
        const [absent, possible] = [
          sessions?.absent[row * width + day] ?? 0,
          sessions?.possible[row * width + day] ?? 0,
        ];
        this.#add(row, day, absent, possible);
        absents[day] = (absents[day] as number) + absent;
        possibles[day] = (possibles[day] as number) + possible;
      }
    for (let day = 0; day < width; day++)
      this.#add(this.#all, day, absents[day] as number, possibles[day] as number);
  }

  #add(row: number, day: number, absent: number, possible: number): void {
    const at = row * (this.#width + 1) + day;
    this.#absent[at + 1] = (this.#absent[at] as number) + absent;
    this.#possible[at + 1] = (this.#possible[at] as number) + possible;
  }

  #over(row: number, from: number, to: number) {
    const start = row * (this.#width + 1);
    const between = (sums: Float64Array) =>
      (sums[start + to] as number) - (sums[start + from] as number);
    return { absent: between(this.#absent), possible: between(this.#possible) };
  }

  /** By how much fewer came than were to be expected; undefined where too few were. */
  fallOf(school: number, weeks: Weeks): Fall | undefined {
    const against = this.against(school, weeks);
    if (!against || against.expected < leastExpected) return undefined;
    const { came, expected, certainty } = against;
    const cases = expected / clump;
    // What was to be expected is not known exactly: it rests on the cases before, and on those of all others.
    const deviation = Math.sqrt(cases + (cases ** 2 * clump) / certainty);
    return { ...against, deviations: (expected - came) / clump / deviation };
  }

  /**
   * What came of it, and what would have, had the school gone on as before and as all other schools did meanwhile.
   * `certainty`: so many sessions say how much was to be expected.
   */
  against(school: number, { first, from, to }: Weeks): Against | undefined {
    const [early, late] = [this.#over(school, first, from), this.#over(school, from, to)];
    const [earlyAll, lateAll] = [this.#others(early, first, from), this.#others(late, from, to)];
    if (early.possible === 0 || late.possible === 0) return undefined;
    if (earlyAll.absent === 0 || lateAll.absent === 0) return undefined;
    const season = lateAll.absent / lateAll.possible / (earlyAll.absent / earlyAll.possible);
    return {
      ...{ came: late.absent, early: early.absent },
      expected: (early.absent / early.possible) * late.possible * season,
      certainty: 1 / (1 / Math.max(1, early.absent) + 1 / earlyAll.absent + 1 / lateAll.absent),
    };
  }

  /** All schools but one, over the same days. */
  #others(own: { absent: number; possible: number }, from: number, to: number) {
    const { absent, possible } = this.#over(this.#all, from, to);
    return { absent: absent - own.absent, possible: possible - own.possible };
  }
}
