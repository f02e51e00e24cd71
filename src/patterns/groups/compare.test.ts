import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type RandomStream, randomStream } from '../../stats/randomStream.ts';
import { compareGroups, type Group } from './compare.ts';
import type { PupilSums } from './sums.ts';

type Pupil = { possible: number; absent: number };

function sumsOf(pupils: readonly Pupil[]): PupilSums {
  const sum = (of: (pupil: Pupil) => number) => pupils.reduce((all, each) => all + of(each), 0);
  return {
    pupils: pupils.length,
    possible: sum((each) => each.possible),
    absent: sum((each) => each.absent),
    absentSquared: sum((each) => each.absent ** 2),
    crossed: sum((each) => each.absent * each.possible),
    possibleSquared: sum((each) => each.possible ** 2),
  };
}

/** As skewed as absence is: most miss little, one in fifteen a third or more. */
function pupil(random: RandomStream, extra = 0): Pupil {
  const possible = random.uniform() < 0.1 ? 30 : 60;
  const rate =
    random.uniform() < 1 / 15 ? 0.3 + 0.5 * random.uniform() : 0.1 * random.uniform() ** 2;
  return { possible, absent: random.binomial(possible, Math.min(1, rate + extra)) };
}

/** A school with six divisions of its pupils, each by itself and in pairs. */
function groupsOf(pupils: readonly (Pupil & { values: number[] })[]): Group<string>[] {
  const all = sumsOf(pupils);
  const divisions = [0, 1, 2, 3, 4, 5].flatMap((one) => [
    [one],
    ...[0, 1, 2, 3, 4, 5].flatMap((other) => (other > one ? [[one, other]] : [])),
  ]);
  return divisions.flatMap((division) => {
    const keyOf = (each: { values: number[] }) =>
      division.map((at) => `${at}:${each.values[at]}`).join();
    return [...Map.groupBy(pupils, keyOf)].map(([key, own]) => ({ key, sums: sumsOf(own), all }));
  });
}

const kinds = [2, 3, 7, 2, 6, 2];
function school(random: RandomStream, size: number, extra: (values: number[]) => number) {
  return Array.from({ length: size }, () => {
    // The first value is the commonest, as in schools.
    const values = kinds.map((kind) => Math.floor(kind * random.uniform() ** 1.7));
    return { ...pupil(random, extra(values)), values };
  });
}

describe('groups beside all others', () => {
  test('a rate is of sessions, its spread of pupils: ten times the sessions of as many pupils are no more sure', () => {
    const random = randomStream('spread');
    const all = Array.from({ length: 120 }, () => pupil(random));
    const tenfold = all.map(({ possible, absent }) => ({
      possible: 10 * possible,
      absent: 10 * absent,
    }));
    const compare = (pupils: Pupil[]) =>
      compareGroups([{ key: 'a', sums: sumsOf(pupils.slice(0, 40)), all: sumsOf(pupils) }])
        .comparisons[0];
    const [once, more] = [compare(all), compare(tenfold)];
    assert.ok(once && more);
    assert.ok(Math.abs(once.chance - more.chance) < 1e-9);
    assert.ok(Math.abs(once.upperPoints - more.upperPoints) < 1e-9);
  });

  test('two halves are one comparison, told from both sides', () => {
    const random = randomStream('halves');
    const all = Array.from({ length: 60 }, (_, at) => pupil(random, at < 30 ? 0.15 : 0));
    const sums = sumsOf(all);
    const { comparisons } = compareGroups([
      { key: 'one', sums: sumsOf(all.slice(0, 30)), all: sums },
      { key: 'other', sums: sumsOf(all.slice(30)), all: sums },
    ]);
    const [one, other] = comparisons;
    assert.ok(one && other);
    assert.equal(one.chancePaid, one.chance);
    assert.ok(Math.abs(one.differencePoints + other.differencePoints) < 1e-9);
    assert.equal(one.parts, true);
    assert.ok(one.lowerPoints > 0);
  });

  test('the interval leaves out nought just where the group parts', () => {
    for (let at = 0; at < 40; at += 1) {
      const random = randomStream('interval', at);
      const groups = groupsOf(school(random, 200, ([fsm]) => (fsm === 1 ? 0.06 : 0)));
      for (const { parts, lowerPoints, upperPoints } of compareGroups(groups).comparisons) {
        if (parts) assert.ok(lowerPoints > 0 || upperPoints < 0);
        else assert.ok(lowerPoints <= 0 && upperPoints >= 0);
      }
    }
  });

  test('of a group with fewer than ten pupils, or with fewer beside it, nothing is said', () => {
    const random = randomStream('few');
    const all = Array.from({ length: 30 }, () => pupil(random));
    const group = (key: string, size: number) => ({
      ...{ key, sums: sumsOf(all.slice(0, size)), all: sumsOf(all) },
    });
    const { comparisons, tooFew } = compareGroups([
      group('9', 9),
      group('10', 10),
      group('21', 21),
    ]);
    assert.deepEqual(tooFew, ['9', '21']);
    assert.deepEqual(
      comparisons.map(({ key }) => key),
      ['10'],
    );
  });

  test('where no group parts, one school in twenty at most is told that one does', () => {
    const schools = 300;
    let wrong = 0;
    for (let at = 0; at < schools; at += 1) {
      const random = randomStream('alike', at);
      const groups = groupsOf(school(random, 120 + random.integer(400), () => 0));
      wrong += compareGroups(groups).comparisons.some(({ parts }) => parts) ? 1 : 0;
    }
    // 300 schools at 5 % are 15; with three of their standard deviations 26.

    assert.ok(wrong <= 26, `${wrong} of ${schools} schools`);
  });

  test('some twenty pupils of a pair who miss twenty points more than the rest are found', () => {
    let found = 0;
    for (let at = 0; at < 60; at += 1) {
      const random = randomStream('parting', at);
      const pupils = school(random, 240, ([fsm, sen]) => (fsm === 1 && sen === 1 ? 0.2 : 0));
      const { comparisons } = compareGroups(groupsOf(pupils));
      found += comparisons.some(({ key, parts }) => parts && key === '0:1,1:1') ? 1 : 0;
    }

    assert.ok(found >= 45, `${found} of 60`);
  });
});
