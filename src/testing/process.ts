import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** The command line, as a person types it. */
export const rollcall = join(checkout, 'rollcall');

export type Ended = {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
};

export type Started = {
  process: ChildProcess;
  /** Resolves once stdout says it; rejects when the process ends without. */
  says(words: string | RegExp): Promise<string>;
  ended: Promise<Ended>;
};

type Options = { cwd?: string; env?: Record<string, string>; ownGroup?: boolean };

/**
 * What is started ends soon, as a test does (`bin/test`): PGlite’s WebAssembly is compiled once, not once more to run faster,
 * and the young heap is large. A module, because Node takes V8’s own options from its command line alone.
 */
const compileOnce = `import { setFlagsFromString } from 'node:v8'; setFlagsFromString('--wasm-tiering-budget=2000000000');`;
const forShort = `--max-semi-space-size=32 --import=data:text/javascript,${encodeURIComponent(compileOnce)}`;

/** Starts a real process. Of the environment it has what the system needs and `env`, none of this process’s settings. */
export function start(command: string, words: readonly string[], options: Options = {}): Started {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env;
  const child = spawn(command, words, {
    cwd: options.cwd ?? checkout,
    env: { PATH, HOME, NODE_COMPILE_CACHE, NODE_OPTIONS: forShort, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.ownGroup ?? false,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr }));
  return {
    process: child,
    ended,
    async says(words) {
      const said = () => (typeof words === 'string' ? stdout.includes(words) : words.test(stdout));
      while (!said()) {
        const over = await Promise.race([ended, once(child.stdout, 'data')]);
        if ('code' in over && !said()) {
          throw new Error(`it ended without saying ${words}:\n${over.stdout}${over.stderr}`);
        }
      }
      return stdout;
    },
  };
}

/** Runs a process to its end. */
export function run(command: string, words: readonly string[], options?: Options): Promise<Ended> {
  return start(command, words, options).ended;
}

/** Kills a process and all that it started; needs `ownGroup`. Resolves when it is gone. */
export async function killGroup({ process: child, ended }: Started): Promise<Ended> {
  const over = child.exitCode !== null || child.signalCode !== null;
  if (child.pid !== undefined && !over) process.kill(-child.pid, 'SIGKILL');
  return ended;
}

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Where a started site says that it is. */
export async function siteOf(started: Started): Promise<string> {
  const said = await started.says('(Ctrl-C stops it)');
  return /http:\/\/localhost:\d+/.exec(said)?.[0].replace('localhost', '127.0.0.1') ?? '';
}

/** Looks again and again until it holds; throws when that takes too long. */
export async function until(holds: () => Promise<boolean>, seconds = 20): Promise<void> {
  const since = performance.now();
  while (!(await holds())) {
    if (performance.now() - since > seconds * 1000)
      throw new Error(`not within ${seconds} s: ${holds}`);
    await pause(20);
  }
}

/** The lines of a text, without the empty last one. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
