import { solveLinear } from '../../stats/leastSquares.ts';
import { medianOf } from '../../stats/robust.ts';

/** With fewer figures on a day, what they share cannot be told from what is each one's own. */
const leastSeries = 3;
/** Misses beyond so many usual ones count for less (Huber's weights). */
const huber = 1.5;
const rounds = 6;

export type DayOfAll = {
  /** The series with a figure that day. */
  rows: readonly number[];
  level: Float64Array;
  spread: Float64Array;
  directions: { values: Float64Array; count: number };
  /** How far a series is from its level that day. */
  change(row: number): number;
};

/**
 * What a day brought to all: a robust regression of the series' changes, of that day alone, on 1, their level and the
 * directions in which they usually move together. `of` says it for any series, also for one whose figure did not come.
 */
export function commonMovement(day: DayOfAll): { of(row: number): number; movement: number } {
  const { rows, level, directions, change } = day;
  if (rows.length < leastSeries) return { of: () => 0, movement: 0 };
  const median = medianOf(rows.map(change)) ?? 0;
  const { count } = directions;
  if (count === 0) return { of: () => median, movement: median };
  let meanLevel = 0;
  for (const row of rows) meanLevel += (level[row] as number) / rows.length;
  const size = count + 2;
  const inputs = (row: number, into: Float64Array) => {
    const own = level[row] as number;
    into[0] = 1;
    into[1] = Number.isNaN(own) ? 0 : own - meanLevel;
    for (let k = 0; k < count; k++) into[k + 2] = directions.values[row * count + k] as number;
  };
  const coefficients = regress(day, size, inputs);
  const of = (row: number) => {
    const input = new Float64Array(size);
    inputs(row, input);
    return dot(input, coefficients);
  };
  return { of, movement: medianOf(rows.map(of)) ?? 0 };
}

function regress(
  { rows, spread, change }: DayOfAll,
  size: number,
  inputs: (row: number, into: Float64Array) => void,
): number[] {
  const input = new Float64Array(size);
  let coefficients = new Array<number>(size).fill(0);
  for (let round = 0; round < rounds; round++) {
    const gram = Array.from({ length: size }, () => new Array<number>(size).fill(0));
    const moment = new Array<number>(size).fill(0);
    for (const row of rows) {
      inputs(row, input);
      const y = change(row);
      const usual = Math.max(
        Number.isNaN(spread[row] as number) ? 0.5 : (spread[row] as number),
        0.1,
      );
      const miss = Math.abs(y - dot(input, coefficients)) / usual;
      const weight = (round === 0 ? 1 : Math.min(1, huber / Math.max(miss, 1e-9))) / usual ** 2;
      for (let i = 0; i < size; i++) {
        const x = weight * (input[i] as number);
        moment[i] = (moment[i] as number) + x * y;
        const line = gram[i] as number[];
        for (let j = 0; j < size; j++) line[j] = (line[j] as number) + x * (input[j] as number);
      }
    }
    let trace = 0;
    gram.forEach((line, i) => (trace += line[i] as number));
    // A ridge too small to be seen: directions may hang on one another where few figures came.
    gram.forEach((line, i) => (line[i] = (line[i] as number) + 1e-6 * trace + 1e-12));
    coefficients = solveLinear(gram, moment);
  }
  return coefficients;
}

function dot(input: Float64Array, coefficients: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < input.length; i++) sum += (input[i] as number) * (coefficients[i] as number);
  return sum;
}
