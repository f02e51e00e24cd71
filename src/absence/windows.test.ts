import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAcademicYear, yearLabel } from '../base/academicYear.ts';
import { Refusal } from '../base/problem.ts';
import { testClock } from '../testing/stores.ts';
import { questionOf } from './ask.ts';
import { readChoice } from './pages/choice.ts';
import { countingYear, countingYearOf, easterSunday, halfTerms, terms, yearIn } from './windows.ts';

test('Easter falls when it fell', () => {
  assert.deepEqual(
    [2008, 2011, 2019, 2024, 2025, 2026, 2038].map(easterSunday).join(' '),
    '2008-03-23 2011-04-24 2019-04-21 2024-03-31 2025-04-20 2026-04-05 2038-04-25',
  );
});

test('half-terms and terms are the census’s windows, without a gap between them', () => {
  assert.deepEqual(
    halfTerms(202425).map(({ from, to }) => `${from} ${to}`),
    [
      '2024-08-01 2024-10-27',
      '2024-10-28 2024-12-31',
      '2025-01-01 2025-02-16',
      '2025-02-17 2025-04-20',
      '2025-04-21 2025-05-25',
      '2025-05-26 2025-07-31',
    ],
  );
  assert.deepEqual(
    terms(202526).map(({ from, to }) => `${from} ${to}`),
    ['2025-08-01 2025-12-31', '2026-01-01 2026-04-05', '2026-04-06 2026-07-31'],
  );
});

test('a day in August belongs to the year that begins', () => {
  assert.equal(countingYearOf('2024-07-31'), 202324);
  assert.equal(countingYearOf('2024-08-01'), 202425);
  assert.equal(countingYearOf('2025-01-01'), 202425);
});

test('a year that no registers can be of is refused in a sentence, however it is asked for', () => {
  for (const typed of ['100102', '198990', '209900', '299900', '2147/48']) {
    assert.equal(yearIn(typed), undefined, typed);
    const year = parseAcademicYear(typed) as number;
    const sentence = (error: unknown) =>
      error instanceof Refusal &&
      error.reason === 'bad-input' &&
      error.message ===
        `No registers are kept of ${yearLabel(year)}. Give a year from 1990/91 to 2098/99, as 202627.`;
    assert.throws(() => countingYear(year), sentence, typed);
    assert.throws(() => questionOf({ year: typed }, testClock), sentence, typed);
  }
  for (const from of ['1800-01-01', '2199-12-31']) {
    assert.throws(() => questionOf({ from }, testClock), Refusal, from);
  }
  assert.equal(countingYear(yearIn('1990/91') ?? 0).from, '1990-08-01');
  assert.equal(countingYear(yearIn('209899') ?? 0).to, '2099-07-31');
});

test('the form says of any year that is none to ask for to choose one from the list, and shows the current one', () => {
  for (const year of ['100102', '999900', '-202526', '202528', '9'.repeat(400)]) {
    const { question, faults } = readChoice({ year }, testClock, { periods: true });
    assert.deepEqual(faults, [{ field: 'year', text: 'Choose a year from the list' }], year);
    assert.equal(question.year, countingYearOf('2026-11-22'));
  }
});
