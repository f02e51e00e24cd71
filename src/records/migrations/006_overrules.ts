import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What a school said of a suggestion: that it does not fit, and why; or that it does after all. Rows are only ever added. */
export const overrules: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('overrules')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      // As the suggestion was issued: to this URN, for this academic year.
      .addColumn('urn', 'integer', (column) => column.notNull())
      .addColumn('year', 'integer', (column) => column.notNull())
      .addColumn('receipt', 'integer', (column) => column.notNull())
      .addColumn('suggestion', 'text', (column) => column.notNull())
      .addColumn('other_urn', 'integer')
      .addColumn('suggested', 'text', (column) => column.notNull())
      .addColumn('because', 'text')
      .addColumn('shock_year', 'integer')
      .addColumn('reason', 'text')
      .addColumn('person', 'integer', (column) => column.references('people.id'))
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('scope', 'text')
      .addColumn('by_operator', 'boolean', (column) => column.notNull())
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .addCheckConstraint(
        'overrules_set_aside_with_a_reason',
        sql`(because IS NULL) = (reason IS NULL) AND (shock_year IS NULL OR because IS NOT NULL)`,
      )
      .execute();
    await sql`CREATE INDEX overrules_by_school ON overrules (urn, year)`.execute(db);
  },
};
