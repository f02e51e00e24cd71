import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Refusal } from '../../src/base/problem.ts';
import { holdsUpn } from '../../src/base/upn.ts';
import { UsageError } from '../../src/cli/index.ts';
import { Unreadable } from '../../src/publications/fileBytes.ts';
import { nowhereChild } from './hostile.ts';

/** In `npm test` the same every time; `npm run fuzz` gives another (bin/fuzz). */
const seed = Number(process.env['ROLLCALL_FUZZ_SEED'] ?? 20_261_122);
/** Of a file, in the longer run; its properties share it. */
const secondsOfAFile = Number(process.env['ROLLCALL_FUZZ_SECONDS'] ?? 0);
const path = process.env['ROLLCALL_FUZZ_PATH'];

/**
 * Tries a property `least` times whatever that takes, and in the longer run goes on for a `share` of its time.
 */
export async function fuzz(
  property: fc.IRawProperty<unknown>,
  { least, share }: { least: number; share: number },
): Promise<void> {
  if (path !== undefined) {
    await fc.assert(property, { seed, path, numRuns: 1, endOnFailure: true });
    return;
  }
  await fc.assert(property, { seed, numRuns: least });
  if (secondsOfAFile === 0) return;
  await fc.assert(property, {
    seed: seed + 1,
    numRuns: 10_000_000,
    interruptAfterTimeLimit: 1000 * share * secondsOfAFile,
    markInterruptAsFailure: false,
  });
}

/** No reader takes as long for what is at most some thousand characters, on however busy a machine. */
const longestMilliseconds = 10_000;

/** What is read, or undefined when it was refused, in a sentence that tells of no child. Anything else thrown is a bug. */
export async function readOrRefused<Read>(
  read: () => Read | Promise<Read>,
): Promise<Read | undefined> {
  const start = performance.now();
  try {
    return await read();
  } catch (error) {
    const isAnswer = [Refusal, UsageError, Unreadable].some((kind) => error instanceof kind);
    if (!isAnswer) throw error;
    mustBeASentence((error as Error).message);
    return undefined;
  } finally {
    const took = performance.now() - start;
    assert.ok(took < longestMilliseconds, `it took ${Math.round(took)} ms`);
  }
}

/** A message may be shown, printed and logged: it holds no UPN and runs over no screen. */
export function mustBeASentence(message: string): void {
  assert.notEqual(message.trim(), '');
  assert.ok(!holdsUpn(message), 'a message repeats a UPN');
  assert.ok(message.length < 20_000, `a message of ${message.length} characters`);
}

/** A message about a child repeats nothing of it. */
export function mustNotTell(message: string): void {
  for (const [what, mark] of Object.entries(nowhereChild)) {
    assert.ok(!message.includes(mark), `a message repeats the ${what} of a child`);
  }
}
