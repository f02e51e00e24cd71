import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detect } from './detect.ts';
import { type MadeUp, quietSchools } from './madeUp.fixture.ts';
import { Runs } from './runs.ts';

const missingIn = ({ series }: MadeUp) => detect(series).filter(({ kind }) => kind === 'missing');

/** A school sends nothing from a day on; its rows stand there blank, or are not there. */
function silence(made: MadeUp, school: number, from: number, to: number, due: 0 | 1): void {
  const [first, last] = [made.at(school, from), made.at(school, to)];
  made.series.absencePercent.fill(Number.NaN, first, last);
  made.series.due.fill(due, first, last);
}

test('a school that stops sending while others go on is told of once, with rows or without', () => {
  for (const due of [0, 1] as const) {
    const made = quietSchools();
    silence(made, 7, 100, 160, due);
    const [found, ...more] = missingIn(made);
    assert.deepEqual(more, []);
    assert.equal(found?.school, 'School 007');
    assert.equal(found?.startedOn, made.series.days[100]);
    assert.ok((found?.date as string) <= (made.series.days[102] as string), found?.date);
  }
});

test('a school that is often silent for long is told of once it is silent for very long', () => {
  const made = quietSchools({ days: 190 });
  for (let day = 5; day < 150; day += 14) silence(made, 7, day, day + 9, 1);
  silence(made, 7, 155, 190, 1);
  const found = missingIn(made).filter(({ startedOn }) => startedOn === made.series.days[155]);
  assert.deepEqual(
    found.map(({ school }) => school),
    ['School 007'],
  );
  const date = found[0]?.date as string;
  assert.ok(date > (made.series.days[163] as string), date);
  assert.ok(date <= (made.series.days[174] as string), date);
});

test('what began before a closed day is dated by the first day without a register', () => {
  const made = quietSchools();
  for (let day = 103; day < 106; day++)
    for (let school = 0; school < 80; school++) silence(made, school, day, day + 1, 1);
  silence(made, 7, 102, 112, 1);
  for (let day = 4; day < 100; day += 12) silence(made, 7, day, day + 1, 1);
  const found = missingIn(made).find(({ date }) => date >= (made.series.days[102] as string));
  assert.ok((found?.date as string) > (made.series.days[105] as string), found?.date);
  assert.equal(found?.startedOn, made.series.days[102]);
});

test('a day on which many have no row is odd of none of them', () => {
  const made = quietSchools();
  for (let school = 0; school < 40; school++) silence(made, school, 120, 122, 0);
  assert.deepEqual(missingIn(made), []);
});

test('schools that open in the middle are waited for from their first figure on', () => {
  const made = quietSchools();
  for (const school of [5, 6, 7]) silence(made, school, 0, 90, 1);
  assert.deepEqual(missingIn(made), []);
});

test('areas of three to ten schools: one silent school is told of, and all of them together were closed', () => {
  for (const schools of [3, 4, 5, 7, 10]) {
    const made = quietSchools({ schools: 3 * schools, areas: 3 });
    silence(made, 4, 100, 110, 1);
    assert.equal(missingIn(made).length, 1, `areas of ${schools}`);
    made.series.names.forEach(({ area }, school) => {
      if (area === 'Area 2') silence(made, school, 120, 128, 1);
    });
    assert.equal(missingIn(made).length, 1, `areas of ${schools}, one closed`);
  }
});

test('a run that goes on beyond all that were seen is as rare as its beginning and each day of going on', () => {
  const runs = new Runs(1);
  const chanceOf = (isSo: boolean) => 10 ** -(runs.takeDay([{ row: 0, isSo }])[0]?.score ?? 0);
  for (let time = 0; time < 40; time++)
    for (const isSo of [false, false, false, false, false, true, true, true]) chanceOf(isSo);
  chanceOf(false);
  const chances = Array.from({ length: 30 }, () => chanceOf(true));
  // Four days were never seen, after forty times three: rare, and no rarer than a few of such runs.
  assert.ok((chances[2] as number) > 0.1, `${chances[2]}`);
  assert.ok((chances[3] as number) < 0.02, `${chances[3]}`);
  assert.ok((chances[3] as number) > 0.0003, `${chances[3]}`);
  chances.slice(1).forEach((chance, at) => assert.ok(chance <= (chances[at] as number) + 1e-12));
});
