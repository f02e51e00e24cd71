import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PublishedYear, yearsOfSchool } from './published.ts';

const part = (enrolments: number, sessionsPossible: number, persistentAbsentees: number) =>
  ({
    year: 201213,
    urn: 900001,
    absencePercent: 5,
    authorisedPercent: 4,
    unauthorisedPercent: 1,
    persistentPercent: (100 * persistentAbsentees) / enrolments,
    enrolments,
    persistentAbsentees,
    sessionsPossible,
  }) satisfies PublishedYear;

test('pupils entered under both URNs of a school in the year of the change are counted once', () => {
  const [year] = yearsOfSchool([part(700, 100_000, 210), part(690, 125_000, 207)]);
  assert.equal(year?.enrolments, 700);
  assert.equal(year?.persistentAbsentees, 210);
  assert.ok(Math.abs((year?.persistentPercent ?? 0) - 30) < 1e-9);
  assert.equal(year?.sessionsPossible, 225_000);
});

test('pupils of two schools that merged in the year are counted together', () => {
  const [year] = yearsOfSchool([part(360, 130_000, 36), part(190, 68_000, 19)]);
  assert.equal(year?.enrolments, 550);
  assert.equal(year?.persistentAbsentees, 55);
  assert.ok(Math.abs((year?.persistentPercent ?? 0) - 10) < 1e-9);
});

test('no persistent absentees are more than the enrolments, whatever the parts', () => {
  const [year] = yearsOfSchool([part(10, 1500, 10), part(10, 1500, 10)]);
  assert.deepEqual([year?.enrolments, year?.persistentAbsentees], [10, 10]);
});
