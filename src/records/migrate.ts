import { type Migration, Migrator } from 'kysely/migration';
import { Refusal } from '../base/problem.ts';
import type { Records } from './connect.ts';
import { migrations } from './migrations/index.ts';

/** The name of every migration, in order. */
export const recordsMigrations: readonly string[] = Object.keys(migrations).sort();

/** Brings the records to the newest schema, or to an older one, in one transaction; says which steps it took. */
export async function migrateRecords(records: Records, upTo?: string): Promise<string[]> {
  const migrator = new Migrator({
    db: records,
    provider: { getMigrations: async () => migrations as Record<string, Migration> },
  });
  const { error, results } = await (upTo === undefined
    ? migrator.migrateToLatest()
    : migrator.migrateTo(upTo));
  if (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message.includes('corrupted migrations')) {
      throw new Refusal(
        'not-ready',
        'The records were written by another version of Rollcall, with migrations that this one does not know. Run the version that wrote them, or a newer one.',
        { cause: error },
      );
    }
    throw error;
  }
  return (results ?? []).map((result) => result.migrationName);
}
