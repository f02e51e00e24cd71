import { statement } from '../statement.ts';

/** Heads that the trail of the records had, each with when it was kept; never changed and never removed. */
export const anchors = {
  number: 3,
  name: 'anchors',
  statements: [
    statement(
      'audit_anchors',
      `CREATE TABLE IF NOT EXISTS audit_anchors (
     number UInt32, hash String, kept_at DateTime('UTC')
   ) ENGINE = MergeTree ORDER BY (number, hash)`,
    ),
  ],
};
