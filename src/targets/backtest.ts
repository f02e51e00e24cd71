import { type AcademicYear, yearLabel, yearsBetween } from '../base/academicYear.ts';
import { type Measure, measures } from '../base/measure.ts';
import { type SchoolType, schoolTypePlural, schoolTypes } from '../base/schoolType.ts';
import { mean } from '../stats/quantiles.ts';
import {
  type Baseline,
  type BaselineModel,
  baselines,
  fitBaselines,
  percentIn,
  threeLags,
} from './baselines.ts';
import {
  fitForecast,
  forecastSchool,
  type MeasureForecast,
  probabilityAtOrBelow,
  type SchoolForecast,
} from './forecast.ts';
import {
  givenShift,
  outcomeQuantile,
  probabilityAtOrBelowPercent,
} from './forecastDistribution.ts';
import type { SchoolHistory } from './history.ts';

/**
 * Rolling origin: every year is forecast from the years before it, as it would have been, and compared with what came,
 * beside three simple methods on the same schools.
 */
export type BacktestInput = {
  histories: readonly SchoolHistory[];
  from: AcademicYear;
  to: AcademicYear;
  /** Groups to judge apart: name → value of a school, undefined when not known. Size fifths and regions come by themselves. */
  groups?: Record<string, (history: SchoolHistory) => string | undefined>;
  /** Ours, unless a test hands in another. */
  forecaster?: Forecaster;
};

export type Forecaster = (
  histories: readonly SchoolHistory[],
  year: AcademicYear,
) => (history: SchoolHistory) => SchoolForecast;

export type Method = 'ours' | Baseline;

/** One line of the published table; points and percentages of schools (0–100). */
export type BacktestRow = {
  time_period: AcademicYear;
  school_type: SchoolType;
  measure: Measure;
  method: Method;
  group: string;
  group_value: string;
  schools: number;
  mean_absolute_error: number;
  /** Of intervals: null where a simple method has no past errors to make any from. */
  mean_interval_score_80: number | null;
  coverage_80: number | null;
  coverage_95: number | null;
  coverage_80_shift_removed: number | null;
  coverage_95_shift_removed: number | null;
  /** Outcome less forecast, on average. */
  mean_error: number;
  /** The same less the year's common error of the type, method and measure; and its standard error. */
  mean_error_shift_removed: number;
  mean_error_standard_error: number;
};

/** The columns of the published table, in order. */
export const backtestColumns = [
  'time_period',
  'school_type',
  'measure',
  'method',
  'schools',
  'mean_absolute_error',
  'mean_interval_score_80',
  'coverage_80',
  'coverage_95',
  'coverage_80_shift_removed',
  'coverage_95_shift_removed',
  'mean_error',
  'group',
  'group_value',
  'mean_error_shift_removed',
  'mean_error_standard_error',
] as const satisfies readonly (keyof BacktestRow)[];

export type Backtest = {
  rows: BacktestRow[];
  groupRows: BacktestRow[];
  /** Ours only, by bands of enrolments known before the year, all years together: are small schools' intervals honest too? */
  bandRows: BandRow[];
  /** Per year, type and measure: the common error of our forecasts, and whether the shift's own intervals held it. */
  shifts: ShiftRow[];
  calibration: CalibrationRow[];
  /** Schools that ours forecasts and some simple method cannot, by year. */
  onlyOurs: { time_period: AcademicYear; schools: number }[];
  verdict: string;
};

export type BandRow = {
  school_type: SchoolType;
  measure: Measure;
  /** Up to this many pupils, more than in the band before; null = more than in any. */
  up_to: number | null;
  schools: number;
  coverage_80_shift_removed: number;
  coverage_95_shift_removed: number;
  mean_error_shift_removed: number;
};

export type ShiftRow = {
  time_period: AcademicYear;
  school_type: SchoolType;
  measure: Measure;
  common_error: number;
  inside_80: boolean;
  inside_95: boolean;
};

/**
 * Of the schools told a probability in this tenth, how many came out so. `asked`: at or below last year's figure, or half
 * a point or two points under it; or 2, 5 or 10 % under the forecast, as expectations ask. `shift` says whether the
 * probability knew the year's common shift.
 */
export type CalibrationRow = {
  measure: Measure;
  asked: 'under last year' | 'under the forecast';
  shift: 'forecast' | 'known';
  tenth: number;
  cases: number;
  mean_probability: number;
  share_met: number;
};

type Case = {
  history: SchoolHistory;
  outcome: number;
  /** Central forecast; quantiles 2.5, 10, 90, 97.5 % of the outcome; the same with the shift known to be `shift`. */
  central: number;
  limits: ((shift: number) => { full: number[]; own: number[] }) | null;
};

const ourForecaster: Forecaster = (histories, year) => {
  const model = fitForecast(histories, year);
  return (history) => forecastSchool(model, history);
};

export function backtest({
  histories,
  from,
  to,
  groups = {},
  forecaster = ourForecaster,
}: BacktestInput): Backtest {
  const sorted = [...histories].sort((a, b) => a.urn - b.urn);
  const result: Backtest = {
    rows: [],
    groupRows: [],
    bandRows: [],
    shifts: [],
    calibration: [],
    onlyOurs: [],
    verdict: '',
  };
  const tallies = newTallies();
  const bands = newBands();
  const notFitted: AcademicYear[] = [];
  for (const year of yearsBetween(from, to)) {
    const inYear = sorted.filter((history) => percentIn(history, year, 'overall') !== undefined);
    if (inYear.length === 0) continue;
    const forecast = forecaster(sorted, year);
    const forecasts = new Map(inYear.map((history) => [history.urn, forecast(history)]));
    const grouping = { ...groups, region: regionOf, size_fifth: sizeFifths(inYear, year) };
    let compared = 0;
    for (const schoolType of schoolTypes)
      for (const measure of measures) {
        const cases = casesOf(sorted, inYear, forecasts, schoolType, measure, year);
        if (cases.ours.length === 0) continue;
        if (!cases.ar3) notFitted.push(year);
        if (measure === 'overall') compared += cases.ours.length;
        const labels = { time_period: year, school_type: schoolType, measure };
        for (const method of ['ours', ...baselines] as const) {
          const some = cases[method];
          if (!some) continue;
          const shift = commonError(some);
          result.rows.push(
            summarise(some, shift, { ...labels, method, group: '', group_value: '' }),
          );
          for (const [group, valueOf] of Object.entries(grouping).sort(byKey))
            for (const [value, members] of groupBy(some, valueOf))
              result.groupRows.push(
                summarise(members, shift, { ...labels, method, group, group_value: value }),
              );
        }
        const shift = commonError(cases.ours);
        result.shifts.push({ ...labels, ...judgeShift(forecasts, cases.ours, measure, shift) });
        tally(tallies, forecasts, cases.ours, measure, year, shift);
        tallyBands(bands, labels, cases.ours, shift);
      }
    result.onlyOurs.push({ time_period: year, schools: inYear.length - compared });
  }
  result.calibration = calibrationOf(tallies);
  result.bandRows = bandRowsOf(bands);
  result.verdict = verdictOf(result.rows, [...new Set(notFitted)]);
  return result;
}

/** The schools with an outcome and three years before it, seen by each method that can be fitted. */
function casesOf(
  histories: readonly SchoolHistory[],
  inYear: readonly SchoolHistory[],
  forecasts: ReadonlyMap<number, SchoolForecast>,
  schoolType: SchoolType,
  measure: Measure,
  year: AcademicYear,
): { ours: Case[] } & Partial<Record<Baseline, Case[]>> {
  const fitted = fitBaselines(histories, schoolType, measure, year);
  const common = inYear.flatMap((history) => {
    if (history.schoolType !== schoolType) return [];
    const outcome = percentIn(history, year, measure);
    const lags = threeLags(history, year, measure);
    return outcome !== undefined && lags ? [{ history, outcome, lags }] : [];
  });
  const ours = common.map(({ history, outcome }): Case => {
    const { [measure]: forecast } = forecasts.get(history.urn) as SchoolForecast;
    return { history, outcome, central: forecast.centralPercent, limits: ourLimits(forecast) };
  });
  const simple = ({ central, errors }: BaselineModel) =>
    common.map(({ history, outcome, lags }): Case => {
      const centre = central(lags);
      const limits =
        errors &&
        ((shift: number) => ({
          full: errors.asTheyWere.map((error) => centre + error),
          own: errors.ownLuck.map((error) => centre + shift + error),
        }));
      return { history, outcome, central: centre, limits };
    });
  const simpleOnes = baselines.flatMap((baseline) => {
    const model = fitted[baseline];
    return model ? [[baseline, simple(model)] as const] : [];
  });
  return { ours, ...Object.fromEntries(simpleOnes) };
}

function ourLimits(forecast: MeasureForecast): NonNullable<Case['limits']> {
  return (shift) => {
    const own = givenShift(forecast.distribution, shift);
    return {
      full: [
        forecast.lower95Percent,
        forecast.lower80Percent,
        forecast.upper80Percent,
        forecast.upper95Percent,
      ],
      own: [0.025, 0.1, 0.9, 0.975].map((probability) => outcomeQuantile(own, probability)),
    };
  };
}

function commonError(cases: readonly Case[]): number {
  return mean(cases.map(({ outcome, central }) => outcome - central));
}

function summarise(
  cases: readonly Case[],
  shift: number,
  labels: Pick<
    BacktestRow,
    'time_period' | 'school_type' | 'measure' | 'method' | 'group' | 'group_value'
  >,
): BacktestRow {
  const errors = cases.map(({ outcome, central }) => outcome - central);
  const meanError = mean(errors);
  return {
    ...labels,
    schools: cases.length,
    mean_absolute_error: mean(errors.map(Math.abs)),
    ...summariseIntervals(cases, shift),
    mean_error: meanError,
    mean_error_shift_removed: meanError - shift,
    mean_error_standard_error: Math.sqrt(
      mean(errors.map((error) => (error - meanError) ** 2)) / cases.length,
    ),
  };
}

type IntervalColumns = Pick<
  BacktestRow,
  | 'mean_interval_score_80'
  | 'coverage_80'
  | 'coverage_95'
  | 'coverage_80_shift_removed'
  | 'coverage_95_shift_removed'
>;

function summariseIntervals(cases: readonly Case[], shift: number): IntervalColumns {
  const inside = { full80: 0, full95: 0, own80: 0, own95: 0 };
  let score = 0;
  let judged = 0;
  for (const { outcome, limits } of cases) {
    if (!limits) continue;
    judged += 1;
    const { full, own } = limits(shift);
    if (within(outcome, full, 1, 2)) inside.full80 += 1;
    if (within(outcome, full, 0, 3)) inside.full95 += 1;
    if (within(outcome, own, 1, 2)) inside.own80 += 1;
    if (within(outcome, own, 0, 3)) inside.own95 += 1;
    score += intervalScore(outcome, full[1] as number, full[2] as number, 0.8);
  }
  const share = (count: number) => (judged === 0 ? null : (100 * count) / judged);
  return {
    mean_interval_score_80: judged === 0 ? null : score / judged,
    coverage_80: share(inside.full80),
    coverage_95: share(inside.full95),
    coverage_80_shift_removed: share(inside.own80),
    coverage_95_shift_removed: share(inside.own95),
  };
}

function within(outcome: number, limits: readonly number[], low: number, high: number): boolean {
  return outcome >= (limits[low] as number) && outcome <= (limits[high] as number);
}

/** Gneiting and Raftery 2007: width, and a fine for every point outside. Lower is better. */
export function intervalScore(outcome: number, lower: number, upper: number, coverage: number) {
  const fine = 2 / (1 - coverage);
  return upper - lower + fine * Math.max(0, lower - outcome) + fine * Math.max(0, outcome - upper);
}

// ---- groups --------------------------------------------------------------------------------------------------------

function regionOf(history: SchoolHistory): string | undefined {
  return history.regionCode || undefined;
}

/** Fifths of the schools of a type by their latest enrolments before the year, smallest first. */
function sizeFifths(histories: readonly SchoolHistory[], year: AcademicYear) {
  const fifth = new Map<number, string>();
  for (const schoolType of schoolTypes) {
    const sized = histories
      .filter((history) => history.schoolType === schoolType)
      .flatMap((history) => {
        const before = history.years.filter((each) => each.year < year);
        const enrolments = before.findLast((each) => each.enrolments !== null)?.enrolments;
        return enrolments ? [{ urn: history.urn, enrolments }] : [];
      })
      .sort((a, b) => a.enrolments - b.enrolments || a.urn - b.urn);
    sized.forEach(({ urn }, index) => {
      fifth.set(urn, String(1 + Math.floor((5 * index) / sized.length)));
    });
  }
  return (history: SchoolHistory) => fifth.get(history.urn);
}

function groupBy(
  cases: readonly Case[],
  valueOf: (history: SchoolHistory) => string | undefined,
): [string, Case[]][] {
  const groups = new Map<string, Case[]>();
  for (const each of cases) {
    const value = valueOf(each.history);
    if (value === undefined) continue;
    const members = groups.get(value);
    if (members) members.push(each);
    else groups.set(value, [each]);
  }
  return [...groups].sort(byKey);
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// ---- bands of enrolments -------------------------------------------------------------------------------------------

const bandEnds = [15, 30, 60, 100, 200, 400, 800, 1200, null];

type Band = { cases: number; inside80: number; inside95: number; error: number };
type Bands = Map<SchoolType, Record<Measure, Band[]>>;

function newBands(): Bands {
  const bands = () => bandEnds.map((): Band => ({ cases: 0, inside80: 0, inside95: 0, error: 0 }));
  return new Map(
    schoolTypes.map((schoolType) => [schoolType, { overall: bands(), persistent: bands() }]),
  );
}

function tallyBands(
  bands: Bands,
  { time_period, school_type, measure }: Pick<ShiftRow, 'time_period' | 'school_type' | 'measure'>,
  cases: readonly Case[],
  shift: number,
): void {
  for (const { history, outcome, central, limits } of cases) {
    const enrolments = history.years.findLast(
      (each) => each.year < time_period && each.enrolments !== null,
    )?.enrolments;
    if (!enrolments || !limits) continue;
    const index = bandEnds.findIndex((end) => end === null || enrolments <= end);
    const band = bands.get(school_type)?.[measure][index] as Band;
    const { own } = limits(shift);
    band.cases += 1;
    band.error += outcome - central - shift;
    if (within(outcome, own, 1, 2)) band.inside80 += 1;
    if (within(outcome, own, 0, 3)) band.inside95 += 1;
  }
}

function bandRowsOf(bands: Bands): BandRow[] {
  return [...bands].flatMap(([school_type, ofType]) =>
    measures.flatMap((measure) =>
      ofType[measure].flatMap(({ cases, inside80, inside95, error }, index): BandRow[] =>
        cases === 0
          ? []
          : [
              {
                school_type,
                measure,
                up_to: bandEnds[index] as number | null,
                schools: cases,
                coverage_80_shift_removed: (100 * inside80) / cases,
                coverage_95_shift_removed: (100 * inside95) / cases,
                mean_error_shift_removed: error / cases,
              },
            ],
      ),
    ),
  );
}

// ---- shift and calibration ----------------------------------------------------------------------------------------

function judgeShift(
  forecasts: ReadonlyMap<number, SchoolForecast>,
  cases: readonly Case[],
  measure: Measure,
  shift: number,
) {
  const any = forecasts.get((cases[0] as Case).history.urn) as SchoolForecast;
  const { shift: expected } = any[measure];
  return {
    common_error: shift,
    inside_80: shift >= expected.lower80Points && shift <= expected.upper80Points,
    inside_95: shift >= expected.lower95Points && shift <= expected.upper95Points,
  };
}

type Tally = { cases: number; probability: number; met: number };
type Tallies = Record<
  Measure,
  Record<CalibrationRow['asked'], Record<CalibrationRow['shift'], Tally[]>>
>;

function newTallies(): Tallies {
  const tenths = () =>
    Array.from({ length: 10 }, (): Tally => ({ cases: 0, probability: 0, met: 0 }));
  const shifts = () => ({ forecast: tenths(), known: tenths() });
  const both = () => ({ 'under last year': shifts(), 'under the forecast': shifts() });
  return { overall: both(), persistent: both() };
}

/** How far under last year's figure a school might be asked to come, in points; or under the forecast, as a part of it. */
const pointsUnder: Record<Measure, number[]> = { overall: [0, 0.5], persistent: [0, 2] };
const partsUnder = [0.02, 0.05, 0.1];

function tally(
  tallies: Tallies,
  forecasts: ReadonlyMap<number, SchoolForecast>,
  cases: readonly Case[],
  measure: Measure,
  year: AcademicYear,
  shift: number,
): void {
  for (const { history, outcome } of cases) {
    const { [measure]: forecast } = forecasts.get(history.urn) as SchoolForecast;
    const last = threeLags(history, year, measure)?.[0] as number;
    const central = forecast.centralPercent;
    const expectations = [
      ...pointsUnder[measure].map((points) => ['under last year', last - points] as const),
      ...partsUnder.map((part) => ['under the forecast', central * (1 - part)] as const),
    ];
    for (const [asked, expectation] of expectations) {
      const probabilities = {
        forecast: probabilityAtOrBelow(forecast, expectation),
        known: probabilityAtOrBelowPercent(givenShift(forecast.distribution, shift), expectation),
      };
      for (const kind of ['forecast', 'known'] as const) {
        const probability = probabilities[kind];
        const tenth = tallies[measure][asked][kind][
          Math.min(9, Math.floor(10 * probability))
        ] as Tally;
        tenth.cases += 1;
        tenth.probability += probability;
        if (outcome <= expectation) tenth.met += 1;
      }
    }
  }
}

function calibrationOf(tallies: Tallies): CalibrationRow[] {
  return measures.flatMap((measure) =>
    (['under last year', 'under the forecast'] as const).flatMap((asked) =>
      (['forecast', 'known'] as const).flatMap((shift) =>
        tallies[measure][asked][shift].map(({ cases, probability, met }, index) => ({
          measure,
          asked,
          shift,
          tenth: index + 1,
          cases,
          mean_probability: probability / cases,
          share_met: met / cases,
        })),
      ),
    ),
  );
}

// ---- verdict ------------------------------------------------------------------------------------------------------

/** One sentence: does ours have the smallest mean absolute error everywhere, and where not. */
function verdictOf(rows: readonly BacktestRow[], notFitted: readonly AcademicYear[]): string {
  const contests = rows.filter(({ method }) => method === 'ours');
  const lost: string[] = [];
  let compared = 0;
  for (const ours of contests) {
    const rivals = rows.filter(
      (row) =>
        row.method !== 'ours' &&
        row.time_period === ours.time_period &&
        row.school_type === ours.school_type &&
        row.measure === ours.measure,
    );
    if (rivals.length === 0) continue;
    compared += 1;
    const best = rivals.reduce((one, other) =>
      other.mean_absolute_error < one.mean_absolute_error ? other : one,
    );
    if (ours.mean_absolute_error >= best.mean_absolute_error)
      lost.push(
        `${schoolTypePlural[ours.school_type]}, ${ours.measure}, ${yearLabel(ours.time_period)} (${best.method} ${best.mean_absolute_error.toFixed(3)}, ours ${ours.mean_absolute_error.toFixed(3)})`,
      );
  }
  const unfitted =
    notFitted.length > 0
      ? ` AR(3) cannot be fitted for ${notFitted.map(yearLabel).join(', ')}: no earlier year has three years before it.`
      : '';
  const intervals = intervalVerdict(contests);
  if (compared === 0) return `Nothing could be compared.${unfitted}${intervals}`;
  if (lost.length === 0)
    return `Ours has a smaller mean absolute error than last year, the three-year mean and AR(3) in all ${compared} comparisons.${unfitted}${intervals}`;
  return `Ours has the smallest mean absolute error in ${compared - lost.length} of ${compared} comparisons; not for ${lost.join('; ')}.${unfitted}${intervals}`;
}

/** Own-luck intervals are to hold 78–82 % and 94–96 %, or as near as two standard errors of a share tell. */
function intervalVerdict(ours: readonly BacktestRow[]): string {
  const missed = (found: number | null, wanted: number, slack: number, schools: number) => {
    const twoErrors = 2 * Math.sqrt((wanted * (100 - wanted)) / schools);
    return Math.abs((found ?? wanted) - wanted) > Math.max(slack, twoErrors);
  };
  const outside = ours.filter(
    (row) =>
      missed(row.coverage_80_shift_removed, 80, 2, row.schools) ||
      missed(row.coverage_95_shift_removed, 95, 1, row.schools),
  );
  if (outside.length === 0) return ' Intervals hold what they say everywhere.';
  const named = outside.map(
    (row) =>
      `${schoolTypePlural[row.school_type]}, ${row.measure}, ${yearLabel(row.time_period)} (${row.coverage_80_shift_removed?.toFixed(1)} and ${row.coverage_95_shift_removed?.toFixed(1)} %)`,
  );
  return ` Intervals hold what they say in ${ours.length - outside.length} of ${ours.length}; not for ${named.join('; ')}.`;
}

// ---- leaks --------------------------------------------------------------------------------------------------------

/**
 * Plants false outcomes in the forecast year and after, and returns the schools whose forecast moved: there must be none.
 */
export function schoolsThatLeak(
  histories: readonly SchoolHistory[],
  year: AcademicYear,
  forecaster: Forecaster = ourForecaster,
): SchoolHistory[] {
  const planted = histories.map((history) => ({
    ...history,
    years: history.years.map((known) =>
      known.year < year
        ? known
        : {
            ...known,
            absencePercent: Math.min(100, 3 * known.absencePercent + 1),
            persistentPercent: 99,
            enrolments: known.enrolments === null ? null : 7 * known.enrolments,
          },
    ),
  }));
  const honest = forecaster(histories, year);
  const tempted = forecaster(planted, year);
  return histories.filter(
    (history, index) =>
      JSON.stringify(honest(history)) !== JSON.stringify(tempted(planted[index] as SchoolHistory)),
  );
}
