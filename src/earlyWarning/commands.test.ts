import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import type { Clock } from '../base/clock.ts';
import { makeUpn } from '../base/upn.ts';
import { parseWords } from '../cli/parse.ts';
import { runCall } from '../cli/run.ts';
import { keysOf, marksCommands, rollCommands } from '../registers/index.ts';
import type { Stores } from '../stores/index.ts';
import { openTestStores, scratchFolder, testClock } from '../testing/stores.ts';
import { earlyWarningCommands } from './commands.ts';
import { marksOf, thisYear } from './ground.fixture.ts';
import { weeksOfEntries, worklistAtSchool } from './worklist/atSchool.ts';

/*
 * The verbs as a person types them, over real stores and registers that came in by their own verbs.
 */

let stores: Stores;
let close: () => Promise<void>;
const { folder, remove } = scratchFolder();
const commands = [
  ...rollCommands(),
  ...marksCommands(undefined),
  ...earlyWarningCommands(async () => ({
    coefficients: { rate: [], persistent: [], month: [] },
    rows: [
      {
        england: 'usual',
        on: '',
        target: 'persistent',
        method: 'ours',
        breakdown_topic: 'total',
        auc: 0.9,
      },
    ],
  })),
];

const urn = 900001;
const upns = Array.from({ length: 6 }, (_, serial) =>
  makeUpn({ laCode: '990', establishment: 4001, year: 2018, serial }),
);

before(async () => {
  ({ stores, close } = await openTestStores());
  const write = (name: string, heading: string, rows: readonly (readonly unknown[])[]) =>
    writeFileSync(
      join(folder, name),
      `${[heading, ...rows.map((row) => row.join(','))].join('\n')}\n`,
    );
  write('schools.csv', 'urn,laestab,name,phase,la_code,region_code', [
    [urn, 9904001, 'A school', 'primary', '990', 'E12000001'],
  ]);
  write(
    'pupils.csv',
    'urn,upn,surname,forename,date_of_birth,sex,year_group,fsm,sen,eal,ethnicity,entry_date,leaving_date',
    upns.map((upn, at) => [
      urn,
      upn,
      `Surname${at}`,
      'Forename',
      '2015-11-01',
      'F',
      5,
      0,
      'N',
      0,
      'WBRI',
      '2023-09-01',
      '',
    ]),
  );
  write(
    'marks.csv',
    'urn,upn,date,session,code',
    upns.flatMap((upn, at) =>
      marksOf(urn, at, thisYear, at === 0 ? 0.7 : 0.05).map(({ date, session, code }) => [
        ...[urn, upn, date, session === 0 ? 'AM' : 'PM', code],
      ]),
    ),
  );
  for (const file of ['schools', 'pupils'])
    assert.equal((await type(`${file} import ${file}.csv`)).code, 0);
  const imported = await type('registers import marks.csv');
  assert.equal(imported.code, 0, imported.said.join('\n'));
});
after(async () => {
  await close();
  remove();
});

async function type(words: string, clock: Clock = testClock) {
  const asked = parseWords(words.split(' '), commands);
  assert.ok(asked.what === 'call', JSON.stringify(asked));
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const code = await runCall(asked.call, {
    ...{ stores, clock, folder, signal: new AbortController().signal },
    settings: { demo: false, visitKm: 40, dataFolder: folder },
    output: { line: say, error: say, progress() {}, isTerminal: false },
  });
  return { code, said };
}

const read = (name: string) => readFileSync(join(folder, name), 'utf8');

test('scores come as the contract has them, sorted, and the same bytes twice', async () => {
  const { code, said } = await type('early-warning score --on 2026-01-16 --out scores.csv');
  assert.equal(code, 0, said.join('\n'));
  assert.match(said.join('\n'), /^6 children scored on 16 January 2026; \d with a probability/);
  assert.match(said.join('\n'), /made-up pupils/);
  const text = read('scores.csv');
  const rows = parse(text, { columns: true }) as Record<string, string>[];
  assert.deepEqual(Object.keys(rows[0] ?? {}), [
    ...['urn', 'upn', 'probability_persistent', 'probability_next_4_weeks', 'reasons'],
  ]);
  assert.deepEqual(
    rows.map((row) => row['upn']),
    upns.toSorted(),
  );
  for (const row of rows) {
    for (const name of ['probability_persistent', 'probability_next_4_weeks']) {
      const probability = Number(row[name]);
      assert.ok(probability >= 0 && probability <= 1, `${name} ${row[name]}`);
    }
  }
  const often = rows.find((row) => row['upn'] === upns[0]);
  assert.ok(Number(often?.['probability_persistent']) > 0.9);
  assert.match(often?.['reasons'] ?? '', /of the year so far/);
  await type('early-warning score --on 2026-01-16 --out again.csv');
  assert.equal(read('again.csv'), text);
});

test('marks of later days in the same register change no score', async () => {
  const fresh = join(folder, 'later.csv');
  writeFileSync(
    fresh,
    `urn,upn,date,session,code\n${upns.map((upn) => `${urn},${upn},2026-03-02,AM,O`).join('\n')}\n`,
  );
  const before = read('scores.csv');
  assert.equal((await type('registers import later.csv')).code, 0);
  await type('early-warning score --on 2026-01-16 --out after.csv');
  assert.equal(read('after.csv'), before);
});

test('what is printed names no child, and every child in it is in the trail', async () => {
  const { said } = await type('early-warning score --on 2026-01-16 --why');
  const text = said.join('\n');
  assert.match(text, /record \d+ at 900001: \d+% and \d+%: .*foreseen to miss/);
  for (const upn of upns) assert.ok(!text.includes(upn));
  assert.doesNotMatch(text, /Surname|Forename/);
  const entries = await stores.records
    .selectFrom('audit_entries')
    .select(['subject_kind', 'purpose', 'action'])
    .where('subject_kind', '=', 'pupil')
    .execute();
  assert.ok(entries.length >= 2 * upns.length);
  assert.ok(entries.every(({ purpose }) => purpose === 'attendance'));
  assert.ok(entries.some(({ action }) => action === 'exported'));
});

test('a day on which nobody is on a roll has no scores; one that is none is wrong usage', async () => {
  const { code, said } = await type('early-warning score --on 2020-01-16 --out none.csv');
  assert.equal(code, 0);
  assert.match(said.join('\n'), /^0 children scored/);
  assert.equal(read('none.csv').trim().split('\n').length, 1);
  assert.throws(
    () => parseWords(['early-warning', 'score', '--on', '2026-02-30'], commands),
    /takes --on DATE/,
  );
});

const then: Clock = () => new Date('2026-01-16T16:00:00Z');

test('the worklist of a school rests on its registers, and another’s notes are not in it', async () => {
  const parts = { stores, clock: then };
  const keys = await keysOf(stores.records, [1, 2, 3, 4, 5, 6]);
  const asked = { urns: [urn], among: new Set(keys.values()), capacity: 2, said: [] };
  const note = { id: 1, on: '2026-01-08', by: 'A. Head', text: 'Spoke to the family.' };
  const first = await worklistAtSchool(parts, { ...asked, notes: [] });
  assert.equal(first.model.fittedOn, null);
  assert.ok(first.entries.length >= 2);
  const [entry] = first.entries;
  assert.ok(entry?.unseen && (entry.score?.probability_persistent ?? 0) > 0.9);
  const weeks = await weeksOfEntries(parts, { ...asked, entries: [entry], spans: new Map() });
  const { strip = [], arithmetic } = weeks.get(entry.pupil) ?? {};
  assert.equal(strip.at(-1)?.monday, '2026-01-12');
  assert.ok(strip.length >= 5 && strip.every(({ cells }) => cells.length === 10));
  assert.ok(strip.some(({ cells }) => cells.includes('authorised')));
  assert.equal(arithmetic, null, 'no calendar tells what is left');
  const notes = [urn, 900002].map((each) => ({ ...note, urn: each, pupil: entry.pupil }));
  const second = await worklistAtSchool(parts, { ...asked, notes });
  const same = second.entries.find(({ pupil }) => pupil === entry.pupil);
  assert.deepEqual(same?.notes, [notes[0]]);
  assert.equal(same?.unseen, false);
  const others = new Set([...asked.among].filter((key) => key !== entry.pupil));
  const without = await worklistAtSchool(parts, { ...asked, notes: [], among: others });
  assert.ok(without.entries.every(({ pupil }) => pupil !== entry.pupil));
});

test('a worklist is typed too: a child is a number in it, and in the trail', async () => {
  const looks = () =>
    stores.records
      .selectFrom('audit_entries')
      .select(['action', 'subject_kind', 'purpose', 'data_class'])
      .where('subject_kind', '=', 'pupil')
      .orderBy('number')
      .execute();
  const before = await looks();
  const { code, said } = await type(`early-warning worklist --urn ${urn} --out list.csv`, then);
  assert.equal(code, 0, said.join('\n'));
  assert.match(said.join('\n'), /1\. record \d+: \d+%.*\n[\s\S]*children of 6 at 900001/);
  const rows = parse(read('list.csv'), { columns: true }) as Record<string, string>[];
  assert.ok(rows.length >= 2 && rows.every(({ record }) => Number(record) > 0));
  for (const text of [said.join('\n'), read('list.csv')])
    assert.doesNotMatch(text, new RegExp(`Surname|Forename|${upns.join('|')}`));
  const entries = (await looks()).slice(before.length);
  // A look at each child’s place on the list, and at its attendance: as on the page.
  for (const data of ['worklist', 'pupil attendance']) {
    const own = entries.filter(({ data_class }) => data_class === data);
    assert.equal(own.length, rows.length, data);
  }
  assert.ok(
    entries.every(({ action, purpose }) => action === 'exported' && purpose === 'oversight'),
  );
  const refused = await type(`early-warning worklist --urn ${urn} --as inspector:990`);
  assert.equal(refused.code, 1);
  assert.match(refused.said.join('\n'), /never for accountability/);
});

test('a fit without a whole year is refused in words, and what is shipped goes on', async () => {
  const { code, said } = await type('early-warning fit');
  assert.equal(code, 1);
  assert.match(said.join('\n'), /2025\/26 have 0 enrolments .* fitted on made-up pupils/);
});

test('the evaluation writes every figure, and its document between the marks', async () => {
  writeFileSync(join(folder, 'page.md'), '# Page\n<!-- tables -->\nold\n<!-- end -->\nrest\n');
  const { code, said } = await type('early-warning evaluate --out figures.csv --markdown page.md');
  assert.equal(code, 0, said.join('\n'));
  assert.match(said.join('\n'), /usual, persistent, ours: AUC 0.900/);
  assert.match(read('figures.csv'), /^england,on,target,method,.*\nusual,,persistent,ours,total,/);
  assert.match(
    read('page.md'),
    /^# Page\n<!-- tables -->\n\*\*On made-up pupils[\s\S]*<!-- end -->\nrest\n$/,
  );
});
