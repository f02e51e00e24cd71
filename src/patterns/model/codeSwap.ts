import { standardNormalBelow } from '../../stats/standardNormal.ts';
import { isOfEverybody } from './groupShares.ts';
import { type Candidate, type Limits, scoreOf } from './candidate.ts';
import { OwnVariance } from './ownVariance.ts';
import { placesOf } from './places.ts';
import { RunningSums } from './runningSums.ts';
import type { DailySeries } from './series.ts';

/** The last weeks against the weeks before. */
const lately = 20;
const before = 60;
const leastBefore = 20;
/** Of what one reason wins the other loses so much at least, and the other way round. */
const leastOfOther = 0.5;
/** Sessions missed for one of the two reasons, at least, in either span. */
const leastAbsent = 20;

/**
 * A code used in place of another: of what is missed for two reasons together, one takes a larger share than before, and
 * what it won the other lost. An outbreak makes illness more and nothing less; when it is over, illness alone falls.
 * Wants series whose groups are reasons, with counts: of one school they have the same possible sessions. `row` is the series of the reason that grew.
 */
export function findCodeSwaps(series: DailySeries, limits: Limits): Candidate[] {
  const width = series.days.length;
  const pairs = pairsOf(series);
  if (pairs.length === 0) return [];
  const rows = new Set(pairs.flatMap(({ grown, shrunk }) => [grown, shrunk]));
  const sums = new Map(
    [...rows].map((row) => [
      row,
      new RunningSums(
        Float64Array.from({ length: width }, (_, day) => {
          const at = row * width + day;
          return ((series.absencePercent[at] as number) * (series.possible[at] as number)) / 100;
        }),
      ),
    ]),
  );
  const variance = new OwnVariance(pairs.length, lately, { variance: 4, looks: 3 });
  const found: Candidate[] = [];
  for (let day = lately + leastBefore - 1; day < width; day++) {
    const from = day + 1 - lately;
    const isAlike = pairs.map((pair) => pair.from <= day && day < pair.to);
    const pairsOfSchool = new Map<string, number>();
    pairs.forEach(({ school }, at) => {
      if (isAlike[at]) pairsOfSchool.set(school, (pairsOfSchool.get(school) ?? 0) + 1);
    });
    const shifts = pairs.map(({ grown, shrunk }) =>
      shiftOf(sums.get(grown) as RunningSums, sums.get(shrunk) as RunningSums, from, day),
    );
    const rises = Float64Array.from(shifts, ({ rise }, at) => (isAlike[at] ? rise : Number.NaN));
    variance.standardise(rises).forEach((rise, at) => {
      const { early, late, won, lost } = shifts[at] as Shift;
      if (!(rise > 0) || won < leastOfOther * lost || lost < leastOfOther * won) return;
      const { grown: row, school } = pairs[at] as Pair;
      // Each pair of reasons of a school is a look of its own; two reasons are two such pairs.
      const looks = (pairsOfSchool.get(school) as number) / 2;
      const score = scoreOf(((1 - standardNormalBelow(rise)) * looks) / 8);
      if (score < limits.code_swap) return;
      const reach = 196 * Math.sqrt((early.share * (1 - early.share) * 4) / late.absent);
      found.push({
        ...{ kind: 'code_swap', row, day, startedOn: from, score },
        observedPercent: 100 * late.share,
        expectedPercent: 100 * early.share,
        lowerPercent: Math.max(0, 100 * early.share - reach),
        upperPercent: Math.min(100, 100 * early.share + reach),
      });
    });
  }
  return found;
}

type Pair = { grown: number; shrunk: number; school: string; from: number; to: number };

/**
 * Series of one school whose possible sessions are the same on every day, each with each, and the days from which and up to
 * which that could be said. Where the school has a series of everybody, they are its too: year groups of one size are no
 * reasons.
 */
function pairsOf(series: DailySeries): Pair[] {
  const schools = [...placesOf(series.names.map(({ school }) => school)).entries()];
  return schools.flatMap(([school, rows]) => {
    const isWhole = (row: number) => isOfEverybody(series.names[row]?.group ?? '');
    const reasons = rows.filter((row) => !isWhole(row));
    const whole = rows.filter(isWhole);
    return reasons.flatMap((grown) =>
      reasons.flatMap((shrunk) => {
        if (grown === shrunk) return [];
        const spans = [grown, ...whole].map((each) => alikeOn(series, each, shrunk));
        const from = spans[0]?.from as number;
        const to = Math.min(...spans.map((span) => span.to));
        return from < to ? [{ grown, shrunk, school, from, to }] : [];
      }),
    );
  });
}

/** From which day it could be said that two series have the same possible sessions, and on which it no longer could. */
function alikeOn(series: DailySeries, a: number, b: number): { from: number; to: number } {
  const width = series.days.length;
  let [known, from] = [0, width];
  for (let day = 0; day < width; day++) {
    const [one, other] = [series.possible[a * width + day], series.possible[b * width + day]] as [
      number,
      number,
    ];
    if (Number.isNaN(one) || Number.isNaN(other)) continue;
    if (one !== other) return { from, to: day };
    known += 1;
    if (known === lately + leastBefore) from = day;
  }
  return { from, to: width };
}

/** Sessions missed for the two reasons, the share of the one that grew, and how many a day for each. */
type Span = { absent: number; share: number; grown: number; shrunk: number };
/** Sessions a day that the one has more and the other less. */
type Shift = { early: Span; late: Span; won: number; lost: number; rise: number };

function shiftOf(grown: RunningSums, shrunk: RunningSums, from: number, day: number): Shift {
  const early = spanOf(grown, shrunk, Math.max(0, from - before), from);
  const late = spanOf(grown, shrunk, from, day + 1);
  const enough = early.absent >= leastAbsent && late.absent >= leastAbsent;
  const pooled =
    (early.share * early.absent + late.share * late.absent) / (early.absent + late.absent);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / early.absent + 1 / late.absent));
  return {
    ...{ early, late },
    ...{ won: late.grown - early.grown, lost: early.shrunk - late.shrunk },
    rise: enough && deviation > 0 ? (late.share - early.share) / deviation : Number.NaN,
  };
}

function spanOf(grown: RunningSums, shrunk: RunningSums, from: number, to: number): Span {
  const [one, other] = [grown.over(from, to), shrunk.over(from, to)];
  const absent = one.mean * one.count + other.mean * other.count;
  return { absent, share: (one.mean * one.count) / absent, grown: one.mean, shrunk: other.mean };
}
