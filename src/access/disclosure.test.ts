import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hideAlso, safeToShow } from './disclosure.ts';

test('a percentage of one to five pupils is not shown, nor any of fewer than six', () => {
  for (const [part, whole, shown] of [
    [0, 40, true],
    [1, 40, false],
    [5, 40, false],
    [6, 40, true],
    [0, 5, false],
    [5, 5, false],
    [6, 6, true],
    [null, 40, true],
    [null, 5, false],
    [3, null, false],
    [null, null, true],
  ] as const) {
    assert.equal(safeToShow(part, whole), shown, `${part} of ${whole}`);
  }
});

/** In how many ways `sum` can be shared out among `parts` that each have one to five. */
function ways(parts: number, sum: number): number {
  if (parts === 0) return sum === 0 ? 1 : 0;
  return [1, 2, 3, 4, 5].reduce((all, first) => all + ways(parts - 1, sum - first), 0);
}

test('what is hidden cannot be had by taking the rest from the total', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 6 }), (counts) => {
      const parts = counts.map((count, key) => ({ key, count, hidden: !safeToShow(count, 100) }));
      const also = hideAlso(parts);
      if (also.total) return;
      const hidden = parts.filter((part) => part.hidden || also.parts.includes(part.key));
      if (hidden.length === 0) return;
      const left = hidden.reduce((sum, part) => sum + part.count, 0);
      assert.ok(hidden.length >= 2 && left >= 6);
      if (also.parts.length === 0) assert.ok(ways(hidden.length, left) > 1);
    }),
  );
});

test('no more is hidden than must be: nothing where nothing is small, one part at most', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 6 }), (counts) => {
      const parts = counts.map((count, key) => ({ key, count, hidden: !safeToShow(count, 100) }));
      const also = hideAlso(parts);
      assert.ok(also.parts.length <= 1);
      if (!parts.some((part) => part.hidden)) assert.deepEqual(also, { parts: [], total: false });
    }),
  );
});
