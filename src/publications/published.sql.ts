import { statement } from '../warehouse/index.ts';

type Receipts = { receipts: number[] };

/** One school-year's counts, as arrays by year: `time_periods[i]` goes with `enrolments[i]`, and so on. */
export type SchoolYearsRow = {
  urn: number;
  time_periods: number[];
  enrolments: number[];
  sess_possible: number[];
  sess_overall: number[];
  sess_authorised: number[];
  sess_unauthorised: number[];
  persistent: number[];
};

const yearArrays = `urn, groupArray(time_period) AS time_periods, groupArray(assumeNotNull(enrolments)) AS enrolments,
          groupArray(assumeNotNull(sess_possible)) AS sess_possible,
          groupArray(assumeNotNull(sess_overall)) AS sess_overall,
          groupArray(assumeNotNull(sess_authorised)) AS sess_authorised,
          groupArray(assumeNotNull(sess_unauthorised)) AS sess_unauthorised,
          groupArray(assumeNotNull(enrolments_pa_10_exact)) AS persistent`;

/** The published years of every URN, in order. */
export const allSchoolYears = statement<SchoolYearsRow, Receipts & { before: number }>(
  'allSchoolYears',
  `SELECT ${yearArrays}
   FROM (SELECT * FROM published_school_absence
         WHERE receipt IN {receipts:Array(UInt32)} AND time_period < {before:UInt32}
         ORDER BY urn, time_period)
   GROUP BY urn ORDER BY urn`,
);

export type SampleYearRow = {
  urn: number;
  time_period: number;
  overall_absence_percent: number | null;
  persistent_absence_percent: number | null;
};

/** The percentages of the 2021/22–2022/23 sample. */
export const sampleYears = statement<SampleYearRow, Receipts & { before: number }>(
  'sampleYears',
  `SELECT urn, time_period, overall_absence_percent, persistent_absence_percent
   FROM published_school_sample
   WHERE receipt IN {receipts:Array(UInt32)} AND time_period < {before:UInt32}
   ORDER BY urn, time_period`,
);

export type AreaYearRow = {
  time_period: number;
  geographic_level: string;
  la_code: string;
  region_code: string;
  school_type: string;
  num_schools: number;
  enrolments: number;
  sess_possible: number;
  sess_overall: number;
  persistent: number;
};

/** Pooled figures of every authority, every region and England, by year and school type, summed from the schools. */
export const areaYears = statement<AreaYearRow, Receipts>(
  'areaYears',
  `SELECT time_period, level AS geographic_level,
          if(level = 'Local authority', la_code, '') AS la_code,
          if(level = 'Regional', region_code, '') AS region_code, school_type,
          count() AS num_schools, sum(enrolments) AS enrolments, sum(sess_possible) AS sess_possible,
          sum(sess_overall) AS sess_overall, sum(enrolments_pa_10_exact) AS persistent
   FROM published_school_absence
   ARRAY JOIN ['Local authority', 'Regional', 'National'] AS level
   WHERE receipt IN {receipts:Array(UInt32)}
   GROUP BY time_period, level, la_code, region_code, school_type
   ORDER BY geographic_level, school_type, time_period`,
);

export type AreaSchoolsRow = {
  time_period: number;
  geographic_level: string;
  la_code: string;
  region_code: string;
  school_type: string;
  num_schools: number;
};

/** Of how many schools the published total of an area, year and school type is. */
export const areaSchools = statement<AreaSchoolsRow, Receipts>(
  'areaSchools',
  `SELECT time_period, geographic_level,
          if(geographic_level = 'Local authority', la_code, '') AS la_code,
          if(geographic_level = 'Regional', area.region_code, '') AS region_code, school_type,
          assumeNotNull(num_schools) AS num_schools
   FROM published_area_absence AS area
   WHERE receipt IN {receipts:Array(UInt32)}
   ORDER BY geographic_level, la_code, region_code, school_type, time_period`,
);

export type QuartilesRow = {
  time_period: number;
  school_type: string;
  schools: number;
  overall: [number, number, number];
  persistent: [number, number, number];
};

/** Lower quartile, median and upper quartile of the schools of England, by year and school type. */
export const nationalQuartiles = statement<QuartilesRow, Receipts>(
  'nationalQuartiles',
  `SELECT time_period, school_type, count() AS schools,
          quantilesExact(0.25, 0.5, 0.75)(100 * sess_overall / sess_possible) AS overall,
          quantilesExact(0.25, 0.5, 0.75)(100 * enrolments_pa_10_exact / enrolments) AS persistent
   FROM published_school_absence
   WHERE receipt IN {receipts:Array(UInt32)} AND sess_possible > 0 AND enrolments > 0
   GROUP BY time_period, school_type ORDER BY school_type, time_period`,
);

export type GroupCountsRow = {
  region_code: string;
  la_code: string;
  school_type: string;
  time_period: number;
  urns: number[];
  enrolments: number[];
  persistent: number[];
};

/** The enrolments and persistent absentees of every school, by authority, school type and year. */
export const groupCounts = statement<GroupCountsRow, Receipts>(
  'groupCounts',
  `SELECT region_code, la_code, school_type, time_period, groupArray(urn) AS urns,
          groupArray(assumeNotNull(counted.enrolments)) AS enrolments,
          groupArray(assumeNotNull(enrolments_pa_10_exact)) AS persistent
   FROM (SELECT * FROM published_school_absence
         WHERE receipt IN {receipts:Array(UInt32)} ORDER BY urn) AS counted
   GROUP BY region_code, la_code, school_type, time_period
   ORDER BY time_period, school_type, region_code, la_code`,
);
