import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { operator, openTrail } from '../access/index.ts';
import { verifyAudit } from '../audit/verify.ts';
import { Refusal } from '../base/problem.ts';
import { demoYear, makeEngland, saveEngland } from '../demo/index.ts';
import { importFiles } from '../publications/index.ts';
import { reconcile, reconciliationCsv } from '../publications/reconcile.ts';
import { connectRecords, migrateRecords, type Records, tablesOfRecords } from '../records/index.ts';
import { issueTargets } from '../targets/index.ts';
import { type ClickHouseNode, startClickHouse } from '../testing/clickhouse.ts';
import { type PostgresServer, startPostgres } from '../testing/postgres.ts';
import { everythingIssued } from '../testing/site.sql.ts';
import {
  embeddedAddress,
  layRecords,
  scratchFolder,
  testClock,
  testStoresOptions,
} from '../testing/stores.ts';
import {
  connectWarehouse,
  keptTables,
  migrateWarehouse,
  migrations,
  statement,
} from '../warehouse/index.ts';
import { backUp, leftOut } from './backup.ts';
import { openStores, restoreStores, type Stores, type StoresAddress, type Write } from './index.ts';

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

const options = { ...testStoresOptions, demo: false };
const embedded = (name: string): StoresAddress => embeddedAddress(join(folder, name));
async function servers(name: string): Promise<StoresAddress> {
  return {
    warehouse: { kind: 'server', url: await clickhouse.createDatabase(name) },
    records: { kind: 'server', url: await postgres.createDatabase(name) },
  };
}

const refusal = (reason: string, says: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Refusal, String(error));
  assert.equal(error.reason, reason);
  assert.match(error.message, says);
  assert.doesNotMatch(error.message, /\n/);
  return true;
};

/** Every row of every table, whether it counts or not, in an order of its own. */
async function everything(
  address: StoresAddress,
  stores: Stores,
): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const { table } of await tablesOfRecords(stores.records)) {
    if (leftOut.includes(table)) continue;
    const rows = await stores.records
      .selectFrom(table as 'receipts')
      .selectAll()
      .execute();
    found[`records/${table}`] = rows.map((row) => JSON.stringify(row)).sort();
  }
  const warehouse = connectWarehouse(address.warehouse, { maxExecutionSeconds: 60 });
  for (const { table } of await keptTables(warehouse)) {
    const all = statement<object, { table: string }>('all', 'SELECT * FROM {table:Identifier}');
    const rows = await warehouse.query(all, { table });
    found[`warehouse/${table}`] = rows.map((row) => JSON.stringify(row)).sort();
  }
  await warehouse.close();
  return found;
}

/** The figures that people read: what was issued, the reconciliation, and the trail's chain. */
async function figures(stores: Stores) {
  return {
    issued: await stores.read(everythingIssued, {}, { kind: 'targets' }),
    reconciled: reconciliationCsv(await reconcile(stores)),
    trail: await verifyAudit(stores.records, await stores.anchors.all()),
    counting: await stores.receipts(),
  };
}

const odd = `O'Brien\t\\N "é😀"\n\\.\\;\r`;

async function addChildren(records: Records): Promise<void> {
  const at = testClock();
  for (const number of [1, 2, 3]) {
    const { id: person } = await records
      .insertInto('people')
      .values({
        issuer: 'https://here',
        subject: `s${number}`,
        name: odd,
        email: 'a@b',
        created_at: at,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const { id: pupil } = await records
      .insertInto('pupils')
      .values({
        upn: `A${number}`,
        surname: odd,
        date_of_birth: '2014-02-28',
        person,
        created_at: at,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await records
      .insertInto('enrolments')
      .values({ pupil, urn: 100_000, year_group: '6', entry_date: '2024-09-01' })
      .execute();
    await records.insertInto('characteristics').values({ pupil, fsm: true, eal: null }).execute();
    await records
      .insertInto('sessions')
      .values({ token_hash: `t${number}`, person, csrf: 'c', started_at: at, seen_at: at })
      .execute();
  }
  // Its number was given out: it is never another child's.
  await records.deleteFrom('characteristics').where('pupil', '=', 3).execute();
  await records.deleteFrom('enrolments').where('pupil', '=', 3).execute();
  await records.deleteFrom('pupils').where('id', '=', 3).execute();
}

async function leaveTraces(stores: Stores, count: number): Promise<void> {
  const trail = openTrail(stores.records, testClock, (head) => stores.anchors.note(head));
  for (let number = 0; number < count; number++) {
    await trail.leave({ viewer: operator, action: 'read', from: odd, detail: { number } });
  }
}

async function bring(write: Write, scope: string, rows: number, text = odd): Promise<number> {
  const receipt = await write.begin({ kind: 'test', scope, title: scope, digest: '' });
  const all = Array.from({ length: rows }, (_, urn) => [receipt.id, urn, text]);
  for (const half of [all.slice(0, rows / 2), all.slice(rows / 2)]) {
    await write.warehouse.append('published_location', ['receipt', 'urn', 'name'], half);
  }
  return receipt.id;
}

describe('a backup', () => {
  const file = join(folder, 'backup.tar');
  const from = embedded('from');
  let was: Awaited<ReturnType<typeof everything>>;
  let said: Awaited<ReturnType<typeof figures>>;

  before(async () => {
    await layRecords(join(folder, 'from', 'records'));
    const stores = await openStores(from, options);
    const england = makeEngland({ schools: 450, seed: 'demo' });
    await mkdir(join(folder, 'england'));
    await importFiles(stores, await saveEngland(england, join(folder, 'england')));
    await issueTargets(stores, { year: demoYear, visitKm: 40 });
    await addChildren(stores.records);
    await stores.write((write) => bring(write, 'odd', 4));
    await stores.write(async (write) => write.withdraw({ kind: 'test', scope: 'odd' }));
    await leaveTraces(stores, 5);
    const never = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const unfinished = stores.write(async (write) => {
      await bring(write, 'unfinished', 4);
      begun.resolve();
      await never.promise;
    });
    await begun.promise;
    await stores.backUp(file, { demo: false });
    never.reject(new Error('it was never finished'));
    await assert.rejects(unfinished, /never finished/);
    said = await figures(stores);
    was = await everything(from, stores);
    await stores.close();
  });

  /** Opens it where nothing is, looks at every row and every figure, and writes a second backup from there. */
  async function same(to: StoresAddress, again: string): Promise<void> {
    const { stores, madeAt } = await restoreStores(to, file, options);
    try {
      assert.deepEqual(madeAt, testClock());
      assert.deepEqual(await everything(to, stores), was);
      assert.deepEqual(await figures(stores), said);
      assert.equal(said.trail.whole, true);
      assert.deepEqual(await stores.records.selectFrom('sessions').selectAll().execute(), []);
      const { bytes } = await stores.backUp(again, { demo: false });
      assert.equal(bytes, statSync(again).size);
      assert.equal(statSync(again).mode & 0o777, 0o600);
      const added = { upn: 'A9', created_at: testClock() };
      const { id } = await stores.records
        .insertInto('pupils')
        .values(added)
        .returning('id')
        .executeTakeFirstOrThrow();
      assert.equal(id, 4, 'a number that was given out is given to nobody else');
      await leaveTraces(stores, 1);
      const { whole, entries } = await verifyAudit(stores.records);
      assert.deepEqual({ whole, entries }, { whole: true, entries: 6 });
      await stores.write((write) => bring(write, 'odd', 2));
    } finally {
      await stores.close();
    }
  }

  test('holds every row that committed, and restores every figure into an empty folder', async () => {
    await same(embedded('to'), join(folder, 'again.tar'));
  });

  test('gives the ground on which everything worked out comes out the same again', async () => {
    const stores = await openStores(embedded('to'), options);
    try {
      await issueTargets(stores, { year: demoYear, visitKm: 40 });
      assert.deepEqual(
        withoutReceipt(await stores.read(everythingIssued, {}, { kind: 'targets' })),
        withoutReceipt(said.issued),
      );
    } finally {
      await stores.close();
    }
  });

  test('of a folder is restored to servers, and of servers to a folder', async () => {
    const onServers = join(folder, 'servers.tar');
    await same(await servers('restored'), onServers);
    const to = embedded('back');
    const { stores } = await restoreStores(to, onServers, options);
    assert.deepEqual(await everything(to, stores), was);
    await stores.close();
  });

  test('that is cut short or altered is refused and leaves nothing', async () => {
    const whole = readFileSync(file);
    const altered = join(folder, 'altered.tar');
    const refused = async (bytes: Buffer, says: RegExp) => {
      writeFileSync(altered, bytes);
      const to = embedded('nothing');
      await assert.rejects(
        restoreStores(to, altered, options),
        (error) =>
          error instanceof Refusal && says.test(error.message) && !error.message.includes('\n'),
      );
      assert.equal(existsSync(join(folder, 'nothing')), false);
    };
    for (const length of [0, 100, 511]) {
      await refused(whole.subarray(0, length), /its end is missing/);
    }
    for (const length of [512, 5000, whole.length >> 1, whole.length - 2000, whole.length - 1]) {
      await refused(whole.subarray(0, length), /is not what was written/);
    }
    for (let at = 0; at < whole.length; at += Math.floor(whole.length / 37)) {
      const other = Buffer.from(whole);
      other[at] = (other[at] ?? 0) ^ 1;
      await refused(other, /is not what was written/);
    }
    await refused(Buffer.concat([whole, Buffer.alloc(1)]), /behind its end/);
    await refused(Buffer.from('urn,name\n1,a\n'.repeat(99)), /is no backup of Rollcall/);
    await assert.rejects(
      restoreStores(embedded('nothing'), join(folder, 'no.tar'), options),
      refusal('bad-input', /cannot be read \(ENOENT/),
    );
  });

  test('is restored into empty stores only', async () => {
    const to = embedded('full');
    await layRecords(join(folder, 'full', 'records'));
    const stores = await openStores(to, options);
    await assert.rejects(restoreStores(to, file, options), refusal('store-held', /is in use/));
    await leaveTraces(stores, 1);
    const before = await everything(to, stores);
    await stores.close();
    await assert.rejects(restoreStores(to, file, options), refusal('store-held', /has records/));
    const again = await openStores(to, options);
    assert.deepEqual(await everything(to, again), before);
    await again.close();

    const halfEmpty = { ...(await servers('other_records')), warehouse: to.warehouse };
    await assert.rejects(
      restoreStores(halfEmpty, file, options),
      refusal('store-held', /empty stores only/),
    );
  });

  test('of the demo and of real data are not restored into each other', async () => {
    await assert.rejects(
      restoreStores(embedded('nothing'), file, { ...options, demo: true }),
      refusal('bad-input', /real data, which never meets the demo/),
    );
    assert.equal(existsSync(join(folder, 'nothing')), false);
  });

  for (const [place, addressOf] of Object.entries({
    folder: async () => embedded('interrupted'),
    servers: () => servers('interrupted'),
  })) {
    test(`interrupted in the middle leaves nothing, and the next try restores it all: ${place}`, async () => {
      const to = await addressOf();
      const abort = new AbortController();
      let puts = 0;
      await assert.rejects(
        restoreStores(to, file, {
          ...options,
          signal: abort.signal,
          onProgress: (doing) => {
            if (doing === 'warehouse, published_school_absence') {
              puts += 1;
              abort.abort(new Refusal('check-failed', 'Interrupted.'));
            }
          },
        }),
        refusal('check-failed', /Interrupted/),
      );
      assert.ok(puts > 0, 'it was not in the middle');
      if (to.records.kind === 'embedded') {
        assert.deepEqual(readdirSync(join(folder, 'interrupted')), ['owner.lock']);
      } else {
        const records = await connectRecords(to.records);
        const left = await records.selectFrom('receipts').selectAll().execute();
        assert.deepEqual(left, []);
        await records.destroy();
        // As a process leaves it that was killed: rows that belong to nothing.
        const warehouse = connectWarehouse(to.warehouse, { maxExecutionSeconds: 10 });
        await warehouse.append('published_location', ['receipt', 'urn'], [[1, 1]]);
        await warehouse.close();
      }
      const { stores } = await restoreStores(to, file, options);
      assert.deepEqual(await everything(to, stores), was);
      await stores.close();
    });
  }
});

function withoutReceipt<Row extends object>(rows: Row[]) {
  return rows.map((row) => ({ ...row, receipt: 0 }));
}

test('a backup made while others write holds each write whole, or nothing of it', async () => {
  const from = embedded('busy');
  await layRecords(join(folder, 'busy', 'records'));
  const stores = await openStores(from, options);
  const rows = 40;
  const until = { stopped: false };
  const writer = (async () => {
    for (let number = 0; !until.stopped; number++) {
      await stores.write((write) => bring(write, `scope ${number % 3}`, rows));
      await leaveTraces(stores, 1);
    }
  })();
  const files = [0, 1].map((number) => join(folder, `busy-${number}.tar`));
  for (const file of files) await stores.backUp(file, { demo: false });
  until.stopped = true;
  await writer;
  await stores.close();
  for (const [number, file] of files.entries()) {
    const to = await servers(`busy_${number}`);
    const restored = await restoreStores(to, file, options);
    const { 'records/receipts': receipts = [], 'warehouse/published_location': stored = [] } =
      await everything(to, restored.stores);
    assert.equal(stored.length, receipts.length * rows);
    assert.ok(receipts.every((receipt) => !receipt.includes('"committed_at":null')));
    const trail = await verifyAudit(restored.stores.records, await restored.stores.anchors.all());
    assert.equal(trail.whole, true);
    await restored.stores.close();
  }
});

test('a backup of an older version is restored and goes through the migrations since', async () => {
  const from = await servers('older');
  const records = await connectRecords(from.records);
  await migrateRecords(records, '003_audit');
  const warehouse = connectWarehouse(from.warehouse, { maxExecutionSeconds: 60 });
  await migrateWarehouse(warehouse, migrations.slice(0, 1), testClock);
  await records
    .insertInto('receipts')
    .values({
      kind: 'a',
      scope: 'b',
      title: 'c',
      digest: '',
      detail: '{"n":1.50}',
      started_at: testClock(),
      committed_at: testClock(),
    })
    .execute();
  await warehouse.append('published_location', ['receipt', 'urn', 'name'], [[1, 7, odd]]);
  const file = join(folder, 'older.tar');
  await backUp({ records, warehouse, clock: testClock }, file, { demo: false });
  await records.destroy();
  await warehouse.close();
  const to = await servers('newer');
  const { stores, rows } = await restoreStores(to, file, options);
  assert.equal(rows['warehouse/published_location'], 1);
  const found = await everything(to, stores);
  assert.equal(found['records/receipts']?.length, 1);
  assert.deepEqual(found['records/pupils'], []);
  await stores.close();
  await assert.rejects(restoreStores(to, file, options), refusal('store-held', /newer version/));
});

test('a place where no file can be written is refused, and nothing of it stays', async () => {
  const from = embedded('unwritable');
  await layRecords(join(folder, 'unwritable', 'records'));
  const stores = await openStores(from, options);
  await assert.rejects(
    stores.backUp(join(folder, 'no', 'such', 'folder.tar'), { demo: false }),
    refusal('bad-input', /cannot be written \(ENOENT/),
  );
  const abort = new AbortController();
  abort.abort(new Refusal('check-failed', 'Interrupted.'));
  const into = join(folder, 'aborted');
  await mkdir(into);
  await assert.rejects(
    stores.backUp(join(into, 'b.tar'), { demo: false, signal: abort.signal }),
    refusal('check-failed', /Interrupted/),
  );
  assert.deepEqual(readdirSync(into), []);
  await stores.close();
});
