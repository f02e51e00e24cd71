import { findMissing, missing, withoutRow } from './came.ts';
import { type Candidate, type Limits } from './candidate.ts';
import { type Judged, percentOf } from './judge.ts';
import { Runs } from './runs.ts';
import type { DailySeries } from './series.ts';

const leastDays = 10;
/** A school that sent nothing for so long, while others went on, is told of however often that happens. */
const longSilence = 20;
/** A day without a row may be one on which the school was closed: of the false alarms it has the smaller share. */
const shares = [
  { how: missing, share: 0.7 },
  { how: withoutRow, share: 0.3 },
];

/**
 * Registers that did not come, told on the first day on which that is unusual for the school. Where rows are left out on
 * closed days, a day without a row is common, and one whose row is blank is not: each is set beside its own kind.
 */
export function findMissingRegisters(
  series: DailySeries,
  judged: Judged,
  limits: Limits,
): Candidate[] {
  const found = findMissing(series);
  return shares.flatMap(({ how, share }) =>
    findOf(series, judged, limits.missing - Math.log10(share), { found, how }),
  );
}

function findOf(
  series: DailySeries,
  judged: Judged,
  limit: number,
  { found, how }: { found: Uint8Array; how: number | undefined },
): Candidate[] {
  const [rows, width] = [series.names.length, series.days.length];
  const all = series.names.map((_, row) => row);
  const runs = new Runs(rows);
  const starts = new Int32Array(rows);
  const seen = new Uint16Array(rows);
  const told: Candidate[] = [];
  for (let day = 0; day < width; day++) {
    const came = (row: number) => !Number.isNaN(series.absencePercent[row * width + day] as number);
    const asked = all.flatMap((row) =>
      came(row) || found[row * width + day] === how ? [{ row, isSo: !came(row) }] : [],
    );
    runs.takeDay(asked).forEach(({ length, score }, place) => {
      const { row } = asked[place] as { row: number };
      seen[row] = (seen[row] as number) + 1;
      if (length === 1) starts[row] = day;
      if (length === 0 || (seen[row] as number) <= leastDays) return;
      if (score < limit && length < longSilence) return;
      const at = row * width + day;
      const expected = (judged.level[at] as number) + (judged.common[at] as number);
      const reach = 1.96 * (judged.spread[at] as number);
      told.push({
        ...{ kind: 'missing', row, day, startedOn: starts[row] as number },
        score: Math.max(score, limit),
        observedPercent: Number.NaN,
        expectedPercent: 100 - percentOf(expected),
        lowerPercent: 100 - percentOf(expected + reach),
        upperPercent: 100 - percentOf(expected - reach),
      });
    });
  }
  return told;
}
