import { type AcademicYear, yearsBetween } from '../base/academicYear.ts';
import type { LaEstab, Urn } from '../base/identifiers.ts';
import type { SchoolType } from '../base/schoolType.ts';
import type { Authority, Point, Trust } from './authorities.ts';
import type { Academisation, CastMember, Setting } from './cast.ts';
import type { YearCounts } from './schoolYear.ts';

/** The years that are published, and the one after, which only `truth_schools.csv` tells. */
export const firstYear: AcademicYear = 201213;
const lastYear: AcademicYear = 201718;
export const hiddenYear: AcademicYear = 201819;
export const publishedYears = yearsBetween(firstYear, lastYear);
export const allYears = yearsBetween(firstYear, hiddenYear);

export type MadeUpSchool = {
  urn: Urn;
  laestab: LaEstab;
  /** What it was before it became an academy; undefined when it always was what it is. */
  before: { urn: Urn; laestab: LaEstab; closedOn: string } | undefined;
  name: string;
  schoolType: SchoolType;
  allThrough: boolean;
  academy: Academisation | undefined;
  trust: Trust | undefined;
  authority: Authority;
  /** ISO; undefined when nobody remembers. */
  openedOn: string | undefined;
  closedOn: string | undefined;
  place: Place;
  intake: Intake;
  truth: SchoolTruth;
  /** Published years, oldest first. */
  years: readonly SchoolYear[];
  /** What 2018/19 brought: never published. Undefined when it had closed. */
  hidden: YearCounts | undefined;
};

export type SchoolYear = { year: AcademicYear; urn: Urn; laestab: LaEstab; counts: YearCounts };

export type Place = Point & {
  town: string;
  postcode: string;
  setting: Setting;
  /** Rural–urban class of 2011: A1, C1, D1, E1 or E2. */
  ruralUrban: string;
  /** Shares, 0–1, of children (IDACI) and of everybody in families on low income. */
  idaci: number;
  income: number;
};

/** Of the pupils on roll in January 2019, %. */
export type Intake = {
  onRoll: number;
  fsmPercent: number;
  senSupportPercent: number;
  ehcPlanPercent: number;
  ealPercent: number;
  girlsPercent: number;
};

/** What a school's years were drawn from. */
export type SchoolTruth = {
  /** Its rate in the long run, at the national level of an average year, %. */
  levelPercent: number;
  /** What its intake adds to that (negative: takes off), percentage points. */
  intakePoints: number;
  /** Its own change of level a year, % of its rate; 0 for nearly all. */
  trendPercentPerYear: number;
  /** The year-to-year step of its slow wander (1 SD), percentage points. */
  wanderPoints: number;
  /** One year's luck at its size (1 SD), percentage points. */
  luckPoints: number;
  shockYears: readonly AcademicYear[];
  /** Without luck, %, by year, the hidden year last; undefined in years without pupils. */
  expectedPercent: ReadonlyMap<AcademicYear, number>;
};

export type Identity = Pick<MadeUpSchool, 'urn' | 'laestab' | 'before' | 'academy'>;

export type SchoolPlan = {
  index: number;
  authority: Authority;
  schoolType: SchoolType;
  /** Counts the authority's schools of this type. */
  ordinal: number;
  cast: CastMember | undefined;
};
