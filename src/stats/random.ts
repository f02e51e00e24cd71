/**
 * Chance that repeats: the same seed gives the same numbers on every machine, for ever. A seed may have parts
 * (`random(7, 'school', 12)`), so that each thing has a stream of its own that no other thing's draws can shift.
 */
export type Random = {
  /** In [0, 1). */
  uniform(): number;
  /** Mean 0, variance 1. */
  normal(): number;
  /** A whole number from 0 to `below` − 1. */
  integer(below: number): number;
  /** Successes in `trials`; a probability outside 0–1 counts as 0 or 1. */
  binomial(trials: number, probability: number): number;
  poisson(mean: number): number;
  /** One of `items`. @throws when there are none. */
  pick<Item>(items: readonly Item[]): Item;
  /** The items in another order; the given list is left alone. */
  shuffled<Item>(items: readonly Item[]): Item[];
};

export function random(...seed: readonly (number | string)[]): Random {
  const uniform = uniformStream(hashOf(seed.join('|')));
  const normal = () => normalFrom(uniform);
  const integer = (below: number) => Math.floor(uniform() * below);
  return {
    uniform,
    normal,
    integer,
    binomial: (trials, probability) => binomialFrom(trials, probability, uniform, normal),
    poisson: (mean) => poissonFrom(mean, uniform, normal),
    pick: (items) => {
      if (items.length === 0) throw new RangeError('random: nothing to pick from');
      return items[integer(items.length)] as (typeof items)[number];
    },
    shuffled: (items) => {
      const order = [...items];
      for (let i = order.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [order[i], order[j]] = [
          order[j] as (typeof order)[number],
          order[i] as (typeof order)[number],
        ];
      }
      return order;
    },
  };
}

/** FNV-1a over the characters, then mixed (murmur3's finaliser) so that near seeds are far apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++)
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** mulberry32. */
function uniformStream(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Box and Muller. */
function normalFrom(uniform: () => number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
  return radius * Math.cos(2 * Math.PI * uniform());
}

/** Exact by inversion where few are expected; the rounded normal where the variance is large. */
function binomialFrom(
  trials: number,
  probability: number,
  uniform: () => number,
  normal: () => number,
): number {
  if (trials <= 0 || !(probability > 0)) return 0;
  if (probability >= 1) return trials;
  if (probability > 0.5) return trials - binomialFrom(trials, 1 - probability, uniform, normal);
  const mean = trials * probability;
  if (mean > 40) {
    const drawn = Math.round(mean + Math.sqrt(mean * (1 - probability)) * normal());
    return Math.min(trials, Math.max(0, drawn));
  }
  const odds = probability / (1 - probability);
  let left = uniform();
  let chance = (1 - probability) ** trials;
  let count = 0;
  while (left >= chance && count < trials) {
    left -= chance;
    chance *= ((trials - count) / (count + 1)) * odds;
    count += 1;
  }
  return count;
}

function poissonFrom(mean: number, uniform: () => number, normal: () => number): number {
  if (!(mean > 0)) return 0;
  if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
  let left = uniform();
  let chance = Math.exp(-mean);
  let count = 0;
  while (left >= chance && count < 1000) {
    left -= chance;
    count += 1;
    chance *= mean / count;
  }
  return count;
}
