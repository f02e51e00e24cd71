import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTestStores } from '../testing/stores.ts';
import { importFiles } from './import.ts';
import { reconcile } from './reconcile.ts';

const data = join(import.meta.dirname, '../../../shared/data/dfe-school-absence');

test('the schools add up to all 3,882 published rows, to the session', {
  skip: existsSync(data) ? false : `the published files are not here (${data})`,
}, async () => {
  const { stores, close } = await openTestStores();
  try {
    await importFiles(
      stores,
      readdirSync(data).map((file) => join(data, file)),
    );
    const began = performance.now();
    const { publishedRows, equalRows, counts } = await reconcile(stores);
    assert.ok(performance.now() - began < 5000);
    assert.deepEqual([publishedRows, equalRows, counts.length], [3882, 3882, 3882 * 27]);
  } finally {
    await close();
  }
});
