import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Who wants no digest by e-mail, and which digest went to whom: none goes twice. No child stands in them. */
export const digests: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('digest_people')
      .addColumn('person', 'integer', (column) => column.primaryKey().references('people.id'))
      .addColumn('token', 'text', (column) => column.notNull().unique())
      .addColumn('stopped_at', 'timestamptz')
      .execute();
    await db.schema
      .createTable('digests')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('person', 'integer', (column) => column.notNull().references('people.id'))
      .addColumn('role', 'text', (column) => column.notNull())
      // Blank where the role has none: of two that are null a unique constraint says nothing.
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('week', 'date', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .addUniqueConstraint('digests_once', ['person', 'role', 'scope', 'week'])
      .addCheckConstraint('digests_of_a_state', sql`state IN ('begun', 'sent', 'unsure')`)
      .execute();
  },
};
