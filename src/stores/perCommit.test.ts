import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestStores } from '../testing/stores.ts';
import { perCommit, type Stores, workedOutKinds } from './index.ts';

let stores: Stores;
let close: () => Promise<void>;

before(async () => {
  ({ stores, close } = await openTestStores());
});
after(() => close());

const commit = (kind: string) =>
  stores.write(async (write) => {
    await write.begin({ kind, scope: 'one', title: 'one', digest: '' });
  });

test('what is worked out is kept until something else is committed', async () => {
  let worked = 0;
  const count = perCommit(async (of) => {
    worked += 1;
    return (await of.receipts()).length;
  });
  assert.deepEqual(await Promise.all([count(stores), count(stores)]), [0, 0]);
  assert.equal(worked, 1, 'two who ask at once wait for one working-out');
  await commit('test');
  assert.equal(await count(stores), 1);
  assert.equal(await count(stores), 1);
  assert.equal(worked, 2);
});

test('a commit of a kind that does not matter changes nothing', async () => {
  let worked = 0;
  const count = perCommit(async () => (worked += 1), { ignoring: workedOutKinds });
  await count(stores);
  await commit('targets');
  assert.equal(await count(stores), 1);
  await commit('test');
  assert.equal(await count(stores), 2);
});

test('a failure is not kept', async () => {
  let tries = 0;
  const fails = perCommit(async () => {
    tries += 1;
    if (tries === 1) throw new Error('not now');
    return tries;
  });
  await assert.rejects(fails(stores), /not now/);
  assert.equal(await fails(stores), 2);
});
