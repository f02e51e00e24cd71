import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { operator, openTrail } from '../access/index.ts';
import { verifyAudit } from '../audit/verify.ts';
import { Refusal } from '../base/problem.ts';
import { mountSmallDisk } from '../testing/smallDisk.ts';
import {
  embeddedAddress,
  layRecords,
  scratchFolder,
  testClock,
  testStoresOptions,
} from '../testing/stores.ts';
import { statement } from '../warehouse/index.ts';
import { openStores, restoreStores } from './index.ts';

const stored = statement<{ rows: number; receipts: number }, { receipts: number[] }>(
  'stored',
  `SELECT count() AS rows, uniqExact(receipt) AS receipts FROM published_location
   WHERE receipt IN {receipts:Array(UInt32)}`,
);

test('a full disk is said so, loses nothing acknowledged, and room is all it takes', async (context) => {
  const { folder, remove } = scratchFolder();
  const disk = mountSmallDisk(folder, 140);
  if (!disk) {
    remove();
    return context.skip('only root can make a small disk to fill');
  }
  const address = embeddedAddress(folder);
  await layRecords(address.records.folder);
  const stores = await openStores(address, testStoresOptions);
  const isFull = (what: RegExp) => (error: unknown) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.reason, 'not-ready');
    assert.match(error.message, what);
    return true;
  };
  try {
    const rows = 2000;
    let number = 0;
    const bring = () =>
      stores.write(async (write) => {
        number += 1;
        const bringing = { kind: 'test', scope: `${number}`, title: 'a', digest: '' };
        const { id } = await write.begin(bringing);
        const all = Array.from({ length: rows }, (_, urn) => [
          id,
          urn,
          `${id} ${Math.sin(urn)}`.repeat(9),
        ]);
        await write.warehouse.append('published_location', ['receipt', 'urn', 'name'], all);
      });
    disk.fillUntil(4);
    let acknowledged = 0;
    const warehouseFull = isFull(/^The disk of the warehouse at .* is full, .* Make room there/);
    await assert.rejects(async () => {
      for (; acknowledged < 200; acknowledged++) await bring();
    }, warehouseFull);
    const trail = openTrail(stores.records, testClock);
    const leave = (detail: Record<string, string>) =>
      trail.leave({ viewer: operator, action: 'read', from: 'a test', detail });
    disk.fillUntil(0);
    let traces = 0;
    await assert.rejects(
      async () => {
        for (; traces < 20_000; traces++) await leave({ text: 'a'.repeat(2000) });
      },
      isFull(/^The disk of the records at .* is full .* Make room there/),
    );
    assert.deepEqual(await stores.read(stored, {}), [
      { rows: acknowledged * rows, receipts: acknowledged },
    ]);
    disk.makeRoom();
    await bring();
    await leave({});
    assert.deepEqual(await stores.read(stored, {}), [
      { rows: (acknowledged + 1) * rows, receipts: acknowledged + 1 },
    ]);
    const { whole, entries } = await verifyAudit(stores.records);
    assert.deepEqual({ whole, entries }, { whole: true, entries: traces + 1 });
  } finally {
    await stores.close();
    disk.unmount();
    remove();
  }
});

test('a backup for which there is no room is no backup, and neither is a restore that did not fit: nothing stays', async (context) => {
  const { folder, remove } = scratchFolder();
  const small = join(folder, 'small');
  const disk = mountSmallDisk(small, 8);
  if (!disk) {
    remove();
    return context.skip('only root can make a small disk to fill');
  }
  const address = embeddedAddress(join(folder, 'large'));
  await layRecords(address.records.folder);
  const file = join(folder, 'backup.tar');
  const stores = await openStores(address, testStoresOptions);
  try {
    await stores.write(async (write) => {
      const bringing = { kind: 'test', scope: 'a', title: 'a', digest: '' };
      const { id } = await write.begin(bringing);
      const text = () => randomBytes(300).toString('base64');
      const rows = Array.from({ length: 40_000 }, (_, urn) => [id, urn, text()]);
      await write.warehouse.append('published_location', ['receipt', 'urn', 'name'], rows);
    });
    await assert.rejects(stores.backUp(join(small, 'backup.tar'), { demo: false }), (error) => {
      assert.ok(error instanceof Refusal && error.reason === 'bad-input', String(error));
      assert.match(error.message, /cannot be written \(ENOSPC.* nothing of it was kept/);
      return true;
    });
    assert.deepEqual(readdirSync(small), []);
    await stores.backUp(file, { demo: false });
  } finally {
    await stores.close();
  }
  try {
    const to = embeddedAddress(join(small, 'to'));
    await assert.rejects(
      restoreStores(to, file, { ...testStoresOptions, demo: false }),
      (error) => {
        assert.ok(error instanceof Refusal, String(error));
        assert.match(error.message, /the disk is full\. Make room there/);
        return true;
      },
    );
    const left = readdirSync(join(small, 'to'));
    assert.deepEqual(
      left.filter((name) => !name.startsWith('owner.')),
      [],
    );
  } finally {
    disk.unmount();
    remove();
  }
});
