import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type RandomStream, randomStream } from '../../stats/randomStream.ts';
import { compareGroups, type Group } from './compare.ts';
import { noPupils, type PupilSums, together } from './sums.ts';
import { differenceWithin } from './withinSchools.ts';

/* Areas whose schools differ, in level and in whom they teach, and whose groups do not differ within a school. */

function oneOf(possible: number, absent: number): PupilSums {
  return {
    ...{ pupils: 1, possible, absent, absentSquared: absent ** 2 },
    ...{ crossed: absent * possible, possibleSquared: possible ** 2 },
  };
}

type Area = { schools: number; pupils: number; spread: number; extra: number };

/** By free school meals (a few schools have most of them), ethnicity (most of a school are of one) and a division by chance. */
function areaOf(random: RandomStream, { schools, pupils, spread, extra }: Area): Group<string>[] {
  const cells = new Map<string, Map<number, PupilSums>>();
  const bySchool: PupilSums[] = [];
  for (let school = 0; school < schools; school += 1) {
    const [level, common] = [Math.exp(spread * random.normal()), random.integer(6)];
    const poor = 0.4 * random.uniform();
    bySchool.push(noPupils);
    for (let at = 0; at < pupils; at += 1) {
      const fsm = random.uniform() < poor ? 1 : 0;
      const ethnicity = random.uniform() < 0.8 ? common : random.integer(6);
      const possible = random.uniform() < 0.1 ? 30 : 60;
      const rate =
        random.uniform() < 1 / 15 ? 0.3 + 0.5 * random.uniform() : 0.1 * random.uniform() ** 2;
      const chance = Math.min(1, rate * level + (fsm === 1 ? extra : 0));
      const own = oneOf(possible, random.binomial(possible, chance));
      bySchool[school] = together(bySchool[school] as PupilSums, own);
      for (const key of [`fsm ${fsm}`, `ethnicity ${ethnicity}`, `any ${random.integer(3)}`]) {
        const cell = cells.get(key) ?? new Map<number, PupilSums>();
        cells.set(key, cell.set(school, together(cell.get(school) ?? noPupils, own)));
      }
    }
  }
  const all = bySchool.reduce(together, noPupils);
  return [...cells].map(([key, cell]) => ({
    ...{ key, all, sums: [...cell.values()].reduce(together, noPupils) },
    schools: [...cell].map(([school, sums]) => ({ sums, all: bySchool[school] as PupilSums })),
  }));
}

const anyParts = (groups: readonly Group<string>[]) =>
  compareGroups(groups).comparisons.some(({ parts }) => parts);

describe('a group beside the other pupils of the same schools', () => {
  test('each school counts by how many stand side by side in it; one with only one of the two says nothing', () => {
    const times = (sums: PupilSums, pupils: number) =>
      Array.from({ length: pupils }, () => sums).reduce(together, noPupils);
    const school = (own: number, others: number, [absent, besides]: [number, number]) => {
      const sums = times(oneOf(100, absent), own);
      return { sums, all: together(sums, times(oneOf(100, besides), others)) };
    };
    // Weights of 10 × 30 / 40 and 20 × 20 / 40 pupils: 7.5 and 10.
    const found = differenceWithin([
      school(10, 30, [12, 5]),
      school(20, 20, [9, 9]),
      school(40, 0, [60, 0]),
    ]);
    assert.ok(Math.abs(found.difference - (7.5 * 0.07) / 17.5) < 1e-12);
    assert.ok(Math.abs(found.group - (7.5 * 0.12 + 10 * 0.09) / 17.5) < 1e-12);
  });

  test('where schools differ and no group does, one area in twenty at most is told one; pupils of other schools would tell many', () => {
    for (const spread of [0.15, 0.25]) {
      const areas = 100;
      let [wrong, wrongAcross] = [0, 0];
      for (let at = 0; at < areas; at += 1) {
        const random = randomStream('areas alike', spread, at);
        const groups = areaOf(random, { schools: 20, pupils: 300, spread, extra: 0 });
        wrong += anyParts(groups) ? 1 : 0;
        const across = groups.map(({ key, sums, all }) => ({ key, sums, all }));
        wrongAcross += anyParts(across) ? 1 : 0;
      }
      // 100 areas at 5 % are 5; with three of their standard deviations 11.
      assert.ok(wrong <= 11, `${wrong} of ${areas} areas with a spread of ${spread}`);
      if (spread === 0.25) assert.ok(wrongAcross > 20, `${wrongAcross} across schools`);
    }
  });

  test('a true difference of three points is found in an area of forty schools', () => {
    let found = 0;
    for (let at = 0; at < 30; at += 1) {
      const random = randomStream('areas parting', at);
      const area = { schools: 40, pupils: 200, spread: 0.25, extra: 0.03 };
      const { comparisons } = compareGroups(areaOf(random, area));
      found += comparisons.some(({ key, parts }) => key === 'fsm 1' && parts) ? 1 : 0;
    }
    assert.ok(found >= 27, `${found} of 30`);
  });
});
