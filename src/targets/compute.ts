import { Worker } from 'node:worker_threads';
import type { jobs } from './jobs.ts';

type Jobs = typeof jobs;

/** In MB. A larger nursery spares most of the collector's work on short-lived rows; the heap stays well under 2 GB. */
const memory = { maxYoungGenerationSizeMb: 128, maxOldGenerationSizeMb: 1024 };

/** Does a long calculation in a thread of its own, so that the site goes on answering. Stops when `signal` says so. */
export async function compute<Job extends keyof Jobs>(
  job: Job,
  input: Parameters<Jobs[Job]>[0],
  signal?: AbortSignal,
): Promise<ReturnType<Jobs[Job]>> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./compute.worker.ts', import.meta.url), {
      workerData: { job, input },
      resourceLimits: memory,
    });
    const stop = () => {
      void worker.terminate();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
    const settle = (finish: () => void) => {
      signal?.removeEventListener('abort', stop);
      finish();
    };
    worker.once('message', (result) => settle(() => resolve(result)));
    worker.once('error', (error) => settle(() => reject(error)));
  });
}
