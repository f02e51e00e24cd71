import { statement } from '../warehouse/index.ts';

type Receipts = { receipts: number[] };

/** Only what was published of years before this one; `everyYear` for all. */
type Before = { before: number };

export const everyYear = 999_999;

export type PublishedSchoolRow = {
  urn: number;
  first_year: number;
  last_year: number;
  laestab: number;
  la_code: string;
  la_name: string;
  region_code: string;
  region_name: string;
  school_type: string;
  all_through: boolean;
};

/** Every URN with published absence, as its last year names it. */
export const publishedSchools = statement<PublishedSchoolRow, Receipts & Before>(
  'publishedSchools',
  `SELECT urn, min(time_period) AS first_year, max(time_period) AS last_year,
          argMax(laestab, time_period) AS laestab, argMax(la_code, time_period) AS la_code,
          argMax(la_name, time_period) AS la_name, argMax(region_code, time_period) AS region_code,
          argMax(region_name, time_period) AS region_name,
          argMax(school_type, time_period) AS school_type,
          argMax(published_school_absence.all_through, time_period) AS all_through
   FROM published_school_absence
   WHERE receipt IN {receipts:Array(UInt32)} AND time_period < {before:UInt32}
   GROUP BY urn ORDER BY urn`,
);

export type SampledSchoolRow = {
  urn: number;
  la_code: string;
  first_year: number;
  last_year: number;
};

/** Every URN of the 2021/22–2022/23 sample. */
export const sampledSchools = statement<SampledSchoolRow, Receipts & Before>(
  'sampledSchools',
  `SELECT urn, any(published_school_sample.la_code) AS la_code, min(time_period) AS first_year, max(time_period) AS last_year
   FROM published_school_sample
   WHERE receipt IN {receipts:Array(UInt32)} AND time_period < {before:UInt32}
   GROUP BY urn ORDER BY urn`,
);

export type CensusRow = {
  urn: number;
  census_on: string;
  laestab: number;
  school_type: string;
  pupils: number | null;
  girls_percent: number | null;
  ehc_plan_percent: number | null;
  sen_support_percent: number | null;
  eal_percent: number | null;
  fsm_percent: number | null;
  fsm_ever6_percent: number | null;
};

/** Every school in every census, oldest census first. */
export const censusSchools = statement<CensusRow, Receipts>(
  'censusSchools',
  `SELECT urn, census_on, laestab, school_type, pupils, girls_percent, ehc_plan_percent,
          sen_support_percent, eal_percent, fsm_percent, fsm_ever6_percent
   FROM published_census WHERE receipt IN {receipts:Array(UInt32)}
   ORDER BY census_on, urn`,
);

export type LocationRow = {
  urn: number;
  name: string;
  town: string;
  postcode: string;
  open_date: string | null;
  close_date: string | null;
  easting: number | null;
  northing: number | null;
  idaci_score: number | null;
  ruc11: string;
};

/** Name and place of every URN. */
export const schoolLocations = statement<LocationRow, Receipts>(
  'schoolLocations',
  `SELECT urn, name, town, postcode, open_date, close_date, easting, northing, idaci_score, ruc11
   FROM published_location WHERE receipt IN {receipts:Array(UInt32)} ORDER BY urn`,
);

export type LinkRow = {
  urn: number;
  link_urn: number;
  link_type: string;
  established_on: string | null;
};

/** Predecessor and successor links between URNs, as GIAS has them. */
export const schoolLinks = statement<LinkRow, Receipts>(
  'schoolLinks',
  `SELECT urn, link_urn, link_type, established_on
   FROM published_school_link
   WHERE receipt IN {receipts:Array(UInt32)}
     AND (startsWith(link_type, 'Predecessor') OR startsWith(link_type, 'Successor'))
   ORDER BY urn, link_urn, link_type`,
);

export type TrustMemberRow = {
  urn: number;
  trust_uid: number;
  trust_name: string;
  trust_kind: string;
  joined_on: string | null;
};

/** Which academy trust each school belongs to. */
export const trustMembers = statement<TrustMemberRow, Receipts>(
  'trustMembers',
  `SELECT urn, trust_uid, trust_name, trust_kind, joined_on
   FROM published_trust_member WHERE receipt IN {receipts:Array(UInt32)} ORDER BY urn, trust_uid`,
);

export type AreaNameRow = {
  la_code: string;
  la_name: string;
  region_code: string;
  region_name: string;
};

/** Authorities and their regions, as the newest publication names them. */
export const areaNames = statement<AreaNameRow, Receipts & Before>(
  'areaNames',
  `SELECT la_code, argMax(la_name, time_period) AS la_name, argMax(region_code, time_period) AS region_code,
          argMax(region_name, time_period) AS region_name
   FROM published_school_absence
   WHERE receipt IN {receipts:Array(UInt32)} AND time_period < {before:UInt32}
   GROUP BY la_code ORDER BY la_code`,
);

export type ListedSchoolRow = {
  urn: number;
  laestab: number;
  name: string;
  /** As the list has it: `primary`, `secondary`, `special`, `all-through`. */
  phase: string;
  la_code: string;
  region_code: string;
};

/** Every school in the lists that came with registers, as the newest list that has it says. */
export const listedSchools = statement<ListedSchoolRow, Receipts>(
  'listedSchools',
  `SELECT urn, argMax(register_schools.laestab, receipt) AS laestab, argMax(register_schools.name, receipt) AS name,
          argMax(register_schools.phase, receipt) AS phase, argMax(register_schools.la_code, receipt) AS la_code,
          argMax(register_schools.region_code, receipt) AS region_code
   FROM register_schools WHERE receipt IN {receipts:Array(UInt32)}
   GROUP BY urn ORDER BY urn`,
);
