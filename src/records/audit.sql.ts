import { createHash } from 'node:crypto';
import { type ExpressionBuilder, type Selectable, sql } from 'kysely';
import type { Records } from './connect.ts';
import type { AuditEntriesTable, RecordsTables } from './tables.ts';

/** An entry as it stands; its number and hash say where in the chain. */
export type AuditEntry = Selectable<AuditEntriesTable>;
export type NewAuditEntry = Omit<AuditEntry, 'number' | 'hash'>;
export type AuditHead = { number: number; hash: string };

/** What an entry is bound to: everything in it, and the entry before it. */
export function auditHash(previousHash: string, entry: Omit<AuditEntry, 'hash'>): string {
  const said = JSON.stringify([
    previousHash,
    entry.number,
    moment(entry.at),
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

/** A time that is none, like PostgreSQL’s `infinity`, was put there by nobody but a forger: it hashes to something else. */
function moment(at: unknown): string {
  return at instanceof Date && !Number.isNaN(at.getTime()) ? at.toISOString() : String(at);
}

/** PostgreSQL takes at most 65,535 parameters a statement. */
const entriesAtOnce = 1000;

/** Appends in order, in one transaction; whoever else appends waits for the head. Gives the new head. */
export async function appendAudit(
  records: Records,
  entries: readonly NewAuditEntry[],
): Promise<AuditHead> {
  return records.transaction().execute(async (transaction) => {
    let head: AuditHead = await transaction
      .selectFrom('audit_head')
      .select(['number', 'hash'])
      .forUpdate()
      .executeTakeFirstOrThrow();
    const rows = entries.map((entry): AuditEntry => {
      const numbered = { ...asItIsKept(entry), number: head.number + 1 };
      head = { number: numbered.number, hash: auditHash(head.hash, numbered) };
      return { ...numbered, hash: head.hash };
    });
    for (let from = 0; from < rows.length; from += entriesAtOnce) {
      const some = rows.slice(from, from + entriesAtOnce);
      await transaction.insertInto('audit_entries').values(some).execute();
    }
    if (rows.length > 0) await transaction.updateTable('audit_head').set(head).execute();
    return head;
  });
}

/**
 * PostgreSQL refuses a null character and keeps half a surrogate pair as another character: hashed as they came, one
 * odd request would break the chain for ever.
 */
function asItIsKept(entry: NewAuditEntry): NewAuditEntry {
  const kept = Object.entries(entry).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\uFFFD') : value,
  ]);
  return Object.fromEntries(kept) as NewAuditEntry;
}

/** Undefined when somebody removed it. */
export async function findAuditHead(records: Records): Promise<AuditHead | undefined> {
  return records.selectFrom('audit_head').select(['number', 'hash']).executeTakeFirst();
}

/** The entries that stand there and the head, of one moment: without a fault, `first` is 1 and `last` and `entries` the head’s. */
export type AuditExtent = {
  head: number | null;
  entries: number;
  first: number | null;
  last: number | null;
};

export async function auditExtent(records: Records): Promise<AuditExtent> {
  return records
    .selectFrom('audit_entries')
    .select((entries) => [
      entries.selectFrom('audit_head').select('audit_head.number').limit(1).as('head'),
      sql<number>`count(*)::int`.as('entries'),
      sql<number | null>`min(audit_entries.number)`.as('first'),
      sql<number | null>`max(audit_entries.number)`.as('last'),
    ])
    .executeTakeFirstOrThrow();
}

/** What an auditor looks for; every part that is given narrows. */
export type AuditSearch = {
  person?: number;
  /** The number of a child. */
  pupil?: number;
  /** About the school or a child that is or was enrolled there, or done by somebody acting for the school. */
  urn?: number;
  role?: string;
  actions?: readonly string[];
  purpose?: string;
  from?: Date;
  before?: Date;
};

/** What the child or its family may be told of. */
export type LooksSearch = {
  pupil: number;
  actions: readonly string[];
  roles: readonly string[];
  /** Or none recorded. */
  purposes: readonly string[];
  dataClasses: readonly string[];
};

/** The entries after `after` that are looked for, oldest first. */
export async function auditEntriesAfter(
  records: Records,
  after: number,
  most: number,
  search: AuditSearch = {},
): Promise<AuditEntry[]> {
  return records
    .selectFrom('audit_entries')
    .selectAll()
    .where('number', '>', after)
    .where((entry) => isFound(entry, search))
    .orderBy('number')
    .limit(most)
    .execute();
}

type Page = { from: number; size: number };
type Found = { entries: AuditEntry[]; total: number };
type Entries = ExpressionBuilder<RecordsTables, 'audit_entries'>;

/** Newest first. */
export async function searchAudit(
  records: Records,
  search: AuditSearch,
  page: Page,
): Promise<Found> {
  return pageOf(records, (entry) => isFound(entry, search), page);
}

/** What was done about a child, newest first. */
export async function looksAtPupil(
  records: Records,
  { pupil, actions, roles, purposes, dataClasses }: LooksSearch,
  page: Page,
): Promise<Found> {
  return pageOf(
    records,
    (entry) =>
      entry.and([
        entry('subject_kind', '=', 'pupil'),
        entry('subject_id', '=', String(pupil)),
        entry('action', 'in', actions),
        entry('role', 'in', roles),
        entry.or([entry('purpose', 'in', purposes), entry('purpose', 'is', null)]),
        entry('data_class', 'in', dataClasses),
      ]),
    page,
  );
}

async function pageOf(
  records: Records,
  wanted: (entry: Entries) => ReturnType<Entries['and']>,
  page: Page,
): Promise<Found> {
  const found = records.selectFrom('audit_entries').where(wanted);
  const { total } = await found
    .select(sql<number>`count(*)::int`.as('total'))
    .executeTakeFirstOrThrow();
  const entries = await found
    .selectAll()
    .orderBy('number', 'desc')
    .offset(page.from)
    .limit(page.size)
    .execute();
  return { entries, total };
}

function isFound(entry: Entries, search: AuditSearch) {
  const { person, pupil, urn, role, actions, purpose, from, before } = search;
  return entry.and([
    ...(person === undefined ? [] : [entry('person', '=', person)]),
    ...(pupil === undefined
      ? []
      : [entry('subject_kind', '=', 'pupil'), entry('subject_id', '=', String(pupil))]),
    ...(urn === undefined ? [] : [isOfSchool(entry, urn)]),
    ...(role === undefined ? [] : [entry('role', '=', role)]),
    ...(actions === undefined ? [] : [entry('action', 'in', actions)]),
    ...(purpose === undefined ? [] : [entry('purpose', '=', purpose)]),
    ...(from === undefined ? [] : [entry('at', '>=', from)]),
    ...(before === undefined ? [] : [entry('at', '<', before)]),
  ]);
}

function isOfSchool(entry: Entries, urn: number) {
  const enrolled = entry
    .selectFrom('enrolments')
    .where('enrolments.urn', '=', urn)
    .select(sql<string>`enrolments.pupil::text`.as('pupil'));
  return entry.or([
    entry('scope', '=', String(urn)),
    entry('scope', 'like', `${urn}/%`),
    entry.and([entry('subject_kind', '=', 'school'), entry('subject_id', '=', String(urn))]),
    entry.and([entry('subject_kind', '=', 'pupil'), entry('subject_id', 'in', enrolled)]),
  ]);
}
