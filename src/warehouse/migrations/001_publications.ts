import { statement } from '../statement.ts';

/** The counts of an absence publication, named as published; `:` (not applicable) is null. */
export const absenceCounts = [
  'num_schools',
  'enrolments',
  'sess_possible',
  'sess_overall',
  'sess_authorised',
  'sess_unauthorised',
  'enrolments_pa_10_exact',
  'sess_possible_pa_10_exact',
  'sess_overall_pa_10_exact',
  'sess_authorised_pa_10_exact',
  'sess_unauthorised_pa_10_exact',
  'sess_auth_illness',
  'sess_auth_appointments',
  'sess_auth_religious',
  'sess_auth_study',
  'sess_auth_traveller',
  'sess_auth_holiday',
  'sess_auth_ext_holiday',
  'sess_auth_excluded',
  'sess_auth_other',
  'sess_auth_totalreasons',
  'sess_unauth_holiday',
  'sess_unauth_late',
  'sess_unauth_other',
  'sess_unauth_noyet',
  'sess_unauth_totalreasons',
  'sess_overall_totalreasons',
] as const;

const counts = absenceCounts.map((name) => `${name} Nullable(UInt64)`).join(',\n     ');

/** What the department publishes, row by row as it came. Each row carries the receipt of the file that brought it. */
export const publications = {
  number: 1,
  name: 'publications',
  statements: [
    statement(
      'published_school_absence',
      `CREATE TABLE IF NOT EXISTS published_school_absence (
     receipt UInt32, time_period UInt32, urn UInt32, laestab UInt32,
     la_code LowCardinality(String), new_la_code LowCardinality(String), la_name LowCardinality(String),
     region_code LowCardinality(String), region_name LowCardinality(String),
     school_type LowCardinality(String), academy_type LowCardinality(String),
     academy_open_date Nullable(Date32), all_through Bool,
     ${counts}
   ) ENGINE = MergeTree ORDER BY (urn, time_period, receipt)`,
    ),
    statement(
      'published_area_absence',
      `CREATE TABLE IF NOT EXISTS published_area_absence (
     receipt UInt32, time_period UInt32, geographic_level LowCardinality(String),
     region_code LowCardinality(String), region_name LowCardinality(String),
     la_code LowCardinality(String), new_la_code LowCardinality(String), la_name LowCardinality(String),
     school_type LowCardinality(String),
     ${counts}
   ) ENGINE = MergeTree ORDER BY (time_period, geographic_level, new_la_code, receipt)`,
    ),
    statement(
      'published_school_sample',
      `CREATE TABLE IF NOT EXISTS published_school_sample (
     receipt UInt32, time_period UInt32, urn UInt32, la_code LowCardinality(String),
     overall_absence_percent Nullable(Float64), persistent_absence_percent Nullable(Float64)
   ) ENGINE = MergeTree ORDER BY (urn, time_period, receipt)`,
    ),
    statement(
      'published_census',
      `CREATE TABLE IF NOT EXISTS published_census (
     receipt UInt32, census_on Date32, urn UInt32, laestab UInt32, school_type LowCardinality(String),
     pupils Nullable(UInt32), girls_percent Nullable(Float64), ehc_plan_percent Nullable(Float64),
     sen_support_percent Nullable(Float64), eal_percent Nullable(Float64), fsm_percent Nullable(Float64),
     fsm_ever6_percent Nullable(Float64)
   ) ENGINE = MergeTree ORDER BY (urn, census_on, receipt)`,
    ),
    statement(
      'published_location',
      `CREATE TABLE IF NOT EXISTS published_location (
     receipt UInt32, urn UInt32, name String, town String, postcode String,
     open_date Nullable(Date32), close_date Nullable(Date32),
     easting Nullable(Float64), northing Nullable(Float64), lad22 LowCardinality(String),
     idaci_score Nullable(Float64), income_score Nullable(Float64), ruc11 LowCardinality(String)
   ) ENGINE = MergeTree ORDER BY (urn, receipt)`,
    ),
    statement(
      'published_school_link',
      `CREATE TABLE IF NOT EXISTS published_school_link (
     receipt UInt32, urn UInt32, link_urn UInt32, link_name String, link_type LowCardinality(String),
     established_on Nullable(Date32)
   ) ENGINE = MergeTree ORDER BY (urn, link_urn, receipt)`,
    ),
    statement(
      'published_trust_member',
      `CREATE TABLE IF NOT EXISTS published_trust_member (
     receipt UInt32, urn UInt32, trust_uid UInt32, trust_name String, trust_kind LowCardinality(String),
     joined_on Nullable(Date32), school_name String
   ) ENGINE = MergeTree ORDER BY (urn, trust_uid, receipt)`,
    ),
    statement(
      'published_ytd',
      `CREATE TABLE IF NOT EXISTS published_ytd (
     receipt UInt32, time_period UInt32, published_on Nullable(Date32),
     geographic_level LowCardinality(String), region_code LowCardinality(String),
     new_la_code LowCardinality(String), la_name LowCardinality(String), la_code LowCardinality(String),
     school_type LowCardinality(String), num_schools Nullable(Float64), enrolments Nullable(Float64),
     sessions Map(LowCardinality(String), UInt64), attendance_percent Nullable(Float64),
     overall_absence_percent Nullable(Float64), authorised_absence_percent Nullable(Float64),
     unauthorised_absence_percent Nullable(Float64), pa_percent Nullable(Float64)
   ) ENGINE = MergeTree ORDER BY (time_period, geographic_level, new_la_code, school_type, receipt)`,
    ),
  ],
};
