import { statement } from './statement.ts';

/** Every head of the trail that was kept here. One number with two hashes says that the trail was rewritten. */
export const auditAnchors = statement<{ number: number; hash: string }>(
  'auditAnchors',
  'SELECT DISTINCT number, hash FROM audit_anchors ORDER BY number, hash',
);
