import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attendanceCodes, codeIn } from '../../base/attendanceCodes.ts';
import { daysAfter } from '../../base/day.ts';
import fc from '../../testing/chance.ts';
import { stripSentences } from '../../ui/index.ts';
import { type CountedMark, reasonsOf, spellsOf, stripOfYear } from './childYear.ts';
import { kindOf } from './week.ts';

const year = 202627;
const monday = '2026-11-02';
/** A week as registers write it, morning and afternoon of each day; a space is no mark. */
const week = (from: string, codes: string): CountedMark[] =>
  [...codes].flatMap((code, at) =>
    code === ' ' ? [] : [{ date: daysAfter(from, at >> 1), session: at % 2, code }],
  );
const sessions = (from: string) =>
  Array.from({ length: 10 }, (_, at) => ({ date: daysAfter(from, at >> 1), session: at % 2 }));

test('the strip has each week with anything in it, and each half day as what it was', () => {
  const marks = [...week('2026-10-12', '/\\/\\/\\/\\/\\'), ...week(monday, '/LIO UDX\\/')];
  const parts = stripOfYear(year, marks, sessions(monday));
  assert.deepEqual(
    parts.map(({ halfTerm, weeks }) => [halfTerm, weeks.map((each) => each.monday)]),
    [
      [0, ['2026-10-12']],
      [1, [monday]],
    ],
  );
  assert.deepEqual(parts[1]?.weeks[0]?.cells, [
    ...['present', 'late', 'authorised', 'unauthorised', 'no mark', 'late after close'],
    // A stroke of the other half of the day is no code there.
    ...['not counted', 'not counted', 'not counted', 'not counted'],
  ]);
  assert.deepEqual(stripSentences(parts[1]?.weeks ?? []), [
    'Week of 2 November 2026: came to 2 of 5 half days; late Monday afternoon; away with leave Tuesday morning; in after the register closed (counts as away) Wednesday afternoon; away without leave Tuesday afternoon; not counted Thursday and Friday; no mark Wednesday morning.',
  ]);
});

test('a code that counts as absence is drawn under its own letter where it says more than that', () => {
  const [part] = stripOfYear(year, week(monday, 'UNGOL'), []);
  assert.deepEqual(part?.weeks[0]?.cells.slice(0, 5), [
    ...['late after close', 'no reason yet', 'unauthorised', 'unauthorised', 'late'],
  ]);
});

test('of two rolls an absence is shown before a presence, and both before what does not count', () => {
  const both = [...week(monday, 'DI/ '), ...week(monday, '/\\I ')];
  const [part] = stripOfYear(year, both, []);
  assert.deepEqual(part?.weeks[0]?.cells.slice(0, 4), [
    ...['present', 'authorised', 'authorised', 'blank'],
  ]);
});

test('a spell goes on over a weekend and over what does not count, and ends with a half day at school', () => {
  const marks = [...week(monday, '/\\/\\/\\/\\OI'), ...week('2026-11-09', 'XII\\/\\I /\\')];
  const spells = spellsOf(marks);
  assert.deepEqual(
    spells.map(({ from, to, sessions: length }) => [
      ...[`${from.date} ${from.session}`, `${to.date} ${to.session}`, length],
    ]),
    [
      ['2026-11-12 0', '2026-11-12 0', 1],
      ['2026-11-06 0', '2026-11-10 0', 4],
    ],
  );
  assert.deepEqual(
    spells[1]?.reasons.map(({ code, sessions: length }) => [code, length]),
    [
      ['I', 3],
      ['O', 1],
    ],
  );
  assert.match(spells[1]?.reasons[0]?.meaning ?? '', /Illness/);
});

test('a half day missed at one school and attended at the other ends a spell', () => {
  const marks = [...week(monday, 'III'), ...week(monday, '  /'), ...week(monday, '   II')];
  assert.deepEqual(
    spellsOf(marks).map(({ from, sessions: length }) => [`${from.date} ${from.session}`, length]),
    [
      ['2026-11-03 1', 2],
      [`${monday} 0`, 3],
    ],
  );
});

test('spells, and reasons, come to the absences that count, whatever the marks', () => {
  const code = fc.constantFrom(...attendanceCodes.map((each) => each.code), '?');
  const marks = fc.array(
    fc.record({
      date: fc.nat(40).map((at) => daysAfter(monday, at)),
      session: fc.constantFrom(0, 1),
      code,
    }),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(marks, (all) => {
      const absent = all.filter(
        (mark) => kindOf(codeIn(mark.code, mark.date, mark.session)) === 'absent',
      ).length;
      const sum = (parts: readonly { sessions: number }[]) =>
        parts.reduce((total, each) => total + each.sessions, 0);
      const spells = spellsOf(all);
      assert.equal(sum(spells), absent);
      assert.equal(sum(reasonsOf(all)), absent);
      for (const { reasons, sessions: length } of spells) assert.equal(sum(reasons), length);
    }),
  );
});
