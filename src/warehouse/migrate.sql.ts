import { statement } from './statement.ts';

export const createMigrationTable = statement<never>(
  'createMigrationTable',
  `CREATE TABLE IF NOT EXISTS warehouse_migrations
   (number UInt32, name String, applied_at DateTime('UTC'))
   ENGINE = MergeTree ORDER BY number`,
);

export const appliedMigrations = statement<{ number: number }>(
  'appliedMigrations',
  'SELECT DISTINCT number FROM warehouse_migrations ORDER BY number',
);
