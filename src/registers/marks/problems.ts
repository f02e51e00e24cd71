import type { ReadProblem } from '../read/reading.ts';
import type { RefusedRow, Verdict } from './check.sql.ts';

/** A problem as it is shown: what kind, where, and what to do. Nothing in it says whose mark it is. */
export type MarkProblem = { kind: string; row?: number; column?: string; message: string };

/** What is wrong with a mark that is refused, and how to mend it. */
export const whatToDo: Partial<Record<Verdict, string>> = {
  'another-school':
    'The mark is of another school than the one that sends it: leave it out, or correct the URN.',
  'upn-wrong':
    'This cannot be a UPN: it has not 13 characters, or its check letter does not fit. Correct it.',
  'school-not-known':
    'No school has this URN here: correct it, or have the school brought in first.',
  'date-in-future': 'The day is still to come: correct it, or send the mark once the day is here.',
  'code-unknown': 'There is no such attendance code: write one that there is.',
  'code-not-of-that-day':
    'There was no such code on that day: write the one that was used then (codes changed on 19 August 2024).',
  'code-of-other-session':
    'This code is of the other half of the day: / is for the morning and \\ for the afternoon. Correct the code or the session.',
  'pupil-not-on-roll':
    'No pupil with this UPN is on the school’s roll: correct the UPN, or send the roll first.',
  'outside-enrolment':
    'The pupil was not enrolled at the school on that day: correct the date, or the dates of entry and leaving on the roll.',
  'school-closed':
    'The school was closed then by its calendar, so nobody could attend: leave the mark out, or correct the calendar.',
  'two-codes':
    'The file has this session of this pupil more than once, with different codes: leave one in.',
};

export function problemOfMark({ row, spot, verdict }: RefusedRow): MarkProblem {
  return { kind: verdict, row, column: spot, message: whatToDo[verdict] ?? '' };
}

export function problemOfReading({ kind, row, column, message }: ReadProblem): MarkProblem {
  return {
    ...{ kind, message },
    ...(row === undefined ? {} : { row }),
    ...(column === undefined ? {} : { column }),
  };
}

/** Problems of one kind: how many marks are refused for it, and the first of them. */
export type ProblemsOfKind = { kind: string; marks: number; first: MarkProblem[] };

export function problemsByKind(
  counts: Readonly<Record<string, number>>,
  problems: readonly MarkProblem[],
): ProblemsOfKind[] {
  const byKind = Map.groupBy(problems, ({ kind }) => kind);
  const kinds = new Set([...Object.keys(counts), ...byKind.keys()]);
  return [...kinds]
    .map((kind) => ({ kind, marks: counts[kind] ?? 0, first: byKind.get(kind) ?? [] }))
    .sort((a, b) => b.marks - a.marks || (a.kind < b.kind ? -1 : 1));
}
