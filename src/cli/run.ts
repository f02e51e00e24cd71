import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  type CommandSettings,
  trailOf,
  operator,
  type Output,
  type Viewer,
  viewerText,
} from '../access/index.ts';
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import type { Stores } from '../stores/index.ts';
import type { Call } from './parse.ts';

type Surroundings = {
  stores: Stores;
  clock: Clock;
  settings: CommandSettings;
  folder: string;
  output: Output;
  signal: AbortSignal;
};

/** Carries out a verb that stands apart: no store is opened for it, and none can be used. */
export function runApart(call: Call, surroundings: Omit<Surroundings, 'stores'>): Promise<number> {
  return runCall(call, { ...surroundings, stores: noStores });
}

const noStores = new Proxy({} as Stores, {
  get() {
    throw new Error('a verb that stands apart touches no store');
  },
});

/** Carries out one verb. Gives its exit code; a refusal is one line on `output.error` and exit 1. */
export async function runCall(call: Call, surroundings: Surroundings): Promise<number> {
  const { output, folder } = surroundings;
  try {
    surroundings.signal.throwIfAborted();
    const viewer = await allowedViewer(call, surroundings);
    refuseUnwritable(call, folder);
    return await call.command.run(
      {
        ...surroundings,
        viewer,
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

/** Who a verb is carried out for; refuses everybody but the operator what is the operator’s. */
export function viewerOf({ as, command }: Call): Viewer {
  const viewer = as ?? operator;
  if (viewer.role !== 'operator' && !command.open) {
    throw new Refusal(
      'not-allowed',
      `“${command.verb}” is the operator’s: it is refused to ${viewerText(viewer)}. Leave out --as.`,
    );
  }
  return viewer;
}

/** The same, with a refusal written down. */
async function allowedViewer(
  call: Call,
  { stores, clock }: { stores: Stores; clock: Clock },
): Promise<Viewer> {
  try {
    return viewerOf(call);
  } catch (error) {
    await trailOf(stores, clock).leave({
      ...{ viewer: operator, action: 'refused', from: 'command line' },
      subject: { kind: 'system', id: call.command.verb },
      detail: { as: call.as ? viewerText(call.as) : '' },
    });
    throw error;
  }
}

/** A file that cannot be written is better known before the work than after it. */
function refuseUnwritable({ command, input }: Call, folder: string): void {
  const out = input.values['out'];
  if (out === undefined || command.options['out']?.value !== 'FILE') return;
  const path = resolve(folder, out);
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** One line for a person. What is not a refusal is a bug: it says so, and where it happened. */
export function failureText(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0];
  const at = error instanceof Error ? error.stack?.match(/^ +(at .*)$/m)?.[1] : undefined;
  return `Rollcall failed: ${message}${at ? ` (${at})` : ''}. What it was writing is stored whole or not at all. This is a fault of Rollcall’s: please report it with this line.`;
}

async function writeWhole(path: string, text: string | AsyncIterable<string>): Promise<void> {
  const draft = join(dirname(path), `.${randomBytes(6).toString('hex')}.part`);
  try {
    await writeFile(draft, text);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    // What works out a long text may fail for reasons of its own.
    throw isOfTheDisk(error) ? cannotWrite(path, error) : error;
  }
}

const isOfTheDisk = (error: unknown) => error instanceof Error && 'syscall' in error;

function cannotWrite(path: string, cause: unknown): Refusal {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Refusal(
    'bad-input',
    `${path} cannot be written (${why}). Name a file in a folder that exists and that you may write to.`,
    { cause },
  );
}
