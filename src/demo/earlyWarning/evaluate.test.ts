import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { EvaluationRow } from '../../earlyWarning/index.ts';
import { shippedModel } from '../../earlyWarning/model.ts';
import { scratchFolder, testClock } from '../../testing/stores.ts';
import {
  connectWarehouse,
  migrateWarehouse,
  migrations,
  type Warehouse,
} from '../../warehouse/index.ts';
import { eventsAsked } from '../registers/events.ts';
import { judgeOnMadeUp } from './evaluate.ts';

/*
 * What is shipped, on a small made-up England that it was not fitted on, with other things built into it: it beats every
 * simple rule, is calibrated, and comes near to what the children truly tend to.
 */

const { folder, remove } = scratchFolder();
let warehouse: Warehouse;
let rows: EvaluationRow[];
before(async () => {
  warehouse = connectWarehouse(
    { kind: 'embedded', folder: join(folder, 'warehouse') },
    { maxExecutionSeconds: 60 },
  );
  await migrateWarehouse(warehouse, migrations, testClock);
  const events = eventsAsked(['decline-after-move:5:0.4', 'flu:3:0.2'], ['drift']) ?? new Map();
  const setting = {
    name: 'a test',
    seed: 'none of the others',
    events,
    oneSchoolIn: 2400,
    seesLast: true,
  };
  rows = await judgeOnMadeUp(warehouse, shippedModel.coefficients, { setting, at: 0, every: 7 });
});
after(async () => {
  await warehouse.close();
  remove();
});

const of = (on: string, target: string, method: string) =>
  rows.find(
    (row) =>
      row.on === on &&
      row.target === target &&
      row.method === method &&
      row.breakdown_topic === 'total',
  ) as EvaluationRow;
const days = () => [...new Set(rows.map((row) => String(row.on)))].filter((day) => day !== '');

test('in every week it beats each of the simple rules', () => {
  assert.equal(days().length, 7);
  for (const target of ['persistent', 'next_4_weeks'])
    for (const day of days()) {
      const ours = of(day, target, 'ours');
      for (const rule of ['persistent_now', 'year_to_date_rate', 'last_year_rate']) {
        const other = of(day, target, rule);
        assert.ok(Number(ours.auc) > Number(other.auc), `${target} ${day} ${rule}`);
        assert.ok(Number(ours.average_precision) > Number(other.average_precision));
      }
    }
});

test('its probabilities are calibrated in every week, and over all', () => {
  for (const target of ['persistent', 'next_4_weeks'])
    for (const day of ['', ...days()]) {
      const { calibration_slope, calibration_intercept } = of(day, target, 'ours');
      const within = day === '' ? [0.12, 0.25] : [0.35, 0.5];
      assert.ok(
        Math.abs(Number(calibration_slope) - 1) < (within[0] as number),
        `${target} ${day} slope ${calibration_slope}`,
      );
      assert.ok(
        Math.abs(Number(calibration_intercept)) < (within[1] as number),
        `${target} ${day} intercept ${calibration_intercept}`,
      );
    }
});

test('it comes nearer to what children truly tend to than any rate, and nearly as far as the truth would', () => {
  for (const day of days()) {
    const ours = of(day, 'persistent', 'ours');
    for (const rule of ['year_to_date_rate', 'last_year_rate']) {
      const other = of(day, 'persistent', rule);
      assert.ok(Number(ours.tendency_correlation) > Number(other.tendency_correlation), day);
    }
    assert.ok(Math.abs(Number(ours.tendency_slope) - 1) < 0.35, `${day} ${ours.tendency_slope}`);
  }
  const [ours, truth] = ['ours', 'true_propensity'].map((each) => of('', 'persistent', each));
  assert.ok(Number(truth?.auc) - Number(ours?.auc) < 0.03);
});

test('it lists children earlier than “persistent now” does, and says of groups how they fare', () => {
  const [ours, now] = ['ours', 'persistent_now'].map((each) => of('', 'persistent', each));
  assert.ok(Number(ours?.lead_weeks) > Number(now?.lead_weeks));
  const topics = new Set(rows.map((row) => row.breakdown_topic));
  assert.deepEqual(
    topics,
    new Set(['total', 'fsm', 'sen', 'eal', 'sex', 'ethnicity', 'year_group']),
  );
});
