import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { openTestRecords } from './stores.ts';

test('a planted fault that fails on a server alone', async () => {
  const { records, close } = await openTestRecords();
  try {
    const { rows } = await sql<{ client: string | null }>`
      SELECT inet_client_addr()::text AS client`.execute(records);
    assert.deepEqual(rows, [{ client: null }]);
  } finally {
    await close();
  }
});
