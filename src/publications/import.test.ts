import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { operator, type Output, parseViewer } from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import type { Stores } from '../stores/index.ts';
import { openTestStores, testClock } from '../testing/stores.ts';
import { statement } from '../warehouse/index.ts';
import { publicationCommands } from './commands.ts';
import { importFiles } from './import.ts';
import { changedRows, rowsOfKeys } from './publications.sql.ts';
import { sources } from './sources/index.ts';
import { keptName, tableColumns } from './source.ts';
import { areaRow, type Cells, csvOf, filesFolder, schoolNumber } from './testFiles.ts';

const files = filesFolder();
let stores: Stores;
let close: () => Promise<void>;

before(async () => {
  ({ stores, close } = await openTestStores());
});
after(async () => {
  await close();
  files.remove();
});

const enrolments = statement<
  { time_period: number; urn: number; enrolments: number },
  { receipts: number[] }
>(
  'enrolments',
  `SELECT time_period, urn, enrolments FROM published_school_absence
   WHERE receipt IN {receipts:Array(UInt32)} ORDER BY time_period, urn`,
);
const stored = async (): Promise<string[]> =>
  (await stores.read(enrolments, {})).map(
    (row) => `${row.time_period} ${row.urn} ${row.enrolments}`,
  );

async function bring(contents: Record<string, Cells[]>, options = {}) {
  const names = Object.entries(contents).map(([name, rows]) => files.write(name, csvOf(rows)));
  const outcomes = await importFiles(stores, names, { ...options, folder: files.folder });
  return outcomes.flatMap(({ parts }) => parts);
}

test('files of one command are stored together', async () => {
  const parts = await bring({
    'one.csv': [schoolNumber(1), schoolNumber(2)],
    'other.csv': [schoolNumber(1, { time_period: 201617 })],
  });
  assert.deepEqual(
    parts.map(({ became }) => became),
    ['new', 'new'],
  );
  assert.deepEqual(await stored(), ['201617 900001 100', '201718 900001 100', '201718 900002 100']);
  const [receipt] = await stores.receipts('school-absence');
  assert.equal(receipt?.title, 'one.csv');
  assert.equal(receipt?.scope, '201718');
  assert.deepEqual(receipt?.detail['rows'], 2);
});

test('a fault in one file keeps the others out', async () => {
  const before = await stored();
  await assert.rejects(
    bring({
      'new.csv': [schoolNumber(1, { time_period: 201516 })],
      'faulty.csv': [schoolNumber(1, { enrolments: 'x' })],
    }),
    Refusal,
  );
  assert.deepEqual(await stored(), before);
});

test('the same again changes nothing and says since when, in whatever order it comes', async () => {
  const receipts = await stores.receipts();
  const [part] = await bring({ 'again.csv': [schoolNumber(2), schoolNumber(1)] });
  assert.equal(part?.became, 'unchanged');
  assert.deepEqual(part?.became === 'unchanged' && part.since, testClock());
  assert.deepEqual(await stores.receipts(), receipts);
});

test('a corrected file replaces what it corrects and says what changed', async () => {
  const corrected = [schoolNumber(1, { enrolments: 110 }), schoolNumber(3)];
  const [asked] = await bring(
    { 'corrected.csv': corrected },
    { removeMissing: true, dryRun: true },
  );
  assert.equal(asked?.became, 'replaced');
  assert.deepEqual(await stored(), ['201617 900001 100', '201718 900001 100', '201718 900002 100']);
  const [part] = await bring({ 'corrected.csv': corrected }, { removeMissing: true });
  assert.deepEqual(part?.became === 'replaced' && part.changes, {
    added: 1,
    removed: 1,
    changed: 1,
    first: [
      'time_period 201718, urn 900001: enrolments 100 → 110',
      'time_period 201718, urn 900003: added',
      'time_period 201718, urn 900002: removed',
    ],
  });
  assert.deepEqual(await stored(), ['201617 900001 100', '201718 900001 110', '201718 900003 100']);
});

test('a file that brings one year anew and another as before replaces only the one', async () => {
  const both = [schoolNumber(1, { time_period: 201617 }), schoolNumber(1), schoolNumber(2)];
  const parts = await bring({ 'both.csv': both }, { removeMissing: true });
  assert.deepEqual(
    parts.map(({ became }) => became),
    ['unchanged', 'replaced'],
  );
});

test('a piece of a year is refused, and does not replace the whole year', async () => {
  const whole = Array.from({ length: 100 }, (_, at) => schoolNumber(at, { time_period: 201213 }));
  await bring({ 'whole.csv': whole });
  const before = await stored();
  const piece = { 'piece.csv': whole.slice(0, 25) };
  const line =
    'piece.csv: it lacks 75 of the 100 rows that are stored of school absence, three terms, 2012/13, and would remove them. Get the whole file again, or add --remove-missing if those rows are really gone. Nothing was stored.';
  for (const options of [{}, { dryRun: true }]) {
    await assert.rejects(bring(piece, options), { name: 'Refusal', message: line });
  }
  const others = [...whole.slice(3), schoolNumber(500, { time_period: 201213 })];
  await assert.rejects(bring({ 'others.csv': others }), /lacks 3 of the 100 rows/);
  assert.deepEqual(await stored(), before);
  const [corrected] = await bring({ 'corrected.csv': whole.slice(2) });
  assert.ok(corrected?.became === 'replaced' && corrected.removes === 2, 'two in a hundred may go');
});

test('with --remove-missing it does, and says how many rows it removed', async () => {
  const year = { time_period: 201213 };
  const name = files.write('piece.csv', csvOf([schoolNumber(2, year), schoolNumber(3, year)]));
  const { run, lines } = command('publications import');
  assert.equal(await run([name], {}, ['remove-missing', 'dry-run']), 0);
  assert.ok(
    lines.includes('  2012/13: 2 rows, would replace what is there and remove 96 rows of it'),
    lines.join('\n'),
  );
  assert.equal(await run([name], {}, ['remove-missing']), 0);
  assert.ok(
    lines.includes('  2012/13: replaces what was there: 0 rows added, 96 removed, 0 changed'),
    lines.join('\n'),
  );
});

test('a partial year is said to be partial where it is imported', async () => {
  const year = { time_period: 201011 };
  const name = files.write('other.csv', csvOf([1, 2, 3].map((at) => schoolNumber(at, year))));
  const stray = files.write('few.csv', csvOf([schoolNumber(1, { time_period: 200910 })]));
  const { run, lines } = command('publications import');
  assert.equal(await run([name, stray], {}, ['dry-run', 'partial']), 0);
  assert.ok(
    lines.includes(
      '    PARTIAL: 1 row of primary schools in 2009/10, against 3 in 2010/11. Whatever is worked out of this year rests on these alone.',
    ),
    lines.join('\n'),
  );
});

test('an authority that is left blank in a school’s row is taken from its LAESTAB', async () => {
  const laCodes = statement<{ la_code: string }, { receipts: number[] }>(
    'laCodes',
    `SELECT la_code FROM published_school_absence
     WHERE receipt IN {receipts:Array(UInt32)} AND time_period = 201011`,
  );
  const row = schoolNumber(1, { time_period: 201011, old_la_code: '' });
  await bring({ 'blank.csv': [row] });
  assert.deepEqual(await stores.read(laCodes, {}), [{ la_code: '999' }]);
  const neither = { ...row, urn: 900_002, laestab: '' };
  await assert.rejects(
    bring({ 'neither.csv': [neither] }),
    /column old_la_code: the cell is empty/,
  );
});

test('an import that is interrupted stores nothing', async () => {
  const before = await stored();
  const receipts = await stores.receipts();
  const interrupted = new AbortController();
  const onProgress = (doing: string) => {
    if (doing.startsWith('storing')) interrupted.abort(new Refusal('check-failed', 'Interrupted.'));
  };
  await assert.rejects(
    bring(
      { 'new.csv': [schoolNumber(1, { time_period: 201415 })] },
      { signal: interrupted.signal, onProgress },
    ),
    /Interrupted/,
  );
  assert.deepEqual(await stores.receipts(), receipts);
  assert.deepEqual(await stored(), before);
});

test('the table of every source has the columns that the source fills', async () => {
  const columns = statement<{ name: string }, { table: string }>(
    'columns',
    'SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String}',
  );
  for (const source of sources) {
    const { table } = source;
    const known = await stores.write((write) => write.warehouse.query(columns, { table }));
    assert.deepEqual(
      tableColumns(source).filter((name) => !known.some((column) => column.name === name)),
      [],
      table,
    );
    const filled = new Set([...tableColumns(source), 'receipt']);
    assert.deepEqual(
      known.filter(({ name }) => !filled.has(name)),
      [],
      table,
    );
    for (const name of [...source.key, ...source.scope.columns]) assert.ok(filled.has(name), name);
  }
});

test('what a corrected file changes can be asked of the table of every source', async () => {
  const both = { before: 1, after: 2 };
  await stores.write(async ({ warehouse }) => {
    for (const source of sources) {
      await warehouse.query(changedRows(source), both);
      await warehouse.query(rowsOfKeys(source), { ...both, keys: ['none'] });
    }
  });
});

test('every column of every source says what it means, and no two are kept under one name', () => {
  for (const source of sources) {
    const kept = tableColumns(source);
    assert.equal(new Set(kept).size, kept.length, source.kind);
    for (const column of source.columns) {
      assert.match(column.meaning, /\.$/, `${source.kind} ${column.name}`);
      assert.ok(keptName(column) !== '', column.name);
    }
  }
});

function command(verb: string) {
  const lines: string[] = [];
  const output: Output = {
    line: (text) => void lines.push(text),
    error: (text) => void lines.push(text),
    progress() {},
    isTerminal: false,
  };
  const written = new Map<string, string>();
  return {
    lines,
    written,
    run: (
      names: string[],
      values: Record<string, string> = {},
      switches: string[] = [],
      as = 'operator',
    ) =>
      publicationCommands
        .find((each) => each.verb === verb)
        ?.run(
          {
            stores,
            output,
            viewer: as === 'operator' ? operator : parseViewer(as),
            clock: testClock,
            settings: { demo: false, visitKm: 50 },
            folder: files.folder,
            writeFile: async (path, text) => void written.set(path, String(text)),
            signal: new AbortController().signal,
          },
          { files: names, values, switches: new Set(switches) },
        ),
  };
}

test('publications import says what each file is, and what became of it', async () => {
  const rows = [
    schoolNumber(7, { time_period: 201314 }),
    schoolNumber(8, { time_period: 201314, year_breakdown: 'five half terms' }),
  ];
  const name = files.write('report.csv', csvOf(rows));
  const { run, lines } = command('publications import');
  assert.equal(await run([name], {}, ['dry-run']), 0);
  assert.equal(lines.at(-1), 'Nothing was stored (--dry-run); 1 row would be.');
  lines.length = 0;
  assert.equal(await run([name]), 0);
  assert.deepEqual(lines, [
    'report.csv: school absence, three terms',
    '  1 row used, 1 not used',
    '    not used, not over six half terms: 1 row',
    '    cells without a value, not applicable in that year: 1',
    '  2013/14: 1 row, new',
    'Stored 1 row with one commit.',
  ]);
  lines.length = 0;
  assert.equal(await run([name]), 0);
  assert.deepEqual(lines.slice(-2), [
    '  2013/14: already imported on 2026-11-22: nothing changed',
    'Nothing changed.',
  ]);
  lines.length = 0;
  assert.equal(await run([name], {}, ['json']), 0);
  assert.equal(JSON.parse(lines.join('\n'))[0].parts[0].became, 'unchanged');
});

test('publications import takes a census by its year, a snapshot by its day, and no order but the operator’s', async () => {
  const { run } = command('publications import');
  const options = publicationCommands.find(({ verb }) => verb === 'publications import')?.options;
  const accepts = (name: string) => (text: string) => options?.[name]?.accepts?.(text);
  assert.deepEqual(['2019', 'last', '19'].map(accepts('census')), [true, false, false]);
  assert.deepEqual(['2025-08-07', '2025-02-30', 'x'].map(accepts('published')), [
    true,
    false,
    false,
  ]);
  await assert.rejects(
    run(['report.csv'], {}, [], 'inspector:801') ?? Promise.resolve(),
    /Only the operator/,
  );
});

test('publications reconcile finds every count equal, and one changed number in one school', async () => {
  const year = { time_period: 201112 };
  const three = [1, 2, 3].map((number) => schoolNumber(number, year));
  const areas = (['National', 'Regional', 'Local authority'] as const).flatMap((level) => [
    areaRow(level, 3, year),
    areaRow(level, 3, { ...year, school_type: 'State-funded primary' }),
  ]);
  const { run, lines, written } = command('publications reconcile');
  await assert.rejects(run([]) ?? Promise.resolve(), /no published totals to compare with/);
  await bring({ 'areas.csv': areas });
  assert.equal(await run([]), 1);
  assert.deepEqual(lines, [
    '2011/12: no schools are imported for this year.',
    '0 of 6 published rows equal',
  ]);
  await bring({ 'three.csv': three });
  lines.length = 0;
  assert.equal(await run([], { out: 'all.csv' }), 0);
  assert.deepEqual(lines, ['6 of 6 published rows equal']);
  const csv = (written.get('all.csv') ?? '').split('\n');
  assert.equal(csv.length, 1 + 6 * 27 + 1);
  assert.equal(
    csv[0],
    'time_period,geographic_level,region_code,new_la_code,school_type,column,published,recomputed,difference',
  );
  assert.equal(
    csv[1],
    '201112,Local authority,E12000099,E09000099,State-funded primary,enrolments,300,300,0',
  );
  assert.ok(csv.includes('201112,National,,,Total,sess_auth_ext_holiday,,,'));
  const oneMore = [...three.slice(1), schoolNumber(1, { ...year, sess_unauth_late: 6 })];
  await bring({ 'three.csv': oneMore });
  lines.length = 0;
  assert.equal(await run([]), 1);
  assert.deepEqual(lines.slice(-2), [
    '201112 Regional E12000099 Total: sess_unauth_late is published as 15 and comes to 16',
    '0 of 6 published rows equal',
  ]);
});
