import { type Statement, statement } from '../warehouse/index.ts';

/** How many schools have possible sessions in each week of a year, in the figures that are kept. */
export const schoolsInWeeks: Statement<
  { monday: string; schools: number },
  { receipts: number[]; startYear: number }
> = statement(
  'schoolsInWeeks',
  `SELECT toString(school_weeks.monday) AS monday, count() AS schools
   FROM school_weeks FINAL
   WHERE start_year = {startYear:UInt16} AND notEmpty(sums) AND sums[1] > 0
   GROUP BY school_weeks.monday ORDER BY monday`,
);
