import type { AcademicYear } from '../base/academicYear.ts';
import type { Urn } from '../base/identifiers.ts';
import type { Measure } from '../base/measure.ts';
import type { SchoolType } from '../base/schoolType.ts';

import type { SharedShift } from './forecastShift.ts';
import type { SchoolWeights } from './weights.ts';

/** The columns of `targets publish`, in order. Percentages 0–100, unrounded; null = not applicable or not known. */
export const issuedColumns = [
  'urn',
  'laestab',
  'school_name',
  'la_code',
  'school_type',
  'time_period',
  'history_years',
  'last_known_period',
  'last_absence_percent',
  'last_persistent_percent',
  'forecast_absence_percent',
  'forecast_absence_lower_80',
  'forecast_absence_upper_80',
  'forecast_absence_lower_95',
  'forecast_absence_upper_95',
  'forecast_persistent_percent',
  'forecast_persistent_lower_80',
  'forecast_persistent_upper_80',
  'forecast_persistent_lower_95',
  'forecast_persistent_upper_95',
  'context_absence_percent',
  'context_persistent_percent',
  'expectation_absence_percent',
  'expectation_persistent_percent',
  'improvement_absence_points',
  'improvement_persistent_points',
  'probability_absence_met_by_chance',
  'probability_persistent_met_by_chance',
  'ladder_similar_best_quarter_percent',
  'ladder_la_average_percent',
  'ladder_pre_pandemic_percent',
  'similar_count',
  'similar_urns',
  'learn_from_urns',
  'no_match_reason',
] as const;

export type IssuedColumn = (typeof issuedColumns)[number];

type TextColumn = 'school_name' | 'la_code' | 'similar_urns' | 'learn_from_urns';
type WholeColumn = 'urn' | 'time_period' | 'history_years' | 'similar_count';

/** One school's row of `targets publish`: what was issued to it for one year. */
export type IssuedFigures = {
  [Column in Exclude<IssuedColumn, 'school_type' | 'no_match_reason'>]: Column extends TextColumn
    ? string
    : Column extends WholeColumn
      ? number
      : number | null;
} & { school_type: SchoolType; no_match_reason: string | null };

/** How a similar school differs, largest difference first, in words. */
export type SimilarSchool = {
  urn: Urn;
  name: string;
  laName: string;
  distance: number;
  differences: string[];
};

/** A school worth a visit. `chanceUnderForecast`: how seldom two such years come where the forecasts hold. */
export type SchoolToAsk = {
  urn: Urn;
  name: string;
  laName: string;
  kilometres: number;
  chanceUnderForecast: number;
};

/** The words and the details that go with the figures. */
export type Explanation = {
  reasons: string[];
  similar: SimilarSchool[];
  learnFrom: SchoolToAsk[];
  noneToLearnFromReason: string | null;
  /** The census that the intake was taken from, ISO. */
  intakeCensusOn: string | null;
  prePandemicYear: AcademicYear | null;
  /** The year of the similar schools' and the authority's figures on the ladder. */
  comparedInYear: AcademicYear | null;
  /** What to know before anything else, where the forecast rests on old years or a sample. */
  caution: string | null;
  /** What the forecast rests on, in a sentence. */
  restsOn: string;
  /** Years that are not published and were counted from the school’s own registers; absent where there are none. */
  ownYears?: AcademicYear[];
  /** Where there are some: the reasons without persistent absence, for who is outside the school’s own circle. */
  reasonsOutside?: string[];
  /** What would have been said if the last known year were not; absent where no other year is known. Not issued. */
  withoutLastYear?: WithoutYear;
};

/** A forecast and an expectation that leave one year of the school's own out, percent. */
export type WithoutYear = { year: AcademicYear } & Record<Measure, MeasureWithoutYear>;

export type MeasureWithoutYear = {
  forecastPercent: number;
  lower80Percent: number;
  upper80Percent: number;
  expectationPercent: number | null;
};

/** What Rollcall told a school for one year. */
export type Issued = { figures: IssuedFigures; explanation: Explanation };

/** The same with the day on which it was issued, and the receipt that brought it. */
export type DatedIssue = Issued & {
  issuedOn: Date;
  receipt: number;
  /** It rests on the school’s own registers, and whoever sees it here is outside the school’s own circle. */
  toldOutside?: true;
};

/** What one fit found, for the methods page and whoever checks it. Stored with the fit's receipt; says nothing of one school. */
export type FitSummary = {
  year: AcademicYear;
  schools: number;
  /** Schools of the directory that got none, by reason. */
  left: Record<string, number>;
  withoutGoodMatch: number;
  restsOn: string;
  intakeCensusOn: string | null;
  types: TypeSummary[];
};

export type TypeSummary = {
  schoolType: SchoolType;
  restsOn: string;
  levelYear: AcademicYear;
  measures: Record<Measure, MeasureSummary>;
  weights: SchoolWeights;
};

export type MeasureSummary = {
  levelPercent: number;
  /** How far schools of the type lie apart. */
  spreadPoints: number;
  /** The shift that all schools of the type share: what past years brought, and how far the next may move. */
  shift: SharedShift;
  /** The past years from whose forecasts the width of the intervals was learned, and how many schools. */
  judgedOnYears: AcademicYear[];
  judgedOnSchools: number;
};
