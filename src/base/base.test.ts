import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import {
  academicYear,
  parseAcademicYear,
  startYearOf,
  yearLabel,
  yearsAfter,
  yearsBetween,
} from './academicYear.ts';
import { csvText } from './csv.ts';
import { laCodeOf } from './identifiers.ts';
import { percentOf, percentText, roundHalfUp } from './rate.ts';

test('an academic year is written 201819, shown 2018/19, and counted on over the turn of a century', () => {
  assert.equal(academicYear(2018), 201819);
  assert.equal(academicYear(2099), 209900);
  assert.equal(yearLabel(209900), '2099/00');
  assert.equal(yearsAfter(201819, -6), 201213);
  assert.deepEqual(yearsBetween(201617, 201819), [201617, 201718, 201819]);
});

test('every academic year is read back from both ways of writing it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1990, max: 2150 }), (start) => {
      const year = academicYear(start);
      assert.equal(parseAcademicYear(String(year)), year);
      assert.equal(parseAcademicYear(yearLabel(year)), year);
      assert.equal(startYearOf(year), start);
    }),
  );
});

test('what is not an academic year is not read as one', () => {
  for (const text of ['201820', '2018', '20181', '2018-19', '', 'abc', '201818']) {
    assert.equal(parseAcademicYear(text), undefined, text);
  }
});

test('rounding is half away from zero with tolerance, as the department rounds', () => {
  assert.equal(roundHalfUp(1.005, 2), 1.01);
  assert.equal(roundHalfUp(2.5), 3);
  assert.equal(roundHalfUp(-2.5), -3);
  assert.equal(roundHalfUp(0.15, 1), 0.2);
  assert.equal(percentText(4.85), '4.9%');
});

test('a rate of nothing is not zero', () => {
  assert.equal(percentOf(0, 0), undefined);
  assert.equal(percentOf(1, 8), 12.5);
});

test('a LAESTAB begins with the authority’s code', () => {
  assert.equal(laCodeOf(2013614), '201');
});

test('a file keeps names with commas and quotes, and leaves blank what is not known', () => {
  const text = csvText(['name', 'percent'], [{ name: 'St "A", Hill', percent: null }]);
  assert.equal(text, 'name,percent\n"St ""A"", Hill",\n');
});
