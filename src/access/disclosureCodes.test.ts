import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import { workedOut } from '../testing/workedOut.ts';
import { areasGivingCodes, areasGivingSessions } from './disclosureCodes.ts';
import type { CellCounts, TableArea } from './disclosureTables.ts';

/** Areas of one school too: what is asked of their pupils is tried by itself. */
const ofAnySize = 1;

/** Regions of authorities of one school each, with pupils of two values of a division. */
const countries = fc.array(
  fc.array(
    fc.tuple(...([0, 1] as const).map(() => fc.oneof(fc.nat(150), fc.constantFrom(0, 99, 100)))),
    { minLength: 1, maxLength: 4 },
  ),
  { minLength: 1, maxLength: 3 },
);

function countryOf(regions: readonly (readonly (readonly number[])[])[]) {
  const counts = new Map<string, readonly number[]>();
  const tree: TableArea = {
    ...{ key: 'England', groups: [] },
    parts: regions.map((authorities, region) => ({
      ...{ key: `region ${region}`, groups: [] },
      parts: authorities.map((own, authority) => {
        const name = `${region}${authority}`;
        counts.set(`school ${name}`, own);
        const school = { key: `school ${name}`, groups: [], parts: [] };
        return { key: `authority ${name}`, groups: [], parts: [school] };
      }),
    })),
  };
  const pupils: CellCounts = {
    of: (school) =>
      new Map([
        ['total', new Map([['total', counts.get(school)?.reduce((sum, each) => sum + each) ?? 0]])],
        ['fsm', new Map(counts.get(school)?.map((count, at) => [String(at), count]))],
      ]),
  };
  return { tree, pupils };
}

/** Every area that is given, less what is given within it. */
function differencesIn(area: TableArea, given: ReadonlySet<string>, pupils: CellCounts) {
  const told: number[][] = [];
  const sums = (of: TableArea): number[] =>
    of.parts.length === 0
      ? [...(pupils.of(of.key).get('fsm')?.values() ?? [])]
      : of.parts.map(sums).reduce((all, each) => all.map((sum, at) => sum + (each[at] ?? 0)));
  const untold = (of: TableArea): number[] => {
    const within = of.parts.filter((part) => part.parts.length > 0).map(untold);
    const rest =
      within.length === 0
        ? sums(of)
        : within.reduce((all, each) => all.map((sum, at) => sum + (each[at] ?? 0)));
    if (!given.has(of.key)) return rest;
    told.push(sums(of), rest);
    return rest.map(() => 0);
  };
  untold(area);
  return told;
}

test('sessions by code are given of no group of fewer than 100, nor of what is left when areas are taken from another', () => {
  let anyGiven = 0;
  fc.assert(
    fc.property(countries, (regions) => {
      const { tree, pupils } = countryOf(regions);
      const given = areasGivingCodes(tree, pupils, 'fsm', ofAnySize);
      anyGiven += given.size;
      for (const sums of differencesIn(tree, given, pupils)) {
        for (const count of sums) assert.ok(count === 0 || count >= 100, String(count));
      }
    }),
  );
  assert.ok(anyGiven > 0);
});

test('a small authority takes one other with it, and not its region or England', () => {
  const { tree, pupils } = countryOf([
    [[20, 20], ...[1, 2, 3].map(() => [500, 500])],
    [[500, 500]],
  ]);
  assert.deepEqual([...areasGivingCodes(tree, pupils, 'fsm', ofAnySize)].toSorted(), [
    'England',
    'authority 02',
    'authority 03',
    'authority 10',
    'region 0',
    'region 1',
  ]);
});

/*
 * Schools with pupils of each sex, with and without free school meals, of whom outsiders ask by all tables. Of some schools
 * all are of one sex, or have meals.
 */

const groups = ['F,0', 'F,1', 'M,0', 'M,1'];
const tables = ['total', 'sex', 'fsm', 'sex,fsm'];

const valueOf = (group: string, table: string) => {
  const at = ['sex', 'fsm'].indexOf(table);
  return table === 'total' ? 'total' : at < 0 ? group : (group.split(',')[at] as string);
};

type School = { place: string; counts: readonly number[] };

const scales = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 25, max: 150 }));
const schools: fc.Arbitrary<School> = fc
  .record({
    place: fc.constantFrom('00', '00', '01', '10'),
    scale: scales,
    shares: fc.array(fc.integer({ min: 5, max: 15 }), { minLength: 4, maxLength: 4 }),
    without: fc.constantFrom('', '', '', 'F', 'M', '0', '1'),
  })
  .map(({ place, scale, shares, without }) => ({
    place,
    counts: groups.map((group, at) =>
      without !== '' && group.includes(without)
        ? 0
        : Math.round((scale * (shares[at] as number)) / 10),
    ),
  }));

function placed(all: readonly School[]) {
  const school = (at: number) => ({ key: `school ${at}`, groups: [], parts: [] });
  const areas = (of: readonly number[], length: number): TableArea[] =>
    length > 2
      ? of.map(school)
      : [...Map.groupBy(of, (at) => (all[at] as School).place.slice(0, length))].map(
          ([key, own]) => ({ key: `area ${key}`, groups: [], parts: areas(own, length + 1) }),
        );
  const tree = { key: 'England', groups: [], parts: areas([...all.keys()], 1) };
  const of = (name: string) =>
    new Map(
      tables.map((table) => {
        const sums = new Map<string, number>();
        const counts = all[Number(name.slice('school '.length))]?.counts ?? [];
        for (const [at, group] of groups.entries()) {
          const value = valueOf(group, table);
          sums.set(value, (sums.get(value) ?? 0) + (counts[at] ?? 0));
        }
        return [table, sums] as const;
      }),
    );
  return { tree, pupils: { of } };
}

/** The groups of fewer than 60, of one school or of several together, whose sessions all the tables tell. */
function foundOut(all: readonly School[], given: (table: string) => ReadonlySet<string>) {
  const count = (name: string) => {
    const [at = '', group = ''] = name.split(' ');
    return all[Number(at)]?.counts[groups.indexOf(group)] ?? 0;
  };
  const cellsOf = (of: readonly number[]) =>
    tables.flatMap((table) =>
      [...new Set(groups.map((group) => valueOf(group, table)))].map((value) => ({
        ...{ table, key: `${of} ${table} ${value}` },
        unknowns: of
          .flatMap((at) =>
            groups
              .filter((group) => valueOf(group, table) === value)
              .map((group) => `${at} ${group}`),
          )
          .filter((name) => count(name) > 0),
      })),
    );
  const within = (area: TableArea): number[] =>
    area.parts.length === 0
      ? [Number(area.key.slice('school '.length))]
      : area.parts.flatMap(within);
  const areas = (area: TableArea): TableArea[] => [area, ...area.parts.flatMap(areas)];
  const shown = areas(placed(all).tree).flatMap((area) =>
    cellsOf(within(area)).filter(({ table }) => given(table).has(area.key)),
  );
  const sets = Array.from({ length: 2 ** all.length }, (_, set) =>
    [...all.keys()].filter((at) => set & (1 << at)),
  );
  const few = sets.flatMap(cellsOf).filter(({ unknowns }) => {
    const pupils = unknowns.reduce((sum, name) => sum + count(name), 0);
    return pupils > 0 && pupils < 60;
  });
  const names = [...all.keys()].flatMap((at) => groups.map((group) => `${at} ${group}`));
  return workedOut(shown, few, names).map(({ key }) => key);
}

function givenOf(all: readonly School[], of = areasGivingSessions) {
  const { tree, pupils } = placed(all);
  const known = new Map(tables.map((table) => [table, of(tree, pupils, table, ofAnySize)]));
  return (table: string) => known.get(table) as ReadonlySet<string>;
}

const someSchools = fc.array(schools, { minLength: 1, maxLength: 7 });

test('numbers of sessions of fewer than 60 pupils are not got from all the tables together by linear algebra, nor those by code', () => {
  let given = 0;
  fc.assert(
    fc.property(someSchools, (all) => {
      const sessions = givenOf(all);
      const codes = givenOf(all, areasGivingCodes);
      assert.deepEqual(foundOut(all, sessions), []);
      for (const table of tables.slice(1)) {
        assert.ok(codes(table).isSubsetOf(sessions(table)));
        given += codes(table).size;
      }
    }),
    { numRuns: 150 },
  );
  assert.ok(given > 150, String(given));
});

test('whoever looks at each table by itself is found out', () => {
  const foundOutOf = fc.sample(someSchools, { seed: 7, numRuns: 150 }).filter((all) => {
    const { tree, pupils } = placed(all);
    const alone = (table: string) => {
      const one = {
        of: (name: string) => new Map([['total', pupils.of(name).get(table) ?? new Map()]]),
      };
      return areasGivingSessions(tree, one, 'total', ofAnySize);
    };
    return foundOut(all, alone).length > 0;
  });
  assert.ok(foundOutOf.length > 5, String(foundOutOf.length));
});

const quarters = (pupils: number) => groups.map(() => pupils / 4);

test('a school whose sessions are not given, to protect a small one, has none by groups: they would add up to them', () => {
  const all = [200, 28, 100, 100].map((pupils) => ({ place: '00', counts: quarters(pupils) }));
  const given = givenOf(all);
  assert.deepEqual(
    [0, 1, 2, 3].map((at) => given('total').has(`school ${at}`)),
    [false, false, true, true],
  );
  for (const table of tables.slice(1)) assert.equal(given(table).has('school 0'), false, table);
  assert.equal(given('sex').has('area 00'), true);
  assert.deepEqual(foundOut(all, given), []);
});

test('where a girls’ school is given, its authority’s girls are not if few are elsewhere: they are what it leaves', () => {
  const girls = { place: '00', counts: [50, 50, 0, 0] };
  const others = (few: number) => ({ place: '00', counts: [few / 2, few / 2, 60, 60] });
  for (const [few, isGiven] of [
    [20, false],
    [58, false],
    [60, true],
  ] as const) {
    const all = [girls, others(few)];
    const given = givenOf(all);
    assert.ok(given('total').has('school 0') && given('total').has('area 00'));
    assert.equal(given('sex').has('area 00'), isGiven, String(few));
    assert.deepEqual(foundOut(all, given), []);
  }
});

test('nor by two divisions at once, where one authority is known by the one and another by the other', () => {
  const all = [
    { place: '00', counts: [200, 114, 0, 0] },
    { place: '01', counts: [162, 0, 162, 0] },
    { place: '10', counts: [58, 99, 129, 119] },
  ];
  const given = givenOf(all);
  assert.ok(given('sex').has('area 01') && given('fsm').has('area 00'));
  assert.deepEqual(foundOut(all, given), []);
});

test('groups of a school’s pupils have no numbers of sessions, and those of an area only where 20 of its schools send, or of what it leaves', () => {
  const regions = (authorities: readonly number[]) =>
    authorities.flatMap((many, at) =>
      Array.from({ length: many }, () => ({ place: `0${at}`, counts: [100, 100, 100, 100] })),
    );
  for (const [authorities, areas] of [
    [[19], []],
    [[20], ['England', 'area 0', 'area 00']],
    // What the region leaves of its authorities has 20 schools too, or there is none.
    [
      [20, 19],
      ['England', 'area 0'],
    ],
    [
      [20, 15, 6],
      ['England', 'area 0', 'area 00'],
    ],
    [
      [20, 20],
      ['England', 'area 0', 'area 00', 'area 01'],
    ],
  ] as const) {
    const { tree, pupils } = placed(regions(authorities));
    for (const table of tables.slice(1)) {
      assert.deepEqual([...areasGivingSessions(tree, pupils, table)].toSorted(), areas, table);
      assert.deepEqual([...areasGivingCodes(tree, pupils, table)].toSorted(), areas, table);
    }
    assert.ok(areasGivingSessions(tree, pupils, 'total').has('school 0'));
  }
});

test('ten schools that became academies in the year are ten, and not twenty', () => {
  const all = Array.from({ length: 20 }, () => ({ place: '00', counts: [100, 100, 100, 100] }));
  const { tree, pupils } = placed(all);
  const named = (of: (at: number) => string): TableArea => {
    let at = 0;
    const name = (area: TableArea): TableArea =>
      area.parts.length === 0
        ? { ...area, school: of(at++) }
        : { ...area, parts: area.parts.map(name) };
    return name(tree);
  };
  const twice = named((at) => `school of two URNs ${Math.floor(at / 2)}`);
  assert.deepEqual([...areasGivingSessions(twice, pupils, 'sex')], []);
  assert.deepEqual([...areasGivingCodes(twice, pupils, 'sex')], []);
  const apart = named((at) => `a school of its own ${at}`);
  assert.ok(areasGivingSessions(apart, pupils, 'sex').has('area 00'));
});
