import assert from 'node:assert/strict';
import { test } from 'node:test';
import { academicYear } from './academicYear.ts';
import { mondayOf, weekOf } from './weekOfYear.ts';

test('weeks are counted from the Monday nearest to 1 September, so that Christmas is in the same week of every year', () => {
  assert.equal(weekOf('2026-09-01', 202627), 0); // a Tuesday
  assert.equal(mondayOf(0, 202627), '2026-08-31');
  assert.equal(weekOf('2025-09-01', 202526), 0); // a Monday
  assert.equal(mondayOf(0, 202425), '2024-09-02'); // 1 September was a Sunday
  assert.equal(weekOf('2023-08-31', 202324), 0);
  assert.equal(weekOf('2026-11-20', 202627), 11);
  for (let year = 2020; year < 2040; year++) {
    assert.equal(weekOf(`${year}-12-18`, academicYear(year)), 15, String(year));
  }
  assert.equal(weekOf('2026-11-23', 202627), 12);
  for (let week = 0; week < 48; week++) assert.equal(weekOf(mondayOf(week, 202627), 202627), week);
});
