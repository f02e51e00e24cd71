import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import {
  migrateWarehouse,
  migrations,
  connectWarehouse,
  type Warehouse,
} from '../warehouse/index.ts';
import { scratchFolder, testClock } from '../testing/stores.ts';
import { anchorsIn } from './anchors.ts';

const { folder, remove } = scratchFolder();
let warehouse: Warehouse;
before(async () => {
  warehouse = connectWarehouse(
    { kind: 'embedded', folder: join(folder, 'warehouse') },
    { maxExecutionSeconds: 10 },
  );
  await migrateWarehouse(warehouse, migrations, testClock);
});
after(async () => {
  await warehouse.close();
  remove();
});

const anchor = (number: number, letter = 'a') => ({ number, hash: letter.repeat(64) });

test('a head is kept at once, then once a minute at most, and the newest when the stores close', async () => {
  let now = testClock().getTime();
  const anchors = anchorsIn(warehouse, () => new Date(now));
  const numbers = async () => (await anchors.all()).map(({ number }) => number);
  /** Once so many are kept, or a little later when no more come. */
  const kept = async (count: number) => {
    const deadline = performance.now() + 10_000;
    while ((await numbers()).length < count && performance.now() < deadline) await pause(20);
    await pause(100);
    return numbers();
  };
  anchors.note(anchor(1));
  assert.deepEqual(await kept(1), [1]);
  anchors.note(anchor(2));
  now += 59_000;
  anchors.note(anchor(3));
  assert.deepEqual(await kept(1), [1]);
  now += 1000;
  anchors.note(anchor(4));
  assert.deepEqual(await kept(2), [1, 4]);
  anchors.note(anchor(5));
  await anchors.close();
  await anchors.close();
  assert.deepEqual(await kept(3), [1, 4, 5]);
});

test('another head of the same number stands beside the first, and does not replace it', async () => {
  const anchors = anchorsIn(warehouse, testClock);
  anchors.note(anchor(5, 'b'));
  await anchors.close();
  const all = (await anchors.all()).filter(({ number }) => number === 5);
  assert.deepEqual(all, [anchor(5, 'a'), anchor(5, 'b')]);
});

test('a warehouse that does not answer holds nobody up, and the next head is kept', async () => {
  let fails = true;
  const failing: Warehouse = {
    ...warehouse,
    async append(...given) {
      if (fails) throw new Error('away');
      return warehouse.append(...given);
    },
  };
  const anchors = anchorsIn(failing, testClock);
  anchors.note(anchor(8));
  await new Promise((resolve) => setTimeout(resolve, 10));
  fails = false;
  await anchors.close();
  assert.ok((await anchors.all()).some(({ number }) => number === 8));
});
