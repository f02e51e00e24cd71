import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type Command,
  type CommandContext,
  type CommandInput,
  type Output,
  trailOf,
} from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import { tellCommitted } from '../registers/index.ts';
import {
  restoreStores,
  type Stores,
  type StoresAddress,
  type StoresOptions,
} from '../stores/index.ts';
import type { Call } from './parse.ts';
import { viewerOf } from './run.ts';

/** The verbs about the stores as wholes. */
export const storesCommands: readonly Command[] = [
  {
    verb: 'stores backup',
    summary: 'Writes everything stored into one file; the site may run meanwhile.',
    options: {
      out: {
        value: 'FILE',
        help: 'The file to write, readable by its owner alone.',
        required: true,
      },
      replace: { help: 'Overwrite the file where there is one.' },
    },
    example: './rollcall stores backup --out /backups/rollcall-2026-11-22.tar',
    run: runBackup,
  },
  {
    verb: 'stores restore',
    summary: 'Puts a backup back, into an empty data folder or empty servers only.',
    arguments: 'FILE',
    options: {},
    misused: ({ files }) => (files.length > 1 ? 'takes one FILE' : undefined),
    example: 'ROLLCALL_DATA=./restored ./rollcall stores restore /backups/rollcall-2026-11-22.tar',
    /** Where stores are open already, they are somebody's: `restore` below is for where none are. */
    async run() {
      throw new Refusal(
        'store-held',
        'A site is served from these stores. A backup is restored into empty stores only: stop the site, and name an empty folder with ROLLCALL_DATA, or empty databases.',
      );
    },
  },
];

async function runBackup(
  context: CommandContext,
  { values, switches }: CommandInput,
): Promise<number> {
  const { stores, clock, output, folder, settings, signal, viewer } = context;
  const path = resolve(folder, values['out'] ?? '');
  if (existsSync(path) && !switches.has('replace')) throw refuseToOverwrite(path);
  const since = performance.now();
  const traced = { subject: { kind: 'system', id: 'stores' }, from: 'command line' } as const;
  await trailOf(stores, clock).leave({ viewer, action: 'exported', ...traced });
  const { bytes, rows } = await stores.backUp(path, {
    demo: settings.demo,
    signal,
    onProgress: (doing) => output.progress(doing),
  });
  output.progress('');
  output.line(
    `${rowsText(rows)} written to ${path}: ${megabytes(bytes)} in ${secondsSince(since)}.`,
  );
  output.line('It holds everything there is about children. Keep it encrypted, and elsewhere.');
  return 0;
}

/** It may be the only backup there is. */
function refuseToOverwrite(path: string): Refusal {
  return new Refusal(
    'bad-input',
    `There is a file ${path} already, and it is left as it is. Name another file, or add --replace to overwrite it.`,
  );
}

/**
 * Carries out `stores restore`. Unlike every other verb it opens the stores itself, and only after it has looked at the
 * file: a file that is refused leaves nothing behind.
 */
export async function restore(
  call: Call,
  address: StoresAddress,
  surroundings: StoresOptions & {
    demo: boolean;
    folder: string;
    output: Output;
    signal: AbortSignal;
    /** Works out what no backup holds, of what it holds. */
    afterRestore(stores: Stores): Promise<void>;
  },
): Promise<number> {
  const { folder, output, clock, afterRestore } = surroundings;
  const viewer = viewerOf(call);
  const [file = ''] = call.input.files;
  const since = performance.now();
  const { stores, madeAt, rows } = await restoreStores(address, resolve(folder, file), {
    ...surroundings,
    onProgress: (doing) => output.progress(doing),
  });
  try {
    await trailOf(stores, clock).leave({
      viewer,
      action: 'changed',
      subject: { kind: 'system', id: 'stores' },
      from: 'command line',
      detail: { restored: madeAt.toISOString() },
    });
    output.progress('Working out the figures of the registers');
    await tellCommitted(afterRestore, stores);
  } finally {
    output.progress('');
    await stores.close();
  }
  output.line(
    `${rowsText(rows)} restored as of ${madeAt.toISOString()} in ${secondsSince(since)}. Everybody signs in again.`,
  );
  output.line(
    'What was erased, corrected, ended or revoked since then is as it was before: do it again before anybody is let in.',
  );
  return 0;
}

function rowsText(rows: Readonly<Record<string, number>>): string {
  const sum = Object.values(rows).reduce((all, each) => all + each, 0);
  return `${sum.toLocaleString('en-GB')} rows`;
}

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;

const secondsSince = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
