import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * What schools’ own information systems say, how far it differs from their registers here, and who accepted a difference
 * that is explained. Rows are only ever added; no child stands in them.
 */
export const agreement: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('mis_summaries')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('urn', 'integer', (column) => column.notNull())
      .addColumn('year', 'integer', (column) => column.notNull())
      .addColumn('first_day', 'date', (column) => column.notNull())
      .addColumn('last_day', 'date', (column) => column.notNull())
      .addColumn('form', 'text', (column) => column.notNull())
      .addColumn('found', 'text', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('possible', 'integer', (column) => column.notNull())
      .addColumn('absent', 'integer', (column) => column.notNull())
      .addColumn('person', 'integer', (column) => column.references('people.id'))
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('scope', 'text')
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .addCheckConstraint(
        'mis_summaries_with_an_outcome',
        sql`outcome IN ('agrees', 'explained', 'differs') AND first_day <= last_day`,
      )
      .execute();
    await sql`CREATE INDEX mis_summaries_by_school ON mis_summaries (urn, year)`.execute(db);
    await db.schema
      .createTable('accepted_differences')
      // A difference is accepted once.
      .addColumn('summary', 'integer', (column) =>
        column.primaryKey().references('mis_summaries.id'),
      )
      .addColumn('person_name', 'text', (column) => column.notNull())
      .addColumn('position', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('person', 'integer', (column) => column.references('people.id'))
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('scope', 'text')
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .addCheckConstraint(
        'accepted_by_a_person_with_a_reason',
        sql`person_name <> '' AND "position" <> '' AND reason <> ''`,
      )
      .execute();
  },
};
