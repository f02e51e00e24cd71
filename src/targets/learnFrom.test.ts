import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SchoolType } from '../base/schoolType.ts';
import fc from '../testing/chance.ts';
import { type SchoolThatMayTeach, schoolsToLearnFrom } from './learnFrom.ts';
import type { DistanceRule } from './distance.ts';

const rule: DistanceRule = {
  inputs: [{ name: 'fsm', kind: 'number', weight: 0.01, share: 1 }],
  caliper: 0.5,
};
const rules: Record<SchoolType, DistanceRule> = {
  'State-funded primary': rule,
  'State-funded secondary': rule,
  Special: rule,
};

function school(urn: number, more: Partial<SchoolThatMayTeach> = {}): SchoolThatMayTeach {
  return {
    urn,
    chain: [urn],
    schoolType: 'State-funded primary',
    values: { fsm: 20 },
    easting: 400_000,
    northing: 400_000 + (urn - 100_000) * 1000,
    trust: null,
    lastAbsencePercent: 4,
    standardisedErrors: [0, 0],
    ...more,
  };
}

const improved = { standardisedErrors: [-1.2, -1.1] as const };
const own = school(100_000, { lastAbsencePercent: 5 });

function visitsOf(others: SchoolThatMayTeach[], settings = {}) {
  const found = schoolsToLearnFrom([own, ...others], rules, settings)[0];
  assert.ok(found);
  return found;
}

describe('schools to learn from', () => {
  it('are those that did better than forecast two years running, strongest evidence first, four at most', () => {
    const { schools } = visitsOf([
      school(100_001, { standardisedErrors: [-1, -1] }),
      school(100_002, { standardisedErrors: [-2, -2] }),
      school(100_003, { standardisedErrors: [-3, 0.1] }),
      school(100_004, { standardisedErrors: [null, -4] }),
      school(100_005, improved),
      school(100_006, { standardisedErrors: [-1.5, -1.5] }),
      school(100_007, { standardisedErrors: [-1, -1] }),
      school(100_008, { standardisedErrors: [-0.1, -0.1] }),
    ]);
    assert.deepEqual(
      schools.map(({ urn }) => urn),
      [100_002, 100_006, 100_005, 100_001],
    );
    assert.equal(schools[0]?.willing, 'not asked');
    assert.ok((schools[0]?.chanceUnderForecast ?? 1) < 0.003);
    assert.equal(schools[0]?.kilometres, 2);
  });

  it('are within reach, and the reach is a setting', () => {
    const far = school(100_060, improved);
    const { schools, noneReason } = visitsOf([far]);
    assert.deepEqual(schools, []);
    assert.equal(
      noneReason,
      'No other primary school within 40 km had clearly less absence than forecast two years running.',
    );
    assert.equal(visitsOf([far], { withinKilometres: 60 }).schools.length, 1);
  });

  it('are of another trust, of the same type, not far in intake, and have no more absence', () => {
    const inTrust = { ...own, trust: '7' };
    const found = schoolsToLearnFrom(
      [inTrust, school(100_001, { ...improved, trust: '7' })],
      rules,
    );
    assert.equal(
      found[0]?.noneReason,
      "1 primary school within 40 km had clearly less absence than forecast two years running, all in this school's own trust.",
    );
    assert.match(
      visitsOf([school(100_001, { ...improved, schoolType: 'Special' })]).noneReason ?? '',
      /^No other primary school/,
    );
    assert.match(
      visitsOf([school(100_001, { ...improved, values: { fsm: 60 } })]).noneReason ?? '',
      /but none has an intake close enough to this school's\.$/,
    );
    assert.match(
      visitsOf([school(100_001, { ...improved, lastAbsencePercent: 6 })]).noneReason ?? '',
      /^1 primary school .* and has a similar intake, but more absence than this school\.$/,
    );
  });

  it('are each named to so many schools at most, the nearest, and everybody gets one before anybody two', () => {
    const teachers = [
      school(100_050, { standardisedErrors: [-3, -3], trust: '7' }),
      school(100_051, { standardisedErrors: [-2, -2], trust: '7' }),
    ];
    const learners = [48, 47, 46, 45].map((place) => school(100_000 + place));
    const found = schoolsToLearnFrom([...learners, ...teachers], rules, { mostVisitors: 2 });
    const named = (urn: number) =>
      found.find((each) => each.urn === urn)?.schools.map((each) => each.urn);
    assert.deepEqual(
      [48, 47, 46, 45].map((place) => named(100_000 + place)),
      [[100_050], [100_050], [100_051], [100_051]],
    );
    const alone = schoolsToLearnFrom([...learners, ...teachers], rules, { mostVisitors: 1 });
    assert.equal(
      alone.find(({ urn }) => urn === 100_045)?.noneReason,
      '2 primary schools within 40 km had clearly less absence than forecast two years running and would do, but each is already named to as many schools as it may be.',
    );
  });

  it('say so where the school’s own place is not known', () => {
    const nowhere = school(100_000, { easting: null });
    const found = schoolsToLearnFrom([nowhere, school(100_001, improved)], rules)[0];
    assert.match(found?.noneReason ?? '', /^We do not know where this school is/);
  });

  it('are never the school itself under another URN, and do not depend on the order of schools', () => {
    const anySchools = fc.array(
      fc.record({
        earlier: fc.integer({ min: 90_000, max: 90_010 }),
        errors: fc.tuple(fc.double({ min: -3, max: 1, noNaN: true }), fc.constant(-2)),
        fsm: fc.integer({ min: 0, max: 30 }),
      }),
      { minLength: 2, maxLength: 30 },
    );
    fc.assert(
      fc.property(anySchools, (rows) => {
        const schools = rows.map(({ earlier, errors, fsm }, place) => {
          const urn = 100_000 + place;
          return school(urn, {
            chain: [urn, earlier],
            standardisedErrors: errors,
            values: { fsm },
          });
        });
        const found = schoolsToLearnFrom(schools, rules);
        assert.deepEqual(schoolsToLearnFrom(schools.toReversed(), rules), found);
        const chainOf = new Map(schools.map(({ urn, chain }) => [urn, chain]));
        for (const each of found) {
          const mine = chainOf.get(each.urn) ?? [];
          assert.ok(
            each.schools.every(({ urn }) => !chainOf.get(urn)?.some((u) => mine.includes(u))),
          );
          assert.equal(each.schools.length === 0, each.noneReason !== null);
        }
      }),
      { seed: 5, numRuns: 100 },
    );
  });
});
