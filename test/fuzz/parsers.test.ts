import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeEngland, saveEngland } from '../../src/demo/index.ts';
import { openTestStores, scratchFolder } from '../../src/testing/stores.ts';
import { fuzz } from './fuzz.ts';
import { startHostileProvider } from './hostileProvider.fixture.ts';
import {
  fuzzedWithin,
  type Ground,
  makeGoodBackup,
  parsers,
  readsNothingFromOutside,
} from './parsers.ts';

const source = new URL('../../src/', import.meta.url).pathname;
const { folder, remove } = scratchFolder();
const { stores, close } = await openTestStores();
const files = await saveEngland(makeEngland({ schools: 12, seed: 'fuzz' }), folder);
const ground: Ground = {
  ...{ folder, stores, records: stores.records, provider: await startHostileProvider() },
  publications: files.map((file) => {
    const path = typeof file === 'string' ? file : join(folder, String(file));
    const bytes = readFileSync(path);
    // Its header and its first rows: damage is met where reading is.
    return {
      name: path.split('/').at(-1) ?? '',
      bytes: bytes.subarray(0, bytes.lastIndexOf(10, 6000) + 1),
    };
  }),
};
await makeGoodBackup(join(folder, 'good.backup'), readFileSync);
after(async () => {
  await ground.provider.close();
  await close();
  remove();
});

const named = Object.entries(parsers);
const notFuzzedItself = [...Object.keys(fuzzedWithin), ...Object.keys(readsNothingFromOutside)];

for (const [name, property] of named) {
  test(`whatever it is given, ${name} reads it or says in a sentence why not`, () =>
    fuzz(property(ground), { least: 60, share: 1 / named.length }));
}

/** `base/upn.ts parseUpn`, of everything that is named like a reader. */
function readersIn(folderOfSource: string): string[] {
  return globSync('**/*.ts', { cwd: folderOfSource })
    .filter((file) => !/\.test\.ts$|^testing\//.test(file))
    .flatMap((file) => namedLikeReaders(file, readFileSync(join(folderOfSource, file), 'utf8')));
}

function namedLikeReaders(file: string, text: string): string[] {
  const shape =
    /^export (?:async )?(?:function\*?|const) ((?:parse|read|recognise|decode)(?:[A-Z]\w*)?)\b/gm;
  return [...text.matchAll(shape)].map(([, name]) => `${file} ${name}`);
}

test('everything that is named like a reader of what comes from outside is fuzzed, or says why not', () => {
  const readers = readersIn(source);
  assert.ok(readers.length >= 10);
  const told = new Set([...named.map(([name]) => name), ...notFuzzedItself]);
  assert.deepEqual(
    readers.filter((reader) => !told.has(reader)),
    [],
    'add it to parsers in test/fuzz/parsers.ts, with what has to hold whatever it is given',
  );
  assert.deepEqual(namedLikeReaders('new.ts', 'export async function parseNew(text: string) {}'), [
    'new.ts parseNew',
  ]);
});

test('everything in the list is there', () => {
  for (const name of [...Object.keys(parsers), ...notFuzzedItself]) {
    const [file = '', exported = ''] = name.split(' ');
    const text = readFileSync(join(source, file), 'utf8');
    assert.match(
      text,
      new RegExp(`^export (?:async )?(?:function\\*?|const) ${exported}\\b`, 'm'),
      name,
    );
  }
  for (const within of Object.values(fuzzedWithin)) assert.ok(within in parsers, within);
});
