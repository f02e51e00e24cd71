import { type Candidate, type Limits } from './candidate.ts';
import type { Judged } from './judge.ts';
import { Runs } from './runs.ts';
import type { DailySeries } from './series.ts';
import { bandOf } from './shock.ts';

/** Percent absent, at most, of a register that is as good as perfect. */
const perfect = 1;
const leastDays = 15;

/**
 * Registers that are too good to be true: everybody there, or the very figure of the day before, for more days than is usual
 * of the school. In a class of ten everybody is often there, and nothing is told.
 */
export function findImplausible(series: DailySeries, judged: Judged, limits: Limits): Candidate[] {
  return [
    ...findRuns(series, judged, limits, { isOdd: (absent) => absent <= perfect }),
    ...findRuns(series, judged, limits, {
      isOdd: (absent, yesterday) => absent === yesterday && absent > perfect,
      // The figure that is repeated is the first of them.
      fromBefore: true,
    }),
  ];
}

type Odd = {
  isOdd(absentPercent: number, yesterday: number | undefined): boolean;
  /** It began with the day before. */
  fromBefore?: boolean;
};

function findRuns(
  series: DailySeries,
  judged: Judged,
  limits: Limits,
  { isOdd, fromBefore = false }: Odd,
): Candidate[] {
  const [rows, width] = [series.names.length, series.days.length];
  const all = series.names.map((_, row) => row);
  const runs = new Runs(rows);
  const found: Candidate[] = [];
  const starts = new Int32Array(rows);
  const yesterday = new Float64Array(rows).fill(Number.NaN);
  const lastDay = new Int32Array(rows);
  const seen = new Uint16Array(rows);
  for (let day = 0; day < width; day++) {
    const asked = all.flatMap((row) => {
      const absent = series.absencePercent[row * width + day] as number;
      return Number.isNaN(absent) ? [] : [{ row, absent, isSo: isOdd(absent, yesterday[row]) }];
    });
    runs.takeDay(asked).forEach(({ length, score }, place) => {
      const { row, absent } = asked[place] as { row: number; absent: number };
      seen[row] = (seen[row] as number) + 1;
      yesterday[row] = absent;
      if (length === 1) starts[row] = fromBefore ? (lastDay[row] as number) : day;
      lastDay[row] = day;
      if (length === 0 || score < limits.implausible || (seen[row] as number) <= leastDays) return;
      found.push({
        ...{ kind: 'implausible', row, day, startedOn: starts[row] as number, score },
        ...bandOf(judged, row * width + day, day),
      });
    });
  }
  return found;
}
