import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Refusal } from './base/problem.ts';
import { readConfig, settingsMarkdown } from './config.ts';

test('without any setting both stores are in the process, under ./data', () => {
  const config = readConfig({}, { demo: false });
  assert.equal(config.port, 3000);
  assert.equal(config.stores.warehouse.kind, 'embedded');
  assert.match((config.stores.records as { folder: string }).folder, /\/data\/records$/);
});

test('a command finds the same data from whatever folder it is typed in', () => {
  const checkout = fileURLToPath(new URL('..', import.meta.url));
  const here = process.cwd();
  process.chdir('/');
  try {
    assert.equal(readConfig({}, { demo: false }).dataFolder, join(checkout, 'data'));
    assert.equal(readConfig({ ROLLCALL_DATA: 'x' }, { demo: false }).dataFolder, '/x');
  } finally {
    process.chdir(here);
  }
});

test('the demo has its own stores, whatever else is set', () => {
  const config = readConfig({ ROLLCALL_RECORDS: 'postgres://real.example/db' }, { demo: true });
  assert.match((config.stores.records as { folder: string }).folder, /\/data\/demo\/records$/);
});

test('a setting that cannot be is refused in one sentence that says what it is', () => {
  for (const environment of [
    { ROLLCALL_PORT: '80a' },
    { ROLLCALL_PORT: '70000' },
    { ROLLCALL_WAREHOUSE: 'mysql://x' },
    { ROLLCALL_RECORDS: './data' },
  ]) {
    assert.throws(
      () => readConfig(environment, { demo: false }),
      (error) => error instanceof Refusal && error.message.startsWith(Object.keys(environment)[0]!),
    );
  }
});

test('docs/settings.md is what the code says (npm run docs writes it)', () => {
  assert.equal(
    readFileSync(new URL('../docs/settings.md', import.meta.url), 'utf8'),
    settingsMarkdown(),
  );
});
