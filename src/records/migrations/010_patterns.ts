import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * What was told of patterns in registers, once each; what those who got it said of it; and when registers were looked at.
 * Rows are only ever added. No child stands in them.
 */
export const patterns: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('pattern_alerts')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('urn', 'integer', (column) => column.notNull())
      .addColumn('la_code', 'text', (column) => column.notNull())
      .addColumn('pupil_group', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('started_on', 'date', (column) => column.notNull())
      .addColumn('happened_on', 'date', (column) => column.notNull())
      .addColumn('told_on', 'date', (column) => column.notNull())
      .addColumn('found', 'text', (column) => column.notNull())
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .addCheckConstraint(
        'pattern_alerts_of_a_place',
        sql`scope IN ('school', 'area', 'national') AND (scope = 'school') = (urn > 0)
          AND (scope = 'national' OR la_code <> '' OR urn > 0) AND started_on <= happened_on AND happened_on <= told_on`,
      )
      .execute();
    // Nothing is told twice.
    await sql`CREATE UNIQUE INDEX pattern_alerts_once ON pattern_alerts (scope, urn, la_code, pupil_group, kind, started_on)`.execute(
      db,
    );
    await sql`CREATE INDEX pattern_alerts_by_school ON pattern_alerts (urn, told_on)`.execute(db);
    await sql`CREATE INDEX pattern_alerts_by_area ON pattern_alerts (la_code, told_on)`.execute(db);
    await db.schema
      .createTable('pattern_answers')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('alert', 'integer', (column) =>
        column.notNull().references('pattern_alerts.id').onDelete('cascade'),
      )
      .addColumn('said', 'text', (column) => column.notNull())
      .addColumn('snoozed_until', 'date')
      .addColumn('person', 'integer', (column) => column.references('people.id'))
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('scope', 'text')
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .addCheckConstraint(
        'pattern_answers_of_a_kind',
        sql`said IN ('useful', 'not useful', 'snoozed') AND (said = 'snoozed') = (snoozed_until IS NOT NULL)`,
      )
      .execute();
    await sql`CREATE INDEX pattern_answers_by_alert ON pattern_answers (alert)`.execute(db);
    await db.schema
      .createTable('pattern_runs')
      .addColumn('id', 'serial', (column) => column.primaryKey())
      .addColumn('on_day', 'date', (column) => column.notNull())
      .addColumn('last_day', 'date', (column) => column.notNull())
      .addColumn('schools', 'integer', (column) => column.notNull())
      .addColumn('series', 'integer', (column) => column.notNull())
      .addColumn('told', 'integer', (column) => column.notNull())
      .addColumn('alarms_a_year', 'double precision', (column) => column.notNull())
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .execute();
  },
};
