import type { AcademicYear } from '../base/academicYear.ts';
import type { Measure } from '../base/measure.ts';
import type { SchoolType } from '../base/schoolType.ts';
import type { Backtest, BacktestRow, CalibrationRow, ShiftRow } from './backtest.ts';
import { type Baseline, baselines } from './baselines.ts';

/**
 * A back-test as the record of the algorithm rests on it: what came out for all schools of a type and for groups of them,
 * and never for one school. Points and percentages, to six decimals.
 */
export type BacktestSummary = {
  /** How to have the same again. */
  command: string;
  /** Of the forecast that was judged (`modelVersion`). */
  model: string;
  verdict: string;
  errors: SummaryError[];
  shifts: ShiftRow[];
  /** How many groups were judged, by what schools are grouped by; and those whose mean error is beyond what is allowed. */
  groups: { judged: Record<string, number>; outside: GroupOutside[] };
  chances: CalibrationRow[];
};

type Labels = { time_period: AcademicYear; school_type: SchoolType; measure: Measure };

export type SummaryError = Labels & {
  schools: number;
  mean_absolute_error: number;
  /** Of the simple methods, where they can be fitted. */
  simple: Partial<Record<Baseline, number>>;
  coverage_80: number | null;
  coverage_95: number | null;
  coverage_80_shift_removed: number | null;
  coverage_95_shift_removed: number | null;
};

export type GroupOutside = Labels & {
  group: string;
  group_value: string;
  schools: number;
  mean_error_shift_removed: number;
  mean_error_standard_error: number;
};

/** Groups' mean errors, the shift taken out, may be this far from none, or two standard errors. */
const allowedPoints = 0.1;

/** Our groups, and those whose mean error, the shift taken out, is beyond what is allowed. */
export function judgeGroups(rows: readonly BacktestRow[]): {
  ours: BacktestRow[];
  outside: BacktestRow[];
} {
  const ours = rows.filter(({ method }) => method === 'ours');
  const outside = ours.filter(
    (row) =>
      Math.abs(row.mean_error_shift_removed) >
      Math.max(allowedPoints, 2 * row.mean_error_standard_error),
  );
  return { ours, outside };
}

export function summariseBacktest(
  found: Backtest,
  { command, model }: Pick<BacktestSummary, 'command' | 'model'>,
): BacktestSummary {
  const { ours, outside } = judgeGroups(found.groupRows);
  const judged = [...Map.groupBy(ours, ({ group }) => group)].map(
    ([group, rows]) => [group, rows.length] as const,
  );
  return {
    command,
    model,
    verdict: found.verdict,
    errors: found.rows
      .filter(({ method }) => method === 'ours')
      .map((ours) => errorOf(ours, found.rows)),
    shifts: found.shifts,
    groups: { judged: Object.fromEntries(judged), outside: outside.map(groupOf) },
    chances: found.calibration.filter(({ cases }) => cases > 0),
  };
}

function errorOf(ours: BacktestRow, rows: readonly BacktestRow[]): SummaryError {
  const { time_period, school_type, measure } = ours;
  const same = rows.filter(
    (row) =>
      row.time_period === time_period && row.school_type === school_type && row.measure === measure,
  );
  const simple = baselines.flatMap((baseline) => {
    const row = same.find(({ method }) => method === baseline);
    return row ? [[baseline, row.mean_absolute_error] as const] : [];
  });
  const { schools, mean_absolute_error, coverage_80, coverage_95 } = ours;
  const { coverage_80_shift_removed, coverage_95_shift_removed } = ours;
  return {
    ...{ time_period, school_type, measure, schools, mean_absolute_error },
    simple: Object.fromEntries(simple),
    ...{ coverage_80, coverage_95, coverage_80_shift_removed, coverage_95_shift_removed },
  };
}

function groupOf(row: BacktestRow): GroupOutside {
  const { time_period, school_type, measure, group, group_value, schools } = row;
  const { mean_error_shift_removed, mean_error_standard_error } = row;
  return {
    ...{ time_period, school_type, measure, group, group_value, schools },
    ...{ mean_error_shift_removed, mean_error_standard_error },
  };
}

/** As a file: one row a line, so that a change can be read, and numbers to six decimals. */
export function summaryText(summary: BacktestSummary): string {
  const value = (each: unknown) =>
    JSON.stringify(each, (_, inner) =>
      typeof inner === 'number' ? Number(inner.toFixed(6)) : inner,
    );
  const lines = (rows: readonly unknown[]) =>
    `[\n${rows.map((row) => `    ${value(row)}`).join(',\n')}\n  ]`;
  const { command, model, verdict, errors, shifts, groups, chances } = summary;
  return `{
  "command": ${value(command)},
  "model": ${value(model)},
  "verdict": ${value(verdict)},
  "errors": ${lines(errors)},
  "shifts": ${lines(shifts)},
  "groups": { "judged": ${value(groups.judged)}, "outside": ${lines(groups.outside)} },
  "chances": ${lines(chances)}
}
`;
}
