import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { ownYear, type Passed } from './ownYear.ts';
import { beforehandOfGroup, projectYearEnd, type YearEnd } from './projection.ts';
import { defaultSeason } from './season.ts';
import { weeksOnPath } from './yearEnds.fixture.ts';

const secondary = 'State-funded secondary' as const;
const beforehand = { percent: 9, lower80Percent: 7.5, upper80Percent: 10.5 };
const passedBy = (week: number) =>
  ownYear(defaultSeason, weeksOnPath(defaultSeason, 8, week))?.passed as Passed;
const width = (end: YearEnd | undefined) =>
  end ? end.upper80Percent - end.lower80Percent : Number.NaN;

suite('where the year may end', () => {
  const at = (week: number, percent = 8, enrolments = 900) =>
    projectYearEnd(secondary, { percent, enrolments, passed: passedBy(week) }, beforehand);

  test('takes the season out: 7.8% in the middle of November is on the way to about 9%', () => {
    const end = at(11, 7.8);
    assert.ok(end && end.withoutSeasonPercent > 8.6 && end.withoutSeasonPercent < 9.4);
    assert.ok(end.centralPercent > 8.6 && end.centralPercent < 9.4);
  });

  test('is surer week by week, and at the end is what was counted', () => {
    const widths = [2, 8, 15, 25, 38, 45].map((week) => width(at(week)));
    for (const [place, each] of widths.entries()) {
      if (place > 0) assert.ok(each < (widths[place - 1] ?? 0), widths.join(' '));
    }
    const end = at(47);
    assert.ok(end && Math.abs(end.centralPercent - 8) < 0.01 && width(end) < 0.02);
  });

  test('rests on the forecast in September, and on the registers in summer', () => {
    const early = at(1, 12);
    const late = at(40, 12);
    assert.ok(early && late);
    assert.ok(early.centralPercent < 0.6 * early.withoutSeasonPercent + 0.4 * 9);
    assert.ok(late.centralPercent > 0.97 * late.withoutSeasonPercent);
  });

  test('is less sure where there are fewer pupils', () => {
    assert.ok(width(at(11, 8, 30)) > width(at(11, 8, 900)));
  });

  test('is not told where nothing was missed, or nothing of the year is over', () => {
    assert.equal(at(11, 0), undefined);
    assert.equal(
      projectYearEnd(
        secondary,
        { percent: 5, enrolments: 9, passed: { share: 0, ratio: 1 } },
        null,
      ),
      undefined,
    );
  });

  test('without a forecast is the year so far without its season', () => {
    const passed = passedBy(20);
    const end = projectYearEnd(secondary, { percent: 8, enrolments: 500, passed }, null);
    assert.ok(end && Math.abs(end.centralPercent - 8 / passed.ratio) < 1e-9);
  });

  test('of a group is the school’s in proportion, and less sure', () => {
    const group = beforehandOfGroup(beforehand, {
      ...{ times: 1.5, enrolments: 100, schoolType: secondary },
    });
    assert.equal(group.percent, 13.5);
    assert.ok(group.upper80Percent - group.lower80Percent > 1.5 * 3);
  });
});
