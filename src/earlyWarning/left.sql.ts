import { kernel } from '../absence/index.ts';
import { type Statement, statement } from '../warehouse/index.ts';
import type { Knowing } from './counts.sql.ts';

/** What a school’s calendar of a year has, by week (`base/weekOfYear.ts`), and how many open sessions come after a day; `soon`: in 28 days. */
export type CalendarRow = {
  urn: number;
  weeks: number[];
  /** Open sessions of each of these weeks, and closed ones of its weekdays. */
  open: number[];
  closed: number[];
  last_open: string;
  closed_after: boolean;
  left: number;
  soon: number;
};

type CalendarParameters = {
  receipts: number[];
  urns: number[];
  from: string;
  end: string;
  /** The Monday of the first week, and the day after which is counted what is left. */
  firstMonday: string;
  to: string;
  cameLater: number[];
};

const { receipts, wanted, newestThen } = kernel;
const greatest: Record<Knowing, string> = {
  kept: 'receipt',
  asKnown: newestThen,
};

const calendars = (knowing: Knowing): Statement<CalendarRow, CalendarParameters> =>
  statement(
    `calendars${knowing === 'kept' ? 'Kept' : 'AsKnown'}`,
    `SELECT urn, groupArray(week) AS weeks, groupArray(open_sessions) AS open, groupArray(closed_sessions) AS closed,
          toString(max(last_day)) AS last_open, max(last_closed) > max(last_day) AS closed_after,
          toUInt16(sum(to_come)) AS left, toUInt16(sum(to_come_soon)) AS soon
   FROM (SELECT urn, toUInt16(greatest(0, intDiv(date - {firstMonday:Date}, 7))) AS week, countIf(is_open) AS open_sessions,
           countIf(NOT is_open AND is_weekday) AS closed_sessions, maxIf(date, is_open) AS last_day, maxIf(date, is_weekday AND NOT is_open) AS last_closed,
           countIf(is_open AND date > {to:Date}) AS to_come,
           countIf(is_open AND date > {to:Date} AND date <= addDays({to:Date}, 28)) AS to_come_soon
         FROM (SELECT urn, date, session, argMax(register_days.open, ${greatest[knowing]}) AS is_open,
                 date >= {firstMonday:Date} AND toDayOfWeek(date) <= 5 AS is_weekday
               FROM register_days
               WHERE ${receipts} AND ${wanted} AND date BETWEEN {from:Date} AND {end:Date}
               GROUP BY urn, date, session)
         GROUP BY urn, week ORDER BY urn, week)
   GROUP BY urn ORDER BY urn`,
  );

export const calendarsKept = calendars('kept');
export const calendarsAsKnown = calendars('asKnown');
