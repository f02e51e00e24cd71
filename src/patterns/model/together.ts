import { leadingDirections } from '../../stats/leadingDirections.ts';
import { medianOf, robustDeviationOf } from '../../stats/robust.ts';

/** So little spread has no series: roots of percent. */
export const leastSpread = 0.15;
/** A direction wants so many series, and more than so many add nothing. */
const seriesADirection = 40;
const mostDirections = 8;
/** A series with fewer figures on the days looked at shows nothing of whom it moves with. */
const leastFigures = 20;

/**
 * Who moves together: directions in which the misses of the days `from` to before `to` went, over all series. A secondary
 * school whose examinations begin moves with others whose do.
 *
 * @returns `rows × count` in roots of percent, for days like those looked at; count 0 where there are too few series, and 0 of a series with too few figures.
 */
export function findDirections(
  judged: { root: Float64Array; level: Float64Array },
  { rows, width, from, to }: { rows: number; width: number; from: number; to: number },
): { values: Float64Array; count: number } {
  const days = to - from;
  const known = rowsWithFigures(judged.root, { rows, width, from, to });
  const count = Math.min(mostDirections, Math.floor(known.length / seriesADirection));
  const values = new Float64Array(count === 0 ? 0 : rows * count);
  if (count === 0) return { values, count };
  const moves = new Float64Array(known.length * days);
  const medians = new Float64Array(days);
  for (let day = 0; day < days; day++) {
    const came: number[] = [];
    known.forEach((row, place) => {
      const at = row * width + from + day;
      const move = (judged.root[at] as number) - (judged.level[at] as number);
      moves[place * days + day] = move;
      if (!Number.isNaN(move)) came.push(move);
    });
    medians[day] = medianOf(came) ?? 0;
  }
  const spreads = new Float64Array(known.length);
  for (let row = 0; row < known.length; row++) {
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
  const found = leadingDirections(moves, known.length, days, count);
  known.forEach((row, place) => {
    for (let k = 0; k < count; k++)
      values[row * count + k] = (found[place * count + k] as number) * (spreads[place] as number);
  });
  return { values, count };
}

function rowsWithFigures(
  root: Float64Array,
  { rows, width, from, to }: { rows: number; width: number; from: number; to: number },
): number[] {
  return Array.from({ length: rows }, (_, row) => row).filter((row) => {
    let figures = 0;
    for (let at = row * width + from; at < row * width + to; at++)
      if (!Number.isNaN(root[at] as number)) figures += 1;
    return figures >= leastFigures;
  });
}
