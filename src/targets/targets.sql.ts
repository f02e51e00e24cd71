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

export type IssuedFromRegistersRow = { urn: number; own_years: number[] };

/** The schools whose issue of a year rests on years of their own registers, and on which. */
export const issuedFromRegisters = statement<IssuedFromRegistersRow, Receipts & { year: number }>(
  'issuedFromRegisters',
  `SELECT urn, JSONExtract(explanation, 'ownYears', 'Array(UInt32)') AS own_years
   FROM issued_expectation
   WHERE receipt IN {receipts:Array(UInt32)} AND time_period = {year:UInt32}
     AND position(explanation, '"ownYears":[') > 0
   ORDER BY urn`,
);
