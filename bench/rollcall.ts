import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What later runs need not make again. */
export const benchFolder = join(root, 'data/bench');

const main = join(root, 'src/main.ts');
const reportPeak = new URL('peak.ts', import.meta.url).href;

export type Run = { seconds: number; peakMegabytes: number; said: string };

/** Carries out one verb in a process of its own, and says how long it took and the most memory it held. */
export async function rollcall(words: string[], settings: Record<string, string>): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
  const report = join(folder, 'peak');
  const began = performance.now();
  const child = spawn(process.execPath, ['--import', reportPeak, main, ...words], {
    env: { ...process.env, ...settings, ROLLCALL_BENCH_PEAK: report },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = await everythingSaid(child);
  const seconds = (performance.now() - began) / 1000;
  const peakMegabytes = Number(await readFile(report, 'utf8')) / 1024;
  await rm(folder, { recursive: true });
  if (child.exitCode !== 0) throw new Error(`rollcall ${words.join(' ')} failed:\n${said}`);
  return { seconds, peakMegabytes, said };
}

function everythingSaid(child: ChildProcess): Promise<string> {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(said.trim()));
  });
}

export type Server = { address: string; stop(): Promise<void>; peakMegabytes(): Promise<number> };

/** Pages are measured here, and not how many of them are turned away. */
const unlimited = {
  ROLLCALL_ADDRESS_PER_MINUTE: '1000000',
  ROLLCALL_AT_ONCE: '10000',
  ROLLCALL_DELAY_MILLISECONDS: '60000',
};

/** Serves the demo’s stores of `dataFolder` in a process of its own. */
export async function serveDemo(
  dataFolder: string,
  options: { profile: string | undefined },
): Promise<Server> {
  const port = '3997';
  const profile = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] : [];
  const child = spawn(process.execPath, [...profile, main, 'serve', '--demo'], {
    env: { ...process.env, ROLLCALL_DATA: dataFolder, ROLLCALL_PORT: port, ...unlimited },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('Rollcall is at')) resolve();
    });
    child.once('exit', () => reject(new Error('the server did not start')));
  });
  return {
    address: `http://127.0.0.1:${port}`,
    async peakMegabytes() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmHWM:\s*(\d+)/.exec(status)?.[1]) / 1024;
    },
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    },
  };
}
