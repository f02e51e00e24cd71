import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detect } from './detect.ts';
import { asItStood, type MadeUp, quietSchools, withGroups } from './madeUp.fixture.ts';
import { type DailySeries, seriesOf } from './series.ts';

/* What hits many is told once: of all, of the area, or of the widest group. */

function worsen({ series, at }: MadeUp, school: number, day: number, points: number): void {
  const cell = at(school, day);
  series.absencePercent[cell] = (series.absencePercent[cell] as number) + points;
}

const toldOn = (series: DailySeries, day: number) =>
  detect(series)
    .filter(({ date }) => date === series.days[day])
    .map(({ scope, kind, area }) => ({ scope, kind, area }));

const nationalShock = { scope: 'national', kind: 'shock', area: '' } as const;

test('what hits all of a few schools, of one area or of several, is told once', () => {
  for (const schools of [2, 3, 4, 5, 9, 19])
    for (const areas of [1, 2]) {
      const made = quietSchools({ schools, areas, seed: schools });
      for (let school = 0; school < schools; school++) worsen(made, school, 110, 30);
      assert.deepEqual(toldOn(made.series, 110), [nationalShock], `${schools} in ${areas}`);
    }
});

test('what hits one of a few schools is told of that school', () => {
  for (const schools of [2, 3, 5, 10]) {
    const made = quietSchools({ schools, areas: 1, seed: schools });
    worsen(made, 1, 110, 30);
    assert.deepEqual(toldOn(made.series, 110), [
      { scope: 'school', kind: 'shock', area: 'Area 0' },
    ]);
  }
});

test('what hits an area of three to ten schools is told once of the area, also where one register is missing', () => {
  for (const schools of [3, 4, 5, 7, 10]) {
    const made = quietSchools({ schools: 6 * schools, areas: 6, seed: 2 });
    const ofArea = made.series.names.flatMap(({ area }, row) => (area === 'Area 2' ? [row] : []));
    for (const school of ofArea) worsen(made, school, 110, 12);
    made.series.absencePercent[made.at(ofArea[0] as number, 110)] = Number.NaN;
    const told = toldOn(made.series, 110).filter(({ kind }) => /shock|outbreak/.test(kind));
    assert.deepEqual(told, [{ scope: 'area', kind: 'shock', area: 'Area 2' }], `of ${schools}`);
  }
});

test('a bad day of an area from which an illness goes on is one thing', () => {
  const made = quietSchools({ seed: 3 });
  made.series.names.forEach(({ area }, school) => {
    if (area === 'Area 3')
      for (let day = 110; day < 118; day++) worsen(made, school, day, day === 110 ? 9 : 4);
  });
  const told = detect(made.series).filter(
    ({ scope, date }) => scope === 'area' && date >= (made.series.days[105] as string),
  );
  assert.deepEqual(
    told.map(({ area, kind, date }) => [area, kind, date]),
    [['Area 3', 'shock', made.series.days[110]]],
  );
});

test('what shows in a school and in its groups is told of the school, and bad days of all once', () => {
  const made = quietSchools({ schools: 40, days: 130 });
  worsen(made, 7, 100, 25);
  for (let school = 0; school < 40; school++) worsen(made, school, 110, 30);
  const grouped = withGroups(made.series, ['', 'girls', 'boys']);
  const on = (day: number) =>
    detect(grouped)
      .filter(({ date }) => date === grouped.days[day])
      .map(({ scope, school, group }) => ({ scope, school, group }));
  assert.deepEqual(on(100), [{ scope: 'school', school: 'School 007', group: '' }]);
  assert.deepEqual(on(110), [{ scope: 'national', school: '', group: '' }]);
});

test('a group that alone has a bad day is told of as the group, and ten groups do not have ten times as many alarms', () => {
  const made = quietSchools({ schools: 40, days: 190 });
  const named = ['', ...Array.from({ length: 9 }, (_, at) => `year ${at + 1}`)];
  const grouped = withGroups(made.series, named);
  const row = grouped.names.findIndex(
    ({ school, group }) => school === 'School 007' && group === 'year 4',
  );
  const before = detect(grouped);
  assert.ok(before.length < 3 * detect(made.series).length + 10, `${before.length}`);
  grouped.absencePercent[row * 190 + 120] = 45;
  const told = detect(grouped).filter(
    ({ date, school }) => date === grouped.days[120] && school === 'School 007',
  );
  assert.deepEqual(
    told.map(({ group, kind }) => [group, kind]),
    [['year 4', 'shock']],
  );
});

/** The series as they stood, without those that had sent nothing yet. */
function asKnownThen(series: DailySeries, days: number): DailySeries {
  const then = asItStood(series, days);
  const rows = then.names.flatMap((_, row) =>
    then.absencePercent.subarray(row * days, (row + 1) * days).some((each) => !Number.isNaN(each))
      ? [row]
      : [],
  );
  return seriesOf(then, rows);
}

test('schools, areas and groups that come later change nothing of what was told before', () => {
  const made = quietSchools({ schools: 130, areas: 9, days: 150, seed: 6 });
  for (let school = 0; school < 130; school++) {
    if (school % 3 === 0 || school % 9 === 4)
      made.series.absencePercent.fill(Number.NaN, made.at(school, 0), made.at(school, 90));
    worsen(made, school, 80, 20);
    worsen(made, school, 120, 20);
    if (school % 9 < 2) for (let day = 60; day < 64; day++) worsen(made, school, day, 6);
  }
  worsen(made, 5, 70, 25);
  const grouped = withGroups(made.series, ['', 'girls', 'boys']);
  grouped.names.forEach(({ group }, row) => {
    if (group === 'boys') grouped.absencePercent.fill(Number.NaN, row * 150, row * 150 + 100);
  });
  for (const series of [made.series, grouped])
    for (const options of [{}, { falseShare: 0.2 }]) {
      const all = detect(series, options);
      for (const days of [45, 75, 89, 121]) {
        const told = all.filter(({ date }) => date <= (series.days[days - 1] as string));
        assert.deepEqual(detect(asKnownThen(series, days), options), told, `${days} days`);
      }
    }
});

test('a swap of codes is told alike whether later days part the reasons or not', () => {
  const { series } = quietSchools({ schools: 12, days: 140 });
  const reasons = withGroups(series, ['illness', 'unauthorised']);
  const width = 140;
  reasons.possible.fill(600);
  reasons.names.forEach(({ school, group }, row) => {
    for (let day = 0; day < width; day++) {
      const share = school === 'School 004' && day >= 60 ? 0.9 : 0.6;
      const at = row * width + day;
      const both = series.absencePercent[Math.floor(row / 2) * width + day] as number;
      reasons.absencePercent[at] = both * (group === 'illness' ? share : 1 - share);
    }
  });
  const told = detect(asItStood(reasons, 110)).filter(({ kind }) => kind === 'code_swap');
  assert.equal(told.length, 1);
  // From then on the two reasons are counted of different sessions, and are no reasons.
  reasons.names.forEach(({ group }, row) => {
    if (group === 'illness') reasons.possible.fill(500, row * width + 112, (row + 1) * width);
  });
  assert.deepEqual(
    detect(reasons).filter(({ kind }) => kind === 'code_swap'),
    told,
  );
});
