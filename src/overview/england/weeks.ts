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
  'from the department’s daily feed: what came between two published years to date, some two weeks each';

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
/** Fewer sessions than this between two snapshots, and a correction of earlier ones says as much. */
const leastPossible = 1_000_000;
const mostDaysBetween = 40;

/** Absence of the time between two snapshots, in the week in which the later one ends. A state of the feed corrects earlier weeks as well. */
export function betweenSnapshots(
  snapshots: readonly YearToDate[],
  year: AcademicYear,
): (number | null)[] {
  const weeks: (number | null)[] = Array.from({ length: weeksInYear }, () => null);
  const inOrder = snapshots.toSorted((a, b) => (a.publishedOn < b.publishedOn ? -1 : 1));
  for (const [at, each] of inOrder.entries()) {
    const before = inOrder[at - 1];
    const possible = each.possible - (before?.possible ?? 0);
    const absent = each.absent - (before?.absent ?? 0);
    const days = before
      ? (Date.parse(each.publishedOn) - Date.parse(before.publishedOn)) / 86_400_000
      : 0;
    if (possible < leastPossible || absent < 0 || absent > possible || days > mostDaysBetween) {
      continue;
    }
    const week = weekOf(daysAfter(each.publishedOn, -untilPublished), year);
    if (week < weeksInYear) weeks[week] = (100 * absent) / possible;
  }
  return weeks;
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
