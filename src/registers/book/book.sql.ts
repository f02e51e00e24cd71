import { statement } from '../../warehouse/index.ts';

/** When it was entered, then the receipt, then the amendment’s number: the greatest is the mark that stands. */
const newest = `bitShiftLeft(toUInt128(toUInt32(entered_at)), 96)
            + bitShiftLeft(toUInt128(receipt), 64) + toUInt128(entry)`;

export type StandingMark = {
  pupil: string;
  date: string;
  session: number;
  code: string;
  /** How often the entry was made or changed. */
  entries: number;
};

/** The marks that stand of these pupils, at schools under these URNs, on these days. Pupils are keys, in digits. */
export const standingMarks = statement<
  StandingMark & { urn: number },
  { receipts: number[]; urns: number[]; pupils: string[]; from: string; to: string }
>(
  'standingMarks',
  `SELECT urn, toString(pupil) AS pupil, toString(date) AS date, session,
          argMax(marks.code, ${newest}) AS code, count() AS entries
   FROM marks
   WHERE receipt IN {receipts:Array(UInt32)} AND urn IN {urns:Array(UInt32)}
     AND marks.pupil IN {pupils:Array(UInt64)} AND marks.date BETWEEN {from:Date} AND {to:Date}
   GROUP BY urn, marks.pupil, marks.date, session
   ORDER BY urn, marks.pupil, marks.date, session`,
);

/** Every entry of one session of one pupil, as they were made. One that came once more with who or why is given with it alone. */
export const entriesOfSession = statement<
  { receipt: number; code: string; entered: number; entry: number },
  { receipts: number[]; urns: number[]; pupil: string; date: string; session: number }
>(
  'entriesOfSession',
  `WITH of_session AS (
     SELECT receipt, code, entered_at, entry FROM marks
     WHERE receipt IN {receipts:Array(UInt32)} AND urn IN {urns:Array(UInt32)}
       AND pupil = {pupil:UInt64} AND date = {date:Date} AND session = {session:UInt8})
   SELECT receipt, code, toUInt32(entered_at) AS entered, toUInt32(entry) AS entry
   FROM of_session
   WHERE entry > 0 OR (entered_at, code) NOT IN (SELECT entered_at, code FROM of_session WHERE entry > 0)
   ORDER BY entered_at, of_session.receipt, of_session.entry`,
);

/** Everything that was ever entered of a pupil, as it was made: see `entriesOfSession`. */
export const entriesOfPupil = statement<
  {
    urn: number;
    date: string;
    session: number;
    code: string;
    entered: number;
    receipt: number;
    entry: number;
  },
  { receipts: number[]; urns: number[]; pupil: string }
>(
  'entriesOfPupil',
  `WITH of_pupil AS (
     SELECT urn, date, session, code, entered_at, receipt, entry FROM marks
     WHERE receipt IN {receipts:Array(UInt32)} AND urn IN {urns:Array(UInt32)} AND pupil = {pupil:UInt64})
   SELECT urn, toString(date) AS date, session, code, toUInt32(entered_at) AS entered, receipt,
          toUInt32(entry) AS entry
   FROM of_pupil
   WHERE entry > 0 OR (urn, of_pupil.date, session, entered_at, code) NOT IN (
     SELECT urn, date, session, entered_at, code FROM of_pupil WHERE entry > 0)
   ORDER BY of_pupil.date, session, entered_at, of_pupil.receipt, of_pupil.entry`,
);

/** Whether a school is open in each session of these days, as the newest calendar has it. */
export const sessionsOfDays = statement<
  { date: string; session: number; open: boolean; reason: string },
  { receipts: number[]; urns: number[]; from: string; to: string }
>(
  'sessionsOfDays',
  `SELECT toString(date) AS date, session, argMax(register_days.open, receipt) AS open,
          argMax(register_days.reason, receipt) AS reason
   FROM register_days
   WHERE receipt IN {receipts:Array(UInt32)} AND urn IN {urns:Array(UInt32)}
     AND register_days.date BETWEEN {from:Date} AND {to:Date}
   GROUP BY register_days.date, session ORDER BY register_days.date, session`,
);

/** Days on which a school has a mark that does not say that it was closed, where no calendar says whether it was. */
export const markedDays = statement<
  { date: string },
  { receipts: number[]; urns: number[]; from: string; to: string }
>(
  'markedDays',
  `SELECT DISTINCT toString(date) AS date FROM marks
   WHERE receipt IN {receipts:Array(UInt32)} AND urn IN {urns:Array(UInt32)}
     AND marks.date BETWEEN {from:Date} AND {to:Date} AND code NOT IN ('#', 'Y4')
   ORDER BY date`,
);

/** The first and the last day with a mark; blank where there is none. */
export const markedSpan = statement<
  { first: string; last: string; marks: number },
  { receipts: number[]; urns: number[] }
>(
  'markedSpan',
  `SELECT toString(min(date)) AS first, toString(max(date)) AS last, count() AS marks
   FROM marks WHERE receipt IN {receipts:Array(UInt32)} AND urn IN {urns:Array(UInt32)}`,
);

/** Sessions whose mark is still N: the reason was never found. */
export const stillUnexplained = statement<
  { urn: number; pupil: string; date: string; session: number },
  { receipts: number[]; urns: number[]; before: string }
>(
  'stillUnexplained',
  `SELECT urn, toString(pupil) AS pupil, toString(date) AS date, session
   FROM marks
   WHERE receipt IN {receipts:Array(UInt32)} AND marks.date < {before:Date}
     AND urn IN {urns:Array(UInt32)}
     AND (urn, marks.pupil, marks.date, session) IN (
       SELECT urn, pupil, date, session FROM marks
       WHERE receipt IN {receipts:Array(UInt32)} AND code = 'N' AND date < {before:Date}
         AND urn IN {urns:Array(UInt32)})
   GROUP BY urn, marks.pupil, marks.date, session
   HAVING argMax(marks.code, ${newest}) = 'N'
   ORDER BY urn, marks.date, session, marks.pupil`,
);

/** Entries made before a moment, by school and academic year: how many, and of which days. Whether or not they count. */
export const entriesMadeBefore = statement<
  { urn: number; year: number; first: string; last: string; entries: number },
  { moment: string }
>(
  'entriesMadeBefore',
  `SELECT urn, toYear(date) - (toMonth(date) < 8) AS year, toString(min(date)) AS first,
          toString(max(date)) AS last, count() AS entries
   FROM marks WHERE entered_at < {moment:DateTime('UTC')}
   GROUP BY urn, year ORDER BY urn, year`,
);

/** Deletes every entry made before a moment: the one statement that ever deletes a mark that was kept. */
export const deleteEntriesMadeBefore = statement<never, { moment: string }>(
  'deleteEntriesMadeBefore',
  `DELETE FROM marks WHERE entered_at < {moment:DateTime('UTC')}`,
);

/** Every school of which there is a roll, or which is on a list of schools. */
export const knownSchools = statement<{ urn: number }, { receipts: number[] }>(
  'knownSchools',
  `SELECT DISTINCT urn FROM (
     SELECT urn FROM register_schools WHERE receipt IN {receipts:Array(UInt32)}
     UNION ALL SELECT urn FROM enrolments WHERE receipt IN {receipts:Array(UInt32)})
   ORDER BY urn`,
);
