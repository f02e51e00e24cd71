import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { medianOf, quantileOf, robustDeviationOf } from './robust.ts';
import { standardNormalBelow } from './standardNormal.ts';

describe('order statistics', () => {
  it('interpolate between the two values around the place', () => {
    assert.equal(medianOf([4, 1, 3, 2]), 2.5);
    assert.equal(quantileOf([0, 10, 20, 30], 0.25), 7.5);
    assert.equal(quantileOf([5], 0.9), 5);
  });

  it('are undefined of nothing, not 0', () => {
    assert.equal(medianOf([]), undefined);
    assert.equal(robustDeviationOf([]), undefined);
  });

  it('do not move for one wild value', () => {
    const calm = robustDeviationOf([1, 2, 3, 4, 5]);
    assert.equal(robustDeviationOf([1, 2, 3, 4, 5000]), calm);
    assert.equal(calm, 1.4826);
  });
});

describe('the standard normal distribution', () => {
  it('has its known probabilities', () => {
    for (const [z, probability] of [
      [0, 0.5],
      [-1.959964, 0.025],
      [1.281552, 0.9],
      [-3, 0.001349898],
    ] as const) {
      assert.ok(Math.abs(standardNormalBelow(z) - probability) < 2e-7, `${z}`);
    }
  });
});
