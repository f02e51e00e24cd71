import type { AcademicYear } from '../../base/academicYear.ts';
import type { Day } from '../../base/day.ts';
import { Refusal } from '../../base/problem.ts';
import { pupilKey } from '../../base/pupilKey.ts';
import { parseUpn } from '../../base/upn.ts';
import { pupilSecretOf } from '../../records/index.ts';
import type { Stores } from '../../stores/index.ts';
import { countingYear, countingYearOf } from '../windows.ts';
import { type Comparison, compareWith } from './compare.ts';
import type { SchoolRegister } from './register.ts';
import {
  calendarOfSchool,
  markedDaysOfSchool,
  rollOfSchool,
  standingMarksOfSchool,
} from './register.sql.ts';
import type { Summary } from './summary.ts';

/** Some days, as they were typed; where nobody says any, the year. */
export type Asked = { from?: Day | undefined; to?: Day | undefined; year: AcademicYear };

/**
 * A school’s summary against its registers here: of the days that somebody says, or the file; else of `year`. Refuses
 * with `not-found` where there are no marks of the school, and with `bad-input` where the summary has nothing to compare.
 */
export async function compareSummary(
  stores: Stores,
  urn: number,
  summary: Summary,
  asked: Asked,
): Promise<Comparison & { year: AcademicYear }> {
  if (summary.rows.length === 0) {
    const [first] = summary.problems;
    throw new Refusal('bad-input', first?.message ?? 'The summary has no row to compare.');
  }
  const register = await registerOf(stores, urn, periodOf(summary, asked));
  const secret = summary.form === 'pupils' ? await pupilSecretOf(stores.records) : undefined;
  const comparison = compareWith(register, summary, {
    keyOf(text) {
      const upn = parseUpn(text);
      return secret && upn ? String(pupilKey(upn, secret)) : '';
    },
  });
  if (comparison.setAside === summary.rows.length) {
    throw new Refusal(
      'bad-input',
      `Every row of the summary is of a session before ${comparison.from} or after ${comparison.to}. Give the first and the last day of its rows, or none.`,
    );
  }
  if (comparison.compared === 0) {
    throw new Refusal(
      'bad-input',
      `The summary has no figure that can be compared. Understood: ${summary.understood.join(', ') || 'nothing'}. Give possible sessions and absences, or attendance.`,
    );
  }
  return { ...comparison, year: register.year };
}

function periodOf(summary: Summary, { from, to, year: asked }: Asked) {
  const { unread } = summary;
  const notRead = (from === undefined && unread.from) || (to === undefined && unread.to);
  if (notRead) throw new Refusal('bad-input', notRead);
  const first = from ?? summary.from;
  const last = to ?? summary.to;
  const year = first || last ? countingYearOf(first ?? last ?? '') : asked;
  const whole = countingYear(year);
  const period = { from: first ?? whole.from, to: last ?? whole.to };
  if (period.from > period.to || period.from < whole.from || period.to > whole.to) {
    throw new Refusal(
      'bad-input',
      `A summary is compared within one school year: ${period.from} to ${period.to} is not within ${whole.from} to ${whole.to}. Give the first and the last day of one year.`,
    );
  }
  return { year, ...period };
}

/** All that is known of a school’s sessions in a period. */
async function registerOf(
  stores: Stores,
  urn: number,
  { year, from, to }: { year: AcademicYear; from: Day; to: Day },
): Promise<SchoolRegister> {
  const asked = { urn, from, to };
  const [marked] = await stores.read(markedDaysOfSchool, asked);
  if (!marked || marked.marks === 0) {
    throw new Refusal(
      'not-found',
      `No marks of school ${urn} from ${from} to ${to} are here. Import its registers first.`,
    );
  }
  const [enrolments, marks, calendar] = await Promise.all([
    stores.read(rollOfSchool, asked),
    stores.read(standingMarksOfSchool, asked),
    stores.read(calendarOfSchool, asked),
  ]);
  return { urn, year, from, to, enrolments, marks, calendar };
}
