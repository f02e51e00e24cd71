import type { AcademicYear } from '../base/academicYear.ts';
import type { Day } from '../base/day.ts';
import { perCommit, registerKinds, workedOutKinds } from '../stores/index.ts';
import { areaTotals, yearToDateTotals } from './areaTotals.sql.ts';

/** All types of school together; of England where there is no code of an authority. */
export type AreaTotal = {
  year: AcademicYear;
  laCode: string | null;
  /** As the file has them; blank for England. */
  name: string;
  regionCode: string;
  absencePercent: number;
  /** Types of school, or phases, of which the file withholds the figures: they are not in the sum. */
  withheld: number;
};

/** The same from the start of the year to about two weeks before the day of publication. */
export type YearToDate = AreaTotal & { publishedOn: Day; possible: number; absent: number };

const ignoring = [...workedOutKinds, ...registerKinds];

/** What the department published of England and its authorities, whole years, by year. */
export const publishedTotals = perCommit(
  async (stores): Promise<AreaTotal[]> => {
    const rows = await stores.read(areaTotals, {}, { work: true });
    return rows.map((row) => ({
      year: row.time_period,
      laCode: row.geographic_level === 'National' ? null : row.la_code,
      ...{ name: row.la_name, regionCode: row.region_code },
      withheld: row.withheld,
      absencePercent: (100 * row.sess_overall) / row.sess_possible,
    }));
  },
  { ignoring },
);

/** Every published snapshot of the daily feed’s year to date, by day of publication. */
export const publishedYearsToDate = perCommit(
  async (stores): Promise<YearToDate[]> => {
    const rows = await stores.read(yearToDateTotals, {}, { work: true });
    return rows.map((row) => ({
      year: row.time_period,
      laCode: row.geographic_level === 'National' ? null : row.la_code,
      ...{ name: row.la_name, regionCode: row.region_code },
      publishedOn: row.published_on,
      possible: row.possible,
      absent: row.absent,
      withheld: row.withheld,
      absencePercent: (100 * row.absent) / row.possible,
    }));
  },
  { ignoring },
);
