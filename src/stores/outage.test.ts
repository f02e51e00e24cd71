import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { after, before, beforeEach, test } from 'node:test';
import { operator, openTrail } from '../access/index.ts';
import { verifyAudit } from '../audit/verify.ts';
import { Refusal } from '../base/problem.ts';
import { type ClickHouseNode, startClickHouse } from '../testing/clickhouse.ts';
import { type PostgresServer, startPostgres } from '../testing/postgres.ts';
import { scratchFolder, testClock, testStoresOptions } from '../testing/stores.ts';
import { statement } from '../warehouse/index.ts';
import { openStores, type Stores, type Write } from './index.ts';

/*
 * A database server that goes away and comes back: nothing acknowledged is lost, what was in the middle is whole or not
 * there, and nobody restarts anything.
 */

const { folder, remove } = scratchFolder();
let clickhouse: ClickHouseNode;
let postgres: PostgresServer;
let stores: Stores;
before(async () => {
  clickhouse = await startClickHouse(join(folder, 'clickhouse'));
  postgres = await startPostgres(join(folder, 'postgres'));
  stores = await openStores(
    {
      warehouse: { kind: 'server', url: await clickhouse.createDatabase('outage') },
      records: { kind: 'server', url: await postgres.createDatabase('outage') },
    },
    testStoresOptions,
  );
});
after(async () => {
  await stores.close();
  await clickhouse.kill();
  await postgres.kill();
  remove();
});

const names = statement<{ urn: number; name: string }, { receipts: number[] }>(
  'names',
  'SELECT urn, name FROM published_location WHERE receipt IN {receipts:Array(UInt32)} ORDER BY urn, name',
);
const rowsOfAWrite = 3;
const written = async () => {
  const rows = await stores.read(names, {});
  for (const [name, each] of Map.groupBy(rows, ({ name }) => name)) {
    assert.equal(each.length, rowsOfAWrite, `${name} is whole`);
  }
  return [...new Set(rows.map(({ name }) => name))].sort();
};

async function bring(write: Write, scope: string, between = async () => {}): Promise<void> {
  const receipt = await write.begin({ kind: 'test', scope, title: `${scope}.csv`, digest: '' });
  for (let urn = 1; urn <= rowsOfAWrite; urn++) {
    await write.warehouse.append(
      'published_location',
      ['receipt', 'urn', 'name'],
      [[receipt.id, urn, scope]],
    );
    await between();
  }
}

/** A clear sentence that is no fault of ours: a page shows it with 503. */
const notReady = (error: unknown) => {
  assert.ok(error instanceof Refusal, String((error as Error).stack ?? error));
  assert.equal(error.reason, 'not-ready');
  assert.match(error.message, /^The (records|warehouse) at \S+ do(es)? not answer \(.+\)\. Start/);
  return true;
};

const servers: Record<string, () => { kill(): Promise<void>; start(): Promise<void> }> = {
  'the records': () => postgres,
  'the warehouse': () => clickhouse,
};
let acknowledged: string[] = [];
beforeEach(async () => assert.deepEqual(await written(), acknowledged));

for (const [name, serverOf] of Object.entries(servers)) {
  test(`while ${name} are away everything is refused clearly, and afterwards all works again`, async () => {
    const server = serverOf();
    const before = `before ${name}`;
    await stores.write((write) => bring(write, before));
    acknowledged = [...acknowledged, before].sort();
    // Several connections of the pool are open, and idle.
    await Promise.all(Array.from({ length: 5 }, () => stores.read(names, {})));
    await server.kill();
    for (let tries = 0; tries < 3; tries++) {
      await assert.rejects(stores.read(names, {}), notReady);
      await assert.rejects(
        stores.write((write) => bring(write, 'during')),
        notReady,
      );
    }
    await Promise.all(
      Array.from({ length: 20 }, () => assert.rejects(stores.read(names, {}), notReady)),
    );
    await server.start();
    assert.deepEqual(await written(), acknowledged);
    await Promise.all(Array.from({ length: 20 }, () => stores.read(names, {})));
    await stores.write((write) => bring(write, `after ${name}`));
    acknowledged = [...acknowledged, `after ${name}`].sort();
    assert.deepEqual(await written(), acknowledged);
  });

  test(`${name}, restarted between two pages, are noticed by nobody`, async () => {
    await Promise.all(Array.from({ length: 5 }, () => stores.read(names, {})));
    const server = serverOf();
    await server.kill();
    await server.start();
    await Promise.all(Array.from({ length: 8 }, () => stores.read(names, {})));
    await stores.write((write) => bring(write, `again ${name}`));
    acknowledged = [...acknowledged, `again ${name}`].sort();
  });

  test(`${name}, lost in the middle of a write, have all of it or nothing`, async () => {
    const server = serverOf();
    let appended = 0;
    await assert.rejects(
      stores.write((write) =>
        bring(write, 'half', async () => {
          if (++appended === 2) await server.kill();
        }),
      ),
      notReady,
    );
    await server.start();
    assert.deepEqual(await written(), acknowledged);
    // Away and back in the middle: the write goes on when it can, and never halfway.
    let back = 0;
    const scope = `back ${name}`;
    const done = await stores
      .write((write) =>
        bring(write, scope, async () => {
          if (++back !== 2) return;
          await server.kill();
          await server.start();
        }),
      )
      .then(
        () => true,
        (error: unknown) => !notReady(error),
      );
    if (done) acknowledged = [...acknowledged, scope].sort();
    assert.deepEqual(await written(), acknowledged);
  });

  test(`${name}, lost at any moment of many writes, keep what was acknowledged and nothing half`, async () => {
    const server = serverOf();
    const until = { stopped: false };
    const outcomes = new Map<string, boolean>();
    const writers = [0, 1].map(async (writer) => {
      for (let number = 0; !until.stopped; number++) {
        const scope = `many ${name} ${writer} ${number}`;
        const done = await stores
          .write((write) => bring(write, scope))
          .then(
            () => true,
            (error: unknown) => !notReady(error),
          );
        outcomes.set(scope, done);
      }
    });
    const bothCame = () => new Set(outcomes.values()).size === 2;
    // On a busy machine a round can pass between two writes.
    for (let round = 0; round < 3 || (round < 12 && !bothCame()); round++) {
      await pause(50 * round);
      await server.kill();
      await pause(50 * round);
      await server.start();
    }
    until.stopped = true;
    await Promise.all(writers);
    const found = new Set(await written());
    for (const [scope, done] of outcomes) {
      if (done) assert.ok(found.has(scope), `${scope} was acknowledged`);
    }
    assert.ok([...outcomes.values()].includes(true) && [...outcomes.values()].includes(false));
    acknowledged = [...found].sort();
  });
}

test('the trail has every trace that was acknowledged, and its chain is whole', async () => {
  const trail = openTrail(stores.records, testClock, (head) => stores.anchors.note(head));
  const leave = () => trail.leave({ viewer: operator, action: 'read', from: 'a test' });
  await leave();
  await postgres.kill();
  await assert.rejects(leave(), notReady);
  await assert.rejects(leave(), notReady);
  await postgres.start();
  await leave();
  const verified = await verifyAudit(stores.records, await stores.anchors.all());
  assert.deepEqual([verified.whole, verified.entries], [true, 2]);
});
