import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { measureEngland } from '../bench/england.ts';
import { scratchFolder } from '../src/testing/stores.ts';

const { folder, remove } = scratchFolder();
after(remove);

test('a two-thousandth of England goes from marks to its official statistics, and a day more, and they are what the marks say', async () => {
  const measured = await measureEngland(0.0005, folder, { asks: 3 });
  assert.ok(measured.schools > 5 && measured.marks > 1_000_000);
  assert.ok(measured.dayMarks > 1000);
  assert.equal(measured.keptUp.schools, measured.schools);
  assert.equal(measured.dayKeptUp.added, 1);
  assert.ok(measured.agrees);
});
