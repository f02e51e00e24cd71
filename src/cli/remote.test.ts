import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { scratchFolder } from '../testing/stores.ts';
import { findSite, interrupted, listenForCommands, runRemotely, socketPath } from './index.ts';
import type { RunWords } from './remote.ts';

const { folder, remove } = scratchFolder();
after(remove);

type Said = { lines: string[]; errors: string[]; progress: string[] };

/** Types words while a site listens that answers them with `run`. */
async function typed(
  run: RunWords,
  options: { signal?: AbortSignal; isTerminal?: boolean; close?: Promise<void> } = {},
): Promise<Said & { exit: number | undefined }> {
  const path = join(folder, `${Math.random()}.sock`);
  const listener = await listenForCommands(path, run);
  const closed = options.close?.then(() => listener.close());
  const asked = ask(path, options);
  const answer = await asked;
  await (closed ?? listener.close());
  assert.ok(!existsSync(path), 'the socket is left');
  return answer;
}

async function ask(
  path: string,
  options: { signal?: AbortSignal; isTerminal?: boolean } = {},
): Promise<Said & { exit: number | undefined }> {
  const said: Said = { lines: [], errors: [], progress: [] };
  const exit = await runRemotely(path, ['sing', '--out', 'x.csv'], {
    folder: '/where/I/am',
    settings: { visitKm: 55 },
    signal: options.signal ?? new AbortController().signal,
    output: {
      line: (text) => void said.lines.push(text),
      error: (text) => void said.errors.push(text),
      progress: (text) => void said.progress.push(text),
      isTerminal: options.isTerminal ?? false,
    },
  });
  return { ...said, exit };
}

/** Resolves when the signal aborts, with why. */
const aborted = (signal: AbortSignal) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));

test('what the site prints comes back in order, with its exit code', async () => {
  const answer = await typed(
    async (request, { output }) => {
      assert.deepEqual(request.words, ['sing', '--out', 'x.csv']);
      assert.equal(request.folder, '/where/I/am');
      assert.equal(request.settings.visitKm, 55);
      assert.equal(output.isTerminal, true);
      output.progress('half');
      for (let line = 0; line < 5000; line++) output.line(`line ${line}: “é\tü”\u2028`);
      output.error('one thing');
      return 1;
    },
    { isTerminal: true },
  );
  assert.equal(answer.exit, 1);
  assert.equal(answer.lines.length, 5000);
  assert.equal(answer.lines[4999], 'line 4999: “é\tü”\u2028');
  assert.deepEqual([answer.errors, answer.progress], [['one thing'], ['half']]);
});

test('only this user may open the socket', async () => {
  const path = join(folder, 'mode.sock');
  const before = process.umask();
  const listener = await listenForCommands(path, async () => 0);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(process.umask(), before);
  await listener.close();
});

test('where no site is served the words are carried out elsewhere', async () => {
  assert.equal((await ask(join(folder, 'nothing.sock'))).exit, undefined);
  const server = createServer().listen(join(folder, 'dead.sock'));
  await new Promise((resolve) => server.once('listening', resolve));
  server.close();
  assert.equal(await findSite(join(folder, 'dead.sock')), undefined);
});

test('Ctrl-C stops what the site carries out', async () => {
  const ctrlC = new AbortController();
  const answer = await typed(
    async (_request, { signal, output }) => {
      output.line('begun');
      setTimeout(() => ctrlC.abort(), 10);
      assert.equal(await aborted(signal), interrupted);
      output.error(interrupted.message);
      return 1;
    },
    { signal: ctrlC.signal },
  );
  assert.deepEqual([answer.exit, answer.errors], [1, [interrupted.message]]);
});

test('whoever is gone is not worked for', async () => {
  const path = join(folder, 'gone.sock');
  let why: unknown;
  const listener = await listenForCommands(path, async (_request, { signal }) => {
    why = await aborted(signal);
    return 1;
  });
  const socket = await findSite(path);
  socket?.write(
    `${JSON.stringify({ words: [], folder: '/', settings: { visitKm: 1 }, isTerminal: false })}\n`,
  );
  setTimeout(() => socket?.destroy(), 20);
  await new Promise((resolve) => socket?.once('close', resolve));
  await listener.close();
  assert.equal(why, interrupted);
});

test('a site that is stopped first ends what it carries out, and says so', async () => {
  let stop = () => {};
  const close = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const answer = await typed(
    async (_request, { signal, output }) => {
      stop();
      const reason = (await aborted(signal)) as Error;
      output.error(reason.message);
      return 1;
    },
    { close },
  );
  assert.equal(answer.exit, 1);
  assert.match(answer.errors[0] ?? '', /^The site was stopped/);
});

test('a site that dies is one line, and claims nothing about what is stored', async () => {
  const path = join(folder, 'dies.sock');
  const server = createServer((socket) => {
    socket.write(`${JSON.stringify({ line: 'begun' })}\n`);
    socket.once('data', () => socket.destroy());
  }).listen(path);
  await new Promise((resolve) => server.once('listening', resolve));
  const { exit, lines, errors } = await ask(path);
  server.close();
  assert.deepEqual([exit, lines], [1, ['begun']]);
  assert.deepEqual(errors.length, 1);
  assert.match(errors[0] ?? '', /^The site ended while it carried this out/);
});

test('a folder whose path is too long for a socket has a short one', () => {
  assert.equal(socketPath('/data'), '/data/rollcall.sock');
  const long = socketPath(`/${'x'.repeat(200)}`);
  assert.ok(Buffer.byteLength(long) <= 100, long);
  assert.notEqual(long, socketPath(`/${'y'.repeat(200)}`));
});
