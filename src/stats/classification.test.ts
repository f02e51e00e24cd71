import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areaUnderCurve, averagePrecision, brierScore, calibrationOf } from './classification.ts';
import { logistic } from './logistic.ts';
import { randomStream } from './randomStream.ts';

const chance = randomStream('classification');
const some = Array.from({ length: 400 }, () => chance.integer(12));
const outcomes = some.map((score) => Number(chance.uniform() < score / 14));

test('the area under the curve is how often one that came has the higher of two scores', () => {
  let [pairs, higher] = [0, 0];
  for (const [a, one] of some.entries())
    for (const [b, other] of some.entries()) {
      if (!outcomes[a] || outcomes[b]) continue;
      pairs += 1;
      higher += one > other ? 1 : one === other ? 0.5 : 0;
    }
  assert.ok(Math.abs(areaUnderCurve({ scores: some, outcomes }) - higher / pairs) < 1e-12);
  assert.equal(areaUnderCurve({ scores: [1, 2, 3], outcomes: [0, 0, 1] }), 1);
  assert.equal(areaUnderCurve({ scores: [1, 1, 1], outcomes: [0, 0, 1] }), 0.5);
  assert.ok(Number.isNaN(areaUnderCurve({ scores: [1, 2], outcomes: [1, 1] })));
});

test('the average precision of a small case by hand', () => {
  // Came: the first, third and fourth. 1/1, 2/3, 3/4.
  const found = averagePrecision({ scores: [9, 8, 7, 6], outcomes: [1, 0, 1, 1] });
  assert.ok(Math.abs(found - (1 + 2 / 3 + 3 / 4) / 3) < 1e-12);
  // Equal scores are taken together: their order does not matter.
  assert.equal(averagePrecision({ scores: [5, 5], outcomes: [0, 1] }), 0.5);
  assert.equal(averagePrecision({ scores: [5, 5], outcomes: [1, 0] }), 0.5);
});

test('the Brier score of a small case by hand', () => {
  assert.ok(Math.abs(brierScore({ scores: [0.8, 0.4], outcomes: [1, 0] }) - 0.1) < 1e-12);
});

test('calibration finds what probabilities were bent by', () => {
  const logits = Array.from({ length: 40_000 }, () => 1.5 * chance.normal());
  const came = logits.map((each) => Number(chance.uniform() < logistic(each)));
  const near = (found: { slope: number; intercept: number }, slope: number, intercept: number) => {
    assert.ok(Math.abs(found.slope - slope) < 0.05, `${found.slope}`);
    assert.ok(Math.abs(found.intercept - intercept) < 0.05, `${found.intercept}`);
  };
  near(calibrationOf({ scores: logits.map(logistic), outcomes: came }), 1, 0);
  near(
    calibrationOf({ scores: logits.map((each) => logistic(each - 0.5)), outcomes: came }),
    1,
    0.5,
  );
  const tooSure = calibrationOf({
    scores: logits.map((each) => logistic(2 * each)),
    outcomes: came,
  });
  assert.ok(Math.abs(tooSure.slope - 0.5) < 0.03);
});
