import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeEngland, saveEngland } from '../../src/demo/index.ts';
import { importFiles } from '../../src/publications/index.ts';
import { openStores } from '../../src/stores/index.ts';
import { type ClickHouseNode, startClickHouse } from '../../src/testing/clickhouse.ts';
import { type PostgresServer, startPostgres } from '../../src/testing/postgres.ts';
import {
  killGroup,
  rollcall,
  siteOf,
  start,
  type Started,
  until,
} from '../../src/testing/process.ts';
import { scratchFolder, testStoresOptions } from '../../src/testing/stores.ts';

/*
 * A real site on real servers that is asked more than it can answer: the warehouse holds still, so that every page that
 * needs it waits.
 */

const atOnce = 20;
const token = 'tk-4Hq9-zW2m-8RbX-c7Lp-05';
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
  const [warehouse, records] = [
    await clickhouse.createDatabase('site'),
    await postgres.createDatabase('site'),
  ];
  const stores = await openStores(
    { warehouse: { kind: 'server', url: warehouse }, records: { kind: 'server', url: records } },
    testStoresOptions,
  );
  const england = makeEngland({ schools: 12, seed: 'overload' });
  await importFiles(stores, await saveEngland(england, join(folder, 'england')));
  await stores.close();
  const env = {
    ...{ ROLLCALL_DATA: join(folder, 'data'), ROLLCALL_PORT: '0' },
    ...{ ROLLCALL_WAREHOUSE: warehouse, ROLLCALL_RECORDS: records },
    ...{ ROLLCALL_AT_ONCE: String(atOnce), ROLLCALL_METRICS_TOKEN: token },
    ROLLCALL_DELAY_MILLISECONDS: '60000', // what is turned away for that is in busy.test.ts
  };
  site = start(rollcall, ['serve', '--as', 'school:900001'], { env, ownGroup: true });
  address = await siteOf(site);
});
after(async () => {
  clickhouse?.resume();
  if (site) await killGroup(site);
  await clickhouse?.kill();
  await postgres?.kill();
  remove();
});

/** What of them asks the warehouse each time: the school’s own expectation. */
const slowPage = '/schools/900001';
const slowApi = '/api/v1/schools/900001/expectation';

type Got = { status: number; milliseconds: number; retryAfter: string | null; text: string };

async function get(path: string): Promise<Got> {
  const since = performance.now();
  const answer = await fetch(address + path);
  const text = await answer.text();
  const retryAfter = answer.headers.get('retry-after');
  return { status: answer.status, milliseconds: performance.now() - since, retryAfter, text };
}

const metric = (text: string, name: string) => {
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
};
const metrics = async () => (await get('/metrics')).text;

test('more than it can answer at once is turned away within a moment, and all is well afterwards', async () => {
  assert.equal((await get(slowPage)).status, 200);
  const { status: usual } = await get(slowApi);
  clickhouse.pause();
  const accepted = Array.from({ length: atOnce }, () => get(slowApi));
  await until(async () => metric(await metrics(), 'rollcall_requests_under_way') === atOnce);

  const excess = await Promise.all(
    Array.from({ length: 60 }, (_, number) => get(number % 2 === 0 ? slowPage : slowApi)),
  );
  for (const { status, retryAfter, text, milliseconds } of excess) {
    assert.equal(status, 503);
    assert.equal(retryAfter, '5');
    assert.match(text, /More people are asking than can be answered at once/);
    assert.ok(milliseconds < 3000, `${milliseconds} ms`);
  }
  const alive = await get('/healthz');
  assert.deepEqual([alive.status, alive.text], [200, 'alive\n']);
  assert.ok(alive.milliseconds < 1000);

  clickhouse.resume();
  for (const { status } of await Promise.all(accepted)) assert.equal(status, usual);
  const again = await Promise.all(Array.from({ length: atOnce }, () => get(slowPage)));
  assert.deepEqual(new Set(again.map(({ status }) => status)), new Set([200]));
  const text = await metrics();
  assert.equal(metric(text, 'rollcall_turned_away_total{why="too many at once"}'), 60);
  assert.equal(metric(text, 'rollcall_requests_under_way'), 0);
});

const states: Record<string, { away(): unknown; back(): unknown; store: string }> = {
  'the warehouse holds still': {
    store: 'warehouse',
    away: () => clickhouse.pause(),
    back: () => clickhouse.resume(),
  },
  'the warehouse is gone': {
    store: 'warehouse',
    away: () => clickhouse.kill(),
    back: () => clickhouse.start(),
  },
  'the records are gone': {
    store: 'records',
    away: () => postgres.kill(),
    back: () => postgres.start(),
  },
};

for (const [what, { store, away, back }] of Object.entries(states)) {
  test(`while ${what} it is alive and not ready, and is ready again by itself`, async () => {
    const ready = () => get('/readyz');
    assert.deepEqual([(await ready()).status, (await ready()).text], [200, 'ready\n']);
    await away();
    const asked = await Promise.all([ready(), ready(), ready()]);
    for (const { status, text, retryAfter, milliseconds } of asked) {
      assert.deepEqual([status, text, retryAfter], [503, 'not ready\n', '5']);
      assert.ok(milliseconds < 5000, `${milliseconds} ms`);
    }
    assert.equal((await get('/healthz')).status, 200);
    assert.equal(metric(await metrics(), `rollcall_store_up{store="${store}"}`), 0);
    await back();
    await until(async () => (await ready()).status === 200);
    assert.equal(metric(await metrics(), `rollcall_store_up{store="${store}"}`), 1);
    assert.equal((await get(slowPage)).status, 200);
  });
}

/** One line of Prometheus' text format: a comment, or a name with labels and a number. */
const line =
  /^(# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|histogram|summary))|[a-z_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? (NaN|[+-]Inf|-?[\d.]+(e[+-]?\d+)?))$/;

test('the metrics are Prometheus text with counts and times by route, and no number of anybody', async () => {
  for (const path of [
    '/pupils/77',
    '/pupils/77?upn=A123456789012',
    '/no/such/900001',
    '/who-can-see?page=/pupils/78',
  ]) {
    await get(path);
  }
  const answer = await fetch(`${address}/metrics`);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  for (const each of text.trim().split('\n').filter(Boolean)) assert.match(each, line);
  assert.ok((metric(text, 'rollcall_request_seconds_count{route="/schools/:urn"}') ?? 0) > atOnce);
  assert.match(
    text,
    /^rollcall_requests_total\{route="\/pupils\/:id",method="GET",status="403"\} 2$/m,
  );
  assert.match(text, /^rollcall_requests_total\{route="none",method="GET",status="404"\} 1$/m);
  assert.match(text, /^rollcall_request_seconds_bucket\{le="0\.1",route="\/schools\/:urn"\} \d+$/m);
  const routes = [...text.matchAll(/route="([^"]*)"/g)].map(([, route = '']) => route);
  assert.deepEqual(
    routes.filter((route) => /\d/.test(route.replace('/api/v1/', ''))),
    [],
  );
  const labels = [...text.matchAll(/\{([^}]*)\}/g)].map(([, label]) => label).join('\n');
  assert.doesNotMatch(labels, /900001|77|78|A123456789012/);
  assert.doesNotMatch(text, /A123456789012/);
});

test('metrics are for this machine and for who has the token; everybody else is told nothing', async () => {
  const ask = async (headers: Record<string, string>) => {
    const answer = await fetch(`${address}/metrics`, { headers });
    return [answer.status, (await answer.text()).includes('rollcall_requests_total')];
  };
  const proxied = { 'x-forwarded-for': '198.51.100.7' };
  assert.deepEqual(await ask({}), [200, true]);
  assert.deepEqual(await ask(proxied), [404, false]);
  assert.deepEqual(await ask({ 'x-real-ip': '198.51.100.7' }), [404, false]);
  assert.deepEqual(await ask({ ...proxied, authorization: `Bearer ${token}` }), [200, true]);
  for (const authorization of ['', 'Bearer', `Bearer ${token}0`, `bearer ${token}`, token]) {
    assert.deepEqual(await ask({ ...proxied, authorization }), [404, false]);
  }
  for (const path of ['/healthz', '/readyz']) {
    assert.equal((await fetch(address + path, { headers: proxied })).status, 200);
  }
  assert.equal(site.process.exitCode, null, 'it is the same process');
});
