import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { Refusal } from '../base/problem.ts';
import { freePort } from '../testing/clickhouse.ts';
import { recordsEngines } from '../testing/recordsEngines.ts';
import { migrations } from './migrations/index.ts';
import {
  beginReceipt,
  commitReceipt,
  committedReceipts,
  connectRecords,
  countingReceipts,
  findCounting,
  installationOf,
  inTurn,
  knownReceipts,
  migrateRecords,
  parseRecordsAddress,
  type Records,
  receiptsById,
  receiptsThatCount,
  removeReceipts,
  removeUncommitted,
  withdrawReceipts,
} from './index.ts';

const { engines, folder, server } = recordsEngines();

const refusal =
  (reason: string, ...says: RegExp[]) =>
  (error: unknown) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.reason, reason);
    for (const each of says) assert.match(error.message, each);
    assert.doesNotMatch(error.message, /\n|p@ss|p%40ss/);
    return true;
  };

const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour));
const bringing = (scope: string, startedAt = at(9)) => ({
  ...{ kind: 'school-absence', scope, title: `${scope} é'.csv`, digest: 'ab12' },
  startedAt,
});

for (const engine of engines) {
  describe(engine.name, () => {
    let records: Records;
    before(async () => {
      records = await connectRecords(await engine.address('tests'));
    });
    after(() => records.destroy());
    const commit = (id: number, title = 'a file') =>
      records
        .transaction()
        .execute((transaction) =>
          commitReceipt(transaction, { id, title, detail: { rows: 2 } }, at(10)),
        );
    const withdraw = (filter: { kind: string; scope: string }) =>
      records.transaction().execute((transaction) => withdrawReceipts(transaction, filter, at(11)));
    const ids = (receipts: { id: number }[]) => receipts.map(({ id }) => id);

    test('migrations are taken once', async () => {
      assert.deepEqual(await migrateRecords(records), Object.keys(migrations));
      assert.deepEqual(await migrateRecords(records), []);
    });

    test('records have an identity that stays', async () => {
      const id = await installationOf(records);
      assert.match(id, /^[0-9a-f-]{36}$/);
      assert.equal(await installationOf(records), id);
    });

    test('a receipt counts from its commit to its withdrawal', async () => {
      const id = await beginReceipt(records, bringing('a'));
      assert.deepEqual(await receiptsThatCount(records), []);
      assert.equal(await findCounting(records, bringing('a')), undefined);
      assert.equal(await commit(id), true);
      assert.deepEqual(await receiptsThatCount(records), [
        {
          ...{ id, kind: 'school-absence', scope: 'a', title: `a é'.csv`, digest: 'ab12' },
          ...{ detail: { rows: 2 }, started_at: at(9), committed_at: at(10), withdrawn_at: null },
        },
      ]);
      assert.equal(await findCounting(records, bringing('a')), id);
      const [row] = await receiptsThatCount(records);
      assert.deepEqual(await receiptsById(records, [id, id + 1]), new Map([[id, row]]));
      assert.deepEqual(await countingReceipts(records), [{ id, kind: 'school-absence' }]);
      assert.deepEqual(await countingReceipts(records, 'targets'), []);
      assert.deepEqual(await receiptsThatCount(records, 'targets'), []);
      assert.deepEqual(await withdraw({ kind: 'school-absence', scope: 'b' }), []);
      assert.deepEqual(await withdraw({ kind: 'school-absence', scope: 'a' }), [id]);
      assert.deepEqual(await receiptsThatCount(records, 'school-absence'), []);
      assert.deepEqual(await committedReceipts(records, [id, id + 1]), new Set([id]));
    });

    test('a receipt commits once, and not after it was swept', async () => {
      const id = await beginReceipt(records, bringing('once'));
      assert.equal(await commit(id), true);
      assert.equal(await commit(id), false);
      const swept = await beginReceipt(records, bringing('swept'));
      assert.deepEqual(await removeReceipts(records, [id, swept]), [swept]);
      assert.equal(await commit(swept), false);
    });

    test('what never committed is removed by its age, or all of it', async () => {
      const [old, young] = [
        await beginReceipt(records, bringing('c', at(1))),
        await beginReceipt(records, bringing('c', at(8))),
      ];
      assert.deepEqual(await removeUncommitted(records, at(5)), [old]);
      assert.deepEqual(await knownReceipts(records, [old, young]), new Set([young]));
      assert.deepEqual(await removeUncommitted(records), [young]);
      assert.equal((await receiptsThatCount(records)).length, 1);
    });

    test('any number of ids can be asked about', async () => {
      const many = Array.from({ length: 100_000 }, (_, index) => index + 1);
      const counting = ids(await countingReceipts(records));
      const known = await knownReceipts(records, many);
      assert.ok(counting.every((id) => known.has(id)));
      assert.deepEqual(await removeReceipts(records, many), []);
      assert.deepEqual(await knownReceipts(records, []), new Set());
    });

    test('of two commits of the same at once one counts, and the other is refused', async () => {
      const first = await beginReceipt(records, bringing('same'));
      const second = await beginReceipt(records, bringing('same'));
      const outcomes = await Promise.allSettled([commit(first), commit(second, 'mine.csv')]);
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
      assert.equal(refused.length, 1);
      refusal('not-ready', /stored the same part as/)(refused[0]?.reason);
      const counting = await receiptsThatCount(records);
      assert.equal(counting.filter(({ scope }) => scope === 'same').length, 1);
    });

    test('nobody sees inside a transaction, and none waits for ever', async () => {
      const id = await beginReceipt(records, bringing('inside'));
      const other = await beginReceipt(records, bringing('other'));
      const seen: Promise<number[]>[] = [];
      const failing = records.transaction().execute(async (transaction) => {
        await commitReceipt(transaction, { id, title: '', detail: {} }, at(10));
        seen.push(countingReceipts(records).then(ids));
        await pause(20);
        throw new Error('after all not');
      });
      const beside = commit(other);
      await assert.rejects(failing, /after all not/);
      assert.equal(await beside, true);
      assert.ok(!(await seen[0])?.includes(id));
    });

    test('records of a newer version are refused', async () => {
      await sql`INSERT INTO kysely_migration (name, timestamp) VALUES ('999_later', '')`.execute(
        records,
      );
      await assert.rejects(
        migrateRecords(records),
        refusal('not-ready', /another version of Rollcall/),
      );
    });
  });
}

describe('an embedded folder', () => {
  test('half made when the process ended is made again', async () => {
    const records = join(folder, 'half');
    mkdirSync(join(`${records}.unfinished`, 'base'), { recursive: true });
    writeFileSync(join(`${records}.unfinished`, 'PG_VERSION'), '17\n');
    mkdirSync(records);
    const opened = await connectRecords({ kind: 'embedded', folder: records });
    await migrateRecords(opened);
    await opened.destroy();
    assert.ok(!existsSync(`${records}.unfinished`));
  });

  test('with something else in it is refused, and left as it is', async () => {
    const records = join(folder, 'other');
    mkdirSync(records);
    writeFileSync(join(records, 'letter.txt'), 'Dear head teacher');
    await assert.rejects(
      connectRecords({ kind: 'embedded', folder: records }),
      refusal('store-held', /cannot be opened/),
    );
    assert.ok(existsSync(join(records, 'letter.txt')));
  });
});

describe('a server', () => {
  const refused = async (url: string, ...says: RegExp[]) => {
    const records = await connectRecords({ kind: 'server', url });
    await assert.rejects(migrateRecords(records), refusal('not-ready', ...says));
    await assert.rejects(countingReceipts(records), refusal('not-ready', ...says));
    await records.destroy();
  };

  test('that is not there is refused with its address', async () => {
    const port = await freePort();
    await refused(
      `postgres://rollcall:p%40ss@127.0.0.1:${port}/there`,
      new RegExp(
        `postgres://rollcall@127\\.0\\.0\\.1:${port}/there do not answer \\(ECONNREFUSED\\)`,
      ),
    );
  });

  test('that cannot be found by name is refused with its name', async () => {
    await refused(
      'postgres://rollcall:p%40ss@records.invalid/there',
      /records\.invalid\/there do not/,
    );
  });

  test('that does not know us is refused without the password', async () => {
    const url = server().url('tests').replace('rollcall@', 'stranger:p%40ss@');
    await refused(url, /stranger@127.*do not accept the user name and password/);
  });

  test('without such a database is refused', async () => {
    await refused(server().url('no_such_database'), /no_such_database have no such database/);
  });

  test('that goes away and comes back is used again', async () => {
    const url = await server().createDatabase('returning');
    const records = await connectRecords({ kind: 'server', url });
    await migrateRecords(records);
    const id = await installationOf(records);
    await server().kill();
    await assert.rejects(installationOf(records), refusal('not-ready', /do not answer/));
    await server().start();
    assert.equal(await installationOf(records), id);
    await records.destroy();
  });

  test('gives two processes their turns at one thing, one after the other, also after one broke off', async () => {
    const url = await server().createDatabase('turns');
    const both = [1, 2].map(() => connectRecords({ kind: 'server', url }));
    const [one, other] = (await Promise.all(both)) as [Records, Records];
    const seen: string[] = [];
    const slowly = (name: string) => async () => {
      seen.push(`${name} begins`);
      await pause(100);
      seen.push(`${name} ends`);
    };
    const first = inTurn(one, 'figures', async () => {
      await slowly('first')();
      throw new Error('broke off');
    });
    await pause(30);
    const second = inTurn(other, 'figures', slowly('second'));
    await inTurn(other, 'something else', async () => void seen.push('something else'));
    await assert.rejects(first, /broke off/);
    await second;
    assert.deepEqual(seen, [
      ...['first begins', 'something else', 'first ends', 'second begins', 'second ends'],
    ]);
    for (const records of [one, other]) await records.destroy();
  });

  test('whose address cannot be read is refused', () => {
    for (const wrong of ['embedded:', 'postgres://', 'mysql://here', '']) {
      assert.throws(() => parseRecordsAddress(wrong), refusal('bad-input', /ROLLCALL_RECORDS/));
    }
  });
});
