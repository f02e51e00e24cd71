import { type BacktestJob, runBacktest } from './backtestJob.ts';
import { type PublishInput, publishTargets } from './publish.ts';

/**
 * The long calculations, by name, so that a worker thread can be told which to do. Values in, values out, as one part or
 * several, one after another.
 */
export const jobs = {
  publish: (input: PublishInput) => publishTargets(input),
  *backtest(input: BacktestJob) {
    yield runBacktest(input);
  },
};
