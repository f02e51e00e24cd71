import { findMissing } from './came.ts';
import { type Candidate, type Limits } from './candidate.ts';
import { type Judged, percentOf } from './judge.ts';
import { Runs } from './runs.ts';
import type { DailySeries } from './series.ts';

const leastDays = 10;

/** Registers that were due and did not come, told on the first day on which that is unusual for the school. */
export function findMissingRegisters(
  series: DailySeries,
  judged: Judged,
  limits: Limits,
): Candidate[] {
  const [rows, width] = [series.names.length, series.days.length];
  const missing = findMissing(series);
  const runs = new Runs(rows);
  const seen = new Uint16Array(rows);
  const found: Candidate[] = [];
  for (let day = 0; day < width; day++)
    for (let row = 0; row < rows; row++) {
      const at = row * width + day;
      const came = !Number.isNaN(series.absencePercent[at] as number);
      if (!came && missing[at] === 0) continue;
      seen[row] = (seen[row] as number) + 1;
      const { length, score } = runs.next(row, !came);
      if (length === 0 || score < limits.missing || (seen[row] as number) <= leastDays) continue;
      const expected = (judged.level[at] as number) + (judged.common[at] as number);
      const reach = 1.96 * (judged.spread[at] as number);
      found.push({
        ...{ kind: 'missing', row, day, startedOn: day - length + 1, score },
        observedPercent: Number.NaN,
        expectedPercent: 100 - percentOf(expected),
        lowerPercent: 100 - percentOf(expected + reach),
        upperPercent: 100 - percentOf(expected - reach),
      });
    }
  return found;
}
