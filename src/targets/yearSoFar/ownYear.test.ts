import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from '../../testing/chance.ts';
import { mondayOf } from '../../base/weekOfYear.ts';
import { calendarOfDays } from '../../schools/index.ts';
import { type OwnWays, type OwnYear, ownYear } from './ownYear.ts';
import { defaultSeason, findSeason, type Season, type WeekSums } from './season.ts';
import { weeksOnPath } from './yearEnds.fixture.ts';

/* A school’s year by its own calendar, and with those of its pupils whom the census counts. */

const year = 202627;
const openWeeks = defaultSeason.weeks.flatMap(({ sessions }, week) => (sessions > 0 ? [week] : []));

const dayIn = (week: number, weekday: number) =>
  new Date(Date.parse(mondayOf(week, year)) + weekday * 86_400_000).toISOString().slice(0, 10);
const day = (date: string, open: boolean) => [1, 2].map((session) => ({ date, session, open }));
const weekdays = (week: number, open: boolean, count = 5) =>
  Array.from({ length: count }, (_, weekday) => day(dayIn(week, weekday), open)).flat();
const calendarOf = (...days: ReturnType<typeof day>[]) => calendarOfDays(days.flat(), year);

const sumsOf = (weeks: readonly number[], sessions: (week: number) => number = () => 1000) =>
  weeks.map((week): WeekSums => ({ week, possible: sessions(week), absent: 50 }));
const of = (sums: readonly WeekSums[], own: OwnWays = {}, season: Season = defaultSeason) =>
  ownYear(season, sums, own) as OwnYear;
const near = (found: number | undefined, wanted: number, by = 1e-9) =>
  assert.ok(Math.abs((found ?? NaN) - wanted) <= by, `${found} is not ${wanted}`);
const upTo = (last: number) => openWeeks.filter((week) => week <= last);

/** A season of other schools here, who are open in the first week and in the autumn half-term. */
const early = findSeason(
  Array.from({ length: 39 }, (_, week) => ({ week, possible: 1000, absent: 60 })),
  { schools: 100, year: 202526 },
);

suite('a school’s own calendar', () => {
  test('tells which weeks are open, where it is of the whole half-term: by its open days alone, or with the closed ones', () => {
    const here = weeksOnPath(defaultSeason, 8, 11).filter(({ week }) => week !== 4);
    const all = Array.from({ length: 45 }, (_, at) => at + 1);
    const silentBy = (weeks: readonly number[], closed: readonly number[] = []) => {
      const calendar = calendarOf(
        ...weeks.map((week) => weekdays(week, true)),
        ...closed.map((week) => weekdays(week, false)),
      );
      return of(here, { calendar }, early).silent;
    };
    assert.deepEqual(silentBy(all), [4, 8]);
    const without = all.filter((week) => week !== 8);
    assert.deepEqual(silentBy(without), [4]);
    assert.deepEqual(silentBy(without, [8]), [4]);
    assert.deepEqual(silentBy([1, 2, 3, 5, 6, 7]), []);
    // Without one, what last year had before a usual year begins is not silent.
    assert.deepEqual(of(here, {}, early).silent, [4]);
  });

  test('that is a list of training days and closures changes no other week', () => {
    const here = sumsOf([10, 11]);
    const plain = of(here);
    assert.equal(plain.silent.length, 8);
    const lists = {
      'three exceptions': [
        day('2026-12-18', true),
        day('2027-07-20', false),
        day('2027-07-21', false),
      ],
      'an open day in the last week': [day('2027-07-21', true), day('2027-07-22', false)],
      'one training day of each month': [3, 6, 12, 19, 23, 27, 34, 41].map((week) =>
        day(dayIn(week, 0), false),
      ),
      'holidays, and no open day': [8, 16, 17, 24, 31, 32, 39].map((week) => weekdays(week, false)),
    };
    for (const [which, days] of Object.entries(lists)) {
      const found = of(here, { calendar: calendarOf(...days) });
      assert.deepEqual(found.silent, plain.silent, which);
      near(found.passed.share, plain.passed.share, 0.003);
      near(found.passed.ratio, plain.passed.ratio, 0.003);
    }
  });

  test('that was first sent in January says nothing of the autumn', () => {
    const spring = openWeeks.filter((week) => week >= 18).map((week) => weekdays(week, true));
    const found = of(sumsOf([18, 19]), { calendar: calendarOf(...spring) });
    assert.deepEqual(found.silent, upTo(15));
    near(found.passed.share, 2 / 39);
  });

  test('that leaves out a closure of weeks closes them, where all its other half-terms are whole', () => {
    const silentWithout = (...closed: number[]) => {
      const left = openWeeks.filter((week) => !closed.includes(week));
      const calendar = calendarOf(...left.map((week) => weekdays(week, true)));
      return of(sumsOf(left.filter((week) => week <= 30)), { calendar }).silent;
    };
    assert.deepEqual(silentWithout(10, 11, 12), []);
    assert.deepEqual(silentWithout(9, 10, 11, 12), []);
    // With less than a third it may be one that was not sent; and of two, neither is told by the other.
    assert.deepEqual(silentWithout(9, 10, 11, 12, 13, 14), [9, 10, 11, 12, 13, 14]);
    assert.deepEqual(silentWithout(9, 10, 11, 12, 13, 14, 15), [9, 10, 11, 12, 13, 14, 15]);
    assert.deepEqual(silentWithout(10, 11, 12, 18, 19, 20), [10, 11, 12, 18, 19, 20]);
  });

  test('closes a week of which it has every weekday closed, and no other', () => {
    const closedWith = (days: number) =>
      of(sumsOf([1, 2, 4, 5]), { calendar: calendarOf(weekdays(3, false, days)) }).silent;
    assert.deepEqual(closedWith(5), []);
    assert.deepEqual(closedWith(4), [3]);
  });

  test('of two URNs is open where one of them is', () => {
    const twice = calendarOf(weekdays(3, false), weekdays(3, true));
    assert.deepEqual(of(sumsOf([1, 2, 4, 5]), { calendar: twice }).silent, [3]);
  });
});

suite('a year that is over', () => {
  const isWhole = (found: OwnYear) => {
    assert.ok(found.over);
    assert.deepEqual(found.silent, []);
    near(found.passed.share, 1);
    near(found.weeks.at(-1)?.ratio, 1);
  };

  test('ends with its last day by the calendar, whichever weekday that is', () => {
    for (const [days, last] of [
      [2, 46],
      [1, 46],
      [4, 45],
      [5, 44],
    ] as const) {
      const calendar = calendarOf(
        ...upTo(last).map((week) => weekdays(week, true, week === last ? days : 5)),
        ...(last < 46 ? [day(dayIn(last + (days === 5 ? 1 : 0), days % 5), false)] : []),
      );
      const sums = sumsOf(upTo(last), (week) => (week === last ? 200 * days : 1000));
      isWhole(of(sums, { calendar }));
      assert.ok(!of(sums.slice(0, -1), { calendar }).over || days < 3);
    }
  });

  test('is not over while the calendar has open days that there are no registers of', () => {
    const calendar = calendarOf(...openWeeks.map((week) => weekdays(week, true)));
    assert.ok(
      !of(
        sumsOf(openWeeks, (week) => (week === 46 ? 400 : 1000)),
        { calendar },
      ).over,
    );
    assert.ok(!of(sumsOf(upTo(45)), { calendar }).over);
  });

  test('is not over where a calendar ends before the usual last two weeks, and has nothing closed after', () => {
    const open = upTo(44).map((week) => weekdays(week, true));
    for (const more of [[], [day(dayIn(44, 5), false)], [weekdays(42, false, 1)]]) {
      const found = of(sumsOf(upTo(44)), { calendar: calendarOf(...open, ...more) });
      assert.ok(!found.over);
      near(found.passed.share, of(sumsOf(upTo(44))).passed.share, 0.01);
    }
    isWhole(of(sumsOf(upTo(44)), { calendar: calendarOf(...open, weekdays(45, false, 1)) }));
  });

  test('lacks nothing where the census does not count the oldest in its second half of summer', () => {
    const calendar = calendarOf(...openWeeks.map((week) => weekdays(week, true)));
    for (const oldest of [0.2, 0.5, 0.9]) {
      const sums = sumsOf(openWeeks, (week) => (week >= 39 ? 1000 * (1 - oldest) : 1000));
      isWhole(of(sums, { calendar, oldest }));
      isWhole(of(sums));
    }
    isWhole(of(sumsOf(upTo(38)), { calendar, oldest: 1 }));
  });
});

test('before June those who will not be counted then are no part of what is to come', () => {
  const early = of(sumsOf(upTo(11)), { oldest: 0.5 });
  near(early.passed.share, 10 / (32 + 7 / 2));
  const first = sumsOf(upTo(40), (week) => (week >= 39 ? 100 : 1000));
  near(of(first, { oldest: 0.5 }).passed.share, 32.1 / 35.5);
});

test('whatever a calendar has, the path ends at the whole year, and no share is more than all of it', () => {
  const dates = fc.uniqueArray(
    fc.record({
      week: fc.integer({ min: 0, max: 47 }),
      weekday: fc.integer({ min: 0, max: 6 }),
      open: fc.boolean(),
    }),
    { maxLength: 240, selector: ({ week, weekday }) => 7 * week + weekday },
  );
  const here = fc.uniqueArray(fc.integer({ min: 0, max: 47 }), { minLength: 1 });
  fc.assert(
    fc.property(dates, here, fc.integer({ min: 0, max: 10 }), (told, weeks, tenths) => {
      const calendar = calendarOf(
        ...told.map(({ week, weekday, open }) => day(dayIn(week, weekday), open)),
      );
      const found = of(sumsOf(weeks), { calendar, oldest: tenths / 10 });
      assert.ok(found.passed.share > 0 && found.passed.share <= 1 + 1e-9);
      near(found.weeks.at(-1)?.ratio, 1);
      for (const week of found.silent) assert.ok(!weeks.includes(week));
    }),
    { numRuns: 60 },
  );
});
