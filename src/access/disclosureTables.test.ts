import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import { workedOut } from '../testing/workedOut.ts';
import { safeToShow } from './disclosure.ts';
import {
  type CellCounts,
  hideCells,
  hideTogether,
  type HiddenCells,
  type TableArea,
} from './disclosureTables.ts';

/** Schools of three values of one division and two of another, in authorities, regions and trusts. */
type Country = {
  tree: TableArea;
  base: Map<string, number>;
  /** How many of each are persistently absent. */
  absent: Map<string, number>;
  trusts: Map<string, string[]>;
};

const firsts = ['K', 'E', 'N'];
const seconds = ['0', '1'];

const countries: fc.Arbitrary<Country> = fc
  .record({
    sizes: fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 2 }), {
      minLength: 1,
      maxLength: 2,
    }),
    counts: fc.array(fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 60 })), {
      minLength: 96,
      maxLength: 96,
    }),
    shares: fc.array(fc.constantFrom(0, 0.1, 0.3, 1), { minLength: 96, maxLength: 96 }),
    trusts: fc.array(fc.nat(3), { minLength: 16, maxLength: 16 }),
  })
  .map(({ sizes, counts, shares, trusts }) => {
    const base = new Map<string, number>();
    const absent = new Map<string, number>();
    const schools: string[] = [];
    const members = new Map<string, string[]>();
    const school = (): TableArea => {
      const at = schools.length;
      const key = `school ${String(at).padStart(2, '0')}`;
      schools.push(key);
      const trust = (trusts[at] as number) > 0 ? `trust ${trusts[at]}` : undefined;
      if (trust) members.set(trust, [...(members.get(trust) ?? []), key]);
      for (const [a, first] of firsts.entries()) {
        for (const [b, second] of seconds.entries()) {
          const name = 6 * at + 2 * a + b;
          base.set(`${key} ${first},${second}`, counts[name] as number);
          const missing = Math.round((counts[name] as number) * (shares[name] as number));
          absent.set(`${key} ${first},${second}`, missing);
        }
      }
      return { key, parts: [], groups: trust ? [trust] : [] };
    };
    const tree: TableArea = {
      key: 'England',
      groups: [],
      parts: sizes.map((authorities, region) => ({
        key: `region ${region}`,
        groups: [],
        parts: authorities.map((size, authority) => ({
          key: `authority ${region}${authority}`,
          groups: [],
          parts: Array.from({ length: size }, school),
        })),
      })),
    };
    return { tree, base, absent, trusts: members };
  });

function countsOf(base: ReadonlyMap<string, number>): CellCounts {
  return {
    of(school) {
      const tables = { total: new Map(), sen: new Map(), fsm: new Map(), 'sen,fsm': new Map() };
      const add = (table: Map<string, number>, value: string, count: number) =>
        void (count > 0 && table.set(value, (table.get(value) ?? 0) + count));
      for (const first of firsts) {
        for (const second of seconds) {
          const count = base.get(`${school} ${first},${second}`) as number;
          add(tables.total, 'total', count);
          add(tables.sen, first, count);
          add(tables.fsm, second, count);
          add(tables['sen,fsm'], `${first},${second}`, count);
        }
      }
      return new Map(Object.entries(tables));
    },
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

/** Every cell of every table, with the numbers of single schools that it is the sum of. */
function cellsOf(country: Country, base: ReadonlyMap<string, number>): Cell[] {
  const values: [string, string, (a: string, b: string) => boolean][] = [
    ['total', 'total', () => true],
    ...firsts.map(
      (first) => ['sen', first, (a: string) => a === first] as [string, string, () => boolean],
    ),
    ...seconds.map(
      (second) =>
        ['fsm', second, (_: string, b: string) => b === second] as [string, string, () => boolean],
    ),
    ...firsts.flatMap((first) =>
      seconds.map(
        (second) =>
          [
            'sen,fsm',
            `${first},${second}`,
            (a: string, b: string) => a === first && b === second,
          ] as [string, string, () => boolean],
      ),
    ),
  ];
  return areasOf(country).flatMap(([area, schools]) =>
    values.map(([division, value, isIn]) => {
      const unknowns = schools.flatMap((school) =>
        firsts.flatMap((a) => seconds.filter((b) => isIn(a, b)).map((b) => `${school} ${a},${b}`)),
      );
      const count = unknowns.reduce((sum, name) => sum + (base.get(name) as number), 0);
      return { area, division, value, unknowns, count };
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
 * What can be worked out of the numbers of pupils, or of persistent absentees, from all of them that are shown. Where an area
 * is known to have none of a cell, none of its schools has, and none of its pupils is absent: a row that is not there says so.
 */
function attack(
  country: Country,
  { of, hidden, ofPupils }: { of: 'base' | 'absent'; hidden: HiddenCells; ofPupils: HiddenCells },
): Cell[] {
  const pupilCells = cellsOf(country, country.base);
  const pupils = new Map(pupilCells.map((each) => [keyOf(each), each.count]));
  const countOf = (...cell: string[]) => pupils.get(cell.join(' ')) ?? 0;
  const cells = of === 'base' ? pupilCells : cellsOf(country, country.absent);
  const shown = cells.filter((cell) => isKnown(cell, hidden, countOf));
  const nobody = new Set(
    [...pupilCells.filter((cell) => isKnown(cell, ofPupils, countOf)), ...shown]
      .filter(({ count }) => count === 0)
      .flatMap(({ unknowns }) => unknowns),
  );
  const left = (given: readonly Cell[]) =>
    given.map((cell) => ({
      ...cell,
      unknowns: cell.unknowns.filter((name) => !nobody.has(name)),
    }));
  const sought = cells.filter((cell) => !safeToShow(cell.count, null));
  return workedOut(left(shown), left(sought), [...country.base.keys()]);
}

/** As files are asked for one by one: a table of one division is made without knowing of those of two. */
function hideOneByOne(country: Country): Record<'everything' | 'absent', HiddenCells> {
  const singles = ({ of }: CellCounts): CellCounts => ({
    of: (school) => new Map([...of(school)].filter(([division]) => !division.includes(','))),
  });
  const [base, absent] = [countsOf(country.base), countsOf(country.absent)];
  const alone = hideTogether(country.tree, singles(base), { absent: singles(absent) });
  const pairs = hideTogether(country.tree, base, { absent });
  const either = (name: 'everything' | 'absent'): HiddenCells => ({
    isTotalHidden: (area) => alone[name].isTotalHidden(area),
    isHidden: (area, division, value) =>
      (division.includes(',') ? pairs : alone)[name].isHidden(area, division, value),
  });
  return { everything: either('everything'), absent: either('absent') };
}

const shortly = (found: readonly Cell[]) => found.map((cell) => `${keyOf(cell)} ${cell.count}`);

test('no small number is shown, and none is got back from all that is shown by linear algebra', () => {
  fc.assert(
    fc.property(countries, (country) => {
      const { everything: hidden } = hideOneByOne(country);
      assert.deepEqual(shortly(attack(country, { of: 'base', hidden, ofPupils: hidden })), []);
    }),
    { numRuns: 400 },
  );
});

test('nor a small number of persistent absentees among pupils whose number is shown', () => {
  fc.assert(
    fc.property(countries, (country) => {
      const { everything: ofPupils, absent: hidden } = hideOneByOne(country);
      assert.deepEqual(shortly(attack(country, { of: 'absent', hidden, ofPupils })), []);
      for (const { area, division, value } of cellsOf(country, country.base)) {
        if (!ofPupils.isHidden(area, division, value)) continue;
        assert.ok(hidden.isHidden(area, division, value), `${area} ${division} ${value}`);
      }
    }),
    { numRuns: 400 },
  );
});

test('whoever hides small numbers alone, and no others, is found out', () => {
  const examples = fc.sample(countries, { seed: 7, numRuns: 50 });
  const foundOut = examples.filter((country) => {
    const counts = new Map(cellsOf(country, country.base).map((each) => [keyOf(each), each.count]));
    const hidden: HiddenCells = {
      isTotalHidden: () => false,
      isHidden: (...cell) => !safeToShow(counts.get(cell.join(' ')) ?? 0, null),
    };
    return attack(country, { of: 'base', hidden, ofPupils: hidden }).length > 0;
  });
  assert.ok(foundOut.length > 40, String(foundOut.length));
});

test('where no number is small none is hidden', () => {
  fc.assert(
    fc.property(countries, (country) => {
      const large = new Map([...country.base].map(([name, count]) => [name, count + 6]));
      const hidden = hideCells(country.tree, countsOf(large));
      for (const { area, division, value } of cellsOf(country, large)) {
        assert.equal(hidden.isHidden(area, division, value), false);
      }
    }),
    { numRuns: 50 },
  );
});
