import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logistic, logisticRegression, logit, scoreOf } from './logistic.ts';
import { randomStream } from './randomStream.ts';

const near = (found: number, expected: number, within: number) =>
  assert.ok(Math.abs(found - expected) <= within, `${found} is not ${expected} to ${within}`);

test('the logistic function and its inverse undo each other, far out too', () => {
  for (const value of [-25, -3, -0.1, 0, 0.1, 3, 25]) near(logit(logistic(value)), value, 1e-4);
  assert.equal(logistic(-1000), 0);
  assert.equal(logistic(1000), 1);
  assert.ok(Number.isFinite(logit(0)) && Number.isFinite(logit(1)));
});

test('one group of trials gives the logit of its share', () => {
  const [intercept = NaN] = logisticRegression(
    {
      inputs: Float64Array.of(1, 1),
      width: 1,
      successes: Float64Array.of(3, 7),
      trials: Float64Array.of(20, 20),
    },
    { ridge: 0 },
  );
  near(intercept, logit(0.25), 1e-8);
});

/** Rows made with known coefficients. */
function madeWith(coefficients: readonly number[], rows: number, trials = 1) {
  const chance = randomStream('logistic', coefficients.join(), rows);
  const width = coefficients.length;
  const inputs = Float64Array.from({ length: rows * width }, (_, at) =>
    at % width === 0 ? 1 : chance.normal(),
  );
  const of = { inputs, width };
  const successes = Float64Array.from({ length: rows }, (_, row) =>
    chance.binomial(trials, logistic(scoreOf(of, row, coefficients))),
  );
  return { ...of, successes, trials: new Float64Array(rows).fill(trials) };
}

test('it recovers the coefficients that its data were made with', () => {
  const made = [-1.2, 0.8, -0.5, 0];
  for (const trials of [1, 40]) {
    const found = logisticRegression(madeWith(made, 20_000, trials), { ridge: 0 });
    for (const [at, each] of made.entries()) near(found[at] as number, each, 0.08);
  }
});

test('what it finds is the best: no step away is better', () => {
  const of = madeWith([0.3, 1, -1], 500);
  const ridge = 2;
  const found = logisticRegression(of, { ridge });
  const worth = (coefficients: readonly number[]) => {
    let sum = 0;
    for (let row = 0; row < of.successes.length; row++) {
      const probability = logistic(scoreOf(of, row, coefficients));
      sum += Math.log(of.successes[row] ? probability : 1 - probability);
    }
    return sum - (ridge / 2) * coefficients.slice(1).reduce((all, each) => all + each * each, 0);
  };
  for (const at of found.keys())
    for (const step of [-0.01, 0.01]) {
      const moved = found.map((each, other) => (other === at ? each + step : each));
      assert.ok(worth(moved) < worth(found));
    }
});

test('inputs that say the same, and outcomes that are parted cleanly, do not throw it off', () => {
  const twice = {
    inputs: Float64Array.of(1, 2, 2, 1, 3, 3, 1, 4, 4),
    width: 3,
    successes: Float64Array.of(0, 0, 1),
  };
  const found = logisticRegression(twice, { ridge: 1 });
  near(found[1] as number, found[2] as number, 1e-6);
  assert.ok(found.every(Number.isFinite));
});
