import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStores } from '../testing/stores.ts';
import { widestBacktest } from './assess.ts';

test('the methods page shows the back-test of most years, and of two alike the last', async () => {
  const { stores, close } = await openTestStores();
  const keep = (scope: string, years: number[], verdict: string) =>
    stores.write(async (write) => {
      const receipt = await write.begin({ kind: 'backtest', scope, title: scope, digest: '' });
      receipt.detail = { rows: years.map((year) => ({ time_period: year })), verdict };
    });
  try {
    assert.equal(await widestBacktest(stores), undefined);
    await keep('201617-201718', [201617, 201718], 'two years');
    await keep('201718-201718', [201718, 201718, 201718], 'one year');
    assert.equal((await widestBacktest(stores))?.verdict, 'two years');
    await keep('201516-201617', [201516, 201617], 'two other years');
    const widest = await widestBacktest(stores);
    assert.equal(widest?.verdict, 'two other years');
    assert.ok(widest?.ranOn instanceof Date);
  } finally {
    await close();
  }
});
