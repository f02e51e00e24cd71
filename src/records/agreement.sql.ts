import { type Insertable, type Selectable, sql } from 'kysely';
import type { Records } from './connect.ts';
import type { AcceptedDifferencesTable, MisSummariesTable } from './tables.ts';

export type NewSummary = Omit<Insertable<MisSummariesTable>, 'id'>;
export type NewAcceptance = Insertable<AcceptedDifferencesTable>;
export type SummaryRow = Selectable<MisSummariesTable> & {
  accepted: Selectable<AcceptedDifferencesTable> | null;
};

/** Keeps what a school’s information system said, and what was found; gives its number. */
export async function keepSummary(records: Records, summary: NewSummary): Promise<number> {
  const { id } = await records
    .insertInto('mis_summaries')
    .values(summary)
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Every summary of a school and one year, in the order in which they came, each with who accepted its difference. */
export async function summariesOf(
  records: Records,
  of: { urn: number; year: number },
): Promise<SummaryRow[]> {
  const summaries = await records
    .selectFrom('mis_summaries')
    .selectAll()
    .select([
      sql<string>`to_char(first_day, 'YYYY-MM-DD')`.as('first_day'),
      sql<string>`to_char(last_day, 'YYYY-MM-DD')`.as('last_day'),
    ])
    .where('urn', '=', of.urn)
    .where('year', '=', of.year)
    .orderBy('id')
    .execute();
  const accepted = await records
    .selectFrom('accepted_differences')
    .selectAll()
    .where('summary', '=', sql<number>`any(${summaries.map(({ id }) => id)}::int[])`)
    .execute();
  return summaries.map((each) => ({
    ...each,
    accepted: accepted.find(({ summary }) => summary === each.id) ?? null,
  }));
}

/**
 * Accepts an explained difference; false, and nothing kept, where it is none, was accepted, or a summary came after the
 * newest that was known.
 */
export async function acceptDifference(
  records: Records,
  accepted: NewAcceptance,
  newest: number = accepted.summary,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await records
    .insertInto('accepted_differences')
    .columns(['summary', 'person_name', 'position', 'reason', 'person', 'role', 'scope', 'at'])
    .expression((query) =>
      query
        .selectFrom('mis_summaries as sent')
        .select([
          'sent.id',
          sql<string>`${accepted.person_name}::text`.as('person_name'),
          sql<string>`${accepted.position}::text`.as('position'),
          sql<string>`${accepted.reason}::text`.as('reason'),
          sql<number | null>`${accepted.person}::int`.as('person'),
          sql<string>`${accepted.role}::text`.as('role'),
          sql<string | null>`${accepted.scope}::text`.as('scope'),
          sql<Date>`${accepted.at}::timestamptz`.as('at'),
        ])
        .where('sent.id', '=', accepted.summary)
        .where('sent.outcome', '=', 'explained')
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('mis_summaries as newer')
                .select('newer.id')
                .whereRef('newer.urn', '=', 'sent.urn')
                .whereRef('newer.year', '=', 'sent.year')
                .where('newer.id', '>', newest),
            ),
          ),
        ),
    )
    .onConflict((conflict) => conflict.column('summary').doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}
