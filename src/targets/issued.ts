import type { AcademicYear } from '../base/academicYear.ts';
import type { Urn } from '../base/identifiers.ts';
import type { SchoolType } from '../base/schoolType.ts';

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

/** A school worth a visit. `chanceByLuck`: how likely its two good years are by luck alone. */
export type SchoolToAsk = {
  urn: Urn;
  name: string;
  laName: string;
  kilometres: number;
  chanceByLuck: number;
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
  /** What the forecast rests on, in a sentence. */
  restsOn: string;
};

/** What Rollcall told a school for one year. */
export type Issued = { figures: IssuedFigures; explanation: Explanation };

/** What one fit found, for the methods page and whoever checks it. Stored with the fit's receipt. */
export type FitSummary = {
  year: AcademicYear;
  schools: number;
  left: Record<string, number>;
  restsOn: string;
  intakeCensusOn: string | null;
  model: unknown;
  weights: unknown;
};
