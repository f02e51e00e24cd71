import { chmodSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Output } from '../access/index.ts';

/**
 * While the site runs it owns the stores, so a command typed meanwhile is carried out by it: the words go over a local
 * socket that only this user can open, and come back line by line. Each message is one line of JSON.
 */
type Request = { words: string[]; folder: string; isTerminal: boolean };
type Answer = { line: string } | { error: string } | { progress: string } | { exit: number };

export type RunWords = (
  words: string[],
  options: { folder: string; output: Output; signal: AbortSignal },
) => Promise<number>;

/** Where the socket of a data folder is. A path over 100 bytes does not fit a socket's address: a short one stands for it. */
export function socketPath(dataFolder: string): string {
  const path = join(dataFolder, 'rollcall.sock');
  if (Buffer.byteLength(path) <= 100) return path;
  const short = createHash('sha256').update(dataFolder).digest('hex').slice(0, 16);
  return join(tmpdir(), `rollcall-${process.getuid?.() ?? 0}-${short}.sock`);
}

/** Carries out what other processes of this user type, until closed. Whoever calls this holds the folder's lock. */
export async function listenForCommands(
  path: string,
  run: RunWords,
): Promise<{ close(): Promise<void> }> {
  rmSync(path, { force: true }); // a socket left by a process that ended badly; the lock says that nobody listens
  const server = createServer((socket) => void answer(socket, run));
  const before = process.umask(0o177);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  }).finally(() => process.umask(before));
  chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        rmSync(path, { force: true });
      }),
  };
}

async function answer(socket: Socket, run: RunWords): Promise<void> {
  const abort = new AbortController();
  socket.on('error', () => abort.abort());
  socket.on('close', () => abort.abort());
  const send = (message: Answer) => {
    if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
  };
  for await (const text of createInterface({ input: socket })) {
    const request = JSON.parse(text) as Request;
    const exit = await run(request.words, {
      folder: request.folder,
      signal: abort.signal,
      output: {
        line: (line) => send({ line }),
        error: (error) => send({ error }),
        progress: (progress) => send({ progress }),
        isTerminal: request.isTerminal,
      },
    });
    send({ exit });
    socket.end();
    return;
  }
}

/** Has the server that owns this folder carry the command out; undefined when no server listens. */
export async function runRemotely(
  path: string,
  words: string[],
  options: { folder: string; output: Output },
): Promise<number | undefined> {
  const socket = createConnection(path);
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  if (!connected) return undefined;
  const { output, folder } = options;
  socket.on('error', () => {});
  socket.write(`${JSON.stringify({ words, folder, isTerminal: output.isTerminal })}\n`);
  for await (const text of createInterface({ input: socket })) {
    const message = JSON.parse(text) as Answer;
    if ('line' in message) output.line(message.line);
    else if ('error' in message) output.error(message.error);
    else if ('progress' in message) output.progress(message.progress);
    else return message.exit;
  }
  output.error(
    'The site stopped while it carried this out: nothing of it is stored. Type it again.',
  );
  return 1;
}
