import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutClosedDays } from './closed.ts';
import { detect } from './detect.ts';
import { quietSchools } from './madeUp.fixture.ts';
import { onDays, seriesOf } from './series.ts';

/* Closed days are written down in many ways: as nobody there, as blank rows, as no rows, as no session possible. */

const nobodyThere = 100;

test('a day that most of all write down as nobody there was closed; one school’s was not, but where that is how closed days are written', () => {
  const { series, at } = quietSchools({ schools: 6, areas: 1, days: 40 });
  for (let school = 0; school < 6; school++)
    for (const day of [19, 20, 21])
      if (day === 20 || school === 0) series.absencePercent[at(school, day)] = nobodyThere;
  const left = withoutClosedDays(series);
  assert.deepEqual(
    left.days,
    series.days.filter((_, day) => day !== 20),
  );
  assert.deepEqual([left.absencePercent[19], left.due[19]], [nobodyThere, 1]);
  assert.deepEqual([left.absencePercent[20], left.due[20]], [Number.NaN, 2]);
});

test('an area that is closed alone and writes nobody there, or nothing, has no shocks and misses no register', () => {
  for (const sizes of [
    { schools: 6, areas: 2 },
    { schools: 40, areas: 8 },
  ])
    for (const written of [nobodyThere, Number.NaN]) {
      const quiet = quietSchools({ ...sizes, days: 160 });
      const { series, at } = quietSchools({ ...sizes, days: 160 });
      series.names.forEach(({ area }, school) => {
        if (area === 'Area 1')
          for (let day = 100; day < 105; day++) series.absencePercent[at(school, day)] = written;
      });
      const closed = new Set(series.days.slice(100, 105));
      const told = (of: typeof series) => detect(of).filter(({ date }) => closed.has(date));
      assert.deepEqual(
        told(series).filter(({ area }) => area === 'Area 1'),
        [],
      );
      assert.ok(told(series).length <= told(quiet.series).length + 1);
    }
});

test('of one school alone a day with nobody there, or with no session possible, is closed, and a blank one silent', () => {
  const { series } = quietSchools({ schools: 1, areas: 1, days: 40 });
  series.absencePercent[20] = nobodyThere;
  series.absencePercent[25] = Number.NaN;
  series.due[25] = 2;
  series.absencePercent[30] = Number.NaN;
  assert.deepEqual(
    withoutClosedDays(series).days,
    series.days.filter((_, day) => day !== 20 && day !== 25),
  );
});

test('days on which nothing came of anybody are nobody’s school days, and change nothing of what is told', () => {
  const { series } = quietSchools({ schools: 60, days: 150 });
  const holiday = new Set([50, 51, 52, 53, 54, 80]);
  series.names.forEach((_, row) => {
    for (const day of holiday) series.absencePercent[row * 150 + day] = Number.NaN;
  });
  const without = onDays(
    series,
    series.days.flatMap((_, day) => (holiday.has(day) ? [] : [day])),
  );
  assert.deepEqual(detect(series), detect(without));
});

test('weekends that a file lists are none that a school misses, whichever days they are', () => {
  const made = quietSchools({ schools: 12, areas: 2, days: 150 });
  // Half of them are closed on Fridays, and their rows stand there, blank.
  made.series.names.forEach((_, row) => {
    if (row % 2 === 1)
      for (let day = 4; day < 150; day += 5)
        made.series.absencePercent[made.at(row, day)] = Number.NaN;
  });
  const missing = (rows: readonly number[]) =>
    detect(seriesOf(made.series, rows)).filter(({ kind }) => kind === 'missing');
  assert.deepEqual(missing(made.series.names.map((_, row) => row)), []);
  assert.deepEqual(missing([1]), []);
});

test('a day on which next to nobody came is not looked at', () => {
  const { series, at } = quietSchools({ schools: 60, days: 100 });
  series.names.forEach((_, row) => {
    series.absencePercent[at(row, 70)] = row < 2 ? 60 : Number.NaN;
  });
  assert.equal(withoutClosedDays(series).days.includes(series.days[70] as string), false);
});
