import { statement } from '../warehouse/index.ts';

export const everythingIssued = statement<
  { figures: string; explanation: string },
  { receipts: number[] }
>(
  'everythingIssued',
  `SELECT figures, explanation FROM issued_expectation
   WHERE receipt IN {receipts:Array(UInt32)} ORDER BY urn`,
);
