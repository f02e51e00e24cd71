import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SchoolType, schoolTypes } from '../base/schoolType.ts';
import { distanceBetween } from './distance.ts';
import {
  inputNames,
  inputValues,
  type Intake,
  learnWeights,
  publishedWeights,
  sexOf,
} from './weights.ts';

const unknown: Intake = {
  pupils: null,
  girlsPercent: null,
  fsmPercent: null,
  senSupportPercent: null,
  ehcPlanPercent: null,
  ealPercent: null,
  idaci: null,
  urbanRuralClass: null,
  regionCode: null,
};

/** Made-up schools whose absence follows free school meals, which deprivation half repeats; nothing else matters. */
function schoolsWhereMealsMatter(count: number) {
  const spread = (place: number, step: number) => (((place * step) % 997) / 997) * 100;
  return Array.from({ length: count }, (_, place) => {
    const fsmPercent = spread(place, 331);
    const intake: Intake = {
      pupils: 100 + spread(place, 577) * 4,
      girlsPercent: 40 + spread(place, 113) / 5,
      fsmPercent,
      senSupportPercent: spread(place, 211) / 4,
      ehcPlanPercent: spread(place, 401) / 20,
      ealPercent: spread(place, 613),
      idaci: (fsmPercent + spread(place, 787)) / 400,
      urbanRuralClass: ['A1', 'C1', 'D1', 'E1'][place % 4] ?? 'A1',
      regionCode: ['E12000001', 'E12000007', 'E12000009'][place % 3] ?? 'E12000001',
    };
    const absencePercent = 3 + fsmPercent / 20 + spread(place, 59) / 100;
    return { schoolType: 'State-funded primary' as const, intake, absencePercent };
  });
}

describe('the weights of similarity', () => {
  const learned = learnWeights(schoolsWhereMealsMatter(990))['State-funded primary'];

  it('are largest for what really moves absence, and shared with what repeats it', () => {
    const { shares } = learned;
    assert.equal(learned.source, 'learned');
    assert.ok(shares.fsmPercent > 0.4, `${shares.fsmPercent}`);
    assert.ok(shares.idaci > 0.1 && shares.idaci < shares.fsmPercent, `${shares.idaci}`);
    const rest = inputNames.filter((name) => name !== 'fsmPercent' && name !== 'idaci');
    assert.ok(rest.every((name) => shares[name] < 0.05));
  });

  it('leave no input out altogether, and add up to 1', () => {
    const shares = Object.values(learned.shares);
    assert.ok(Math.min(...shares) > 0.02);
    assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-12);
  });

  it('put two schools at random about 1 apart, and similar schools nearer than that', () => {
    const rows = schoolsWhereMealsMatter(300).map(({ intake }) => inputValues(intake));
    let squares = 0;
    let pairs = 0;
    for (const [place, one] of rows.entries()) {
      for (const other of rows.slice(place + 1)) {
        squares += (distanceBetween(learned.inputs, one, other).distance ?? 0) ** 2;
        pairs += 1;
      }
    }
    assert.ok(Math.abs(squares / pairs - 1) < 0.05, `${squares / pairs}`);
    assert.ok(learned.caliper > 0 && learned.caliper < 1, `${learned.caliper}`);
  });

  it('do not depend on the order of the schools', () => {
    const schools = schoolsWhereMealsMatter(400);
    assert.deepEqual(learnWeights(schools.toReversed()), learnWeights(schools));
  });

  it('are the published ones where too few schools are known', () => {
    assert.deepEqual(learnWeights(schoolsWhereMealsMatter(50)), publishedWeights);
  });

  it('as published add up to 1 for every type, every input once', () => {
    for (const schoolType of schoolTypes) {
      const { inputs, schoolType: own } = publishedWeights[schoolType];
      assert.equal(own, schoolType);
      assert.deepEqual(inputs.map(({ name }) => name).sort(), [...inputNames].sort());
      const whole = inputs.reduce((sum, { share }) => sum + share, 0);
      assert.ok(Math.abs(whole - 1) < 0.001, `${whole}`);
    }
  });
});

describe('the inputs of a school', () => {
  it('stay missing when they are missing, and an empty school has no size', () => {
    assert.ok(Object.values(inputValues(unknown)).every((value) => value === null));
    assert.equal(inputValues({ ...unknown, pupils: 0 }).logPupils, null);
    assert.equal(inputValues({ ...unknown, fsmPercent: 0 }).fsmPercent, 0);
  });

  it('tell single-sex schools from mixed ones, but not special schools, nor where it is not known', () => {
    const sex = (girlsPercent: number | null, schoolType: SchoolType = 'State-funded secondary') =>
      sexOf({ ...unknown, girlsPercent }, schoolType);
    assert.deepEqual(
      [sex(97), sex(4), sex(55), sex(null), sex(4, 'Special')],
      ['girls', 'boys', 'mixed', null, null],
    );
  });

  it('tell four kinds of place apart', () => {
    const settlementOf = (urbanRuralClass: string) =>
      inputValues({ ...unknown, urbanRuralClass }).settlement;
    assert.equal(settlementOf('A1'), settlementOf('B1'));
    assert.notEqual(settlementOf('C1'), settlementOf('A1'));
    assert.equal(settlementOf('E2'), 'village');
    assert.equal(settlementOf('Z9'), null);
  });
});
