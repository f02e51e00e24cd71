import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Stores } from '../stores/index.ts';
import { openTestStores } from '../testing/stores.ts';
import { buildDirectory, type DirectoryRows } from './directory.ts';
import { type Directory, directoriesOf, directoryBefore, searchSchools } from './index.ts';

/* Schools of the lists that came with registers, beside what is published. */

const nothing: DirectoryRows = {
  ...{ published: [], sampled: [], census: [], locations: [], links: [], trusts: [] },
  ...{ areas: [], listed: [] },
};

const listed = (urn: number, more: Partial<DirectoryRows['listed'][number]> = {}) => ({
  ...{ urn, laestab: 9_904_001, name: `Listed ${urn}`, phase: 'primary' },
  ...{ la_code: '990', region_code: 'E12000001', ...more },
});
const published = (urn: number) => ({
  ...{ urn, first_year: 201617, last_year: 201718, laestab: 8_012_003, la_code: '801' },
  ...{ la_name: 'Saltmarsh', region_code: 'E12000009', region_name: 'South West' },
  ...{ school_type: 'State-funded primary', all_through: false },
});
const saltmarsh = {
  ...{ la_code: '801', la_name: 'Saltmarsh', region_code: 'E12000009', region_name: 'South West' },
};

test('each phase of a list is one of the published types, and a phase that is none makes no school', () => {
  const phases = ['primary', 'secondary', 'special', 'all-through', 'nursery', ''];
  const { schools } = buildDirectory({
    ...nothing,
    listed: phases.map((phase, at) => listed(900_001 + at, { phase, laestab: 9_904_001 + at })),
  });
  assert.deepEqual(
    schools.map(({ urn, schoolType, allThrough }) => [urn, schoolType, allThrough]),
    [
      [900_001, 'State-funded primary', false],
      [900_002, 'State-funded secondary', false],
      [900_003, 'Special', false],
      [900_004, 'State-funded secondary', true],
    ],
  );
});

test('a school that only a list names has its name, authority and region, and nothing else is made up', () => {
  const directory = buildDirectory({ ...nothing, listed: [listed(900_001)] });
  const school = directory.get(900_001);
  const { name, laCode, laName, regionCode, regionName, laestab, onlyListed } = school;
  assert.deepEqual(
    [name, laCode, laName, regionCode, regionName, laestab, onlyListed],
    ['Listed 900001', '990', 'Local authority 990', 'E12000001', 'North East', 9_904_001, true],
  );
  const { trust, easting, northing, idaci, openDate, closeDate, intakes, town, postcode } = school;
  assert.deepEqual(
    [trust, easting, northing, idaci, openDate, closeDate, intakes, town, postcode],
    [null, null, null, null, null, null, [], '', ''],
  );
  assert.deepEqual(directory.getAuthority('990'), {
    ...{ laCode: '990', name: 'Local authority 990', regionCode: 'E12000001' },
    regionName: 'North East',
  });
  assert.deepEqual(directory.schoolsOfAuthority('990'), [school]);
  const found = searchSchools(directory, 'authority 990', { from: 0, size: 5 });
  assert.deepEqual([found.total, found.authorities.length], [1, 1]);
});

test('where both say something, what is published stands', () => {
  const told = listed(100_001, { phase: 'secondary', name: 'Another name' });
  const directory = buildDirectory({
    ...nothing,
    published: [published(100_001)],
    areas: [saltmarsh],
    trusts: [
      { urn: 100_001, trust_uid: 2001, trust_name: 'Tern', trust_kind: '', joined_on: null },
      { urn: 900_002, trust_uid: 2001, trust_name: 'Tern', trust_kind: '', joined_on: null },
    ],
    listed: [told, listed(900_002, { la_code: '801', region_code: 'E12000007' })],
  });
  const { name, schoolType, laName, laestab, onlyListed, trust } = directory.get(100_001);
  assert.deepEqual(
    [schoolType, laName, laestab, onlyListed, trust?.name],
    ['State-funded primary', 'Saltmarsh', 8_012_003, false, 'Tern'],
  );
  assert.equal(name, 'Another name', 'no publication names it: only the list does');
  // Of an authority that is published, name and region are the published ones; and so is a trust.
  const other = directory.get(900_002);
  assert.deepEqual(
    [other.laName, other.regionName, other.trust?.name, other.onlyListed],
    ['Saltmarsh', 'South West', 'Tern', true],
  );
  assert.equal(directory.authorities.length, 1);
});

test('a new number that only a list has is one school with the published one before it, where a published link says so', () => {
  const rows = {
    ...nothing,
    published: [published(100_001)],
    areas: [saltmarsh],
    listed: [listed(900_001, { laestab: 8_012_003, la_code: '801' })],
  };
  const link = { urn: 900_001, link_urn: 100_001, link_type: 'Predecessor' };
  const linked = buildDirectory({ ...rows, links: [{ ...link, established_on: '2024-09-01' }] });
  const [school, ...others] = linked.schools;
  assert.deepEqual(others, []);
  assert.equal(linked.get(100_001), school);
  assert.deepEqual(
    [school?.urn, school?.onlyListed, school?.name],
    [900_001, false, 'Listed 900001'],
  );
  // The same number at the department is not enough: nobody says which of them came first.
  assert.equal(buildDirectory(rows).schools.length, 2);
});

let stores: Stores;
let close: () => Promise<void>;
before(async () => {
  ({ stores, close } = await openTestStores());
});
after(() => close());

const bring = (kind: string, scope: string, rows: readonly (readonly (string | number)[])[]) =>
  stores.write(async ({ begin, warehouse }) => {
    const { id } = await begin({ kind, scope, title: scope, digest: scope });
    await warehouse.append(
      'register_schools',
      ['receipt', 'urn', 'laestab', 'name', 'phase', 'la_code', 'region_code'],
      rows.map((row) => [id, ...row]),
    );
  });
const row = (name: string) => [900_001, 9_904_001, name, 'primary', '990', 'E12000001'];

test('a list shows at once, the newest stands, and withdrawn it is gone; marks build nothing anew', async () => {
  const directories = directoriesOf(stores);
  const nameNow = async () => (await directories()).find(900_001)?.name;
  assert.equal(await nameNow(), undefined);
  await bring('register schools', 'first', [row('First')]);
  assert.equal(await nameNow(), 'First');
  await bring('register schools', 'second', [row('Second')]);
  assert.equal(await nameNow(), 'Second');
  const kept: Directory = await directories();
  await bring('marks', 'marks', []);
  assert.equal(await directories(), kept);
  await stores.write(async ({ withdraw }) =>
    withdraw({ kind: 'register schools', scope: 'second' }),
  );
  assert.equal(await nameNow(), 'First');
  // Whoever may know nothing of a later year has it too: its own registers may tell of an earlier one.
  assert.equal((await directoryBefore(stores, 201213)).find(900_001)?.onlyListed, true);
});
