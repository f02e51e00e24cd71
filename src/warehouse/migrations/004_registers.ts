import { statement } from '../statement.ts';

/**
 * What registers say, as they came: schools, the days they are open, who is enrolled, and the marks. A child is a pupil
 * key (`base/pupilKey.ts`): no UPN and no name stands here. Session 0 is the morning, 1 the afternoon; year group 0 is
 * Reception. The mark that stands is the newest by `entered_at`, then by receipt, then by `entry`, the number that an
 * amendment has in the records (0 for what the register first said). Marks are parted by month, so that a day’s are found
 * without reading the year.
 */
export const registers = {
  number: 4,
  name: 'registers',
  statements: [
    statement(
      'register_schools',
      `CREATE TABLE IF NOT EXISTS register_schools (
     receipt UInt32, urn UInt32, laestab UInt32, name String, phase LowCardinality(String),
     la_code LowCardinality(String), region_code LowCardinality(String)
   ) ENGINE = MergeTree ORDER BY (urn, receipt)`,
    ),
    statement(
      'register_days',
      `CREATE TABLE IF NOT EXISTS register_days (
     receipt UInt32, urn UInt32, date Date, session UInt8, open Bool, reason LowCardinality(String)
   ) ENGINE = MergeTree ORDER BY (urn, date, session, receipt)`,
    ),
    statement(
      'enrolments',
      `CREATE TABLE IF NOT EXISTS enrolments (
     receipt UInt32, urn UInt32, pupil UInt64, entry_date Date, leaving_date Date, year_group Int8,
     sex LowCardinality(String), fsm Nullable(Bool), sen LowCardinality(String), eal Nullable(Bool),
     ethnicity LowCardinality(String), born Date32
   ) ENGINE = MergeTree ORDER BY (urn, pupil, entry_date, receipt)`,
    ),
    statement(
      'marks',
      `CREATE TABLE IF NOT EXISTS marks (
     receipt UInt32, urn UInt32, pupil UInt64, date Date, session UInt8, code LowCardinality(String),
     entered_at DateTime('UTC'), entry UInt64, INDEX by_receipt receipt TYPE minmax GRANULARITY 1
   ) ENGINE = MergeTree PARTITION BY toYYYYMM(date)
     ORDER BY (urn, pupil, date, session, entered_at, receipt)`,
    ),
  ],
};
