import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type ClickHouseNode, startClickHouse } from '../testing/clickhouse.ts';
import { knownReceipts, removeUncommitted } from '../records/index.ts';
import { randomStream } from '../stats/randomStream.ts';
import { startVictim } from '../testing/crash.ts';
import { appendsOfAWrite, rowsOfAnAppend } from '../testing/crashWriter.ts';
import { type PostgresServer, startPostgres } from '../testing/postgres.ts';
import { embeddedAddress, scratchFolder, testClock, testStoresOptions } from '../testing/stores.ts';
import { connectWarehouse, statement } from '../warehouse/index.ts';
import { openStores, type StoresAddress } from './index.ts';

const { folder, remove } = scratchFolder();
after(remove);

const visibleRows = statement<
  { receipt: number; scope: string; rows: number },
  { receipts: number[] }
>(
  'visibleRows',
  `SELECT receipt, any(name) AS scope, count() AS rows FROM published_location
   WHERE receipt IN {receipts:Array(UInt32)} GROUP BY receipt ORDER BY receipt`,
);
const receiptsWithRows = statement<{ receipt: number }>(
  'receiptsWithRows',
  'SELECT DISTINCT receipt FROM published_location',
);

/** Kills a writer again and again, at any moment of its life, and looks each time at what it left. */
async function killAndLook(context: TestContext, address: StoresAddress, seed: number) {
  const chance = randomStream('crash', seed);
  const acknowledged = new Map<string, number>();
  let writes = 0;
  let unfinished = 0;
  for (let kill = 0; kill < 10; kill++) {
    const victim = startVictim('write', JSON.stringify(address));
    if (kill % 4 === 3) {
      await pause(chance.integer(1500)); // while it still opens the stores
    } else {
      await victim.saysLines(1 + chance.integer(6));
      await pause(chance.integer(60));
    }
    await victim.kill();
    for (const line of victim.said.filter((each) => each !== 'open')) {
      const [scope = '', id] = line.split(' ');
      acknowledged.set(scope, Number(id));
      writes += 1;
    }
    unfinished += await look(address, acknowledged);
  }
  context.diagnostic(`${writes} writes acknowledged, ${unfinished} found unfinished`);
  assert.ok(writes > 10, 'the writer was killed before it wrote anything');
  assert.ok(unfinished > 0, 'the writer was never killed in the middle of a write');
}

/** Opens what a killed writer left, without waiting; gives how many unfinished writes there were to sweep. */
async function look(address: StoresAddress, acknowledged: ReadonlyMap<string, number>) {
  const later = new Date(testClock().getTime() + 25 * 3_600_000); // on servers only what is old is swept
  const warehouse = connectWarehouse(address.warehouse, { maxExecutionSeconds: 10 });
  const everything = async () =>
    (await warehouse.query(receiptsWithRows, {})).map(({ receipt }) => receipt);
  const before = acknowledged.size > 0 ? await everything() : [];
  const stores = await openStores(address, { ...testStoresOptions, clock: () => later });
  try {
    const seen = await stores.read(visibleRows, {});
    for (const { rows } of seen) assert.equal(rows, appendsOfAWrite * rowsOfAnAppend);
    for (const [scope, id] of acknowledged) {
      const counts = seen.filter((each) => each.scope === scope);
      assert.equal(counts.length, 1, `of what is brought again and again, one counts: ${scope}`);
      assert.ok((counts[0]?.receipt ?? 0) >= id, `receipt ${id} was acknowledged and is gone`);
    }
    const after = await everything();
    const known = await knownReceipts(stores.records, after);
    assert.deepEqual(
      await removeUncommitted(stores.records),
      [],
      'all that never committed is swept',
    );
    assert.ok(
      after.every((id) => known.has(id)),
      'no row is left without a receipt',
    );
    return before.length - after.length;
  } finally {
    await stores.close();
    await warehouse.close();
  }
}

test('in the process: killed at ten moments, what was acknowledged is there and nothing half-done', (context) =>
  killAndLook(context, embeddedAddress(join(folder, 'embedded')), 1));

/** Whether anything of the records stands in the folder yet, wherever they are being made. */
function recordsBegun(address: { records: { folder: string } }): boolean {
  const beside = dirname(address.records.folder);
  return globSync('records*/*', { cwd: beside }).length > 0;
}

test('in the process: killed while its folder is first made, it opens all the same', async () => {
  const address = embeddedAddress(join(folder, 'first'));
  const chance = randomStream('first', 1);
  let inTime = 0;
  for (let kill = 0; kill < 4; kill++) {
    const victim = startVictim('write', JSON.stringify(address));
    while (!recordsBegun(address)) await pause(1);
    await pause(chance.integer(60));
    await victim.kill();
    if (victim.said.length === 0) inTime += 1;
  }
  assert.ok(inTime > 0, 'it was never killed before it had made it');
  await look(address, new Map());
});

describe('on servers', () => {
  let clickhouse: ClickHouseNode;
  let postgres: PostgresServer;
  before(async () => {
    clickhouse = await startClickHouse(join(folder, 'clickhouse'));
    postgres = await startPostgres(join(folder, 'postgres'));
  });
  after(async () => {
    await clickhouse.kill();
    await postgres.kill();
  });

  test('killed at ten moments, what was acknowledged is there and nothing half-done', async (context) =>
    killAndLook(
      context,
      {
        warehouse: { kind: 'server', url: await clickhouse.createDatabase('crash') },
        records: { kind: 'server', url: await postgres.createDatabase('crash') },
      },
      3,
    ));
});
