import { statement } from '../src/warehouse/index.ts';

/** What a register is when it is only loaded: its columns, sorted. */
export const plainTable = statement<never>(
  'plainTable',
  `CREATE TABLE IF NOT EXISTS plain_marks (
     urn UInt32, upn String, date Date, session LowCardinality(String), code LowCardinality(String)
   ) ENGINE = MergeTree ORDER BY (urn, upn, date, session)`,
);

/** The engine’s own load of a file: nothing is checked, and nothing is left out. */
export const plainLoad = statement<never, { path: string }>(
  'plainLoad',
  'INSERT INTO plain_marks SELECT * FROM file({path:String}, CSVWithNames)',
);

export const withoutPlain = statement<never>('withoutPlain', 'TRUNCATE TABLE plain_marks');
