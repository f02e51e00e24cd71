import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { RegisterDays } from './days.ts';
import type { LookOptions } from './look.ts';
import type { Seen } from './seen.ts';

/**
 * Looks at registers in a thread of its own, so that the site goes on answering. Stops when `signal` says so. The counts go
 * over to the thread and are not copied: whoever calls this has them no longer.
 */
export async function lookInThread(
  days: RegisterDays,
  options: LookOptions,
  signal?: AbortSignal,
): Promise<Seen[]> {
  signal?.throwIfAborted();
  const worker = new Worker(new URL('./look.worker.ts', import.meta.url), {
    workerData: { days, options },
    transferList: buffersOf(days),
  });
  try {
    const [seen] = (await once(worker, 'message', signal ? { signal } : {})) as [Seen[]];
    return seen;
  } finally {
    await worker.terminate();
  }
}

function buffersOf({ open, groups, late }: RegisterDays): ArrayBuffer[] {
  const counts = [...groups.values(), late].flatMap(({ possible, absent }) => [possible, absent]);
  return [...new Set([open, ...counts].map(({ buffer }) => buffer as ArrayBuffer))];
}
