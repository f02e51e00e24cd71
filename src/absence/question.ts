import type { AcademicYear } from '../base/academicYear.ts';
import type { Day } from '../base/day.ts';
import type { Urn } from '../base/identifiers.ts';

/** Of what figures are: each adds up those before it, but for trusts, which lie across authorities. */
export const levels = ['school', 'trust', 'la', 'region', 'national'] as const;
export type Level = (typeof levels)[number];

/** By what pupils are told apart, as the pupils file has it. */
export const dimensions = ['year_group', 'sex', 'fsm', 'sen', 'eal', 'ethnicity'] as const;
export type Dimension = (typeof dimensions)[number];

/** The two official series: the daily feed’s, and the census’s, which the accredited statistics rest on. */
export const seriesNames = ['daily', 'census'] as const;
export type Series = (typeof seriesNames)[number];

/** Into what a period is cut. `year` does not cut it: it is the year to date, or whatever the period is. */
export const timeKinds = ['year', 'term', 'half_term', 'week', 'weekday', 'day'] as const;
export type TimeKind = (typeof timeKinds)[number];

/** What is asked of the registers. */
export type Question = {
  level: Level;
  /** None: the total. Two: their pairs. */
  by: readonly Dimension[];
  series: Series;
  year: AcademicYear;
  /** The first and last session day, both in it. */
  from: Day;
  to: Day;
  time: TimeKind;
  /** What was entered by the end of this day; null = all that there is. */
  asKnownOn: Day | null;
  /** None: every school. */
  urns: readonly Urn[];
  /** Of trusts, authorities or regions the one with this code alone, where it is kept; else, and of what is not kept, every one. */
  area?: string | undefined;
};

/** The value of a dimension where the pupils file has none. */
export const unclassified = 'Unclassified';

/** How a total’s row is called, where another has the value of a dimension. */
export const total = 'total';

/** 0–4.99 %, 5–9.99 %, … 45–49.99 %, 50–100 %. */
export const bandCount = 11;

/** Sums over the enrolments of one area, one group of pupils and one piece of time. */
export type Counts = {
  /** With at least one possible session. */
  enrolments: number;
  possible: number;
  authorised: number;
  unauthorised: number;
  /** Enrolments that missed a tenth of their sessions or more; half or more; any at all. */
  persistent: number;
  severe: number;
  absentees: number;
  /** Sessions of those who are persistently absent. */
  persistentPossible: number;
  persistentAbsent: number;
  /** Enrolments by the share of sessions they missed. */
  bands: number[];
  /** Sessions of each code, by its column: possible or not. */
  codes: Record<string, number>;
};

/** Where and of whom the counts are: blank where the level has no such code. */
export type Cell = {
  /** The piece of time: its first day, the weekday’s or term’s number; blank for the whole. */
  time: string;
  urn: number;
  laestab: number;
  trust: number;
  la_code: string;
  region_code: string;
  /** The value of each dimension asked by; `total` without. */
  first: string;
  second: string;
};

export type CountedRow = Cell & Counts;

/** Divisions for which figures are kept: every single one, and one pair. */
export const keptDivisions: readonly (readonly Dimension[])[] = [
  ...[[], ['year_group'], ['sex'], ['fsm'], ['sen'], ['eal'], ['ethnicity'], ['fsm', 'sen']],
] as const;

export const topicOf = (by: readonly Dimension[]) => by.join() || 'total';
