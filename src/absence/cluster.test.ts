import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from '../testing/chance.ts';
import { type ClickHouseCluster, startClickHouseCluster } from '../testing/clickhouse.ts';
import { startPostgres } from '../testing/postgres.ts';
import { openStores } from '../stores/index.ts';
import { scratchFolder, testClock, testStoresOptions } from '../testing/stores.ts';
import {
  connectWarehouse,
  migrateWarehouse,
  migrations,
  type Warehouse,
} from '../warehouse/index.ts';
import { countingOf, registerSchools } from './absence.sql.ts';
import { parametersOf } from './count.ts';
import { grounds, layGround, layMarks, questions } from './ground.fixture.ts';
import { bringUp, keepUp } from './keepUp.ts';
import { byUrn } from './places.ts';
import { levels, type Question } from './question.ts';
import { keptQuestion, type Read, keptAnswer } from './keptAnswer.ts';
import { countingYear } from './windows.ts';

/*
 * A real cluster of two shards with two replicas says what the embedded engine says of the same registers, from marks,
 * from weeks and from what is kept, and goes on saying it when a replica is killed.
 */

const { folder, remove } = scratchFolder();
let cluster: ClickHouseCluster;
let engines: Warehouse[];
before(async () => {
  cluster = await startClickHouseCluster(join(folder, 'cluster'), { shards: 2, replicas: 2 });
  const limits = { maxExecutionSeconds: 60 };
  engines = [
    connectWarehouse({ kind: 'embedded', folder: join(folder, 'embedded') }, limits),
    connectWarehouse({ kind: 'server', url: await cluster.createDatabase('absence') }, limits),
  ];
  for (const engine of engines) await migrateWarehouse(engine, migrations, testClock);
});
after(async () => {
  for (const engine of engines ?? []) await engine.close();
  await cluster?.kill();
  remove();
});

const total = (level: Question['level']): Question => ({
  ...{ level, by: [], series: 'daily', year: 202324, time: 'year', asKnownOn: null, urns: [] },
  ...countingYear(202324),
});

async function answers(engine: Warehouse, receipts: number[], asked: readonly Question[]) {
  const found: unknown[][] = [];
  const places = byUrn(await engine.query(registerSchools, { receipts }));
  for (const question of [...levels.map(total), ...asked]) {
    const parameters = { ...parametersOf(question), receipts };
    found.push(await engine.query(countingOf(question).statement, parameters));
    const now = { ...question, asKnownOn: null };
    const { statement } = countingOf(now, { weeks: true });
    found.push(await engine.query(statement, { ...parametersOf(now), receipts }));
    const kept = keptQuestion(question);
    if (!kept) continue;
    const read: Read = (asked, given) => engine.query(asked, { ...given, receipts });
    found.push(await keptAnswer(kept, places, read));
  }
  return found;
}

test('two processes on the same servers bring the figures up one after the other: what one has done the other leaves', async () => {
  const postgres = await startPostgres(join(folder, 'postgres'));
  const address = {
    warehouse: { kind: 'server', url: await cluster.createDatabase('turns') },
    records: { kind: 'server', url: await postgres.createDatabase('turns') },
  } as const;
  const one = await openStores(address, testStoresOptions);
  const other = await openStores(address, testStoresOptions);
  try {
    await one.write(async ({ begin, warehouse }) => {
      const { id } = await begin({ kind: 'marks', scope: 'a', title: 'a', digest: '' });
      await layMarks(warehouse, [{ ...aMark, receipt: id }], 0);
    });
    const [here, there] = await Promise.all([keepUp(one), keepUp(other)]);
    assert.deepEqual([here.added, there.added].toSorted(), [0, 1]);
  } finally {
    await one.close();
    await other.close();
    await postgres.kill();
  }
});

const aMark = {
  ...{ urn: 900001, pupil: 1, date: '2023-09-04', session: 0, code: '/' },
  ...{ entered_at: '2023-09-04 09:00:00', entry: 0 },
};

test('a cluster counts as the embedded engine does, and still does after a replica is killed', async () => {
  const ground = fc
    .sample(grounds, { seed: 7, numRuns: 20 })
    .toSorted((one, other) => other.marks.length - one.marks.length)[0];
  const asked = fc.sample(questions, { seed: 8, numRuns: 4 });
  assert.ok(ground);
  let receipts: number[] = [];
  for (const engine of engines) {
    receipts = await layGround(engine, ground, 1000);
    await bringUp(
      engine,
      receipts.map((id) => ({ id, kind: 'marks' })),
    );
  }
  const [embedded, clustered] = engines as [Warehouse, Warehouse];
  const expected = await answers(embedded, receipts, asked);
  assert.ok(expected.flat().length >= 20, `only ${expected.flat().length} rows are compared`);
  assert.deepEqual(await answers(clustered, receipts, asked), expected);
  await cluster.shards[1]?.[0]?.kill();
  assert.deepEqual(await answers(clustered, receipts, asked), expected);
});
