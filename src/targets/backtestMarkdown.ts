import { yearLabel } from '../base/academicYear.ts';
import { measures } from '../base/measure.ts';
import { regionNames } from '../base/region.ts';
import { schoolTypePlural } from '../base/schoolType.ts';
import type { Backtest, BacktestRow, BandRow, CalibrationRow } from './backtest.ts';
import { judgeGroups } from './backtestSummary.ts';

/**
 * A back-test as the page of docs/ that shows it: every table of it comes from the command, none is typed.
 * @param command how to have the same again.
 */
export function backtestMarkdown(found: Backtest, command: string): string {
  return [
    '# The forecast against what came',
    `Written by \`${command}\`. Each year is forecast from the years before it, as it would have been; only schools with three years before are compared, so that every method sees the same ones. What the method is, and what these figures mean: [forecast.md](forecast.md).`,
    `**${found.verdict}**`,
    '## Errors and intervals',
    'AE: mean absolute error, points. IS: mean interval score of the 80 % interval; lower is better. *Own*: share of schools inside the interval of their own luck, once the shift that all schools of the type share is known (`coverage_…_shift_removed`). *All*: inside the interval as it was published, shift and all.',
    errorTable(found.rows),
    '## The shift that all schools share',
    'Mean error of the year; whether the interval for the shift held it.',
    shiftTable(found),
    '## By size of school',
    'All years together. *Own*: inside the intervals of own luck; the error is the mean of outcome less forecast, the shift taken out.',
    bandTable(found.bandRows),
    '## Chances',
    'Of the schools told a chance in each tenth of coming out at or below a figure, how many came out so: told → came out so (cases). With the shift of the year known, and as it was told.',
    chanceTable(found.calibration),
    '## Groups',
    groupText(found.groupRows),
    '',
  ].join('\n\n');
}

type Cell = string | number;

function table(heading: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]) => `| ${cells.join(' | ')} |`;
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n');
}

function whole(count: number): string {
  return count.toLocaleString('en-GB');
}

function decimals(value: number | null | undefined, places: number): string {
  return value == null || Number.isNaN(value) ? '—' : value.toFixed(places);
}

function errorTable(rows: readonly BacktestRow[]): string {
  const found = rows
    .filter(({ method }) => method === 'ours')
    .map((ours) => {
      const of = (method: BacktestRow['method']) =>
        rows.find(
          (row) =>
            row.method === method &&
            row.time_period === ours.time_period &&
            row.school_type === ours.school_type &&
            row.measure === ours.measure,
        );
      const error = (method: BacktestRow['method']) => decimals(of(method)?.mean_absolute_error, 3);
      return [
        yearLabel(ours.time_period),
        `${schoolTypePlural[ours.school_type]}, ${ours.measure}`,
        whole(ours.schools),
        error('ours'),
        error('last_year'),
        error('mean3'),
        error('ar3'),
        decimals(ours.mean_interval_score_80, 2),
        decimals(of('ar3')?.mean_interval_score_80, 2),
        decimals(ours.coverage_80_shift_removed, 1),
        decimals(ours.coverage_95_shift_removed, 1),
        decimals(ours.coverage_80, 1),
        decimals(ours.coverage_95, 1),
      ];
    });
  return table(
    [
      'year',
      'schools, measure',
      'schools',
      'AE ours',
      'last year',
      'mean of 3',
      'AR(3)',
      'IS ours',
      'IS AR(3)',
      'own 80 %',
      'own 95 %',
      'all 80 %',
      'all 95 %',
    ],
    found,
  );
}

function shiftTable({ shifts }: Backtest): string {
  return table(
    ['year', 'schools, measure', 'shift, points', 'inside 80 %', 'inside 95 %'],
    shifts.map((shift) => [
      yearLabel(shift.time_period),
      `${schoolTypePlural[shift.school_type]}, ${shift.measure}`,
      decimals(shift.common_error, 2),
      shift.inside_80 ? 'yes' : 'no',
      shift.inside_95 ? 'yes' : 'no',
    ]),
  );
}

function bandTable(rows: readonly BandRow[]): string {
  const key = ({ school_type, up_to }: BandRow) => `${school_type} ${up_to}`;
  return table(
    [
      'schools',
      'pupils up to',
      'cases',
      'absence: own 80 %',
      'own 95 %',
      'error',
      'persistent: own 80 %',
      'own 95 %',
      'error',
    ],
    [...Map.groupBy(rows, key).values()].map((ofBand) => {
      const { school_type, up_to, schools } = ofBand[0] as BandRow;
      return [
        schoolTypePlural[school_type],
        up_to === null ? 'more' : whole(up_to),
        whole(schools),
        ...measures.flatMap((measure) => {
          const row = ofBand.find((each) => each.measure === measure);
          return [
            decimals(row?.coverage_80_shift_removed, 1),
            decimals(row?.coverage_95_shift_removed, 1),
            decimals(row?.mean_error_shift_removed, 2),
          ];
        }),
      ];
    }),
  );
}

function chanceTable(rows: readonly CalibrationRow[]): string {
  const percent = (share: number) => decimals(100 * share, 0);
  const columns = measures.flatMap((measure) =>
    (['under last year', 'under the forecast'] as const).flatMap((asked) =>
      (['known', 'forecast'] as const).map((shift) => ({ measure, asked, shift })),
    ),
  );
  const cellOf = (tenth: number, wanted: (typeof columns)[number]) => {
    const row = rows.find(
      (each) =>
        each.tenth === tenth &&
        each.measure === wanted.measure &&
        each.asked === wanted.asked &&
        each.shift === wanted.shift,
    );
    if (!row || row.cases === 0) return '';
    return `${percent(row.mean_probability)} → ${percent(row.share_met)} (${whole(row.cases)})`;
  };
  return table(
    columns.map(
      ({ measure, asked, shift }) =>
        `${measure}, ${asked}${shift === 'known' ? ', shift known' : ''}`,
    ),
    Array.from({ length: 10 }, (_, index) => columns.map((column) => cellOf(index + 1, column))),
  );
}

/** Which groups' mean error, the shift taken out, is beyond 0.1 points and two standard errors. */
function groupText(rows: readonly BacktestRow[]): string {
  const { ours, outside } = judgeGroups(rows);
  return [
    `Fifths by free school meals and by size, and regions. The mean error, the shift taken out, is within 0.1 points or two standard errors in ${ours.length - outside.length} of ${ours.length} groups. The others:`,
    table(
      ['year', 'schools, measure', 'group', 'error, points', 'standard error'],
      outside.map((row) => [
        yearLabel(row.time_period),
        `${schoolTypePlural[row.school_type]}, ${row.measure}`,
        `${row.group.replaceAll('_', ' ')} ${regionNames[row.group_value] ?? row.group_value}`,
        decimals(row.mean_error_shift_removed, 2),
        decimals(row.mean_error_standard_error, 2),
      ]),
    ),
  ].join('\n\n');
}
