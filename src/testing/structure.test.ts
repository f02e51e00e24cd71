import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
    summary: { violations: { rule: { name: string } }[]; totalCruised: number };
  };
  assert.ok(report.summary.totalCruised > 0, 'the check saw no module at all');
  return report.summary.violations.map((violation) => violation.rule.name);
}

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

for (const [rule, [file, imports]] of Object.entries(faults)) {
  test(`the check finds a planted fault: ${rule}`, () => {
    const { folder, remove } = scratchFolder();
    try {
      const from = join(folder, 'src', file);
      const to = join(from, '..', imports);
      for (const path of [from, to]) mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(to, 'export const there = 1;\n');
      writeFileSync(from, `export { there } from '${imports}';\n`);
      assert.ok(violations(folder).includes(rule));
    } finally {
      rmSync(join(folder, 'src'), { recursive: true });
      remove();
    }
  });
}
