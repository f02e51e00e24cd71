import { statement } from '../../warehouse/index.ts';

/** What the newest list of schools says of these. */
export const standingSchools = statement<
  {
    urn: number;
    laestab: number;
    name: string;
    phase: string;
    la_code: string;
    region_code: string;
  },
  { receipts: number[]; urns: number[] }
>(
  'standingSchools',
  `SELECT urn, argMax(register_schools.laestab, receipt) AS laestab, argMax(register_schools.name, receipt) AS name,
          argMax(register_schools.phase, receipt) AS phase, argMax(register_schools.la_code, receipt) AS la_code,
          argMax(register_schools.region_code, receipt) AS region_code
   FROM register_schools
   WHERE receipt IN {receipts:Array(UInt32)} AND urn IN {urns:Array(UInt32)}
   GROUP BY urn ORDER BY urn`,
);

/** What the newest calendars say of these schools: a text for each session, `2025-09-01 0 1 reason`: the day, the session, whether it is open, and why not. */
export const standingDays = statement<
  { urn: number; days: string[] },
  { receipts: number[]; urns: number[] }
>(
  'standingDays',
  `SELECT urn, groupArray(day) AS days
   FROM (
     SELECT urn, concat(toString(date), ' ', toString(session), ' ', toString(toUInt8(argMax(register_days.open, receipt))),
                        ' ', argMax(register_days.reason, receipt)) AS day
     FROM register_days
     WHERE receipt IN {receipts:Array(UInt32)} AND urn IN {urns:Array(UInt32)}
     GROUP BY urn, date, session)
   GROUP BY urn ORDER BY urn`,
);

/** How many enrolments stand on the rolls of these schools: the rows of the newest roll that has any of the school. */
export const standingRolls = statement<
  { urn: number; enrolments: number },
  { receipts: number[]; urns: number[] }
>(
  'standingRolls',
  `SELECT urn, count() AS enrolments
   FROM enrolments
   WHERE receipt IN {receipts:Array(UInt32)} AND urn IN {urns:Array(UInt32)}
     AND (urn, receipt) IN (
       SELECT urn, max(receipt) FROM enrolments
       WHERE receipt IN {receipts:Array(UInt32)} AND urn IN {urns:Array(UInt32)} GROUP BY urn)
   GROUP BY urn ORDER BY urn`,
);

/** Of each of these stretches on a roll, told as columns, how many sessions have a mark, and the first and the last day with one; none where there is no mark. */
export const markedDaysOfEnrolments = statement<
  { enrolment: number; first: string; last: string; marks: number },
  { receipts: number[]; urns: number[]; pupils: string[]; entries: string[]; leavings: string[] }
>(
  'markedDaysOfEnrolments',
  `SELECT enrolment, min(marks.date) AS first, max(marks.date) AS last,
          toUInt32(uniqExact((marks.date, session))) AS marks
   FROM marks
   INNER JOIN (
     SELECT enrolment, {urns:Array(UInt32)}[enrolment] AS urn, {pupils:Array(UInt64)}[enrolment] AS pupil,
            {entries:Array(Date)}[enrolment] AS entry_date, {leavings:Array(Date)}[enrolment] AS leaving_date
     FROM (SELECT arrayJoin(arrayEnumerate({urns:Array(UInt32)})) AS enrolment)) AS missing
     ON marks.urn = missing.urn AND marks.pupil = missing.pupil
   WHERE receipt IN {receipts:Array(UInt32)} AND marks.urn IN {urns:Array(UInt32)}
     AND marks.pupil IN {pupils:Array(UInt64)} AND marks.date BETWEEN entry_date AND leaving_date
   GROUP BY enrolment ORDER BY enrolment`,
);
