import type { Clock } from '../base/clock.ts';
import { type Anchor, keepAnchor, keptAnchors, type Warehouse } from '../warehouse/index.ts';

/**
 * Heads of the trail, kept in the other store: whoever rewrites the records, chain and head and all, does not match what
 * the warehouse has (docs/decisions/013).
 */
export type Anchors = {
  /** The trail has this head now. It is kept at once, or within a minute of the last one that was. */
  note(head: Anchor): void;
  /** Every head ever kept. */
  all(): Promise<Anchor[]>;
};

const shortestPause = 60_000;

/**
 * Keeping one that fails is tried again with the next: an anchor less protects less, and nobody’s answer waits for it.
 * `close` keeps the newest.
 */
export function anchorsIn(
  warehouse: Warehouse,
  clock: Clock,
): Anchors & { close(): Promise<void> } {
  let newest: Anchor | undefined;
  let keptAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  let keeping: Promise<void> = Promise.resolve();
  const keep = () => {
    clearTimeout(timer);
    timer = undefined;
    const head = newest;
    if (!head) return;
    const at = clock();
    newest = undefined;
    keptAt = at.getTime();
    keeping = keeping
      .then(() => keepAnchor(warehouse, head, at))
      .catch(() => {
        newest ??= head;
      });
  };
  return {
    note(head) {
      newest = head;
      if (clock().getTime() - keptAt >= shortestPause) keep();
      else timer ??= setTimeout(keep, shortestPause).unref();
    },
    all: () => keptAnchors(warehouse),
    async close() {
      keep();
      await keeping;
    },
  };
}
