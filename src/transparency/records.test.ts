import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { policy } from '../access/index.ts';
import { earlyWarningDocument } from './earlyWarning.ts';
import { documentMarkdown } from './markdown.ts';
import { measuredList, measuredOf, measuredTable } from './measured.ts';
import { patternsDocument } from './patterns.ts';

/* The records of early warning and of patterns: what they say was measured is what the evaluations wrote. */

const docs = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const records = {
  'early-warning.md': documentMarkdown(earlyWarningDocument()),
  'patterns.md': documentMarkdown(patternsDocument()),
};

test('each has what goes in, what never does, how it was judged, limits, who decides and how to object', () => {
  for (const page of Object.values(records)) {
    for (const heading of [
      'Tier 1: Overview',
      'Tier 2, section 1: Owner and responsibility',
      'What goes in',
      'What never goes in',
      'How it was judged',
      'Known limits',
      'Human decisions and review',
      'How to object',
      'Risks and mitigations',
      'Metadata',
    ]) {
      assert.match(page, new RegExp(`^##+ ${heading}$`, 'm'));
    }
    assert.doesNotMatch(page, /undefined|NaN|\bnull\b|\[object/);
  }
});

test('every row of figures in them stands in the page that its evaluation wrote', () => {
  const figures = /^\|.*\d/;
  const plain = (row: string) =>
    row
      .replaceAll(/[*`\\]/g, '')
      .replaceAll("'", '’')
      .replaceAll(/\s+/g, ' ');
  const cellsOf = (row: string) =>
    plain(row)
      .split('|')
      .map((cell) => cell.trim());
  const isPickedFrom = (cells: readonly string[], picked: readonly string[]) => {
    let at = -1;
    return picked.every((cell) => (at = cells.indexOf(cell, at + 1)) >= 0);
  };
  for (const [name, page] of Object.entries(records)) {
    const measured = docs(name).split('\n').map(cellsOf);
    const parts = page.split(/^### /m);
    const judged = parts.filter((part) => /^(How it was judged|For whom less well)/.test(part));
    const rows = judged.flatMap((part) => part.split('\n')).filter((row) => figures.test(row));
    assert.ok(rows.length >= 10, name);
    const headings = rows.filter((row) => row.includes('AUC |') || row.startsWith('| fault'));
    for (const row of rows) {
      if (headings.includes(row)) continue;
      assert.ok(
        measured.some((cells) => isPickedFrom(cells, cellsOf(row))),
        `${name}: ${row}`,
      );
    }
  }
});

const page = `# A page

Of last year:

| rule | AUC |
| --- | --- |
| **ours** | 0.9 |
| other, as \`x\` | 0.8 |

## Limits

**It did well.**

- It says [little](elsewhere.md).

Of this year:

| rule | AUC |
| --- | --- |
| ours | 0.7 |
`;

test('a table is found by its section and the line above it, whatever stands around it', () => {
  const measured = measuredOf('docs/a.md', page);
  assert.deepEqual(measured.verdicts, ['It did well.']);
  const block = measuredTable(measured, { section: 'A page', under: /^Of last/, caption: 'Told' });
  assert.ok(block.kind === 'table');
  assert.deepEqual(block.table.rows, [
    ['ours', '0.9'],
    ['other, as x', '0.8'],
  ]);
  assert.deepEqual(measuredList(measured, 'Limits'), {
    kind: 'list',
    items: ['It says little.'],
  });
});

test('a page that lost what a record rests on is refused, and never leaves a gap', () => {
  const measured = measuredOf('docs/a.md', page);
  const wanted = { section: 'Limits', under: /^Of last/, caption: '' };
  assert.throws(() => measuredTable(measured, wanted), /docs\/a\.md has no table “Limits”/);
  assert.throws(
    () => measuredTable(measured, { ...wanted, under: /^Of this/ }, () => false),
    /has no table/,
  );
  assert.throws(() => measuredList(measured, 'A page'), /has no list under “A page”/);
});

test('who sees a worklist is the policy’s, and nobody is named who does not', () => {
  const rules = policy['worklist'];
  assert.equal(rules.inspector.allow, 'never');
  const before = documentMarkdown(earlyWarningDocument());
  const rule = rules.inspector;
  rules.inspector = { allow: 'always' };
  try {
    assert.notEqual(documentMarkdown(earlyWarningDocument()), before);
  } finally {
    rules.inspector = rule;
  }
});
