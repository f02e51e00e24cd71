import { once } from 'node:events';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { jobs } from './jobs.ts';

const { job, input } = workerData as { job: keyof typeof jobs; input: never };
const port = parentPort as MessagePort;
const parts: Iterator<unknown, unknown> = jobs[job](input);
for (let part = parts.next(); ; part = parts.next()) {
  port.postMessage(part);
  if (part.done) break;
  await once(port, 'message');
}
