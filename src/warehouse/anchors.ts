import { auditAnchors } from './anchors.sql.ts';
import type { Warehouse } from './warehouse.ts';

/** A head of the trail: so many entries, the last with this hash. */
export type Anchor = { number: number; hash: string };

/** Keeps one more; none is ever replaced. */
export async function keepAnchor(warehouse: Warehouse, anchor: Anchor, at: Date): Promise<void> {
  const keptAt = at.toISOString().slice(0, 19).replace('T', ' ');
  await warehouse.append(
    'audit_anchors',
    ['number', 'hash', 'kept_at'],
    [[anchor.number, anchor.hash, keptAt]],
  );
}

export async function keptAnchors(warehouse: Warehouse): Promise<Anchor[]> {
  return warehouse.query(auditAnchors, {});
}
