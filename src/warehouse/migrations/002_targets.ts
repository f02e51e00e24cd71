import { statement } from '../statement.ts';

/**
 * What was issued to each school, a row a school and year; the receipt names the fit that made it. A page reads one row
 * of several kilobytes: small granules, or it would read thousands to get it.
 */
export const targets = {
  number: 2,
  name: 'targets',
  statements: [
    statement(
      'issued_expectation',
      `CREATE TABLE IF NOT EXISTS issued_expectation (
     receipt UInt32, time_period UInt32, urn UInt32, laestab Nullable(UInt32), school_name String,
     la_code LowCardinality(String), school_type LowCardinality(String),
     figures String, explanation String
   ) ENGINE = MergeTree ORDER BY (urn, time_period, receipt)
   SETTINGS index_granularity = 32`,
    ),
  ],
};
