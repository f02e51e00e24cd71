import { type Insertable, type Selectable, sql } from 'kysely';
import type { Records } from './connect.ts';
import type { OverrulesTable } from './tables.ts';

export type OverruleRow = Selectable<OverrulesTable>;
export type NewOverrule = Omit<Insertable<OverrulesTable>, 'id'>;

/**
 * Adds one thing said of a suggestion; what was said before stays. Undefined, and nothing added, when the suggestion is set
 * aside already, or where that is taken back and it was not: however many say it at once.
 */
export async function addOverrule(
  records: Records,
  said: NewOverrule,
): Promise<number | undefined> {
  return records.transaction().execute(async (transaction) => {
    await sql`SELECT pg_advisory_xact_lock(${said.urn}, ${said.year})`.execute(transaction);
    const before = await transaction
      .selectFrom('overrules')
      .select('because')
      .where('urn', '=', said.urn)
      .where('year', '=', said.year)
      .where('suggestion', '=', said.suggestion)
      .where(sql<boolean>`other_urn IS NOT DISTINCT FROM ${said.other_urn}::int`)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    const wasSetAside = before !== undefined && before.because !== null;
    if (wasSetAside === (said.because !== null)) return undefined;
    const { id } = await transaction
      .insertInto('overrules')
      .values(said)
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  });
}

/** All that was said of the suggestions for one year to schools under these URNs, oldest first. */
export async function overrulesOf(
  records: Records,
  of: { urns: readonly number[]; year: number },
): Promise<OverruleRow[]> {
  return records
    .selectFrom('overrules')
    .selectAll()
    .where('urn', '=', sql<number>`any(${[...of.urns]}::int[])`)
    .where('year', '=', of.year)
    .orderBy('id')
    .execute();
}
