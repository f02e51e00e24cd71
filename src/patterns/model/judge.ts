import { medianOf, robustDeviationOf } from '../../stats/robust.ts';
import { commonMovement } from './commonMovement.ts';
import { type DailySeries, weekdayIndex } from './series.ts';
import { findDirections, leastSpread } from './together.ts';

/*
 * What was to be expected of each series on each day, from the days before it and from what all others did on the same day.
 * Everything of a day rests on that day and earlier ones, so what is found on a day does not change when more days come.
 *
 * Figures are looked at as square roots: the spread of a root hardly depends on how high the absence is, and a bad day for
 * all, which multiplies everybody's absence, shifts high and low alike.
 */

/** Of each series and day (`series × days.length + day`), as roots of percent; NaN where no figure came. */
export type Judged = {
  /** The figure. */
  root: Float64Array;
  /** The series' own level, as known before the day. */
  level: Float64Array;
  /** What the day brought to all, as far as it bears on this series. */
  common: Float64Array;
  /** How far off this weekday usually is, as known before the day. */
  weekday: Float64Array;
  /** The usual size of a miss, as known before the day: a standard deviation, robust. */
  spread: Float64Array;
  /** By how much the misses of that day are wider than usual, over all series: at least 1. */
  dispersion: Float64Array;
  /** The movement of the day over all series: of a series with the mean level. */
  movement: Float64Array;
};

/** Days after which half of a level is new. */
const levelHalfLife = 15;
const spreadMemory = 0.02;
/** Days between two looks at who moves together, and how many days are looked back. */
const lookEvery = 10;
const lookBack = 150;
const firstLook = 40;
/** As if each weekday had been seen so often with nothing special. */
const weekdayPrior = 6;
const weekdayMemory = 0.05;

export function rootOf(percent: number): number {
  return Math.sqrt(Math.max(percent, 0) + 0.25);
}

export function percentOf(root: number): number {
  return Math.min(100, Math.max(0, Math.max(root, 0) ** 2 - 0.25));
}

/** The miss of a day in usual misses, with the weekday taken into account; NaN where no figure came. */
export function missOf(judged: Judged, at: number): number {
  return (
    ((judged.root[at] as number) -
      (judged.level[at] as number) -
      (judged.common[at] as number) -
      (judged.weekday[at] as number)) /
    (judged.spread[at] as number)
  );
}

export function judge(series: DailySeries): Judged {
  const [rows, width] = [series.names.length, series.days.length];
  const made = () => new Float64Array(rows * width).fill(Number.NaN);
  const judged: Judged = {
    root: Float64Array.from(series.absencePercent, (percent) =>
      Number.isNaN(percent) ? Number.NaN : rootOf(percent),
    ),
    ...{ level: made(), common: made(), weekday: made(), spread: made() },
    ...{ dispersion: new Float64Array(width).fill(1), movement: new Float64Array(width) },
  };
  const state = newState(rows);
  for (let day = 0; day < width; day++) {
    if (day >= firstLook && day % lookEvery === 0) {
      const from = Math.max(0, day - lookBack);
      state.directions = findDirections(judged, { rows, width, from, to: day });
    }
    judgeDay(judged, state, {
      rows,
      width,
      day,
      weekday: weekdayIndex(series.days[day] as string),
    });
  }
  return judged;
}

type State = {
  level: Float64Array;
  spread: Float64Array;
  /** Days with a figure. */
  seen: Float64Array;
  /** Of each series and weekday: the usual miss, and how often it was seen. */
  weekdays: Float64Array;
  weekdaysSeen: Float64Array;
  directions: { values: Float64Array; count: number };
};

function newState(rows: number): State {
  return {
    level: new Float64Array(rows).fill(Number.NaN),
    spread: new Float64Array(rows).fill(Number.NaN),
    seen: new Float64Array(rows),
    weekdays: new Float64Array(rows * 7),
    weekdaysSeen: new Float64Array(rows * 7),
    directions: { values: new Float64Array(0), count: 0 },
  };
}

function judgeDay(
  judged: Judged,
  state: State,
  { rows, width, day, weekday }: { rows: number; width: number; day: number; weekday: number },
): void {
  const present: number[] = [];
  const changes: number[] = [];
  for (let row = 0; row < rows; row++) {
    const root = judged.root[row * width + day] as number;
    if (Number.isNaN(root)) continue;
    present.push(row);
    if (!Number.isNaN(state.level[row] as number))
      changes.push(root - (state.level[row] as number));
  }
  const shift = medianOf(changes) ?? 0;
  for (const row of present)
    if (Number.isNaN(state.level[row] as number))
      state.level[row] = (judged.root[row * width + day] as number) - shift;
  const { of, movement } = commonMovement({
    rows: present,
    level: state.level,
    spread: state.spread,
    directions: state.directions,
    change: (row) => (judged.root[row * width + day] as number) - (state.level[row] as number),
  });
  judged.movement[day] = movement;
  const misses: number[] = [];
  for (let row = 0; row < rows; row++) {
    const at = row * width + day;
    const spread = state.spread[row] as number;
    const week = row * 7 + weekday;
    const seen = state.weekdaysSeen[week] as number;
    judged.level[at] = state.level[row] as number;
    judged.common[at] = of(row);
    judged.weekday[at] = ((state.weekdays[week] as number) * seen) / (seen + weekdayPrior);
    judged.spread[at] = Number.isNaN(spread) ? 0.5 : Math.max(spread, leastSpread);
    const miss = missOf(judged, at);
    if (!Number.isNaN(miss)) misses.push(miss);
  }
  if (misses.length >= 30) judged.dispersion[day] = Math.max(1, robustDeviationOf(misses) ?? 1);
  for (const row of present) learn(judged, state, row, row * width + day, weekday);
}

/** What one day changes of what is known of a series; a day far off moves it little. */
function learn(judged: Judged, state: State, row: number, at: number, weekday: number): void {
  const away =
    (judged.root[at] as number) - (judged.level[at] as number) - (judged.common[at] as number);
  const known = judged.spread[at] as number;
  const seen = (state.seen[row] as number) + 1;
  state.seen[row] = seen;
  const clipped = Math.min(2 * known, Math.max(-2 * known, away));
  const share = Math.max(1 - 0.5 ** (1 / levelHalfLife), 1 / (seen + 1));
  state.level[row] = (state.level[row] as number) + share * clipped;
  const week = row * 7 + weekday;
  const times = (state.weekdaysSeen[week] as number) + 1;
  state.weekdaysSeen[week] = times;
  state.weekdays[week] =
    (state.weekdays[week] as number) +
    Math.max(weekdayMemory, 1 / times) * (clipped - (state.weekdays[week] as number));
  const size = Math.min(Math.abs(away - (judged.weekday[at] as number)) * 1.2533, 3 * known);
  const before = state.spread[row] as number;
  state.spread[row] = Number.isNaN(before)
    ? Math.max(0.3, size)
    : before + Math.max(spreadMemory, 1 / (seen + 1)) * (size - before);
}
