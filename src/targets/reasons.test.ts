import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Expectation, MeasureExpectation } from './expectation.ts';
import { differencesInWords, type ReasonsInput, reasonsFor } from './reasons.ts';
import { type Intake, inputValues, publishedWeights } from './weights.ts';

const intake: Intake = {
  pupils: 420,
  girlsPercent: 50,
  fsmPercent: 40,
  senSupportPercent: 14,
  ehcPlanPercent: 1.5,
  ealPercent: 10,
  idaci: 0.2,
  urbanRuralClass: 'C1',
  regionCode: 'E12000001',
};
const theirs: Intake = { ...intake, fsmPercent: 25, regionCode: 'E12000007' };

const overall: MeasureExpectation = {
  forecastPercent: 5.4,
  expectationPercent: 5.14,
  improvementFromForecast: 0.26,
  improvementPoints: 0.46,
  lastKnownPercent: 5.6,
  lastKnownYear: 201718,
  probabilityMetByChance: 0.314,
  context: { percent: 4.6, standardError: 0.2, schools: 20, year: 201718 },
  gapPoints: 0.8,
  gapPart: 0.5,
  achievedPoints: 0.26,
  leastPoints: 0.108,
  mostPoints: 0.54,
  decided: 'achieved',
};
const expectation: Expectation = {
  urn: 100_000,
  year: 201819,
  overall,
  persistent: {
    ...overall,
    forecastPercent: 13,
    expectationPercent: 12.2,
    lastKnownPercent: 13.5,
    context: { percent: 10.4, standardError: 0.6, schools: 20, year: 201718 },
  },
  ladder: {
    bestQuarterOfSimilarPercent: 4.2,
    laAveragePercent: 4.7,
    prePandemicPercent: null,
    prePandemicYear: null,
  },
};
const input: ReasonsInput = {
  schoolType: 'State-funded primary',
  expectation,
  similar: {
    urn: 100_000,
    similar: Array.from({ length: 20 }, (_, place) => ({ urn: 100_001 + place, distance: 0.1 })),
    goodMatches: 20,
    missing: [],
    noMatchReason: null,
  },
  values: inputValues(intake),
  similarValues: Array.from({ length: 20 }, () => inputValues(theirs)),
  weights: publishedWeights['State-funded primary'],
  intakeSource: 'school census, January 2019',
  forecast80: { lower: 4.7, upper: 6.1 },
};

describe('the reasons for an expectation', () => {
  it('read as a head would be told them, with the numbers', () => {
    assert.deepEqual(reasonsFor(input), [
      "Your school's absence was 5.6% in 2017/18.",
      'If nothing special changes, we would expect between 4.7% and 6.1% in 2018/19 (4 times out of 5).',
      'We compared it with 20 primary schools that have a similar intake (school census, January 2019).',
      'What such schools achieve is about 4.6% (2017/18).',
      'You differ from them most in: pupils eligible for free school meals in the last six years (40.0%; theirs, typically 25.0%); region (North East; 20 of 20 differ).',
      'Your forecast is 0.8 points above what we would expect of similar schools. Part of such a gap is luck, so we count 50% of it: 0.4 points.',
      'In one year, the best quarter of these schools really cut their absence by 0.3 points or more, once luck and the national change are taken out. We ask for that, not for the whole gap.',
      'So the least we ask for in 2018/19 is 5.1%: 0.3 points below the forecast, about 0.5 days a year for each pupil.',
      'There is a 31% chance of meeting this by luck alone, so one year that meets it does not prove success, and one year that misses it does not prove failure.',
      'Persistent absence (pupils who miss 10% or more) was 13.5% in 2017/18; what similar schools achieve is about 10.4%.',
      'If nothing special changes, we would expect 13.0% in 2018/19; the least we ask for is 12.2%, which has a 31% chance of being met by luck alone.',
      "To aim further, look at: the best quarter of similar schools, 4.2%; your authority's average for schools of your type, 4.7%.",
    ]);
  });

  it('say why there is no comparison, and what is asked without one', () => {
    const noMatchReason = 'Only 4 other schools of its kind have an intake close enough.';
    const alone = {
      ...overall,
      context: null,
      gapPoints: null,
      gapPart: null,
      achievedPoints: null,
    };
    const reasons = reasonsFor({
      ...input,
      similar: { ...input.similar, similar: [], goodMatches: 4, noMatchReason },
      expectation: { ...expectation, overall: { ...alone, decided: 'no-group' }, persistent: null },
    });
    assert.ok(reasons.includes(noMatchReason));
    assert.ok(reasons.some((reason) => reason.startsWith('Without a fair comparison')));
  });

  it('say that nothing is known of earlier years where that is so', () => {
    const unknown = { ...overall, lastKnownPercent: null, lastKnownYear: null };
    const reasons = reasonsFor({ ...input, expectation: { ...expectation, overall: unknown } });
    assert.match(reasons[0] ?? '', /^We know no earlier year/);
  });

  it('tell a school that is better than similar schools so', () => {
    const better: MeasureExpectation = { ...overall, gapPoints: -0.3, decided: 'least' };
    const reasons = reasonsFor({ ...input, expectation: { ...expectation, overall: better } });
    assert.ok(reasons.some((reason) => reason.includes('no higher than that of similar schools')));
  });

  it('name as further aims only what is further than the least', () => {
    const ladder = { ...expectation.ladder, laAveragePercent: 5.5 };
    const text = reasonsFor({ ...input, expectation: { ...expectation, ladder } }).join(' ');
    assert.match(text, /To aim further, look at: the best quarter of similar schools, 4\.2%\.$/);
  });

  it('rank nobody, whatever decided', () => {
    for (const decided of ['gap', 'achieved', 'least', 'most', 'in-step-with-overall'] as const) {
      const text = reasonsFor({
        ...input,
        expectation: { ...expectation, overall: { ...overall, decided } },
      }).join(' ');
      assert.doesNotMatch(
        text,
        /\b(rank|league|top|bottom|worst|outperform|fail(ed|ing)?|target)\b/i,
      );
      assert.doesNotMatch(text, /NaN|undefined|null|Infinity/);
    }
  });
});

describe('in what a similar school differs', () => {
  it('is said in words with both values, most first', () => {
    assert.deepEqual(
      differencesInWords(
        inputValues(intake),
        inputValues({ ...theirs, pupils: 210 }),
        publishedWeights['State-funded primary'],
        3,
      ),
      [
        'number of pupils (420; theirs 210)',
        'pupils eligible for free school meals in the last six years (40.0%; theirs 25.0%)',
        'region (North East; theirs London)',
      ],
    );
  });

  it('leaves out what is not known of either, and what hardly differs', () => {
    const weights = publishedWeights['State-funded primary'];
    const differ = (own: Partial<Intake>, other: Partial<Intake>) =>
      differencesInWords(
        inputValues({ ...intake, ...own }),
        inputValues({ ...intake, ...other }),
        weights,
      );
    assert.deepEqual(differ({ fsmPercent: null }, {}), []);
    assert.deepEqual(differ({}, { fsmPercent: null }), []);
    assert.deepEqual(differ({}, { fsmPercent: 41 }), []);
  });
});
