import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mean, risingOrder, weightedQuantiles } from './quantiles.ts';
import { studentT4Quantile } from './studentT.ts';

test('quantiles lie on the straight line between the middles of the weights', () => {
  assert.deepEqual(
    weightedQuantiles([40, 10, 30, 20], [1, 1, 1, 1], [0, 0.125, 0.25, 0.5, 0.875, 1]),
    [10, 10, 15, 25, 40, 40],
  );
  assert.deepEqual(weightedQuantiles([3], [2], [0.1, 0.9]), [3, 3]);
  assert.ok(Number.isNaN(weightedQuantiles([], [], [0.5])[0]));
  assert.equal(mean([1, 2, 6]), 3);
});

test('a value of weight two counts as two values of weight one', () => {
  assert.deepEqual(weightedQuantiles([1, 2, 9], [1, 2, 1], [0.5]), [2]);
});

test('the rising order goes by value, then by weight', () => {
  assert.deepEqual([...risingOrder([5, -1, 5, 2], [9, 1, 3, 1])], [1, 3, 2, 0]);
});

test("quantiles of Student's t with 4 degrees of freedom are those in the tables", () => {
  assert.equal(studentT4Quantile(0.5), 0);
  assert.ok(Math.abs(studentT4Quantile(0.9) - 1.5332) < 1e-4);
  assert.ok(Math.abs(studentT4Quantile(0.975) - 2.7764) < 1e-4);
  assert.ok(Math.abs(studentT4Quantile(0.025) + 2.7764) < 1e-4);
});
