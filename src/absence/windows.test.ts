import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countingYearOf, easterSunday, halfTerms, terms } from './windows.ts';

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
