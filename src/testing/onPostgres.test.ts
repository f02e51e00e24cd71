import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type PostgresServer, startPostgres } from './postgres.ts';
import { checkout, run } from './process.ts';
import { scratchFolder } from './stores.ts';

/*
 * The tests of what stands on the records run once more, as they are, on a real PostgreSQL server: what people, the trail
 * and children rest on is the same there as in the process. `ROLLCALL_TEST_POSTGRES=URL npm test` does so with any test.
 */
const suites = [
  'src/access/trail.test.ts',
  'src/signIn/signIn.test.ts',
  'src/signIn/administration.test.ts',
  'src/audit/audit.test.ts',
  'src/pupils/pupils.test.ts',
];

const { folder, remove } = scratchFolder();
let server: PostgresServer;
before(async () => {
  server = await startPostgres(join(folder, 'server'));
});
after(async () => {
  await server.kill();
  remove();
});

/** Runs test files in a process of their own, which takes its records from the server. */
function onServer(files: readonly string[]) {
  const words = ['--disable-warning=ExperimentalWarning', '--test', '--test-reporter=tap'];
  return run(process.execPath, [...words, '--test-concurrency=2', ...files], {
    env: { ROLLCALL_TEST_POSTGRES: server.url('postgres') },
  });
}

test('signing in, the trail and the pupils do the same on PostgreSQL as in the process', async () => {
  const { code, stdout } = await onServer(suites);
  assert.equal(code, 0, `${failed(stdout)}\n${stdout.slice(-2000)}`);
  const [, passed = '0'] = /^# pass (\d+)$/m.exec(stdout) ?? [];
  assert.ok(Number(passed) > 50, `${passed} tests passed`);
  const databases = await server.databases();
  assert.ok(databases.length >= suites.length, 'they used the server');
});

function failed(tap: string): string {
  return tap
    .split('\n')
    .filter((line) => line.trim().startsWith('not ok'))
    .join('\n');
}

test('a test that fails there is seen', async () => {
  const planted = join(checkout, 'src/testing/planted.fixture.ts');
  const { code, stdout } = await onServer([planted]);
  assert.equal(code, 1);
  assert.match(stdout, /not ok .* fails on a server alone/);
});
