import { scoreOf } from '../model/candidate.ts';
import { standardNormalBelow } from '../../stats/standardNormal.ts';
import { medianOf, robustDeviationOf } from '../../stats/robust.ts';
import type { Sessions } from './days.ts';

/** The last weeks against the weeks before. */
const lately = 20;
const before = 60;
const leastBefore = 15;
/** So much of what all schools show on a day counts as a deviation of a school’s own. */
const leastDeviation = 0.5;

/** A share that grew: of which school, on which day it could be told, and what it was before. */
export type Grown = {
  school: number;
  day: number;
  startedOn: number;
  score: number;
  latePercent: number;
  earlyPercent: number;
  upperPercent: number;
  cases: number;
};

/**
 * Shares (`absent` of `possible`) that are far larger in the last weeks than before in the same school, and larger than
 * they grew elsewhere. Cases come in clumps, a pupil’s whole week of them, so `clump` of them count as one.
 */
export function findGrown(
  sessions: Sessions,
  {
    schools,
    width,
    clump,
    leastCases,
    limit,
  }: {
    schools: number;
    width: number;
    clump: number;
    leastCases: number;
    limit: number;
  },
): Grown[] {
  const totals = Array.from({ length: schools }, (_, school) => ({
    possible: summed(sessions.possible, school, width),
    absent: summed(sessions.absent, school, width),
  }));
  const found: Grown[] = [];
  const isTold = new Set<number>();
  for (let day = lately + leastBefore - 1; day < width; day++) {
    const rises = totals.map((total) => riseOf(total, day, clump));
    const usual = rises.flatMap((rise) => rise?.deviations ?? []);
    const shift = medianOf(usual) ?? 0;
    const spread = usual.length < 30 ? 1 : Math.max(leastDeviation, robustDeviationOf(usual) ?? 1);
    rises.forEach((rise, school) => {
      if (!rise || rise.cases < leastCases || isTold.has(school)) return;
      const score = scoreOf(
        (1 - standardNormalBelow((rise.deviations - Math.max(0, shift)) / Math.max(1, spread))) / 8,
      );
      if (score < limit || rise.late < 2 * rise.early) return;
      isTold.add(school);
      found.push({
        ...{
          school,
          day,
          startedOn: startOf(sessions, school, width, day),
          score,
          cases: rise.cases,
        },
        ...{ latePercent: 100 * rise.late, earlyPercent: 100 * rise.early },
        upperPercent: Math.min(100, 100 * (rise.early + 1.96 * rise.deviation)),
      });
    });
  }
  return found;
}

type Totals = { possible: Float64Array; absent: Float64Array };

function summed(values: Uint16Array, school: number, width: number): Float64Array {
  const sums = new Float64Array(width + 1);
  for (let day = 0; day < width; day++)
    sums[day + 1] = (sums[day] as number) + (values[school * width + day] as number);
  return sums;
}

const between = (sums: Float64Array, from: number, to: number) =>
  (sums[to] as number) - (sums[from] as number);

function riseOf({ possible, absent }: Totals, day: number, clump: number) {
  const from = day + 1 - lately;
  const first = Math.max(0, from - before);
  const [n1, n0] = [between(possible, from, day + 1), between(possible, first, from)];
  const [k1, k0] = [between(absent, from, day + 1), between(absent, first, from)];
  if (n1 === 0 || n0 === 0) return undefined;
  // Half a clump on either side: what was never seen is not impossible.
  const early = (k0 + clump / 2) / (n0 + clump);
  const late = k1 / n1;
  const deviation = Math.sqrt(clump * early * (1 - early) * (1 / n1 + 1 / n0));
  return { late, early, deviation, cases: k1, deviations: (late - early) / deviation };
}

/** The first day of the last weeks from which on cases are at least half as common as they are now. */
function startOf(
  { possible, absent }: Sessions,
  school: number,
  width: number,
  day: number,
): number {
  const share = (from: number, to: number) => {
    let [n, k] = [0, 0];
    for (let at = from; at <= to; at++) {
      n += possible[school * width + at] as number;
      k += absent[school * width + at] as number;
    }
    return n === 0 ? 0 : k / n;
  };
  let best = { start: day, gain: Number.NEGATIVE_INFINITY };
  const first = Math.max(0, day - 2 * lately);
  for (let start = first + 1; start <= day; start++) {
    const gain =
      (share(start, day) - share(first, start - 1)) *
      Math.sqrt((day - start + 1) * (start - first));
    if (gain > best.gain) best = { start, gain };
  }
  return best.start;
}
