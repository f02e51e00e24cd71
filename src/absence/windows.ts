import {
  type AcademicYear,
  academicYear,
  parseAcademicYear,
  startYearOf,
  yearLabel,
} from '../base/academicYear.ts';
import { type Day, daysAfter, mondayOnOrBefore } from '../base/day.ts';
import { Refusal } from '../base/problem.ts';

/*
 * The year as statistics cut it: by the census’s collection windows, the same for every school, and not by local terms.
 * A school’s year begins with the first term after July (Education Act 1996, s. 579), so 1 August is where years meet.
 */

/** The first and the last day of a period, both in it. */
export type Period = { from: Day; to: Day };

/** The year in which a day is counted: from 1 August to 31 July. */
export function countingYearOf(day: Day): AcademicYear {
  const year = Number(day.slice(0, 4));
  return academicYear(Number(day.slice(5, 7)) >= 8 ? year : year - 1);
}

/** Years whose days, and those around them, the warehouse has room for. */
const [firstYear, lastYear] = [academicYear(1990), academicYear(2098)];
const hasRoomFor = (year: AcademicYear) => year >= firstYear && year <= lastYear;

/** A year as it was typed: undefined where it is none, or none that figures can be asked of. */
export function yearIn(text: string): AcademicYear | undefined {
  const year = parseAcademicYear(text);
  return year !== undefined && hasRoomFor(year) ? year : undefined;
}

/** Refuses a year that figures cannot be asked of. */
export function countingYear(year: AcademicYear): Period {
  if (!hasRoomFor(year)) {
    throw new Refusal(
      'bad-input',
      `No registers are kept of ${yearLabel(year)}. Give a year from ${yearLabel(firstYear)} to ${yearLabel(lastYear)}, as 202627.`,
    );
  }
  const start = startYearOf(year);
  return { from: `${start}-08-01`, to: `${start + 1}-07-31` };
}

/**
 * The six half-terms. The census fixes four seams: 1 January, Easter Monday, the spring bank holiday (the last Monday of
 * May), 31 July. The two inside autumn and spring it does not; here they are the last Monday of October and the third of
 * February, which fall into or next to nearly every school’s holiday.
 */
export function halfTerms(year: AcademicYear): Period[] {
  const start = startYearOf(year);
  const end = start + 1;
  const firsts = [
    `${start}-08-01`,
    mondayOnOrBefore(`${start}-10-31`),
    `${end}-01-01`,
    mondayOnOrBefore(`${end}-02-21`),
    daysAfter(easterSunday(end), 1),
    mondayOnOrBefore(`${end}-05-31`),
  ];
  const lasts = [...firsts.slice(1).map((first) => daysAfter(first, -1)), `${end}-07-31`];
  return firsts.map((from, at) => ({ from, to: lasts[at] as Day }));
}

/** Autumn, spring and summer, two half-terms each. */
export function terms(year: AcademicYear): Period[] {
  const halves = halfTerms(year);
  return [0, 2, 4].map((at) => ({
    from: (halves[at] as Period).from,
    to: (halves[at + 1] as Period).to,
  }));
}

/** Of the Gregorian calendar (the anonymous algorithm, as in Meeus, Astronomical Algorithms, ch. 8). */
export function easterSunday(year: number): Day {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3);
  const h = (19 * a + d + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  const digits = (value: number) => String(value).padStart(2, '0');
  return `${year}-${digits(Math.floor(n / 31))}-${digits((n % 31) + 1)}`;
}
