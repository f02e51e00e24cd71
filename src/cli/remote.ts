import { createHash } from 'node:crypto';
import { chmodSync, rmSync, statSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CommandSettings, Output } from '../access/index.ts';
import { makeFolder } from '../base/folder.ts';
import { Refusal } from '../base/problem.ts';

/**
 * While the site runs it owns the stores, so a command typed meanwhile is carried out by it: the words go over a local
 * socket that only this user can open, and come back line by line. Each message is one line of JSON.
 */
type Request = {
  words: string[];
  folder: string;
  isTerminal: boolean;
  settings: Pick<CommandSettings, 'visitKm'>;
};
type Interrupt = { interrupt: true };
type Answer = { line: string } | { error: string } | { progress: string } | { exit: number };

export type RunWords = (
  request: Pick<Request, 'words' | 'folder' | 'settings'>,
  options: { output: Output; signal: AbortSignal },
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
  makeFolder(dirname(path));
  rmSync(path, { force: true }); // a socket left by a process that ended badly; the lock says that nobody listens
  const running = new Map<AbortController, Promise<void>>();
  const server = createServer((socket) => {
    const abort = new AbortController();
    const ended = answer(socket, run, abort).finally(() => running.delete(abort));
    running.set(abort, ended);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const before = process.umask(0o177);
    server.listen(path, resolve); // makes the socket at once
    process.umask(before);
  });
  chmodSync(path, 0o600);
  return {
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const abort of running.keys()) abort.abort(stopped);
      await Promise.all(running.values());
      await closed;
      rmSync(path, { force: true });
    },
  };
}

const stopped = new Refusal(
  'not-ready',
  'The site was stopped while it carried this out: what was under way is not stored. Type it again.',
);

/** What a person is told who interrupts a verb. */
export const interrupted = new Refusal(
  'check-failed',
  'Interrupted: what was under way is not stored.',
);

/** No message of ours is so long; what goes on and on without its end is read no further. */
const longestMessage = 4_000_000;

/** What comes over a socket until it ends, however it ends. */
async function* messagesOf<Message>(socket: Socket): AsyncGenerator<Message, undefined> {
  let rest = '';
  try {
    for await (const text of socket.setEncoding('utf8')) {
      const lines: string[] = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as Message;
      if (rest.length > longestMessage) break;
    }
  } catch {
    // The other side is gone: what came before counts.
  }
  return undefined;
}

/** Another version of ours may say something else: it is answered with nothing, and the site goes on. */
function isRequest(message: unknown): message is Request {
  if (typeof message !== 'object' || message === null) return false;
  const { words, folder, isTerminal, settings } = message as Record<keyof Request, unknown>;
  return (
    Array.isArray(words) &&
    words.every((word) => typeof word === 'string') &&
    typeof folder === 'string' &&
    typeof isTerminal === 'boolean' &&
    typeof settings === 'object' &&
    settings !== null &&
    typeof (settings as Record<string, unknown>)['visitKm'] === 'number'
  );
}

async function answer(socket: Socket, run: RunWords, abort: AbortController): Promise<void> {
  socket.on('error', () => {}); // whoever asked is gone: 'close' follows
  socket.on('close', () => abort.abort(interrupted));
  const send = (message: Answer) => {
    if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
  };
  const messages = messagesOf<unknown>(socket);
  const { value: request } = await messages.next();
  if (!isRequest(request)) {
    socket.destroy();
    return;
  }
  void messages.next().then(() => abort.abort(interrupted)); // the only other message is an `Interrupt`
  const exit = await run(request, {
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
}

/** Connects to the site that is served from a data folder; undefined when none is, or the socket is not this user's. */
export async function findSite(path: string): Promise<Socket | undefined> {
  const owner = statSync(path, { throwIfNoEntry: false })?.uid;
  if (owner === undefined || owner !== (process.getuid?.() ?? owner)) return undefined;
  const socket = createConnection(path);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

/** Has the site that owns this folder carry the command out; undefined when no site is served from it. */
export async function runRemotely(
  path: string,
  words: string[],
  options: {
    folder: string;
    settings: Request['settings'];
    output: Output;
    signal: AbortSignal;
  },
): Promise<number | undefined> {
  const socket = await findSite(path);
  if (!socket) return undefined;
  const { output, folder, settings } = options;
  const send = (message: Request | Interrupt) => socket.write(`${JSON.stringify(message)}\n`);
  socket.on('error', () => {}); // the messages end
  options.signal.addEventListener('abort', () => send({ interrupt: true }));
  send({ words, folder, isTerminal: output.isTerminal, settings });
  for await (const message of messagesOf<Answer>(socket)) {
    if ('line' in message) output.line(message.line);
    else if ('error' in message) output.error(message.error);
    else if ('progress' in message) output.progress(message.progress);
    else return message.exit;
  }
  output.error(
    'The site ended while it carried this out. What it was writing is stored whole or not at all: type this again.',
  );
  return 1;
}
