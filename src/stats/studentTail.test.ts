import assert from 'node:assert/strict';
import { test } from 'node:test';
import { studentBeyond, studentLimit } from './studentTail.ts';

test('limits are those of printed tables', () => {
  const table = [
    [0.05, 1, 12.706],
    [0.05, 4, 2.776],
    [0.01, 10, 3.169],
    [0.001, 30, 3.646],
    [0.05, 1e6, 1.96],
  ] as const;
  for (const [probability, freedom, limit] of table) {
    assert.ok(Math.abs(studentLimit(probability, freedom) - limit) < 6e-4, `${limit}`);
  }
});

test('beyond a limit lies its probability, and beyond 0 all', () => {
  for (const freedom of [1, 2.5, 9, 400]) {
    assert.equal(studentBeyond(0, freedom), 1);
    for (const probability of [0.5, 0.05, 1e-4, 1e-7]) {
      const found = studentBeyond(studentLimit(probability, freedom), freedom);
      assert.ok(Math.abs(found / probability - 1) < 1e-6, `${freedom} ${probability}`);
    }
  }
});
