import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type CommandSettings, operator, type Output, parseViewer } from '../access/index.ts';
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import type { Stores } from '../stores/index.ts';
import type { Call } from './parse.ts';

/** Carries out one verb. Gives its exit code; a refusal is one line on `output.error` and exit 1. */
export async function runCall(
  call: Call,
  surroundings: {
    stores: Stores;
    clock: Clock;
    settings: CommandSettings;
    folder: string;
    output: Output;
    signal: AbortSignal;
  },
): Promise<number> {
  const { output, folder } = surroundings;
  try {
    return await call.command.run(
      {
        ...surroundings,
        viewer: call.as === undefined ? operator : parseViewer(call.as),
        writeFile: (path, text) => writeWhole(resolve(folder, path), text),
      },
      call.input,
    );
  } catch (error) {
    output.progress('');
    output.error(failureText(error));
    return 1;
  }
}

/** One line for a person. What is not a refusal is a bug: it says so, and where it happened. */
export function failureText(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  const message = error instanceof Error ? error.message.split('\n')[0] : String(error);
  const at = error instanceof Error ? error.stack?.split('\n')[1]?.trim() : undefined;
  return `Rollcall failed: ${message}${at ? ` (${at})` : ''}. Nothing was stored. This is a fault of Rollcall’s: please report it with this line.`;
}

async function writeWhole(path: string, text: string): Promise<void> {
  const draft = join(dirname(path), `.${randomBytes(6).toString('hex')}.part`);
  try {
    await writeFile(draft, text);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal(
      'bad-input',
      `${path} cannot be written (${why}). Choose a folder that exists and that you may write to.`,
      { cause: error },
    );
  }
}
