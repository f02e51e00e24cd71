import type { AcademicYear } from '../base/academicYear.ts';
import type { LaEstab, Urn } from '../base/identifiers.ts';
import type { SchoolType } from '../base/schoolType.ts';

/** One school's year, published or counted from its own registers. Percentages are unrounded (0–100); counts are null where only a percentage was published. */
export type SchoolYear = {
  year: AcademicYear;
  absencePercent: number;
  persistentPercent: number | null;
  authorisedPercent: number | null;
  unauthorisedPercent: number | null;
  enrolments: number | null;
  sessionsPossible: number | null;
  /** Counted from the school’s own registers; absent on a published year. */
  fromRegisters?: true;
};

/**
 * A school as the models see it: one school through every change of URN (chained by predecessor links and LAESTAB),
 * with its years in order. Years can be missing; `years` may be empty.
 */
export type SchoolHistory = {
  /** The URN the school has at the start of the year that is forecast. Unique within a fit. */
  urn: Urn;
  laestab: LaEstab | null;
  schoolType: SchoolType;
  laCode: string;
  regionCode: string;
  years: SchoolYear[];
};

/**
 * An expectation reaches no further than this beyond the last year known. The record itself was broken off for as long,
 * from 2018/19 to 2023/24; further on nobody knows what schools' absence does.
 */
export const mostYearsAhead = 6;
