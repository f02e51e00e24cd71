import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { recordsEngines } from '../testing/recordsEngines.ts';
import { testClock } from '../testing/stores.ts';
import {
  atOneMoment,
  beginReceipt,
  clearTable,
  commitReceipt,
  connectRecords,
  countersOfRecords,
  everCommitted,
  keepOthersOut,
  linesOfTable,
  migrateRecords,
  migrationsOfRecords,
  putCounters,
  putLines,
  type Records,
  type RecordsAddress,
  recordsMigrations,
  rowsInTable,
  tablesOfRecords,
} from './index.ts';

after(async () => {
  await Promise.all(opened.map((records) => records.destroy()));
});
const { engines } = recordsEngines();

const opened: Records[] = [];
const open = async (address: RecordsAddress) => {
  const records = await connectRecords(address);
  opened.push(records);
  assert.deepEqual(await migrationsOfRecords(records), []);
  await migrateRecords(records);
  assert.deepEqual(await migrationsOfRecords(records), recordsMigrations);
  return records;
};

for (const engine of engines) {
  describe(engine.name, () => {
    test('rows come out of one place as they go into another, those of one moment alone', async () => {
      const from = await open(await engine.address('from'));
      const tables = await tablesOfRecords(from);
      const order = tables.map(({ table }) => table);
      assert.ok(order.indexOf('people') < order.indexOf('pupils'));
      assert.ok(order.indexOf('pupils') < order.indexOf('enrolments'));
      assert.ok(!order.some((table) => table.startsWith('kysely')));
      const bringing = { kind: 'a', title: `é'\t\\N`, digest: '', startedAt: testClock() };
      const ids: number[] = [];
      for (const scope of ['committed', 'never']) {
        ids.push(await beginReceipt(from, { ...bringing, scope }));
      }
      const [id = 0] = ids;
      await from
        .transaction()
        .execute((transaction) =>
          commitReceipt(
            transaction,
            { id, title: 'a', detail: { rate: 1e-7, none: null } },
            testClock(),
          ),
        );
      const taken = await atOneMoment(from, async (moment) => {
        const lines: string[] = [];
        for await (const some of linesOfTable(moment, 'receipts')) lines.push(...some);
        const none = linesOfTable(moment, 'pupils');
        assert.equal((await none.next()).done, true);
        return {
          lines,
          counters: await countersOfRecords(moment),
          ids: await everCommitted(moment),
        };
      });
      assert.equal(taken.lines.length, 1);
      assert.deepEqual(taken.ids, [id]);
      assert.deepEqual(taken.counters, { receipts_id_seq: 2 });
      await assert.rejects(
        atOneMoment(from, (moment) => clearTable(moment, 'receipts')),
        /read-only/,
      );

      const to = await open(await engine.address('to'));
      const table = tables.find((each) => each.table === 'receipts');
      assert.ok(table);
      await to.transaction().execute(async (transaction) => {
        await keepOthersOut(transaction);
        await clearTable(transaction, 'audit_head');
        await putLines(transaction, table, taken.lines);
        await putCounters(transaction, taken.counters);
      });
      assert.equal(await rowsInTable(to, 'receipts'), 1);
      assert.equal(await rowsInTable(to, 'audit_head'), 0);
      const rowsOf = (records: typeof to) =>
        records.selectFrom('receipts').selectAll().where('id', '=', id).execute();
      assert.deepEqual(await rowsOf(to), await rowsOf(from));
      assert.equal(await beginReceipt(to, { ...bringing, scope: 'next' }), 3);
    });
  });
}
