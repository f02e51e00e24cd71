import { standardNormalBelow } from '../../stats/standardNormal.ts';
import { scoreOf } from '../model/candidate.ts';
import type { RegisterDays, Sessions } from './days.ts';
import { type Family, reasonKey } from './families.ts';

/** The second may be written in place of the first. */
const pairs: readonly (readonly [Family, Family])[] = [
  ['unauthorised', 'illness'],
  ['unauthorised', 'medical'],
];
/** School days that are set beside those before. */
const spans = [20, 40] as const;
const before = 60;
const leastBefore = 25;
/** Sessions of one spell count as one case. */
const clump = 4;
/** So many sessions would have to have been missed for the first reason, for its going to be seen. */
const leastExpected = 24;
/** It has to have fallen to this share of what was to be expected. */
const mostLeft = 0.6;
/** Days in a row show the same weeks. */
const daysALook = 10;

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
  const found: FoundSwap[] = [];
  for (const [from, to] of pairs) {
    const gone = new Sums(days, days.groups.get(reasonKey(from)));
    const grown = new Sums(days, days.groups.get(reasonKey(to)));
    for (let school = 0; school < days.schools.length; school++) {
      const swap = firstSwap({ gone, grown }, school, days.days.length, limit);
      if (swap) found.push({ school, from, to, ...swap });
    }
  }
  return found;
}

type Both = { gone: Sums; grown: Sums };

function firstSwap(both: Both, school: number, width: number, limit: number) {
  for (let day = leastBefore + spans[0] - 1; day < width; day++)
    for (const span of spans) {
      const swap = swapOn(both, school, day, span);
      if (swap && swap.score >= limit) return { ...swap, day, startedOn: day + 1 - span };
    }
  return undefined;
}

function swapOn({ gone, grown }: Both, school: number, day: number, span: number) {
  const from = day + 1 - span;
  const first = Math.max(0, from - before);
  if (from - first < leastBefore) return undefined;
  const lost = gone.against(school, { first, from, to: day + 1 });
  if (!lost || lost.expected < leastExpected || lost.came > mostLeft * lost.expected)
    return undefined;
  const won = grown.against(school, { first, from, to: day + 1 });
  if (!won || won.came - won.expected < 0.5 * (lost.expected - lost.came)) return undefined;
  const cases = lost.expected / clump;
  // What was to be expected is not known exactly: it rests on the cases before.
  const deviation = Math.sqrt(cases * (1 + lost.expected / Math.max(1, lost.early)));
  const fall = (lost.expected - lost.came) / clump / deviation;
  return {
    score: scoreOf((1 - standardNormalBelow(fall)) / daysALook),
    latePercent: (100 * won.came) / (won.came + lost.came),
    earlyPercent: (100 * won.early) / (won.early + lost.early),
  };
}

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

  /** What came of it, and what would have, had the school gone on as before and as all others did meanwhile. */
  against(school: number, { first, from, to }: { first: number; from: number; to: number }) {
    const [early, late] = [this.#over(school, first, from), this.#over(school, from, to)];
    const [earlyAll, lateAll] = [
      this.#over(this.#all, first, from),
      this.#over(this.#all, from, to),
    ];
    if (early.possible === 0 || late.possible === 0 || earlyAll.absent === 0) return undefined;
    const season = lateAll.absent / lateAll.possible / (earlyAll.absent / earlyAll.possible);
    return {
      came: late.absent,
      early: early.absent,
      expected: (early.absent / early.possible) * late.possible * season,
    };
  }
}
