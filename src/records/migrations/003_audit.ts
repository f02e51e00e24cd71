import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Who did what. Each entry's hash covers the one before it; the head says how many there are. */
export const audit: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('audit_entries')
      .addColumn('number', 'integer', (column) => column.primaryKey())
      // To the millisecond, as it is hashed: what is finer could be altered unseen.
      .addColumn('at', sql`timestamptz(3)`, (column) => column.notNull())
      .addColumn('person', 'integer')
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('scope', 'text')
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('data_class', 'text')
      .addColumn('purpose', 'text')
      .addColumn('subject_kind', 'text')
      .addColumn('subject_id', 'text')
      .addColumn('from_address', 'text', (column) => column.notNull())
      // Text, not jsonb: what was hashed comes back to the byte.
      .addColumn('detail', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .execute();
    await sql`CREATE INDEX audit_by_subject ON audit_entries (subject_kind, subject_id, number)`.execute(
      db,
    );
    await sql`CREATE INDEX audit_by_person ON audit_entries (person, number)`.execute(db);
    await sql`CREATE INDEX audit_by_time ON audit_entries (at)`.execute(db);
    await db.schema
      .createTable('audit_head')
      .addColumn('only', 'boolean', (column) => column.primaryKey().defaultTo(true))
      .addColumn('number', 'integer', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addCheckConstraint('audit_head_is_one_row', sql`"only"`)
      .execute();
    await sql`INSERT INTO audit_head (number, hash) VALUES (0, '')`.execute(db);
  },
};
