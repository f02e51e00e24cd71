import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { parseSync } from '@swc/core';

/*
 * Somebody sends a text on which a regular expression takes for ever (ReDoS). Every one that is in the source is tried, with
 * long texts made from its own letters, in a thread that can be stopped: a sound one takes milliseconds, one that goes back
 * again and again takes minutes.
 */

const root = new URL('../../', import.meta.url).pathname;
const length = 100_000;
/** A sound one needs a hundredth of it, a quadratic one several times as much. */
const mostMilliseconds = 800;

/** Whose text cannot be so long, with why. */
const bounded: Record<string, string> = {
  '[\\w-]*image:\\s*url\\([^)]*govuk-crest[^)]*\\);?':
    'read once at start, of the design system’s own style sheet',
};

type Found = { file: string; source: string; flags: string };

/** The regular expressions written in the program, tests and made-up data left out. */
function patternsInSource(): Found[] {
  const files = globSync('src/**/*.ts', { cwd: root }).filter(
    (file) => !/\.(test|fixture)\.ts$|^src\/(demo|testing)\//.test(file),
  );
  const found = new Map<string, Found>();
  for (const file of files) {
    const program = parseSync(readFileSync(root + file, 'utf8'), { syntax: 'typescript' });
    walk(program, (node) => {
      if (node['type'] !== 'RegExpLiteral') return;
      const { pattern: source, flags } = node as unknown as { pattern: string; flags: string };
      found.set(`${source} ${flags}`, { file, source, flags });
    });
  }
  return [...found.values()];
}

function walk(node: unknown, visit: (node: Record<string, unknown>) => void): void {
  if (Array.isArray(node)) for (const each of node) walk(each, visit);
  else if (typeof node === 'object' && node !== null) {
    visit(node as Record<string, unknown>);
    for (const each of Object.values(node)) walk(each, visit);
  }
}

/** Long texts that nearly fit: of each letter of the pattern, of pieces of it, and of those with something that does not. */
function textsFor({ source }: Found): string[] {
  const plain = source
    .replaceAll(/\\[dD]/g, '1')
    .replaceAll(/\\[sS]/g, ' ')
    .replaceAll(/\\[wWpP](\{[^}]*\})?/g, 'a')
    .replaceAll(/\\[bB]|\(\?<?[:=!]|\(\?<\w+>|[\^$]/g, '')
    .replaceAll(/\\[tnr]/g, '\t')
    .replaceAll(/\\(.)/g, '$1');
  const letters = [
    ...new Set([...plain.replaceAll(/[()[\]{}|*+?]/g, ''), ' ', 'a', '1', '"', '<', '-']),
  ];
  const words = plain.split(/[()[\]{}|*+?,]+/).filter((word) => word.length > 1);
  const fill = (piece: string) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
  const [first = ''] = words;
  return [...letters.slice(0, 24), ...words.slice(0, 8)].flatMap((piece) => [
    `${fill(piece)}\u0000`,
    `${first}${fill(piece)}\u0000`,
    `\u0000${fill(piece)}`,
  ]);
}

const code = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ source, flags, texts }) => {
    const pattern = new RegExp(source, flags.replace('y', 'g'));
    let slowest = 0;
    for (const text of texts) {
      const began = performance.now();
      pattern.lastIndex = 0;
      if (flags.includes('g')) text.replaceAll(pattern, '');
      else pattern.exec(text);
      slowest = Math.max(slowest, performance.now() - began);
    }
    parentPort.postMessage(slowest);
  });
`;

let worker: Worker;
before(() => {
  worker = new Worker(code, { eval: true });
});
after(() => worker.terminate());

/** Milliseconds for the slowest text; infinite when it had to be stopped. */
async function slowestOf(pattern: Found): Promise<number> {
  const texts = textsFor(pattern);
  const took = await new Promise<number>((resolve) => {
    const timer = setTimeout(() => resolve(Number.POSITIVE_INFINITY), 3000);
    worker.removeAllListeners('message');
    worker.once('message', (slowest: number) => {
      clearTimeout(timer);
      resolve(slowest);
    });
    worker.postMessage({ ...pattern, texts });
  });
  if (took === Number.POSITIVE_INFINITY) {
    await worker.terminate();
    worker = new Worker(code, { eval: true });
  }
  return took;
}

test('no pattern of the program takes longer than its text is long', async (t) => {
  const patterns = patternsInSource();
  assert.ok(patterns.length > 80, `${patterns.length} patterns`);
  t.diagnostic(`${patterns.length} patterns`);
  const slow: string[] = [];
  for (const pattern of patterns) {
    if (bounded[pattern.source]) continue;
    const took = await slowestOf(pattern);
    if (took > mostMilliseconds)
      slow.push(`${pattern.file} /${pattern.source}/${pattern.flags}: ${Math.round(took)} ms`);
  }
  assert.deepEqual(slow, []);
});

test('the test finds what is slow', async () => {
  for (const source of ['^(a+)+$', '\\d+\\.']) {
    assert.ok((await slowestOf({ file: '', source, flags: '' })) > mostMilliseconds, source);
  }
});

test('what is excused is in the source', () => {
  const sources = patternsInSource().map(({ source }) => source);
  for (const source of Object.keys(bounded)) assert.ok(sources.includes(source), source);
});
