import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realFiles, withoutRealData } from '../../testing/realData.ts';
import { newYork } from '../newYork.fixture.ts';
import { why } from '../why.ts';
import { detect, type Finding } from './detect.ts';
import { asItStood, type MadeUp, quietSchools } from './madeUp.fixture.ts';
import { type DailySeries, weekdayIndex } from './series.ts';

/** Points of absence more on each day from `from` to before `to`. */
function worsen({ series, at }: MadeUp, school: number, from: number, to: number, points: number) {
  for (let day = from; day < to; day++) {
    const cell = at(school, day);
    series.absencePercent[cell] = (series.absencePercent[cell] as number) + points;
  }
}

const ofSchool = (findings: readonly Finding[], school: number) =>
  findings.filter((found) => found.school === `School ${String(school).padStart(3, '0')}`);

/** Does a detector tell of a day what it would not have told that day? */
function looksAhead(detector: (series: DailySeries) => Finding[], series: DailySeries): boolean {
  const all = detector(series);
  return [40, 77, 120].some((days) => {
    const then = detector(asItStood(series, days));
    const until = series.days[days - 1] as string;
    return JSON.stringify(then) !== JSON.stringify(all.filter(({ date }) => date <= until));
  });
}

/** Quiet schools with one of everything. */
function eventful(): DailySeries {
  const made = quietSchools({ days: 150 });
  worsen(made, 3, 70, 71, 25);
  for (let day = 60; day < 150; day++) worsen(made, 5, day, day + 1, (day - 60) / 8);
  for (let school = 0; school < 80; school++) worsen(made, school, 100, 101, 30);
  made.series.absencePercent.fill(Number.NaN, made.at(8, 110), made.at(9, 0));
  return made.series;
}

test('what is told of a day is what could be told that day: later days change nothing', () => {
  assert.equal(looksAhead(detect, eventful()), false);
});

test('a detector that looks at later days is caught', () => {
  const ahead = (series: DailySeries) => {
    const found = detect(series);
    const worst = series.absencePercent.reduce((a, b) => (b > a ? b : a));
    const at = series.absencePercent.indexOf(worst);
    const date = series.days[at % series.days.length] as string;
    return found.filter((each) => each.date !== date || each.kind !== 'shock');
  };
  assert.equal(looksAhead(ahead, eventful()), true);
});

test('quiet schools have about as many alarms a year as was asked for, and fewer where fewer are asked for', () => {
  const { series } = quietSchools({ schools: 300, days: 190, seed: 4 });
  const years = 300 * (190 / 178);
  const usual = detect(series).length / years;
  assert.ok(usual < 1, `${usual} a school year`);
  assert.ok(detect(series, { alarmsAYear: 0.2 }).length < detect(series).length);
});

test('a sudden shock is told on its day, as one of the school, with what was to be expected', () => {
  const made = quietSchools();
  worsen(made, 7, 90, 91, 15);
  const [found, ...more] = ofSchool(detect(made.series), 7).filter(
    ({ date }) => date === made.series.days[90],
  );
  assert.deepEqual(more, []);
  assert.equal(found?.kind, 'shock');
  assert.equal(found?.scope, 'school');
  assert.equal(
    found?.observedPercent.toFixed(6),
    (100 - (made.series.absencePercent[made.at(7, 90)] as number)).toFixed(6),
  );
  assert.ok(found && found.observedPercent < found.lowerPercent);
  assert.ok(found.lowerPercent < found.expectedPercent);
  assert.ok(found.expectedPercent < found.upperPercent);
});

test('a bad week at one school, no day of which is odd alone, is told within it, since its first day and once', () => {
  const made = quietSchools();
  worsen(made, 7, 90, 95, 4);
  const [first, last] = [made.series.days[90] as string, made.series.days[94] as string];
  const alone = quietSchools();
  worsen(alone, 7, 90, 91, 4);
  const shocks = (of: MadeUp) =>
    ofSchool(detect(of.series), 7).filter(({ kind, date }) => kind === 'shock' && date >= first);
  assert.deepEqual(shocks(alone), [], 'one such day is none');
  const [found, ...more] = shocks(made);
  assert.deepEqual(more, []);
  assert.ok(found && found.date > first && found.date <= last, found?.date);
  assert.equal(found.startedOn, first);
  const { observedPercent, lowerPercent, expectedPercent, upperPercent } = found;
  assert.ok(observedPercent < lowerPercent, 'what is told lies outside its own band');
  assert.ok(lowerPercent < expectedPercent && expectedPercent < upperPercent);
  assert.match(why(found), /attendance has been [\d.]+% since 6 January 2025, where/);
});

test('a slow drift is told within weeks, with the time at which it likely began', () => {
  const made = quietSchools();
  for (let day = 80; day < 160; day++) worsen(made, 7, day, day + 1, 0.1 * (day - 79));
  const drift = ofSchool(detect(made.series), 7).find(({ kind }) => kind === 'drift');
  assert.ok(drift && drift.date < (made.series.days[125] as string), drift?.date);
  assert.ok(drift.startedOn >= (made.series.days[65] as string), drift.startedOn);
  assert.ok(drift.startedOn <= (made.series.days[105] as string), drift.startedOn);
  const { observedPercent, lowerPercent, expectedPercent, upperPercent } = drift;
  assert.ok(observedPercent < lowerPercent, 'what is told lies outside its own band');
  assert.ok(lowerPercent < expectedPercent && expectedPercent < upperPercent);
});

test('a weekday on which more and more are away is told as that, once', () => {
  const made = quietSchools();
  made.series.days.forEach((date, day) => {
    if (day >= 90 && weekdayIndex(date) === 0) worsen(made, 7, day, day + 1, 5);
  });
  const found = ofSchool(detect(made.series), 7).filter(({ kind }) => kind === 'weekday');
  assert.equal(found.length, 1);
  assert.equal(weekdayIndex(found[0]?.date as string), 0);
});

test('a day that is bad for all is told once, of all, and of no single school', () => {
  const made = quietSchools();
  for (let school = 0; school < 80; school++) worsen(made, school, 100, 101, 30);
  const found = detect(made.series).filter(({ date }) => date === made.series.days[100]);
  assert.deepEqual(
    found.map(({ kind, scope, school, area }) => ({ kind, scope, school, area })),
    [{ kind: 'shock', scope: 'national', school: '', area: '' }],
  );
});

test('a second storm within the week is told too, with the mean of what came', () => {
  const made = quietSchools();
  for (const day of [100, 102, 106, 107])
    for (let school = 0; school < 80; school++) worsen(made, school, day, day + 1, 30);
  const found = detect(made.series).filter(({ scope }) => scope === 'national');
  assert.deepEqual(
    found.map(({ date }) => made.series.days.indexOf(date)),
    [100, 102, 106],
    'and a storm of two days once',
  );
  const absent = Array.from({ length: 80 }, (_, school) => made.at(school, 100)).map(
    (at) => made.series.absencePercent[at] as number,
  );
  const mean = absent.reduce((sum, each) => sum + each, 0) / absent.length;
  assert.equal(found[0]?.observedPercent.toFixed(6), (100 - mean).toFixed(6));
});

test('registers that stop coming are told once, and a day on which all are closed is no missing register', () => {
  const made = quietSchools();
  const { series, at } = made;
  for (let school = 0; school < 80; school++)
    for (let day = 100; day < 105; day++) series.absencePercent[at(school, day)] = Number.NaN;
  for (let day = 120; day < 160; day++) series.absencePercent[at(7, day)] = Number.NaN;
  const missing = detect(series).filter(({ kind }) => kind === 'missing');
  assert.deepEqual(
    missing.map(({ school, startedOn, observedPercent }) => ({
      school,
      startedOn,
      observedPercent,
    })),
    [{ school: 'School 007', startedOn: series.days[120], observedPercent: Number.NaN }],
  );
  assert.ok((missing[0]?.date as string) <= (series.days[121] as string));
});

test('an area with holidays of its own is closed, and not silent', () => {
  const { series, at } = quietSchools();
  series.names.forEach(({ area }, school) => {
    if (area !== 'Area 3') return;
    for (let day = 100; day < 105; day++) series.absencePercent[at(school, day)] = Number.NaN;
  });
  assert.deepEqual(
    detect(series).filter(({ kind }) => kind === 'missing'),
    [],
  );
});

test('a register that is perfect, or the same day after day, is told where that is not usual', () => {
  const { series, at } = quietSchools();
  for (let day = 100; day < 106; day++) {
    series.absencePercent[at(7, day)] = 0;
    series.absencePercent[at(9, day)] = 6.25;
  }
  // In a class of ten everybody is often there.
  for (let day = 0; day < 160; day++) series.absencePercent[at(11, day)] = day % 3 === 0 ? 10 : 0;
  const found = detect(series).filter(({ kind }) => kind === 'implausible');
  assert.deepEqual(found.map(({ school }) => school).toSorted(), ['School 007', 'School 009']);
  for (const { startedOn } of found) assert.equal(startedOn, series.days[100]);
});

test('an illness that goes round the schools of an area is told of the area', () => {
  const { series, at } = quietSchools({ seed: 3 });
  series.names.forEach(({ area }, school) => {
    if (area !== 'Area 3') return;
    for (let day = 100; day < 110; day++) {
      const cell = at(school, day);
      series.absencePercent[cell] = (series.absencePercent[cell] as number) * 1.5;
    }
  });
  const found = detect(series).filter(({ scope }) => scope === 'area');
  assert.ok(found.length > 0);
  for (const { area, date } of found) {
    assert.equal(area, 'Area 3');
    assert.ok(date >= (series.days[100] as string) && date < (series.days[110] as string));
  }
});

/** Two reasons of each school: so much of its usual absence is missed for each, by school and day. */
function byReason(
  missed: (school: string, day: number) => { illness: number; unauthorised: number },
): DailySeries {
  const reasons = ['illness', 'unauthorised'] as const;
  const { series } = quietSchools({ schools: 40, days: 140 });
  const width = 140;
  const names = series.names.flatMap((name) => reasons.map((group) => ({ ...name, group })));
  const cells = names.length * width;
  const absencePercent = Float64Array.from({ length: cells }, (_, at) => {
    const [row, day] = [Math.floor(at / width), at % width];
    const both = series.absencePercent[Math.floor(row / 2) * width + day] as number;
    const { school, group } = names[row] as (typeof names)[number];
    return both * missed(school, day)[group];
  });
  return {
    ...{ names, days: series.days, absencePercent },
    ...{ possible: new Float64Array(cells).fill(600), due: new Uint8Array(cells).fill(1) },
  };
}

test('a code used in place of another is told where as much is missed as before', () => {
  const series = byReason((school, day) =>
    school === 'School 004' && day >= 80
      ? { illness: 0.9, unauthorised: 0.1 }
      : { illness: 0.6, unauthorised: 0.4 },
  );
  const found = detect(series).filter(({ kind }) => kind === 'code_swap');
  assert.deepEqual(
    found.map(({ school, group }) => `${school} ${group}`),
    ['School 004 illness'],
  );
  assert.ok((found[0]?.date as string) <= (series.days[100] as string));
});

test('an illness that goes round is no code in place of another, nor is its end', () => {
  const ill = ['School 004', 'School 011', 'School 018'];
  const series = byReason((school, day) => ({
    illness: ill.includes(school) && day >= 80 && day < 92 ? 1.5 : 0.6,
    unauthorised: 0.4,
  }));
  assert.deepEqual(
    detect(series).filter(({ kind }) => kind === 'code_swap'),
    [],
  );
});

test('a weekday on which fewer come every week is no bad day for all; one that is worse than its like is', () => {
  const { series, at } = quietSchools({ schools: 40, days: 150 });
  const worst = series.days.findLastIndex((day) => weekdayIndex(day) === 4);
  series.names.forEach((_, row) =>
    series.days.forEach((day, place) => {
      if (weekdayIndex(day) !== 4) return;
      const usual = 2.2 * (series.absencePercent[at(row, place)] as number);
      series.absencePercent[at(row, place)] = place === worst ? 3 * usual : usual;
    }),
  );
  assert.deepEqual(
    detect(series).flatMap(({ scope, date }) => (scope === 'national' ? [date] : [])),
    [series.days[worst]],
  );
});

test('where no more than a share of what is told is to be chance, less is told, and what is plain stays', () => {
  const made = quietSchools({ schools: 200 });
  worsen(made, 7, 90, 91, 40);
  const all = detect(made.series);
  const few = detect(made.series, { falseShare: 0.05 });
  assert.ok(few.length < all.length);
  assert.equal(ofSchool(few, 7).filter(({ kind }) => kind === 'shock').length, 1);
});

test('one school alone is looked at against its own days', () => {
  const made = quietSchools({ schools: 1, areas: 1 });
  worsen(made, 0, 120, 121, 25);
  const shocks = detect(made.series).filter(({ kind }) => kind === 'shock');
  assert.ok(shocks.some(({ date }) => date === made.series.days[120]));
});

test('the storms of New York are told once, as of all, on the day', {
  skip: withoutRealData,
}, () => {
  const found = detect(newYork(realFiles('nyc-daily-attendance')));
  for (const day of ['2014-01-07', '2014-01-22', '2014-02-05', '2014-02-13', '2014-06-09']) {
    const told = found.filter(({ date, kind }) => date === day && kind === 'shock');
    assert.equal(told.filter(({ scope }) => scope === 'national').length, 1, day);
    assert.ok(told.filter(({ scope }) => scope === 'school').length < 14, day);
  }
});
