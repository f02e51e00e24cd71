import assert from 'node:assert/strict';
import { test } from 'node:test';
import { halfTermWeeks, mondayOf } from '../base/weekOfYear.ts';
import { calendarOfDays, isWholeFrom } from './calendar.ts';

const year = 202627;
const usualWeeks = halfTermWeeks.flatMap(([first, last]) =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at),
);
const dayIn = (week: number, weekday: number, open: boolean) => {
  const at = Date.parse(mondayOf(week, year)) + weekday * 86_400_000;
  const date = new Date(at).toISOString().slice(0, 10);
  return [1, 2].map((session) => ({ date, session, open }));
};
const openUpTo = (last: number) =>
  usualWeeks
    .filter((week) => week <= last)
    .flatMap((week) => [0, 1, 2, 3, 4].flatMap((weekday) => dayIn(week, weekday, true)));

test('a calendar has every session that is left only where it comes to the end of the year', () => {
  const isWhole = (...days: ReturnType<typeof openUpTo>[]) =>
    isWholeFrom(calendarOfDays(days.flat(), year), 12);
  for (const last of [45, 46]) assert.ok(isWhole(openUpTo(last)), String(last));
  assert.ok(isWhole(openUpTo(44), dayIn(45, 0, false)));
  for (const last of [30, 43, 44]) assert.ok(!isWhole(openUpTo(last)), String(last));
  assert.ok(!isWhole(openUpTo(44), dayIn(44, 5, false)));
  assert.ok(!isWholeFrom(calendarOfDays(openUpTo(44), year), 44));
});
