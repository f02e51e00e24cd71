import type { Output } from './access/index.ts';
import { systemClock } from './base/clock.ts';
import {
  type Call,
  describeVerb,
  failureText,
  interrupted,
  listVerbs,
  parseWords,
  restore,
  runApart,
  runCall,
  runRemotely,
  socketPath,
  terminalOutput,
  untilInterrupted,
  UsageError,
} from './cli/index.ts';
import { type Config, configFromEnvironment } from './config.ts';
import { serve } from './serve.ts';
import { openStores } from './stores/index.ts';
import { afterCommit, commands } from './wiring.ts';

const words = process.argv.slice(2);
const output = terminalOutput();
process.exitCode = await run();

async function run(): Promise<number> {
  try {
    const asked = parseWords(words, commands);
    if (asked.what === 'verbs') {
      output.line(listVerbs(asked.commands));
      return 0;
    }
    if (asked.what === 'help') {
      output.line(describeVerb(asked.command));
      return 0;
    }
    const { call } = asked;
    const config = configFromEnvironment({ demo: call.demo });
    if (call.command.verb === 'serve') return await serve(config, call, output);
    const { signal, release } = untilInterrupted(interrupted);
    const surroundings = { folder: process.cwd(), settings: config, output, signal };
    // Who is somebody is looked up: with `--as` a verb is none that stands apart.
    const isApart = call.command.apart && !call.as;
    const exit = isApart
      ? await runApart(call, { ...surroundings, clock: systemClock })
      : await runWithStores(config, call, surroundings);
    release();
    return exit;
  } catch (error) {
    output.error(error instanceof UsageError ? error.message : failureText(error));
    return error instanceof UsageError ? 2 : 1;
  }
}

/** By the site that runs, which has the stores, or where none does in this process. */
async function runWithStores(
  config: Config,
  call: Call,
  options: { folder: string; settings: Config; output: Output; signal: AbortSignal },
): Promise<number> {
  return (
    (await runRemotely(socketPath(config.dataFolder), words, options)) ??
    (await runHere(config, call, options))
  );
}

/** Carries a verb out in this process, which owns the stores for that long. */
async function runHere(
  config: Config,
  call: Call,
  options: { folder: string; output: Output; signal: AbortSignal },
): Promise<number> {
  const doing = `rollcall ${call.command.verb}`;
  const opening = { ...config, doing, clock: systemClock };
  // Restoring opens the stores itself, once it has looked at the file.
  if (call.command.verb === 'stores restore')
    return restore(call, config.stores, {
      ...opening,
      ...options,
      afterRestore: afterCommit,
    });
  const stores = await openStores(config.stores, opening);
  try {
    return await runCall(call, { ...options, stores, settings: config, clock: systemClock });
  } finally {
    await stores.close();
  }
}
