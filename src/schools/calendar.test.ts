import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daysAfter } from '../base/day.ts';
import { halfTermWeeks, mondayOf, weekOf } from '../base/weekOfYear.ts';
import { isToldToItsEnd } from './calendar.ts';

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

const without = (...weeks: number[]) =>
  openUpTo(46).filter(({ date }) => !weeks.includes(weekOf(date, year)));

test('sessions left are told only by a calendar that comes to the end of the year', () => {
  const isTold = (...days: ReturnType<typeof openUpTo>[]) =>
    isToldToItsEnd(days.flat(), year, mondayOf(12, year));
  for (const last of [44, 45, 46]) assert.ok(isTold(openUpTo(last)), String(last));
  for (const last of [30, 42, 43]) assert.ok(!isTold(openUpTo(last)), String(last));
});

test('a calendar up to today tells nothing of tomorrow, also in July', () => {
  for (const last of [44, 45, 46]) {
    const days = openUpTo(last);
    const lastDay = days.at(-1)?.date as string;
    for (const before of [0, 3, 6])
      assert.ok(!isToldToItsEnd(days, year, daysAfter(lastDay, -before)), `${last} ${before}`);
    assert.ok(!isToldToItsEnd(days, year, daysAfter(lastDay, 1)));
    assert.ok(isToldToItsEnd(days, year, daysAfter(lastDay, -7)));
    const closed = dayIn(last + 1, 0, false);
    assert.ok(isToldToItsEnd([...days, ...closed], year, daysAfter(lastDay, -1)));
    // A closed Saturday says nothing of the week after.
    const saturday = dayIn(last, 5, false);
    assert.ok(!isToldToItsEnd([...days, ...saturday], year, daysAfter(lastDay, -1)));
  }
});

test('sessions left are not told where a half-term, or more than a holiday, was not sent', () => {
  const today = mondayOf(12, year);
  for (const [first, last] of halfTermWeeks.slice(2)) {
    const gone = usualWeeks.filter((week) => week >= first && week <= last);
    assert.ok(!isToldToItsEnd(without(...gone), year, today), `half-term from week ${first}`);
    // A week of the next one that Easter moved into its place does not stand for it.
    assert.ok(!isToldToItsEnd(without(...gone.slice(0, -1)), year, today), `most from ${first}`);
  }
  assert.ok(!isToldToItsEnd(without(34, 35, 36), year, today));
  assert.ok(isToldToItsEnd(without(33), year, today), 'a second week of the holiday at Easter');
  assert.ok(isToldToItsEnd(without(1, 2, 3, 4, 5, 6, 7), year, today), 'what is over');
});
