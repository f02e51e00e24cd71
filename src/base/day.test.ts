import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayInEngland } from './clock.ts';
import { isWithin, parseDay, yearsBefore } from './day.ts';

test('the day is England’s, in summer an hour before Greenwich’s', () => {
  assert.equal(dayInEngland(new Date('2026-06-30T23:30:00Z')), '2026-07-01');
  assert.equal(dayInEngland(new Date('2026-11-22T23:30:00Z')), '2026-11-22');
});

test('both days of a period belong to it, and one without an end is not over', () => {
  assert.deepEqual(
    ['2026-08-31', '2026-09-01', '2026-09-02', '2026-09-03'].map((day) =>
      isWithin(day, '2026-09-01', '2026-09-02'),
    ),
    [false, true, true, false],
  );
  assert.ok(isWithin('2999-01-01', '2026-09-01', null));
});

test('only days that there are can be read, and years are counted back', () => {
  assert.equal(parseDay('2024-02-29'), '2024-02-29');
  for (const none of ['2026-02-29', '2026-13-01', '22/11/2026', '', '2026-1-1']) {
    assert.equal(parseDay(none), undefined, none);
  }
  assert.equal(yearsBefore('2026-11-22', 6), '2020-11-22');
  assert.equal(yearsBefore('2024-02-29', 1), '2023-03-01');
});
