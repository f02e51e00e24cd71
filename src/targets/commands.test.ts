import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { operator, parseViewer } from '../access/index.ts';
import { demoCast, makeEngland, saveEngland } from '../demo/index.ts';
import { importFiles } from '../publications/index.ts';
import { directoriesOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { openTestStores, scratchFolder } from '../testing/stores.ts';
import { targetCommands } from './index.ts';

let stores: Stores;
let close: () => Promise<void>;
let whole: string;

/** Runs `targets …`; a refusal is thrown, as the command line receives it. */
async function run(
  verb: string,
  values: Record<string, string>,
  { as, switches = [] }: { as?: string; switches?: string[] } = {},
) {
  const command = targetCommands.find((each) => each.verb === `targets ${verb}`);
  assert.ok(command);
  const lines: string[] = [];
  let file = '';
  const exit = await command.run(
    {
      stores,
      viewer: as === undefined ? operator : parseViewer(as),
      clock: () => new Date(0),
      settings: { demo: true, visitKm: 40 },
      folder: '.',
      signal: new AbortController().signal,
      output: { line: (text) => lines.push(text), error() {}, progress() {}, isTerminal: false },
      writeFile: async (_, text) => void (file = String(text)),
    },
    { values, switches: new Set(switches), files: [] },
  );
  return { exit, lines, file };
}

const rowsOf = (file: string) => file.trimEnd().split('\n').slice(1);
const issueId = async () => (await stores.receipts('targets'))[0]?.id;

before(async () => {
  ({ stores, close } = await openTestStores());
  const { folder, remove } = scratchFolder();
  const sample = join(folder, 'sample.csv');
  writeFileSync(
    sample,
    'urn,la_code,time_period,overall_absence_perc,persistent_absence_perc\n999001,801,202223,6.1,18.2\n',
  );
  await importFiles(stores, [sample]);
  await assert.rejects(
    run('publish', { year: '202324' }),
    /^Refusal: No school would get an expectation for 2023\/24: of none are both its type and an earlier year known\. Nothing was issued or replaced\./,
  );
  assert.equal(await issueId(), undefined);
  const england = makeEngland({ schools: 300, seed: 'issue' });
  await importFiles(stores, await saveEngland(england, folder));
  remove();
  whole = (await run('publish', { year: '201819', out: 'targets.csv' })).file;
});
after(() => close());

test('a year too long after the last known one is refused, and what was issued stays', async () => {
  const issued = await issueId();
  await assert.rejects(
    run('publish', { year: '203031' }),
    /^Refusal: Nothing is known after 2017\/18: from there an expectation can be set for 2023\/24 at the latest, not for 2030\/31\./,
  );
  assert.equal(await issueId(), issued);
});

test('a school, a trust, an authority and the department are shown their own rows of what was issued', async () => {
  const issued = await issueId();
  const { urn } = demoCast.academisedChain;
  const directory = await directoriesOf(stores)();
  const school = directory.get(urn);
  const rowsFor = async (as: string) => {
    const { exit, file } = await run('publish', { year: '201819', out: 'own.csv' }, { as });
    assert.equal(exit, 0);
    return rowsOf(file);
  };
  const rowsWhere = (urns: number[]) =>
    rowsOf(whole).filter((row) => urns.includes(Number(row.split(',')[0])));
  const trust = school.trust?.uid ?? '';
  const trustUrns = directory.schoolsOfTrust(trust).map((each) => each.urn);
  const authorityUrns = directory.schoolsOfAuthority(school.laCode).map((each) => each.urn);
  assert.ok(trustUrns.length > 1 && authorityUrns.length > trustUrns.length);
  assert.deepEqual(await rowsFor(`school:${urn}`), rowsWhere([urn]));
  assert.deepEqual(await rowsFor(`trust:${trust}`), rowsWhere(trustUrns));
  assert.deepEqual(await rowsFor(`authority:${school.laCode}`), rowsWhere(authorityUrns));
  assert.deepEqual(await rowsFor('department'), rowsOf(whole));
  assert.equal(await issueId(), issued, 'showing issued nothing');
});

test('without a file, a viewer reads what is asked of each school', async () => {
  const { urn } = demoCast.academisedChain;
  const { lines } = await run('publish', { year: '201819' }, { as: `school:${urn}` });
  assert.match(lines[0] ?? '', /^1 expectation issued for 2018\/19, as school:\d{6} sees them:$/);
  assert.match(lines[1] ?? '', /: absence of at most [\d.]+%, persistent absence of at most /);
});

test('an inspector, the public and a school that is not there are refused', async () => {
  for (const as of ['inspector:801', 'public']) {
    await assert.rejects(
      run('publish', { year: '201819' }, { as }),
      /^Refusal: Expectations are for support, never for accountability\./,
    );
  }
  await assert.rejects(
    run('publish', { year: '201819' }, { as: 'school:999999' }),
    /^Refusal: There is no state school with the URN 999999\./,
  );
});

test('a viewer never causes an issue: a year that was not issued is refused', async () => {
  await assert.rejects(
    run('publish', { year: '201718' }, { as: 'department' }),
    /^Refusal: Nothing has been issued for 2017\/18\. The operator issues with /,
  );
});

test('--unsuppressed is kept on record, changes no figure, and is refused to anybody but the operator', async () => {
  const out = { year: '201819', out: 'targets.csv' };
  const { file } = await run('publish', out, { switches: ['unsuppressed'] });
  assert.equal(file, whole);
  assert.equal((await stores.receipts('targets'))[0]?.detail?.['unsuppressed'], true);
  await assert.rejects(
    run('publish', out, { as: 'department', switches: ['unsuppressed'] }),
    /^Refusal: --unsuppressed is the operator’s/,
  );
});

test('a back-test of years in which no school can be compared is refused, and the last one stays', async () => {
  await run('backtest', { from: '201718', to: '201718' });
  const kept = (await stores.receipts('backtest'))[0]?.id;
  await assert.rejects(
    run('backtest', { from: '201314', to: '201314' }),
    /^Refusal: No school is known in 2013\/14 and in enough years before it/,
  );
  assert.equal((await stores.receipts('backtest'))[0]?.id, kept);
});
