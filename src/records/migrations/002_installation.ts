import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** One row: what these records share with their warehouse, so that the two are never mixed up with others. */
export const installation: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('installation')
      .addColumn('id', 'uuid', (column) => column.primaryKey())
      .execute();
    await sql`INSERT INTO installation (id) VALUES (gen_random_uuid())`.execute(db);
  },
};
