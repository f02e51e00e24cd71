import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { daysAYear, scoreOf } from '../model/candidate.ts';
import { judge } from '../model/judge.ts';
import type { DailySeries } from '../model/series.ts';
import { randomStream } from '../../stats/randomStream.ts';
import { findCircles } from './circles.ts';
import type { RegisterDays, Sessions } from './days.ts';
import { familyNames, reasonKey } from './families.ts';
import { joinSeen, notToldBefore } from './join.ts';
import { look } from './look.ts';
import { leaversScore } from './offRolling.ts';
import { weekdaysBetween } from './registers.fixture.ts';
import type { Seen } from './seen.ts';
import { sentenceOf } from './sentence.ts';

/* What registers show, found in days made by chance: each test puts one thing into them. */

const days = weekdaysBetween('2025-09-03', '2026-02-13');
const width = days.length;
const at = (day: string) => days.indexOf(day);

type Made = { schools?: number; pupils?: number; areas?: number };
type Chance = (of: { school: number; day: number }) => Partial<Record<string, number>>;

/** Schools of so many pupils; of each day’s sessions a share is missed for each reason. */
function madeDays(
  chanceOf: Chance,
  { schools = 60, pupils = 200, areas = 6 }: Made = {},
): RegisterDays {
  const cells = schools * width;
  const empty = (): Sessions => ({
    possible: new Uint16Array(cells),
    absent: new Uint16Array(cells),
  });
  const groups = new Map([
    ['', empty()],
    ...familyNames.map((family) => [reasonKey(family), empty()] as const),
  ]);
  const late = empty();
  const open = new Uint8Array(cells).fill(1);
  for (let school = 0; school < schools; school++) {
    const chance = randomStream('made', school);
    for (let day = 0; day < width; day++) {
      const cell = school * width + day;
      const usual = { illness: 0.03, unauthorised: 0.012, holiday: 0.004, medical: 0.004 };
      const changed = chanceOf({ school, day });
      if (changed['closed']) open[cell] = 2;
      const comes = !changed['closed'] && !changed['silent'];
      let away = 0;
      for (const family of familyNames) {
        const share = changed[family] ?? (usual as Record<string, number>)[family] ?? 0;
        let count = 0;
        for (let pupil = 0; pupil < pupils; pupil++) if (chance.uniform() < share) count += 2;
        const sessions = groups.get(reasonKey(family)) as Sessions;
        if (!comes) continue;
        sessions.possible[cell] = 2 * pupils;
        sessions.absent[cell] = count;
        away += count;
      }
      const all = groups.get('') as Sessions;
      if (comes) {
        all.possible[cell] = 2 * pupils;
        all.absent[cell] = Math.min(2 * pupils, away);
        late.possible[cell] = 8;
        late.absent[cell] = Math.round(8 * (changed['edited'] ?? 0.02));
      }
    }
  }
  return {
    schools: Array.from({ length: schools }, (_, school) => ({
      ...{ urn: 100_001 + school, laCode: String(801 + (school % areas)) },
      ...{
        easting: 400_000 + 3000 * (school % areas) + 10 * school,
        northing: 300_000 + 500 * school,
      },
    })),
    ...{ days, open, groups, late, leavers: [] },
  };
}

const found = (seen: readonly Seen[], kind: Seen['kind']) =>
  seen
    .filter((each) => each.kind === kind)
    .map(({ urn, happenedOn }) => [urn, happenedOn] as const);
const options = { alarmsAYear: 1 };
const first = 100_001;

describe('what registers show', () => {
  test('next to nothing where nothing happens', () => {
    const seen = look(
      madeDays(() => ({})),
      options,
    );
    assert.ok(seen.length <= 30, `${seen.length} of 60 schools in half a year`);
  });

  test('a code in place of another, and not where illness has its season everywhere', () => {
    const from = at('2025-11-17');
    const seen = look(
      madeDays(
        ({ school, day }) => ({
          illness: (day >= from ? 0.06 : 0.03) + (school === 0 && day >= from ? 0.009 : 0),
          unauthorised: school === 0 && day >= from ? 0.003 : 0.012,
        }),
        { pupils: 500 },
      ),
      options,
    );
    const swaps = found(seen, 'code_swap');
    assert.deepEqual(
      swaps.map(([urn]) => urn),
      [first],
    );
    assert.ok((swaps[0]?.[1] ?? '') > '2025-11-20' && (swaps[0]?.[1] ?? '') < '2026-01-16');
  });

  test('many away around one holiday after another, though no day of it is far off; and not where all are', () => {
    const [autumn, winter] = [at('2025-10-27'), at('2025-12-22')];
    const isClosed = (day: number) =>
      (day >= autumn && day < autumn + 5) || (day >= winter && day < winter + 10);
    const isNear = (day: number) =>
      [autumn, winter].some((from) => day >= from - 5 && day < from && !isClosed(day));
    const around = (more: (school: number) => number) =>
      found(
        look(
          madeDays(
            ({ school, day }): Partial<Record<string, number>> =>
              isClosed(day) ? { closed: 1 } : isNear(day) ? { holiday: 0.004 + more(school) } : {},
          ),
          options,
        ),
        'around_holidays',
      );
    const told = around((school) => (school === 7 ? 0.06 : 0));
    assert.deepEqual([...new Set(told.map(([urn]) => urn))], [first + 7]);
    // On the second day after the second holiday.
    assert.deepEqual([...new Set(told.map(([, day]) => day))], ['2026-01-06']);
    assert.deepEqual(
      around(() => 0.06),
      [],
    );
  });

  test('late arrivals amended to present, and part-time timetables that grow', () => {
    const from = at('2025-11-17');
    const seen = look(
      madeDays(({ school, day }) => ({
        ...(school === 0 && day >= from ? { edited: 0.7 } : {}),
        ...(school === 1 && day >= from ? { 'part-time timetable': 0.03 } : {}),
      })),
      options,
    );
    assert.deepEqual(
      found(seen, 'late_edits').map(([urn]) => urn),
      [first],
    );
    assert.deepEqual(
      found(seen, 'part_time').map(([urn]) => urn),
      [first + 1],
    );
    for (const [, day] of [...found(seen, 'late_edits'), ...found(seen, 'part_time')])
      assert.ok(day >= '2025-11-17' && day <= '2025-12-16', day);
  });

  test('registers of several schools that stop together, once of their area', () => {
    const day = at('2025-12-03');
    const seen = look(
      madeDays((of) =>
        of.day >= day && of.day < day + 3 && of.school % 6 === 2 ? { silent: 1 } : {},
      ),
      options,
    );
    const areas = seen.filter(({ scope, kind }) => scope === 'area' && kind === 'missing');
    assert.deepEqual(
      areas.map(({ laCode, happenedOn }) => [laCode, happenedOn]),
      [['803', '2025-12-03']],
    );
    assert.equal(areas[0]?.urns?.length, 10);
  });

  test('a school that falls silent for a week, though its register is late now and then', () => {
    const [from, once] = [at('2025-12-01'), at('2025-10-14')];
    const seen = look(
      madeDays(({ school, day }) =>
        school === 4 && (day === once || (day >= from && day < from + 12)) ? { silent: 1 } : {},
      ),
      options,
    );
    const alerts = joinSeen(seen, days).filter(
      ({ urn, kind, happenedOn }) =>
        urn === first + 4 && kind === 'missing' && happenedOn >= '2025-12-01',
    );
    assert.equal(alerts.length, 1);
    assert.ok((alerts[0]?.happenedOn ?? '') <= '2025-12-05');
  });

  test('what is found of a day does not change when later days come', () => {
    const from = at('2025-12-01');
    const all = madeDays(({ school, day }) =>
      school === 3 && day === from ? { illness: 0.4 } : {},
    );
    const cut = (sessions: Sessions): Sessions => ({
      possible: sessions.possible.map((each, cell) => (cell % width > from ? 0 : each)),
      absent: sessions.absent.map((each, cell) => (cell % width > from ? 0 : each)),
    });
    const then = {
      ...all,
      groups: new Map([...all.groups].map(([key, sessions]) => [key, cut(sessions)])),
      late: cut(all.late),
    };
    const upTo = (seen: readonly Seen[]) =>
      seen
        .filter(({ happenedOn }) => happenedOn <= (days[from] as string))
        .map(({ band: _, ...each }) => each);
    const told = upTo(look(all, options));
    assert.ok(told.some(({ urn, kind }) => urn === first + 3 && kind === 'shock'));
    assert.deepEqual(told, upTo(look(then, options)));
  });
});

/** A series of schools on a line, a kilometre apart, in two authorities. */
function neighbours(percentOf: (school: number, day: number) => number): DailySeries {
  const schools = 40;
  return {
    names: Array.from({ length: schools }, (_, school) => ({
      ...{ school: String(first + school), area: school < 20 ? '801' : '802', group: '' },
    })),
    days,
    absencePercent: Float64Array.from({ length: schools * width }, (_, cell) => {
      const [school, day] = [Math.floor(cell / width), cell % width];
      return percentOf(school, day) + 0.6 * randomStream('near', school, day).normal();
    }),
    possible: new Float64Array(schools * width).fill(400),
    due: new Uint8Array(schools * width).fill(1),
  };
}
const places = Array.from({ length: 40 }, (_, school) => ({ easting: 1000 * school, northing: 0 }));
const circleLimit = scoreOf(0.1 / daysAYear);
const circles = (series: DailySeries) =>
  findCircles(series, judge(series), places, circleLimit).map((each) => ({
    day: days[each.day] as string,
    area: each.area,
    rows: each.rows,
  }));

describe('a scan over neighbouring schools', () => {
  test('finds an illness that goes round among some of them, across the border of their authorities', () => {
    const from = at('2025-12-01');
    const ill = (school: number, day: number) =>
      school >= 15 && school < 25 && day >= from && day < from + 8;
    const outbreaks = circles(neighbours((school, day) => (ill(school, day) ? 9 : 5)));
    // Both authorities are told, each once.
    assert.deepEqual(outbreaks.map(({ area }) => area).toSorted(), ['801', '802']);
    assert.ok(
      (outbreaks[0]?.day ?? '') >= '2025-12-01' && (outbreaks[0]?.day ?? '') <= '2025-12-08',
    );
    assert.ok((outbreaks[0]?.rows ?? []).filter((row) => row >= 15 && row < 25).length >= 4);
  });

  test('is not misled by a half-term in another week next door', () => {
    const half = (school: number) => at(school < 20 ? '2025-10-20' : '2025-10-27');
    const series = neighbours((school, day) => {
      const from = half(school);
      if (day >= from && day < from + 5) return Number.NaN;
      return day === from - 1 || day === from + 5 ? 10 : 5;
    });
    assert.deepEqual(circles(series), []);
  });
});

describe('alerts', () => {
  const seen = (changes: Partial<Seen>): Seen => ({
    ...{ scope: 'school', urn: first, laCode: '801', group: '', kind: 'shock', score: 4, band: [] },
    ...{
      happenedOn: '2025-12-01',
      startedOn: '2025-12-01',
      observedPercent: 80,
      expectedPercent: 95,
    },
    ...{ lowerPercent: 92, upperPercent: 97, ...changes },
  });

  test('about the same thing are one, the whole before its parts', () => {
    const alerts = joinSeen(
      [
        seen({ group: 'year_group 7', score: 9 }),
        seen({}),
        seen({ group: 'reason illness', happenedOn: '2025-12-02' }),
        seen({ happenedOn: '2026-01-12', startedOn: '2026-01-12', group: 'year_group 8' }),
        seen({ urn: first + 1 }),
      ],
      days,
    );
    assert.deepEqual(
      alerts.map(({ urn, group, evidence }) => [urn, group, evidence.map((each) => each.group)]),
      [
        [first, '', ['year_group 7', 'reason illness']],
        [first + 1, '', []],
        [first, 'year_group 8', []],
      ],
    );
  });

  test('of a bad week say from when to when, those of a day which day it was', () => {
    const [of] = joinSeen([seen({ startedOn: '2025-11-25' })], days);
    const [day] = joinSeen([seen({})], days);
    assert.ok(of && day);
    const numbers = 'attendance was 80.0%, where 95.0% was to be expected (95 times in 100 it lies';
    assert.ok(sentenceOf(of).startsWith(`From 25 November 2025 to 1 December 2025 ${numbers}`));
    assert.match(sentenceOf(of), /, which is unusual of these days together\.$/);
    assert.ok(sentenceOf(day).startsWith(`On 1 December 2025 ${numbers}`));
  });

  test('of days that stood out are told within what went on, and not once more', () => {
    const holidays = seen({ kind: 'around_holidays', happenedOn: '2025-12-03' });
    const day = seen({ kind: 'shock', group: 'year_group 7' });
    const [alert, ...others] = joinSeen([day, holidays], days);
    assert.deepEqual([alert?.kind, others], ['around_holidays', []]);
    assert.deepEqual(
      alert?.evidence.map(({ group }) => group),
      ['year_group 7'],
    );
    const [alone] = joinSeen([day], days);
    assert.ok(alone && alert);
    assert.deepEqual(notToldBefore([alone], [holidays], days), []);
    // Who was told of the day has not been told of the habit.
    assert.equal(notToldBefore([alert], [day], days).length, 1);
    const elsewhere = joinSeen([day, { ...holidays, urn: first + 1 }], days);
    assert.equal(elsewhere.length, 2);
  });

  test('of all schools are told of each storm, also of a second one within the week', () => {
    const storm = (on: string) =>
      seen({ scope: 'national', urn: 0, laCode: '', happenedOn: on, startedOn: on });
    const [first, second, next] = ['2025-12-01', '2025-12-03', '2025-12-04'].map(storm);
    assert.ok(first && second && next);
    const alerts = joinSeen([first, second, next], days);
    assert.deepEqual(
      alerts.map(({ happenedOn }) => happenedOn),
      ['2025-12-01', '2025-12-03'],
    );
    assert.equal(notToldBefore(joinSeen([second], days), [first], days).length, 1);
    assert.equal(notToldBefore(joinSeen([first], days), [first], days).length, 0);
  });

  test('of registers that go on missing are told once, however long they do', () => {
    const missing = seen({ kind: 'missing', happenedOn: '2025-12-02' });
    const later = { ...missing, happenedOn: '2026-01-12' };
    assert.equal(joinSeen([missing, later], days).length, 1);
    const [again] = joinSeen([later], days);
    const [other] = joinSeen([{ ...later, startedOn: '2026-01-09' }], days);
    assert.ok(again && other);
    assert.deepEqual(notToldBefore([again], [missing], days), []);
    assert.equal(notToldBefore([other], [missing], days).length, 1);
  });

  test('are not told again when marks that come late shift them by a day', () => {
    const [alert] = joinSeen([seen({ happenedOn: '2025-12-03', startedOn: '2025-12-03' })], days);
    assert.ok(alert);
    assert.deepEqual(notToldBefore([alert], [seen({})], days), []);
    assert.equal(notToldBefore([{ ...alert, score: 6 }], [seen({})], days).length, 1);
    assert.equal(notToldBefore([alert], [seen({ kind: 'drift' })], days).length, 1);
    assert.equal(notToldBefore([alert], [seen({ urn: first + 1 })], days).length, 1);
  });
});

test('who leaves is set beside who stays by the exact tail of chance', () => {
  const of = { pupils: 100, leavers: 4, often_absent: 10, often_absent_leavers: 4 };
  // 10 choose 4 over 100 choose 4.
  assert.ok(Math.abs(leaversScore(of) - -Math.log10(210 / 3_921_225)) < 1e-9);
  assert.equal(leaversScore({ ...of, often_absent_leavers: 2 }), 0);
});

test('a group that parts from the rest of its school is told of, and not when the whole school gets worse', () => {
  const from = at('2025-11-10');
  const parting = (worse: 'group' | 'school') => {
    const days = madeDays(({ school, day }) =>
      worse === 'school' && school === 0 && day >= from ? { illness: 0.07 } : {},
    );
    const group: Sessions = {
      possible: new Uint16Array(60 * width).fill(120),
      absent: new Uint16Array(60 * width),
    };
    for (let school = 0; school < 60; school++) {
      const chance = randomStream('group', school);
      for (let day = 0; day < width; day++) {
        const isWorse = school === 0 && day >= from;
        let absent = 0;
        for (let pupil = 0; pupil < 60; pupil++)
          if (chance.uniform() < (isWorse ? 0.13 : 0.05)) absent += 2;
        const all = days.groups.get('') as Sessions;
        group.absent[school * width + day] = Math.min(
          absent,
          all.absent[school * width + day] as number,
        );
        // The others go with them where it is the school that gets worse.
        if (worse === 'school' && isWorse)
          all.absent[school * width + day] = Math.round(400 * 0.13);
        else
          all.absent[school * width + day] = Math.max(
            absent,
            all.absent[school * width + day] as number,
          );
      }
    }
    const groups = new Map([...days.groups, ['fsm 1', group] as const]);
    return look({ ...days, groups }, options).filter(
      ({ kind, urn }) => kind === 'apart' && urn === first,
    );
  };
  const [told] = parting('group');
  assert.equal(told?.group, 'fsm 1');
  assert.ok(
    told &&
      told.happenedOn > '2025-11-17' &&
      (told.observedPercent ?? 100) < (told.lowerPercent ?? 0),
  );
  assert.deepEqual(parting('school'), []);
});
