import { createHash } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import type { Records } from './connect.ts';
import type { AuditEntriesTable } from './tables.ts';

/** An entry as it stands; its number and hash say where in the chain. */
export type AuditEntry = Selectable<AuditEntriesTable>;
export type NewAuditEntry = Omit<AuditEntry, 'number' | 'hash'>;
export type AuditHead = { number: number; hash: string };

/** What an entry is bound to: everything in it, and the entry before it. */
export function auditHash(previousHash: string, entry: Omit<AuditEntry, 'hash'>): string {
  const said = JSON.stringify([
    previousHash,
    entry.number,
    entry.at.toISOString(),
    entry.person,
    entry.role,
    entry.scope,
    entry.action,
    entry.data_class,
    entry.purpose,
    entry.subject_kind,
    entry.subject_id,
    entry.from_address,
    entry.detail,
  ]);
  return createHash('sha256').update(said).digest('hex');
}

/** Appends in order, in one transaction; whoever else appends waits for the head. Gives the new head. */
export async function appendAudit(
  records: Records,
  entries: readonly NewAuditEntry[],
): Promise<AuditHead> {
  return records.transaction().execute(async (transaction) => {
    const before = await transaction
      .selectFrom('audit_head')
      .select(['number', 'hash'])
      .forUpdate()
      .executeTakeFirstOrThrow();
    const head = { ...before };
    const rows = entries.map((entry): AuditEntry => {
      const numbered = { ...entry, number: head.number + 1 };
      const hash = auditHash(head.hash, numbered);
      Object.assign(head, { number: numbered.number, hash });
      return { ...numbered, hash };
    });
    if (rows.length === 0) return head;
    await transaction.insertInto('audit_entries').values(rows).execute();
    await transaction.updateTable('audit_head').set(head).execute();
    return head;
  });
}

export async function auditHead(records: Records): Promise<AuditHead> {
  return records
    .selectFrom('audit_head')
    .select(['number', 'hash'])
    .executeTakeFirstOrThrow();
}

/** The entries after `after`, oldest first. */
export async function auditEntriesAfter(
  records: Records,
  after: number,
  most: number,
): Promise<AuditEntry[]> {
  return records
    .selectFrom('audit_entries')
    .selectAll()
    .where('number', '>', after)
    .orderBy('number')
    .limit(most)
    .execute();
}

/** What an auditor looks for; every part that is given narrows. */
export type AuditSearch = {
  person?: number;
  subjectKind?: string;
  subjectId?: string;
  action?: string;
  role?: string;
  from?: Date;
  before?: Date;
};

/** Newest first. */
export async function searchAudit(
  records: Records,
  search: AuditSearch,
  page: { from: number; size: number },
): Promise<{ entries: AuditEntry[]; total: number }> {
  let query = records.selectFrom('audit_entries');
  if (search.person !== undefined) query = query.where('person', '=', search.person);
  if (search.subjectKind) query = query.where('subject_kind', '=', search.subjectKind);
  if (search.subjectId) query = query.where('subject_id', '=', search.subjectId);
  if (search.action) query = query.where('action', '=', search.action);
  if (search.role) query = query.where('role', '=', search.role);
  if (search.from) query = query.where('at', '>=', search.from);
  if (search.before) query = query.where('at', '<', search.before);
  const { total } = await query
    .select(sql<number>`count(*)::int`.as('total'))
    .executeTakeFirstOrThrow();
  const entries = await query
    .selectAll()
    .orderBy('number', 'desc')
    .offset(page.from)
    .limit(page.size)
    .execute();
  return { entries, total };
}
