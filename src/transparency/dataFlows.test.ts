import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type DataFlow, dataClassNames, pupilData } from '../access/index.ts';
import { connectRecords, migrateRecords, type Records, tablesOfRecords } from '../records/index.ts';
import { embeddedAddress, layRecords, scratchFolder, testClock } from '../testing/stores.ts';
import {
  connectWarehouse,
  heldTables,
  migrateWarehouse,
  migrations,
  type Warehouse,
} from '../warehouse/index.ts';
import { dataFlows, dataFlowsDocument } from './dataFlows.ts';
import { documentMarkdown } from './markdown.ts';

const { folder, remove } = scratchFolder();
let records: Records;
let warehouse: Warehouse;
before(async () => {
  const address = embeddedAddress(folder);
  await layRecords(address.records.folder);
  records = await connectRecords(address.records);
  await migrateRecords(records);
  warehouse = connectWarehouse(address.warehouse, { maxExecutionSeconds: 30 });
  await migrateWarehouse(warehouse, migrations, testClock);
});
after(async () => {
  await warehouse.close();
  await records.destroy();
  remove();
});

/** Columns of the stores that no source claims, or more than one; and claims of what is not there. */
async function unclaimed(flows: readonly DataFlow[]): Promise<string[]> {
  const claimed = flows.flatMap(({ holds }) => [
    ...Object.entries(holds.records ?? {}).flatMap(([table, columns]) =>
      Object.keys(columns).map((column) => `records ${table}.${column}`),
    ),
    ...Object.keys(holds.warehouse ?? {}).map((table) => `warehouse ${table}`),
  ]);
  const there = [
    ...(await tablesOfRecords(records)).flatMap(({ table, columns }) =>
      columns.map((column) => `records ${table}.${column}`),
    ),
    ...(await heldTables(warehouse)).map((table) => `warehouse ${table}`),
  ];
  assert.ok(there.length > 100);
  return [
    ...there
      .filter((name) => !claimed.includes(name))
      .map((name) => `${name} is claimed by no source: describe it in the flows.ts of its folder`),
    ...claimed
      .filter((name) => !there.includes(name))
      .map((name) => `${name} is claimed, and not there`),
    ...claimed
      .filter((name, index) => claimed.indexOf(name) !== index)
      .map((name) => `${name} is claimed twice`),
  ];
}

test('every column of the records and every table of the warehouse is claimed by one source', async () => {
  assert.deepEqual(await unclaimed(dataFlows), []);
});

test('a table that no source claims is found, and one that is claimed twice', async () => {
  const without = dataFlows.filter(({ name }) => name !== 'keys');
  assert.ok(
    (await unclaimed(without)).some((fault) => fault.startsWith('records api_keys.key_hash')),
  );
  const twice = [...dataFlows, ...dataFlows.filter(({ name }) => name === 'trail')];
  assert.ok((await unclaimed(twice)).includes('warehouse audit_anchors is claimed twice'));
});

test('whoever holds data about somebody says on which basis, and what is left to confirm', () => {
  for (const { name, whose, basis, kept, comesFrom } of dataFlows) {
    assert.equal(basis !== null, whose !== null, name);
    assert.ok(basis === null || (basis.law.length > 0 && basis.toConfirm.length > 0), name);
    assert.ok(kept.length > 0 && comesFrom.length > 0, name);
  }
  assert.equal(new Set(dataFlows.map(({ name }) => name)).size, dataFlows.length);
});

test('every class of data about children has its source', () => {
  const described = new Set(dataFlows.flatMap(({ classes }) => classes));
  assert.deepEqual(
    pupilData.filter((data) => !described.has(data)),
    [],
  );
  // Choosing whom to be holds nothing.
  assert.deepEqual(
    dataClassNames.filter((data) => !described.has(data)),
    ['demonstration'],
  );
});

test('the page tells every source, its basis, and what the controller has to confirm', () => {
  const page = documentMarkdown(dataFlowsDocument());
  for (const { title, basis } of dataFlows) {
    assert.ok(page.includes(`## ${title}\n`), title);
    for (const each of basis?.toConfirm ?? []) assert.ok(page.includes(each), each);
  }
  assert.match(page, /To be confirmed by the controller/);
  assert.doesNotMatch(page, /undefined|\bnull\b|\[object/);
});
