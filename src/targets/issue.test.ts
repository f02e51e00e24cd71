import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { operator } from '../access/index.ts';
import { demoCast, makeEngland, saveEngland } from '../demo/index.ts';
import { importFiles } from '../publications/index.ts';
import { type Directories, directoriesOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { openTestStores, scratchFolder } from '../testing/stores.ts';
import { type Issued, issuedColumns, targetCommands } from './index.ts';
import { type Issuing, issueTargets } from './issue.ts';
import { findIssued, newestFit } from './show.ts';

let stores: Stores;
let directories: Directories;
let close: () => Promise<void>;
let published: Issuing;
const year = 201819;

before(async () => {
  ({ stores, close } = await openTestStores());
  directories = directoriesOf(stores);
  const { folder, remove } = scratchFolder();
  await importFiles(
    stores,
    await saveEngland(makeEngland({ schools: 300, seed: 'issue' }), folder),
  );
  remove();
  published = await issueTargets(stores, { year, visitKm: 40 });
});
after(() => close());

test('every school that is open gets an expectation, the newest and the tiniest too', async () => {
  const urns = new Set(published.issued.map(({ urn }) => urn));
  for (const key of ['newWithoutHistory', 'tinyPrimary', 'oneYearOnly', 'gapInHistory'] as const) {
    assert.ok(urns.has(demoCast[key].urn), key);
  }
  assert.ok(!urns.has(demoCast.closedSchool.urn));
});

test('an expectation is never above the forecast nor below nothing, and the forecast stands inside its intervals', () => {
  for (const figures of published.issued) {
    for (const kind of ['absence', 'persistent'] as const) {
      const forecast = figures[`forecast_${kind}_percent`] as number;
      const expectation = figures[`expectation_${kind}_percent`] as number;
      assert.ok(expectation >= 0 && expectation <= forecast, `${figures.urn}`);
      const limits = [
        figures[`forecast_${kind}_lower_95`] as number,
        figures[`forecast_${kind}_lower_80`] as number,
        forecast,
        figures[`forecast_${kind}_upper_80`] as number,
        figures[`forecast_${kind}_upper_95`] as number,
      ];
      assert.deepEqual(
        limits,
        limits.toSorted((a, b) => a - b),
      );
      const chance = figures[`probability_${kind}_met_by_chance`] as number;
      assert.ok(chance >= 0 && chance <= 1);
    }
  }
});

test('no school is similar to itself or to what it was, and ten are similar or none with a reason', async () => {
  const directory = await directories();
  for (const figures of published.issued) {
    const chain = directory.get(figures.urn).chain.map((record) => record.urn);
    const similar = figures.similar_urns.split(';').filter(Boolean).map(Number);
    assert.equal(similar.length, figures.similar_count);
    assert.ok(similar.every((urn) => !chain.includes(urn)));
    assert.ok(similar.length === 0 ? figures.no_match_reason !== null : similar.length >= 10);
  }
});

test('schools to learn from are at most four, near enough, and in another trust', async () => {
  const directory = await directories();
  for (const figures of published.issued.filter((_, index) => index % 5 === 0)) {
    const school = directory.get(figures.urn);
    const { explanation } = (await findIssued(stores, operator, school)) as Issued;
    const named = explanation.learnFrom.map(({ urn }) => urn).join(';');
    assert.equal(figures.learn_from_urns, named);
    assert.ok(explanation.learnFrom.length <= 4);
    assert.ok(explanation.learnFrom.length > 0 || explanation.noneToLearnFromReason !== null);
    const own = school.trust?.uid;
    for (const { urn, kilometres } of explanation.learnFrom) {
      assert.ok(kilometres <= 40);
      if (own !== undefined) assert.notEqual(directory.get(urn).trust?.uid, own);
    }
  }
});

test('what was issued is read back as it was issued, for the school under any of its URNs', async () => {
  const directory = await directories();
  const school = directory.get(demoCast.academisedChain.previousUrn as number);
  const issued = await findIssued(stores, operator, school);
  const expected = published.issued.find(({ urn }) => urn === school.urn);
  assert.deepEqual(issued?.figures, JSON.parse(JSON.stringify(expected)));
  assert.equal(issued?.explanation.similar.length, expected?.similar_count);
});

test('issuing again for the same year replaces what was issued, with the same bytes', async () => {
  const school = (await directories()).get(demoCast.academisedChain.urn);
  const before = await findIssued(stores, operator, school);
  const again = await issueTargets(stores, { year, visitKm: 40 });
  assert.deepEqual(again.issued, published.issued);
  const { explanation } = (await findIssued(stores, operator, school)) as Issued;
  assert.deepEqual(explanation, before?.explanation);
  assert.equal((await stores.receipts('targets')).length, 1);
  assert.equal((await newestFit(stores))?.schools, published.issued.length);
});

test('a year with nothing known before it is refused with what to do', async () => {
  await assert.rejects(
    issueTargets(stores, { year: 201213, visitKm: 40 }),
    /Nothing is known of any year before 2012\/13: import school absence files first/,
  );
});

test('what is known of the year itself, or later, changes not a byte of what is issued for it', async () => {
  const { folder, remove } = scratchFolder();
  const files = await saveEngland(makeEngland({ schools: 300, seed: 'issue' }), folder);
  const last = files.find((file) => file.includes('absence_3term_school_201718')) as string;
  const later = readFileSync(last, 'utf8')
    .replaceAll(',201718,', ',201819,')
    .split('\n')
    .map((row, index) => (index % 9 === 4 ? row.replace('State-funded primary', 'Special') : row))
    .join('\n');
  writeFileSync(last, later);
  await importFiles(stores, [last]);
  remove();
  const again = await issueTargets(stores, { year, visitKm: 40 });
  assert.deepEqual(again.issued, published.issued);
});

test('the command writes the columns of the contract, a row a school, in the order of URN', async () => {
  const publish = targetCommands.find((command) => command.verb === 'targets publish');
  const files = new Map<string, string>();
  const lines: string[] = [];
  const exit = await publish?.run(
    {
      stores,
      viewer: operator,
      clock: () => new Date(0),
      settings: { demo: true, visitKm: 40 },
      folder: '.',
      signal: new AbortController().signal,
      output: { line: (text) => lines.push(text), error() {}, progress() {}, isTerminal: false },
      writeFile: async (path, text) => void files.set(path, String(text)),
    },
    { values: { year: '201819', out: 'targets.csv' }, switches: new Set(), files: [] },
  );
  assert.equal(exit, 0);
  const [header, ...rows] = (files.get('targets.csv') ?? '').trimEnd().split('\n');
  assert.equal(header, issuedColumns.join(','));
  assert.equal(rows.length, published.issued.length);
  const urns = rows.map((row) => Number(row.split(',')[0]));
  assert.deepEqual(
    urns,
    urns.toSorted((a, b) => a - b),
  );
  assert.match(lines[0] ?? '', /expectations issued for 2018\/19/);
});

test('no school is similar to, or sent to learn from, a school that the register links to it as merged or split', async () => {
  const pairs = published.issued.flatMap((figures) => {
    const first = [figures.similar_urns, figures.learn_from_urns].map((urns) => urns.split(';')[0]);
    return first.filter((urn) => urn).map((urn) => [figures.urn, Number(urn)] as const);
  });
  const { folder, remove } = scratchFolder();
  const files = await saveEngland(makeEngland({ schools: 300, seed: 'issue' }), folder);
  const links = files.find((file) => file.endsWith('gias_links.csv')) as string;
  const types = ['Predecessor - merged', 'Successor - amalgamated', 'Predecessor - Split School'];
  const row = ([one, other]: readonly [number, number], place: number) =>
    `${one},${other},"Once merged (made-up)","${types[place % 3]}","01-09-2015"\r\n`;
  appendFileSync(
    links,
    pairs
      .filter((_, place) => place % 4 === 0)
      .map(row)
      .join(''),
  );
  await importFiles(stores, [links]);
  const linked = readFileSync(links, 'utf8')
    .split('\r\n')
    .flatMap((line) => {
      const [one = '', other = ''] = line.split(',');
      return [`${one} ${other}`, `${other} ${one}`];
    });
  remove();
  const apart = new Set(linked);
  const again = await issueTargets(stores, { year, visitKm: 40 });
  const named = (figures: Issuing['issued'][number]) =>
    `${figures.similar_urns};${figures.learn_from_urns}`.split(';').filter(Boolean);
  const kept = again.issued.filter((figures) => named(figures).length > 0).length;
  assert.ok(kept > 100, `${kept} schools named others`);
  assert.deepEqual(
    again.issued.flatMap((figures) =>
      named(figures)
        .map((urn) => `${figures.urn} ${urn}`)
        .filter((pair) => apart.has(pair)),
    ),
    [],
  );
});
