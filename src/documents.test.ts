import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { policy } from './access/index.ts';
import { staleDocuments, writtenDocuments } from './documents.ts';
import { pupilFlows } from './pupils/index.ts';

const inCheckout = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const stale = () => staleDocuments(inCheckout);

test('every generated page of docs/ is what the code says', () => {
  assert.deepEqual(stale(), []);
  assert.ok(Object.keys(writtenDocuments()).length >= 5);
});

test('written twice they are the same to the byte', () => {
  assert.deepEqual(writtenDocuments(), writtenDocuments());
});

test('a policy that was changed makes them stale, and says what to do', () => {
  const rules = policy['issued expectation'];
  const rule = rules.inspector;
  rules.inspector = { allow: 'always' };
  try {
    assert.deepEqual(
      stale(),
      ['dpia', 'data-flows', 'algorithmic-transparency']
        .toSorted()
        .map(
          (name) => `docs/${name}.md is not what the code says: run npm run docs and look at it`,
        ),
    );
  } finally {
    rules.inspector = rule;
  }
  assert.deepEqual(stale(), []);
});

test('a source that describes itself otherwise makes them stale', () => {
  const [registry] = pupilFlows as readonly { kept: string }[];
  assert.ok(registry);
  const { kept } = registry;
  registry.kept = 'For ever.';
  try {
    assert.equal(stale().length, 2);
  } finally {
    registry.kept = kept;
  }
});

test('a DPIA that names a test that is not there is not written', () => {
  assert.throws(
    () => writtenDocuments((path) => !path.endsWith('/children.test.ts')),
    /src\/access\/children\.test\.ts holds a measure, and there is no such file/,
  );
});
