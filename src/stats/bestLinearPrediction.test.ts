import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bestLinearPredictor } from './bestLinearPrediction.ts';

test('with one observation the weight is covariance over variance', () => {
  const { weights, explainedVariance } = bestLinearPredictor(
    Float64Array.of(4),
    1,
    Float64Array.of(2),
  );
  assert.deepEqual([...weights], [0.5]);
  assert.equal(explainedVariance, 1);
});

test('the weights solve covariance · weights = covariance with the target', () => {
  const covariance = [2, 0.5, 0.3, 0.5, 1, 0.2, 0.3, 0.2, 1.5];
  const target = [0.7, 0.1, 0.9];
  const { weights } = bestLinearPredictor(
    Float64Array.from(covariance),
    3,
    Float64Array.from(target),
  );
  target.forEach((wanted, i) => {
    const sum = [0, 1, 2].reduce(
      (total, j) => total + (covariance[3 * i + j] ?? 0) * (weights[j] ?? 0),
      0,
    );
    assert.ok(Math.abs(sum - wanted) < 1e-12);
  });
});

test('nothing observed, nothing explained; and what cannot be a covariance is a bug', () => {
  const none = bestLinearPredictor(new Float64Array(0), 0, new Float64Array(0));
  assert.equal(none.explainedVariance, 0);
  assert.throws(
    () => bestLinearPredictor(Float64Array.of(1, 2, 2, 1), 2, new Float64Array(2)),
    /positive definite/,
  );
});
