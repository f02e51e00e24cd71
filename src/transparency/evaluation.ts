import { readFileSync } from 'node:fs';
import { yearLabel } from '../base/academicYear.ts';
import { regionNames } from '../base/region.ts';
import { schoolTypePlural } from '../base/schoolType.ts';
import { type BacktestSummary, type GroupOutside, modelVersion } from '../targets/index.ts';
import { words } from '../ui/index.ts';
import { type Block, tableOf, text } from './document.ts';

const path = new URL('../../docs/backtest.json', import.meta.url);

/** What `targets backtest --summary docs/backtest.json` found on the department’s published files. */
export function readEvaluation(): BacktestSummary {
  return JSON.parse(readFileSync(path, 'utf8')) as BacktestSummary;
}

/** How well the forecast did, and for whom less well. */
export function performance(found: BacktestSummary): Block[] {
  return [
    ...text(found.verdict, `Measured by ${found.command}. ${standing(found)}`),
    errors(found),
    ...groups(found),
    ...chances(found),
    shifts(found),
  ];
}

/** Whether what was judged is what runs. */
function standing({ model }: BacktestSummary): string {
  const now = modelVersion('forecast');
  return model === now
    ? `That is the version that runs (${now}).`
    : `That was version ${model}; the one that runs is ${now} and has not been judged since it was changed.`;
}

function errors(found: BacktestSummary): Block {
  const points = (value: number | undefined) => (value === undefined ? '—' : value.toFixed(3));
  const share = (value: number | null) => (value === null ? '—' : words.percent(value));
  return tableOf(
    'How far forecasts were out on average (percentage points), and how often intervals held, the year’s common shift known',
    [
      'Year',
      'Schools, measure',
      'Number',
      'Ours',
      'Last year’s figure',
      'Mean of three years',
      'Regression on three years',
      'Inside 80%',
      'Inside 95%',
    ],
    found.errors.map((row) => [
      yearLabel(row.time_period),
      `${schoolTypePlural[row.school_type]}, ${row.measure}`,
      words.number(row.schools),
      points(row.mean_absolute_error),
      points(row.simple.last_year),
      points(row.simple.mean3),
      points(row.simple.ar3),
      share(row.coverage_80_shift_removed),
      share(row.coverage_95_shift_removed),
    ]),
  );
}

const groupedBy: Record<string, string> = {
  fsm_fifth: 'Fifths by free school meals',
  region: 'Regions',
  size_fifth: 'Fifths by size',
};

/** `57 of 360`: groups of schools for which the forecast is out on average, in a year. */
export function groupsOutside({ groups: { judged, outside } }: BacktestSummary): string {
  const all = Object.values(judged).reduce((sum, each) => sum + each, 0);
  return `${outside.length} of ${all}`;
}

function groups(found: BacktestSummary): Block[] {
  const { judged, outside } = found.groups;
  return [
    ...text(
      `By group: in ${groupsOutside(found)} cases (a group of schools in a year, by type and measure) the mean error, the shift taken out, is more than 0.1 points and more than two standard errors from none. A positive error means more absence than forecast. Characteristics of single pupils are not read, so there is no performance by them.`,
    ),
    tableOf(
      'Groups that are out',
      ['Schools by', 'Cases', 'Out', 'Farthest out'],
      Object.entries(judged).map(([group, count]) => {
        const out = outside.filter((row) => row.group === group);
        const [worst] = out.toSorted(byError);
        return [groupedBy[group] ?? group, count, out.length, worst ? groupText(worst) : 'None'];
      }),
    ),
    tableOf(
      'Each of them',
      ['Year', 'Schools, measure', 'Group', 'Schools', 'Mean error, points', 'Standard error'],
      outside.map((row) => [
        yearLabel(row.time_period),
        `${schoolTypePlural[row.school_type]}, ${row.measure}`,
        groupName(row),
        words.number(row.schools),
        row.mean_error_shift_removed.toFixed(2),
        row.mean_error_standard_error.toFixed(2),
      ]),
    ),
  ];
}

function byError(a: GroupOutside, b: GroupOutside): number {
  return Math.abs(b.mean_error_shift_removed) - Math.abs(a.mean_error_shift_removed);
}

function groupName({ group, group_value }: GroupOutside): string {
  return `${group.replaceAll('_', ' ')} ${regionNames[group_value] ?? group_value}`;
}

function groupText(row: GroupOutside): string {
  const { time_period, school_type, measure, mean_error_shift_removed: error } = row;
  return `${groupName(row)}, ${schoolTypePlural[school_type]}, ${measure}, ${yearLabel(time_period)}: ${error.toFixed(2)}`;
}

const mostOffPoints = 5;
const fewestCases = 100;

/** Tenths of chances that came out more than five points from what was told. */
function chances({ chances: rows }: BacktestSummary): Block[] {
  const percent = (share: number) => words.percent(100 * share, 0);
  const enough = rows.filter(({ cases }) => cases >= fewestCases);
  const off = enough.filter(
    (row) => 100 * Math.abs(row.share_met - row.mean_probability) > mostOffPoints,
  );
  return [
    ...text(
      `Chances: of ${enough.length} tenths with ${fewestCases} cases or more, ${off.length} came out more than ${mostOffPoints} points from what was told.`,
    ),
    tableOf(
      'Chances that came out otherwise than told',
      ['Measure', 'Asked', 'The year’s shift', 'Told', 'Came out so', 'Cases'],
      off.map((row) => [
        row.measure,
        row.asked,
        row.shift === 'known' ? 'known' : 'not known',
        percent(row.mean_probability),
        percent(row.share_met),
        words.number(row.cases),
      ]),
    ),
  ];
}

function shifts({ shifts: rows }: BacktestSummary): Block {
  const inside80 = rows.filter((row) => row.inside_80).length;
  const inside95 = rows.filter((row) => row.inside_95).length;
  return {
    kind: 'text',
    text: `The change that all schools share in a year cannot be foretold from so few years. It came out inside its 80% interval ${inside80} of ${rows.length} times, inside its 95% interval ${inside95} times.`,
  };
}
