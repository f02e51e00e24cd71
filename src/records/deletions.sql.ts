import { type Insertable, type Selectable, sql } from 'kysely';
import type { Records } from './connect.ts';
import type { RegisterDeletionsTable } from './tables.ts';

/** That entries of registers were deleted: of which school and days, how many, and when. */
export type DeletionRow = Selectable<RegisterDeletionsTable>;
export type NewDeletion = Omit<Insertable<RegisterDeletionsTable>, 'id' | 'finished_at'>;

/** Writes down what is about to be deleted, and deletes the amendments that go with it. */
export async function beginDeletions(
  records: Records,
  deletions: readonly NewDeletion[],
  madeBefore: Date,
): Promise<void> {
  await records.transaction().execute(async (transaction) => {
    for (let at = 0; at < deletions.length; at += 2000) {
      await transaction
        .insertInto('register_deletions')
        .values(deletions.slice(at, at + 2000).map((each) => ({ ...each, finished_at: null })))
        .execute();
    }
    await transaction.deleteFrom('amendments').where('at', '<', madeBefore).execute();
  });
}

/** What was begun is done: nothing of it is left. */
export async function finishDeletions(records: Records, at: Date): Promise<void> {
  await records
    .updateTable('register_deletions')
    .set({ finished_at: at })
    .where('finished_at', 'is', null)
    .execute();
}

/** Begun and not done: a deletion that was cut off. */
export async function unfinishedDeletions(records: Records): Promise<DeletionRow[]> {
  return records
    .selectFrom('register_deletions')
    .selectAll()
    .where('finished_at', 'is', null)
    .orderBy('id')
    .execute();
}

/** What was deleted of a school’s registers, oldest first; of all schools without one. */
export async function deletionsOf(
  records: Records,
  urns?: readonly number[],
): Promise<DeletionRow[]> {
  let query = records.selectFrom('register_deletions').selectAll();
  if (urns !== undefined) query = query.where('urn', 'in', urns.length > 0 ? urns : [0]);
  return query.orderBy('id').execute();
}

/** Whether entries of these days were deleted, of these schools or, without any, of all. */
export async function areDeleted(
  records: Records,
  { urns, from, to }: { urns: readonly number[] | undefined; from: string; to: string },
): Promise<boolean> {
  let query = records
    .selectFrom('register_deletions')
    .select('id')
    .where('first_day', '<=', to)
    .where('last_day', '>=', from);
  if (urns) query = query.where('urn', '=', sql<number>`any(${[...urns]}::int[])`);
  return (await query.limit(1).executeTakeFirst()) !== undefined;
}

/** How many amendments were made before this moment. */
export async function amendmentsBefore(records: Records, madeBefore: Date): Promise<number> {
  const { amendments } = await records
    .selectFrom('amendments')
    .select((build) => build.fn.countAll<string>().as('amendments'))
    .where('at', '<', madeBefore)
    .executeTakeFirstOrThrow();
  return Number(amendments);
}
