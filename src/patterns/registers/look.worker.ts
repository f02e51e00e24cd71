import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { RegisterDays } from './days.ts';
import { look, type LookOptions } from './look.ts';

const { days, options } = workerData as { days: RegisterDays; options: LookOptions };
(parentPort as MessagePort).postMessage(look(days, options));
