import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { verifyAudit } from '../../src/audit/verify.ts';
import { auditEntriesAfter, correctionsOf } from '../../src/records/index.ts';
import type { StoresAddress } from '../../src/stores/index.ts';
import { type ClickHouseNode, startClickHouse } from '../../src/testing/clickhouse.ts';
import { type PostgresServer, startPostgres } from '../../src/testing/postgres.ts';
import {
  killGroup,
  rollcall,
  run,
  type Started,
  siteOf,
  start,
  until,
} from '../../src/testing/process.ts';
import { scratchFolder } from '../../src/testing/stores.ts';
import { openAttackedSite } from '../attacks/site.fixture.ts';

const { folder, remove } = scratchFolder();
let clickhouse: ClickHouseNode;
let postgres: PostgresServer;
let site: Started;
let address: string;

before(async () => {
  [clickhouse, postgres] = await Promise.all([
    startClickHouse(join(folder, 'clickhouse')),
    startPostgres(join(folder, 'postgres')),
  ]);
  const env = {
    ROLLCALL_DATA: join(folder, 'data'),
    ROLLCALL_PORT: '0',
    ROLLCALL_WAREHOUSE: await clickhouse.createDatabase('site'),
    ROLLCALL_RECORDS: await postgres.createDatabase('site'),
  };
  const files = join(folder, 'england');
  const made = await run(rollcall, ['seed', '--schools', '60', '--seed', '1', '--out', files], {
    env,
  });
  assert.equal(made.code, 0, made.stderr);
  site = start(rollcall, ['serve'], { env, ownGroup: true });
  address = await siteOf(site);
});
after(async () => {
  if (site) await killGroup(site);
  await clickhouse.kill();
  await postgres.kill();
  remove();
});

const pages = ['/', '/schools', '/data-sources', '/api/v1/schools'];

for (const [name, serverOf] of Object.entries({
  records: () => postgres,
  warehouse: () => clickhouse,
})) {
  test(`while the ${name} are away a page says that it is not ready, and afterwards it is there again`, async () => {
    const before = await Promise.all(pages.map((page) => fetch(address + page)));
    assert.ok(before.every(({ status }) => status < 500));
    await serverOf().kill();
    const seen: number[] = [];
    for (const page of pages) {
      const since = performance.now();
      const answer = await fetch(address + page);
      assert.ok(performance.now() - since < 5000, `${page} is refused at once`);
      seen.push(answer.status);
      const text = await answer.text();
      assert.doesNotMatch(text, /p%40ss|p@ss|node:internal/);
      assert.notEqual(answer.status, 500, `${page}: ${text.slice(0, 2000)}`);
    }
    assert.ok(name === 'warehouse' || seen.includes(503));
    await serverOf().start();
    for (const [at, page] of pages.entries()) {
      assert.equal((await fetch(address + page)).status, before[at]?.status, page);
    }
    assert.equal(site.process.exitCode, null, 'it is the same process');
  });
}

test('what people read and wrote while both servers came and went is there, as far as they were told so', async () => {
  const on: StoresAddress = {
    warehouse: { kind: 'server', url: await clickhouse.createDatabase('people') },
    records: { kind: 'server', url: await postgres.createDatabase('people') },
  };
  const open = await openAttackedSite({ on });
  try {
    const running = await open.run();
    const [parent, head] = [await running.signIn('parent'), await running.signIn('head')];
    const pupil = open.cast.pupils.get('elderSibling') as number;
    const entries = async (action: string) => {
      const all = await auditEntriesAfter(open.stores.records, 0, 100_000);
      return all.filter((each) => each.action === action && each.subject_id === String(pupil))
        .length;
    };
    const before = { read: await entries('read'), changed: await entries('changed') };

    // Several at once, so that a server goes away in the middle of some.
    const wishes = Array.from({ length: 6 }, (_, stream) => {
      const ask = async (number: number) => {
        const wanted = wishOf(stream, number);
        const form = { field: 'forename', wanted, because: 'It is written so.' };
        return (await parent.post(`/pupils/${pupil}/corrections`, form)).status;
      };
      return streamOf(ask);
    });
    const looks = streamOf(async () => (await head.get(`/pupils/${pupil}`)).status);
    const streams = [looks, ...wishes];
    const allGoOn = async () => {
      const done = streams.map((each) => each.done());
      await until(async () => streams.every((each, at) => each.done() > (done[at] ?? 0) + 1));
    };
    for (const server of [postgres, clickhouse, postgres, postgres, clickhouse, postgres]) {
      await allGoOn();
      await server.kill();
      if (server === postgres) await until(async () => looks.now() === 503);
      await server.start();
    }
    await allGoOn();
    await Promise.all(streams.map((each) => each.stop()));

    assert.deepEqual(new Set(streams.flatMap((each) => each.statuses())), new Set([200, 303, 503]));
    assert.deepEqual(open.faults, []);
    const kept = (await correctionsOf(open.stores.records, pupil)).map(({ wanted }) => wanted);
    assert.equal(new Set(kept).size, kept.length, 'none is there twice');
    for (const [stream, each] of wishes.entries()) {
      for (const number of each.told(303)) assert.ok(kept.includes(wishOf(stream, number)));
    }
    assert.ok((await entries('read')) - before.read >= looks.done());
    const wished = kept.filter((each) => each?.startsWith('Wish ')).length;
    assert.ok((await entries('changed')) - before.changed >= wished);
    const trail = await verifyAudit(open.stores.records, await open.stores.anchors.all());
    assert.equal(trail.whole, true);
  } finally {
    await open.close();
  }
});

const wishOf = (stream: number, number: number) => `Wish ${stream} of ${number}`;

/** Asks one after the other until it is stopped; which number was told which status. */
function streamOf(ask: (number: number) => Promise<number>) {
  const statuses: number[] = [];
  const until = { stopped: false };
  const ended = (async () => {
    while (!until.stopped) statuses.push(await ask(statuses.length));
  })();
  return {
    statuses: () => statuses,
    now: () => statuses.at(-1),
    done: () => statuses.filter((status) => status < 400).length,
    told: (status: number) => statuses.flatMap((each, number) => (each === status ? number : [])),
    async stop() {
      until.stopped = true;
      await ended;
    },
  };
}
