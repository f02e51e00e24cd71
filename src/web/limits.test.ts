import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowance } from './limits.ts';

test('a minute’s worth may come at once, then one must wait, and is told how long', () => {
  const { ask } = allowance(60);
  for (let i = 0; i < 60; i++) assert.equal(ask('a', 1000), 0);
  assert.equal(ask('a', 1000), 1);
  assert.equal(ask('a', 2000), 0);
  assert.ok(ask('a', 2000) > 0);
});

test('one asker does not use up another’s allowance', () => {
  const { ask } = allowance(2);
  assert.deepEqual([ask('a', 0), ask('a', 0), ask('b', 0)], [0, 0, 0]);
  assert.equal(ask('a', 0), 30);
});

test('being many does not fill the memory, nor win back an allowance just used up', () => {
  const { ask } = allowance(2);
  ask('a', 0);
  ask('a', 0);
  for (let i = 0; i < 9000; i++) ask(`other ${i}`, 1);
  assert.ok(ask('a', 2) > 0);
});
