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
import { addOverrule, connectRecords, migrateRecords, type Records } from '../records/index.ts';
import { issueTargets } from '../targets/index.ts';
import { type ClickHouseNode, startClickHouse } from '../testing/clickhouse.ts';
import { type PostgresServer, startPostgres } from '../testing/postgres.ts';
import { everyRow } from '../testing/everyRow.ts';
import { everythingIssued } from '../testing/site.sql.ts';
import {
  embeddedAddress,
  layRecords,
  scratchFolder,
  testClock,
  testStoresOptions,
} from '../testing/stores.ts';
import { connectWarehouse, migrateWarehouse, migrations } from '../warehouse/index.ts';
import { backUp } from './backup.ts';
import { openStores, restoreStores, type Stores, type StoresAddress, type Write } from './index.ts';

const { folder, remove } = scratchFolder();
let clickhouse: ClickHouseNode;
let postgres: PostgresServer;
before(async () => {
  [clickhouse, postgres] = await Promise.all([
    startClickHouse(join(folder, 'clickhouse')),
    startPostgres(join(folder, 'postgres')),
  ]);
});
after(async () => {
  await clickhouse.kill();
  await postgres.kill();
  remove();
});

const options = { ...testStoresOptions, demo: false };
const embedded = (name: string): StoresAddress => embeddedAddress(join(folder, name));
/** The same, with empty records that were made beforehand: making them takes seconds. */
async function laid(name: string): Promise<StoresAddress> {
  await layRecords(join(folder, name, 'records'));
  return embedded(name);
}
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
    await addOverrule(records, {
      ...{ urn: number, year: 201_819, receipt: 1, suggestion: 'forecast', other_urn: null },
      suggested: odd,
      ...{ because: 'closure', shock_year: 201_718, reason: odd, person, role: 'head' },
      ...{ scope: String(number), by_operator: false, at },
    });
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
  let was: Awaited<ReturnType<typeof everyRow>>;
  let said: Awaited<ReturnType<typeof figures>>;

  before(async () => {
    const stores = await openStores(await laid('from'), options);
    const england = makeEngland({ schools: 150, seed: 'demo' });
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
    was = await everyRow(from, stores);
    assert.ok(said.issued.length > 100 && said.counting.length > 10);
    await stores.close();
  });

  /** Opens it where nothing is, looks at every row and every figure, and writes a second backup from there. */
  async function same(
    to: StoresAddress,
    again: string,
    andThen = async (_stores: Stores) => {},
  ): Promise<void> {
    const { stores, madeAt } = await restoreStores(to, file, options);
    try {
      assert.deepEqual(madeAt, testClock());
      assert.deepEqual(await everyRow(to, stores), was);
      assert.deepEqual(await figures(stores), said);
      assert.equal(said.trail.whole, true);
      assert.deepEqual(await stores.records.selectFrom('sessions').selectAll().execute(), []);
      if (to.records.kind === 'embedded') {
        await assert.rejects(restoreStores(to, file, options), refusal('store-held', /is in use/));
      }
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
      await andThen(stores);
    } finally {
      await stores.close();
    }
  }

  test('holds every row that committed, and restores every figure, and the ground on which they come out the same again', async () => {
    await same(await laid('to'), join(folder, 'again.tar'), async (stores) => {
      await issueTargets(stores, { year: demoYear, visitKm: 40 });
      assert.deepEqual(
        withoutReceipt(await stores.read(everythingIssued, {}, { kind: 'targets' })),
        withoutReceipt(said.issued),
      );
    });
  });

  test('of a folder is restored to servers, and of servers to a folder', async () => {
    const onServers = join(folder, 'servers.tar');
    await same(await servers('restored'), onServers);
    const to = await laid('back');
    const { stores } = await restoreStores(to, onServers, options);
    assert.deepEqual(await everyRow(to, stores), was);
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
    const to = await servers('full');
    const rows = async () => {
      const stores = await openStores(to, options);
      const found = await everyRow(to, stores);
      await stores.close();
      return found;
    };
    const stores = await openStores(to, options);
    await leaveTraces(stores, 1);
    await stores.write((write) => bring(write, 'odd', 2));
    await stores.close();
    const before = await rows();
    await assert.rejects(restoreStores(to, file, options), refusal('store-held', /has records/));
    assert.deepEqual(await rows(), before);

    const halfEmpty = { ...(await servers('other_records')), warehouse: to.warehouse };
    await assert.rejects(
      restoreStores(halfEmpty, file, options),
      refusal('store-held', /empty stores only/),
    );
    assert.deepEqual(await rows(), before);
  });

  test('of the demo and of real data are not restored into each other', async () => {
    await assert.rejects(
      restoreStores(embedded('nothing'), file, { ...options, demo: true }),
      refusal('bad-input', /real data, which never meets the demo/),
    );
    assert.equal(existsSync(join(folder, 'nothing')), false);
  });

  for (const [place, addressOf] of Object.entries({
    folder: () => laid('interrupted'),
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
        // What was made is removed, and what was there stays.
        assert.deepEqual(readdirSync(join(folder, 'interrupted')), ['owner.lock', 'records']);
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
      assert.deepEqual(await everyRow(to, stores), was);
      await stores.close();
    });
  }
});

function withoutReceipt<Row extends object>(rows: Row[]) {
  return rows.map((row) => ({ ...row, receipt: 0 }));
}

test('a backup made while others write holds each write whole, or nothing of it', async () => {
  const stores = await openStores(await laid('busy'), options);
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
      await everyRow(to, restored.stores);
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
  const found = await everyRow(to, stores);
  assert.equal(found['records/receipts']?.length, 1);
  assert.deepEqual(found['records/pupils'], []);
  await stores.close();
  await assert.rejects(restoreStores(to, file, options), refusal('store-held', /newer version/));
});

test('a place where no file can be written is refused, and nothing of it stays', async () => {
  const stores = await openStores(await servers('unwritable'), options);
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
