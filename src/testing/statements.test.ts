import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { after, before, describe, test } from 'node:test';
import {
  type Cell,
  connectWarehouse,
  migrateWarehouse,
  migrations,
  type Statement,
  statement,
  type Warehouse,
  type WarehouseAddress,
} from '../warehouse/index.ts';
import { type ClickHouseNode, startClickHouse } from './clickhouse.ts';
import { scratchFolder, testClock } from './stores.ts';

/*
 * House rules for SQL. Every statement stands in a `*.sql.ts` file; the real engines bind each one here; and none reads
 * rows that a receipt brought but through the receipts that count.
 */

const src = fileURLToPath(new URL('..', import.meta.url));
type AnyStatement = Statement<Record<string, unknown>, object>;
type Exports = Record<string, unknown>;
const load = async (path: string) => (await import(pathToFileURL(join(src, path)).href)) as Exports;
const sqlFiles = globSync('**/*.sql.ts', { cwd: src }).sort();
const ofRecords = (path: string) => path.startsWith('records/');

/** A function that makes statements, and one of each that it makes. A new one must be named here to be bound. */
const families: Record<string, () => Promise<AnyStatement[]>> = {
  changedRows: () => ofEverySource('changedRows'),
  storedKeys: () => ofEverySource('storedKeys'),
  storedSchools: () => ofEverySource('storedSchools', ({ everySchool }) => everySchool === true),
  rowsOfKeys: () => ofEverySource('rowsOfKeys'),
  countingOf: everyCounting,
  groupDays: () => ofEveryKnowing('groupDays'),
  leaversDays: () => ofEveryKnowing('leaversDays'),
};

/** Of the days that patterns look at: as they stand now, and as they stood at the end of a day. */
async function ofEveryKnowing(name: string): Promise<AnyStatement[]> {
  const { [name]: make } = await load('patterns/registers/days.sql.ts');
  return ['now', 'then'].map((knowing) => (make as (knowing: string) => AnyStatement)(knowing));
}

/** From marks, from weeks and as known on a day, each for a whole period and for a census in pieces. */
async function everyCounting(): Promise<AnyStatement[]> {
  const { countingOf } = await load('absence/absence.sql.ts');
  const make = countingOf as (question: object, options?: object) => { statement: AnyStatement };
  return ['year', 'day'].flatMap((time) =>
    [
      make({ series: 'census', time, asKnownOn: null }),
      make({ series: 'census', time, asKnownOn: null }, { weeks: true }),
      make({ series: 'census', time, asKnownOn: '2026-09-01' }),
    ].map(({ statement: made }) => made),
  );
}

async function ofEverySource(
  name: string,
  isMeant: (source: { everySchool?: true }) => boolean = () => true,
): Promise<AnyStatement[]> {
  const { sources } = await load('publications/sources/index.ts');
  const { [name]: make } = await load('publications/publications.sql.ts');
  return (sources as { everySchool?: true }[])
    .filter(isMeant)
    .map((source) => (make as (source: unknown) => AnyStatement)(source));
}

/** Reads what is not committed yet, or removes it: before the commit, and to sweep. */
const readsUncommitted = [
  'changedRows',
  'rowsOfKeys',
  'receiptsIn',
  'receiptsAmong',
  'forgetReceipts',
  'entriesMadeBefore',
];

const isStatement = (value: unknown): value is AnyStatement =>
  typeof value === 'object' && value !== null && 'name' in value && 'text' in value;

async function everyStatement(): Promise<AnyStatement[]> {
  const found: AnyStatement[] = [];
  for (const path of sqlFiles.filter((each) => !ofRecords(each))) {
    for (const [name, value] of Object.entries(await load(path))) {
      if (isStatement(value)) found.push(value);
      else if (typeof value === 'function') {
        const family = families[name];
        assert.ok(
          family,
          `${path}: ${name} makes statements that no test binds; add it to families`,
        );
        found.push(...(await family()));
      }
    }
  }
  return found;
}

/** A value that fits a type, as a parameter or as a cell. */
function sampleOf(type: string): Cell {
  const inner = /^\w+\((.*)\)$/s.exec(type)?.[1] ?? '';
  if (type.startsWith('Nullable') || type.startsWith('LowCardinality')) return sampleOf(inner);
  if (type.startsWith('Array')) return [sampleOf(inner)];
  if (type.startsWith('Map')) return { a: 1 };
  if (type === 'Identifier') return 'published_location';
  if (type === 'String') return 'a';
  if (type === 'Bool') return true;
  if (type.startsWith('Date')) return '2020-01-01';
  return 1;
}

function sampleParameters(text: string): Record<string, Cell> {
  const placeholders = [...text.matchAll(/\{(\w+):([^{}]+)\}/g)];
  return Object.fromEntries(placeholders.map(([, name = '', type = '']) => [name, sampleOf(type)]));
}

const isQuestion = (text: string) => /^\s*(SELECT|WITH)\b/.test(text);

async function bindAndRun(warehouse: Warehouse, each: AnyStatement): Promise<unknown> {
  const parameters = sampleParameters(each.text);
  if (isQuestion(each.text)) return warehouse.query(each, { ...parameters, ...noReceipts(each) });
  return warehouse.run(each, parameters);
}

const receiptsParameter = '{receipts:Array(UInt32)}';
/** None counts. */
const noReceipts = ({ text }: AnyStatement) =>
  text.includes(receiptsParameter) ? { receipts: [] } : {};

const tablesWithReceipts = statement<{ table: string; names: string[]; types: string[] }>(
  'tablesWithReceipts',
  `SELECT table, groupArray(name) AS names, groupArray(type) AS types FROM system.columns
   WHERE database = currentDatabase() GROUP BY table HAVING has(names, 'receipt') ORDER BY table`,
);

const { folder, remove } = scratchFolder();
let node: ClickHouseNode;
before(async () => {
  node = await startClickHouse(join(folder, 'node'));
});
after(async () => {
  await node.kill();
  remove();
});
const engines: Record<string, () => Promise<WarehouseAddress>> = {
  chDB: async () => ({ kind: 'embedded', folder: join(folder, 'embedded') }),
  'ClickHouse over HTTP': async () => ({
    kind: 'server',
    url: await node.createDatabase('statements'),
  }),
};

for (const [engine, addressOf] of Object.entries(engines)) {
  describe(engine, () => {
    let warehouse: Warehouse;
    before(async () => {
      warehouse = connectWarehouse(await addressOf(), { maxExecutionSeconds: 30 });
      await migrateWarehouse(warehouse, migrations, testClock);
    });
    after(() => warehouse.close());

    test('binds every statement', async () => {
      const statements = await everyStatement();
      assert.ok(statements.length > 20);
      for (const each of statements) await bindAndRun(warehouse, each);
    });

    test('does not bind a planted fault', async () => {
      const wrong = statement('wrong', 'SELECT no_such_column FROM published_location');
      await assert.rejects(bindAndRun(warehouse, wrong as AnyStatement), /wrong: .*no_such_column/);
      const untyped = statement('untyped', 'SELECT {urn:NoSuchType} AS urn');
      await assert.rejects(bindAndRun(warehouse, untyped as AnyStatement), /untyped: /);
    });

    test('shows no statement a row whose receipt does not count', async () => {
      const questions = (await everyStatement()).filter((each) => isQuestion(each.text));
      const receiptTables = await warehouse.query(tablesWithReceipts, {});
      const tables = receiptTables.map(({ table }) => table);
      assert.ok(tables.includes('published_school_absence'));
      const leaky = statement('leaky', 'SELECT count() AS rows FROM published_census');
      const halfLeaky = statement(
        'halfLeaky',
        `SELECT (SELECT count() FROM published_census) AS rows, count() AS others
         FROM published_location WHERE receipt IN {receipts:Array(UInt32)}`,
      );
      assert.equal(asksForReceipts(leaky as AnyStatement, tables), false);
      const watched = [...questions, leaky as AnyStatement, halfLeaky as AnyStatement].filter(
        (each) => !readsUncommitted.some((name) => each.name.startsWith(name)),
      );
      const answers = async () =>
        Promise.all(
          watched
            .filter((each) => readsAny(each, tables))
            .map(async (each) => [each.name, await bindAndRun(warehouse, each)] as const),
        );
      const empty = new Map(await answers());
      for (const { table, names, types } of receiptTables) {
        await warehouse.append(table, names, [types.map(sampleOf)]);
      }
      const seen = (await answers()).filter(
        ([name, answer]) => JSON.stringify(answer) !== JSON.stringify(empty.get(name)),
      );
      assert.deepEqual(
        seen.map(([name]) => name),
        ['leaky', 'halfLeaky'],
      );
      for (const each of questions.filter((question) => watched.includes(question))) {
        assert.ok(
          asksForReceipts(each, tables),
          `${each.name} reads rows without ${receiptsParameter}`,
        );
      }
    });
  });
}

function readsAny({ text }: AnyStatement, tables: readonly string[]): boolean {
  return [...text.matchAll(/\b(?:FROM|JOIN)\s+(\w+)/g)].some(([, table = '']) =>
    tables.includes(table),
  );
}

/** Reads no rows of receipts, or those of the receipts it is given. */
function asksForReceipts(each: AnyStatement, tables: readonly string[]): boolean {
  return !readsAny(each, tables) || each.text.includes(receiptsParameter);
}

test('every query of the records is asked in the tests of records/', async () => {
  const tests = globSync('records/*.test.ts', { cwd: src })
    .map((path) => readFileSync(join(src, path), 'utf8'))
    .join();
  const unasked = (names: string[]) =>
    names.filter((name) => !new RegExp(`\\b${name}\\(`).test(tests));
  for (const path of sqlFiles.filter(ofRecords)) {
    const names = Object.keys(await load(path));
    assert.ok(names.length > 0, path);
    assert.deepEqual(unasked(names), [], path);
  }
  assert.deepEqual(unasked(['plantedQuery']), ['plantedQuery']);
});

const sqlText =
  /\b(SELECT\s|INSERT INTO\s|DELETE FROM\s|CREATE (TABLE|DATABASE|INDEX)\s|ALTER TABLE\s|DROP (TABLE|DATABASE)\s|KILL QUERY\b)/;
const madeStatement = /\bstatement\s*(<[^;]*?>)?\(/;
const asked = /\.(selectFrom|insertInto|updateTable|deleteFrom|mergeInto)\(|\bsql(<[^>]*>)?`/;

/** What of SQL stands in a file's code, comments left out. */
function sqlIn(code: string): string[] {
  const bare = code.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
  return [sqlText, madeStatement, asked].flatMap((pattern) => pattern.exec(bare)?.[0] ?? []);
}

/** What wraps a statement, and what tells the nodes of a cluster of one. */
const makersOfStatements = ['warehouse/statement.ts', 'warehouse/cluster.ts'];

test('SQL stands in *.sql.ts files and in migrations, and nowhere else', () => {
  const elsewhere = globSync('**/*.ts', { cwd: src }).filter(
    (path) =>
      !path.endsWith('.sql.ts') &&
      !/\.(test|fixture)\.ts$/.test(path) &&
      !path.includes('/migrations/') &&
      !path.startsWith('testing/') &&
      !makersOfStatements.includes(path),
  );
  assert.ok(elsewhere.length > 50);
  for (const path of elsewhere) {
    assert.deepEqual(sqlIn(readFileSync(join(src, path), 'utf8')), [], path);
  }
});

test('SQL that stands elsewhere is found', () => {
  assert.deepEqual(sqlIn("const a = query('SELECT 1');"), ['SELECT ']);
  assert.deepEqual(sqlIn('run(`DELETE FROM pupils`)'), ['DELETE FROM ']);
  assert.deepEqual(sqlIn("export const b = statement<Row, { urn: number }>('b', text);"), [
    'statement<Row, { urn: number }>(',
  ]);
  assert.deepEqual(sqlIn("stores.records.selectFrom('receipts')"), ['.selectFrom(']);
  assert.deepEqual(sqlIn('/* SELECT nothing */ const text = 1; // statement(x)'), []);
});
