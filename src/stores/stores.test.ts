import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../base/problem.ts';
import { type ClickHouseNode, freePort, startClickHouse } from '../testing/clickhouse.ts';
import { type PostgresServer, startPostgres } from '../testing/postgres.ts';
import {
  embeddedAddress,
  layRecords,
  scratchFolder,
  testClock,
  testStoresOptions,
} from '../testing/stores.ts';
import type { RecordsTransaction } from '../records/index.ts';
import { connectWarehouse, statement } from '../warehouse/index.ts';
import { openStores, type Stores, type StoresAddress, type Write } from './index.ts';

const { folder, remove } = scratchFolder();
let clickhouse: ClickHouseNode;
let postgres: PostgresServer;
before(async () => {
  clickhouse = await startClickHouse(join(folder, 'clickhouse'));
  postgres = await startPostgres(join(folder, 'postgres'));
});
after(async () => {
  await clickhouse.kill();
  await postgres.kill();
  remove();
});

async function embedded(name: string): Promise<StoresAddress> {
  const address = embeddedAddress(join(folder, name));
  await layRecords(address.records.folder);
  return address;
}
async function servers(name: string): Promise<StoresAddress> {
  return {
    warehouse: { kind: 'server', url: await clickhouse.createDatabase(name) },
    records: { kind: 'server', url: await postgres.createDatabase(name) },
  };
}
const combinations: Record<string, (name: string) => Promise<StoresAddress>> = {
  'both in the process': embedded,
  'both on servers': servers,
  'the warehouse on a server': async (name) => ({
    ...(await embedded(name)),
    warehouse: (await servers(name)).warehouse,
  }),
  'the records on a server': async (name) => ({
    ...(await embedded(name)),
    records: (await servers(name)).records,
  }),
};

const names = statement<{ urn: number; name: string }, { receipts: number[] }>(
  'names',
  'SELECT urn, name FROM published_location WHERE receipt IN {receipts:Array(UInt32)} ORDER BY urn',
);
const busy = statement<{ sum: number }, { receipts: number[] }>(
  'busy',
  'SELECT sum(sipHash64(number)) AS sum, {receipts:Array(UInt32)} FROM numbers(1000000000000)',
);
const everyRow = statement<{ rows: number }>(
  'everyRow',
  'SELECT count() AS rows FROM published_location',
);
/** What stands in the warehouse, whether it counts or not. */
async function rowsOf(address: StoresAddress): Promise<number> {
  const warehouse = connectWarehouse(address.warehouse, { maxExecutionSeconds: 10 });
  try {
    return (await warehouse.query(everyRow, {}))[0]?.rows ?? 0;
  } finally {
    await warehouse.close();
  }
}

const bringing = (scope: string) => ({ kind: 'test', scope, title: `${scope}.csv`, digest: 'a' });
async function bring(write: Write, scope: string, ...urns: number[]): Promise<void> {
  const receipt = await write.begin(bringing(scope));
  for (const urn of urns) {
    const row = [receipt.id, urn, scope];
    await write.warehouse.append('published_location', ['receipt', 'urn', 'name'], [row]);
  }
}
const refusal = (reason: string, says: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Refusal, String(error));
  assert.equal(error.reason, reason);
  assert.match(error.message, says);
  return true;
};
const forever = () => new Promise<never>(() => {});

for (const [index, [combination, addressOf]] of Object.entries(combinations).entries()) {
  describe(combination, () => {
    const suffix = `c${index}`;
    let address: StoresAddress;
    let stores: Stores;
    const urns = async (of = stores) => (await of.read(names, {})).map(({ urn }) => urn);
    const titles = async () => (await stores.receipts('test')).map(({ title }) => title);
    before(async () => {
      address = await addressOf(`stores_${suffix}`);
      stores = await openStores(address, testStoresOptions);
    });
    after(() => stores.close());

    test('rows are seen from the moment their write commits, all at once', async () => {
      await stores.write(async (write) => {
        await bring(write, 'one', 1);
        assert.deepEqual(await urns(), []);
        await bring(write, 'two', 2);
        assert.deepEqual(await urns(), []);
      });
      assert.deepEqual(await stores.read(names, {}), [
        { urn: 1, name: 'one' },
        { urn: 2, name: 'two' },
      ]);
    });

    test('a write that fails leaves everything as it was, and no rows behind', async () => {
      const rows = await rowsOf(address);
      const failing = stores.write(async (write) => {
        await bring(write, 'one', 9);
        throw new Error('no');
      });
      await assert.rejects(failing, /^Error: no$/);
      assert.deepEqual(await urns(), [1, 2]);
      assert.equal((await stores.receipts('test')).length, 2);
      assert.equal(await rowsOf(address), rows);
    });

    test('what is done in the records at the commit is there with the rows, or neither is', async () => {
      const rows = await rowsOf(address);
      const renamed = (title: string) => (transaction: RecordsTransaction) =>
        transaction.updateTable('receipts').set({ title }).where('scope', '=', 'two').execute();
      const failing = stores.write(async (write) => {
        await bring(write, 'beside', 9);
        write.atCommit(async (transaction) => void (await renamed('lost')(transaction)));
        write.atCommit(() => Promise.reject(new Error('no')));
      });
      await assert.rejects(failing, /^Error: no$/);
      assert.deepEqual(await titles(), ['one.csv', 'two.csv']);
      assert.equal(await rowsOf(address), rows);
      await stores.write(async (write) =>
        write.atCommit(async (transaction) => void (await renamed('kept')(transaction))),
      );
      assert.deepEqual(await titles(), ['one.csv', 'kept']);
      await stores.write(async (write) =>
        write.atCommit(async (transaction) => void (await renamed('two.csv')(transaction))),
      );
    });

    test('what comes again replaces what it was before', async () => {
      await stores.write(async (write) => {
        const receipt = await write.begin(bringing('one'));
        assert.ok(receipt.replaces);
        receipt.detail['rows'] = 1;
        const row = [receipt.id, 3, 'again'];
        await write.warehouse.append('published_location', ['receipt', 'urn', 'name'], [row]);
      });
      assert.deepEqual(await urns(), [2, 3]);
      assert.deepEqual((await stores.receipts('test')).at(-1)?.detail, { rows: 1 });
    });

    test('what is withdrawn is seen no longer', async () => {
      await stores.write(async (write) => write.withdraw({ kind: 'test', scope: 'one' }));
      assert.deepEqual(await urns(), [2]);
      assert.deepEqual((await stores.counting()).length, 1);
    });

    test('what somebody else brought meanwhile is not replaced unseen', async () => {
      const overtaken = stores.write(async (write) => {
        await bring(write, 'two', 20);
        await stores.write((other) => bring(other, 'two', 21));
      });
      await assert.rejects(
        overtaken,
        refusal('not-ready', /stored the same part as “two.csv” first/),
      );
      assert.deepEqual(await urns(), [21]);
    });

    test('of many that bring the same at once one counts, whole', async () => {
      const urnsAtOnce = [30, 31, 32, 33];
      let brought = 0;
      const allBrought = Promise.withResolvers<void>();
      const outcomes = await Promise.allSettled(
        urnsAtOnce.map((urn) =>
          stores.write(async (write) => {
            await bring(write, 'three', urn, urn);
            if (++brought === urnsAtOnce.length) allBrought.resolve();
            await allBrought.promise;
          }),
        ),
      );
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
      const found = (await urns()).filter((urn) => urn >= 30);
      assert.equal(found.length, 2);
      assert.equal(found[0], found[1]);
    });

    test('many that bring different things at once all count', async () => {
      await Promise.all(
        [50, 51, 52, 53].map((urn) => stores.write((write) => bring(write, `s${urn}`, urn))),
      );
      assert.deepEqual((await urns()).slice(-4), [50, 51, 52, 53]);
    });

    test('closing refuses what runs, at once, and what is unfinished is swept when its time has come', async () => {
      const before = await urns();
      const rows = await rowsOf(address);
      const begun = Promise.withResolvers<void>();
      void stores.write(async (write) => {
        await bring(write, 'unfinished', 90);
        begun.resolve();
        await forever();
      });
      await begun.promise;
      const page = assert.rejects(stores.read(busy, {}), refusal('not-ready', /is stopping/));
      const work = assert.rejects(
        stores.read(busy, {}, { work: true }),
        refusal('not-ready', /is stopping/),
      );
      await pause(100);
      await Promise.race([
        stores.close(),
        pause(5000, undefined, { ref: false }).then(() => assert.fail('closing hangs')),
      ]);
      await Promise.all([page, work]);
      assert.equal(await rowsOf(address), rows + 1);

      const alone = address.records.kind === 'embedded';
      stores = await openStores(address, testStoresOptions);
      assert.deepEqual(await urns(), before);
      assert.equal(await rowsOf(address), alone ? rows : rows + 1);
      await stores.close();
      const later = new Date(testClock().getTime() + 25 * 3_600_000);
      stores = await openStores(address, { ...testStoresOptions, clock: () => later });
      assert.deepEqual(await urns(), before);
      assert.equal(await rowsOf(address), rows);
    });

    test('records and a warehouse of two installations are not opened together', async () => {
      const other = await addressOf(`other_${suffix}`);
      const rows = await rowsOf(address);
      await stores.close();
      const theirs = await openStores(other, testStoresOptions);
      await theirs.write((write) => bring(write, 'theirs', 1));
      await theirs.close();
      const mixed = { warehouse: address.warehouse, records: other.records };
      await assert.rejects(
        openStores(mixed, testStoresOptions),
        refusal('not-ready', /do not belong together/),
      );
      const lost = await addressOf(`lost_${suffix}`);
      await assert.rejects(
        openStores({ warehouse: lost.warehouse, records: other.records }, testStoresOptions),
        refusal('not-ready', /do not belong together/),
      );
      stores = await openStores(address, testStoresOptions);
      assert.equal(await rowsOf(address), rows);
    });
  });
}

test('a commit whose answer is lost on the way is known to have happened', async () => {
  const address = await servers('answer_lost');
  const { warehouse, records } = address;
  const wire = await loseCommitAnswers(new URL((records as { url: string }).url));
  const stores = await openStores(
    { warehouse, records: { kind: 'server', url: wire.url } },
    testStoresOptions,
  );
  try {
    wire.loseNext();
    const done = stores.write((write) => bring(write, 'lost', 1).then(() => 'done'));
    assert.equal(await done, 'done');
    assert.equal(wire.lost(), 1);
    assert.deepEqual(await stores.read(names, {}), [{ urn: 1, name: 'lost' }]);
  } finally {
    await stores.close();
    wire.close();
  }
});

/** A wire to PostgreSQL on which the answer to a commit can be lost. */
async function loseCommitAnswers(target: URL) {
  let losing = false;
  let lost = 0;
  const wire = createServer((near) => {
    const far = createConnection(Number(target.port), target.hostname);
    let cut = false;
    near.on('data', (bytes) => {
      far.write(bytes);
      if (losing && bytes.includes('commit\0')) {
        losing = false;
        cut = true;
        lost += 1;
        setTimeout(() => near.destroy(), 50); // by then the server has committed
      }
    });
    far.on('data', (bytes) => cut || near.write(bytes));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.port = String((wire.address() as AddressInfo).port);
  return {
    url: url.href,
    loseNext: () => void (losing = true),
    lost: () => lost,
    close: () => wire.close(),
  };
}

test('stores that cannot be opened leave nothing open: the folder is free afterwards', async () => {
  const address = embeddedAddress(join(folder, 'cannot'));
  mkdirSync(address.records.folder, { recursive: true });
  writeFileSync(join(address.records.folder, 'letter.txt'), 'Dear head teacher');
  await assert.rejects(
    openStores(address, testStoresOptions),
    refusal('store-held', /letter|else/),
  );
  const unreachable = {
    ...address,
    records: { kind: 'server', url: `postgres://127.0.0.1:${await freePort()}/there` },
  } as const;
  await assert.rejects(
    openStores(unreachable, testStoresOptions),
    refusal('not-ready', /do not answer/),
  );
  rmSync(address.records.folder, { recursive: true });
  await layRecords(address.records.folder);
  await (await openStores(address, testStoresOptions)).close();
});
