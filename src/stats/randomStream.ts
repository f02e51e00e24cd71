/**
 * Chance, passed in: a small seeded generator, so that the same seed gives the same numbers on every machine.
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand); it is fast and well tested, and not for secrets.
 */
export type RandomStream = {
  /** 0 ≤ u < 1, with 32 random bits. */
  uniform(): number;
  /** A whole number, 0 ≤ k < `below`. */
  integer(below: number): number;
  /** Mean 0, standard deviation 1. */
  normal(): number;
  /** Successes in `trials` tries of chance `probability` (clamped to 0–1). Exact. */
  binomial(trials: number, probability: number): number;
  /** Events when `mean` are expected. Exact. */
  poisson(mean: number): number;
  /** One of the list; throws when it is empty. */
  pick<Item>(items: readonly Item[]): Item;
  /** A new list in random order. */
  shuffled<Item>(items: readonly Item[]): Item[];
};

/** A stream of its own for every seed: `randomStream(42)`, `randomStream(42, 'school', 17)`. */
export function randomStream(...seed: readonly (string | number)[]): RandomStream {
  const uniform = sfc32(...hash128(seed.join('\u001f')));
  return {
    uniform,
    integer: (below) => Math.floor(uniform() * below),
    normal: () => normal(uniform),
    binomial: (trials, probability) => binomial(uniform, trials, probability),
    poisson: (mean) => poisson(uniform, mean),
    pick: (items) => pick(uniform, items),
    shuffled: (items) => shuffled(uniform, items),
  };
}

type Uniform = () => number;

function sfc32(first: number, second: number, third: number, fourth: number): Uniform {
  let a = first;
  let b = second;
  let c = third;
  let counter = fourth;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // The first numbers still resemble the seed.
  for (let i = 0; i < 15; i++) next();
  return next;
}

/** 128 bits out of a text (cyrb128, public domain): near texts give unrelated streams. */
function hash128(text: string): [number, number, number, number] {
  let a = 1779033703;
  let b = 3144134277;
  let c = 1013904242;
  let d = 2773480762;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ code, 597399067);
    b = c ^ Math.imul(b ^ code, 2869860233);
    c = d ^ Math.imul(c ^ code, 951274213);
    d = a ^ Math.imul(d ^ code, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  return [a ^ b ^ c ^ d, b ^ a, c ^ a, d ^ a];
}

/** Box and Muller, 1958. */
function normal(uniform: Uniform): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
  return radius * Math.cos(2 * Math.PI * uniform());
}

function binomial(uniform: Uniform, trials: number, probability: number): number {
  if (trials <= 0 || !(probability > 0)) return 0;
  if (probability >= 1) return trials;
  if (probability > 0.5) return trials - binomial(uniform, trials, 1 - probability);
  return trials * probability < 10
    ? binomialByWaiting(uniform, trials, probability)
    : binomialByRejection(uniform, trials, probability);
}

/** Counts the geometric waits between successes (Devroye 1986, X.4.3): quick when few are expected. */
function binomialByWaiting(uniform: Uniform, trials: number, probability: number): number {
  const logFailure = Math.log1p(-probability);
  let successes = 0;
  let tried = 0;
  for (;;) {
    tried += Math.floor(Math.log(1 - uniform()) / logFailure) + 1;
    if (tried > trials) return successes;
    successes++;
  }
}

/** Transformed rejection with squeeze, BTRS (Hörmann 1993, J. Stat. Comput. Simul. 46). */
function binomialByRejection(uniform: Uniform, trials: number, probability: number): number {
  const spread = Math.sqrt(trials * probability * (1 - probability));
  const b = 1.15 + 2.53 * spread;
  const a = -0.0873 + 0.0248 * b + 0.01 * probability;
  const centre = trials * probability + 0.5;
  const quickLimit = 0.92 - 4.2 / b;
  const odds = probability / (1 - probability);
  const alpha = (2.83 + 5.1 / b) * spread;
  const mode = Math.floor((trials + 1) * probability);
  for (;;) {
    const u = uniform() - 0.5;
    const v = 1 - uniform();
    const distance = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / distance + b) * u + centre);
    if (!(k >= 0 && k <= trials)) continue;
    if (distance >= 0.07 && v <= quickLimit) return k;
    const logRatio =
      (mode + 0.5) * Math.log((mode + 1) / (odds * (trials - mode + 1))) +
      (trials + 1) * Math.log((trials - mode + 1) / (trials - k + 1)) +
      (k + 0.5) * Math.log((odds * (trials - k + 1)) / (k + 1)) +
      stirlingTail(mode) +
      stirlingTail(trials - mode) -
      stirlingTail(k) -
      stirlingTail(trials - k);
    if (Math.log((v * alpha) / (a / distance ** 2 + b)) <= logRatio) return k;
  }
}

function poisson(uniform: Uniform, mean: number): number {
  if (!(mean > 0)) return 0;
  return mean < 10 ? poissonByWaiting(uniform, mean) : poissonByRejection(uniform, mean);
}

function poissonByWaiting(uniform: Uniform, mean: number): number {
  let events = 0;
  let elapsed = -Math.log(1 - uniform());
  while (elapsed <= mean) {
    events++;
    elapsed -= Math.log(1 - uniform());
  }
  return events;
}

/** Transformed rejection with squeeze, PTRS (Hörmann 1993, Insurance: Mathematics and Economics 12). */
function poissonByRejection(uniform: Uniform, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const quickLimit = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = uniform() - 0.5;
    const v = 1 - uniform();
    const distance = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / distance + b) * u + mean + 0.43);
    if (distance >= 0.07 && v <= quickLimit) return k;
    if (!(k >= 0) || (distance < 0.013 && v > distance)) continue;
    const accept = Math.log((v * inverseAlpha) / (a / distance ** 2 + b));
    if (accept <= k * Math.log(mean) - mean - logFactorial(k)) return k;
  }
}

function logFactorial(k: number): number {
  return (k + 0.5) * Math.log(k + 1) - (k + 1) + 0.5 * Math.log(2 * Math.PI) + stirlingTail(k);
}

/** What Stirling's formula for log k! leaves out, at k + 1. */
function stirlingTail(k: number): number {
  const exact = stirlingTails[k];
  if (exact !== undefined) return exact;
  const n = k + 1;
  return (1 / 12 - (1 / 360 - 1 / 1260 / n ** 2) / n ** 2) / n;
}

const stirlingTails = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.020790672103765, 0.0166446911898211,
  0.0138761288230707, 0.0118967099458917, 0.010411265261972, 0.0092554621827127, 0.0083305634333628,
];

function pick<Item>(uniform: Uniform, items: readonly Item[]): Item {
  if (items.length === 0) throw new Error('cannot pick from an empty list');
  return items[Math.floor(uniform() * items.length)] as Item;
}

/** Fisher and Yates. */
function shuffled<Item>(uniform: Uniform, items: readonly Item[]): Item[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1));
    [result[last], result[other]] = [result[other] as Item, result[last] as Item];
  }
  return result;
}
