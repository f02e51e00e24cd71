import { attendanceCodes, type CodeCategory } from '../../base/attendanceCodes.ts';
import { csvText } from '../../base/csv.ts';
import type { CensusCounts } from '../read/reading.ts';

/** What a census return says of all its pupils together, over one kind of period. No pupil stands in it. */
export type CensusTotals = {
  period: CensusCounts['period'];
  pupils: number;
  possible: number;
  /** Sessions missed, by attendance code. */
  missed: Record<string, number>;
};

export function censusTotals(counts: readonly CensusCounts[]): CensusTotals[] {
  return [...Map.groupBy(counts, ({ period }) => period)].map(([period, ofPeriod]) => {
    const totals: CensusTotals = { period, pupils: ofPeriod.length, possible: 0, missed: {} };
    for (const { sessionsPossible, sessionsMissed } of ofPeriod) {
      totals.possible += sessionsPossible;
      for (const [code, sessions] of Object.entries(sessionsMissed)) {
        totals.missed[code] = (totals.missed[code] ?? 0) + sessions;
      }
    }
    return totals;
  });
}

/** A reason whose code is known as no absence, or not at all, is neither authorised nor unauthorised. */
export function missedAs({ missed }: CensusTotals, category: CodeCategory): number {
  return Object.entries(missed)
    .filter(([code]) => categoryOf(code) === category)
    .reduce((sum, [, sessions]) => sum + sessions, 0);
}

/** A census return gives no day: its codes are taken in their last meaning. */
function categoryOf(code: string): CodeCategory | undefined {
  return attendanceCodes.findLast((each) => each.code === code)?.category;
}

export const absentIn = (totals: CensusTotals): number =>
  missedAs(totals, 'authorised') + missedAs(totals, 'unauthorised');

/** As the summary of an information system, to be set beside the registers: one row of totals. */
export function summaryOfTotals(totals: CensusTotals): string {
  const absences = Object.entries(totals.missed).filter(([code]) =>
    ['authorised', 'unauthorised'].includes(categoryOf(code) ?? ''),
  );
  const row = {
    'Possible sessions': totals.possible,
    Absent: absentIn(totals),
    Authorised: missedAs(totals, 'authorised'),
    Unauthorised: missedAs(totals, 'unauthorised'),
    ...Object.fromEntries(absences.map(([code, sessions]) => [`Code ${code}`, sessions])),
  };
  return csvText(Object.keys(row), [row]);
}
