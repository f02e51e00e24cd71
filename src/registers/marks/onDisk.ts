import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Files of this process; what is called after another was left by one that ended. */
const thisProcess = randomUUID().slice(0, 8);

/** A name for what stands on the disk for a moment. */
export function passingFile(folder: string): string {
  return join(folder, `passing-${thisProcess}-${randomUUID()}`);
}

/** Removes what a process that ended has left: called where no other process can be at work on it. */
export async function removeLeftFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const left = names.filter(
    (name) => name.startsWith('passing-') && !name.startsWith(`passing-${thisProcess}-`),
  );
  for (const name of left) await rm(join(folder, name), { force: true });
}
