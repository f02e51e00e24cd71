import type { Route } from '../access/index.ts';
import { yearLabel } from '../base/academicYear.ts';
import { type Measure, measures } from '../base/measure.ts';
import { schoolTypePlural, schoolTypes } from '../base/schoolType.ts';
import type { Stores } from '../stores/index.ts';
import { type Chart, calibrationChart, coverageChart, type Table, words } from '../ui/index.ts';
import { changesTheTypeIsWorth, publishedAchieved } from './achieved.ts';
import { type KeptBacktest, widestBacktest } from './assess.ts';
import type { Backtest, BacktestRow } from './backtest.ts';
import { leastSharePresent } from './distance.ts';
import { gapPartWithFewSchools, leastAsked, mostAsked, stepWithOverall } from './expectation.ts';
import type { FitSummary } from './issued.ts';
import { newestFit } from './show.ts';
import { learnFromDefaults } from './learnFrom.ts';
import { fewestSimilarSchools, inputWords, mostSimilarSchools } from './similar.ts';
import { inputNames, leastShare } from './weights.ts';

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
      const backtest = await widestBacktest(stores);
      return {
        kind: 'page',
        template: 'targets/methods.njk',
        model: {
          rule,
          lasting: lastingText(),
          steps: ruleTable(),
          achieved: achievedTable(),
          weightFloor: floorText(),
          fit: fit ? fitModel(fit) : null,
          visitKm: learnFromDefaults.withinKilometres,
          backtest: backtest ? backtestModel(backtest) : null,
        },
      };
    },
  };
}

const rule = {
  leastPercent: 100 * leastAsked,
  mostPercent: 100 * mostAsked,
  fewest: fewestSimilarSchools,
  most: mostSimilarSchools,
};

const whole = (part: number) => words.percent(100 * part, 0);

/** How much of a year’s change is still there a year later, by type: the rest is luck. */
function lastingText(): string {
  const parts = schoolTypes.map(
    (schoolType) =>
      `${whole(publishedAchieved[schoolType].overall.lastingPart)} in ${schoolTypePlural[schoolType]}`,
  );
  return `Part of any change is luck. Of how much schools’ absence changes from one year to the next, the part that is still there a year later is ${words.list(parts)} (as a part of the variance).`;
}

/** The rule, step by step, with the constants that the code uses. */
function ruleTable(): Table {
  const { least, most } = stepWithOverall;
  return {
    caption: 'The rule, for each measure, in percentage points',
    columns: [
      { name: 'step', heading: 'Step', kind: 'text' },
      { name: 'formula', heading: 'Formula', kind: 'text' },
      { name: 'words', heading: 'In words', kind: 'text' },
    ],
    rows: [
      ['Forecast', 'F', 'What would come if nothing special happened.'],
      [
        'Context',
        'C',
        `The middle of the similar schools in the last year known, drawn towards the middle of the type by how uncertain it is, and by no more than one standard error.`,
      ],
      [
        'Gap',
        'g = F − C − n',
        'n is what the forecasts say of all schools of the type: what comes to everybody is nobody’s gap.',
      ],
      [
        'What counts of the gap',
        'k = v² ÷ (v² + s² + e²)',
        `v: how far the gaps of the type spread. s: how unsure the forecast is. e: how unsure the context is. With too few schools to tell, k = ${gapPartWithFewSchools}.`,
      ],
      [
        'What the best quarter achieved',
        'a',
        `We estimate by how much the best quarter of the similar schools cut their absence in a year, luck taken out. The estimate of the type counts as much as ${changesTheTypeIsWorth} changes of the group’s own.`,
      ],
      [
        'What is asked',
        `the smaller of k × g and a; at least ${leastAsked} × F and at most ${mostAsked} × F`,
        `Never more than the best quarter achieved, and between ${whole(leastAsked)} and ${whole(mostAsked)} less absence than would come anyway. Without a fair comparison, the least.`,
      ],
      ['Expectation', 'F − what is asked', 'Never above the forecast, never below 0.'],
      [
        'Persistent absence',
        `least and most times the ratio below; between ${least} and ${most} of its usual step`,
        'It moves more than overall absence, so its limits are wider by as much; and it stays in step with what is asked of overall absence.',
      ],
    ],
  };
}

function achievedTable(): Table {
  return {
    caption:
      'What is known of yearly changes, from the published figures of 2012/13 to 2017/18 (learned anew where enough is loaded)',
    columns: [
      { name: 'school_type', heading: 'Schools', kind: 'text' },
      { name: 'measure', heading: 'Measure', kind: 'text' },
      { name: 'lasting', heading: 'Part of a change that lasts', kind: 'percent' },
      {
        name: 'best_quarter',
        heading: 'Best quarter: less by, as a part of the level',
        kind: 'percent',
      },
      { name: 'least', heading: 'Least asked, as a part of the forecast', kind: 'percent' },
      { name: 'most', heading: 'Most asked', kind: 'percent' },
    ],
    rows: schoolTypes.flatMap((schoolType) => {
      const of = publishedAchieved[schoolType];
      return measures.map((measure) => {
        const ratio = of[measure].bestQuarterPart / of.overall.bestQuarterPart;
        return [
          schoolTypePlural[schoolType],
          measureNames[measure],
          100 * of[measure].lastingPart,
          100 * of[measure].bestQuarterPart,
          100 * leastAsked * ratio,
          100 * Math.min(1, mostAsked * ratio),
        ];
      });
    }),
  };
}

/** The floor of a weight, before and after all are scaled to make 100 %. */
function floorText(): string {
  return `No input counts for less than ${whole(leastShare)} before all are scaled to make 100%, so a little less than that after it. Two schools are compared only where what both are known by makes up ${whole(leastSharePresent)} or more.`;
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
      { name: 'interval_80', heading: words.sentence(words.sureness(80)), kind: 'text' },
      { name: 'interval_95', heading: words.sentence(words.sureness(95)), kind: 'text' },
      { name: 'past', heading: 'Past changes', kind: 'text' },
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

function backtestModel(backtest: KeptBacktest) {
  const years = [...new Set(backtest.rows.map((row) => row.time_period))].sort();
  return {
    yearsText: words.list(years.map(yearLabel)),
    ranOn: backtest.ranOn ? words.date(backtest.ranOn) : '',
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
  ar3: 'Regression on the three years before (AR(3))',
};

function errorTable(rows: BacktestRow[]): Table {
  return {
    caption:
      'How far forecasts were out on average (mean absolute error), and how good their intervals were (mean score of those of 8 years in 10), in percentage points: smaller is better',
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
      groups: rows.flatMap((row) => {
        const { coverage_80_shift_removed: of80, coverage_95_shift_removed: of95 } = row;
        if (row.method !== 'ours' || row.measure !== measure) return [];
        if (of80 === null || of95 === null) return [];
        const name = `${words.sentence(schoolTypePlural[row.school_type])}, ${yearLabel(row.time_period)}`;
        return [{ name, coverage80: of80 / 100, coverage95: of95 / 100, schools: row.schools }];
      }),
    }),
  );
}

function calibrationCharts({ calibration }: Backtest): Chart[] {
  return measures.map((measure) =>
    calibrationChart({
      id: `calibration-${measure}`,
      what: `coming out at or below a figure under the forecast, ${measureNames[measure].toLowerCase()}`,
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
