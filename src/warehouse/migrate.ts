import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import type { Warehouse } from './warehouse.ts';
import { appliedMigrations, createMigrationTable } from './migrate.sql.ts';
import type { Statement } from './statement.ts';

/** One numbered step of the schema. Never edited once it has landed: a change is a new number. */
export type Migration = { number: number; name: string; statements: readonly Statement<unknown>[] };

/**
 * Brings the warehouse to the newest schema and says which steps it took. Each step's statements can be run again
 * (`IF NOT EXISTS`), because ClickHouse has no transaction around them: a step counts once it is recorded.
 */
export async function migrateWarehouse(
  warehouse: Warehouse,
  migrations: readonly Migration[],
  clock: Clock,
): Promise<Migration[]> {
  await warehouse.run(createMigrationTable, {});
  const applied = new Set((await warehouse.query(appliedMigrations, {})).map((row) => row.number));
  const newest = Math.max(0, ...migrations.map((migration) => migration.number));
  const fromTheFuture = [...applied].filter((number) => number > newest);
  if (fromTheFuture.length > 0) {
    throw new Refusal(
      'not-ready',
      `The warehouse has migration ${Math.max(...fromTheFuture)}, and this version of Rollcall knows only up to ${newest}. Run the version that wrote it, or a newer one.`,
    );
  }
  const due = migrations.filter((migration) => !applied.has(migration.number));
  for (const migration of due) {
    for (const step of migration.statements) await warehouse.run(step, {});
    await warehouse.append(
      'warehouse_migrations',
      ['number', 'name', 'applied_at'],
      [[migration.number, migration.name, clock().toISOString().slice(0, 19).replace('T', ' ')]],
    );
  }
  return due;
}
