import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dayInEngland, systemClock } from '../../src/base/clock.ts';
import { castChildren } from '../../src/demo/index.ts';
import { lockFolder } from '../../src/stores/index.ts';
import { childrenTold } from '../../src/testing/children.ts';
import { layDemo } from '../../src/testing/demo.ts';
import {
  freePort,
  killGroup,
  linesOf,
  rollcall,
  run,
  type Started,
  siteOf,
  start,
} from '../../src/testing/process.ts';
import { scratchFolder } from '../../src/testing/stores.ts';

const { folder: scratch, remove } = scratchFolder();
const started: Started[] = [];
const first = join(scratch, 'first');

after(async () => {
  await Promise.all(started.map((each) => killGroup(each)));
  remove();
});

function serve(data: string, env: Record<string, string> = {}): Started {
  const settings = { ROLLCALL_DATA: data, ROLLCALL_PORT: '0', ...env };
  const site = start(rollcall, ['serve', '--demo'], { env: settings, ownGroup: true });
  started.push(site);
  return site;
}

const show = (data: string) =>
  run(rollcall, ['targets', 'show', '--demo', '--urn', '900001', '--json'], {
    env: { ROLLCALL_DATA: data },
  });

function copyOfFirst(name: string): string {
  const copy = join(scratch, name);
  cpSync(first, copy, { recursive: true });
  return copy;
}

let expected: string;

before(async () => {
  const stdout = await layDemo(first);
  for (const words of [
    'Opening the stores',
    'Making up an England',
    'Importing',
    'Working out',
    'Checking how well',
    '/demo:',
    'The head of Lanternfield High School (made-up): ',
    'The chief executive of',
    'An attendance officer of',
    'An inspector in',
    'A parent, or anyone',
  ]) {
    assert.ok(stdout.includes(words), `the first start does not say “${words}”`);
  }
  assert.deepEqual(childrenTold(castChildren(dayInEngland(systemClock())))(stdout), []);
  assert.deepEqual(readdirSync(join(first, 'demo')).sort(), ['owner.lock', 'records', 'warehouse']);
  ({ stdout: expected } = await show(first));
  assert.match(expected, /Lanternfield/);
});

test('a second start finds the demo as it was, and Ctrl-C twice at once still ends it cleanly', async () => {
  const site = serve(first);
  const address = await siteOf(site);
  assert.match(await (await fetch(`${address}/methods`)).text(), /Back-test|back-test/);
  site.process.kill('SIGINT');
  site.process.kill('SIGINT');
  const { code, stdout } = await site.ended;
  assert.equal(code, 0);
  assert.ok(!stdout.includes('Making up'));
  assert.ok(!existsSync(join(first, 'demo', 'rollcall.sock')));
  assert.equal((await show(first)).stdout, expected);
});

test('a site that was killed starts again', async () => {
  const data = copyOfFirst('killed');
  const killed = serve(data);
  await siteOf(killed);
  await killGroup(killed);
  assert.ok(existsSync(join(data, 'demo', 'rollcall.sock')), 'the kill left its socket');
  const again = serve(data);
  assert.equal((await fetch(await siteOf(again))).status, 200);
  assert.equal((await show(data)).stdout, expected);
  again.process.kill('SIGTERM');
  assert.equal((await again.ended).code, 0);
});

test('a demo that was killed while it was made, or stopped with Ctrl-C, goes on at the next start and is whole', async () => {
  const data = join(scratch, 'half');
  const kill = async (step: string) => {
    const site = serve(data);
    await site.says(step);
    await killGroup(site);
  };
  const interrupt = async (step: string) => {
    const site = serve(data);
    await site.says(step);
    site.process.kill('SIGINT');
    const { code, stderr, stdout } = await site.ended;
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /Stopped before it was ready/);
  };
  await interrupt('Opening');
  for (const step of ['Opening', 'Making up', 'Importing', 'Writing']) await kill(step);
  await interrupt('Working out');
  await kill('Checking');
  await siteOf(serve(data));
  assert.equal((await show(data)).stdout, expected);
  assert.ok(!existsSync(join(data, 'demo', 'made-up')), 'the made-up files are left');
  const seeded = await run(rollcall, ['seed', '--demo'], { env: { ROLLCALL_DATA: data } });
  assert.deepEqual([seeded.code, seeded.stderr], [0, '']);
  assert.equal((await show(data)).stdout, expected, 'seeded again it is the same');
});

/** One clear line on stderr, exit 1, and no folder made. */
async function refused(site: Started, says: RegExp): Promise<void> {
  const { code, stderr } = await site.ended;
  assert.equal(linesOf(stderr).length, 1, stderr);
  assert.match(stderr, says);
  assert.equal(code, 1);
}

test('a port in use is one clear line, and nothing is made', async () => {
  const port = await freePort();
  const other = createServer().listen(port, '127.0.0.1');
  const data = join(scratch, 'port');
  await refused(
    serve(data, { ROLLCALL_PORT: String(port) }),
    new RegExp(
      `^Port ${port} is in use by another program\\. Stop it, or choose another port: put ROLLCALL_PORT=${port + 1} before the same command\\.$`,
      'm',
    ),
  );
  assert.ok(!existsSync(data));
  other.close();
});

test('a folder that cannot be written is one clear line', async () => {
  writeFileSync(join(scratch, 'a file'), '');
  const data = join(scratch, 'a file', 'data');
  await refused(serve(data), /^The data folder .*a file.* cannot be written \(.*ROLLCALL_DATA\.$/m);
});

test('a folder of somebody else is one clear line', {
  skip: process.getuid?.() === 0 && 'to root every folder can be written',
}, async () => {
  const data = join(scratch, 'read only');
  mkdirSync(data, { mode: 0o500 });
  await refused(serve(data), /^The data folder .* cannot be written \(.*ROLLCALL_DATA\.$/m);
  assert.deepEqual(readdirSync(data), []);
});

test('a store that another process holds is one clear line that names it', async () => {
  const data = join(scratch, 'held');
  const lock = lockFolder(join(data, 'demo'), {
    pid: process.pid,
    doing: 'a test',
    since: '2026-11-22T09:00:00Z',
  });
  await refused(
    serve(data),
    new RegExp(`is in use by process ${process.pid} \\(a test, since 2026-11-22T09:00:00Z\\)`),
  );
  lock.release();
  assert.deepEqual(readdirSync(join(data, 'demo')), ['owner.lock']);
});

test('a setting that cannot be is one clear line', async () => {
  const data = join(scratch, 'setting');
  await refused(serve(data, { ROLLCALL_PORT: '80a' }), /^ROLLCALL_PORT is “80a”/);
  assert.ok(!existsSync(data));
});

test('serving the same folder again is one clear line', async () => {
  const data = copyOfFirst('twice');
  await siteOf(serve(data));
  await refused(serve(data), /^Rollcall is already served from .*twice/);
});

test('of two npm start at once one serves, and the other says in one line why it does not', async () => {
  const data = copyOfFirst('two');
  const env = { ROLLCALL_DATA: data, ROLLCALL_PORT: String(await freePort()) };
  const both = [0, 1].map(() => start('npm', ['start'], { env, ownGroup: true }));
  started.push(...both);
  const serving = both.map(async (each) => {
    await siteOf(each);
    return each;
  });
  const winner = await Promise.any(serving);
  const loser = await both.find((each) => each !== winner)?.ended;
  await Promise.allSettled(serving);
  assert.ok(loser);
  assert.notEqual(loser.code, 0);
  assert.match(loser.stderr, /is in use|is already served/);
  assert.deepEqual(
    linesOf(loser.stderr).filter((line) => !line.startsWith('npm ')).length,
    1,
    loser.stderr,
  );
  winner.process.kill('SIGTERM'); // npm passes it on
  await winner.ended;
  assert.equal((await show(data)).stdout, expected);
});
