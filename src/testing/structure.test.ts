import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from './stores.ts';

const root = new URL('../..', import.meta.url).pathname;

/** What the structure check says of a tree: `rule: from → to`. */
function violations(folder: string): string[] {
  const result = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      join(root, '.dependency-cruiser.js'),
      '--output-type',
      'json',
      join(folder, 'src'),
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 1e9 },
  );
  const report = JSON.parse(result.stdout) as {
    summary: { violations: Violation[]; totalCruised: number };
  };
  assert.ok(report.summary.totalCruised > 0, 'the check saw no module at all');
  const within = (path: string) => relative(join(folder, 'src'), resolve(root, path));
  return report.summary.violations.map(
    ({ rule, from, to }) => `${rule.name}: ${within(from)} → ${within(to)}`,
  );
}

type Violation = { rule: { name: string }; from: string; to: string };

test('imports point one way, and each folder is entered by its index', () => {
  assert.deepEqual(violations(root), []);
});

const faults: Record<string, [file: string, imports: string]> = {
  'base-imports-only-from-its-left': ['base/rate.ts', '../schools/index.ts'],
  'records-imports-only-from-its-left': ['records/index.ts', '../warehouse/index.ts'],
  'targets-imports-only-from-its-left': ['targets/index.ts', '../overview/index.ts'],
  'another-folder-only-through-its-index': ['targets/model.ts', '../schools/search.ts'],
  'what-is-computed-of-schools-reads-no-child': ['targets/model.ts', '../pupils/index.ts'],
  'transparency-imports-only-from-its-left': ['transparency/index.ts', '../wiring.ts'],
  'testing-is-for-tests': ['web/app.ts', '../testing/stores.ts'],
  'schools-imports-only-from-its-left': ['schools/page.ts', '../wiring.ts'],
};

/** All planted in one tree: the check takes seconds to begin, and says of each import by itself what is wrong with it. */
function violationsOfPlanted(): string[] {
  const { folder, remove } = scratchFolder();
  try {
    const imported: Record<string, string[]> = {};
    for (const [file, imports] of Object.values(faults)) {
      imported[file] = [...(imported[file] ?? []), imports];
      imported[join(file, '..', imports)] ??= [];
    }
    for (const [file, from] of Object.entries(imported)) {
      const path = join(folder, 'src', file);
      mkdirSync(dirname(path), { recursive: true });
      const lines = from.map((each, at) => `import { there as there${at} } from '${each}';\n`);
      const used = from.map((_, at) => `there${at}`).join(', ');
      writeFileSync(path, `${lines.join('')}export const there = [${used}];\n`);
    }
    return violations(folder);
  } finally {
    remove();
  }
}

test('the check finds each planted fault', () => {
  const found = violationsOfPlanted();
  for (const [rule, [file, imports]] of Object.entries(faults)) {
    const fault = `${rule}: ${file} → ${join(file, '..', imports)}`;
    assert.ok(found.includes(fault), `${fault}; found ${found.join(', ')}`);
  }
});
