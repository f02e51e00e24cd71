import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { jobs } from './jobs.ts';

type Jobs = typeof jobs;
type Input<Job extends keyof Jobs> = Parameters<Jobs[Job]>[0];
type Part<Job extends keyof Jobs> = ReturnType<Jobs[Job]> extends Generator<infer P> ? P : never;
type Result<Job extends keyof Jobs> =
  ReturnType<Jobs[Job]> extends Generator<unknown, infer R> ? R : never;

/** In MB. A nursery larger than Node's own spares most of the collector's work on short-lived rows. */
const memory = { maxYoungGenerationSizeMb: 96, maxOldGenerationSizeMb: 768 };

/** Does a long calculation of one part in a thread of its own, so that the site goes on answering. Stops when `signal` says so. */
export async function compute<Job extends keyof Jobs>(
  job: Job,
  input: Input<Job>,
  signal?: AbortSignal,
): Promise<Part<Job>> {
  for await (const part of computeInParts(job, input, signal)) return part;
  throw new Error(`${job} gave nothing`);
}

/**
 * The same for a calculation that gives its parts one after another: none is kept here, and the thread works on the next
 * while the caller deals with one. The thread is stopped when the caller leaves the parts.
 */
export function computeInParts<Job extends keyof Jobs>(
  job: Job,
  input: Input<Job>,
  signal?: AbortSignal,
): AsyncGenerator<Part<Job>, Result<Job>> {
  signal?.throwIfAborted();
  const worker = new Worker(new URL('./compute.worker.ts', import.meta.url), {
    workerData: { job, input },
    resourceLimits: memory,
  });
  return partsFrom(worker, signal) as AsyncGenerator<Part<Job>, Result<Job>>;
}

async function* partsFrom(worker: Worker, signal?: AbortSignal): AsyncGenerator<unknown, unknown> {
  try {
    for await (const [given] of on(worker, 'message', {
      ...(signal && { signal }),
      close: ['exit'],
    })) {
      const part = given as IteratorResult<unknown, unknown>;
      if (part.done) return part.value;
      worker.postMessage('next'); // worked on while this part is dealt with
      yield part.value;
    }
    throw new Error('the thread of a calculation ended before it was done');
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    await worker.terminate();
  }
}
