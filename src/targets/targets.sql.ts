import { statement } from '../warehouse/index.ts';

type Receipts = { receipts: number[] };

export type IssuedRow = {
  receipt: number;
  time_period: number;
  urn: number;
  figures: string;
  explanation: string;
};

/** What was issued to a school under any of its URNs, newest year first. */
export const issuedTo = statement<IssuedRow, Receipts & { urns: number[] }>(
  'issuedTo',
  `SELECT receipt, time_period, urn, figures, explanation FROM issued_expectation
   WHERE receipt IN {receipts:Array(UInt32)} AND urn IN {urns:Array(UInt32)}
   ORDER BY time_period DESC, urn`,
);

export type IssuedFiguresRow = { urn: number; figures: string };

/** What was issued to these schools for one year, figures only. */
export const issuedFiguresOf = statement<
  IssuedFiguresRow,
  Receipts & { urns: number[]; year: number }
>(
  'issuedFiguresOf',
  `SELECT urn, figures FROM issued_expectation
   WHERE receipt IN {receipts:Array(UInt32)} AND time_period = {year:UInt32} AND urn IN {urns:Array(UInt32)}
   ORDER BY urn`,
);
