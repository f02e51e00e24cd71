import type { Viewer } from '../../access/index.ts';
import { weeklyRatesOfEngland } from '../../absence/index.ts';
import { type AcademicYear, yearLabel, yearsAfter } from '../../base/academicYear.ts';
import { daysAfter } from '../../base/day.ts';
import { mean } from '../../stats/quantiles.ts';
import { weekOf, weeksInYear } from '../../base/weekOfYear.ts';
import {
  publishedTotals,
  publishedYearsToDate,
  type YearToDate,
} from '../../publications/index.ts';
import type { Stores } from '../../stores/index.ts';
import { seesEngland } from './authorityFigures.ts';
import { lastOpenWeek, openWeeksBetween } from './openWeeks.ts';

/** One curve of England: by the week of the year, null where nothing is known. */
export type EnglandWeeks = {
  name: string;
  percents: (number | null)[];
  /** From which series each figure is, or that there is none. */
  told: string;
  known: boolean;
};

/** The three years before the pandemic closed schools, whole. */
const beforePandemic: readonly AcademicYear[] = [201617, 201718, 201819];

/** This year, last year and the average of the three years before the pandemic. */
export async function englandWeeks(
  stores: Stores,
  viewer: Viewer,
  year: AcademicYear,
): Promise<EnglandWeeks[]> {
  const last = yearsAfter(year, -1);
  return [
    await weeksOfYear(stores, viewer, { year, name: `${yearLabel(year)}, this year` }),
    await weeksOfYear(stores, viewer, { year: last, name: `${yearLabel(last)}, last year` }),
    await weeksBeforePandemic(stores, viewer),
  ];
}

const fromRegisters = 'counted from registers here, as the daily feed counts, to one decimal';
const fromSnapshots =
  'worked out from the department’s daily feed, phases of school summed: what came between two published years to date, some two weeks each, in the last week of it in which most schools were open';

async function weeksOfYear(
  stores: Stores,
  viewer: Viewer,
  { year, name }: { year: AcademicYear; name: string },
): Promise<EnglandWeeks> {
  const counted = await weeksFromRegisters(stores, viewer, year);
  if (counted.some(isKnown)) return { name, percents: counted, told: fromRegisters, known: true };
  const all = await publishedYearsToDate(stores);
  const published = betweenSnapshots(
    all.filter((each) => each.laCode === null && each.year === year),
    year,
  );
  if (published.some(isKnown)) {
    return { name, percents: published, told: fromSnapshots, known: true };
  }
  return { name, percents: published, told: 'not known here', known: false };
}

async function weeksFromRegisters(
  stores: Stores,
  viewer: Viewer,
  year: AcademicYear,
): Promise<(number | null)[]> {
  const weeks: (number | null)[] = Array.from({ length: weeksInYear }, () => null);
  if (!seesEngland(viewer)) return weeks;
  for (const { monday, absencePercent } of await weeklyRatesOfEngland(stores, year)) {
    // The days before the first week of the year count with it.
    weeks[Math.min(weekOf(daysAfter(monday, 4), year), weeksInYear - 1)] = absencePercent;
  }
  return weeks;
}

/** Days from the last day that a snapshot counts to its publication. */
const untilPublished = 13;
/** Of more weeks than this a figure is not one of its last week. */
const mostWeeks = 3;
/** A week has some of the sessions that it usually has in the year: with fewer, or more, other schools are counted than before. */
const usual = { least: 0.4, most: 1.5 };

type Fortnight = { week: number; weeks: number; possible: number; absent: number };

/**
 * Absence of the time between two snapshots, in the last week of it in which schools were open. A state of the feed corrects
 * earlier weeks as well; one that counts other schools than the one before says nothing of the time between them.
 */
export function betweenSnapshots(
  snapshots: readonly YearToDate[],
  year: AcademicYear,
): (number | null)[] {
  const percents: (number | null)[] = Array.from({ length: weeksInYear }, () => null);
  const inOrder = snapshots.toSorted((a, b) => (a.publishedOn < b.publishedOn ? -1 : 1));
  const perWeek = medianOf(
    between(inOrder, year, () => true).map(({ possible, weeks }) => possible / weeks),
  );
  const isUsual = ({ possible, weeks }: Fortnight) =>
    possible >= usual.least * weeks * perWeek && possible <= usual.most * weeks * perWeek;
  for (const { week, possible, absent } of between(inOrder, year, isUsual)) {
    if (absent >= 0 && absent <= possible) percents[week] = (100 * absent) / possible;
  }
  return percents;
}

/** What came between each snapshot and the last before it that is not of the same week. */
function between(
  inOrder: readonly YearToDate[],
  year: AcademicYear,
  isTold: (found: Fortnight) => boolean,
): Fortnight[] {
  const found: Fortnight[] = [];
  let before = { week: 0, possible: 0, absent: 0 };
  for (const { publishedOn, possible, absent } of inOrder) {
    const week = lastOpenWeek(daysAfter(publishedOn, -untilPublished), year);
    const weeks = openWeeksBetween(before.week, week, year);
    const came = { week, weeks, possible: possible - before.possible };
    // No week more: corrections of those before, which come with the next.
    if (weeks === 0) continue;
    const fortnight = { ...came, absent: absent - before.absent };
    if (weeks <= mostWeeks && came.possible > 0 && isTold(fortnight)) found.push(fortnight);
    before = { week, possible, absent };
  }
  return found;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function weeksBeforePandemic(stores: Stores, viewer: Viewer): Promise<EnglandWeeks> {
  const name = 'Before the pandemic';
  const years: { year: AcademicYear; weeks: (number | null)[] }[] = [];
  for (const year of beforePandemic) {
    const weeks = await weeksFromRegisters(stores, viewer, year);
    if (weeks.some(isKnown)) years.push({ year, weeks });
  }
  const labels = (of: readonly AcademicYear[]) => of.map(yearLabel).join(', ');
  if (years.length > 0) {
    const percents = Array.from({ length: weeksInYear }, (_, week) => {
      const known = years.flatMap(({ weeks }) => weeks[week] ?? []);
      return known.length === years.length ? mean(known) : null;
    });
    const told = `the average of ${labels(years.map(({ year }) => year))}, ${fromRegisters}`;
    return { name, percents, told, known: percents.some(isKnown) };
  }
  const published = (await publishedTotals(stores)).filter(
    ({ laCode, year }) => laCode === null && beforePandemic.includes(year),
  );
  if (published.length === 0) {
    const none = Array.from({ length: weeksInYear }, () => null);
    return { name, percents: none, told: 'not known here', known: false };
  }
  const average = mean(published.map(({ absencePercent }) => absencePercent));
  const ofYears = labels(published.map(({ year }) => year));
  return {
    name,
    percents: Array.from({ length: weeksInYear }, () => average),
    told: `the average of the whole of ${ofYears}, from the school census as published: no week of these years is known, so that it is the same in every week`,
    known: true,
  };
}

const isKnown = (percent: number | null) => percent !== null;
