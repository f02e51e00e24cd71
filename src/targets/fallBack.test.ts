import assert from 'node:assert/strict';
import { test } from 'node:test';
import { academicYear } from '../base/academicYear.ts';
import { randomStream } from '../stats/randomStream.ts';
import { learnFallBack, noFallBack, type PastGap } from './fallBack.ts';

const chance = randomStream('fall back');

/** Schools of which a known part of the gap falls back, in two years with a shift of their own. */
function madeUp(part: number, count: number, luck = 1): PastGap[] {
  return Array.from({ length: count }, (_, index) => {
    const gapPoints = 3 * chance.normal();
    const shift = index % 2 === 0 ? 0.8 : -0.4;
    return {
      schoolType: 'State-funded primary',
      measure: 'persistent',
      year: academicYear(2016 + (index % 2)),
      gapPoints,
      missPoints: shift - part * gapPoints + luck * chance.normal(),
    };
  });
}

test('the part of a gap that schools were made to lose is found again, whatever shifts the years had', () => {
  const found = learnFallBack(madeUp(0.2, 20_000))['State-funded primary'].persistent;
  assert.ok(Math.abs(found - 0.2) < 0.01, `${found}`);
});

test('of other types and measures, of which nothing is known, nothing is said to fall back', () => {
  const found = learnFallBack(madeUp(0.2, 2000));
  assert.equal(found['State-funded primary'].overall, 0);
  assert.deepEqual(found.Special, { overall: 0, persistent: 0 });
  assert.deepEqual(learnFallBack([]), noFallBack);
});

test('few schools are believed in part only, and a gap that grows is never foretold', () => {
  const few = learnFallBack(madeUp(0.2, 50, 0.01))['State-funded primary'].persistent;
  assert.ok(few > 0.02 && few < 0.06, `${few}`);
  assert.equal(learnFallBack(madeUp(-0.2, 2000))['State-funded primary'].persistent, 0);
});
