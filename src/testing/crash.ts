import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A child process that runs `crashWriter.ts`, and what it said. */
export type Victim = {
  said: string[];
  /** Resolves when it has said this many lines, or ended. */
  saysLines(count: number): Promise<void>;
  /** `kill -9`; resolves when it is gone and everything it said has been read. */
  kill(): Promise<void>;
  process: ChildProcess;
};

export function startVictim(verb: 'hold' | 'write', subject: string): Victim {
  const child = spawn(
    process.execPath,
    [
      ...['--disable-warning=ExperimentalWarning', '--liftoff-only', '--max-semi-space-size=32'],
      fileURLToPath(new URL('crashWriter.ts', import.meta.url)),
      verb,
      subject,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const said: string[] = [];
  const waiting = new Set<() => void>();
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    said.push(line);
    for (const each of waiting) each();
  });
  const ended = new Promise<void>((resolve) => lines.once('close', resolve));
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void gone.then(() => process.off('exit', killWithUs));
  return {
    said,
    process: child,
    saysLines(count) {
      const enough = new Promise<void>((resolve) => {
        const look = () => {
          if (said.length >= count) resolve();
        };
        waiting.add(look);
        look();
      });
      return Promise.race([enough, ended]);
    },
    async kill() {
      child.kill('SIGKILL');
      await Promise.all([gone, ended]);
    },
  };
}
