import type { Output } from '../access/index.ts';

/** This process's own terminal. */
export function terminalOutput(): Output {
  const isTerminal = process.stderr.isTTY === true;
  let progressShown = false;
  // Whoever read it may have seen enough (a pipe into head): that is not a fault.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      if (stream === process.stdout) {
        process.stderr.write(`What it says cannot be written (${error.message}).\n`);
      }
      process.exit(1);
    });
  }
  const clear = () => {
    if (progressShown) process.stderr.write('\r\u001b[K');
    progressShown = false;
  };
  return {
    isTerminal,
    line(text) {
      clear();
      process.stdout.write(`${text}\n`);
    },
    error(text) {
      clear();
      process.stderr.write(`${text}\n`);
    },
    progress(text) {
      if (!isTerminal) return;
      clear();
      if (text === '') return;
      process.stderr.write(text.slice(0, (process.stderr.columns ?? 80) - 1));
      progressShown = true;
    },
  };
}
