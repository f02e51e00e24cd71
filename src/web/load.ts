import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How late the process comes to what waits for it. */
export type Load = {
  /** In milliseconds: the mean of the last half second, or of what there is of the next where that is more. */
  delay(): number;
  close(): void;
};

const resolution = 20;
const window = 500;

/**
 * Where pages cost the processor and not the stores, few are under way at any moment and still all wait: their number says
 * nothing of it, the delay does.
 */
export function loopLoad(now: () => number = () => performance.now()): Load {
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  let since = now();
  let last = 0;
  const mean = () => (histogram.count === 0 ? 0 : histogram.mean / 1e6 - resolution);
  return {
    delay() {
      if (now() - since < window) return Math.max(last, mean());
      // A loop that came round once was held the whole time; nobody asked for long, and it is the mean of all that.
      last = mean();
      histogram.reset();
      since = now();
      return last;
    },
    close: () => void histogram.disable(),
  };
}
