import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Refusal } from '../base/problem.ts';
import { startVictim } from '../testing/crash.ts';
import { scratchFolder } from '../testing/stores.ts';
import { lockFolder } from './index.ts';

const { folder, remove } = scratchFolder();
after(remove);
const me = { pid: process.pid, doing: 'rollcall serve', since: '2026-11-22T09:00:00.000Z' };
const refused =
  (...says: RegExp[]) =>
  (error: unknown) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.reason, 'store-held');
    for (const each of [...says, /ROLLCALL_DATA/]) assert.match(error.message, each);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  };

test('a folder has one owner, and the second is told who that is', async () => {
  const held = join(folder, 'held');
  const holder = startVictim('hold', held);
  try {
    await holder.saysLines(1);
    assert.equal(holder.said.length, 1, 'it has the folder');
    assert.throws(
      () => lockFolder(held, me),
      refused(new RegExp(`in use by process ${holder.process.pid} \\(a crash test`)),
    );
  } finally {
    await holder.kill();
  }
  // Killed, it left its note behind: the folder is free all the same, at once, and the note is the new owner's.
  assert.ok(existsSync(join(held, 'owner.json')));
  const lock = lockFolder(held, me);
  assert.throws(() => lockFolder(held, me), refused(/in use by process \d+ \(rollcall serve/));
  lock.release();
  assert.ok(!existsSync(join(held, 'owner.json')));
  lockFolder(held, me).release();
});

test('a note that cannot be read does not stand in the way', () => {
  const noted = join(folder, 'noted');
  mkdirSync(noted);
  writeFileSync(join(noted, 'owner.json'), '{"pid": 1');
  const lock = lockFolder(noted, me);
  writeFileSync(join(noted, 'owner.json'), '');
  assert.throws(() => lockFolder(noted, me), refused(/in use by another process/));
  lock.release();
});

test('a folder that is a file is refused', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  assert.throws(() => lockFolder(file, me), refused(/cannot be written/));
  assert.throws(() => lockFolder(join(file, 'below'), me), refused(/cannot be written/));
});

test('a lock that is not one is refused', () => {
  const strange = join(folder, 'strange');
  mkdirSync(strange);
  writeFileSync(join(strange, 'owner.lock'), 'a letter, not a lock: '.repeat(100));
  assert.throws(() => lockFolder(strange, me), refused(/cannot be written/));
});

test('a folder that this user may not write is refused', () => {
  const closed = join(folder, 'closed');
  mkdirSync(closed);
  chmodSync(closed, 0o555);
  const locking = `import { lockFolder } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)};
    try { lockFolder(${JSON.stringify(closed)}, { pid: 1, doing: '', since: '' }); console.log('held'); }
    catch (error) { console.log(error.reason, error.message); }`;
  const asSomebodyElse = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', locking],
    { ...asSomebodyElse, cwd: '/', encoding: 'utf8' },
  );
  assert.match(stdout, /^store-held The data folder .*closed cannot be written \(.*\)/, stderr);
});
