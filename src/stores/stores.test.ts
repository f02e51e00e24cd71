import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestStores } from '../testing/stores.ts';
import { statement } from '../warehouse/index.ts';
import type { Stores } from './index.ts';

const names = statement<{ urn: number; name: string }, { receipts: number[] }>(
  'names',
  'SELECT urn, name FROM published_location WHERE receipt IN {receipts:Array(UInt32)} ORDER BY urn',
);
const columns = ['receipt', 'urn', 'name'];
let stores: Stores;
let close: () => Promise<void>;

before(async () => {
  ({ stores, close } = await openTestStores());
});
after(() => close());

const bringing = { kind: 'test', scope: 'one', title: 'one.csv', digest: 'a' };

test('rows are seen from the moment their write commits, all at once', async () => {
  await stores.write(async (write) => {
    const receipt = await write.begin(bringing);
    await write.warehouse.append('published_location', columns, [[receipt.id, 1, 'A']]);
    assert.deepEqual(await stores.read(names, {}), []);
    await write.warehouse.append('published_location', columns, [[receipt.id, 2, 'B']]);
  });
  assert.deepEqual(await stores.read(names, {}), [
    { urn: 1, name: 'A' },
    { urn: 2, name: 'B' },
  ]);
});

test('a write that fails leaves everything as it was', async () => {
  const before = await stores.read(names, {});
  await assert.rejects(
    stores.write(async (write) => {
      const receipt = await write.begin(bringing);
      await write.warehouse.append('published_location', columns, [[receipt.id, 9, 'Z']]);
      throw new Error('no');
    }),
  );
  assert.deepEqual(await stores.read(names, {}), before);
  assert.equal((await stores.receipts('test')).length, 1);
});

test('what comes again replaces what it was before', async () => {
  await stores.write(async (write) => {
    const receipt = await write.begin(bringing);
    receipt.detail['rows'] = 1;
    await write.warehouse.append('published_location', columns, [[receipt.id, 3, 'C']]);
  });
  assert.deepEqual(await stores.read(names, {}), [{ urn: 3, name: 'C' }]);
  assert.deepEqual((await stores.receipts('test'))[0]?.detail, { rows: 1 });
});
