import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../base/problem.ts';
import fc from '../testing/chance.ts';
import { type ClickHouseNode, freePort, startClickHouse } from '../testing/clickhouse.ts';
import { scratchFolder, testClock } from '../testing/stores.ts';
import {
  type Cell,
  connectWarehouse,
  type Migration,
  migrateWarehouse,
  parseWarehouseAddress,
  removeRows,
  statement,
  sweepRows,
  type Warehouse,
  type WarehouseAddress,
} from './index.ts';

const { folder, remove } = scratchFolder();
let node: ClickHouseNode;
before(async () => {
  node = await startClickHouse(join(folder, 'node'));
});
after(async () => {
  await node.kill();
  remove();
});

/** Two engines, one table of tests. */
const engines: { name: string; address(): Promise<WarehouseAddress> }[] = [
  {
    name: 'chDB',
    address: async () => ({ kind: 'embedded', folder: join(folder, 'embedded') }),
  },
  {
    name: 'ClickHouse over HTTP',
    address: async () => ({ kind: 'server', url: await node.createDatabase('tests') }),
  },
];

const make = statement<never>(
  'make',
  `CREATE TABLE IF NOT EXISTS kept
   (receipt UInt32, urn UInt32, name String, town Nullable(String), percent Nullable(Float64),
    opened Nullable(Date32), open Bool, sessions Map(LowCardinality(String), UInt64), codes Array(UInt16))
   ENGINE = MergeTree ORDER BY urn`,
);
const columns = 'receipt urn name town percent opened open sessions codes'.split(' ');
const row = (receipt: number, urn: number, rest: Partial<Record<string, Cell>> = {}): Cell[] =>
  columns.map(
    (column) =>
      ({
        ...{ receipt, urn, name: 'A', town: null, percent: null, opened: null, open: true },
        ...{ sessions: {}, codes: [] },
        ...rest,
      })[column] as Cell,
  );
const kept = statement<Record<string, unknown>, { receipts: number[] }>(
  'kept',
  'SELECT * FROM kept WHERE receipt IN {receipts:Array(UInt32)} ORDER BY urn, receipt',
);
const parts = statement<{ parts: number; rows: number }, { receipts: number[] }>(
  'parts',
  `SELECT uniqExact(_part) AS parts, count() AS rows FROM kept
   WHERE receipt IN {receipts:Array(UInt32)}`,
);
const busy = statement<{ sum: number }, { rows: number }>(
  'busy',
  'SELECT sum(sipHash64(number)) AS sum FROM numbers({rows:UInt64})',
);
const one = statement<{ one: number }, { one: number }>('one', 'SELECT {one:UInt8} AS one');
const forever = { rows: 1_000_000_000_000 };

const refusal =
  (reason: string, ...says: RegExp[]) =>
  (error: unknown) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.reason, reason);
    for (const each of says) assert.match(error.message, each);
    assert.doesNotMatch(error.message, /\n|p@ss|p%40ss/);
    return true;
  };

for (const engine of engines) {
  describe(engine.name, () => {
    let address: WarehouseAddress;
    let warehouse: Warehouse;
    const connect = (maxExecutionSeconds: number) =>
      connectWarehouse(address, { maxExecutionSeconds });
    before(async () => {
      address = await engine.address();
      warehouse = connect(60);
      await warehouse.run(make, {});
    });
    after(() => warehouse.close());

    test('rows come back as they went in: types, nulls, text of every kind', async () => {
      const full = {
        name: `it's "1" \\ ; --\n\t\u0000 \u{1F600} é {urn:UInt32} [1],[2]\r\n]`,
        town: '',
        percent: -0.1,
        opened: '1944-08-03',
        open: false,
        sessions: { '/': 9, "'": 2 ** 40 },
        codes: [65_535, 0],
      };
      await warehouse.append('kept', columns, [row(1, 4_294_967_295, full), row(1, 0)]);
      assert.deepEqual(await warehouse.query(kept, { receipts: [1] }), [
        {
          ...{ receipt: 1, urn: 0, name: 'A', town: null, percent: null, opened: null },
          ...{ open: true, sessions: {}, codes: [] },
        },
        { receipt: 1, urn: 4_294_967_295, ...full },
      ]);
    });

    test('appending nothing stores nothing', async () => {
      await warehouse.append('kept', columns, []);
      await warehouse.append('no_such_table', columns, []);
      assert.deepEqual(await warehouse.query(parts, { receipts: [2] }), [{ parts: 0, rows: 0 }]);
    });

    test('one call is one block, however many rows', async () => {
      const rows = Array.from({ length: 50_000 }, (_, urn) => row(3, urn));
      await warehouse.append('kept', columns, rows);
      assert.deepEqual(await warehouse.query(parts, { receipts: [3] }), [
        { parts: 1, rows: 50_000 },
      ]);
      const ids = Array.from({ length: 1_200_000 }, (_, urn) => [4, urn]);
      await warehouse.append('kept', ['receipt', 'urn'], ids);
      assert.deepEqual(await warehouse.query(parts, { receipts: [4] }), [
        { parts: 1, rows: 1_200_000 },
      ]);
    });

    const misfits: Record<string, Partial<Record<string, Cell>>> = {
      'a number too large for its column': { urn: 2 ** 32 },
      'a number below zero in a column of counts': { urn: -1 },
      'a fraction in a whole column': { urn: 1.5 },
      'a number as text': { urn: '12' },
      'no number at all': { percent: Number.NaN },
      'null where there is no null': { name: null },
      'a day that does not exist': { opened: '2018-02-30' },
      'a day before the calendar of the column': { opened: '1890-01-01' },
      'half a character': { name: '\ud83d' },
      'text for yes or no': { open: 'true' },
      'a count below zero in a map': { sessions: { L: -1 } },
    };
    for (const [what, cell] of Object.entries(misfits)) {
      test(`${what} is thrown, and nothing of the call is stored`, async () => {
        const rows = [row(5, 1), row(5, 2), row(5, 3, cell)];
        const [column = ''] = Object.keys(cell);
        await assert.rejects(
          warehouse.append('kept', columns, rows),
          new RegExp(`append to kept, row 2: ${column} `),
        );
        assert.deepEqual(await warehouse.query(kept, { receipts: [5] }), []);
      });
    }

    test('a row of another length, a column or a table that is not there, are thrown', async () => {
      await assert.rejects(warehouse.append('kept', columns, [[6, 1]]), /2 cells for 9 columns/);
      await assert.rejects(warehouse.append('kept', ['school'], [[1]]), /has no column school/);
      await assert.rejects(warehouse.append('nowhere', ['school'], [[1]]), /append to nowhere/);
    });

    test('a table that is made after it was missed can be appended to', async () => {
      const later = statement<never>('later', 'CREATE TABLE later (a UInt8) ENGINE = Memory');
      await assert.rejects(warehouse.append('later', ['a'], [[1]]));
      await warehouse.run(later, {});
      await warehouse.append('later', ['a'], [[1]]);
    });

    test('parameters come through as they are, whatever stands in them', async () => {
      const echo = statement<
        { text: string; texts: string[]; number: number; whole: number; none: string | null },
        { text: string; texts: string[]; number: number; whole: number; none: string | null }
      >(
        'echo',
        `SELECT {text:String} AS text, {texts:Array(String)} AS texts, {number:Float64} AS number,
                {whole:Int64} AS whole, {none:Nullable(String)} AS none`,
      );
      const text = fc
        .string({ unit: 'binary', maxLength: 30 })
        .filter((each) => each.isWellFormed());
      const nasty = fc.constantFrom(
        "'",
        "\\'",
        '\\',
        "'); DROP TABLE kept; --",
        '{text:String}',
        '\0',
      );
      await fc.assert(
        fc.asyncProperty(
          fc.record({
            text: fc.oneof(text, nasty),
            texts: fc.array(fc.oneof(text, nasty), { maxLength: 4 }),
            number: fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0),
            whole: fc.maxSafeInteger(),
            none: fc.option(fc.oneof(text, nasty)),
          }),
          async (given) => {
            const [got] = await warehouse.query(echo, given);
            assert.deepEqual({ ...got, number: 0 }, { ...given, number: 0 });
            assert.ok(Object.is(got?.number, given.number) || got?.number === given.number);
          },
        ),
        { numRuns: 60, seed: 1 },
      );
    });

    test('a parameter that is missing or does not fit its type is thrown, not rounded', async () => {
      for (const wrong of [256, -1, 1.5, '1', null, undefined, Number.NaN]) {
        await assert.rejects(warehouse.query(one, { one: wrong as number }), /\{one:UInt8\}/);
      }
    });

    test('the list of all England’s schools is a parameter like any other', async () => {
      const ids = Array.from({ length: 30_000 }, (_, index) => 100_000 + index);
      const found = statement<{ found: number }, { urns: number[] }>(
        'found',
        'SELECT count() AS found FROM numbers(200000) WHERE number IN {urns:Array(UInt32)}',
      );
      assert.deepEqual(await warehouse.query(found, { urns: ids }), [{ found: 30_000 }]);
      assert.deepEqual(await warehouse.query(found, { urns: [] }), [{ found: 0 }]);
    });

    test('200,000 rows come back whole', async () => {
      const many = statement<{ number: number }>('many', 'SELECT number FROM numbers(200000)');
      const rows = await warehouse.query(many, {});
      assert.equal(rows.length, 200_000);
      assert.equal(rows.at(-1)?.number, 199_999);
    });

    test('a statement that fails after its first rows gives none, to itself or to the next one', async () => {
      const late = statement<{ number: number }>(
        'late',
        'SELECT number, throwIf(number = 1900000) FROM numbers(2000000) SETTINGS max_threads = 1',
      );
      const [first, next] = await Promise.allSettled([
        warehouse.query(late, {}),
        warehouse.query(one, { one: 1 }),
      ]);
      assert.match(String(first.status === 'rejected' && first.reason), /late: /);
      const rows = next.status === 'fulfilled' ? next.value : [];
      assert.equal(rows.length, 1);
      assert.deepEqual(rows, [{ one: 1 }]);
    });

    test('a statement that takes too long is refused in one sentence, and the next one works', async () => {
      const hasty = connect(1);
      try {
        await assert.rejects(
          hasty.query(busy, forever),
          refusal('not-ready', /more than 1 s for busy/, /ROLLCALL_PAGE_SECONDS/),
        );
        assert.deepEqual(await hasty.query(one, { one: 1 }), [{ one: 1 }]);
      } finally {
        await hasty.close();
      }
    });

    test('a page’s statement is answered while long work runs on its own connection', async () => {
      const pages = connect(10);
      const work = connect(60);
      let ended = false;
      const long = [1, 2, 3, 4, 5].map(() => work.query(busy, forever).catch((error) => error));
      void Promise.race(long).then(() => (ended = true));
      try {
        for (const each of [1, 2, 3]) {
          assert.deepEqual(await pages.query(one, { one: each }), [{ one: each }]);
        }
        assert.equal(ended, false);
      } finally {
        await work.close();
        await pages.close();
      }
    });

    for (const [when, milliseconds] of Object.entries({ 'at once': 0, 'a moment later': 30 })) {
      test(`closing ${when} stops what runs and refuses it, and the engine works on`, async () => {
        const closing = connect(60);
        const stopped = assert.rejects(
          closing.query(busy, forever),
          refusal('not-ready', /is stopping/),
        );
        await pause(milliseconds);
        await closing.close();
        await stopped;
        await assert.rejects(closing.query(one, { one: 1 }), refusal('not-ready', /is stopping/));
        await closing.close();
        assert.deepEqual(await warehouse.query(one, { one: 1 }), [{ one: 1 }]);
      });
    }

    describe('migrations', () => {
      const steps: Migration[] = [1, 2].map((number) => ({
        number,
        name: `step ${number}`,
        statements: [
          statement('step', `CREATE TABLE IF NOT EXISTS step_${number} (a UInt8) ENGINE = Memory`),
        ],
      }));
      const migrate = (migrations: Migration[]) =>
        migrateWarehouse(warehouse, migrations, testClock);
      const numbers = (migrations: Migration[]) => migrations.map(({ number }) => number);

      test('are taken in order, each once', async () => {
        assert.deepEqual(numbers(await migrate(steps.slice(0, 1))), [1]);
        assert.deepEqual(numbers(await migrate(steps)), [2]);
        assert.deepEqual(numbers(await migrate(steps)), []);
        await warehouse.append('step_2', ['a'], [[1]]);
      });

      test('taken by two processes at once leave one schema', async () => {
        const third = { ...(steps[0] as Migration), number: 3 };
        await Promise.all([migrate([...steps, third]), migrate([...steps, third])]);
        assert.deepEqual(numbers(await migrate([...steps, third])), []);
      });

      test('of a newer version are refused', async () => {
        await assert.rejects(migrate(steps), refusal('not-ready', /migration 3.*only up to 2/));
      });
    });

    test('rows of receipts that nothing recognises are swept, the others stay', async () => {
      const receipts = [21, 22, 23];
      for (const each of receipts) await warehouse.append('kept', columns, [row(each, 1)]);
      await sweepRows(warehouse, async (found) => new Set(found.filter((each) => each !== 22)));
      const left = await warehouse.query(kept, { receipts });
      assert.deepEqual(
        left.map((each) => each['receipt']),
        [21, 23],
      );
      await removeRows(warehouse, []);
      await removeRows(warehouse, [21]);
      assert.deepEqual((await warehouse.query(kept, { receipts })).length, 1);
    });
  });
}

describe('a server', () => {
  const open = (url: string) =>
    connectWarehouse({ kind: 'server', url }, { maxExecutionSeconds: 2 });
  const refused = async (url: string, ...says: RegExp[]) => {
    const warehouse = open(url);
    await assert.rejects(warehouse.query(one, { one: 1 }), refusal('not-ready', ...says));
    await warehouse.close();
  };

  test('that is not there is refused with its address', async () => {
    const port = await freePort();
    await refused(
      `http://rollcall:p%40ss@127.0.0.1:${port}/there`,
      new RegExp(
        `http://rollcall@127\\.0\\.0\\.1:${port}/there does not answer \\(ECONNREFUSED\\)`,
      ),
    );
  });

  test('that cannot be found by name is refused with its name', async () => {
    await refused('http://warehouse.invalid:8123/there', /warehouse\.invalid.* does not answer/);
  });

  test('that does not know us is refused without the password', async () => {
    await refused(
      node.url('tests').replace(/rollcall:[^@]*@/, 'rollcall:p%40ss-wrong@'),
      /rollcall@127.*does not accept the user name and password/,
    );
  });

  test('without such a database is refused', async () => {
    await refused(node.url('no_such_database'), /no_such_database has no such database/);
  });

  test('that goes away and comes back is used again', async () => {
    const warehouse = open(await node.createDatabase('returning'));
    await warehouse.run(make, {});
    await warehouse.append('kept', columns, [row(1, 1)]);
    await node.kill();
    await assert.rejects(warehouse.query(one, { one: 1 }), refusal('not-ready', /does not answer/));
    await node.start();
    assert.deepEqual((await warehouse.query(kept, { receipts: [1] })).length, 1);
    await warehouse.close();
  });

  test('whose address cannot be read is refused', () => {
    for (const wrong of ['embedded:', 'http://', 'clickhouse://here', '']) {
      assert.throws(() => parseWarehouseAddress(wrong), refusal('bad-input', /ROLLCALL_WAREHOUSE/));
    }
    assert.throws(
      () => open('http://127.0.0.1:8123/there?clutter=one'),
      refusal('bad-input', /ROLLCALL_WAREHOUSE/),
    );
  });
});
