import { rateOutside } from '../../access/index.ts';
import { type AcademicYear, yearsAfter } from '../../base/academicYear.ts';
import type { Day } from '../../base/day.ts';
import type { SchoolType } from '../../base/schoolType.ts';
import { mondayOf } from '../../base/weekOfYear.ts';
import type { School } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import type { IssuedFigures } from '../issued.ts';
import { type Beforehand, beforehandOfGroup, projectYearEnd, type YearEnd } from './projection.ts';
import {
  type Grouping,
  type GroupSums,
  seasonOfType,
  type Sums,
  type YearSums,
  yearOfSchool,
} from './registers.ts';
import { isLate, type OwnYear, ownYear, type Passed } from './ownYear.ts';
import { type Season, sumOf } from './season.ts';

/** The year so far of a school against the path to its expectation. Percentages 0–100. */
export type YearAgainstPath = {
  year: AcademicYear;
  /** The Monday of the last week with registers. */
  lastWeek: Day;
  /** Absence so far, and where a school on its way to the expectation would be by now. */
  soFarPercent: number;
  pathPercent: number;
  expectationPercent: number;
  end: YearEnd;
  passed: Passed;
  /** Mondays of the weeks up to the last that there are no registers of: neither figure counts them, and the range is as wide. */
  silent: Day[];
  /** Whether no week of the year is left. */
  over: boolean;
  weeks: { monday: Day; pathPercent: number; schoolPercent: number | null }[];
  /** By their part of the gap to the path, the greatest first; none where it may not be told. */
  groups: GroupAgainstPath[];
  /** Whether last year’s registers told what each group’s path is. */
  groupsFromLastYear: boolean;
  season: Season;
};

export type GroupAgainstPath = {
  grouping: Grouping;
  value: string;
  enrolments: number;
  soFarPercent: number;
  pathPercent: number;
  /** What it adds to the school’s distance from the path, percentage points; less than nothing where it takes off. */
  gapPoints: number;
  end: YearEnd | null;
};

/** Of fewer pupils than this, what one of them does would be read as what the group does. */
const fewestInGroup = 6;

/**
 * What may be told of a school’s absence so far outside its own circle: as it was disclosed, and of how many pupils. What was
 * missed may be so much more or less than the percentage as it was rounded to.
 */
export type ToldOutside = { percent: number; within: number; enrolments: number };

/**
 * With `told`, only that is told of the school’s absence, and the year’s end is worked out of it: nothing else of what was
 * missed comes into it. Undefined where the registers of the year, or a forecast and an expectation for it, are not here.
 */
export async function yearAgainstPath(
  stores: Stores,
  {
    school,
    schools,
    figures,
    told,
  }: {
    school: School;
    schools: readonly School[];
    figures: IssuedFigures;
    told?: ToldOutside | undefined;
  },
): Promise<YearAgainstPath | undefined> {
  const year = figures.time_period;
  const soFar = await yearOfSchool(stores, school, year);
  if (!soFar) return undefined;
  const season = await seasonOfType(stores, schools, school.schoolType, year);
  const last = await yearOfSchool(stores, school, yearsAfter(year, -1));
  return againstPath({ schoolType: school.schoolType, figures, soFar, last, season, told });
}

export type Facts = {
  schoolType: SchoolType;
  figures: IssuedFigures;
  soFar: YearSums;
  /** The year before, where its registers are here. */
  last: YearSums | undefined;
  season: Season;
  told?: ToldOutside | undefined;
};

export function againstPath({
  schoolType,
  figures,
  soFar,
  last,
  season,
  told,
}: Facts): YearAgainstPath | undefined {
  const before = beforehandOf(figures);
  const expectationPercent = asTold(figures.expectation_absence_percent);
  const lastWeek = soFar.weeks.findLast(({ possible }) => possible > 0);
  const own = ownYear(season, soFar.weeks, { calendar: soFar.calendar, oldest: oldestIn(soFar) });
  if (!before || expectationPercent === null || !lastWeek || !own) return undefined;
  const { passed, over } = own;
  const { percent, enrolments } = told ?? {
    percent: percentOf(soFar.total),
    enrolments: soFar.total.enrolments,
  };
  const endOf = (missed: number) =>
    projectYearEnd(schoolType, { percent: missed, enrolments, passed }, before);
  const end = endOf(percent);
  if (!end) return undefined;
  if (told) {
    end.lower80Percent = endOf(percent - told.within)?.lower80Percent ?? 0;
    end.upper80Percent = endOf(percent + told.within)?.upper80Percent ?? end.upper80Percent;
  }
  const year = figures.time_period;
  return {
    ...{ year, expectationPercent, end, passed, over, season },
    silent: own.silent.map((week) => mondayOf(week, year)),
    lastWeek: mondayOf(lastWeek.week, year),
    soFarPercent: percent,
    pathPercent: expectationPercent * passed.ratio,
    weeks: weeksOf(soFar, { own, lastWeek: lastWeek.week, year, expectationPercent, told }),
    groups: told ? [] : groupsOf(soFar, last, { schoolType, before, expectationPercent, passed }),
    groupsFromLastYear: last !== undefined,
  };
}

/**
 * What was issued, as everybody is told it: outside the school’s own circle it is given to one decimal, and from the exact
 * figure others would be told another path of the same facts.
 */
const asTold = (percent: number | null) => (percent === null ? null : rateOutside(percent));

function beforehandOf(figures: IssuedFigures): Beforehand | undefined {
  const [percent, lower80Percent, upper80Percent] = [
    asTold(figures.forecast_absence_percent),
    asTold(figures.forecast_absence_lower_80),
    asTold(figures.forecast_absence_upper_80),
  ];
  if (percent == null || lower80Percent == null || upper80Percent == null) return undefined;
  return { percent, lower80Percent, upper80Percent };
}

/** Of the sessions before the census leaves those aged 15 out, the share of theirs; undefined where no year group is known. */
function oldestIn({ weeks, groups }: YearSums): number | undefined {
  const yearGroups = groups.filter(
    ({ grouping, value }) => grouping === 'year_group' && /^(R|\d+)$/.test(value),
  );
  const early = sumOf(weeks.flatMap(({ week, possible }) => (isLate(week) ? [] : [possible])));
  if (early === 0 || yearGroups.length === 0) return undefined;
  const oldest = sumOf(
    yearGroups.flatMap(({ value, possible }) => (value === '11' ? [possible] : [])),
  );
  return Math.min(1, oldest / early);
}

function percentOf({ possible, absent }: Pick<Sums, 'possible' | 'absent'>): number {
  return possible === 0 ? 0 : (100 * absent) / possible;
}

function weeksOf(
  { weeks }: YearSums,
  {
    own,
    lastWeek,
    year,
    expectationPercent,
    told,
  }: {
    own: OwnYear;
    lastWeek: number;
    year: AcademicYear;
    expectationPercent: number;
    told: ToldOutside | undefined;
  },
): YearAgainstPath['weeks'] {
  const byWeek = new Map(weeks.map((each) => [each.week, each]));
  const sum = { possible: 0, absent: 0 };
  const percentAt = (week: number) => {
    if (week > lastWeek) return null;
    if (!told) return percentOf(sum);
    return week === lastWeek ? told.percent : null;
  };
  return own.weeks.map(({ week, ratio }) => {
    const found = byWeek.get(week);
    sum.possible += found?.possible ?? 0;
    sum.absent += found?.absent ?? 0;
    return {
      monday: mondayOf(week, year),
      pathPercent: expectationPercent * ratio,
      schoolPercent: percentAt(week),
    };
  });
}

/**
 * Each group’s path is the school’s, times what the group’s absence was last year of the school’s: whoever was absent more
 * then is not asked to be like the others at once. Without last year’s registers it is the school’s own.
 */
function groupsOf(
  soFar: YearSums,
  last: YearSums | undefined,
  {
    schoolType,
    before,
    expectationPercent,
    passed,
  }: {
    schoolType: SchoolType;
    before: Beforehand;
    expectationPercent: number;
    passed: Passed;
  },
): GroupAgainstPath[] {
  const lastPercent = last && percentOf(last.total);
  const lastOf = (group: GroupSums) =>
    last?.groups.find(
      ({ grouping, value }) => grouping === group.grouping && value === group.value,
    );
  return soFar.groups
    .filter(({ enrolments, possible }) => enrolments >= fewestInGroup && possible > 0)
    .map((group): GroupAgainstPath => {
      const { grouping, value, enrolments } = group;
      const then = lastOf(group);
      const times =
        then && lastPercent && then.enrolments >= fewestInGroup ? percentOf(then) / lastPercent : 1;
      const percent = percentOf(group);
      const onPath = expectationPercent * passed.ratio * times;
      const beforehand = beforehandOfGroup(before, { times, enrolments, schoolType });
      return {
        ...{ grouping, value, enrolments, soFarPercent: percent, pathPercent: onPath },
        gapPoints: ((percent - onPath) * group.possible) / soFar.total.possible,
        end: projectYearEnd(schoolType, { percent, enrolments, passed }, beforehand) ?? null,
      };
    })
    .sort((a, b) => b.gapPoints - a.gapPoints || a.value.localeCompare(b.value));
}
