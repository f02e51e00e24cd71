import { daysAfter } from '../base/day.ts';
import { startYearOf } from '../base/academicYear.ts';
import type { Statement } from '../warehouse/index.ts';
import { kernel } from './absence.sql.ts';
import {
  firstHalfTermPeriod,
  type KeptArea,
  type KeptRow,
  type KeptWeek,
  keptAreaFigures,
  keptAreaWeeks,
  keptSchoolFigures,
  keptSchoolWeeks,
} from './kept.sql.ts';
import type { Places } from './places.ts';
import {
  bandCount,
  type CountedRow,
  type Counts,
  keptDivisions,
  type Question,
  topicOf,
} from './question.ts';
import { countingYear } from './windows.ts';

/*
 * Kept figures as rows. Kept is a list of counts a row, and it is taken apart here and not by the engine, which takes
 * longer to plan that than to read it: a page asks for a few rows many times.
 */

const periodsOf = {
  year: [0],
  term: [1, 2, 3],
  half_term: [0, 1, 2, 3, 4, 5].map((at) => firstHalfTermPeriod + at),
} as const;

/** As what is kept has a question; undefined where its answer is not kept. */
export function keptQuestion(question: Question) {
  const { level, by, series, time, year, from, to, urns, area = '', asKnownOn } = question;
  if (series !== 'daily' || asKnownOn !== null || time === 'weekday') return undefined;
  const of = { level, urns: [...urns], area, startYear: startYearOf(year) };
  // Areas are kept whole.
  if (urns.length > 0 && level !== 'school') return undefined;
  const whole = countingYear(year);
  if (time === 'week' || time === 'day') {
    const isKept = by.length === 0 && (time === 'day' || (from === whole.from && to === whole.to));
    return isKept ? { weeks: { ...of, from, to }, byDay: time === 'day' } : undefined;
  }
  const isKept = keptDivisions.some((each) => each.join() === by.join());
  if (!isKept || from !== whole.from || to !== whole.to) return undefined;
  return { figures: { ...of, topic: topicOf(by), periods: [...periodsOf[time]] } };
}

/** Asks the engine for a statement’s rows, of the receipts that count. */
export type Read = <Row, Parameters extends object>(
  asked: Statement<Row, Parameters & { receipts: number[] }>,
  parameters: Parameters,
) => Promise<Row[]>;

/** The rows of an answer that is kept. */
export async function keptAnswer(
  kept: NonNullable<ReturnType<typeof keptQuestion>>,
  places: Places,
  read: Read,
): Promise<CountedRow[]> {
  const rowOf = (
    { urn = 0, first, second, ...area }: KeptRow & Partial<KeptArea>,
    time: string,
    sums: number[],
  ): CountedRow => {
    const school = places.get(urn);
    const { la_code = '', region_code = '' } = school ?? area;
    return {
      ...{ time, urn, laestab: school?.laestab ?? 0, trust: area.trust ?? 0 },
      ...{ la_code, region_code, first, second, ...countsOf(sums) },
    };
  };
  if (kept.figures) {
    const asked = kept.figures.level === 'school' ? keptSchoolFigures : keptAreaFigures;
    const rows = await read(asked, kept.figures);
    return rows.map((row) => rowOf(row, row.time, row.sums));
  }
  const asked = kept.weeks.level === 'school' ? keptSchoolWeeks : keptAreaWeeks;
  const weeks = await read(asked, kept.weeks);
  if (!kept.byDay) {
    return weeks.filter(({ sums }) => sum(sums) > 0).map((row) => rowOf(row, row.monday, row.sums));
  }
  const { from, to } = kept.weeks;
  const days = weeks.flatMap((row) =>
    daysOf(row)
      .filter(({ day, sums }) => from <= day && day <= to && sum(sums) > 0)
      .map(({ day, sums }) => rowOf(row, day, sums)),
  );
  return days.sort((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)));
}

const { firstBand, firstCode, bytes, placesOfCodes } = kernel;
const sum = (counts: readonly number[]) => counts.reduce((all, each) => all + each, 0);

/** A list of counts by their names. */
function countsOf(sums: readonly number[]): Counts {
  const [possible = 0, absent = 0, unauthorised = 0, persistentPossible = 0, persistentAbsent = 0] =
    sums;
  const bands = sums.slice(firstBand - 1, firstBand - 1 + bandCount);
  const codes = placesOfCodes
    .map(([column, at]) => [column, sum(at.map((place) => sums[place - 1] ?? 0))] as const)
    .filter(([, count]) => count > 0);
  return {
    ...{ enrolments: sum(bands), possible, authorised: absent - unauthorised, unauthorised },
    ...{ persistent: sum(bands.slice(2)), severe: bands.at(-1) ?? 0 },
    absentees: sums[firstBand - 1 + bandCount] ?? 0,
    ...{ persistentPossible, persistentAbsent, bands, codes: Object.fromEntries(codes) },
  };
}

/** Two strokes, then every other code. */
const countsInList = firstCode + 1 + bytes.length;

function daysOf({ monday, days }: KeptWeek): { day: string; sums: number[] }[] {
  return [0, 1, 2, 3, 4, 5, 6].map((day) => ({
    day: daysAfter(monday, day),
    sums: days.slice(countsInList * day, countsInList * (day + 1)),
  }));
}
