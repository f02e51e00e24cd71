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
  ...{ week_most: 10, weeks_since: 0 },
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
    new Set(['ours', 'persistent_now', 'year_to_date_rate', 'last_year_rate', 'both_years']),
  );
  assert.ok(first.every(({ enrolments }) => enrolments === 40));
  const ours = first.find((row) => row.method === 'ours');
  assert.equal(ours?.auc, 1);
  assert.equal(ours?.recall_highest_5_percent, (100 * 2) / 8);
  const pooled = evaluation.pooled().find((row) => row.method === 'ours');
  // From 19 September to 11 May.
  assert.ok(Math.abs(Number(pooled?.lead_weeks) - 33.4) < 0.1, `${pooled?.lead_weeks}`);
});

test('who drops off the list before it came was not told of just before, and lists in vain are counted', () => {
  const late = outcome([0, 0, 0, 0, 3, 5], '40');
  const never = outcome([0, 0, 0, 0, 0, 0], '39');
  const outcomes = new Map([late, never].map((each) => [keyOf(each), each]));
  const evaluation = new Evaluation('a test', outcomes);
  const on = (day: string, probability: number) =>
    evaluation.add(day, [judged(40, probability, 3), judged(39, 0.5, 3), judged(38, 0.1, 3)]);
  on('2025-09-19', 0.5);
  on('2026-02-06', 0.2);
  on('2026-04-24', 0.5);
  const of = () => evaluation.pooled().find((row) => row.method === 'ours');
  assert.equal(of()?.listed_just_before_percent, 100);
  assert.equal(of()?.unbroken_4_weeks_percent, 0, 'since 24 April, and it came on 11 May');
  assert.equal(of()?.listed_4_weeks_before_percent, 100, 'first in September');
  on('2026-05-01', 0.2);
  assert.equal(of()?.listed_just_before_percent, 0);
  assert.ok(Math.abs(Number(of()?.ever_listed_percent) - 200 / 3) < 1e-9);
  assert.equal(of()?.ever_listed_in_vain_percent, 50);
});

test('both years’ rates: last year counts as 60 sessions, and what is left goes on so', () => {
  const evaluation = new Evaluation('a test', new Map());
  const rows = [
    { ...judged(1, 0.5, 10), last_possible: 300, last_absent: 60 },
    { ...judged(2, 0.1, 12), last_possible: 300, last_absent: 6 },
  ];
  const both = evaluation.add('2025-09-19', rows).find(({ method }) => method === 'both_years');
  assert.equal(both?.auc, 1, '(10 + 12) of 160 before (12 + 1.2) of 160');
});
