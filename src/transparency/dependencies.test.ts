import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { scratchFolder } from '../testing/stores.ts';
import { dependencyFaults, type Lock, type Manifest } from './dependencies.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const read = <Shape>(path: string) =>
  JSON.parse(readFileSync(join(checkout, path), 'utf8')) as Shape;
const manifest = read<Manifest>('package.json');
const lock = read<Lock>('package-lock.json');

test('every dependency is pinned to one version, has a licence, and is there for a reason', () => {
  assert.deepEqual(dependencyFaults(manifest, lock), []);
});

test('a dependency without a reason, one that is not pinned and a reason without one are found', () => {
  const { dependencies, devDependencies } = manifest;
  const { fastify: _, ...others } = dependencies;
  const wrong = {
    dependencies: { ...others, 'left-pad': '1.3.0' },
    devDependencies: { ...devDependencies, knip: '^6.0.0' },
  };
  assert.deepEqual(dependencyFaults(wrong, lock), [
    'left-pad has no reason: give it one in src/transparency/dependencies.ts',
    'left-pad is not 1.3.0 in package-lock.json',
    'left-pad has no licence in package-lock.json',
    'knip is not pinned: ^6.0.0 is not one version',
    'knip is not ^6.0.0 in package-lock.json',
    'fastify has a reason in src/transparency/dependencies.ts and is no dependency',
  ]);
});

type Materials = {
  bomFormat: string;
  metadata: { component: { name: string } };
  components: { name: string; version: string; licenses?: unknown[] }[];
};

test('npm run sbom writes what package-lock.json pins, without a network, and names no registry', () => {
  const { folder, remove } = scratchFolder();
  try {
    const file = join(folder, 'sbom.cdx.json');
    const { status, stderr } = spawnSync(join(checkout, 'bin/sbom'), [file], {
      encoding: 'utf8',
      env: { ...process.env, npm_config_registry: 'http://127.0.0.1:9/' },
    });
    assert.equal(status, 0, stderr);
    const text = readFileSync(file, 'utf8');
    const { bomFormat, metadata, components } = JSON.parse(text) as Materials;
    assert.equal(bomFormat, 'CycloneDX');
    assert.equal(metadata.component.name, 'rollcall', 'and not as the folder is called');
    assert.ok(components.length >= 200, `${components.length} components`);
    for (const [name, version] of Object.entries(manifest.dependencies)) {
      const found = components.find((each) => each.name === name);
      assert.ok(found?.version === version && found.licenses, name);
    }
    assert.doesNotMatch(text, /127\.0\.0\.1|registry\./);
  } finally {
    remove();
  }
});
