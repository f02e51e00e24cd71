import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { IssuedFigures } from '../issued.ts';
import { againstPath, type Facts } from './against.ts';
import type { GroupSums } from './registers.ts';
import { defaultSeason } from './season.ts';
import { weeksOnPath } from './yearEnds.fixture.ts';

const figures = {
  time_period: 202627,
  forecast_absence_percent: 9,
  forecast_absence_lower_80: 7.5,
  forecast_absence_upper_80: 10.5,
  expectation_absence_percent: 8.5,
} as IssuedFigures;

/** Eleven weeks of 10,000 sessions; a third of the pupils miss twice as much as the others, as they did last year. */
function facts(changes: { absent?: number; groups?: Partial<GroupSums>[] } = {}): Facts {
  const absent = changes.absent ?? 750;
  const weeks = Array.from({ length: 11 }, (_, at) => ({
    ...{ week: at + 1, possible: at === 7 ? 0 : 10_000, absent: at === 7 ? 0 : absent },
  })).filter(({ possible }) => possible > 0);
  const total = { enrolments: 1000, possible: 100_000, absent: 10 * absent };
  const half = (value: string, share: number, of: number): GroupSums => ({
    ...{ grouping: 'fsm', value, enrolments: 1000 * share, possible: 100_000 * share },
    absent: of,
  });
  return {
    schoolType: 'State-funded secondary',
    figures,
    season: defaultSeason,
    soFar: { total, weeks, groups: [half('1', 1 / 3, 5 * absent), half('0', 2 / 3, 5 * absent)] },
    last: {
      total: { enrolments: 1000, possible: 360_000, absent: 36_000 },
      weeks: [],
      groups: [
        { grouping: 'fsm', value: '1', enrolments: 333, possible: 120_000, absent: 18_000 },
        { grouping: 'fsm', value: '0', enrolments: 667, possible: 240_000, absent: 18_000 },
      ],
    },
  };
}

/** A school whose whole year would be 8.5 %, the expectation, of which there are registers of some weeks. */
function onPath(weeks: readonly number[]) {
  const here = weeksOnPath(defaultSeason, 8.5, 47).filter(({ week }) => weeks.includes(week));
  const sum = (of: 'possible' | 'absent') => here.reduce((all, each) => all + each[of], 0);
  const total = { enrolments: 1000, possible: sum('possible'), absent: sum('absent') };
  const found = againstPath({ ...facts(), soFar: { total, weeks: here, groups: [] } });
  assert.ok(found);
  return found;
}

const from = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

suite('the year so far against the path', () => {
  test('a school on the path in November stands below the expectation, and exactly on the path', () => {
    const found = onPath(defaultSeason.weeks.map((_, week) => week).slice(0, 12));
    assert.ok(Math.abs(found.soFarPercent - found.pathPercent) < 1e-9);
    assert.ok(found.soFarPercent < 8.5 * 0.92);
    assert.equal(found.lastWeek, '2026-11-16');
  });

  for (const [which, weeks, silent] of [
    ['all weeks to November', from(1, 11), 0],
    ['November alone', from(9, 11), 7],
    ['all but five weeks of autumn', [1, 2, ...from(8, 11)], 5],
    ['the first half-term of spring alone', from(18, 23), 14],
    ['spring and summer, at the end of the year', from(18, 47), 14],
    ['autumn, and then the end of summer', [...from(1, 15), ...from(40, 47)], 18],
  ] as const) {
    test(`a school on its path is on it, and its year’s end in the range, with registers of ${which}`, () => {
      const found = onPath(weeks);
      assert.ok(Math.abs(found.soFarPercent - found.pathPercent) < 1e-9);
      assert.ok(found.end.lower80Percent < 8.5 && found.end.upper80Percent > 8.5);
      assert.ok(Math.abs(found.end.withoutSeasonPercent - 8.5) < 1e-9);
      assert.equal(found.silent.length, silent);
    });
  }

  test('at the end of a year of which weeks are not known, the range is as wide as where they are still to come', () => {
    const width = ({ end }: ReturnType<typeof onPath>) => end.upper80Percent - end.lower80Percent;
    const [half, whole] = [onPath(from(18, 47)), onPath(from(1, 47))];
    assert.ok(half.over && width(half) > 0.4, String(width(half)));
    assert.ok(whole.over && width(whole) < 0.01 && whole.silent.length === 0);
    const toCome = onPath(from(1, 30));
    assert.ok(!toCome.over && Math.abs(width(toCome) - width(half)) < 0.3);
  });

  test('the days before the first week have a path too', () => {
    const days = { week: 0, possible: 4000, absent: 260 };
    const total = { enrolments: 1000, possible: 4000, absent: 260 };
    const found = againstPath({ ...facts(), soFar: { total, weeks: [days], groups: [] } });
    assert.ok(found && found.lastWeek === '2026-08-31' && found.silent.length === 0);
    assert.ok(found.pathPercent < 8.5 && found.passed.share < 0.05);
    assert.ok(found.end.lower80Percent < 8.5 && found.end.upper80Percent > 8.5);
  });

  test('the parts of a grouping add up to the school’s distance from its path', () => {
    const found = againstPath(facts());
    assert.ok(found);
    const parts = found.groups.reduce((sum, { gapPoints }) => sum + gapPoints, 0);
    assert.ok(Math.abs(parts - (found.soFarPercent - found.pathPercent)) < 1e-9);
  });

  test('a group that always missed more is not above its path for that', () => {
    const found = againstPath(facts());
    const [free, others] = ['1', '0'].map((value) =>
      found?.groups.find((group) => group.value === value),
    );
    assert.ok(free && others);
    assert.ok(Math.abs(free.soFarPercent - 2 * others.soFarPercent) < 1e-9);
    assert.ok(Math.abs(free.pathPercent - 2 * others.pathPercent) < 1e-9);
    assert.ok(Math.abs(free.gapPoints - others.gapPoints) < 1e-9);
  });

  test('without last year’s registers every group is set against the school’s own path', () => {
    const found = againstPath({ ...facts(), last: undefined });
    assert.ok(found && !found.groupsFromLastYear);
    for (const group of found.groups) assert.equal(group.pathPercent, found.pathPercent);
  });

  test('groups of fewer than six pupils are left out', () => {
    const few = facts();
    for (const group of few.soFar.groups) if (group.value === '1') group.enrolments = 5;
    assert.deepEqual(
      againstPath(few)?.groups.map(({ value }) => value),
      ['0'],
    );
  });

  test('weeks to come have a path and no figure', () => {
    const found = againstPath(facts());
    const now = found?.weeks.find(({ monday }) => monday === found.lastWeek);
    assert.equal(now?.schoolPercent, found?.soFarPercent);
    const after = found?.weeks.filter(({ monday }) => monday > (found?.lastWeek ?? '')) ?? [];
    assert.ok(after.length > 25 && after.every(({ schoolPercent }) => schoolPercent === null));
    assert.ok(Math.abs((after.at(-1)?.pathPercent ?? 0) - 8.5) < 1e-9);
  });

  test('whoever is given the expectation to one decimal is told the same path as who has it whole', () => {
    const of = (change: Partial<IssuedFigures>) =>
      againstPath({ ...facts(), figures: { ...figures, ...change } });
    const whole = of({
      expectation_absence_percent: 8.4537,
      forecast_absence_percent: 9.0481,
      forecast_absence_upper_80: 10.4501,
    });
    assert.deepEqual(
      whole,
      of({
        expectation_absence_percent: 8.5,
        forecast_absence_percent: 9,
        forecast_absence_upper_80: 10.5,
      }),
    );
  });

  test('outside, the same is told whatever else was missed: the figure as it was disclosed, and what follows from it', () => {
    const told = { percent: 7, within: 0, enrolments: 50 };
    const of = (absent: number) => againstPath({ ...facts({ absent }), told });
    const found = of(700);
    assert.ok(found);
    for (const absent of [0, 701, 712, 3000]) assert.deepEqual(of(absent), found);
    const withoutGroups = facts();
    withoutGroups.soFar.total.absent += 1;
    withoutGroups.soFar.total.enrolments -= 1;
    assert.deepEqual(againstPath({ ...withoutGroups, told }), found);
    assert.deepEqual(found.groups, []);
    const known = found.weeks.filter(({ schoolPercent }) => schoolPercent !== null);
    assert.deepEqual(
      known.map(({ monday, schoolPercent }) => [monday, schoolPercent]),
      [[found.lastWeek, 7]],
    );
    assert.ok(Math.abs(found.end.withoutSeasonPercent - 7 / found.passed.ratio) < 1e-9);
  });

  test('outside, the range holds that of whoever has the figure before it was rounded', () => {
    const of = (percent: number, within: number) =>
      againstPath({ ...facts(), told: { percent, within, enrolments: 50 } })?.end;
    const rounded = of(7, 0.05);
    for (const percent of [6.95, 7, 7.0499]) {
      const exact = of(percent, 0);
      assert.ok(rounded && exact);
      assert.ok(rounded.lower80Percent <= exact.lower80Percent + 1e-9);
      assert.ok(rounded.upper80Percent >= exact.upper80Percent - 1e-9);
    }
    assert.equal(of(7, 0.05)?.centralPercent, of(7, 0)?.centralPercent);
    assert.equal(of(0.04, 0.05)?.lower80Percent, 0);
  });

  test('the oldest, whom the census leaves out in June, are no part of what is to come in a school that knows its year groups', () => {
    const school = facts();
    const group = (value: string, possible: number): GroupSums => ({
      ...{ grouping: 'year_group', value, enrolments: 500, possible, absent: 50 },
    });
    const shareOf = (groups: GroupSums[]) =>
      againstPath({ ...school, soFar: { ...school.soFar, groups } })?.passed.share ?? 0;
    const [weeksEarly, weeksLate] = [32, 7];
    const near = (found: number, wanted: number) =>
      assert.ok(Math.abs(found - wanted) < 1e-9, `${found} is not ${wanted}`);
    near(shareOf([group('10', 50_000), group('11', 50_000)]), 10 / (weeksEarly + weeksLate / 2));
    near(shareOf([group('9', 50_000), group('10', 50_000)]), 10 / (weeksEarly + weeksLate));
    near(shareOf([group('Unclassified', 100_000)]), 10 / (weeksEarly + weeksLate));
  });

  test('nothing is said without an expectation, a forecast or a register', () => {
    const without = (change: Partial<IssuedFigures>) =>
      againstPath({ ...facts(), figures: { ...figures, ...change } });
    assert.equal(without({ expectation_absence_percent: null }), undefined);
    assert.equal(without({ forecast_absence_percent: null }), undefined);
    assert.equal(againstPath({ ...facts(), soFar: { ...facts().soFar, weeks: [] } }), undefined);
  });
});
