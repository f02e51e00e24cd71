/**
 * An academic year as the department writes it in `time_period`: `201819` is the year from
 * 1 September 2018 to 31 August 2019. Kept as that whole number, so that years sort and compare.
 */
export type AcademicYear = number;

/** The academic year that starts in `startYear`: `academicYear(2018) === 201819`. */
export function academicYear(startYear: number): AcademicYear {
  return startYear * 100 + ((startYear + 1) % 100);
}

/** The calendar year in which an academic year starts: `startYearOf(201819) === 2018`. */
export function startYearOf(year: AcademicYear): number {
  return Math.floor(year / 100);
}

/** `years` later (or earlier, when negative): `yearsAfter(201819, 1) === 201920`. */
export function yearsAfter(year: AcademicYear, years: number): AcademicYear {
  return academicYear(startYearOf(year) + years);
}

/** How people write it: `2018/19`. */
export function yearLabel(year: AcademicYear): string {
  return `${startYearOf(year)}/${String((startYearOf(year) + 1) % 100).padStart(2, '0')}`;
}

/** The first day of an academic year, ISO: `2018-09-01`. */
export function firstDayOf(year: AcademicYear): string {
  return `${startYearOf(year)}-09-01`;
}

/** Reads `201819` (also `2018/19`), from the year 1000; undefined when the two years do not follow each other. */
export function parseAcademicYear(text: string): AcademicYear | undefined {
  const digits = /^([12]\d{3})\/?(\d{2})$/.exec(text.trim());
  if (!digits) return undefined;
  const year = academicYear(Number(digits[1]));
  return year % 100 === Number(digits[2]) ? year : undefined;
}

/** Every academic year from `first` to `last`, both included. */
export function yearsBetween(first: AcademicYear, last: AcademicYear): AcademicYear[] {
  const years: AcademicYear[] = [];
  for (let year = first; year <= last; year = yearsAfter(year, 1)) years.push(year);
  return years;
}
