import type { Route } from '../access/index.ts';
import { yearLabel } from '../base/academicYear.ts';
import { type Measure, measures } from '../base/measure.ts';
import { schoolTypePlural } from '../base/schoolType.ts';
import type { Stores } from '../stores/index.ts';
import { type Chart, calibrationChart, coverageChart, type Table, words } from '../ui/index.ts';
import { newestBacktest } from './assess.ts';
import type { Backtest, BacktestRow } from './backtest.ts';
import { leastAsked, mostAsked } from './expectation.ts';
import type { FitSummary } from './issued.ts';
import { newestFit } from './show.ts';
import { fewestSimilarSchools, inputWords, mostSimilarSchools } from './similar.ts';
import { inputNames } from './weights.ts';

const measureNames: Record<Measure, string> = {
  overall: 'Absence',
  persistent: 'Persistent absence',
};

/** How expectations are worked out, with the weights, the drift and how well it did on the figures that are loaded. */
export function methodsRoute(stores: Stores): Route {
  return {
    method: 'GET',
    path: '/methods',
    summary: 'How expectations are worked out',
    needs: 'public statistic',
    async answer() {
      const fit = await newestFit(stores);
      const backtest = await newestBacktest(stores);
      return {
        kind: 'page',
        template: 'targets/methods.njk',
        model: {
          rule: {
            leastPercent: 100 * leastAsked,
            mostPercent: 100 * mostAsked,
            fewest: fewestSimilarSchools,
            most: mostSimilarSchools,
          },
          fit: fit ? fitModel(fit) : null,
          backtest: backtest ? backtestModel(backtest) : null,
        },
      };
    },
  };
}

function fitModel(fit: FitSummary) {
  return {
    yearText: yearLabel(fit.year),
    schools: fit.schools,
    withoutGoodMatch: fit.withoutGoodMatch,
    censusOn: fit.intakeCensusOn,
    restsOn: fit.types.map((type) => type.restsOn),
    shifts: shiftTable(fit),
    weights: weightTable(fit),
  };
}

function shiftTable(fit: FitSummary): Table {
  return {
    caption: `How far the level of all schools may move by ${yearLabel(fit.year)}, in percentage points`,
    columns: [
      { name: 'school_type', heading: 'Schools', kind: 'text' },
      { name: 'measure', heading: 'Measure', kind: 'text' },
      { name: 'level', heading: 'Last level', kind: 'percent' },
      { name: 'interval_80', heading: '8 years in 10', kind: 'text' },
      { name: 'interval_95', heading: '19 years in 20', kind: 'text' },
      { name: 'past', heading: 'Past shifts', kind: 'text' },
    ],
    rows: fit.types.flatMap((type) =>
      measures.map((measure) => {
        const { shift, levelPercent } = type.measures[measure];
        return [
          schoolTypePlural[type.schoolType],
          measureNames[measure],
          levelPercent,
          signedRange(shift.lower80Points, shift.upper80Points),
          signedRange(shift.lower95Points, shift.upper95Points),
          shift.past.map(({ year, points }) => `${yearLabel(year)}: ${signed(points)}`).join(', '),
        ];
      }),
    ),
  };
}

function signed(points: number): string {
  return `${points < 0 ? '−' : '+'}${words.number(Math.abs(points), 2)}`;
}

function signedRange(lower: number, upper: number): string {
  return `${signed(lower)} to ${signed(upper)}`;
}

function weightTable(fit: FitSummary): Table {
  return {
    caption: 'How much each thing counts when schools are compared, in percent',
    columns: [
      { name: 'input', heading: 'What is compared', kind: 'text' },
      ...fit.types.map((type) => ({
        name: type.schoolType,
        heading: words.sentence(schoolTypePlural[type.schoolType]),
        kind: 'percent' as const,
      })),
    ],
    rows: [
      ...inputNames.map((name) => [
        words.sentence(inputWords[name] ?? name),
        ...fit.types.map((type) => 100 * type.weights.shares[name]),
      ]),
      [
        'How much of the differences in absence all of it explains',
        ...fit.types.map((type) => 100 * type.weights.rSquared),
      ],
    ],
  };
}

function backtestModel(backtest: Backtest) {
  return {
    verdict: backtest.verdict,
    table: errorTable(backtest.rows),
    charts: [...coverageCharts(backtest.rows), ...calibrationCharts(backtest)],
    shifts: backtest.shifts.filter((shift) => shift.measure === 'overall').length,
    shiftsInside80: backtest.shifts.filter(
      (shift) => shift.measure === 'overall' && shift.inside_80,
    ).length,
  };
}

const methodNames: Record<BacktestRow['method'], string> = {
  ours: 'Rollcall',
  last_year: 'Last year’s figure',
  mean3: 'Mean of three years',
  ar3: 'AR(3)',
};

function errorTable(rows: BacktestRow[]): Table {
  return {
    caption:
      'Mean absolute error in percentage points, and mean interval score (80%): smaller is better',
    columns: [
      { name: 'time_period', heading: 'Year', kind: 'year' },
      { name: 'school_type', heading: 'Schools', kind: 'text' },
      { name: 'measure', heading: 'Measure', kind: 'text' },
      { name: 'method', heading: 'Method', kind: 'text' },
      { name: 'schools', heading: 'Number', kind: 'count' },
      { name: 'mean_absolute_error', heading: 'Error', kind: 'text' },
      { name: 'mean_interval_score_80', heading: 'Interval score', kind: 'text' },
    ],
    rows: rows.map((row) => [
      row.time_period,
      schoolTypePlural[row.school_type],
      measureNames[row.measure],
      methodNames[row.method],
      row.schools,
      words.number(row.mean_absolute_error, 3),
      words.number(row.mean_interval_score_80, 2),
    ]),
  };
}

function coverageCharts(rows: BacktestRow[]): Chart[] {
  return measures.map((measure) =>
    coverageChart({
      id: `coverage-${measure}`,
      title: `Did the intervals hold? ${measureNames[measure]}, each year forecast from the years before`,
      groups: rows
        .filter((row) => row.method === 'ours' && row.measure === measure)
        .map((row) => ({
          name: `${words.sentence(schoolTypePlural[row.school_type])}, ${yearLabel(row.time_period)}`,
          coverage80: (row.coverage_80_shift_removed ?? 0) / 100,
          coverage95: (row.coverage_95_shift_removed ?? 0) / 100,
          schools: row.schools,
        })),
    }),
  );
}

function calibrationCharts({ calibration }: Backtest): Chart[] {
  return measures.map((measure) =>
    calibrationChart({
      id: `calibration-${measure}`,
      what: `coming out at or below a figure, ${measureNames[measure].toLowerCase()}`,
      tenths: calibration
        .filter(
          (row) =>
            row.measure === measure && row.asked === 'under the forecast' && row.shift === 'known',
        )
        .map((row) => ({
          told: row.mean_probability,
          happened: row.share_met,
          schools: row.cases,
        })),
    }),
  );
}
