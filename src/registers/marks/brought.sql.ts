import { type Statement, statement } from '../../warehouse/index.ts';

/** How many entries of a school each receipt brought. The table of marks is in the order of schools: no other’s are read. */
export const receiptsOfMarks: Statement<
  { receipt: number; marks: number; first: string; last: string },
  { receipts: number[]; urns: readonly number[] }
> = statement(
  'receiptsOfMarks',
  `SELECT receipt, count() AS marks, min(date) AS first, max(date) AS last FROM marks
   WHERE receipt IN {receipts:Array(UInt32)} AND urn IN {urns:Array(UInt32)}
   GROUP BY receipt ORDER BY receipt DESC`,
);
