import { parentPort, workerData } from 'node:worker_threads';
import { jobs } from './jobs.ts';

const { job, input } = workerData as { job: keyof typeof jobs; input: never };
parentPort?.postMessage(jobs[job](input));
