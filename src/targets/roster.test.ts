import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PublishedYear } from '../publications/index.ts';
import type { School } from '../schools/index.ts';
import { nearestCensus, rosterOf } from './roster.ts';

const urnRecord = (urn: number) => ({
  urn,
  laestab: 9902001,
  schoolType: 'State-funded primary',
  firstYear: 201213,
  lastYear: 201718,
  openDate: null,
  closeDate: null,
});

const school = (urn: number, more: Partial<School> = {}): School => ({
  urn,
  chain: [urnRecord(urn)],
  linkedUrns: [],
  laestab: 9902001,
  name: `Nowhere School ${urn} (made-up)`,
  schoolType: 'State-funded primary',
  allThrough: null,
  onlyListed: false,
  laCode: '990',
  laName: 'Fenmoor (made-up)',
  regionCode: 'E99900001',
  regionName: 'Nowhere (made-up)',
  town: '',
  postcode: '',
  openDate: null,
  closeDate: null,
  trust: null,
  easting: null,
  northing: null,
  idaci: null,
  ruralUrban: '',
  intakes: [],
  ...more,
});

const published = (urn: number, ...years: number[]): [number, PublishedYear[]] => [
  urn,
  years.map((year) => ({
    year,
    urn,
    absencePercent: 4,
    persistentPercent: 8,
    authorisedPercent: 3,
    unauthorisedPercent: 1,
    enrolments: 100,
    persistentAbsentees: 8,
    sessionsPossible: 38_000,
  })),
];

const intake = (censusOn: string) => ({
  censusOn,
  pupils: 100,
  girlsPercent: 50,
  ehcPlanPercent: 2,
  senSupportPercent: 12,
  ealPercent: 10,
  fsmPercent: 20,
});

test('a school known in the newest year is on the roster with its years before the year, and no others', () => {
  const roster = rosterOf(
    [school(900101)],
    new Map([published(900101, 201617, 201718, 201819)]),
    201819,
  );
  assert.deepEqual(
    roster.schools[0]?.history.years.map((known) => known.year),
    [201617, 201718],
  );
});

test('a new school without any year is on the roster when a census lists it and it opens in time', () => {
  const chain = (openDate: string) => [{ ...urnRecord(900102), openDate, firstYear: null }];
  const known = published(900101, 201718);
  const on = (openDate: string) =>
    rosterOf(
      [school(900102, { chain: chain(openDate), intakes: [intake('2019-01-17')] })],
      new Map([known]),
      201819,
    );
  assert.deepEqual(on('2018-09-01').schools[0]?.history.years, []);
  assert.equal(on('2019-02-01').schools.length, 0);
  assert.equal(on('2019-02-01').left.get('opens after the year began'), 1);
});

test('a school that closed before the year is left out under that name, and one that closes in it is not', () => {
  const years = new Map([published(900103, 201718)]);
  const closing = (closeDate: string) => rosterOf([school(900103, { closeDate })], years, 201819);
  assert.equal(closing('2018-08-31').left.get('closed before the year'), 1);
  assert.equal(closing('2018-12-31').schools.length, 1);
});

test('a school that was last seen years ago and is in no census is left out under that name', () => {
  const years = new Map([published(900104, 201213), published(900105, 201718)]);
  const roster = rosterOf([school(900104), school(900105)], years, 201819);
  assert.equal(roster.left.get('not seen lately'), 1);
  assert.equal(roster.schools.length, 1);
});

test('the intake is from the census nearest to the January of the year', () => {
  const schools = [school(900106, { intakes: [intake('2019-01-17'), intake('2023-01-19')] })];
  assert.equal(nearestCensus(schools, 201819), '2019-01-17');
  assert.equal(nearestCensus(schools, 201617), '2019-01-17');
  assert.equal(nearestCensus(schools, 202324), '2023-01-19');
  assert.equal(nearestCensus([school(900107)], 202324), undefined);
});

test('a school that only a list of schools names is on the roster once its registers tell a whole year', () => {
  const listed = school(900108, {
    onlyListed: true,
    chain: [{ ...urnRecord(900108), firstYear: null, lastYear: null }],
  });
  const [urn, [year]] = published(900108, 201718) as [number, [PublishedYear]];
  const known = new Map([published(900101, 201718)]);
  const withRegisters = (state: 'agrees' | 'no summary yet') =>
    rosterOf([listed], known, 201819, new Map([[urn, [{ ...year, state }]]]));
  assert.deepEqual(
    withRegisters('agrees').schools[0]?.history.years.map((each) => each.year),
    [201718],
  );
  assert.deepEqual(withRegisters('no summary yet').schools[0]?.notAgreed, [201718]);
  const without = rosterOf([listed], known, 201819);
  assert.deepEqual(
    [...without.left],
    [['named by a list of schools alone, without a whole year of registers', 1]],
  );
});
