import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ClickHouseNode, startClickHouse } from '../../src/testing/clickhouse.ts';
import { type PostgresServer, startPostgres } from '../../src/testing/postgres.ts';
import {
  killGroup,
  rollcall,
  run,
  type Started,
  siteOf,
  start,
} from '../../src/testing/process.ts';
import { scratchFolder } from '../../src/testing/stores.ts';

const { folder, remove } = scratchFolder();
let clickhouse: ClickHouseNode;
let postgres: PostgresServer;
let site: Started;
let address: string;
let env: Record<string, string>;

before(async () => {
  clickhouse = await startClickHouse(join(folder, 'clickhouse'));
  postgres = await startPostgres(join(folder, 'postgres'));
  env = {
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

test('a backup of the running site is restored into an empty folder', async () => {
  const file = join(folder, 'backup.tar');
  const made = await run(rollcall, ['stores', 'backup', '--out', file], { env });
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /rows written to .*backup\.tar/);
  const elsewhere = { ROLLCALL_DATA: join(folder, 'elsewhere') };
  const restored = await run(rollcall, ['stores', 'restore', file], { env: elsewhere });
  assert.equal(restored.code, 0, restored.stderr);
  assert.match(restored.stdout, /rows restored as of /);
  const again = await run(rollcall, ['stores', 'restore', file], { env: elsewhere });
  assert.equal(again.code, 1);
  assert.match(again.stderr, /empty stores only/);
  assert.equal(again.stderr.trim().split('\n').length, 1);
  const verified = await run(rollcall, ['audit', 'verify'], { env: elsewhere });
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
});
