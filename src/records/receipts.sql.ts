import { type Selectable, sql } from 'kysely';
import type { Records, RecordsTransaction } from './connect.ts';
import { overtaken } from './overtaken.ts';
import type { ReceiptDetail, ReceiptsTable } from './tables.ts';

export type Receipt = Selectable<ReceiptsTable>;

/** A receipt that does not count yet. Gives its id. */
export async function beginReceipt(
  records: Records,
  receipt: { kind: string; scope: string; title: string; digest: string; startedAt: Date },
): Promise<number> {
  const row = await records
    .insertInto('receipts')
    .values({
      kind: receipt.kind,
      scope: receipt.scope,
      title: receipt.title,
      digest: receipt.digest,
      detail: '{}',
      started_at: receipt.startedAt,
      committed_at: null,
      withdrawn_at: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** The receipts that count, oldest first; of one kind, or of all. */
export async function receiptsThatCount(records: Records, kind?: string): Promise<Receipt[]> {
  let query = records
    .selectFrom('receipts')
    .selectAll()
    .where('committed_at', 'is not', null)
    .where('withdrawn_at', 'is', null)
    .orderBy('id');
  if (kind !== undefined) query = query.where('kind', '=', kind);
  return query.execute();
}

/** The same without what belongs to them: asked at every read. */
export async function countingReceipts(
  records: Records,
  kind?: string,
): Promise<Pick<Receipt, 'id' | 'kind'>[]> {
  let query = records
    .selectFrom('receipts')
    .select(['id', 'kind'])
    .where('committed_at', 'is not', null)
    .where('withdrawn_at', 'is', null)
    .orderBy('id');
  if (kind !== undefined) query = query.where('kind', '=', kind);
  return query.execute();
}

/** These receipts, by number; those that there are not are left out. */
export async function receiptsById(
  records: Records,
  ids: readonly number[],
): Promise<Map<number, Receipt>> {
  const rows = await records
    .selectFrom('receipts')
    .selectAll()
    .where('id', '=', sql<number>`any(${[...ids]}::int[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** From now on these count no longer. */
export async function withdrawReceipts(
  transaction: RecordsTransaction,
  filter: { kind: string; scope: string },
  at: Date,
): Promise<number[]> {
  const rows = await transaction
    .updateTable('receipts')
    .set({ withdrawn_at: at })
    .where('kind', '=', filter.kind)
    .where('scope', '=', filter.scope)
    .where('committed_at', 'is not', null)
    .where('withdrawn_at', 'is', null)
    .returning('id')
    .execute();
  return rows.map((row) => row.id);
}

/**
 * From now on this one counts; false when it was swept in the meantime. Refuses with `not-ready` when another of the
 * same kind and scope began to count while this one was written.
 */
export async function commitReceipt(
  transaction: RecordsTransaction,
  receipt: { id: number; title: string; detail: ReceiptDetail },
  at: Date,
): Promise<boolean> {
  const rows = await transaction
    .updateTable('receipts')
    .set({ committed_at: at, detail: JSON.stringify(receipt.detail) })
    .where('id', '=', receipt.id)
    .where('committed_at', 'is', null)
    .returning('id')
    .execute()
    .catch((error: unknown) => {
      throw (error as { code?: string }).code === uniqueViolation
        ? overtaken(receipt.title, error)
        : error;
    });
  return rows.length === 1;
}

const uniqueViolation = '23505';

/** Receipts that never committed are removed: those begun before `before`, or all. Gives their ids. */
export async function removeUncommitted(records: Records, before?: Date): Promise<number[]> {
  let query = records.deleteFrom('receipts').where('committed_at', 'is', null).returning('id');
  if (before) query = query.where('started_at', '<', before);
  return (await query.execute()).map((row) => row.id);
}

/** Removes those of these receipts that never committed. Gives their ids. */
export async function removeReceipts(records: Records, ids: number[]): Promise<number[]> {
  const rows = await records
    .deleteFrom('receipts')
    .where('id', '=', any(ids))
    .where('committed_at', 'is', null)
    .returning('id')
    .execute();
  return rows.map((row) => row.id);
}

/** Which receipt of this kind and scope counts now. */
export async function findCounting(
  records: Records,
  filter: { kind: string; scope: string },
): Promise<number | undefined> {
  const row = await records
    .selectFrom('receipts')
    .select('id')
    .where('kind', '=', filter.kind)
    .where('scope', '=', filter.scope)
    .where('committed_at', 'is not', null)
    .where('withdrawn_at', 'is', null)
    .executeTakeFirst();
  return row?.id;
}

/** Which of these ids ever committed. */
export async function committedReceipts(records: Records, ids: number[]): Promise<Set<number>> {
  const rows = await records
    .selectFrom('receipts')
    .select('id')
    .where('id', '=', any(ids))
    .where('committed_at', 'is not', null)
    .execute();
  return new Set(rows.map((row) => row.id));
}

/** Which of these ids the records know at all, committed or not. */
export async function knownReceipts(records: Records, ids: number[]): Promise<Set<number>> {
  const rows = await records
    .selectFrom('receipts')
    .select('id')
    .where('id', '=', any(ids))
    .execute();
  return new Set(rows.map((row) => row.id));
}

/** One parameter however many ids: a list of parameters may not be longer than 65,535. */
function any(ids: number[]) {
  return sql<number>`any(${ids}::int[])`;
}
