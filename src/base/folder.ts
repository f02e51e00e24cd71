import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder that its owner alone can read, and those above it that are missing. One at a time: where the system takes
 * none (`/proc`), Node’s own recursive making never ends.
 */
export function makeFolder(folder: string): void {
  const missing: string[] = [];
  let there = folder;
  for (; !statSync(there, { throwIfNoEntry: false }); there = dirname(there)) missing.push(there);
  if (!statSync(there).isDirectory()) throw new Error(`${there} is not a folder`);
  for (const each of missing.toReversed()) makeOne(each);
}

/** Another process may make it meanwhile. */
function makeOne(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
