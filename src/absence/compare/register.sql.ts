import { type Statement, statement } from '../../warehouse/index.ts';
import type { CalendarDay, Enrolment, PupilMarks } from './register.ts';

const receipts = 'receipt IN {receipts:Array(UInt32)}';

type OfSchool = { receipts: number[]; urn: number };
type InPeriod = OfSchool & { from: string; to: string };

/** A school’s roll, as the newest pupils file that has it says: every enrolment that touches the period. */
export const rollOfSchool: Statement<Enrolment, InPeriod> = statement(
  'rollOfSchool',
  `SELECT toString(pupil) AS pupil, entry_date, leaving_date, year_group, born
   FROM enrolments
   WHERE ${receipts} AND urn = {urn:UInt32}
     AND receipt = (SELECT max(receipt) FROM enrolments WHERE ${receipts} AND urn = {urn:UInt32})
     AND entry_date <= {to:Date} AND leaving_date >= {from:Date}
   ORDER BY pupil, entry_date`,
);

/** The marks that stand, one row for each pupil; those of who has no enrolment in the period are not asked for. */
export const standingMarksOfSchool: Statement<PupilMarks, InPeriod> = statement(
  'standingMarksOfSchool',
  `SELECT toString(pupil) AS pupil, groupArray(date) AS dates, groupArray(session) AS sessions, groupArray(code) AS codes
   FROM (SELECT pupil, date, session,
                argMax(toString(marks.code), (entered_at, receipt, entry)) AS code
         FROM marks
         WHERE ${receipts} AND urn = {urn:UInt32} AND date BETWEEN {from:Date} AND {to:Date}
         GROUP BY pupil, date, session ORDER BY pupil, date, session)
   GROUP BY pupil ORDER BY pupil`,
);

/** Open or closed, as the newest calendar has it. */
export const calendarOfSchool: Statement<CalendarDay, InPeriod> = statement(
  'calendarOfSchool',
  `SELECT date, session, argMax(register_days.open, receipt) AS open
   FROM register_days
   WHERE ${receipts} AND urn = {urn:UInt32} AND date BETWEEN {from:Date} AND {to:Date}
   GROUP BY date, session ORDER BY date, session`,
);

export type RegisterReceipt = {
  receipt: number;
  marks: number;
  first: string;
  last: string;
  entered: string;
};

/** Which uploads the marks of a period came with. */
export const receiptsOfSchool: Statement<RegisterReceipt, InPeriod> = statement(
  'receiptsOfSchool',
  `SELECT receipt, count() AS marks, min(date) AS first, max(date) AS last,
          formatDateTime(max(entered_at), '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS entered
   FROM marks
   WHERE ${receipts} AND urn = {urn:UInt32} AND date BETWEEN {from:Date} AND {to:Date}
   GROUP BY receipt ORDER BY receipt`,
);

/** The first and the last session day of which a school has a mark. */
export const markedDaysOfSchool: Statement<
  { marks: number; first: string; last: string },
  InPeriod
> = statement(
  'markedDaysOfSchool',
  `SELECT count() AS marks, min(date) AS first, max(date) AS last FROM marks
   WHERE ${receipts} AND urn = {urn:UInt32} AND date BETWEEN {from:Date} AND {to:Date}`,
);
