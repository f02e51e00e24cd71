import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What schools send of their registers: each file or push, how far it is and what became of it. */
export const registers: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('uploads')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      // Whose page it was sent from; null at the command line, where a file can have many schools.
      .addColumn('urn', 'integer')
      .addColumn('title', 'text', (column) => column.notNull())
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('bytes', 'integer', (column) => column.notNull())
      .addColumn('person', 'integer', (column) => column.references('people.id'))
      .addColumn('person_name', 'text', (column) => column.notNull())
      .addColumn('position', 'text', (column) => column.notNull())
      .addColumn('viewer', 'text', (column) => column.notNull())
      // What a person answered where the file left a question open.
      .addColumn('answers', 'jsonb', (column) => column.notNull().defaultTo(sql`'{}'::jsonb`))
      .addColumn('outcome', 'jsonb', (column) => column.notNull().defaultTo(sql`'{}'::jsonb`))
      .addColumn('progress', 'real', (column) => column.notNull().defaultTo(0))
      .addColumn('failure', 'text')
      .addColumn('receipt', 'integer')
      .addColumn('idempotency_key', 'text')
      .addColumn('received_at', 'timestamptz', (column) => column.notNull())
      .addColumn('changed_at', 'timestamptz', (column) => column.notNull())
      .addUniqueConstraint('uploads_once_per_key', ['viewer', 'idempotency_key'])
      .execute();
    await sql`CREATE INDEX uploads_by_school ON uploads (urn, id)`.execute(db);
  },
};
