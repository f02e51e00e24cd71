import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import { areasGivingCodes } from './disclosureCodes.ts';
import type { CellCounts, TableArea } from './disclosureTables.ts';

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
      new Map([['fsm', new Map(counts.get(school)?.map((count, at) => [String(at), count]))]]),
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
      const given = areasGivingCodes(tree, pupils, 'fsm');
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
  assert.deepEqual([...areasGivingCodes(tree, pupils, 'fsm')].toSorted(), [
    'England',
    'authority 02',
    'authority 03',
    'authority 10',
    'region 0',
    'region 1',
  ]);
});
