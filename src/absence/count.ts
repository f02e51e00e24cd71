import { startYearOf } from '../base/academicYear.ts';
import { dayInEngland } from '../base/clock.ts';
import { type Day, daysAfter } from '../base/day.ts';
import type { Stores } from '../stores/index.ts';
import { countingOf, type Parameters } from './absence.sql.ts';
import { isKept } from './keepUp.ts';
import { placesOf } from './places.ts';
import type { CountedRow, Question } from './question.ts';
import { keptQuestion, keptAnswer } from './keptAnswer.ts';
import { halfTerms } from './windows.ts';

/**
 * What the registers that count say of a question. A year of many schools is `work`; a school’s page is not. What is kept
 * is read where it is up to the receipts that count; until then, and for what is not kept, it is counted.
 */
export async function countFigures(
  stores: Stores,
  question: Question,
  options: { work?: boolean } = {},
): Promise<CountedRow[]> {
  if (question.asKnownOn !== null || !(await isKept(stores, question))) {
    const parameters = await parametersIn(stores, question);
    return stores.read(countingOf(question).statement, parameters, options);
  }
  const kept = keptQuestion(question);
  if (kept) {
    // A few rows are found in a moment, and do not wait behind long work.
    const isLong = question.level === 'school' && question.urns.length === 0;
    return keptAnswer(kept, await placesOf(stores), (asked, parameters) =>
      stores.read(asked, parameters, isLong ? options : {}),
    );
  }
  const { statement } = countingOf(question, { weeks: true });
  return stores.read(statement, parametersOf(question), options);
}

/** As the SQL has a question, with what came after the day of which it asks what was known. */
export async function parametersIn(
  stores: Stores,
  question: Question,
): Promise<Omit<Parameters, 'receipts'>> {
  const parameters = parametersOf(question);
  if (question.asKnownOn === null) return parameters;
  return { ...parameters, cameLater: await cameAfter(stores, question.asKnownOn) };
}

const kindsThatCount = ['register schools', 'calendars', 'pupils', 'marks'];

/**
 * What came after a day was not known on it, whenever marks say that they were entered; but for a history that was brought
 * in at once and is taken at its word. Of an amendment its own moment says so.
 */
export async function cameAfter(stores: Stores, day: Day): Promise<number[]> {
  const end = new Date(`${knownBefore(day).replace(' ', 'T')}Z`);
  const receipts = await stores.receipts();
  return receipts
    .filter(({ kind }) => kindsThatCount.includes(kind))
    .filter(({ committed_at, detail }) => committed_at && committed_at >= end && !detail['history'])
    .map(({ id }) => id);
}

/** As the SQL has a question. */
export function parametersOf(question: Question): Omit<Parameters, 'receipts'> {
  const { level, by, series, time, year, from, to, urns, asKnownOn } = question;
  return {
    ...{ level, series, time, from, to },
    by: [...by],
    startYear: startYearOf(year),
    halfTerms: halfTerms(year).map((each) => each.from),
    knownBefore: knownBefore(asKnownOn),
    cameLater: [],
    urns: [...urns],
  };
}

/** The moment at which a day in England ends, UTC; without a day, the last there is. */
export function knownBefore(day: Day | null): string {
  if (day === null) return '2106-01-01 00:00:00';
  const next = daysAfter(day, 1);
  const midnight = new Date(`${next}T00:00:00Z`);
  const summer = new Date(midnight.getTime() - 3_600_000);
  return (dayInEngland(summer) === next ? summer : midnight)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
}
