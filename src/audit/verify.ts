import {
  type AuditHead,
  auditEntriesAfter,
  auditHash,
  auditHead,
  type Records,
} from '../records/index.ts';

/** What was found: every entry in its place, or the first that is not, and what is wrong with it. */
export type Verified =
  | { whole: true; entries: number; head: AuditHead }
  | { whole: false; entries: number; at: number; fault: string };

const entriesAtOnce = 5000;

/**
 * Reads the whole chain and works out every hash again. `anchors` are heads seen before and kept elsewhere: what was cut
 * off the end, head and all, shows by them.
 */
export async function verifyAudit(
  records: Records,
  anchors: readonly AuditHead[] = [],
): Promise<Verified> {
  const anchored = new Map(anchors.map(({ number, hash }) => [number, hash]));
  let last: AuditHead = { number: 0, hash: '' };
  const broken = (at: number, fault: string): Verified => ({
    whole: false,
    entries: last.number,
    at,
    fault,
  });
  for (;;) {
    const entries = await auditEntriesAfter(records, last.number, entriesAtOnce);
    for (const { hash, ...entry } of entries) {
      const expected = last.number + 1;
      if (entry.number !== expected) return broken(expected, 'it is missing');
      if (hash !== auditHash(last.hash, entry)) {
        return broken(entry.number, 'it, or the entry before it, was altered or moved');
      }
      last = { number: entry.number, hash };
      if (anchored.has(last.number) && anchored.get(last.number) !== hash) {
        return broken(last.number, 'it is not what it was when it was written');
      }
    }
    if (entries.length < entriesAtOnce) break;
  }
  const head = await auditHead(records);
  if (head.number !== last.number || head.hash !== last.hash) {
    return broken(last.number + 1, 'it is missing: entries were cut off the end, or put there');
  }
  const beyond = anchors.find(({ number }) => number > last.number);
  if (beyond) return broken(last.number + 1, 'it is missing: entries were cut off the end');
  return { whole: true, entries: last.number, head: last };
}
