import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeFolder } from '../base/folder.ts';
import { Refusal } from '../base/problem.ts';

/** Who holds a data folder, for the message that another process prints. */
export type Holder = { pid: number; doing: string; since: string };

export type Lock = { release(): void };

/**
 * Makes this process the one owner of a data folder. Held by the kernel (an exclusive SQLite transaction is a file
 * lock), so that it is gone the moment the process is, however it ends: there is no stale lock to clear by hand.
 * Refuses with `store-held`, naming the holder, when another process has it.
 */
export function lockFolder(folder: string, holder: Holder): Lock {
  try {
    makeFolder(folder);
  } catch (error) {
    throw unusable(folder, error);
  }
  const note = join(folder, 'owner.json');
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(join(folder, 'owner.lock'));
  } catch (error) {
    throw unusable(folder, error);
  }
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
    writeFileSync(note, JSON.stringify(holder), { mode: 0o600 });
  } catch (error) {
    database.close();
    if (error instanceof Error && /locked|busy/i.test(error.message)) {
      throw heldBy(folder, readHolder(note), error);
    }
    throw unusable(folder, error);
  }
  return {
    release() {
      rmSync(note, { force: true });
      database.close();
    },
  };
}

function readHolder(note: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(note, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function heldBy(folder: string, holder: Holder | undefined, cause: Error): Refusal {
  const who = holder
    ? `process ${holder.pid} (${holder.doing}, since ${holder.since})`
    : 'another process';
  return new Refusal(
    'store-held',
    `The data folder ${folder} is in use by ${who}. Wait until it has finished or stop it, or choose another folder with ROLLCALL_DATA.`,
    { cause },
  );
}

function unusable(folder: string, cause: unknown): Refusal {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Refusal(
    'store-held',
    `The data folder ${folder} cannot be written (${why}). Give this user the right to write there, or choose another folder with ROLLCALL_DATA.`,
    { cause },
  );
}
