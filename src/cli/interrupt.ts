import type { Refusal } from '../base/problem.ts';

/**
 * Aborts with `reason` when somebody stops this process (Ctrl-C, or a signal). A terminal and npm may send the same
 * Ctrl-C twice, so only one that comes later than that ends the process at once. Release it when the work is done.
 */
export function untilInterrupted(reason: Refusal): { signal: AbortSignal; release(): void } {
  const abort = new AbortController();
  let since = 0;
  const stop = () => {
    if (abort.signal.aborted && performance.now() - since > 2000) process.exit(1);
    if (abort.signal.aborted) return;
    since = performance.now();
    abort.abort(reason);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  return {
    signal: abort.signal,
    release() {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}
