import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The pupil registry: who a child is, where it is enrolled, what is held of it, who has to do with it. */
export const pupils: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('pupils')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      // Null once erased.
      .addColumn('upn', 'text', (column) => column.unique())
      .addColumn('surname', 'text')
      .addColumn('forename', 'text')
      .addColumn('date_of_birth', 'date')
      .addColumn('sex', 'text')
      /** The person that the child is when it signs in itself. */
      .addColumn('person', 'integer', (column) => column.references('people.id'))
      .addColumn('restricted_at', 'timestamptz')
      .addColumn('restricted_because', 'text')
      .addColumn('erased_at', 'timestamptz')
      .addColumn('created_at', 'timestamptz', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('enrolments')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('pupil', 'integer', (column) => column.notNull().references('pupils.id'))
      .addColumn('urn', 'integer', (column) => column.notNull())
      .addColumn('year_group', 'text', (column) => column.notNull())
      .addColumn('class_name', 'text')
      .addColumn('entry_date', 'date', (column) => column.notNull())
      // Both days are inclusive; null until the child leaves.
      .addColumn('leaving_date', 'date')
      .execute();
    await sql`CREATE INDEX enrolments_by_school ON enrolments (urn)`.execute(db);
    await sql`CREATE INDEX enrolments_by_pupil ON enrolments (pupil)`.execute(db);
    await db.schema
      .createTable('characteristics')
      .addColumn('pupil', 'integer', (column) => column.primaryKey().references('pupils.id'))
      .addColumn('fsm', 'boolean')
      .addColumn('sen', 'text')
      .addColumn('eal', 'boolean')
      .addColumn('ethnicity', 'text')
      .execute();
    await db.schema
      .createTable('contacts')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('pupil', 'integer', (column) => column.notNull().references('pupils.id'))
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('relationship', 'text', (column) => column.notNull())
      .addColumn('telephone', 'text')
      .addColumn('email', 'text')
      .addColumn('parental_responsibility', 'boolean', (column) => column.notNull())
      .addColumn('person', 'integer', (column) => column.references('people.id'))
      .addColumn('starts_on', 'date', (column) => column.notNull())
      .addColumn('ends_on', 'date')
      .execute();
    await sql`CREATE INDEX contacts_by_pupil ON contacts (pupil)`.execute(db);
    await db.schema
      .createTable('cases')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('pupil', 'integer', (column) => column.notNull().references('pupils.id'))
      .addColumn('person', 'integer', (column) => column.notNull().references('people.id'))
      .addColumn('service', 'text', (column) => column.notNull())
      .addColumn('starts_on', 'date', (column) => column.notNull())
      .addColumn('ends_on', 'date')
      .execute();
    await sql`CREATE INDEX cases_by_pupil ON cases (pupil)`.execute(db);
    await sql`CREATE INDEX cases_by_person ON cases (person)`.execute(db);
    await db.schema
      .createTable('emergencies')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('pupil', 'integer', (column) => column.notNull().references('pupils.id'))
      .addColumn('person', 'integer', (column) => column.notNull().references('people.id'))
      .addColumn('viewer', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('opened_at', 'timestamptz', (column) => column.notNull())
      .addColumn('closes_at', 'timestamptz', (column) => column.notNull())
      .addColumn('reviewed_at', 'timestamptz')
      .addColumn('reviewed_by', 'integer')
      .addColumn('review', 'text')
      .execute();
    await db.schema
      .createTable('corrections')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('pupil', 'integer', (column) => column.notNull().references('pupils.id'))
      .addColumn('field', 'text', (column) => column.notNull())
      .addColumn('was', 'text')
      .addColumn('wanted', 'text')
      .addColumn('because', 'text', (column) => column.notNull())
      .addColumn('asked_at', 'timestamptz', (column) => column.notNull())
      .addColumn('asked_by', 'text', (column) => column.notNull())
      .addColumn('decided_at', 'timestamptz')
      .addColumn('decided_by', 'text')
      .addColumn('outcome', 'text')
      .addColumn('answer', 'text')
      .execute();
  },
};
