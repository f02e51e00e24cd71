import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usualSessions } from './ask.ts';
import { Evaluation, type Judged, persistentSince } from './evaluate.ts';
import { cameAfterDay, keyOf } from './examples.ts';
import type { Outcome } from './outcomes.sql.ts';

const mondays = [
  '2025-09-08',
  '2025-09-15',
  '2025-12-01',
  '2025-12-08',
  '2026-05-04',
  '2026-05-11',
];
const outcome = (absent: number[], pupil = '1'): Outcome => ({
  ...{ urn: 900001, pupil, entry_date: '2025-09-01', groups: '0/N/0/F/WBRI/5' },
  ...{ mondays, possible: mondays.map(() => 10), absent },
});

test('a child is persistently absent since the week from which it stays so to the end', () => {
  assert.equal(persistentSince(outcome([0, 0, 0, 0, 0, 0])), undefined);
  assert.equal(persistentSince(outcome([9, 0, 0, 0, 0, 0])), '2025-09-08');
  assert.equal(persistentSince(outcome([2, 0, 0, 4, 0, 0])), '2025-12-08');
  assert.equal(persistentSince(outcome([5, 0, 0, 0, 0, 0])), undefined, 'it came back');
  assert.equal(persistentSince(outcome([0, 0, 0, 0, 0, 6])), '2026-05-11', 'a tenth exactly');
});

test('what came after a day is what its weeks say, to the last week of the next four', () => {
  assert.deepEqual(cameAfterDay(outcome([5, 1, 2, 3, 4, 5]), '2025-11-28'), {
    ...{ restPossible: 40, restAbsent: 14, monthAbsent: 5, persistent: true },
  });
  assert.equal(cameAfterDay(outcome([0, 0, 0, 0, 0, 5]), '2025-09-05').persistent, false);
});

test('a usual year has 380 sessions, and none in its holidays', () => {
  assert.equal(usualSessions('2025-08-01', '2026-07-31', 202526), 380);
  assert.equal(usualSessions('2026-07-24', '2026-07-31', 202526), 0);
  assert.ok(usualSessions('2026-01-16', '2026-02-13', 202526) >= 36);
});

const judged = (pupil: number, probability: number, absent: number): Judged => ({
  ...{ urn: 900001, pupil: `${pupil}`, entry_date: '2025-09-01', possible: 100, absent },
  ...{ unauthorised: 0, late: 0, absent_at_ends: 0, recent_possible: 40, recent_absent: 0 },
  ...{ spells: 0, longest_spell: 0, present_spell: 0, days_counted: 50, weeks_counted: 10 },
  ...{ last_possible: 0, last_absent: 0, schools_left: 0, first_year: 0, came_late: 0 },
  ...{ has_calendar: 1, left: 280, soon: 40, rate: 0.05, probability_next_4_weeks: probability },
  ...{ probability_persistent: probability, propensity: null, groups: '0/N/0/F/WBRI/5' },
  came: {
    ...{ restPossible: 280, restAbsent: 0, monthAbsent: probability > 0.4 ? 3 : 0 },
    persistent: probability > 0.4,
  },
});

test('weeks ahead are counted from the first day listed, and each rule is judged on all alike', () => {
  const late = outcome([0, 0, 0, 0, 3, 5], '40');
  const evaluation = new Evaluation('a test', new Map([[keyOf(late), late]]));
  const rows = Array.from({ length: 40 }, (_, at) => judged(at + 1, (at + 1) / 80, at % 10));
  const first = evaluation.add('2025-09-19', rows);
  assert.deepEqual(
    new Set(first.map((row) => row.method)),
    new Set(['ours', 'persistent_now', 'year_to_date_rate', 'last_year_rate']),
  );
  assert.ok(first.every(({ enrolments }) => enrolments === 40));
  const ours = first.find((row) => row.method === 'ours');
  assert.equal(ours?.auc, 1);
  assert.equal(ours?.recall_highest_5_percent, (100 * 2) / 8);
  const pooled = evaluation.pooled().find((row) => row.method === 'ours');
  // From 19 September to 11 May.
  assert.ok(Math.abs(Number(pooled?.lead_weeks) - 33.4) < 0.1, `${pooled?.lead_weeks}`);
});
