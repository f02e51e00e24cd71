import { statement } from '../statement.ts';

/**
 * Marks on their way in, by the number that their upload has in the records: as the file says them, then with what was found
 * of them. Nobody sees them as marks; they are removed when the upload is kept, cancelled or withdrawn. Nor does a UPN stand
 * here: a pupil is a key, or 0 where the file's UPN cannot be one. `marks_arriving` is always empty: a file takes its place
 * in the statement that reads it. What is staged is soon gone: only small parts of it are worth merging.
 */
export const uploads = {
  number: 5,
  name: 'uploads',
  statements: [
    statement(
      'marks_arriving',
      `CREATE TABLE IF NOT EXISTS marks_arriving (
     row String, spot String, urn String, upn String, date String, session String, code String, entered_on String,
     reason String, amended_by String, position String
   ) ENGINE = MergeTree ORDER BY tuple()`,
    ),
    statement(
      'marks_staged',
      `CREATE TABLE IF NOT EXISTS marks_staged (
     upload UInt32, row UInt32, spot LowCardinality(String), urn UInt32, pupil UInt64, date Date, session UInt8,
     code LowCardinality(String), entered_on Date, reason String, amended_by String, position String
   ) ENGINE = MergeTree ORDER BY (upload, urn, pupil, date, session)
   SETTINGS max_bytes_to_merge_at_max_space_in_pool = 2000000`,
    ),
    statement(
      'marks_checked',
      `CREATE TABLE IF NOT EXISTS marks_checked (
     upload UInt32, urn UInt32, pupil UInt64, date Date, session UInt8, code LowCardinality(String),
     entered_at DateTime('UTC'), verdict LowCardinality(String), original LowCardinality(String), row UInt32,
     spot LowCardinality(String), reason String, amended_by String, position String
   ) ENGINE = MergeTree ORDER BY (upload, urn, pupil, date, session)`,
    ),
    statement(
      'census_counts',
      `CREATE TABLE IF NOT EXISTS census_counts (
     receipt UInt32, urn UInt32, pupil UInt64, period LowCardinality(String), sessions_possible UInt32,
     sessions_missed Map(LowCardinality(String), UInt32)
   ) ENGINE = MergeTree ORDER BY (urn, pupil, period, receipt)`,
    ),
  ],
};
