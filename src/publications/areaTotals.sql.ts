import { statement } from '../warehouse/index.ts';

type Receipts = { receipts: number[] };

export type AreaTotalRow = {
  time_period: number;
  geographic_level: string;
  la_code: string;
  la_name: string;
  region_code: string;
  sess_possible: number;
  sess_overall: number;
  withheld: number;
};

/** The published totals of England and its authorities, all types of school together but those that are withheld, year by year. */
export const areaTotals = statement<AreaTotalRow, Receipts>(
  'areaTotals',
  `WITH isNotNull(area.sess_possible) AND isNotNull(area.sess_overall) AS isGiven
   SELECT time_period, geographic_level,
          if(geographic_level = 'Local authority', area.la_code, '') AS la_code,
          max(area.la_name) AS la_name, max(area.region_code) AS region_code,
          sumIf(assumeNotNull(area.sess_possible), isGiven) AS sess_possible,
          sumIf(assumeNotNull(area.sess_overall), isGiven) AS sess_overall,
          toUInt32(countIf(NOT isGiven)) AS withheld
   FROM published_area_absence AS area
   WHERE receipt IN {receipts:Array(UInt32)} AND geographic_level IN ('National', 'Local authority')
     AND school_type != 'Total'
   GROUP BY time_period, geographic_level, la_code
   HAVING sess_possible > 0
   ORDER BY geographic_level, la_code, time_period`,
);

export type SnapshotRow = {
  time_period: number;
  published_on: string;
  geographic_level: string;
  la_code: string;
  la_name: string;
  region_code: string;
  possible: number;
  absent: number;
  withheld: number;
};

/** The year to date of England and its authorities, all phases together but those that are withheld, in every snapshot whose day is known. */
export const yearToDateTotals = statement<SnapshotRow, Receipts>(
  'yearToDateTotals',
  `WITH mapContains(ytd.sessions, 'possible_sessions') AND mapContains(ytd.sessions, 'overall_absence') AS isGiven
   SELECT time_period, toString(published_on) AS published_on, geographic_level,
          if(geographic_level = 'Local authority', ytd.la_code, '') AS la_code,
          max(ytd.la_name) AS la_name, max(ytd.region_code) AS region_code,
          sumIf(ytd.sessions['possible_sessions'], isGiven) AS possible,
          sumIf(ytd.sessions['overall_absence'], isGiven) AS absent,
          toUInt32(countIf(NOT isGiven)) AS withheld
   FROM published_ytd AS ytd
   WHERE receipt IN {receipts:Array(UInt32)} AND geographic_level IN ('National', 'Local authority')
     AND school_type != 'Total' AND isNotNull(ytd.published_on)
   GROUP BY time_period, ytd.published_on, geographic_level, la_code
   HAVING possible > 0
   ORDER BY geographic_level, la_code, ytd.published_on`,
);
