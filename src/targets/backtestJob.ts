import { type Backtest, backtest } from './backtest.ts';
import type { SchoolHistory } from './history.ts';

/** A back-test as plain values: groups by name, each a value by URN, so that it can be run in another thread. */
export type BacktestJob = {
  histories: SchoolHistory[];
  from: number;
  to: number;
  groups: Record<string, ReadonlyMap<number, string>>;
};

export function runBacktest({ histories, from, to, groups }: BacktestJob): Backtest {
  return backtest({
    histories,
    from,
    to,
    groups: Object.fromEntries(
      Object.entries(groups).map(([name, values]) => [
        name,
        (history: SchoolHistory) => values.get(history.urn),
      ]),
    ),
  });
}
