import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStores } from '../testing/stores.ts';
import { importFiles } from './import.ts';
import {
  areaFigures,
  coverageOf,
  loadedText,
  type PublishedYear,
  yearsOfSchool,
} from './published.ts';
import { areaRow, type Cells, csvOf, filesFolder, schoolNumber } from './testFiles.ts';

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

test('an area is whole when as many of its schools are loaded as were published, and says nothing with far fewer', () => {
  const beside = (published: number | undefined, most = 100) => ({ published, most });
  assert.equal(coverageOf(100, beside(100)), 'whole');
  assert.equal(coverageOf(90, beside(100)), 'loaded');
  assert.equal(coverageOf(101, beside(100)), 'loaded');
  assert.equal(coverageOf(89, beside(100)), 'too few');
  assert.equal(coverageOf(100, beside(undefined)), 'loaded');
  assert.equal(coverageOf(50, beside(undefined)), 'loaded');
  assert.equal(coverageOf(49, beside(undefined)), 'too few');
});

test('averages of areas are said to be of the schools loaded, or left out, where the published total counts more', async () => {
  const files = filesFolder();
  const { stores, close } = await openTestStores();
  const bring = (name: string, rows: Cells[], options = {}) =>
    importFiles(stores, [files.write(name, csvOf(rows))], { ...options, folder: files.folder });
  const schools = (time_period: number, count: number) =>
    Array.from({ length: count }, (_, at) => schoolNumber(at, { time_period }));
  const published = (schoolsPublished: number) =>
    (['National', 'Regional', 'Local authority'] as const).map((level) =>
      areaRow(level, schoolsPublished, { school_type: 'State-funded primary' }),
    );
  const shown = async () =>
    (await areaFigures(stores, { laCode: '999', regionCode: 'E12000099' }))
      .filter(({ year }) => year === 201718)
      .map((area) => [area.level, area.absencePercent, loadedText(area)]);
  const each = (percent: number | null, text: string) =>
    ['Local authority', 'National', 'Regional'].map((level) => [level, percent, text]);
  try {
    await bring('schools.csv', schools(201718, 19));
    assert.deepEqual(await shown(), each(10, 'of the 19 schools loaded'));
    await bring('areas.csv', published(19));
    assert.deepEqual(await shown(), each(10, ''));
    await bring('areas.csv', published(20));
    assert.deepEqual(await shown(), each(10, 'of the 19 schools loaded'));
    await bring('areas.csv', published(40));
    assert.deepEqual(await shown(), each(null, 'of the 19 schools loaded'));
    await bring('next.csv', schools(201819, 9), { partial: true });
    const next = (await areaFigures(stores, { laCode: '999', regionCode: 'E12000099' })).filter(
      ({ year }) => year === 201819,
    );
    assert.deepEqual(
      next.map(({ absencePercent, persistentPercent }) => [absencePercent, persistentPercent]),
      [
        [null, null],
        [null, null],
        [null, null],
      ],
    );
  } finally {
    await close();
    files.remove();
  }
});
