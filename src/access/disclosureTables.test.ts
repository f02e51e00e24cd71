import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import { workedOut } from '../testing/workedOut.ts';
import { safeToShow } from './disclosure.ts';
import {
  type CellCounts,
  hideTogether,
  type HiddenCells,
  type TableArea,
} from './disclosureTables.ts';

/*
 * Three divisions of pupils, by one and by two at once, of schools in authorities, regions and trusts; of the pupils some are
 * persistently absent, and of those some severely. An outsider asks for the files one after another.
 */

const divisions: Record<string, readonly string[]> = {
  sen: ['E', 'K', 'N'],
  fsm: ['0', '1'],
  sex: ['F', 'M'],
};
const names = Object.keys(divisions);
const pairs = [
  ['sen', 'fsm'],
  ['sen', 'sex'],
  ['fsm', 'sex'],
].map((pair) => pair.join());
const measures = ['everything', 'persistent', 'severe'] as const;
type Measure = (typeof measures)[number];

const product = (all: readonly (readonly string[])[]) =>
  all.reduce<string[][]>(
    (before, each) => before.flatMap((values) => each.map((value) => [...values, value])),
    [[]],
  );
const groups = product(Object.values(divisions)).map((values) => values.join());

type Country = {
  tree: TableArea;
  trusts: Map<string, string[]>;
  /** School and group of pupils → how many there are, are persistently absent, and severely. */
  counts: Map<string, readonly [number, number, number]>;
};

const mostSchools = 12;

const countries: fc.Arbitrary<Country> = fc
  .record({
    sizes: fc.array(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }), {
      minLength: 1,
      maxLength: 2,
    }),
    // Most groups are small beside those without special needs; some schools are of one sex, some have nobody absent.
    scales: fc.array(fc.constantFrom(1, 3, 8, 15, 40), {
      minLength: mostSchools,
      maxLength: mostSchools,
    }),
    shares: fc.array(fc.constantFrom(0, 0.1, 0.3, 0.6, 1), {
      minLength: mostSchools,
      maxLength: mostSchools,
    }),
    sexes: fc.array(fc.constantFrom('FM', 'FM', 'FM', 'FM', 'F', 'M'), {
      minLength: mostSchools,
      maxLength: mostSchools,
    }),
    chances: fc.array(fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100)), {
      minLength: mostSchools * groups.length,
      maxLength: mostSchools * groups.length,
    }),
    trusts: fc.array(fc.nat(3), { minLength: mostSchools, maxLength: mostSchools }),
  })
  .map(({ sizes, scales, shares, sexes, chances, trusts }) => {
    const schools: Omit<School, 'authority'>[] = scales.map((scale, at) => ({
      trust: trusts[at] ? `trust ${trusts[at]}` : '',
      counts: groups.map((group, each) => {
        const [sen = '', fsm, sex = ''] = group.split(',');
        if (!sexes[at]?.includes(sex)) return [0, 0, 0];
        const [many, absent, severely] = chances[at * groups.length + each] as [
          number,
          number,
          number,
        ];
        const weight = { N: 1, K: 0.3, E: 0.1 }[sen] as number;
        const pupils = Math.round((many / 100) * scale * 3 * weight * (fsm === '1' ? 0.4 : 1));
        const share = (shares[at] as number) * (absent / 50);
        const persistent = shares[at] === 1 ? pupils : Math.min(pupils, Math.round(pupils * share));
        return [pupils, persistent, Math.round(persistent * (severely / 100) * 0.5)];
      }),
    }));
    const authorities = sizes.flatMap((sized, region) =>
      sized.flatMap((size, at) => Array.from({ length: size }, () => `${region}${at}`)),
    );
    return countryOf(
      authorities.map((authority, at) => ({ ...(schools[at] as School), authority })),
    );
  });

type School = {
  /** Of two figures: the first is that of its region. */
  authority: string;
  trust: string;
  counts: readonly (readonly number[])[];
};

function countryOf(schools: readonly School[]): Country {
  const counts = new Map<string, readonly [number, number, number]>();
  const trusts = new Map<string, string[]>();
  const leaves = schools.map((school, at) => {
    const key = `school ${String(at).padStart(2, '0')}`;
    for (const [each, group] of groups.entries()) {
      counts.set(`${key} ${group}`, (school.counts[each] ?? [0, 0, 0]) as [number, number, number]);
    }
    if (school.trust) trusts.set(school.trust, [...(trusts.get(school.trust) ?? []), key]);
    const leaf = { key, parts: [], groups: school.trust ? [school.trust] : [] };
    return { authority: school.authority, leaf };
  });
  const regions = [...Map.groupBy(leaves, ({ authority }) => authority[0])].map(
    ([region, inRegion]) => ({
      ...{ key: `region ${region}`, groups: [] },
      parts: [...Map.groupBy(inRegion, ({ authority }) => authority)].map(
        ([authority, within]) => ({
          ...{ key: `authority ${authority}`, groups: [] },
          parts: within.map(({ leaf }) => leaf),
        }),
      ),
    }),
  );
  return { tree: { key: 'England', groups: [], parts: regions }, trusts, counts };
}

/** The value that a group of pupils has in a table: of `sen,sex` is `E,F` where it is `E,1,F`. */
function valueOf(group: string, division: string): string {
  if (division === 'total') return 'total';
  const values = group.split(',');
  return division
    .split(',')
    .map((each) => values[names.indexOf(each)])
    .join();
}

function countsOf({ counts }: Country, measure: Measure, tables: readonly string[]): CellCounts {
  return {
    of: (school) =>
      new Map(
        tables.map((division) => {
          const sums = new Map<string, number>();
          for (const group of groups) {
            const count = counts.get(`${school} ${group}`)?.[measures.indexOf(measure)] ?? 0;
            const value = valueOf(group, division);
            if (count > 0) sums.set(value, (sums.get(value) ?? 0) + count);
          }
          return [division, sums] as const;
        }),
      ),
  };
}

function schoolsOf(area: TableArea): string[] {
  return area.parts.length === 0 ? [area.key] : area.parts.flatMap(schoolsOf);
}

/** Every area and trust with its schools. */
function areasOf({ tree, trusts }: Country): [string, string[]][] {
  const of = (area: TableArea): [string, string[]][] => [
    [area.key, schoolsOf(area)],
    ...area.parts.flatMap(of),
  ];
  return [...of(tree), ...trusts];
}

type Cell = { area: string; division: string; value: string; unknowns: string[]; count: number };

/** Every cell of every table, with the numbers of groups in single schools that it is the sum of. */
function cellsOf(country: Country, measure: Measure): Cell[] {
  return areasOf(country).flatMap(([area, schools]) =>
    ['total', ...names, ...pairs].flatMap((division) => {
      const byValue = Map.groupBy(groups, (group) => valueOf(group, division));
      return [...byValue].map(([value, own]) => {
        const unknowns = schools.flatMap((school) => own.map((group) => `${school} ${group}`));
        const at = measures.indexOf(measure);
        const count = unknowns.reduce(
          (sum, each) => sum + (country.counts.get(each)?.[at] ?? 0),
          0,
        );
        return { area, division, value, unknowns, count };
      });
    }),
  );
}

/**
 * Shown, or known without being shown: where a total is given there is a row, shown or blank, for each value that anybody
 * has there; so a value without one is known to be nobody’s.
 */
function isKnown(cell: Cell, hidden: HiddenCells, countOf: (...of: string[]) => number): boolean {
  const { area, division, value } = cell;
  if (!hidden.isHidden(area, division, value)) return true;
  if (hidden.isTotalHidden(area)) return false;
  const [firstDivision = '', secondDivision] = division.split(',');
  const [first = '', second = ''] = value.split(',');
  return (
    countOf(area, firstDivision, first) === 0 ||
    (secondDivision !== undefined && countOf(area, secondDivision, second) === 0)
  );
}

const keyOf = ({ area, division, value }: Cell) => `${area} ${division} ${value}`;

/**
 * What can be worked out, of the pupils and of those absent, from all that is shown. Where an area is known to have none of a
 * cell, none of its schools has, and none of them is absent: a row that is not there says so.
 */
function attack(country: Country, hidden: Record<Measure, HiddenCells>): string[] {
  const pupils = new Map(cellsOf(country, 'everything').map((each) => [keyOf(each), each.count]));
  const countOf = (...cell: string[]) => pupils.get(cell.join(' ')) ?? 0;
  const nobody = new Set<string>();
  return measures.flatMap((measure) => {
    const cells = cellsOf(country, measure);
    const shown = cells.filter((cell) =>
      measure === 'everything' || countOf(cell.area, cell.division, cell.value) === 0
        ? isKnown(cell, hidden.everything, countOf)
        : !hidden[measure].isHidden(cell.area, cell.division, cell.value),
    );
    for (const { count, unknowns } of shown) {
      if (count === 0) for (const each of unknowns) nobody.add(each);
    }
    const left = (given: readonly Cell[]) =>
      given.map((cell) => ({
        ...cell,
        unknowns: cell.unknowns.filter((each) => !nobody.has(each)),
      }));
    const sought = cells.filter((cell) => !safeToShow(cell.count, null));
    return workedOut(left(shown), left(sought), [...country.counts.keys()]).map(
      (cell) => `${measure} ${keyOf(cell)} ${cell.count}`,
    );
  });
}

/** As files are asked for one by one: a table of one division is made without knowing of those of two, and these of each other. */
function hideOneByOne(country: Country): Record<Measure, HiddenCells> {
  const hide = (tables: readonly string[]) =>
    hideTogether(country.tree, countsOf(country, 'everything', tables), {
      persistent: countsOf(country, 'persistent', tables),
      severe: countsOf(country, 'severe', tables),
    });
  const alone = hide(['total', ...names]);
  const together = new Map(pairs.map((pair) => [pair, hide(['total', ...names, pair])]));
  const of = (measure: Measure): HiddenCells => ({
    isTotalHidden: (area) => alone[measure].isTotalHidden(area),
    isHidden: (area, division, value) =>
      (together.get(division) ?? alone)[measure].isHidden(area, division, value),
  });
  return { everything: of('everything'), persistent: of('persistent'), severe: of('severe') };
}

test('no small number of pupils, or of persistent or severe absentees, is shown, and none is got back from all files by linear algebra', () => {
  fc.assert(
    fc.property(countries, (country) => {
      const hidden = hideOneByOne(country);
      assert.deepEqual(attack(country, hidden), []);
      for (const { area, division, value } of cellsOf(country, 'everything')) {
        if (!hidden.everything.isHidden(area, division, value)) continue;
        for (const measure of ['persistent', 'severe'] as const) {
          assert.ok(
            hidden[measure].isHidden(area, division, value),
            `${area} ${division} ${value}`,
          );
        }
      }
    }),
    { numRuns: 150 },
  );
});

/** Groups in the order of `groups`, each as pupils/persistent/severe. */
function schoolOf(authority: string, trust: string, written: string): School {
  const counts = written.split(' ').map((each) => each.split('/').map(Number));
  return { authority, trust, counts };
}

test('nor of severe absentees where a school, or a value, has no persistent ones to exchange with', () => {
  const country = countryOf([
    schoolOf(
      '00',
      'trust 2',
      '2/2/0 3/1/1 0/0/0 0/0/0 3/2/1 7/0/0 0/0/0 3/0/0 17/8/5 23/10/4 0/0/0 3/0/0',
    ),
    schoolOf('00', '', '0/0/0 1/1/0 0/0/0 3/3/2 6/5/0 4/3/0 1/0/0 4/4/1 23/15/4 3/1/0 7/6/4 6/2/1'),
    schoolOf(
      '00',
      '',
      '8/0/0 13/0/0 1/0/0 2/0/0 10/0/0 32/0/0 7/0/0 4/0/0 55/0/0 43/0/0 11/0/0 16/0/0',
    ),
    schoolOf(
      '00',
      '',
      '2/1/0 2/1/0 0/0/0 1/1/1 7/5/1 39/19/6 4/2/0 9/8/1 59/37/10 51/33/8 34/25/6 40/25/11',
    ),
  ]);
  assert.deepEqual(attack(country, hideOneByOne(country)), []);
});

test('nor of a pair of values where a neighbouring authority has nobody of one of them', () => {
  const country = countryOf([
    schoolOf('00', '', '0/0/0 1/0/0 0/0/0 0/0/0 0/0/0 6/0/0 2/0/0 0/0/0 4/0/0 3/0/0 9/0/0 6/0/0'),
    schoolOf(
      '00',
      '',
      '3/3/2 0/0/0 0/0/0 0/0/0 2/2/0 0/0/0 3/3/1 0/0/0 22/22/3 21/21/7 2/2/1 7/7/2',
    ),
    schoolOf(
      '01',
      'trust 2',
      '14/14/5 4/4/2 0/0/0 4/4/3 10/10/4 29/29/14 11/11/5 6/6/1 45/45/9 100/100/30 23/23/8 14/14/2',
    ),
    schoolOf('01', '', '0/0/0 1/0/0 0/0/0 0/0/0 0/0/0 5/2/1 0/0/0 0/0/0 0/0/0 22/6/1 0/0/0 7/3/2'),
    schoolOf(
      '01',
      'trust 3',
      '2/2/0 0/0/0 0/0/0 0/0/0 6/3/1 0/0/0 0/0/0 3/3/0 13/5/0 23/18/3 7/4/2 1/0/0',
    ),
    schoolOf(
      '01',
      '',
      '7/0/0 6/0/0 2/0/0 0/0/0 2/0/0 9/0/0 1/0/0 1/0/0 20/0/0 21/0/0 16/0/0 7/0/0',
    ),
    schoolOf('02', '', '0/0/0 1/0/0 0/0/0 0/0/0 0/0/0 4/1/0 0/0/0 0/0/0 0/0/0 0/0/0 0/0/0 3/2/1'),
  ]);
  assert.deepEqual(attack(country, hideOneByOne(country)), []);
});

test('nor where all of a value are shown to be absent: who knows how many they are knows how many are absent', () => {
  // Of 3 with support (K) those of a plan (E) cannot be the cover: in the authority 20 of 20 of them are absent.
  const school = (support: number): School => ({
    ...{ authority: '00', trust: '' },
    counts: groups.map((group) => {
      const absent = { 'E,0,F': 10, 'K,0,F': support, 'N,0,F': 8 }[group] ?? 0;
      return group === 'E,0,F' ? [10, 10, 0] : absent > 0 ? [20, absent, 0] : [0, 0, 0];
    }),
  });
  const { everything, persistent } = hideOneByOne(countryOf([school(3), school(9)]));
  assert.equal(everything.isHidden('school 00', 'sen', 'E'), false);
  assert.equal(persistent.isHidden('school 00', 'sen', 'K'), true);
  const isCover = ['school 00', 'school 01'].every((key) => persistent.isHidden(key, 'sen', 'N'));
  assert.ok(isCover || persistent.isHidden('authority 00', 'sen', 'E'));
});

test('whoever hides small numbers alone, and no others, is found out', () => {
  const examples = fc.sample(countries, { seed: 7, numRuns: 30 });
  const foundOut = examples.filter((country) => {
    const of = (measure: Measure): HiddenCells => {
      const counts = new Map(cellsOf(country, measure).map((each) => [keyOf(each), each.count]));
      return {
        isTotalHidden: () => false,
        isHidden: (...cell) => !safeToShow(counts.get(cell.join(' ')) ?? 0, null),
      };
    };
    const hidden = {
      everything: of('everything'),
      persistent: of('persistent'),
      severe: of('severe'),
    };
    return attack(country, hidden).length > 0;
  });
  assert.ok(foundOut.length > 24, String(foundOut.length));
});

test('where no number is small none is hidden', () => {
  fc.assert(
    fc.property(countries, (country) => {
      const counts = new Map(
        [...country.counts].map(([name, [many]]) => [
          name,
          [many + 18, many + 12, many + 6] as const,
        ]),
      );
      const hidden = hideOneByOne({ ...country, counts });
      for (const measure of measures) {
        for (const { area, division, value } of cellsOf(country, measure)) {
          assert.equal(hidden[measure].isHidden(area, division, value), false);
        }
      }
    }),
    { numRuns: 20 },
  );
});
