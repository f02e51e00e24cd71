import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from '../../testing/chance.ts';
import { type OwnYear, ownYear } from './ownYear.ts';
import { defaultSeason, findSeason, type Season, type WeekSums } from './season.ts';
import { weeksOnPath } from './yearEnds.fixture.ts';

const near = (found: number, wanted: number, by = 1e-9) =>
  assert.ok(Math.abs(found - wanted) <= by, `${found} is not ${wanted}`);

const after = (season: Season, week: number) =>
  ownYear(season, weeksOnPath(season, 8, week)) as OwnYear;
const passedBy = (season: Season, week: number) => after(season, week).passed;

const weeks = fc
  .uniqueArray(fc.integer({ min: 1, max: 46 }), { minLength: 5, maxLength: 40 })
  .chain((numbers) =>
    fc.tuple(
      ...numbers.map((week) =>
        fc.record({
          week: fc.constant(week),
          possible: fc.integer({ min: 1000, max: 100_000 }),
          absent: fc.integer({ min: 10, max: 999 }),
        }),
      ),
    ),
  );

suite('the season', () => {
  test('without registers is low in September, high before Christmas, and over the year comes to the year', () => {
    const levelAt = (week: number) => defaultSeason.weeks[week]?.level ?? 0;
    assert.ok(levelAt(1) < 0.8 && levelAt(15) > 1.1 && levelAt(15) > levelAt(7));
    near(passedBy(defaultSeason, 47).ratio, 1);
    near(passedBy(defaultSeason, 47).share, 1);
    // The feed of 2023/24 and 2024/25 stood at 0.83 to 0.92 of the year by the middle of November.
    const november = passedBy(defaultSeason, 11).ratio;
    assert.ok(november > 0.83 && november < 0.92, String(november));
  });

  test('found from registers adds up to the year, whatever they hold, and forgets no week', () => {
    fc.assert(
      fc.property(weeks, fc.integer({ min: 1, max: 300 }), (sums, schools) => {
        const season = findSeason(sums as WeekSums[], { schools, year: 202526 });
        near(passedBy(season, 47).ratio, 1, 1e-9);
        near(passedBy(season, 47).share, 1, 1e-9);
        for (const { week } of sums) assert.ok((season.weeks[week]?.sessions ?? 0) > 0);
      }),
      { numRuns: 60 },
    );
  });

  test('of many schools is theirs, of one school nearly the default', () => {
    const flat = Array.from({ length: 39 }, (_, at) => ({
      week: at + 1,
      possible: 1000,
      absent: 60,
    }));
    const peak = flat.map((each) => (each.week === 15 ? { ...each, absent: 120 } : each));
    const of = (schools: number) =>
      findSeason(peak, { schools, year: 202526 }).weeks[15]?.level ?? 0;
    assert.ok(of(1000) > 1.9 && of(1) < 1.35 && of(1) > 1.1, `${of(1000)} ${of(1)}`);
    assert.equal(findSeason([], { schools: 0, year: 202526 }), defaultSeason);
  });

  test('the path to an expectation ends at it, and begins below it', () => {
    const { weeks, over } = after(defaultSeason, 11);
    near(weeks.at(-1)?.ratio ?? 0, 1);
    assert.ok(!over && (weeks[2]?.ratio ?? 1) < 0.84);
    assert.equal(weeks.length, 39);
  });

  test('half of the last week counts as half of it', () => {
    const half = weeksOnPath(defaultSeason, 8, 5).map((each) =>
      each.week === 5 ? { ...each, possible: each.possible / 2 } : each,
    );
    const whole = passedBy(defaultSeason, 5).share - passedBy(defaultSeason, 4).share;
    const found = ownYear(defaultSeason, half)?.passed.share ?? 0;
    near(found - passedBy(defaultSeason, 4).share, whole / 2);
  });

  test('a holiday that fell in another week is no week without registers', () => {
    const eastern = weeksOnPath(defaultSeason, 8, 38).map((each) =>
      each.week === 30 ? { ...each, week: 32 } : each,
    );
    const found = ownYear(defaultSeason, eastern) as OwnYear;
    assert.deepEqual(found.silent, []);
    near(found.passed.share, passedBy(defaultSeason, 38).share);
  });

  test('the path ends at the expectation whichever weeks are silent, and leaps nowhere on its way', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 46 }), { minLength: 1 }), (here) => {
        const known = here.map((week) => ({ week, possible: 1000, absent: 70 }));
        const { weeks } = ownYear(defaultSeason, known) as OwnYear;
        near(weeks.at(-1)?.ratio ?? 0, 1);
      }),
      { numRuns: 60 },
    );
    const silent = weeksOnPath(defaultSeason, 8, 20).filter(({ week }) => week > 7);
    const { weeks: path } = ownYear(defaultSeason, silent) as OwnYear;
    const steps = path.slice(1).map(({ ratio }, at) => Math.abs(ratio - (path[at]?.ratio ?? 0)));
    assert.ok(Math.max(...steps) < 0.04, String(Math.max(...steps)));
  });

  test('whichever weeks are here, the year they are part of is the whole one, and none is thought to be here that is not', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 47 }), { minLength: 1 }), (here) => {
        const known = here.map((week) => ({ week, possible: 1000, absent: 70 }));
        const found = ownYear(defaultSeason, known) as OwnYear;
        assert.ok(found.passed.share > 0 && found.passed.share <= 1);
        assert.ok(found.passed.ratio > 0.7 && found.passed.ratio < 1.3);
        for (const week of found.silent)
          assert.ok(!here.includes(week) && week < Math.max(...here));
      }),
      { numRuns: 60 },
    );
  });
});
