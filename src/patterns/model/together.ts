import { leadingDirections } from '../../stats/leadingDirections.ts';
import { medianOf, robustDeviationOf } from '../../stats/robust.ts';

/** So little spread has no series: roots of percent. */
export const leastSpread = 0.15;
/** A direction wants so many series, and more than so many add nothing. */
const seriesADirection = 40;
const mostDirections = 8;

/**
 * Who moves together: directions in which the misses of the days `from` to before `to` went, over all series. A secondary
 * school whose examinations begin moves with others whose do.
 *
 * @returns `rows × count` in roots of percent, for days like those looked at; count 0 where there are too few series.
 */
export function findDirections(
  judged: { root: Float64Array; level: Float64Array },
  { rows, width, from, to }: { rows: number; width: number; from: number; to: number },
): { values: Float64Array; count: number } {
  const count = Math.min(mostDirections, Math.floor(rows / seriesADirection));
  if (count === 0) return { values: new Float64Array(0), count };
  const days = to - from;
  const moves = new Float64Array(rows * days);
  const medians = new Float64Array(days);
  for (let day = 0; day < days; day++) {
    const known: number[] = [];
    for (let row = 0; row < rows; row++) {
      const at = row * width + from + day;
      const move = (judged.root[at] as number) - (judged.level[at] as number);
      moves[row * days + day] = move;
      if (!Number.isNaN(move)) known.push(move);
    }
    medians[day] = medianOf(known) ?? 0;
  }
  const spreads = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const own: number[] = [];
    for (let day = 0; day < days; day++) {
      const at = row * days + day;
      if (Number.isNaN(moves[at] as number)) moves[at] = medians[day] as number;
      own.push((moves[at] as number) - (medians[day] as number));
    }
    const spread = Math.max(robustDeviationOf(own) ?? 0, leastSpread / 3);
    spreads[row] = spread;
    for (let day = 0; day < days; day++) {
      const off = Math.min(3 * spread, Math.max(-3 * spread, own[day] as number));
      moves[row * days + day] = (off + (medians[day] as number)) / spread;
    }
  }
  const values = leadingDirections(moves, rows, days, count);
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < count; k++)
      values[row * count + k] = (values[row * count + k] as number) * (spreads[row] as number);
  return { values, count };
}
