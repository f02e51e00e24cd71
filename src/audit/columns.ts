import type { AuditEntry } from '../records/index.ts';

/** The trail as a file: what is in it, and nothing that would have to be looked up. */
export const auditColumns = [
  'number',
  'at',
  'person',
  'role',
  'scope',
  'action',
  'data_class',
  'purpose',
  'subject_kind',
  'subject_id',
  'from_address',
  'detail',
  'hash',
] as const;

export type AuditRow = Record<(typeof auditColumns)[number], string | number | null> & {
  number: number;
};

export const rowOf = (entry: AuditEntry): AuditRow => ({ ...entry, at: entry.at.toISOString() });
