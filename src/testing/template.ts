import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Refusal } from '../base/problem.ts';
import { lockFolder } from '../stores/index.ts';

/** A folder that takes long to make and no time to copy. */
export type Template = {
  /** What it is. */
  name: string;
  /** Everything that it depends on, as it is now: with another, another is made. */
  of(): readonly string[];
  make(folder: string): Promise<void>;
};

const source = fileURLToPath(new URL('..', import.meta.url));
const kept = fileURLToPath(new URL('../../node_modules/.cache/rollcall', import.meta.url));

/**
 * Lays a folder that nothing holds open. It is made once, by whoever needs it first, while others who need it wait; and kept
 * with the modules until it is another.
 */
export async function layTemplate(of: Template, folder: string): Promise<void> {
  let template = placeOf(of);
  while (!existsSync(template)) {
    mkdirSync(kept, { recursive: true });
    const lock = await waitForLock(join(kept, `${of.name}.lock`));
    try {
      if (!existsSync(template)) await makeTemplate(of, template);
      removeFormer(of.name, template);
    } finally {
      lock.release();
    }
    template = placeOf(of);
  }
  const now = new Date();
  utimesSync(template, now, now);
  cpSync(template, folder, { recursive: true, preserveTimestamps: true });
}

function placeOf({ name, of }: Template): string {
  const content = createHash('sha256').update(JSON.stringify(of())).digest('hex').slice(0, 16);
  return join(kept, `${name}-${content}`);
}

/** Made beside its place and moved there: what stands in its place is whole, and of a program that nobody changed meanwhile. */
async function makeTemplate(of: Template, template: string): Promise<void> {
  const unfinished = mkdtempSync(`${template}.unfinished-`);
  try {
    await of.make(unfinished);
    if (placeOf(of) === template) renameSync(unfinished, template);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

const hour = 3_600_000;

/** Those that the program made before it was changed, unless somebody still used one lately. */
function removeFormer(name: string, template: string): void {
  for (const each of readdirSync(kept)) {
    const path = join(kept, each);
    const isFormer = each.startsWith(`${name}-`) && path !== template;
    if (isFormer && Date.now() - statSync(path).mtimeMs > hour)
      rmSync(path, { recursive: true, force: true });
  }
}

/** One process makes it; held by the kernel, so that one that is killed holds it no longer. */
async function waitForLock(folder: string): Promise<{ release(): void }> {
  for (;;) {
    try {
      return lockFolder(folder, { pid: process.pid, doing: 'a test', since: '' });
    } catch (error) {
      if (!(error instanceof Refusal) || !/is in use by/.test(error.message)) throw error;
      await pause(100);
    }
  }
}

/** A hash of the program’s own files, those of `folders` of src/ alone; of tests only what they lay things with. */
export function hashOfProgram(folders: readonly string[]): string {
  const hash = createHash('sha256');
  const files = folders.flatMap((folder) => globSync(`${folder}/**/*`, { cwd: source }));
  for (const file of files.filter((each) => !each.endsWith('.test.ts')).sort()) {
    const path = join(source, file);
    if (statSync(path).isFile()) hash.update(`${file}\n`).update(readFileSync(path));
  }
  return hash.update(readFileSync(join(source, '..', 'package-lock.json'))).digest('hex');
}
