import { type Day, daysAfter } from '../base/day.ts';
import { countingYear, countingYearOf } from '../absence/index.ts';
import { type Asked, parametersOn, type Read } from './ask.ts';
import type { Outcome } from './outcomes.sql.ts';
import { outcomesOfYear } from './outcomes.sql.ts';
import { type Example, exampleInputs } from './scores.sql.ts';
import { startYearOf } from '../base/academicYear.ts';

/** What came of an enrolment after a day. Numbers of sessions. */
export type Came = {
  restPossible: number;
  restAbsent: number;
  /** In the next 28 days. */
  monthAbsent: number;
  persistent: boolean;
};

export const keyOf = ({ urn, pupil, entry_date }: Pick<Outcome, 'urn' | 'pupil' | 'entry_date'>) =>
  `${urn} ${pupil} ${entry_date}`;

/** What came of every enrolment of a year that is over, by `keyOf`. */
export async function outcomesOf(
  read: Read,
  { urns, on }: Pick<Asked, 'urns' | 'on'>,
): Promise<Map<string, Outcome>> {
  const year = countingYearOf(on);
  const rows = await read(outcomesOfYear, {
    ...{ urns: [...urns], startYear: startYearOf(year), ...countingYear(year) },
  });
  return new Map(rows.map((row) => [keyOf(row), row]));
}

/** Of a day at the end of a week: whole weeks come after it. */
export function cameAfterDay({ mondays, possible, absent }: Outcome, on: Day): Came {
  const soon = daysAfter(on, 28);
  const came = { restPossible: 0, restAbsent: 0, monthAbsent: 0 };
  const all = { possible: 0, absent: 0 };
  for (const [at, monday] of mondays.entries()) {
    all.possible += possible[at] ?? 0;
    all.absent += absent[at] ?? 0;
    if (monday <= on) continue;
    came.restPossible += possible[at] ?? 0;
    came.restAbsent += absent[at] ?? 0;
    if (monday <= soon) came.monthAbsent += absent[at] ?? 0;
  }
  return { ...came, persistent: 10 * all.absent >= all.possible };
}

/** An enrolment on a day, with the inputs of the regressions and what came. */
export type Trained = Example & { came: Came };

/** The enrolments of a day with what came of each. */
export async function examplesOn(
  read: Read,
  asked: Asked,
  outcomes: ReadonlyMap<string, Outcome>,
  rate: readonly number[],
): Promise<Trained[]> {
  const parameters = await parametersOn(read, asked);
  const rows = await read(exampleInputs, { ...parameters, rate: [...rate] });
  return rows.flatMap((row) => {
    const outcome = outcomes.get(keyOf(row));
    return outcome ? [{ ...row, came: cameAfterDay(outcome, asked.on) }] : [];
  });
}
