import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attendanceCodes, byteOf } from '../../base/attendanceCodes.ts';
import fc from '../../testing/chance.ts';
import { arithmeticOf, reasonsOf } from '../reasons.ts';
import { weekdays } from '../ground.fixture.ts';
import type { Score } from '../scores.sql.ts';
import { markedOn, weeksOfRows } from './weeks.ts';
import { listedFrom, type WorklistParts, worklistOf } from './worklist.ts';

const score = (pupil: number, part: Partial<Score> = {}): Score => ({
  ...{ urn: 900001, pupil: `${pupil}`, entry_date: '2023-09-01', possible: 100, absent: 4 },
  ...{ unauthorised: 0, late: 0, absent_at_ends: 1, recent_possible: 40, recent_absent: 0 },
  ...{ spells: 2, longest_spell: 1, present_spell: 0, days_counted: 50, weeks_counted: 10 },
  ...{ week_most: 10, weeks_since: 0 },
  ...{ last_possible: 0, last_absent: 0, schools_left: 0, first_year: 0, came_late: 0 },
  ...{ has_calendar: 1, left: 280, soon: 40, rate: 0.05 },
  ...{ probability_persistent: 0.01 * pupil, probability_next_4_weeks: 0.2, ...part },
});

const byteFor = (wanted: string) =>
  byteOf(
    attendanceCodes.findLast(({ code }) => code === wanted) as (typeof attendanceCodes)[number],
  );
const list = (part: Partial<WorklistParts>) =>
  worklistOf({
    ...{ urns: [900001], scores: [], notes: [], said: [], since: '2025-09-01' },
    ...part,
  });

test('who is likely is listed whatever the capacity; the highest besides, up to it', () => {
  const scores = Array.from({ length: 60 }, (_, at) => score(at + 1));
  const likely = scores.filter((each) => each.probability_persistent >= listedFrom).length;
  assert.equal(list({ scores, capacity: 3 }).length, likely);
  assert.equal(list({ scores, capacity: 0 }).length, likely);
  const more = list({ scores, capacity: likely + 4 });
  assert.equal(more.length, likely + 4);
  assert.equal(more.filter(({ because }) => because === 'capacity').length, 4);
  const few = scores.slice(0, 20);
  assert.deepEqual(
    list({ scores: few }).map(({ pupil }) => pupil),
    ['20'],
    'a twentieth of the roll',
  );
});

test('whom somebody has stays listed, so that nobody is lost who gets better', () => {
  const scores = Array.from({ length: 20 }, (_, at) => score(at + 1));
  const held = { urn: 900001, name: 'A. Head', since: '2026-01-05', canSee: true };
  const said = [
    { ...held, id: 1, pupil: '3', person: 7 },
    { ...held, id: 2, pupil: '4', person: null },
    { ...held, id: 3, pupil: '5', person: 8, canSee: false },
  ];
  const found = list({ scores, said, capacity: 1 });
  assert.deepEqual(
    found.map(({ pupil, because }) => [pupil, because]),
    [
      ['20', 'capacity'],
      ['5', 'held'],
      ['3', 'held'],
    ],
    'also where whoever had it is not here any more',
  );
});

test('whom somebody has stays listed in the first days of a year too, last and without a probability', () => {
  const held = { urn: 900001, name: 'A. Head', since: '2025-07-05', canSee: true };
  const said = [
    { ...held, id: 1, pupil: '50', person: 7 },
    { ...held, id: 2, pupil: '60', person: null },
  ];
  const note = { id: 1, urn: 900001, pupil: '50', on: '2025-07-05', by: 'A. Head', text: 'Rang.' };
  const found = list({ said, notes: [note], scores: [score(40)] });
  assert.deepEqual(
    found.map((entry) => [entry.pupil, entry.because, entry.score === null, entry.unseen]),
    [
      ['40', 'likely', false, false],
      ['50', 'held', true, false],
    ],
  );
  assert.match(found[1]?.why.join() ?? '', /too few half days/);
  assert.deepEqual(found[1]?.notes, [note]);
  const asked = (pupil: string) => list({ asked: pupil }).map(({ because }) => because);
  assert.deepEqual(asked('70'), ['asked'], 'of whom somebody is writing');
});

test('first who missed a tenth and of whom nobody has written anything yet', () => {
  const scores = [
    score(1, { probability_persistent: 0.9 }),
    score(2, { absent: 10, probability_persistent: 0.5 }),
    score(3, { absent: 30, probability_persistent: 1 }),
    score(4, { absent: 12, probability_persistent: 0.7 }),
  ];
  const note = { urn: 900001, on: '2026-01-05', by: 'A. Head', text: 'Rang home.' };
  const notes = [
    { ...note, id: 1, pupil: '3' },
    { ...note, id: 2, pupil: '4', on: '2025-06-01', text: 'Of last year.' },
  ];
  const found = list({ scores, notes });
  assert.deepEqual(
    found.map(({ pupil, unseen }) => [pupil, unseen]),
    [
      ['4', true],
      ['2', true],
      ['3', false],
      ['1', false],
    ],
    'what was written last year does not count',
  );
  assert.deepEqual(
    found[0]?.notes.map(({ text }) => text),
    ['Of last year.'],
    'and is shown all the same',
  );
});

test('what is another school’s own is not told, of a child who is on both rolls', () => {
  const scores = [score(1, { probability_persistent: 0.9, absent: 20 })];
  const there = { urn: 900002, pupil: '1' };
  const found = list({
    scores: [...scores, score(1, { urn: 900002, probability_persistent: 0.2 })],
    notes: [{ ...there, id: 1, on: '2026-01-05', by: 'B. Other', text: 'Of the other school.' }],
    said: [{ ...there, id: 1, person: 7, name: 'B. Other', since: '2026-01-05', canSee: true }],
  });
  assert.equal(found.length, 1);
  assert.deepEqual(
    found.map(({ notes, holder, unseen }) => ({ notes, holder, unseen })),
    [{ notes: [], holder: null, unseen: true }],
  );
  assert.doesNotMatch(JSON.stringify(found), /Other|900002/);
});

test('a child on the rolls of two URNs of a school is listed once, by the newest', () => {
  const scores = [900005, 900001].map((urn) => score(60, { urn, probability_persistent: 0.9 }));
  for (const each of [scores, scores.toReversed()]) {
    const found = list({ urns: [900001, 900005], scores: each });
    assert.deepEqual(
      found.map(({ score }) => score?.urn),
      [900005],
    );
  }
});

test('the order does not hang on the order in which scores come', () => {
  const scores = Array.from({ length: 30 }, (_, at) =>
    score(at + 1, { absent: at % 13, probability_persistent: (at % 7) / 7 }),
  );
  const expected = list({ scores });
  fc.assert(
    fc.property(fc.shuffledSubarray(scores, { minLength: 30 }), (shuffled) => {
      assert.deepEqual(list({ scores: shuffled }), expected);
    }),
    { numRuns: 20 },
  );
});

test('the strip says of each half day what it was', () => {
  const bytes = ['/', '\\', 'L', 'I', 'O', 'U', 'D', 'X', 'V', '#'].map(byteFor);
  const rows = [
    { urn: 900001, pupil: '50', monday: '2026-01-12', bytes },
    { urn: 900001, pupil: '50', monday: '2026-01-05', bytes: [0, 0, 0, 0, 128] },
  ];
  const calendar = weekdays('2026-01-05', '2026-01-09').flatMap((date) =>
    [0, 1].map((session) => ({ date, session, open: date > '2026-01-05' })),
  );
  const around = {
    calendar,
    ...{ spans: [{ entry_date: '2023-09-01', leaving_date: null }], today: '2026-01-16' },
  };
  assert.deepEqual(weeksOfRows(rows, around), [
    {
      monday: '2026-01-05',
      cells: ['blank', 'blank', 'no mark', 'no mark', 'present', ...Array(5).fill('no mark')],
    },
    {
      monday: '2026-01-12',
      cells: [
        ...([
          'present',
          'present',
          'late',
          'authorised',
          'unauthorised',
          'late after close',
        ] as const),
        ...(['not counted', 'not counted', 'present', 'not counted'] as const),
      ],
    },
  ]);
});

test('a mark on a session that the calendar closed later is not drawn, as it is not counted', () => {
  const rows = [{ urn: 900001, pupil: '50', monday: '2026-01-12', bytes: Array(10).fill(128) }];
  const calendar = [0, 1].map((session) => ({ date: '2026-01-14', session, open: false }));
  const [week] = weeksOfRows(rows, {
    ...{ calendar, spans: [{ entry_date: '2023-09-01', leaving_date: null }], today: '2026-01-19' },
  });
  assert.deepEqual(week?.cells.slice(3, 7), ['present', 'blank', 'blank', 'present']);
});

test('a week without any mark stands there where the calendar has it, and a week of two URNs once', () => {
  const week = (urn: number, monday: string, bytes: number[]) => ({
    ...{ urn, pupil: '50', monday },
    bytes: [...bytes, ...Array(10 - bytes.length).fill(0)],
  });
  const rows = [
    week(900001, '2026-01-05', [128, 128, 128]),
    week(900005, '2026-01-05', [0, 0, byteFor('I'), byteFor('I')]),
    week(900005, '2026-01-19', Array(10).fill(128)),
  ];
  const calendar = weekdays('2026-01-05', '2026-01-23').flatMap((date) =>
    [0, 1].map((session) => ({ date, session, open: true })),
  );
  const found = weeksOfRows(rows, {
    calendar,
    spans: [{ entry_date: '2023-09-01', leaving_date: null }],
    today: '2026-01-21',
  });
  assert.deepEqual(
    found.map(({ monday, cells }) => [monday, cells.slice(0, 5).join(', ')]),
    [
      ['2026-01-05', 'present, present, authorised, authorised, no mark'],
      ['2026-01-12', 'no mark, no mark, no mark, no mark, no mark'],
      ['2026-01-19', 'present, present, present, present, present'],
    ],
  );
});

test('no mark is missing today, before a child came or after it left', () => {
  const rows = [{ urn: 900001, pupil: '50', monday: '2026-01-12', bytes: Array(10).fill(0) }];
  const calendar = weekdays('2026-01-12', '2026-01-16').flatMap((date) =>
    [0, 1].map((session) => ({ date, session, open: true })),
  );
  const cells = (today: string, from: string, to: string | null) =>
    weeksOfRows(rows, {
      calendar,
      spans: [{ entry_date: from, leaving_date: to }],
      today,
    })[0]?.cells.map((cell) => cell === 'no mark');
  const [yes, no] = [true, false];
  assert.deepEqual(cells('2026-01-14', '2026-01-13', null), [
    no,
    no,
    yes,
    yes,
    no,
    no,
    no,
    no,
    no,
    no,
  ]);
  assert.deepEqual(cells('2026-02-14', '2025-01-13', '2026-01-12'), [
    yes,
    yes,
    ...Array(8).fill(no),
  ]);
  const today = [
    { urn: 1, pupil: '1', monday: '2026-01-12', bytes: [0, 0, 0, 128, 0, 0, 0, 0, 0, 0] },
  ];
  assert.deepEqual(markedOn(today, '2026-01-13'), [1]);
  assert.deepEqual(markedOn(today, '2026-01-12'), []);
});

test('of a child that leaves and comes back no mark is missing between', () => {
  const calendar = weekdays('2026-01-12', '2026-01-16').flatMap((date) =>
    [0, 1].map((session) => ({ date, session, open: true })),
  );
  const spans = [
    { entry_date: '2023-09-01', leaving_date: '2026-01-12' },
    { entry_date: '2026-01-15', leaving_date: null },
  ];
  const [week] = weeksOfRows([], { calendar, spans, today: '2026-01-19' });
  assert.deepEqual(
    week?.cells.map((cell) => (cell === 'no mark' ? 1 : 0)),
    [1, 1, 0, 0, 0, 0, 1, 1, 1, 1],
  );
});

test('notes stand newest first, those of one day too', () => {
  const note = { urn: 900001, pupil: '40', on: '2026-01-05', by: 'A. Head', text: '' };
  const notes = [3, 1, 2].map((id) => ({ ...note, id }));
  const [entry] = list({ scores: [score(40)], notes });
  assert.deepEqual(
    entry?.notes.map(({ id }) => id),
    [3, 2, 1],
  );
});

test('reasons are facts of attendance in words', () => {
  const reasons = reasonsOf(
    score(1, {
      ...{ absent: 20, unauthorised: 12, recent_absent: 14, present_spell: 3, spells: 6 },
      ...{ longest_spell: 5, last_possible: 380, last_absent: 50, late: 9, schools_left: 1 },
      absent_at_ends: 15,
    }),
  );
  assert.deepEqual(reasons, [
    'away for at least half of each of the last 3 school days',
    'missed 20.0% of the year so far (20 of 100 half days)',
    'missed 14 of 40 half days in the last four school weeks',
    'missed 13.2% last year',
    'absences in 6 separate runs of school days this year',
    'an absence of 5 school days in a row',
    '60.0% of the absence without leave',
    '75.0% of the absence on Mondays and Fridays',
    'late 9 times',
    'changed school this year',
  ]);
  assert.deepEqual(reasonsOf(score(1, { absent: 0 })), ['missed nothing so far this year']);
});

test('of a child of whom no mark has come for weeks nothing is said as if it were so today', () => {
  const stopped = score(1, {
    ...{ absent: 20, present_spell: 3, recent_absent: 14, last_possible: 0, weeks_since: 4 },
  });
  assert.deepEqual(reasonsOf(stopped), [
    'no mark in the last 4 weeks',
    'missed 20.0% of the year so far (20 of 100 half days)',
  ]);
});

test('what the arithmetic says is said only by a calendar that is told to its end', () => {
  const coming = weekdays('2026-02-02', '2026-08-14').flatMap((each) => [each, each]);
  const said = (part: Partial<Score>, days: string[] | null = coming, leaves = false) =>
    arithmeticOf(score(1, part), days, { leaves });
  assert.equal(
    said({}),
    'can miss at most 33 of the 280 half days left for the year to end below a tenth',
  );
  assert.equal(
    said({ absent: 11 }),
    'can miss at most 26 of the 280 half days left for the year to end below a tenth; out of persistent absence on 9 February 2026 at the earliest',
  );
  assert.equal(said({}, null), null);
  assert.equal(said({ week_most: 5 }), null, 'mornings alone');
  assert.equal(said({ weeks_since: 4 }), null, 'registers stopped');
  assert.match(said({ absent: 38 }) ?? '', /whatever comes, the year/);
  assert.match(said({ possible: 370 }, coming.slice(0, 10)) ?? '', /the year cannot end/);
  assert.match(said({ absent: 38 }, coming, true) ?? '', /whatever comes, its time here will/);
});
