import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backtest, BacktestRow } from './backtest.ts';
import { summariseBacktest, summaryText } from './backtestSummary.ts';
import { modelFiles, modelVersion } from './modelVersion.ts';

const row: BacktestRow = {
  time_period: 201718,
  school_type: 'Special',
  measure: 'overall',
  method: 'ours',
  group: '',
  group_value: '',
  schools: 400,
  mean_absolute_error: 1.23456789,
  mean_interval_score_80: 7,
  coverage_80: 80,
  coverage_95: 95,
  coverage_80_shift_removed: 79,
  coverage_95_shift_removed: 94,
  mean_error: 0.3,
  mean_error_shift_removed: 0,
  mean_error_standard_error: 0.04,
};
const group = (value: string, error: number) => ({
  ...{ ...row, group: 'region', group_value: value, schools: 80 },
  mean_error_shift_removed: error,
});
const found: Backtest = {
  rows: [row, { ...row, method: 'last_year', mean_absolute_error: 2 }],
  groupRows: [
    group('E12000001', 0.11),
    group('E12000002', -0.09),
    { ...group('E12000003', 0.3), mean_error_standard_error: 0.2 },
    { ...group('E12000001', 0.5), method: 'mean3' },
  ],
  bandRows: [],
  shifts: [],
  calibration: [],
  onlyOurs: [],
  verdict: 'Good.',
};

test('a summary keeps what came out for all and for groups, ours beside the simple methods', () => {
  const summary = summariseBacktest(found, { command: 'c', model: 'm' });
  const [first, ...others] = summary.errors;
  assert.deepEqual(others, []);
  assert.deepEqual(first?.simple, { last_year: 2 });
  assert.equal(first?.mean_absolute_error, row.mean_absolute_error);
  assert.deepEqual(summary.groups.judged, { region: 3 });
  assert.deepEqual(
    summary.groups.outside.map(({ group_value }) => group_value),
    ['E12000001'],
    'out by more than 0.1 points and more than two standard errors',
  );
});

test('as a file it reads back the same, to six decimals', () => {
  const summary = summariseBacktest(found, { command: 'c', model: 'm' });
  const [first] = summary.errors;
  assert.deepEqual(JSON.parse(summaryText(summary)), {
    ...summary,
    errors: [{ ...first, mean_absolute_error: 1.234568 }],
  });
});

test('a model’s version is that of its code, with the mathematics it uses, and not of its tests', () => {
  for (const model of ['forecast', 'expectation'] as const) {
    const files = modelFiles(model);
    assert.match(modelVersion(model), /^[0-9a-f]{12}$/);
    assert.ok(files.includes(`targets/${model}.ts`) && files.includes('stats/leastSquares.ts'));
    assert.ok(files.length > 10 && !files.some((path) => path.includes('.test.')));
    // Of a pattern in daily series, and of no expectation.
    assert.ok(!files.includes('stats/leadingDirections.ts'));
    assert.ok(files.includes('stats/quantiles.ts'));
  }
  assert.notEqual(modelVersion('forecast'), modelVersion('expectation'));
});
