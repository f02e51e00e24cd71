import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Urn } from '../../base/identifiers.ts';
import { Refusal } from '../../base/problem.ts';

/** A roll or a calendar that was sent and is not confirmed yet. */
export type WaitingFile = { urn: Urn; what: string; name: string; bytes: Buffer };

/** What waits is held in memory alone: a roll has names in it, and none of them is written to a disk before it is kept. */
export type Waiting = {
  add(file: WaitingFile): string;
  /** Refuses with `not-found` what is not there any more. */
  get(token: string, urn: Urn): WaitingFile;
  remove(token: string): void;
};

const minutes = 20;
const mostBytes = 200_000_000;

/** Files wait for some minutes, and the oldest goes where there are too many. */
export function waitingFiles(clock: Clock): Waiting {
  const files = new Map<string, { file: WaitingFile; until: number }>();
  const sweep = () => {
    const now = clock().getTime();
    let bytes = 0;
    for (const [token, { file, until }] of [...files].toReversed()) {
      bytes += file.bytes.length;
      if (until < now || bytes > mostBytes) files.delete(token);
    }
  };
  return {
    add(file) {
      const token = randomUUID();
      files.set(token, { file, until: clock().getTime() + minutes * 60_000 });
      sweep();
      return token;
    },
    get(token, urn) {
      sweep();
      const found = files.get(token)?.file;
      if (found?.urn === urn) return found;
      throw new Refusal(
        'not-found',
        `The file that was sent is not here any more: it waits for ${minutes} minutes. Send it again.`,
      );
    },
    remove: (token) => void files.delete(token),
  };
}
