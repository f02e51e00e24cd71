import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Who may sign in, as what and for how long; the sessions of those who did; the keys of other systems. */
export const people: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('people')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('issuer', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('email', 'text', (column) => column.notNull())
      .addColumn('organisation', 'text')
      .addColumn('created_at', 'timestamptz', (column) => column.notNull())
      .addColumn('closed_at', 'timestamptz')
      .addUniqueConstraint('people_one_identity', ['issuer', 'subject'])
      .execute();
    await db.schema
      .createTable('appointments')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('person', 'integer', (column) => column.notNull().references('people.id'))
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('scope', 'text')
      .addColumn('starts_on', 'date', (column) => column.notNull())
      // The last day; null until it is known.
      .addColumn('ends_on', 'date')
      .addColumn('given_by', 'integer')
      .addColumn('given_at', 'timestamptz', (column) => column.notNull())
      .addColumn('ended_at', 'timestamptz')
      .execute();
    await sql`CREATE INDEX appointments_by_person ON appointments (person)`.execute(db);
    await db.schema
      .createTable('sign_ins')
      .addColumn('state_hash', 'text', (column) => column.primaryKey())
      .addColumn('browser_hash', 'text', (column) => column.notNull())
      .addColumn('nonce', 'text', (column) => column.notNull())
      .addColumn('verifier', 'text', (column) => column.notNull())
      .addColumn('return_to', 'text', (column) => column.notNull())
      .addColumn('step_up', 'boolean', (column) => column.notNull())
      .addColumn('started_at', 'timestamptz', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('sessions')
      .addColumn('token_hash', 'text', (column) => column.primaryKey())
      .addColumn('person', 'integer', (column) => column.notNull().references('people.id'))
      .addColumn('appointment', 'integer', (column) => column.references('appointments.id'))
      .addColumn('purpose', 'text')
      .addColumn('csrf', 'text', (column) => column.notNull())
      .addColumn('id_token', 'text')
      .addColumn('started_at', 'timestamptz', (column) => column.notNull())
      .addColumn('seen_at', 'timestamptz', (column) => column.notNull())
      .addColumn('stepped_up_at', 'timestamptz')
      .execute();
    await sql`CREATE INDEX sessions_by_person ON sessions (person)`.execute(db);
    await db.schema
      .createTable('api_keys')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('key_hash', 'text', (column) => column.notNull().unique())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('viewer', 'text', (column) => column.notNull())
      .addColumn('abilities', 'text', (column) => column.notNull())
      .addColumn('created_at', 'timestamptz', (column) => column.notNull())
      .addColumn('expires_at', 'timestamptz', (column) => column.notNull())
      .addColumn('revoked_at', 'timestamptz')
      .addColumn('last_used_at', 'timestamptz')
      .execute();
  },
};
