import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeFolder } from './folder.ts';

const scratch = mkdtempSync(join(tmpdir(), 'rollcall-folder-'));
after(() => rmSync(scratch, { recursive: true }));

test('a folder is made with those above it, for its owner alone, and one that is there is left', () => {
  const deep = join(scratch, 'a', 'b', 'c');
  makeFolder(deep);
  makeFolder(deep);
  assert.equal(statSync(deep).mode & 0o777, 0o700);
  assert.equal(statSync(join(scratch, 'a')).mode & 0o777, 0o700);
});

test('where none can be made it says so, and does not try for ever', () => {
  const file = join(scratch, 'file');
  writeFileSync(file, '');
  assert.throws(() => makeFolder(join(file, 'a')), /ENOTDIR|not a folder/);
  assert.throws(() => makeFolder(file), /not a folder/);
  if (process.platform !== 'linux') return;
  assert.throws(() => makeFolder('/proc/nope'), /ENOENT|EACCES/);
  assert.throws(() => makeFolder('/proc/nope/data/demo'), /ENOENT|EACCES/);
});
