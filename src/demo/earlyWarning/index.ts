import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { MadeUpEvaluation } from '../../earlyWarning/index.ts';
import type { Told } from './evaluate.worker.ts';

/** Fits on some made-up Englands and judges on others, in a process of its own; minutes. */
export const evaluateOnMadeUp: MadeUpEvaluation = async ({ say, signal }) => {
  const worker = fileURLToPath(new URL('evaluate.worker.ts', import.meta.url));
  const child = fork(worker, [], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...(signal && { signal }),
  });
  let said = '';
  let done: Awaited<ReturnType<MadeUpEvaluation>> | undefined;
  child.stderr?.on('data', (text) => (said += text));
  child.on('message', (told: Told) => {
    if ('step' in told) say(told.step);
    else done = told.done;
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0 || !done) {
    throw new Error(`the evaluation ended early: ${said.replaceAll(/\s+/g, ' ').trim()}`);
  }
  return done;
};
