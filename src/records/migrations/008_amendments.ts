import { randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * What was changed in registers, and by whom: rows are only ever added, and go when the entry they are about goes. One row
 * with the secret under which children are called what they are called in the warehouse: made here, once. And which
 * children were erased, by that name.
 */
export const amendments: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('amendments')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('receipt', 'integer', (column) => column.notNull())
      .addColumn('urn', 'integer', (column) => column.notNull())
      // Up to twenty digits: more than any whole number of PostgreSQL holds.
      .addColumn('pupil', 'text', (column) => column.notNull())
      .addColumn('date', 'date', (column) => column.notNull())
      .addColumn('session', 'smallint', (column) => column.notNull())
      .addColumn('original', 'text')
      .addColumn('entry', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('person', 'integer', (column) => column.references('people.id'))
      .addColumn('person_name', 'text', (column) => column.notNull())
      .addColumn('position', 'text', (column) => column.notNull())
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .addCheckConstraint(
        'amendments_of_one_session_of_one_pupil',
        sql`session IN (0, 1) AND pupil ~ '^(0|[1-9][0-9]{0,19})$'`,
      )
      .addCheckConstraint(
        'amendments_with_a_reason_and_a_person',
        sql`reason <> '' AND person_name <> '' AND "position" <> ''`,
      )
      .execute();
    await sql`CREATE INDEX amendments_by_pupil ON amendments (urn, pupil, date)`.execute(db);
    await sql`CREATE INDEX amendments_by_day ON amendments (urn, date)`.execute(db);
    await sql`CREATE INDEX amendments_by_time ON amendments (at)`.execute(db);
    // What was deleted because its time was over: counts, and no child.
    await db.schema
      .createTable('register_deletions')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('urn', 'integer', (column) => column.notNull())
      .addColumn('first_day', 'date', (column) => column.notNull())
      .addColumn('last_day', 'date', (column) => column.notNull())
      .addColumn('entries', 'integer', (column) => column.notNull())
      .addColumn('made_before', 'timestamptz', (column) => column.notNull())
      .addColumn('begun_at', 'timestamptz', (column) => column.notNull())
      .addColumn('finished_at', 'timestamptz')
      .execute();
    await db.schema
      .createTable('pupil_secret')
      .addColumn('only', 'boolean', (column) => column.primaryKey().check(sql`"only"`))
      .addColumn('secret', 'text', (column) => column.notNull())
      .execute();
    // By what its marks are called, an erased child is known when a roll names it again: it does not come back unnoticed.
    await db.schema
      .createTable('erased_pupils')
      .addColumn('key', 'text', (column) => column.primaryKey())
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .execute();
    const secret = randomBytes(16).toString('hex');
    await sql`INSERT INTO pupil_secret ("only", secret) VALUES (true, ${secret})`.execute(db);
  },
};
