import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const receipts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('receipts')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('title', 'text', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('detail', 'jsonb', (column) => column.notNull().defaultTo(sql`'{}'::jsonb`))
      .addColumn('started_at', 'timestamptz', (column) => column.notNull())
      .addColumn('committed_at', 'timestamptz')
      .addColumn('withdrawn_at', 'timestamptz')
      .execute();
    // Two processes that bring the same thing at once cannot both count.
    await sql`CREATE UNIQUE INDEX receipts_one_counts ON receipts (kind, scope)
              WHERE committed_at IS NOT NULL AND withdrawn_at IS NULL`.execute(db);
  },
};
