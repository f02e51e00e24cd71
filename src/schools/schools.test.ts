import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parseViewer } from '../access/index.ts';
import { demoCast, makeEngland, saveEngland } from '../demo/index.ts';
import { importFiles } from '../publications/index.ts';
import type { Stores } from '../stores/index.ts';
import { realFiles, withoutRealData } from '../testing/realData.ts';
import { openTestStores, scratchFolder } from '../testing/stores.ts';
import { buildDirectory } from './directory.ts';
import {
  type Directory,
  directoriesOf,
  refuseUnknownViewer,
  searchSchools,
  urnInYear,
} from './index.ts';

let stores: Stores;
let close: () => Promise<void>;
let directory: Directory;

before(async () => {
  ({ stores, close } = await openTestStores());
  const { folder, remove } = scratchFolder();
  await importFiles(stores, await saveEngland(makeEngland({ schools: 160, seed: 'test' }), folder));
  remove();
  directory = await directoriesOf(stores)();
});
after(() => close());

const page = { from: 0, size: 20 };

test('a school is found by any URN it has had, and is described by its newest', () => {
  const { urn, previousUrn, name } = demoCast.academisedChain;
  const school = directory.get(urn);
  assert.equal(directory.get(previousUrn as number), school);
  assert.equal(school.urn, urn);
  assert.equal(school.name, name);
  assert.deepEqual(
    school.chain.map((record) => record.urn),
    [previousUrn, urn],
  );
  assert.notEqual(school.trust, null);
});

test('a school that has no published absence yet stands in the directory, from the census', () => {
  const school = directory.get(demoCast.newWithoutHistory.urn);
  assert.equal(school.chain.at(-1)?.firstYear, null);
  assert.equal(school.intakes.length, 1);
  assert.match(school.laName, /made-up/);
});

test('search finds a school by part of its name, its town, its postcode, its URN and its DfE number', () => {
  const school = directory.get(demoCast.improvingSecondary.urn);
  const finds = (text: string) =>
    searchSchools(directory, text, { from: 0, size: 200 }).schools.includes(school);
  assert.ok(finds(school.name.toLowerCase()));
  assert.ok(finds(school.town));
  assert.ok(finds(school.postcode));
  assert.ok(finds(school.postcode.replace(' ', '')));
  assert.ok(finds(String(school.urn)));
  assert.ok(finds(String(school.laestab)));
  assert.ok(!finds('no such school'));
});

test('search pays no heed to capitals, apostrophes and dots, and finds authorities too', () => {
  const { authorities } = searchSchools(directory, 'FENMOOR', page);
  assert.equal(authorities.length, 1);
  const { name } = directory.get(demoCast.schoolToLearnFrom.urn);
  const odd = name.toUpperCase().replaceAll(' ', '  ');
  assert.ok(searchSchools(directory, odd, page).total >= 1);
});

test('search gives one page, and says how many there are in all', () => {
  const all = searchSchools(directory, 'primary', { from: 0, size: 1000 });
  const second = searchSchools(directory, 'primary', { from: 5, size: 5 });
  assert.deepEqual(second.schools, all.schools.slice(5, 10));
  assert.equal(second.total, all.total);
});

test('nothing typed finds nothing', () => {
  for (const text of ['', '   ', '!!', '()']) {
    assert.equal(searchSchools(directory, text, page).total, 0);
  }
});

test('a school that is not there is refused by name of its number', () => {
  assert.throws(() => directory.get(123456), /no state school with the URN 123456/);
  assert.throws(() => directory.getAuthority('000'), /no local authority 000/);
  assert.throws(() => directory.getTrust(''), /no academy trust/);
});

test('nobody is a school, a trust or an authority that there is none of', () => {
  const refused = (viewer: string, says: RegExp, where = directory) =>
    assert.throws(() => refuseUnknownViewer(parseViewer(viewer), where), {
      name: 'Refusal',
      message: says,
    });
  refused('school:100000', /^There is no school with the URN 100000 among the schools that are/);
  refused('trust:12345', /^There is no trust with the UID 12345 among/);
  refused('inspector:001', /^There is no local authority 001 among/);
  const nothing = {
    published: [],
    sampled: [],
    census: [],
    locations: [],
    links: [],
    trusts: [],
    areas: [],
    listed: [],
  };
  refused('school:100000', /no schools are loaded yet\. Load published/, buildDirectory(nothing));
  for (const viewer of [
    'public',
    'department',
    'operator',
    `school:${demoCast.improvingSecondary.urn}`,
  ]) {
    refuseUnknownViewer(parseViewer(viewer), directory);
  }
});

test('real schools keep their identity through academisation', {
  skip: withoutRealData,
}, async () => {
  const published = [
    ...realFiles('dfe-school-absence', 'absence_3term_school'),
    ...realFiles('dfe-school-characteristics', 'gias_links'),
    ...realFiles('dfe-school-characteristics', 'school_locations'),
  ];
  await importFiles(stores, published, { removeMissing: true }); // they replace the made-up ones
  const real = await directoriesOf(stores)();
  const chainOf = (urn: number) => real.get(urn).chain.map((record) => record.urn);
  assert.deepEqual(chainOf(138804), [120051, 138804]); // an academy that kept its LAESTAB
  assert.deepEqual(chainOf(137581), [131276, 137581]); // an academy with a new LAESTAB: the link alone tells
  assert.deepEqual(chainOf(140521), [118540, 140401, 140521]); // through two changes of URN
  assert.deepEqual(chainOf(140974), [140974]); // two schools merged into a new one: it continues neither
  const known = real.schools.filter((school) => school.laestab !== null);
  const twice = known.filter((school) => school.chain.length === 2);
  assert.ok(twice.length > 4000, `${twice.length} schools with two URNs`);
  // Every chain is one school: one type, years in order, and never two URNs for one LAESTAB at a time.
  for (const school of known) {
    const lasts = school.chain.map((record) => record.lastYear ?? 0).filter(Boolean);
    assert.deepEqual(lasts, lasts.toSorted(), `URNs of ${school.urn} in order`);
    assert.equal(new Set(school.chain.map((record) => record.schoolType)).size, 1);
  }
  const byUrn = real.schools.flatMap((school) => school.chain.map((record) => record.urn));
  assert.equal(new Set(byUrn).size, byUrn.length);
  for (const school of twice.slice(0, 200)) {
    const named = urnInYear(school.chain, 201718);
    assert.ok(school.chain.some((record) => record.urn === named));
  }
  // Merged or split: not one school, but never strangers either.
  assert.deepEqual(real.get(100932).linkedUrns.includes(100898), true);
  const [file] = realFiles('dfe-school-characteristics', 'gias_links') as [string];
  let beyond = 0;
  for (const row of gunzipSync(readFileSync(file)).toString('latin1').split('\n')) {
    const [, from, to] = /^"?(\d+)"?,"?(\d+)"?,.*"(?:Predecessor|Successor)/.exec(row) ?? [];
    const [one, other] = [real.find(Number(from)), real.find(Number(to))];
    if (!one || !other || one === other) continue;
    beyond += 1;
    assert.ok(one.linkedUrns.includes(other.urn) && other.linkedUrns.includes(one.urn), row);
  }
  assert.ok(beyond > 200, `${beyond} links beyond chains`);
});
