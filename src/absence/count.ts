import { startYearOf } from '../base/academicYear.ts';
import { dayInEngland } from '../base/clock.ts';
import type { Day } from '../base/day.ts';
import type { Stores } from '../stores/index.ts';
import { countedFigures, countedFromWeeks, type Parameters } from './absence.sql.ts';
import { isKept } from './keepUp.ts';
import { firstHalfTermPeriod, keptFigures, keptWeeks } from './kept.sql.ts';
import { type CountedRow, keptDivisions, type Question, topicOf } from './question.ts';
import { addDays, countingYear, halfTerms } from './windows.ts';

/**
 * What the registers that count say of a question. A year of many schools is `work`; a school’s page is not. What is kept
 * is read where it is up to the receipts that count; until then, and for what is not kept, it is counted.
 */
export async function countFigures(
  stores: Stores,
  question: Question,
  options: { work?: boolean } = {},
): Promise<CountedRow[]> {
  if (question.asKnownOn !== null) {
    const cameLater = await cameAfter(stores, question.asKnownOn);
    return stores.read(countedFigures, { ...parametersOf(question), cameLater }, options);
  }
  if (!(await isKept(stores, question))) {
    return stores.read(countedFigures, parametersOf(question), options);
  }
  const kept = keptQuestion(question);
  if (kept?.weeks) return stores.read(keptWeeks, kept.weeks, options);
  if (kept?.figures) return stores.read(keptFigures, kept.figures, options);
  return stores.read(countedFromWeeks, parametersOf(question), options);
}

/**
 * Marks that came after a day were not known on it, whenever they say that they were entered; but for a history that was
 * brought in at once and is taken at its word.
 */
async function cameAfter(stores: Stores, day: Day): Promise<number[]> {
  const end = new Date(`${knownBefore(day).replace(' ', 'T')}Z`);
  const receipts = await stores.receipts('marks');
  return receipts
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

const periodsOf = {
  year: [0],
  term: [1, 2, 3],
  half_term: [0, 1, 2, 3, 4, 5].map((at) => firstHalfTermPeriod + at),
} as const;

/** As what is kept has a question; undefined where its answer is not kept. */
export function keptQuestion(question: Question) {
  const { level, by, series, time, year, from, to, urns, asKnownOn } = question;
  if (series !== 'daily' || asKnownOn !== null || time === 'weekday') return undefined;
  const of = { level, urns: [...urns], startYear: startYearOf(year) };
  // Areas are kept whole.
  if (urns.length > 0 && level !== 'school') return undefined;
  const whole = countingYear(year);
  if (time === 'week' || time === 'day') {
    const isKept = by.length === 0 && (time === 'day' || (from === whole.from && to === whole.to));
    return isKept ? { weeks: { ...of, from, to, byDay: time === 'day' } } : undefined;
  }
  const isKept = keptDivisions.some((each) => each.join() === by.join());
  if (!isKept || from !== whole.from || to !== whole.to) return undefined;
  return { figures: { ...of, topic: topicOf(by), periods: [...periodsOf[time]] } };
}

/** The moment at which a day in England ends, UTC; without a day, the last there is. */
export function knownBefore(day: Day | null): string {
  if (day === null) return '2106-01-01 00:00:00';
  const next = addDays(day, 1);
  const midnight = new Date(`${next}T00:00:00Z`);
  const summer = new Date(midnight.getTime() - 3_600_000);
  return (dayInEngland(summer) === next ? summer : midnight)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
}
