import {
  type AuditExtent,
  type AuditHead,
  auditEntriesAfter,
  auditExtent,
  auditHash,
  findAuditHead,
  type Records,
} from '../records/index.ts';

/** What was found: every entry in its place, or the first that is not, and what is wrong with it. */
export type Verified =
  | { whole: true; entries: number; head: AuditHead }
  | { whole: false; entries: number; at: number; fault: string };

const entriesAtOnce = 5000;

/**
 * Reads the whole chain up to its head and works out every hash again, while others go on appending. `anchors` are heads
 * seen before and kept elsewhere: what was cut off the end, head and all, or written again from somewhere on, shows by
 * them alone. They must have been read before this is called, or the newest may be beyond the head.
 */
export async function verifyAudit(
  records: Records,
  anchors: readonly AuditHead[] = [],
): Promise<Verified> {
  const anchored = Map.groupBy(anchors, ({ number }) => number);
  const head = await findAuditHead(records);
  let last: AuditHead = { number: 0, hash: '' };
  const broken = (at: number, fault: string): Verified => ({
    whole: false,
    entries: last.number,
    at,
    fault,
  });
  while (last.number < (head?.number ?? 0)) {
    const entries = await auditEntriesAfter(records, last.number, entriesAtOnce);
    if (entries.length === 0) break;
    for (const { hash, ...entry } of entries) {
      const expected = last.number + 1;
      if (entry.number !== expected) return broken(expected, 'it is missing');
      if (hash !== auditHash(last.hash, entry)) {
        return broken(entry.number, 'it, or the entry before it, was altered, moved or put there');
      }
      last = { number: entry.number, hash };
      if (anchored.get(last.number)?.some((anchor) => anchor.hash !== hash)) {
        return broken(last.number, 'this or an earlier one is not what was written at the time');
      }
      if (last.number === head?.number) break;
    }
  }
  const next = last.number + 1;
  if (!head) return broken(next, 'the head of the chain was removed');
  if (last.number < head.number) return broken(next, 'it is missing: the end was cut off');
  if (head.hash !== last.hash) return broken(last.number, 'it is not the one that the head names');
  const extent = outsideTheChain(await auditExtent(records));
  if (extent) return broken(extent.at, extent.fault);
  const beyond = anchors.find(({ number }) => number > last.number);
  if (beyond) return broken(next, 'it is missing: the end was cut off, head and all');
  return { whole: true, entries: last.number, head: last };
}

/** Entries that stand before the first, after the head, or in one place twice. */
function outsideTheChain({ head, entries, first, last }: AuditExtent) {
  if (first !== null && first < 1) return { at: first, fault: 'it was put there before the first' };
  if (last !== null && last > (head ?? 0)) {
    return {
      at: (head ?? 0) + 1,
      fault: 'it was put there after the end, or the head was altered',
    };
  }
  if (entries !== (head ?? 0)) return { at: head ?? 0, fault: 'entries were put there or removed' };
  return undefined;
}
