import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leastAbsoluteSlope, leastSquares, solveLinear } from './leastSquares.ts';
import { randomStream } from './randomStream.ts';

test('least squares finds the coefficients that data were made from', () => {
  const { normal } = randomStream('least squares');
  const rows = Array.from({ length: 4000 }, () => [1, normal(), normal()]);
  const targets = rows.map(
    ([one, x, y]) => 2 * (one ?? 0) - 3 * (x ?? 0) + 0.5 * (y ?? 0) + normal(),
  );
  const found = leastSquares(rows, targets);
  [2, -3, 0.5].forEach((coefficient, i) => {
    assert.ok(Math.abs((found[i] ?? 0) - coefficient) < 0.06, `${found[i]}`);
  });
});

test('a linear system is solved whatever the order of its rows, and a singular one is a bug', () => {
  assert.deepEqual(
    solveLinear(
      [
        [0, 2],
        [4, 0],
      ],
      [6, 8],
    ),
    [2, 3],
  );
  assert.throws(
    () =>
      solveLinear(
        [
          [1, 2],
          [2, 4],
        ],
        [1, 2],
      ),
    /singular/,
  );
});

test('one wild point does not move the slope of least absolute errors', () => {
  const pairs = [1, 2, 3, 4, 5].map((x) => ({ x, y: 0.25 * x, weight: 1 }));
  assert.equal(leastAbsoluteSlope(pairs), 0.25);
  assert.equal(leastAbsoluteSlope([...pairs, { x: 1, y: 1000, weight: 1 }]), 0.25);
  assert.equal(leastAbsoluteSlope([]), 0);
});
