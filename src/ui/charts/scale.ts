/** A straight scale from figures to positions, with round values to mark on it. */
export type Scale = {
  (value: number): number;
  ticks: number[];
  /** How many decimals the ticks need: all are written with as many. */
  tickDecimals: number;
  domain: [number, number];
};

const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];

/**
 * Covers `values` from one round step to another, at least `leastSpan` wide so that noise does not look like a
 * mountain, and never below `floor` or above `ceiling`.
 */
export function scaleOver(
  values: readonly number[],
  options: {
    range: [from: number, to: number];
    tickCount: number;
    leastSpan?: number;
    floor?: number;
    ceiling?: number;
  },
): Scale {
  const { range, tickCount, leastSpan = 0, floor = 0, ceiling = 100 } = options;
  const [from, to] = widened(Math.min(...values), Math.max(...values), leastSpan, floor, ceiling);
  const step = steps.find((each) => (to - from) / each <= tickCount) ?? 100;
  const first = Math.floor(from / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(to / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
    tidy((first + index) * step),
  );
  return linear([tidy(first * step), tidy(last * step)], range, ticks);
}

/** `lowest` to `highest`, made at least `leastSpan` wide on both sides alike, pushed back inside floor and ceiling. */
function widened(
  lowest: number,
  highest: number,
  leastSpan: number,
  floor: number,
  ceiling: number,
): [from: number, to: number] {
  const span = Math.max(leastSpan, highest - lowest);
  const centred = (lowest + highest) / 2 - span / 2;
  const from = Math.max(floor, Math.min(centred, ceiling - span));
  return [from, Math.min(ceiling, from + span)];
}

/** The straight scale that takes the ends of `domain` to the ends of `range`. */
export function linear(domain: [number, number], range: [number, number], ticks: number[]): Scale {
  const [from, to] = domain;
  const [start, end] = range;
  const scale = (value: number) => start + ((value - from) / (to - from)) * (end - start);
  const tickDecimals = ticks.every(Number.isInteger) ? 0 : 1;
  return Object.assign(scale, { ticks, tickDecimals, domain });
}

/** Without the dust of binary fractions: 0.30000000000000004 is 0.3. */
function tidy(value: number): number {
  return Number(value.toFixed(6));
}

/**
 * Moves positions apart until each is `gap` from the next, staying between `from` and `to` and as near as that lets
 * them to where they were. Returns them in the order given.
 */
export function spreadApart(
  positions: readonly number[],
  options: { gap: number; from: number; to: number },
): number[] {
  const { gap, from, to } = options;
  const order = positions.map((position, index) => ({ position, index }));
  order.sort((one, other) => one.position - other.position);
  const moved = order.map(({ position }) => Math.min(Math.max(position, from), to));
  // Each overlap is shared between its two sides; the passes settle in a few rounds for the handful of labels there are.
  for (let pass = 0; pass < 20; pass++) {
    for (let i = 1; i < moved.length; i++) {
      const overlap = gap - (moved[i]! - moved[i - 1]!);
      if (overlap > 0) {
        moved[i - 1] = moved[i - 1]! - overlap / 2;
        moved[i] = moved[i]! + overlap / 2;
      }
    }
    for (let i = moved.length - 1; i >= 0; i--) {
      moved[i] = Math.min(moved[i]!, to - (moved.length - 1 - i) * gap);
    }
    for (let i = 0; i < moved.length; i++) moved[i] = Math.max(moved[i]!, from + i * gap);
  }
  const result = new Array<number>(positions.length);
  order.forEach(({ index }, rank) => {
    result[index] = moved[rank]!;
  });
  return result;
}
