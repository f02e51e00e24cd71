import { statement } from '../../warehouse/index.ts';

/** What schools returned before, by the receipt that brought it: the sessions missed as `C 2,I 7`. */
export const returnedCounts = statement<
  {
    receipt: number;
    urn: number;
    pupil: string;
    period: string;
    sessions_possible: number;
    missed: string;
  },
  { receipts: number[]; urns: number[] }
>(
  'returnedCounts',
  `SELECT receipt, urn, toString(pupil) AS pupil, period, sessions_possible,
          arrayStringConcat(arrayMap(code -> concat(code, ' ', toString(sessions_missed[code])),
                                     arraySort(mapKeys(sessions_missed))), ',') AS missed
   FROM census_counts
   WHERE receipt IN {receipts:Array(UInt32)} AND urn IN {urns:Array(UInt32)}`,
);
