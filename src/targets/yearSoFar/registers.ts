import {
  calendarOfSchool,
  countFigures,
  type CountedRow,
  countingYear,
  type Dimension,
  type Question,
  schoolsWithRegisters,
} from '../../absence/index.ts';
import { type AcademicYear, yearsAfter } from '../../base/academicYear.ts';
import type { Urn } from '../../base/identifiers.ts';
import { type SchoolType, schoolTypes } from '../../base/schoolType.ts';
import { weekOf } from '../../base/weekOfYear.ts';
import { calendarOfDays, type OwnCalendar, type School } from '../../schools/index.ts';
import { perCommit, type Stores, workedOutKinds } from '../../stores/index.ts';
import { defaultSeason, findSeason, type Season, type WeekSums } from './season.ts';

/*
 * What the registers say of schools, as sums: no child comes here. All are counted as the census counts, because that is what
 * an expectation is of.
 */

/** Sessions of a school, or of a group of its pupils, in one period. */
export type Sums = { enrolments: number; possible: number; absent: number };

/** The groups that are told apart, each by itself. */
export const groupings = ['year_group', 'fsm', 'sen'] as const satisfies readonly Dimension[];
export type Grouping = (typeof groupings)[number];

export type GroupSums = { grouping: Grouping; value: string } & Sums;

export type YearSums = {
  total: Sums;
  weeks: WeekSums[];
  groups: GroupSums[];
  /** Where the school has one here. */
  calendar?: OwnCalendar;
};

const question = (year: AcademicYear, urns: readonly Urn[]): Question => ({
  ...{ level: 'school', by: [], series: 'census', year, time: 'year', asKnownOn: null, urns },
  ...countingYear(year),
});

/** Everything that is counted here, kept while nothing is committed: pages ask again and again. */
const counted = perCommit(async () => new Map<string, Promise<unknown>>(), {
  ignoring: workedOutKinds,
});

export async function keptPerCommit<Value>(
  stores: Stores,
  key: string,
  work: () => Promise<Value>,
): Promise<Value> {
  const values = await counted(stores);
  const known = values.get(key) as Promise<Value> | undefined;
  if (known) return known;
  const value = work();
  values.set(key, value);
  value.catch(() => values.delete(key));
  return value;
}

/** What a school’s registers say of a year, or of as much of it as there is; undefined where they say nothing. */
export async function yearOfSchool(
  stores: Stores,
  school: School,
  year: AcademicYear,
): Promise<YearSums | undefined> {
  const urns = school.chain.map((record) => record.urn);
  return keptPerCommit(stores, `school ${urns.join()} ${year}`, async () => {
    const asked = question(year, urns);
    const [calendar, weeks = [], ...byGroup] = await Promise.all([
      calendarOf(stores, urns, year),
      countFigures(stores, { ...asked, time: 'week' }),
      ...groupings.map((grouping) => countFigures(stores, { ...asked, by: [grouping] })),
    ]);
    if (weeks.length === 0) return undefined;
    const groups = groupings.flatMap((grouping, at) =>
      [...Map.groupBy(byGroup[at] ?? [], ({ first }) => first)].map(
        ([value, ofValue]): GroupSums => ({ grouping, value, ...sumsOf(ofValue) }),
      ),
    );
    // Whoever is in no group is in “Unclassified”: any grouping adds up to the school.
    return {
      ...{ total: sumsOf(byGroup[0] ?? []), weeks: weekSums(weeks, year), groups },
      ...(calendar && { calendar }),
    };
  });
}

async function calendarOf(
  stores: Stores,
  urns: readonly Urn[],
  year: AcademicYear,
): Promise<OwnCalendar | undefined> {
  const asked = countingYear(year);
  const days = await Promise.all(
    urns.map((urn) => stores.read(calendarOfSchool, { ...asked, urn })),
  );
  return calendarOfDays(days.flat(), year);
}

function sumsOf(rows: readonly CountedRow[]): Sums {
  const sum = (of: (row: CountedRow) => number) => rows.reduce((all, row) => all + of(row), 0);
  return {
    enrolments: sum((row) => row.enrolments),
    possible: sum((row) => row.possible),
    absent: sum((row) => row.authorised + row.unauthorised),
  };
}

function weekSums(rows: readonly CountedRow[], year: AcademicYear): WeekSums[] {
  return [...Map.groupBy(rows, ({ time }) => weekOf(time, year))]
    .map(([week, ofWeek]) => ({ week, ...sumsOf(ofWeek) }))
    .map(({ week, possible, absent }) => ({ week, possible, absent }))
    .sort((a, b) => a.week - b.week);
}

/** Works the seasons out beforehand, so that the first visitor waits no longer than the next. */
export async function prepareSeasons(
  stores: Stores,
  schools: readonly School[],
  year: AcademicYear,
): Promise<void> {
  for (const schoolType of schoolTypes) await seasonOfType(stores, schools, schoolType, year);
}

/** So many schools tell the season of all as well as more would. */
const mostSchoolsForSeason = 150;
/** A year has some 39 weeks with sessions: with fewer than this it is not whole. */
const fewestWeeksInSeason = 34;

/**
 * The season of schools of a type: from the registers of the year before, of the schools here that have them whole, drawn
 * towards the default where they are few; the default alone where there are none.
 */
export async function seasonOfType(
  stores: Stores,
  schools: readonly School[],
  schoolType: SchoolType,
  year: AcademicYear,
): Promise<Season> {
  const before = yearsAfter(year, -1);
  return keptPerCommit(stores, `season ${schoolType} ${before}`, async () => {
    const withRegisters = new Set(await schoolsWithRegisters(stores));
    const urns = schools
      .filter((school) => school.schoolType === schoolType)
      .flatMap((school) => school.chain.map(({ urn }) => urn))
      .filter((urn) => withRegisters.has(urn))
      .sort((a, b) => a - b)
      .slice(0, mostSchoolsForSeason);
    if (urns.length === 0) return defaultSeason;
    const rows = await countFigures(
      stores,
      { ...question(before, urns), time: 'week' },
      { work: true },
    );
    const whole = [...Map.groupBy(rows, ({ urn }) => urn).values()].filter(
      (ofSchool) => ofSchool.length >= fewestWeeksInSeason,
    );
    return findSeason(weekSums(whole.flat(), before), { schools: whole.length, year: before });
  });
}
