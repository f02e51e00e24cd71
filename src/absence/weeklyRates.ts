import { type AcademicYear, startYearOf } from '../base/academicYear.ts';
import type { Day } from '../base/day.ts';
import type { Urn } from '../base/identifiers.ts';
import { percentOf } from '../base/rate.ts';
import { rateOutside, weekIsOfMany } from '../access/index.ts';
import type { Stores } from '../stores/index.ts';
import { countFigures } from './count.ts';
import type { Level } from './question.ts';
import { schoolsInWeeks } from './weeklyRates.sql.ts';
import { countingYear } from './windows.ts';

/** Absence of one week: all absent sessions over all possible ones, as the daily feed counts. */
export type WeeklyRate = {
  monday: Day;
  absencePercent: number;
  /** Pupils with a possible session. */
  enrolments: number;
};

type Area = { level: Level; urns?: readonly Urn[]; area?: string };

/** The weeks of a school or an area, from registers, in their order; exact, for its own circle alone. */
export async function weeklyRates(
  stores: Stores,
  { level, urns = [], area }: Area,
  year: AcademicYear,
): Promise<(WeeklyRate & { possible: number })[]> {
  const rows = await countFigures(stores, {
    ...{ level, by: [], series: 'daily', year, time: 'week', asKnownOn: null, urns, area },
    ...countingYear(year),
  });
  const own = rows.filter(
    (row) => area === undefined || area === areaOf(row.la_code, row.trust, level),
  );
  return [...Map.groupBy(own, ({ time }) => time)].flatMap(([monday, ofWeek]) => {
    const sum = (pick: (row: (typeof ofWeek)[number]) => number) =>
      ofWeek.reduce((all, row) => all + pick(row), 0);
    const possible = sum((row) => row.possible);
    const absencePercent = percentOf(
      sum((row) => row.authorised + row.unauthorised),
      possible,
    );
    const enrolments = sum((row) => row.enrolments);
    return absencePercent === undefined ? [] : [{ monday, absencePercent, enrolments, possible }];
  });
}

function areaOf(laCode: string, trust: number, level: Level): string {
  return level === 'trust' ? String(trust) : laCode;
}

/**
 * England’s weeks for whoever is outside every school’s circle and may see England’s figures: to one decimal, and only
 * weeks of so many schools and sessions that no school’s own week is told.
 */
export async function weeklyRatesOfEngland(
  stores: Stores,
  year: AcademicYear,
): Promise<WeeklyRate[]> {
  const weeks = await weeklyRates(stores, { level: 'national' }, year);
  if (weeks.length === 0) return [];
  const rows = await stores.read(schoolsInWeeks, { startYear: startYearOf(year) });
  const schools = new Map(rows.map((row) => [row.monday, row.schools]));
  return weeks
    .filter(({ monday, possible }) => weekIsOfMany(schools.get(monday) ?? 0, possible))
    .map(({ monday, absencePercent, enrolments }) => ({
      ...{ monday, enrolments },
      absencePercent: rateOutside(absencePercent),
    }));
}
