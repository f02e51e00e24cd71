import { type Insertable, type Selectable, sql } from 'kysely';
import type { Records, RecordsTransaction } from './connect.ts';
import type { AmendmentsTable } from './tables.ts';

/** One change of one entry: the entry as it was and as it is now, why, and who changed it, by name and position. */
export type AmendmentRow = Selectable<AmendmentsTable>;
export type NewAmendment = Omit<Insertable<AmendmentsTable>, 'id'>;

const rowsAtOnce = 2000;

/**
 * Writes down changes of entries, in the transaction that commits the marks; gives their numbers in the same order. A mark's
 * `entry` in the warehouse is such a number where it has one: see `nextAmendments`.
 */
export async function recordAmendments(
  transaction: RecordsTransaction,
  rows: readonly (NewAmendment & { id?: number })[],
): Promise<number[]> {
  const ids: number[] = [];
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    const added = await transaction
      .insertInto('amendments')
      .values(rows.slice(at, at + rowsAtOnce))
      .returning('id')
      .execute();
    ids.push(...added.map(({ id }) => id));
  }
  return ids;
}

/** So many numbers that no other amendment has or gets, for marks that are appended before their amendments commit. */
export async function nextAmendments(records: Records, count: number): Promise<number[]> {
  if (count === 0) return [];
  const { rows } = await sql<{ id: string | number }>`
    SELECT nextval(pg_get_serial_sequence('amendments', 'id')) AS id
    FROM generate_series(1, ${sql.lit(count)})`.execute(records);
  return rows.map(({ id }) => Number(id));
}

/**
 * The amendments of a school's entries (by any URN it has had) on these days, oldest first; of one pupil (a key, in digits)
 * where that is said. Those whose receipt does not count are among them: they were made, and withdrawn.
 */
export async function amendmentsOf(
  records: Records,
  of: { urns: readonly number[]; from: string; to: string; pupil?: string },
): Promise<AmendmentRow[]> {
  let query = records
    .selectFrom('amendments')
    .selectAll()
    .where('urn', '=', sql<number>`any(${[...of.urns]}::int[])`)
    .where('date', '>=', of.from)
    .where('date', '<=', of.to);
  if (of.pupil !== undefined) query = query.where('pupil', '=', of.pupil);
  return query.orderBy('id').execute();
}
