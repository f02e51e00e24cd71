import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ClickHouseNode, startClickHouse } from '../testing/clickhouse.ts';
import { scratchFolder } from '../testing/stores.ts';
import { connectWarehouse, statement, type WarehouseAddress } from './index.ts';

const { folder, remove } = scratchFolder();
let node: ClickHouseNode;
before(async () => {
  node = await startClickHouse(join(folder, 'node'));
});
after(async () => {
  await node.kill();
  remove();
});

const table = statement<never>(
  'table',
  'CREATE TABLE IF NOT EXISTS kept (row UInt64, a String, b String) ENGINE = MergeTree ORDER BY row',
);
const arriving = statement<never>(
  'arriving',
  'CREATE TABLE IF NOT EXISTS kept_arriving (a String, b String) ENGINE = MergeTree ORDER BY tuple()',
);
const take = statement<never, { before: number }>(
  'take',
  `INSERT INTO kept SELECT {before:UInt64} + rowNumberInAllBlocks(), a, b FROM kept_arriving
   WHERE NOT throwIf(b = 'wrong') SETTINGS max_threads = 1`,
);
const kept = statement<{ row: number; a: string; b: string }>(
  'kept',
  'SELECT row, a, b FROM kept ORDER BY row',
);

const engines: Record<string, () => Promise<WarehouseAddress>> = {
  chDB: async () => ({ kind: 'embedded', folder: join(folder, 'embedded') }),
  'ClickHouse over HTTP': async () => ({ kind: 'server', url: await node.createDatabase('files') }),
};

for (const [engine, addressOf] of Object.entries(engines)) {
  test(`${engine} reads a file in a table’s place, in the order of its lines; one that it cannot read is told by that alone`, async () => {
    const warehouse = connectWarehouse(await addressOf(), { maxExecutionSeconds: 30 });
    try {
      await warehouse.run(table, {});
      await warehouse.run(arriving, {});
      const load = (text: string, format: 'CSV' | 'TabSeparated') => {
        const path = join(folder, "a file's name");
        writeFileSync(path, text);
        return warehouse.load(take, { before: 1 }, { path, format, columns: ['b', 'a'] });
      };
      assert.equal(await load('x,\\\r\ny,2\n', 'CSV'), true);
      assert.deepEqual(await warehouse.query(kept, {}), [
        { row: 1, a: '\\', b: 'x' },
        { row: 2, a: '2', b: 'y' },
      ]);
      assert.equal(await load('x\t1\t2\n', 'TabSeparated'), false, 'too many columns');
      assert.equal(await load('x,1\nwrong,2\n', 'CSV'), false, 'the statement itself said no');
      assert.equal((await warehouse.query(kept, {})).length, 2, 'nothing of either was stored');
    } finally {
      await warehouse.close();
    }
  });
}
