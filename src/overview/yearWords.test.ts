import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { School } from '../schools/index.ts';
import type { DatedIssue } from '../targets/index.ts';
import { type YearShown, whyNoPath, yearModel } from './yearSoFar.ts';

/* What a head reads of the year so far, of years that are whole, over, or have weeks without registers. */

const school = { urn: 900001, name: 'A school', schoolType: 'State-funded primary' } as School;

const midYear: YearShown = {
  series: 'census',
  ...{ year: 202627, lastWeek: '2026-11-16', silent: [], over: false },
  ...{ soFarPercent: 7, pathPercent: 7, expectationPercent: 8 },
  passed: { share: 0.25, ratio: 0.87 },
  end: {
    ...{ centralPercent: 8, withoutSeasonPercent: 8 },
    ...{ lower80Percent: 7.2, upper80Percent: 8.8 },
  },
  weeks: [{ monday: '2026-11-16', pathPercent: 7, schoolPercent: 7 }],
  ...{ groups: [], groupsFromLastYear: false, season: { weeks: [], from: null } },
};

const endOf = (lower80Percent: number, upper80Percent: number) => ({
  ...{ centralPercent: lower80Percent, withoutSeasonPercent: lower80Percent },
  ...{ lower80Percent, upper80Percent },
});

const over = { over: true, lastWeek: '2027-07-19', passed: { share: 1, ratio: 1 } };

test('a year that is not over may still end on either side', () => {
  const { endSentence, end, silentSentence } = yearModel(school, midYear);
  assert.match(endSentence, /^If the rest of the year goes as it usually does, it ends between/);
  assert.equal(end.value, '7.2% to 8.8%');
  assert.equal(silentSentence, '');
});

test('a year that is over and wholly known is told without a range', () => {
  const model = yearModel(school, {
    ...{ ...midYear, ...over, soFarPercent: 8.24, pathPercent: 8, end: endOf(8.24, 8.24) },
  });
  assert.equal(
    model.endSentence,
    'The year is over: it ended at 8.2%, 0.2 percentage points higher than the expectation.',
  );
  assert.equal(model.end.label, 'Where the year ended');
  assert.equal(model.end.value, '8.2%');
});

test('a year that is over, of which weeks are not known, is told as a range, and which weeks', () => {
  const model = yearModel(school, {
    ...{ ...midYear, ...over, passed: { share: 0.95, ratio: 1 }, end: endOf(7.8, 8.3) },
    silent: ['2026-09-21', '2026-09-28'],
  });
  assert.match(model.endSentence, /^The year is over\. If the weeks without registers were as/);
  assert.match(model.endSentence, /do not tell on which side of it the year ended/);
  assert.doesNotMatch(model.endSentence, /rest of the year/);
  assert.match(
    model.silentSentence,
    /^Of 2 weeks before that of 19 July 2027 there are no registers here: that of 21 September 2026 and that of 28 September 2026\./,
  );
});

test('whoever may see the path reads why there is none', () => {
  const issued = { figures: { time_period: 202627 } } as DatedIssue;
  const facts = { year: 202627, percent: 5, step: 0 } as const;
  assert.match(
    whyNoPath({ ...facts, percent: 0, step: 1 }, issued) ?? '',
    /nothing was missed so far/,
  );
  assert.match(whyNoPath({ ...facts, year: 202728 }, issued) ?? '', /is of 2026\/27/);
  assert.match(whyNoPath({ ...facts, step: 1 }, issued) ?? '', /told in whole percents/);
  assert.equal(whyNoPath(facts, undefined), null);
});
