import { startYearOf } from '../base/academicYear.ts';
import { dayInEngland } from '../base/clock.ts';
import type { Day } from '../base/day.ts';
import type { Stores } from '../stores/index.ts';
import { countedFigures, type Parameters } from './absence.sql.ts';
import type { CountedRow, Question } from './question.ts';
import { addDays, halfTerms } from './windows.ts';

/** What the registers that count say of a question. A year of many schools is `work`; a school’s page is not. */
export async function countFigures(
  stores: Stores,
  question: Question,
  options: { work?: boolean } = {},
): Promise<CountedRow[]> {
  return stores.read(countedFigures, parametersOf(question), options);
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
    urns: [...urns],
  };
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
