import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import { risingRoot } from './risingRoot.ts';

test('the root of a smooth function is found to a billionth of the interval', () => {
  assert.ok(Math.abs(risingRoot((x) => x ** 3 - 2, 0, 5) - Math.cbrt(2)) < 5e-9);
});

test('wherever a bent line or a jump passes 0, that place is found', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -9.9, max: 9.9, noNaN: true }),
      fc.double({ min: 0.01, max: 50, noNaN: true }),
      fc.double({ min: 0.01, max: 50, noNaN: true }),
      fc.boolean(),
      (root, below, above, jumps) => {
        const rising = (x: number) =>
          (x < root ? below : above) * (x - root) + (jumps ? (x < root ? -1 : 1) : 0);
        assert.ok(Math.abs(risingRoot(rising, -10, 10) - root) < 1e-7);
      },
    ),
  );
});

test('where one end is the root already, it is that end', () => {
  assert.equal(
    risingRoot((x) => x, 0, 1),
    0,
  );
  assert.equal(
    risingRoot((x) => x - 1, 0, 1),
    1,
  );
  assert.equal(
    risingRoot((x) => Math.min(0, x - 1), 0, 3),
    3,
  );
});
