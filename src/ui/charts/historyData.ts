import { type AcademicYear, yearsBetween } from '../../base/academicYear.ts';
import type { Measure } from '../../base/measure.ts';

/** Percentages are 0–100. Years that are not there, or null, are shown as gaps; `hidden` says that one is known and not shown. */
export type YearPercent = { year: AcademicYear; percent: number | null; hidden?: boolean };
export type YearQuartiles = {
  year: AcademicYear;
  lowerQuartile: number;
  median: number;
  upperQuartile: number;
};
export type ForecastPoint = {
  year: AcademicYear;
  percent: number;
  lower80: number;
  upper80: number;
  lower95: number;
  upper95: number;
};
export type HistoryData = {
  id: string;
  schoolName: string;
  measure: Measure;
  school: YearPercent[];
  similar: YearQuartiles[];
  /** `schoolsText`: which of its schools, `primary schools`. */
  authority: { name: string; schoolsText: string; years: YearPercent[] } | null;
  forecast: ForecastPoint | null;
  /** For the year of the forecast; left out without one. Give it only to a viewer who may see it. */
  expectationPercent: number | null;
};

/** Nothing of the year of the forecast, or of a later one, stands beside it. */
export function beforeForecast(data: HistoryData): HistoryData {
  const { forecast, authority } = data;
  if (!forecast) return { ...data, expectationPercent: null };
  const before = <Point extends { year: AcademicYear }>(points: Point[]) =>
    points.filter(({ year }) => year < forecast.year);
  return {
    ...data,
    school: before(data.school),
    similar: before(data.similar),
    authority: authority && { ...authority, years: before(authority.years) },
  };
}

/** Every year from the first to the last that anything is known of, gaps included; never the year of the forecast. */
export function yearsShown(data: HistoryData): AcademicYear[] {
  const known = [
    ...data.school.filter((point) => point.percent !== null),
    ...data.similar,
    ...(data.authority?.years ?? []).filter((point) => point.percent !== null),
  ].map((point) => point.year);
  if (known.length === 0) return [];
  return yearsBetween(Math.min(...known), Math.max(...known));
}

/** The points that have a figure, in order of year. */
export function knownPoints(series: YearPercent[]): { year: AcademicYear; percent: number }[] {
  return series
    .flatMap(({ year, percent }) => (percent === null ? [] : [{ year, percent }]))
    .sort((one, other) => one.year - other.year);
}

export function lastKnown(
  series: YearPercent[],
): { year: AcademicYear; percent: number } | undefined {
  return knownPoints(series).at(-1);
}

/** The middle of the similar schools, as a series. */
export function medians(data: HistoryData): YearPercent[] {
  return data.similar.map((point) => ({ year: point.year, percent: point.median }));
}
