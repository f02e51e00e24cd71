import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { demoSchoolCount, makeAuthorities } from './authorities.ts';
import { absenceHeader } from './files/absence.ts';
import { censusHeader } from './files/census.ts';
import { groupLinksHeader, linksHeader, locationsHeader } from './files/schools.ts';
import { truthFile, truthHeader } from './files/truth.ts';
import { makeEngland } from './madeUpEngland.ts';
import {
  authorityName,
  mark,
  regionCount,
  regionName,
  schoolName,
  schoolNameCount,
  townName,
  trustName,
} from './names.ts';
import { publishedFiles } from './publishedFiles.ts';
import { publishedYears } from './school.ts';

const england = makeEngland({ schools: demoSchoolCount, seed: 'tests' });
const files = new Map([...publishedFiles(england)].map(({ name, text }) => [name, text]));
const textOf = (name: string) => {
  const text = files.get(name);
  assert.ok(text, `${name} is missing`);
  return text;
};
type Row = Record<string, string>;
const rowsOf = (text: string): Row[] => parse(text, { columns: true, bom: true });

const schoolRows = publishedYears.flatMap((year) =>
  rowsOf(textOf(`absence_3term_school_${year}.csv`)),
);
const aggregateRows = rowsOf(textOf('absence_3term_nat_reg_la_to_201718.csv'));

const dataFolder = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const withoutData = existsSync(dataFolder)
  ? {}
  : { skip: 'needs the published files in ../shared/data' };
const realText = (path: string, encoding: 'utf8' | 'latin1' = 'utf8') =>
  gunzipSync(readFileSync(dataFolder + path)).toString(encoding);

test('every file has the header of the real one', () => {
  assert.equal(absenceHeader.split(',').length, 52);
  for (const [name, text] of files) {
    const header = text.replace('\uFEFF', '').split(/\r?\n/, 1)[0];
    const expected = name.startsWith('absence')
      ? absenceHeader
      : {
          'england_census__2018-2019.csv': censusHeader,
          'school_locations.csv': locationsHeader,
          'gias_links.csv': linksHeader,
          'gias_group_links.csv': groupLinksHeader,
        }[name];
    assert.equal(header, expected, name);
  }
  assert.ok(textOf('england_census__2018-2019.csv').startsWith('\uFEFF'));
  assert.ok(truthFile(england).text.startsWith(`${truthHeader}\n`));
});

test('the headers are those of the published files', withoutData, () => {
  const characteristics = 'dfe-school-characteristics/';
  for (const [path, header] of [
    ['dfe-school-absence/absence_3term_school_201718.csv.gz', absenceHeader],
    ['dfe-school-absence/absence_3term_nat_reg_la_to_201718.csv.gz', absenceHeader],
    [`${characteristics}england_census__2018-2019.csv.gz`, censusHeader],
    [`${characteristics}school_locations.csv.gz`, locationsHeader],
    [`${characteristics}gias_links_2025-04.csv.gz`, linksHeader],
    [`${characteristics}gias_group_links_2022-03.csv.gz`, groupLinksHeader],
  ] as const) {
    assert.equal(realText(path).replace('\uFEFF', '').split(/\r?\n/, 1)[0], header, path);
  }
});

test('the national, regional and local-authority rows are the sums of the schools, to the session', () => {
  const columns = absenceHeader
    .split(',')
    .slice(18)
    .filter((column) => !column.includes('percent'));
  assert.equal(columns.length, 27);
  for (const row of aggregateRows) {
    const schools = schoolRows.filter(
      (school) =>
        school['time_period'] === row['time_period'] &&
        (row['region_code'] === '' || school['region_code'] === row['region_code']) &&
        (row['new_la_code'] === '' || school['new_la_code'] === row['new_la_code']) &&
        (row['school_type'] === 'Total' || school['school_type'] === row['school_type']),
    );
    for (const column of columns) {
      if (row[column] === ':') continue;
      const sum = schools.reduce((total, school) => total + Number(school[column]), 0);
      assert.equal(
        Number(row[column]),
        sum,
        `${row['new_la_code']} ${row['school_type']} ${column}`,
      );
    }
  }
  // Four national rows a year, four for each of two regions and four for each of four authorities.
  assert.equal(aggregateRows.length, 6 * 4 * (1 + 2 + 4));
});

test('percentages are as published: five decimals, and one in national rows', () => {
  for (const row of [...schoolRows, ...aggregateRows]) {
    const decimals = row['geographic_level'] === 'National' ? 1 : 5;
    const exact = (100 * Number(row['sess_overall'])) / Number(row['sess_possible']);
    const published = row['sess_overall_percent'] ?? '';
    assert.match(published, /^\d+(\.\d+)?$/);
    assert.ok(Math.abs(Number(published) - exact) <= 0.5000001 * 10 ** -decimals);
    assert.ok((published.split('.')[1] ?? '').length <= decimals);
  }
});

test('the withdrawn reason is a colon from 2013/14 on, and a number before', () => {
  for (const row of [...schoolRows, ...aggregateRows]) {
    const value = row['sess_auth_ext_holiday'] ?? '';
    if (row['time_period'] === '201213') assert.match(value, /^\d+$/);
    else assert.equal(value, ':');
  }
});

test('codes are well formed and none is in use', () => {
  for (const row of schoolRows) {
    assert.match(row['region_code'] ?? '', /^E999\d{5}$/);
    assert.match(row['new_la_code'] ?? '', /^E99\d{6}$/);
    assert.match(row['laestab'] ?? '', /^9\d{6}$/);
    assert.equal(row['laestab'], `${row['old_la_code']}${row['estab']}`);
    assert.ok(Number(row['old_la_code']) >= 990);
    assert.ok(Number(row['urn']) > 900_000 && Number(row['urn']) <= 999_999);
  }
  for (const row of rowsOf(textOf('school_locations.csv'))) {
    assert.match(row['postcode'] ?? '', /^ZZ\d{1,2} \d[A-Z]{2}$/);
    assert.match(row['lad22'] ?? '', /^E99\d{6}$/);
    assert.match(row['nearest_lsoa11'] ?? '', /^E99\d{6}$/);
  }
});

test(
  'codes, even of a whole England, are outside those of the published files',
  withoutData,
  () => {
    const real = rowsOf(realText('dfe-school-characteristics/school_locations.csv.gz'));
    const greatest = Math.max(...real.map(({ urn }) => Number(urn)));
    assert.ok(greatest < 900_000);
    assert.ok(!real.some(({ postcode }) => postcode?.startsWith('ZZ')));
    const realAuthorities = new Set(
      [
        ...rowsOf(realText('dfe-school-absence/absence_3term_nat_reg_la_to_201718.csv.gz')).map(
          (row) => row['old_la_code'],
        ),
        ...rowsOf(realText('dfe-school-characteristics/gias_group_links_2022-03.csv.gz')).map(
          (row) => row['LA (code)'],
        ),
      ].map(Number),
    );
    for (const { laCode } of makeAuthorities(1, 24_000)) {
      assert.ok(!realAuthorities.has(laCode), `${laCode}`);
    }
  },
);

test('no name is that of a real school, town, trust, authority or region', withoutData, () => {
  const locations = rowsOf(realText('dfe-school-characteristics/school_locations.csv.gz'));
  const groups = rowsOf(
    realText('dfe-school-characteristics/gias_group_links_2022-03.csv.gz', 'latin1'),
  );
  const areas = rowsOf(realText('dfe-school-absence/absence_3term_nat_reg_la_to_201718.csv.gz'));
  const authorities = rowsOf(realText('geography/uk_local_authorities_current.csv.gz'));
  const plain = (name: string) => name.replace(mark, '').trim().toLowerCase();
  const real = new Set(
    [
      ...locations.flatMap(({ name, town }) => [name, town]),
      ...groups.map((row) => row['Group Name']),
      ...areas.flatMap((row) => [row['la_name'], row['region_name']]),
      ...authorities.flatMap((row) => Object.values(row)),
    ].map((name) => plain(name ?? '')),
  );
  const steps = (count: number) => Array.from({ length: count }, (_, index) => index);
  const madeUp = [
    ...steps(schoolNameCount).flatMap((index) =>
      [0, 0.5, 0.7, 0.8, 0.99].flatMap((style) => [
        schoolName(1, index, 'State-funded primary', style),
        schoolName(1, index, 'State-funded secondary', style),
        schoolName(1, index, 'Special', style),
      ]),
    ),
    ...england.schools.map(({ name }) => name),
    ...steps(1300).map(townName),
    ...steps(190).map(authorityName),
    ...steps(regionCount).map(regionName),
    ...steps(1500).map(trustName),
  ];
  const taken = [...new Set(madeUp)].filter((name) => real.has(plain(name)));
  assert.deepEqual(taken, []);
});

test('every change of URN is linked at both ends, and both ends have a place', () => {
  const links = rowsOf(textOf('gias_links.csv'));
  const places = new Set(rowsOf(textOf('school_locations.csv')).map(({ urn }) => urn));
  const changed = england.schools.filter(({ before }) => before);
  assert.equal(links.length, 2 * changed.length);
  for (const link of links) {
    assert.ok(places.has(link['URN']) && places.has(link['LinkURN']));
    const back = links.find(
      (other) => other['URN'] === link['LinkURN'] && other['LinkURN'] === link['URN'],
    );
    assert.notEqual(back?.['LinkType'], link['LinkType']);
    const isNewer = Number(link['URN']) > Number(link['LinkURN']);
    assert.equal(link['LinkType'], isNewer ? 'Predecessor' : 'Successor');
  }
});

test('the census has every school open in January 2019, then national rows that are their sums', () => {
  const rows = rowsOf(textOf('england_census__2018-2019.csv'));
  const national = rows.slice(-3);
  const schools = rows.slice(0, -3);
  assert.deepEqual(
    schools.map((row) => row['URN']),
    england.schools
      .filter(({ closedOn }) => !closedOn)
      .map(({ urn }) => String(urn))
      .toSorted(),
  );
  for (const row of national) {
    assert.equal(row['URN'], 'NAT');
    const ofType = schools.filter((school) => school['SCHOOLTYPE'] === row['SCHOOLTYPE']);
    for (const column of ['NOR', 'NORG', 'TSENELSE', 'TSENELK', 'NUMEAL', 'NUMFSM', 'NUMFSMEVER']) {
      const sum = ofType.reduce((total, school) => total + Number(school[column]), 0);
      assert.equal(Number(row[column]), sum, column);
    }
  }
  for (const row of schools) {
    const parts = ['NUMEAL', 'NUMENGFL', 'NUMUNCFL'].map((column) => Number(row[column]));
    assert.equal(
      parts.reduce((sum, part) => sum + part, 0),
      Number(row['NOR']),
    );
    assert.ok(parts.every((part) => part >= 0));
    assert.equal(Number(row['NORG']) + Number(row['NORB']), Number(row['NOR']));
  }
});

test('schools of other trusts are within reach, and trusts have several schools', () => {
  const rows = rowsOf(textOf('gias_group_links.csv')).filter(
    (row) => row['Group Type'] === 'Multi-academy trust',
  );
  const sizes = Map.groupBy(rows, (row) => row['Group UID']);
  assert.ok(sizes.size >= 10);
  assert.ok([...sizes.values()].filter((members) => members.length >= 3).length >= 8);
  for (const row of rows) assert.match(row['Group ID'] ?? '', /^TR\d+$/);
  const { easting, northing } = england.schools[0]?.place ?? { easting: 0, northing: 0 };
  const near = england.schools.filter(
    ({ place }) => Math.hypot(place.easting - easting, place.northing - northing) < 30_000,
  );
  assert.ok(near.length > 60);
});

test('the truth has a row for every school, and the outcome nobody has seen', () => {
  const rows = rowsOf(truthFile(england).text);
  assert.equal(rows.length, demoSchoolCount);
  for (const row of rows) {
    assert.ok(Number(row['level_percent']) > 0);
    const outcome = row['outcome_201819_absence_percent'];
    if (outcome) assert.ok(Number(outcome) > 0 && Number(outcome) < 100);
  }
});

test('even an England of one school has no file without rows', () => {
  for (const schools of [1, 2, 10]) {
    const files = [...publishedFiles(makeEngland({ schools, seed: 'demo' }))];
    assert.ok(files.length >= 9);
    for (const { name, text } of files) assert.match(text, /\n.*\S/, `${schools}: ${name}`);
  }
});
