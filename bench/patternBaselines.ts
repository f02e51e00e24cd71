import type { DailySeries } from '../src/patterns/model/series.ts';

/*
 * What is commonly used for daily counts, as small as can be. Each gives a statistic for every series and day; how high it
 * has to be is found so that untouched series have as many alarms a year as ours.
 */

export type Baseline = {
  name: string;
  /** `series × days.length + day`; NaN where it says nothing. */
  statistic(series: DailySeries): Float64Array;
};

export const baselines: readonly Baseline[] = [
  { name: 'EARS C2', statistic: earsC2 },
  { name: 'CUSUM', statistic: cusum },
  { name: 'Farrington', statistic: farrington },
];

/** Hutwagner et al. 2003: today against the mean and deviation of seven days, with two days between. */
function earsC2(series: DailySeries): Float64Array {
  return daily(series, (own, day) => {
    const { mean, deviation } = momentsOf(own, day - 9, day - 2);
    return ((own[day] as number) - mean) / Math.max(deviation, 0.3);
  });
}

/** A one-sided CUSUM of rates, allowance half a deviation; level and deviation of the sixty days before the last five. */
function cusum(series: DailySeries): Float64Array {
  let sum = 0;
  return daily(series, (own, day) => {
    if (day === 0) sum = 0;
    const { mean, deviation, count } = momentsOf(own, day - 65, day - 5);
    if (count < 15) return Number.NaN;
    const away = ((own[day] as number) - mean) / Math.max(deviation, 0.3);
    if (!Number.isNaN(away)) sum = Math.max(0, sum + away - 0.5);
    return sum;
  });
}

/** After Farrington et al. 1996: the same weekday of the ten weeks before, with its trend, and the ⅔ power. */
function farrington(series: DailySeries): Float64Array {
  return daily(series, (own, day) => {
    const past: { x: number; y: number }[] = [];
    for (let week = 1; week <= 10; week++) {
      const y = own[day - week * 5] ?? Number.NaN;
      if (!Number.isNaN(y)) past.push({ x: -week, y });
    }
    if (past.length < 5) return Number.NaN;
    const meanX = past.reduce((all, { x }) => all + x, 0) / past.length;
    const meanY = past.reduce((all, { y }) => all + y, 0) / past.length;
    const slope =
      past.reduce((all, { x, y }) => all + (x - meanX) * (y - meanY), 0) /
      past.reduce((all, { x }) => all + (x - meanX) ** 2, 0);
    const expected = Math.max(0.1, meanY - slope * meanX);
    const left = past.reduce((all, { x, y }) => all + (y - meanY - slope * (x - meanX)) ** 2, 0);
    const dispersion = Math.max(left / (past.length - 2) / expected, 0.01);
    const variance = (4 / 9) * expected ** (1 / 3) * dispersion * (1 + 1 / past.length);
    return (Math.max(0, own[day] as number) ** (2 / 3) - expected ** (2 / 3)) / Math.sqrt(variance);
  });
}

function daily(
  series: DailySeries,
  statisticOf: (own: Float64Array, day: number) => number,
): Float64Array {
  const width = series.days.length;
  const all = new Float64Array(series.absencePercent.length);
  series.names.forEach((_, row) => {
    const own = series.absencePercent.subarray(row * width, (row + 1) * width);
    for (let day = 0; day < width; day++) all[row * width + day] = statisticOf(own, day);
  });
  return all;
}

function momentsOf(own: Float64Array, from: number, to: number) {
  let [count, sum, squares] = [0, 0, 0];
  for (let day = Math.max(0, from); day < to; day++) {
    const value = own[day] as number;
    if (Number.isNaN(value)) continue;
    count += 1;
    sum += value;
    squares += value * value;
  }
  if (count < 5) return { mean: Number.NaN, deviation: Number.NaN, count };
  const mean = sum / count;
  return {
    mean,
    deviation: Math.sqrt(Math.max(0, (squares - count * mean * mean) / (count - 1))),
    count,
  };
}

/** Days on which the statistic is above a limit and was not in the `rest` days before: its alarms. */
export function alarmsOf(
  statistic: Float64Array,
  { rows, width, limit, rest }: { rows: number; width: number; limit: number; rest: number },
): { row: number; day: number }[] {
  const alarms: { row: number; day: number }[] = [];
  for (let row = 0; row < rows; row++) {
    let last = Number.NEGATIVE_INFINITY;
    for (let day = 0; day < width; day++) {
      if (!((statistic[row * width + day] as number) > limit)) continue;
      if (day - last > rest) alarms.push({ row, day });
      last = day;
    }
  }
  return alarms;
}
