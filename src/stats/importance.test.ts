import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from '../testing/chance.ts';
import { importanceOf } from './importance.ts';

/** Columns of ±1 that are exactly uncorrelated with each other. */
const a = [1, 1, 1, 1, -1, -1, -1, -1];
const b = [1, 1, -1, -1, 1, 1, -1, -1];
const c = [1, -1, 1, -1, 1, -1, 1, -1];

describe('the importance of inputs', () => {
  it('is each one’s own part of the variance where they are unrelated', () => {
    const outcome = a.map((value, row) => 3 * value + (b[row] ?? 0) * 1 + 10);
    const { shares, rSquared, coefficients, intercept } = importanceOf([[a], [b], [c]], outcome);
    close(shares, [0.9, 0.1, 0]);
    close(coefficients, [3, 1, 0]);
    close([rSquared, intercept], [1, 10]);
  });

  it('is shared, not counted twice, between two inputs that say the same thing', () => {
    const outcome = a.map((value, row) => 3 * value + (b[row] ?? 0));
    const { shares, rSquared } = importanceOf([[a], [a], [b]], outcome);
    close(shares, [0.45, 0.45, 0.1]);
    close([rSquared], [1]);
  });

  it('takes a category’s columns together as one input', () => {
    const outcome = a.map((value, row) => value + (b[row] ?? 0) + (c[row] ?? 0));
    close(importanceOf([[a, b], [c]], outcome).shares, [2 / 3, 1 / 3]);
  });

  it('adds up to R² and is never below 0, whatever the columns', () => {
    const column = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(column, { minLength: 1, maxLength: 4 }), column, (columns, outcome) => {
        const { shares, rSquared } = importanceOf(
          columns.map((values) => [values]),
          outcome,
        );
        assert.ok(shares.every((share) => share >= 0));
        assert.ok(rSquared <= 1 + 1e-9);
        close([shares.reduce((sum, share) => sum + share, 0)], [rSquared]);
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});

function close(actual: number[], expected: number[]) {
  assert.equal(actual.length, expected.length);
  for (const [place, value] of expected.entries()) {
    assert.ok(Math.abs((actual[place] ?? Number.NaN) - value) < 1e-9, `${actual} not ${expected}`);
  }
}
