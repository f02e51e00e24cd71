import { statement } from './statement.ts';

export const createInstallationTable = statement<never>(
  'createInstallationTable',
  `CREATE TABLE IF NOT EXISTS warehouse_installation (id String) ENGINE = MergeTree ORDER BY id`,
);

export const installations = statement<{ id: string }>(
  'installations',
  'SELECT DISTINCT id FROM warehouse_installation ORDER BY id',
);
