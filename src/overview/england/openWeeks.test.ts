import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import type { AcademicYear } from '../../base/academicYear.ts';
import { type Day, daysAfter } from '../../base/day.ts';
import { mondayOf } from '../../base/weekOfYear.ts';
import type { YearToDate } from '../../publications/index.ts';
import { realFiles, withoutRealData } from '../../testing/realData.ts';
import { isHoliday, lastOpenWeek } from './openWeeks.ts';
import { betweenSnapshots } from './weeks.ts';

test('holidays are where most authorities had them, four years of them, and no other week is one', () => {
  const holidays: Record<string, Day[]> = {
    202122: ['2021-10-25', '2021-12-20', '2021-12-27', '2022-02-14', '2022-04-04', '2022-04-11'],
    202223: ['2022-10-24', '2022-12-19', '2022-12-26', '2023-02-13', '2023-04-03', '2023-04-10'],
    202324: ['2023-10-23', '2023-12-25', '2024-01-01', '2024-02-12', '2024-04-01', '2024-04-08'],
    202425: ['2024-10-28', '2024-12-23', '2024-12-30', '2025-02-17', '2025-04-07', '2025-04-14'],
  };
  const springs = ['2022-05-30', '2023-05-29', '2024-05-27', '2025-05-26'];
  for (const [at, [year, expected]] of Object.entries(holidays).entries()) {
    const weeks = Array.from({ length: 45 }, (_, week) =>
      mondayOf(week, Number(year) as AcademicYear),
    );
    assert.deepEqual(weeks.filter(isHoliday), [...expected, springs[at]]);
  }
});

test('a day of a holiday counts with the last week before it', () => {
  const mondayFor = (day: Day) => mondayOf(lastOpenWeek(day, 202425), 202425);
  assert.deepEqual(['2024-12-27', '2025-01-03', '2025-04-18', '2025-05-30'].map(mondayFor), [
    ...['2024-12-16', '2024-12-16', '2025-03-31', '2025-05-19'],
  ]);
});

/** What stands in a file of the feed of all of England, its phases summed: read without what Rollcall reads with. */
function ofEngland(path: string): YearToDate {
  const text = gunzipSync(readFileSync(path))
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  const lines = text.split(/\r?\n/);
  const rows: Record<string, string>[] = parse(
    [lines[0], ...lines.filter((line) => line.includes('National'))].join('\n'),
    { columns: true },
  );
  const phases = rows.filter((row) => (row['school_type'] ?? row['education_phase']) !== 'Total');
  const sum = (name: string) => phases.reduce((all, row) => all + Number(row[name]), 0);
  const [possible, absent] = [sum('possible_sessions'), sum('overall_absence')];
  return {
    ...{ year: Number(rows[0]?.['time_period']) as AcademicYear, laCode: null, possible, absent },
    ...{ name: '', regionCode: '', withheld: 0, absencePercent: (100 * absent) / possible },
    publishedOn: /(\d{4}-\d{2}-\d{2})/.exec(path)?.[1] ?? '',
  };
}

test('what the department published comes to these weeks', { skip: withoutRealData }, () => {
  const all = realFiles('dfe-attendance-feed/ytd').map(ofEngland);
  const curve = (year: AcademicYear) =>
    betweenSnapshots(
      all.filter((each) => each.year === year),
      year,
    ).flatMap((percent, week): [Day, string][] =>
      percent === null ? [] : [[mondayOf(week, year), percent.toFixed(2)]],
    );
  for (const year of [202223, 202324, 202425] as const) {
    for (const [monday] of curve(year)) assert.ok(!isHoliday(monday), monday);
  }
  const naive = (from: Day, to: Day) => {
    const [before, after] = [from, to].map((day) =>
      all.find(({ publishedOn }) => publishedOn === day),
    );
    assert.ok(before && after);
    return ((100 * (after.absent - before.absent)) / (after.possible - before.possible)).toFixed(2);
  };
  const told = new Map([...curve(202324), ...curve(202425)]);
  // Each holiday’s figure, in the last week before it.
  for (const [monday, from, to] of [
    ['2024-12-16', '2024-12-19', '2025-01-09'],
    ['2023-12-18', '2023-12-21', '2024-01-11'],
    ['2024-03-25', '2024-04-04', '2024-04-18'],
    ['2025-05-19', '2025-05-29', '2025-06-12'],
    ['2025-02-10', '2025-02-20', '2025-03-06'],
    ['2024-11-04', '2024-11-07', '2024-11-21'],
  ] as const) {
    assert.equal(told.get(monday), naive(from, to), monday);
  }
  // 6 million sessions of a holiday are no week.
  assert.ok(!told.has('2025-04-14') && !told.has('2025-04-07'));
  // Published on 23 February and 1 June 2023: of more schools than before, and of fewer. On 22 December 2022: of a whole term.
  const odd = new Map(curve(202223));
  for (const day of ['2022-12-22', '2023-02-23', '2023-06-01']) {
    const monday = mondayOf(lastOpenWeek(daysAfter(day, -13), 202223), 202223);
    assert.ok(!odd.has(monday), day);
  }
  assert.ok(odd.size >= 9 && told.size >= 35, `${odd.size} and ${told.size} weeks are told`);
});
