import { statement } from '../statement.ts';

/**
 * What is worked out from registers, to be counted fast: a row a pupil and week with a byte a session (`byteOf` in
 * base/attendanceCodes.ts; the lowest byte is Monday’s), the newest version counts. Nothing here that could not be worked
 * out again; `derived_receipts` says from which receipts it is.
 */
export const weeks = {
  number: 6,
  name: 'weeks',
  statements: [
    statement(
      'pupil_weeks',
      `CREATE TABLE IF NOT EXISTS pupil_weeks (
     urn UInt32, pupil UInt64, monday Date, morning UInt64, afternoon UInt64, version UInt32
   ) ENGINE = ReplacingMergeTree(version) PARTITION BY toYYYYMM(monday) ORDER BY (urn, pupil, monday)`,
    ),
    statement(
      'enrolment_half_terms',
      `CREATE TABLE IF NOT EXISTS enrolment_half_terms (
     urn UInt32, pupil UInt64, entry_date Date, start_year UInt16, half_term UInt8, possible UInt16, absent UInt16,
     unauthorised UInt16, slash UInt16, backslash UInt16, others Array(UInt8), version UInt32
   ) ENGINE = ReplacingMergeTree(version) PARTITION BY (start_year, half_term)
     ORDER BY (urn, pupil, entry_date, start_year, half_term)`,
    ),
    statement(
      'school_figures',
      `CREATE TABLE IF NOT EXISTS school_figures (
     urn UInt32, start_year UInt16, period UInt8, topic LowCardinality(String), first LowCardinality(String),
     second LowCardinality(String), sums Array(UInt32), version UInt32
   ) ENGINE = ReplacingMergeTree(version) PARTITION BY (start_year, period)
     ORDER BY (urn, start_year, period, topic, first, second) SETTINGS index_granularity = 512`,
    ),
    statement(
      'school_weeks',
      `CREATE TABLE IF NOT EXISTS school_weeks (
     urn UInt32, start_year UInt16, monday Date, sums Array(UInt32), days Array(UInt32), version UInt32
   ) ENGINE = ReplacingMergeTree(version) PARTITION BY toYYYYMM(monday)
     ORDER BY (urn, start_year, monday) SETTINGS index_granularity = 64`,
    ),
    statement(
      'area_figures',
      `CREATE TABLE IF NOT EXISTS area_figures (
     level LowCardinality(String), trust UInt32, la_code LowCardinality(String), region_code LowCardinality(String),
     start_year UInt16, period UInt8, topic LowCardinality(String), first LowCardinality(String),
     second LowCardinality(String), sums Array(UInt64), version UInt32
   ) ENGINE = ReplacingMergeTree(version) PARTITION BY start_year
     ORDER BY (level, trust, region_code, la_code, start_year, period, topic, first, second)
     SETTINGS index_granularity = 512`,
    ),
    statement(
      'area_weeks',
      `CREATE TABLE IF NOT EXISTS area_weeks (
     level LowCardinality(String), trust UInt32, la_code LowCardinality(String), region_code LowCardinality(String),
     start_year UInt16, monday Date, sums Array(UInt64), days Array(UInt64), version UInt32
   ) ENGINE = ReplacingMergeTree(version) ORDER BY (level, trust, region_code, la_code, start_year, monday)
     SETTINGS index_granularity = 64`,
    ),
    statement(
      'derived_receipts',
      `CREATE TABLE IF NOT EXISTS derived_receipts (
     derived_receipt UInt32, is_in Bool, version UInt32
   ) ENGINE = ReplacingMergeTree(version) ORDER BY derived_receipt`,
    ),
  ],
};
