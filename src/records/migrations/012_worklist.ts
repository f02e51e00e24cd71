import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * What a school keeps of its worklist: what was written of a child there, who has the child, and how many children the
 * school can see to. Rows are only ever added; those of a child go when its record is erased.
 */
export const worklist: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('worklist_notes')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('urn', 'integer', (column) => column.notNull())
      .addColumn('pupil', 'integer', (column) => column.notNull().references('pupils.id'))
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('person', 'integer', (column) => column.notNull().references('people.id'))
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .addCheckConstraint('worklist_notes_say_something', sql`text <> ''`)
      .execute();
    await sql`CREATE INDEX worklist_notes_by_school ON worklist_notes (urn, pupil)`.execute(db);
    await sql`CREATE INDEX worklist_notes_by_pupil ON worklist_notes (pupil)`.execute(db);
    await db.schema
      .createTable('worklist_holders')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('urn', 'integer', (column) => column.notNull())
      .addColumn('pupil', 'integer', (column) => column.notNull().references('pupils.id'))
      // Null: from now on nobody has the child.
      .addColumn('holder', 'integer', (column) => column.references('people.id'))
      .addColumn('person', 'integer', (column) => column.notNull().references('people.id'))
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .execute();
    await sql`CREATE INDEX worklist_holders_by_school ON worklist_holders (urn, pupil)`.execute(db);
    await sql`CREATE INDEX worklist_holders_by_pupil ON worklist_holders (pupil)`.execute(db);
    await db.schema
      .createTable('worklist_capacities')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('urn', 'integer', (column) => column.notNull())
      .addColumn('children', 'integer', (column) => column.notNull())
      .addColumn('person', 'integer', (column) => column.notNull().references('people.id'))
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .addCheckConstraint('worklist_capacities_of_a_school', sql`children BETWEEN 0 AND 2000`)
      .execute();
    await sql`CREATE INDEX worklist_capacities_by_school ON worklist_capacities (urn)`.execute(db);
  },
};
