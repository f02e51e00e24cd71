import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Command, Viewer } from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import { publicationCommands } from '../publications/index.ts';
import type { Stores } from '../stores/index.ts';
import { auditEntriesAfter } from '../records/index.ts';
import { openTestRecords, scratchFolder, testClock } from '../testing/stores.ts';
import { failureText, runCall } from './index.ts';

const { folder, remove } = scratchFolder();
const { records, close } = await openTestRecords();
after(async () => {
  await close();
  remove();
});

async function carryOut(
  run: Command['run'],
  options: { as?: Viewer; open?: true; out?: string } = {},
): Promise<{ exit: number; lines: string[]; errors: string[] }> {
  const lines: string[] = [];
  const errors: string[] = [];
  const command: Command = {
    verb: 'sing',
    summary: '',
    options: { out: { value: 'FILE', help: '' } },
    example: '',
    run,
    ...(options.open ? { open: true } : {}),
  };
  const exit = await runCall(
    {
      command,
      demo: false,
      as: options.as,
      input: { files: [], values: { out: options.out }, switches: new Set() },
    },
    {
      // Of the stores only the trail is asked for here.
      stores: { records, anchors: { note() {} } } as unknown as Stores,
      clock: testClock,
      settings: { demo: false, visitKm: 40 },
      folder,
      output: {
        line: (text) => void lines.push(text),
        error: (text) => void errors.push(text),
        progress: () => {},
        isTerminal: false,
      },
      signal: new AbortController().signal,
    },
  );
  return { exit, lines, errors };
}

test('a verb gives its exit code, and a refusal is one line and exit 1', async () => {
  assert.equal((await carryOut(async () => 0)).exit, 0);
  assert.equal((await carryOut(async () => 1)).exit, 1);
  const refused = await carryOut(async () => {
    throw new Refusal('not-found', 'No such school.');
  });
  assert.deepEqual(refused, { exit: 1, lines: [], errors: ['No such school.'] });
});

test('a bug is one line that asks to be reported, and claims nothing about what is stored', async () => {
  const { exit, errors } = await carryOut(async () => {
    throw new TypeError('x is not y\nat all');
  });
  assert.equal(exit, 1);
  assert.equal(errors.length, 1);
  assert.match(
    errors[0] ?? '',
    /^Rollcall failed: x is not y \(at .*run\.test\.ts.*\)\. .*report it/,
  );
  assert.ok(!/\n|[Nn]othing was stored/.test(errors[0] ?? ''));
  assert.match(failureText('just words'), /^Rollcall failed: just words\. /);
});

test('a verb that writes is the operator’s; an open one knows who is asking', async () => {
  const as: Viewer = { role: 'inspector', scope: '801' };
  const { exit, errors } = await carryOut(async () => 0, { as });
  assert.equal(exit, 1);
  assert.match(errors[0] ?? '', /refused to inspector:801/);
  const [refused] = await auditEntriesAfter(records, 0, 1);
  assert.deepEqual(
    [refused?.role, refused?.action, refused?.subject_id, refused?.detail],
    ['operator', 'refused', 'sing', '{"as":"inspector:801"}'],
  );
  let asking: Viewer | undefined;
  const run: Command['run'] = async ({ viewer }) => {
    asking = viewer;
    return 0;
  };
  assert.equal((await carryOut(run, { as, open: true })).exit, 0);
  assert.deepEqual(asking, as);
  await carryOut(run);
  assert.equal(asking?.role, 'operator');
});

test('the counts that pages hide are handed out to the operator only', async () => {
  const reconcile = publicationCommands.find(({ verb }) => verb === 'publications reconcile');
  assert.ok(reconcile);
  const as: Viewer = { role: 'public', scope: null };
  const { open } = reconcile;
  let ran = false;
  const run: Command['run'] = async () => {
    ran = true;
    return 0;
  };
  const { exit, errors } = await carryOut(run, { as, ...(open ? { open } : {}) });
  assert.deepEqual([exit, ran], [1, false]);
  assert.match(errors[0] ?? '', /refused to public/);
});

test('a file is written whole, beside where the person is, or not at all', async () => {
  writeFileSync(join(folder, 'there.csv'), 'old');
  const run: Command['run'] = async ({ writeFile }, { values }) => {
    await writeFile(values['out'] ?? '', 'new\n');
    return 0;
  };
  assert.equal((await carryOut(run, { out: 'there.csv' })).exit, 0);
  assert.equal(readFileSync(join(folder, 'there.csv'), 'utf8'), 'new\n');
  mkdirSync(join(folder, 'taken'));
  const taken = await carryOut(run, { out: 'taken' });
  assert.equal(taken.exit, 1);
  assert.match(taken.errors[0] ?? '', /taken cannot be written \(.*Name a file/);
  assert.deepEqual(readdirSync(folder).sort(), ['taken', 'there.csv']);
});

test('a file that cannot be written is refused before the work begins', async () => {
  let began = false;
  const { exit, errors } = await carryOut(
    async () => {
      began = true;
      return 0;
    },
    { out: 'no/such/folder.csv' },
  );
  assert.deepEqual([exit, began], [1, false]);
  assert.match(errors[0] ?? '', /cannot be written/);
});
