import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { academicYear } from '../base/academicYear.ts';
import {
  achievedBy,
  type AchievedRule,
  changesTheTypeIsWorth,
  learnAchieved,
  netChanges,
  publishedAchieved,
} from './achieved.ts';
import type { SchoolHistory } from './history.ts';

function history(urn: number, percents: (number | null)[]): SchoolHistory {
  return {
    urn,
    laestab: null,
    schoolType: 'State-funded primary',
    laCode: '900',
    regionCode: 'E12000001',
    years: percents.flatMap((absencePercent, place) =>
      absencePercent === null
        ? []
        : [
            {
              year: academicYear(2012 + place),
              absencePercent,
              persistentPercent: 2 * absencePercent,
              authorisedPercent: null,
              unauthorisedPercent: null,
              enrolments: 200,
              sessionsPossible: 70_000,
            },
          ],
    ),
  };
}

/** A repeatable source of near-normal values: sums of twelve uniforms from a linear congruential generator. */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  return () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value, 0) - 6;
}

describe('what schools have achieved', () => {
  it('is counted net of the change that all schools of the type shared', () => {
    const schools = Array.from({ length: 21 }, (_, place) =>
      history(100_000 + place, [5, 4 - (place === 3 ? 0.5 : 0)]),
    );
    const changes = netChanges(schools, 'overall');
    assert.deepEqual(changes.get(100_003), [{ year: 201314, points: -0.5 }]);
    assert.deepEqual(changes.get(100_004), [{ year: 201314, points: 0 }]);
  });

  it('counts only years that follow each other', () => {
    const schools = Array.from({ length: 21 }, (_, place) =>
      history(100_000 + place, [5, null, 4]),
    );
    assert.deepEqual(netChanges(schools, 'overall').get(100_000), []);
  });

  it('recovers how much of a change lasts from schools made with known luck and known real change', () => {
    const draw = normals(42);
    const [realSpread, luckSpread] = [0.4, 0.3];
    const schools = Array.from({ length: 4000 }, (_, place) => {
      let level = 5;
      const percents = Array.from({ length: 6 }, () => {
        level += realSpread * draw();
        return level + luckSpread * draw();
      });
      return history(100_000 + place, percents);
    });
    const rule = learnAchieved(schools)['State-funded primary'].overall;
    const lasting = realSpread ** 2 / (realSpread ** 2 + 2 * luckSpread ** 2);
    assert.equal(rule.source, 'learned');
    assert.ok(Math.abs(rule.lastingPart - lasting) < 0.04, `${rule.lastingPart} not ${lasting}`);
    const bestQuarter = (0.6745 * realSpread) / 5;
    assert.ok(Math.abs(rule.bestQuarterPart - bestQuarter) < 0.004, `${rule.bestQuarterPart}`);
  });

  it('finds that nothing was achieved where every change was luck', () => {
    const draw = normals(7);
    const schools = Array.from({ length: 3000 }, (_, place) =>
      history(
        100_000 + place,
        Array.from({ length: 6 }, () => 5 + 0.5 * draw()),
      ),
    );
    const rule = learnAchieved(schools)['State-funded primary'].overall;
    assert.ok(rule.lastingPart < 0.05 && rule.bestQuarterPart < 0.015);
  });

  it('is taken from the published rule where too few years follow each other', () => {
    const schools = Array.from({ length: 50 }, (_, place) => history(100_000 + place, [5, 4]));
    assert.deepEqual(learnAchieved(schools), publishedAchieved);
  });

  it('weighs a group’s own changes against its type by how many there are', () => {
    const rule: AchievedRule = {
      lastingPart: 0.25,
      bestQuarterPart: 0.05,
      changes: 1000,
      source: 'learned',
    };
    assert.equal(achievedBy([], rule, 6), 0.05 * 6);
    const many = Array.from({ length: changesTheTypeIsWorth }, () => -0.8);
    assert.ok(Math.abs(achievedBy(many, rule, 6) - (0.4 + 0.3) / 2) < 1e-12);
    const worse = many.map((points) => -points);
    const ofWorse = achievedBy(worse, rule, 6);
    assert.ok(Math.abs(ofWorse - 0.15) < 1e-12, 'a group that only got worse achieved nothing');
  });
});
