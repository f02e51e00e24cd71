import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { operator } from '../../src/access/index.ts';
import { auditCommands } from '../../src/audit/index.ts';
import { csvText } from '../../src/base/csv.ts';
import fc from '../../src/testing/chance.ts';
import { testClock } from '../../src/testing/stores.ts';
import { type AttackedSite, openAttackedSite, pathOf, type Running } from './site.fixture.ts';

/*
 * Somebody has a text kept here (a school’s name, a class, an address in the trail) that a spreadsheet takes for a formula
 * when somebody else opens an exported file.
 */

/** What spreadsheets take for the start of a formula: `=cmd|…`, `@SUM`, and the wide signs of some keyboards. */
const starts = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
const formula = (start: string) => `${start}cmd|' /C calc'!A1,"x";=1+1`;

/** A cell as a spreadsheet reads it: it runs nothing. */
function runsNothing(cell: string): boolean {
  return !/^[=+\-@\t\r\n＝＋－＠]/.test(cell) || /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(cell);
}

const cellsOf = (csv: string): string[][] =>
  parse(csv, { relax_column_count: true, record_delimiter: ['\n'], bom: true });

let open: AttackedSite;
let site: Running;
let demo: Running;
before(async () => {
  open = await openAttackedSite({ issue: true });
  const { stores } = open;
  const { records } = stores;
  for (const [index, start] of starts.entries()) {
    await records
      .insertInto('audit_entries')
      .columns([
        'number',
        'at',
        'role',
        'scope',
        'action',
        'from_address',
        'detail',
        'hash',
        'subject_kind',
        'subject_id',
      ])
      .values({
        ...{ number: 100_000 + index, at: new Date(), role: formula(start), scope: formula(start) },
        ...{ action: formula(start), from_address: formula(start), detail: '{}', hash: '' },
        ...{ subject_kind: formula(start), subject_id: formula(start) },
      } as never)
      .execute();
  }
  site = await open.run();
  demo = await open.run({ demo: true });
});
after(() => open.close());

describe('an exported file', () => {
  test('of the trail runs nothing, whatever was written into it', async () => {
    const auditExport = auditCommands.find(({ verb }) => verb === 'audit export');
    let written = '';
    await auditExport?.run(
      {
        stores: open.stores,
        viewer: operator,
        clock: testClock,
        signal: new AbortController().signal,
        output: { line() {}, error() {}, progress() {} },
        writeFile: async (_: string, text: string) => void (written = text),
      } as never,
      { values: { out: 'trail.csv' }, switches: new Set(), files: [] } as never,
    );
    const rows = cellsOf(written);
    assert.ok(rows.length > starts.length);
    for (const start of starts) {
      const kept = `'${formula(start)}`;
      assert.ok(
        rows.some((row) => row.includes(kept)),
        `${JSON.stringify(start)} is in the file, as text`,
      );
    }
    for (const cell of rows.flat()) assert.ok(runsNothing(cell), cell);
  });

  test('of every route runs nothing, whatever a school or a child is called', async () => {
    const department = { cookie: 'rollcall_demo_viewer=department' };
    const names: Record<string, string> = { name: formula('='), trust: formula('@') };
    const directory = await open.directories();
    for (const school of directory.schools) {
      Object.assign(school, { name: names['name'] });
      if (school.trust) Object.assign(school.trust, { name: names['trust'] });
    }
    let files = 0;
    for (const route of demo.routes.filter(({ path }) => path.endsWith('.csv'))) {
      const { status, body } = await demo.ask(pathOf(route), { headers: department });
      if (status !== 200) continue;
      files += 1;
      for (const cell of cellsOf(body).flat())
        assert.ok(runsNothing(cell), `${route.path}: ${cell}`);
    }
    assert.ok(files >= 5, `${files} files`);
  });

  test('of a child’s record is no spreadsheet, and says so', async () => {
    const head = await site.signIn('head');
    const pupil = open.cast.pupils.get('classmateOne');
    await open.stores.records
      .updateTable('pupils')
      .set({ surname: formula('=') })
      .where('id', '=', pupil ?? 0)
      .execute();
    const { status, headers, body } = await head.get(`/pupils/${pupil}/export`);
    assert.equal(status, 200);
    assert.match(headers['content-type'] ?? '', /^application\/json/);
    assert.match(headers['content-disposition'] ?? '', /^attachment; filename="record-\d+\.json"$/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(JSON.parse(body).identity.surname, formula('='));
  });
});

test('no text becomes a formula, and a reader gets every text back', () => {
  const bits = fc.constantFrom(...starts, '1', '.', 'a', '"', ',', ';', "'", ' ', '|', '!', 'e');
  fc.assert(
    fc.property(fc.array(fc.string({ unit: bits, maxLength: 8 }), { minLength: 1 }), (texts) => {
      const csv = csvText(
        ['a'],
        texts.map((a) => ({ a: `x${a}` })).concat(texts.map((a) => ({ a }))),
      );
      const cells = parse(csv, {
        record_delimiter: ['\n'],
        skip_empty_lines: false,
        relax_column_count: true,
      }).flat() as string[];
      for (const cell of cells) assert.ok(runsNothing(cell), JSON.stringify(cell));
      for (const text of texts) {
        if (text !== '')
          assert.ok(cells.includes(text) || cells.includes(`'${text}`), JSON.stringify(text));
      }
    }),
    { numRuns: 2000, seed: 20_261_122 },
  );
});
