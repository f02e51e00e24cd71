import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import { randomStream } from './randomStream.ts';

const draws = 40_000;

function momentsOf(draw: () => number): { mean: number; variance: number } {
  const values = Array.from({ length: draws }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / draws;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws;
  return { mean, variance };
}

/** Within five standard errors of the mean, and 6 % of the variance. */
function assertMoments(draw: () => number, mean: number, variance: number, what: string): void {
  const found = momentsOf(draw);
  const standardError = Math.sqrt(variance / draws);
  assert.ok(Math.abs(found.mean - mean) < 5 * standardError, `${what}: mean ${found.mean}`);
  assert.ok(
    Math.abs(found.variance / variance - 1) < 0.06,
    `${what}: variance ${found.variance}, not ${variance}`,
  );
}

test('the same seed gives the same numbers, for ever', () => {
  const first = randomStream(42, 'school', 17);
  const second = randomStream(42, 'school', 17);
  const numbers = Array.from({ length: 100 }, () => first.uniform());
  assert.deepEqual(
    Array.from({ length: 100 }, () => second.uniform()),
    numbers,
  );
});

test('near seeds give unrelated streams', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 50 }), (seed, step) => {
      const here = randomStream(seed);
      const there = randomStream(seed + step);
      const equal = Array.from({ length: 20 }, () => here.uniform() === there.uniform());
      return !equal.includes(true);
    }),
  );
});

test('uniform and normal numbers have the moments they should', () => {
  const { uniform, normal } = randomStream('moments');
  assertMoments(uniform, 0.5, 1 / 12, 'uniform');
  assertMoments(normal, 0, 1, 'normal');
});

test('binomial counts have mean np and variance np(1 − p), small and large, either side of a half', () => {
  for (const [trials, probability] of [
    [1, 0.3],
    [11, 0.04],
    [40, 0.5],
    [180, 0.085],
    [350, 0.91],
    [70_000, 0.042],
    [400_000, 0.7],
  ] as const) {
    const { binomial } = randomStream('binomial', trials, probability);
    const mean = trials * probability;
    const label = `binomial(${trials}, ${probability})`;
    assertMoments(() => binomial(trials, probability), mean, mean * (1 - probability), label);
  }
});

test('binomial counts follow the exact distribution', () => {
  const { binomial } = randomStream('exact');
  const trials = 30;
  const probability = 0.4;
  const counts = new Array<number>(trials + 1).fill(0);
  for (let i = 0; i < draws; i++) {
    const k = binomial(trials, probability);
    counts[k] = (counts[k] ?? 0) + 1;
  }
  let expected = draws * (1 - probability) ** trials;
  let chiSquared = 0;
  for (let k = 0; k <= trials; k++) {
    if (expected > 5) chiSquared += ((counts[k] ?? 0) - expected) ** 2 / expected;
    expected *= ((trials - k) / (k + 1)) * (probability / (1 - probability));
  }
  assert.ok(chiSquared < 45, `chi-squared ${chiSquared} on about 19 degrees of freedom`);
});

test('binomial counts never leave 0 … trials', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 0, max: 5000 }),
      fc.double({ min: -0.1, max: 1.1, noNaN: true }),
      (seed, trials, probability) => {
        const k = randomStream(seed).binomial(trials, probability);
        return Number.isInteger(k) && k >= 0 && k <= trials;
      },
    ),
  );
});

test('Poisson counts have mean and variance alike, small and large', () => {
  for (const mean of [0.2, 3, 9.9, 12, 250]) {
    const { poisson } = randomStream('poisson', mean);
    assertMoments(() => poisson(mean), mean, mean, `poisson(${mean})`);
  }
  assert.equal(randomStream(1).poisson(0), 0);
});

test('picking and shuffling keep what was given', () => {
  const { pick, shuffled } = randomStream('cards');
  const cards = ['a', 'b', 'c', 'd', 'e'];
  assert.ok(cards.includes(pick(cards)));
  assert.deepEqual(shuffled(cards).toSorted(), cards);
  assert.throws(() => pick([]));
});
