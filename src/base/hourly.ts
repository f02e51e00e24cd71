const hour = 3_600_000;

/** Does something now and every hour, one after another, and never keeps a process alive. Gives what stops it and waits for it. */
export function hourly(
  work: (signal: AbortSignal) => Promise<void>,
  every = hour,
): () => Promise<void> {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  const start = () => {
    running ??= work(stopping.signal).finally(() => (running = undefined));
  };
  const timer = setInterval(start, every);
  timer.unref();
  start();
  return async () => {
    clearInterval(timer);
    stopping.abort();
    await running;
  };
}
