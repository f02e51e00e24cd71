import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { derivedReceipts } from '../../src/absence/kept.sql.ts';
import { isKept } from '../../src/absence/keepUp.ts';
import type { Stores, StoresAddress } from '../../src/stores/index.ts';
import { openStores } from '../../src/stores/index.ts';
import { layDemo } from '../../src/testing/demo.ts';
import { everyRow } from '../../src/testing/everyRow.ts';
import {
  freePort,
  killGroup,
  rollcall,
  run,
  type Started,
  siteOf,
  start,
} from '../../src/testing/process.ts';
import { openDoors } from '../../src/testing/site.ts';
import { embeddedAddress, scratchFolder, testStoresOptions } from '../../src/testing/stores.ts';
import { routesOf } from '../../src/wiring.ts';
import { pathOf } from '../attacks/site.fixture.ts';

/* One command backs up the demo while it runs, one restores it into an empty folder, and nobody sees a difference. */

const { folder, remove } = scratchFolder();
const sites: Started[] = [];
after(async () => {
  for (const site of sites) await killGroup(site);
  remove();
});

const settingsOf = (place: string) => ({ ROLLCALL_DATA: join(folder, place) });
const type = (place: string, ...words: string[]) =>
  run(rollcall, [...words, '--demo'], { env: settingsOf(place) });

async function serve(place: string) {
  const env = {
    ...{ ...settingsOf(place), ROLLCALL_PORT: String(await freePort()) },
    // A machine that does much else makes a page wait for the backup.
    ...{ ROLLCALL_PAGE_SECONDS: '60', ROLLCALL_DELAY_MILLISECONDS: '60000' },
  };
  const site = start(rollcall, ['serve', '--demo'], { env, ownGroup: true });
  sites.push(site);
  return { site, address: await siteOf(site) };
}

const viewers = ['public', 'head:900001', 'authority:990'];

/** Every address that can be read, of every page and of the API. */
const routes = routesOf({
  ...{ stores: {} as Stores, directories: async () => assert.fail(), demo: true, signIn: [] },
  ...{ clock: openDoors.clock, trail: openDoors.trail },
}).filter(({ method }) => method === 'GET');

type Seen = Record<string, { status: number; text: string }>;

/** What everybody gets of every route; of the trail, which grows by being read, and of what holds it, just whether. */
async function crawl(address: string): Promise<Seen> {
  const seen: Seen = {};
  for (const viewer of viewers) {
    for (const route of routes) {
      const path = pathOf(route);
      const headers = { cookie: `rollcall_demo_viewer=${encodeURIComponent(viewer)}` };
      const answer = await fetch(address + path, { headers, redirect: 'manual' });
      const text = (await answer.text()).replaceAll(address.replace('127.0.0.1', 'localhost'), '');
      const { status } = answer;
      const grows = route.needs === 'audit' || route.exports === true;
      seen[`${viewer} ${path}`] = { status, text: grows ? '' : text };
    }
  }
  return seen;
}

async function within<Found>(
  place: string,
  look: (stores: Stores, address: StoresAddress) => Promise<Found>,
): Promise<Found> {
  const address = embeddedAddress(join(folder, place, 'demo'));
  const stores = await openStores(address, testStoresOptions);
  try {
    return await look(stores, address);
  } finally {
    await stores.close();
  }
}

const rowsIn = (place: string) => within(place, (stores, address) => everyRow(address, stores));

/** Whether the figures of areas are worked out of all registers that count. */
const areFiguresIn = (place: string) =>
  within(place, (stores) => isKept(stores, { level: 'la', urns: [] }));

/** As it is where a process ended between keeping registers and working out their figures. */
async function leaveFiguresBehind(stores: Stores): Promise<void> {
  const state = await stores.read(derivedReceipts, {});
  const version = 2 + Math.max(...state.map((each) => each.version));
  await stores.write(({ warehouse }) =>
    warehouse.append(
      'derived_receipts',
      ['derived_receipt', 'is_in', 'version'],
      state.map((each) => [each.derived_receipt, false, version]),
    ),
  );
}

test('a backup of the running demo, restored into an empty folder, shows everybody the same', async () => {
  await layDemo(join(folder, 'here'));
  const here = await serve('here');
  const file = join(folder, 'backup.tar');

  // Readers leave traces while it is made.
  const until = { stopped: false };
  let looks = 0;
  const reading = (async () => {
    const headers = { cookie: 'rollcall_demo_viewer=head%3A900001' };
    for (; !until.stopped; looks++) {
      assert.equal((await fetch(`${here.address}/schools/900001/pupils`, { headers })).status, 200);
      await pause(100);
    }
  })();
  const made = await type('here', 'stores', 'backup', '--out', file);
  until.stopped = true;
  await reading;
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /^[\d,]+ rows written to .*backup\.tar: [\d.]+ MB in [\d.]+ s\.$/m);
  assert.ok(looks > 0);

  const kept = readFileSync(file);
  const twice = await type('here', 'stores', 'backup', '--out', file);
  assert.deepEqual([twice.code, /add --replace/.test(twice.stderr)], [1, true], twice.stderr);
  assert.ok(readFileSync(file).equals(kept), 'it is left as it is');
  const replaced = await type('here', 'stores', 'backup', '--replace', '--out', file);
  assert.equal(replaced.code, 0, replaced.stderr);

  const running = await type('here', 'stores', 'restore', file);
  assert.match(running.stderr, /^A site is served from these stores\./);
  const asSomebody = await type('there', 'stores', 'restore', file, '--as', 'head:900001');
  assert.match(asSomebody.stderr, /is the operator’s/);
  assert.deepEqual([running.code, asSomebody.code], [1, 1]);
  assert.equal(readdirSync(folder).includes('there'), false, 'what is refused leaves nothing');

  const restored = await type('there', 'stores', 'restore', file);
  assert.equal(restored.code, 0, restored.stderr);
  assert.match(restored.stdout, /rows restored as of /);
  const again = await type('there', 'stores', 'restore', file);
  assert.deepEqual([again.code, again.stderr.trim().split('\n').length], [1, 1]);
  assert.match(again.stderr, /empty stores only/);

  assert.ok(await areFiguresIn('there'), 'as soon as it is restored');
  await within('there', leaveFiguresBehind);
  assert.equal(await areFiguresIn('there'), false);
  const there = await serve('there');
  const [was, is] = await Promise.all([crawl(here.address), crawl(there.address)]);
  assert.ok(Object.keys(was).length > 120, `${Object.keys(was).length} asked`);
  for (const [asked, { status }] of Object.entries(was)) assert.ok(status < 500, asked);
  assert.ok(Object.values(was).filter(({ status }) => status === 200).length > 50);
  for (const asked of Object.keys(was)) assert.deepEqual(is[asked], was[asked], asked);

  for (const { site } of [here, there]) {
    site.process.kill('SIGTERM');
    assert.equal((await site.ended).code, 0);
  }
  assert.ok(await areFiguresIn('there'), 'a start brings them up');
  const [rows, sameRows] = [await rowsIn('here'), await rowsIn('there')];
  const trail = 'records/audit_entries';
  const [entries, sameEntries] = [numbered(rows[trail]), numbered(sameRows[trail])];
  const restoredAt = sameEntries.findIndex((entry) => entry?.includes('restored'));
  assert.ok(restoredAt > 1);
  assert.deepEqual(sameEntries.slice(0, restoredAt), entries.slice(0, restoredAt));
  // From there on the trail goes on by itself in each place; all else stands still.
  for (const table of Object.keys(rows).filter((each) => !each.includes('/audit_'))) {
    assert.deepEqual(unmoved(sameRows[table]), unmoved(rows[table]), table);
  }
  for (const table of ['records/pupils', 'records/people', 'warehouse/issued_expectation']) {
    assert.ok(rows[table]?.length, table);
  }
  const verified = await type('there', 'audit', 'verify');
  assert.match(verified.stdout, /chain whole/, verified.stderr);
});

/** Without the address of the demo’s identity provider, which is another at each start. */
function unmoved(rows: string[] = []): string[] {
  return rows.map((row) => row.replace(/http:\/\/localhost:\d+/, '')).sort();
}

/** Entries of the trail, each in its place. */
function numbered(rows: string[] = []): string[] {
  const entries: string[] = [];
  for (const row of rows) entries[(JSON.parse(row) as { number: number }).number] = row;
  return entries;
}
