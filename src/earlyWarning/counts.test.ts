import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bringUp } from '../absence/index.ts';
import { layGround, layMarks } from '../absence/ground.fixture.ts';
import type { Ground, Mark } from '../absence/reference.ts';
import { codeIn, isPossible } from '../base/attendanceCodes.ts';
import { scratchFolder, testClock } from '../testing/stores.ts';
import {
  connectWarehouse,
  migrateWarehouse,
  migrations,
  type Warehouse,
} from '../warehouse/index.ts';
import { parametersOn, type Read } from './ask.ts';
import type { Knowing } from './counts.sql.ts';
import { day, dual, marksOf, mover, registers, schools, weekdays } from './ground.fixture.ts';
import { outcomesOfYear } from './outcomes.sql.ts';
import {
  type Coefficients,
  exampleInputs,
  type Score,
  scoresKept,
  scoresSummed,
  scoresAsKnown,
  widths,
} from './scores.sql.ts';

/*
 * What is counted of a child is what its marks say up to the day, by a reference as plain as can be; and nothing that comes
 * after the day, or was entered after it, changes any of it.
 */

const { folder, remove } = scratchFolder();
let warehouse: Warehouse;
before(async () => {
  warehouse = connectWarehouse(
    { kind: 'embedded', folder: join(folder, 'warehouse') },
    { maxExecutionSeconds: 60 },
  );
  await migrateWarehouse(warehouse, migrations, testClock);
});
after(async () => {
  await warehouse.close();
  remove();
});

let next = 1000;
const coefficients = {
  rate: Array.from({ length: widths.rate }, (_, at) => 0.01 * (at % 5) - 0.02),
  persistent: Array.from({ length: widths.persistent }, (_, at) => 0.01 * (at % 7)),
  month: Array.from({ length: widths.month }, (_, at) => 0.02 * (at % 3)),
};

async function scores(
  receipts: readonly number[],
  asked: {
    knowing: Knowing;
    urns?: readonly number[];
    cameLater?: readonly number[];
    on?: string;
    by?: Coefficients;
  },
): Promise<Score[]> {
  const { knowing, urns = [], cameLater = [], on = day, by = coefficients } = asked;
  const read: Read = (statement, parameters) =>
    warehouse.query(statement, { ...parameters, receipts: [...receipts] });
  const parameters = await parametersOn(read, { urns, on, knowing, cameLater });
  const which = knowing === 'kept' ? scoresKept : scoresAsKnown;
  return warehouse.query(which, { ...parameters, ...by, receipts: [...receipts] });
}

const counting = (receipts: readonly number[]) => receipts.map((id) => ({ id, kind: 'marks' }));

async function lay(ground: Ground): Promise<{ receipts: number[]; first: number }> {
  const receipts = await layGround(warehouse, ground, (next += 100));
  return { receipts, first: receipts[0] as number };
}

/** The same of one enrolment, session by session. */
function reference(ground: Ground, urn: number, pupil: number, from: string) {
  const isClosed = ({ date, session }: Mark) =>
    ground.days.some((each) => each.urn === urn && each.date === date && each.session === session);
  const counted = ground.marks
    .filter((mark) => mark.urn === urn && mark.pupil === pupil)
    .filter((mark) => mark.date >= from && mark.date <= day && !isClosed(mark))
    .map((mark) => ({ ...mark, meaning: codeIn(mark.code, mark.date, mark.session) }))
    .filter(({ meaning }) => meaning && isPossible(meaning))
    .sort((a, b) => (`${a.date} ${a.session}` < `${b.date} ${b.session}` ? -1 : 1));
  const isAbsent = ({ meaning }: (typeof counted)[number]) =>
    meaning?.category === 'authorised' || meaning?.category === 'unauthorised';
  const absent = counted.filter(isAbsent);
  const days = [...Map.groupBy(counted, ({ date }) => date).values()].map((of) =>
    of.some(isAbsent),
  );
  const runs: number[] = [0];
  for (const away of days) {
    if (away) runs.push((runs.pop() ?? 0) + 1);
    else runs.push(0);
  }
  const mondayOf = (date: string) =>
    new Date(Date.parse(date) - ((new Date(date).getUTCDay() + 6) % 7) * 86_400_000)
      .toISOString()
      .slice(0, 10);
  const weeks = [...new Set(counted.map(({ date }) => mondayOf(date)))];
  const recent = counted.filter(({ date }) => weeks.slice(-4).includes(mondayOf(date)));
  const weekday = ({ date }: { date: string }) => new Date(date).getUTCDay();
  return {
    possible: counted.length,
    absent: absent.length,
    unauthorised: absent.filter(({ meaning }) => meaning?.category === 'unauthorised').length,
    late: counted.filter(({ code }) => code === 'L' || code === 'U').length,
    absent_at_ends: absent.filter((mark) => weekday(mark) === 1 || weekday(mark) === 5).length,
    recent_possible: recent.length,
    recent_absent: recent.filter(isAbsent).length,
    spells: runs.filter((run) => run > 0).length,
    longest_spell: Math.max(...runs),
    present_spell: runs.at(-1),
    days_counted: days.length,
    weeks_counted: weeks.length,
  };
}

test('every count is what the marks say, kept or as they stood', async () => {
  const ground = registers();
  const { receipts } = await lay(ground);
  await bringUp(warehouse, counting(receipts));
  const then = await scores(receipts, { knowing: 'asKnown' });
  assert.deepEqual(await scores(receipts, { knowing: 'kept' }), then);
  assert.equal(then.length, 36 + 1 + 2);
  let away = 0;
  for (const each of then) {
    const expected = reference(
      ground,
      each.urn,
      Number(each.pupil),
      each.entry_date > '2025-08-01' ? each.entry_date : '2025-08-01',
    );
    assert.deepEqual({ ...expected, ...each }, { ...each, ...expected }, `pupil ${each.pupil}`);
    away += expected.absent;
  }
  assert.ok(away > 200);
  const last = (pupil: number) => {
    const { last_possible, last_absent } = then.find((each) => each.pupil === `${pupil}`) as Score;
    return { last_possible, last_absent };
  };
  const spring = ground.marks.filter(({ pupil, date }) => pupil === 1 && date < '2025-08-01');
  const meanings = spring.map(({ code, date, session }) => codeIn(code, date, session));
  assert.deepEqual(last(1), {
    last_possible: meanings.filter((each) => each && isPossible(each)).length,
    last_absent: meanings.filter((each) => each?.category.endsWith('authorised')).length,
  });
});

test('who changed school brings last year along, and each roll is scored by its own sessions', async () => {
  const ground = registers();
  const { receipts } = await lay(ground);
  const all = await scores(receipts, { knowing: 'asKnown' });
  const moved = all.find(({ pupil }) => pupil === `${mover}`);
  assert.equal(moved?.urn, schools[1]);
  assert.equal(moved?.schools_left, 1);
  assert.equal(moved?.came_late, 1);
  assert.ok((moved?.last_possible ?? 0) >= 30);
  const both = all.filter(({ pupil }) => pupil === `${dual}`);
  assert.deepEqual(
    both.map(({ urn }) => urn),
    [schools[0], schools[2]],
  );
  assert.notEqual(both[0]?.absent, both[1]?.absent);
  assert.equal(both[0]?.last_absent, both[1]?.last_absent);
  assert.ok(
    all.every(({ pupil }) => pupil !== '42'),
    'who is not on the roll yet has no score',
  );
  for (const urn of schools) {
    assert.deepEqual(
      await scores(receipts, { knowing: 'asKnown', urns: [urn] }),
      all.filter((each) => each.urn === urn),
      'what is asked of one school is what is asked of all',
    );
  }
});

/** Everything that can come after the day: each is laid under a receipt of its own, which is later too. */
const later: Record<string, (ground: Ground) => { marks?: Mark[]; ground?: Partial<Ground> }> = {
  'marks of later days': () => ({
    marks: marksOf(schools[0], 3, weekdays('2026-03-02', '2026-03-27'), 0.9),
  }),
  'amendments entered later, of days before': ({ marks }) => ({
    marks: marks
      .filter(({ date }) => date < day)
      .map((mark) => ({ ...mark, code: 'O', entered_at: '2026-01-19 10:00:00', entry: 1 })),
  }),
  'amendments entered later, of last year': ({ marks }) => ({
    marks: marks
      .filter(({ date }) => date < '2025-08-01')
      .map((mark) => ({ ...mark, code: 'O', entered_at: '2026-02-01 10:00:00', entry: 1 })),
  }),
  'a roll on which a child leaves later': ({ enrolments }) => ({
    ground: {
      enrolments: enrolments.map((each) =>
        each.pupil === 3
          ? { ...each, leaving_date: '2026-02-13', receipt: 21 }
          : { ...each, receipt: 21 },
      ),
    },
  }),
};

for (const [name, make] of Object.entries(later)) {
  test(`the future is not seen: ${name}`, async () => {
    const ground = registers();
    const { receipts, first } = await lay(ground);
    const before = await scores(receipts, { knowing: 'asKnown' });
    const { marks = [], ground: more } = make(ground);
    await layMarks(
      warehouse,
      marks.map((mark) => ({ ...mark, receipt: 31 })),
      first,
    );
    if (more) {
      await layGround(
        warehouse,
        { schools: [], trusts: [], days: [], enrolments: [], marks: [], ...more },
        first,
      );
    }
    assert.deepEqual(await scores(receipts, { knowing: 'asKnown' }), before);
    assert.deepEqual(
      await scores(receipts, { knowing: 'asKnown', cameLater: [first + 31, first + 21] }),
      before,
    );
  });
}

test('what came by a later receipt is not seen, whatever day it says', async () => {
  const ground = registers();
  const { receipts, first } = await lay(ground);
  const before = await scores(receipts, { knowing: 'asKnown' });
  const marks = ground.marks.map((mark) => ({ ...mark, receipt: 31, code: 'O', entry: 2 }));
  await layMarks(warehouse, marks, first);
  assert.deepEqual(await scores(receipts, { knowing: 'asKnown', cameLater: [first + 31] }), before);
  assert.notDeepEqual(
    await scores(receipts, { knowing: 'asKnown' }),
    before,
    'a planted leak is found',
  );
});

test('of today, what is marked ahead for later days is not seen', async () => {
  const { receipts, first } = await lay(registers());
  await bringUp(warehouse, counting(receipts));
  const before = await scores(receipts, { knowing: 'kept' });
  const ahead = marksOf(schools[0], 3, weekdays('2026-03-02', '2026-03-27'), 0.9).map((mark) => ({
    ...mark,
    receipt: 32,
    entered_at: '2026-01-10 09:00:00',
  }));
  await layMarks(warehouse, ahead, first);
  await bringUp(warehouse, counting([...receipts, first + 50]));
  assert.deepEqual(await scores(receipts, { knowing: 'kept' }), before);
});

test('a calendar of a few days does not decide a child’s year; a whole one does', async () => {
  const ground = registers();
  const { receipts, first } = await lay(ground);
  const usual = await scores(receipts, { knowing: 'asKnown' });
  assert.ok(usual.every(({ has_calendar }) => has_calendar === 0));
  const [{ left = 0, soon = 0 } = {}] = usual;
  assert.ok(left > 200 && left < 240, `${left}`);
  assert.ok(soon >= 30 && soon <= 40, `${soon}`);
  const whole = weekdays('2025-09-01', '2026-07-17').flatMap((date) =>
    [0, 1].map((session) => ({ receipt: 11, urn: schools[1], date, session, open: true })),
  );
  await layGround(warehouse, { ...ground, enrolments: [], marks: [], days: whole }, first);
  const found = await scores(receipts, { knowing: 'asKnown' });
  const atWhole = found.filter(({ urn }) => urn === schools[1]);
  const expected = whole.filter(({ date }) => date > day).length;
  assert.ok(atWhole.length > 0);
  assert.ok(atWhole.every((each) => each.has_calendar === 1 && each.left === expected));
  assert.ok(atWhole.every((each) => each.soon === 40));
  assert.deepEqual(
    found.filter(({ urn }) => urn !== schools[1]),
    usual.filter(({ urn }) => urn !== schools[1]),
  );
});

const wholeYear = (urn: number) =>
  weekdays('2025-09-01', '2026-07-17').flatMap((date) =>
    [0, 1].map((session) => ({ receipt: 11, urn, date, session, open: true })),
  );

test('what is left is the child’s own: of mornings alone half, and of who leaves soon up to the last day', async () => {
  const ground = registers();
  const [mornings, leaves] = [3, 6];
  const marks = ground.marks.map((mark) =>
    mark.pupil === mornings && mark.session === 1 ? { ...mark, code: 'X' } : mark,
  );
  const enrolments = ground.enrolments.map((each) =>
    each.pupil === leaves ? { ...each, leaving_date: '2026-01-23' } : each,
  );
  const days = wholeYear(schools[0]);
  const { receipts } = await lay({ ...ground, marks, enrolments, days });
  await bringUp(warehouse, counting(receipts));
  const here = (await scores(receipts, { knowing: 'kept' })).filter(
    ({ urn }) => urn === schools[0],
  );
  const of = (pupil: number) => here.find((each) => each.pupil === `${pupil}`) as Score;
  const left = days.filter(({ date }) => date > day).length;
  assert.equal(of(9).left, left);
  assert.deepEqual([of(9).week_most, of(9).weeks_since], [10, 0]);
  assert.equal(of(mornings).week_most, 5);
  assert.equal(of(mornings).left, left / 2);
  assert.equal(of(mornings).soon, 20);
  assert.deepEqual([of(leaves).left, of(leaves).soon], [10, 10]);
  const then = await scores(receipts, { knowing: 'asKnown' });
  const leaver = then.find(({ pupil }) => pupil === `${leaves}`);
  assert.equal(leaver?.left, left, 'of a day that is over it might not have been known');
});

test('where registers stopped, nothing is certain that they may still bring', async () => {
  const ground = registers();
  const on = '2026-06-26';
  const here = (session: number) => (session === 0 ? '/' : '\\');
  const stopped = ground.marks
    .filter(({ date }) => date > '2025-09-01' && date <= '2025-12-05')
    .map((mark) => ({ ...mark, code: mark.date < '2025-10-01' ? 'I' : here(mark.session) }));
  const { receipts } = await lay({ ...ground, marks: stopped, days: wholeYear(schools[0]) });
  const none = (width: number) => new Array<number>(width).fill(0);
  const { rate, persistent, month } = widths;
  const by = { rate: none(rate), persistent: none(persistent), month: none(month) };
  const found = (await scores(receipts, { knowing: 'asKnown', on, by })).filter(
    ({ urn, pupil }) => urn === schools[0] && Number(pupil) < 37,
  );
  assert.ok(found.length > 5);
  for (const { possible, absent, left, probability_persistent, weeks_since } of found) {
    assert.ok(10 * absent >= possible + left, 'else it would not be certain anyhow');
    assert.equal(weeks_since, 29);
    assert.equal(probability_persistent, 0.5);
  }
});

test('a school that has nobody on its roll any more closed or has a new number: nobody changed school', async () => {
  const ground = registers();
  const moved = ground.enrolments.filter(({ urn }) => urn === schools[2]);
  const enrolments = [
    ...ground.enrolments.map((each) =>
      each.urn === schools[2] ? { ...each, leaving_date: '2025-12-31' } : each,
    ),
    ...moved.map((each) => ({ ...each, urn: 900004, entry_date: '2026-01-01' })),
  ];
  const marks = ground.marks.map((mark) =>
    mark.urn === schools[2] && mark.date >= '2026-01-01' ? { ...mark, urn: 900004 } : mark,
  );
  const { receipts } = await lay({ ...ground, enrolments, marks });
  const found = await scores(receipts, { knowing: 'asKnown' });
  const converted = found.filter(({ urn }) => urn === 900004);
  assert.ok(converted.length > 5);
  assert.ok(converted.every(({ schools_left }) => schools_left === 0));
  assert.equal(found.find(({ pupil }) => pupil === `${mover}`)?.schools_left, 1);
});

test('who a child is stands in no statement that scores', () => {
  const whoAChildIs = /\b(fsm|sen|eal|sex|ethnicity)\b/;
  for (const { text } of [scoresKept, scoresAsKnown, scoresSummed, exampleInputs]) {
    assert.doesNotMatch(text, whoAChildIs);
  }
  assert.match(outcomesOfYear.text, whoAChildIs, 'the audit does read it');
});
