import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SchoolType } from '../base/schoolType.ts';
import type { Expectation, MeasureExpectation } from './expectation.ts';
import { differencesInWords, type ReasonsInput, reasonsFor, rungStands } from './reasons.ts';
import { cautionFor, type LevelSince, levelSince } from './reasonsSince.ts';
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
  context: { percent: 4.6, medianPercent: 4.6, standardError: 0.2, schools: 20, year: 201718 },
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
    context: { percent: 10.4, medianPercent: 10.1, standardError: 0.6, schools: 20, year: 201718 },
  },
  ladder: {
    bestQuarterOfSimilarPercent: 4.2,
    laAveragePercent: 4.7,
    prePandemicPercent: null,
    prePandemicYear: null,
    comparedInYear: 201718,
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
  since: null,
};

describe('the reasons for an expectation', () => {
  it('read as a head would be told them, with the numbers', () => {
    assert.deepEqual(reasonsFor(input), [
      'This school’s absence was 5.6% in 2017/18.',
      'If nothing special changes, we expect about 5.4% in 2018/19: between 4.7% and 6.1%, 8 years in 10. That is 0.2 points lower than in 2017/18. That year was probably partly bad luck, so the forecast comes back part of the way towards what is usual for this school and for schools like it.',
      'We compared it with 20 primary schools that have a similar intake (school census, January 2019).',
      'The middle one of them had 4.6% in 2017/18.',
      'It differs from them most in: pupils eligible for free school meals in the last six years (40.0%; theirs, typically 25.0%); region (North East; 20 of 20 differ).',
      'The forecast is 0.8 points above what counts for similar schools. Part of such a gap is luck, so we count 50% of it.',
      'We estimate that the best quarter of these schools cut their absence by 0.3 points or more in one year, once luck and the national change are taken out. We ask for that, not for the whole gap.',
      'So the least we ask for in 2018/19 is absence of 5.1% or less. That is 0.3 points below the forecast, or about 0.6 days a year for each pupil. It is 0.5 points lower than in 2017/18.',
      'The chance of meeting this by luck alone is about 3 in 10. So one year that meets it does not prove success, and one year that misses it does not prove failure.',
      'Persistent absence (pupils who miss 10% or more) was 13.5% in 2017/18. The middle one of the similar schools had 10.1% in 2017/18. A small group can be off by chance, so we count 10.4%, which is nearer to what is usual for primary schools.',
      'If nothing special changes, we expect about 13.0% in 2018/19. That is 0.5 points lower than in 2017/18, for the same reason as absence.',
      'The least we ask for is 12.2% or less. It is 1.3 points lower than in 2017/18. The chance of meeting that by luck alone is about 3 in 10.',
      'To aim further, look at: the best quarter of similar schools, 4.2% in 2017/18; the average of primary schools in its local authority, 4.7% in 2017/18.',
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
    assert.ok(
      reasons.includes(
        'Without a fair comparison we ask only for the least that we ask of any school: 2% less absence than would come anyway.',
      ),
    );
  });

  it('say that nothing is known of earlier years where that is so', () => {
    const unknown = { ...overall, lastKnownPercent: null, lastKnownYear: null };
    const reasons = reasonsFor({ ...input, expectation: { ...expectation, overall: unknown } });
    assert.equal(
      reasons[0],
      'We know no earlier year of this school’s absence, so all that follows is less sure. New primary schools have on average come out higher than the forecast.',
    );
  });

  const withOverall = (changed: Partial<MeasureExpectation>, more: Partial<ReasonsInput> = {}) =>
    reasonsFor({
      ...input,
      ...more,
      expectation: { ...expectation, overall: { ...overall, ...changed }, persistent: null },
    }).join(' ');

  it('tell a school that is better than similar schools so, and ask for the least', () => {
    const text = withOverall({ gapPoints: -0.3, decided: 'least' });
    assert.match(
      text,
      /The forecast is no higher than the 5\.7% that we would expect of similar schools/,
    );
    assert.match(
      text,
      /the least that we ask of any school: 2% less absence than would come anyway\./,
    );
  });

  it('say why the forecast is above last year, and that no more absence is asked for', () => {
    const text = withOverall({ lastKnownPercent: 4.9, improvementPoints: -0.24 });
    assert.match(
      text,
      /0\.5 points higher than in 2017\/18\. That year was probably partly good luck, so the forecast comes back/,
    );
    assert.match(
      text,
      /It is 0\.2 points higher than in 2017\/18\. We do not ask for more absence/,
    );
    assert.doesNotMatch(text, /\bhold\b|improve|lower than in/);
  });

  it('fit the forecast and the expectation on either side of last year, and a gap of either sign', () => {
    for (const lastKnownPercent of [4.2, 5.1, 5.14, 5.2, 5.4, 5.44, 6.3]) {
      for (const gapPoints of [-1.2, -0.04, 0, 0.03, 0.8]) {
        const of = { lastKnownPercent, gapPoints, improvementPoints: lastKnownPercent - 5.14 };
        const text = withOverall({ ...of, decided: gapPoints > 0 ? 'gap' : 'least' });
        const at = `last year ${lastKnownPercent}, gap ${gapPoints}`;
        const [forecastAbove, below] = [lastKnownPercent < 5.35, lastKnownPercent >= 5.45];
        assert.equal(/good luck/.test(text), forecastAbove, at);
        assert.equal(/bad luck/.test(text), below, at);
        assert.equal(/We do not ask for more absence/.test(text), lastKnownPercent < 5.05, at);
        assert.equal(/above what counts|above the/.test(text), gapPoints > 0, at);
        assert.doesNotMatch(text, /\bhold\b|NaN|undefined|null|-\d|0\.0 /, at);
      }
    }
  });

  it('show only differences of figures as they are shown', () => {
    const text = withOverall({
      forecastPercent: 5.449,
      expectationPercent: 5.351,
      improvementFromForecast: 0.098,
    });
    assert.match(
      text,
      /absence of 5\.4% or less\. That is less than 0\.1 points below the forecast, or less than 0\.2 days/,
    );
  });

  it('say days that follow from the points as they are shown', () => {
    for (const [forecastPercent, expectationPercent, said] of [
      [5.349, 5.101, '0.2 points below the forecast, or about 0.4 days'],
      [5.35, 5.149, '0.3 points below the forecast, or about 0.6 days'],
      [5.35, 5.249, '0.2 points below the forecast, or about 0.4 days'],
      [5.41, 5.3, '0.1 points below the forecast, or about 0.2 days'],
    ] as const) {
      const improvementFromForecast = forecastPercent - expectationPercent;
      const text = withOverall({ forecastPercent, expectationPercent, improvementFromForecast });
      assert.ok(text.includes(said), `${said}: ${text}`);
    }
  });

  it('name as further aims only what is beyond the least and not passed already', () => {
    const textWith = (changed: Partial<Expectation['ladder']>, last = 5.6) =>
      reasonsFor({
        ...input,
        expectation: {
          ...expectation,
          overall: { ...overall, lastKnownPercent: last },
          ladder: { ...expectation.ladder, ...changed },
        },
      }).join(' ');
    assert.match(
      textWith({ laAveragePercent: 5.5 }),
      /To aim further, look at: the best quarter of similar schools, 4\.2% in 2017\/18\.$/,
    );
    assert.match(
      textWith({}, 4.5),
      /look at: the best quarter of similar schools, 4\.2% in 2017\/18\. This school is already there: the average of primary schools in its local authority, 4\.7% in 2017\/18\.$/,
    );
    const none = { bestQuarterOfSimilarPercent: null, laAveragePercent: 5.5 };
    assert.doesNotMatch(textWith(none), /To aim further|already there/);
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
        inputValues({ ...theirs, pupils: 1210 }),
        publishedWeights['State-funded primary'],
        { most: 3 },
      ),
      [
        'number of pupils (420; theirs 1,210)',
        'pupils eligible for free school meals in the last six years (40.0%; theirs 25.0%)',
        'region (North East; theirs London)',
      ],
    );
  });

  it('names a region of the made-up England as its files do', () => {
    const [words] = differencesInWords(
      inputValues({ ...intake, regionCode: 'E99900001' }),
      inputValues({ ...intake, regionCode: 'E99900002' }),
      publishedWeights['State-funded primary'],
      { regionNames: { E99900001: 'Saltmarsh', E99900002: 'Highmoor' } },
    );
    assert.equal(words, 'region (Saltmarsh; theirs Highmoor)');
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

describe('a rung of the ladder', () => {
  const of = { expectationPercent: 5.1, lastKnownPercent: 4.5, lastKnownYear: 201718 };

  it('is passed only by a figure of its own year', () => {
    assert.equal(rungStands(4.7, 201718, of), 'already there');
    assert.equal(rungStands(4.7, 202223, of), 'further');
    assert.equal(rungStands(4.2, 201718, of), 'further');
    assert.equal(rungStands(5.3, 202223, of), 'no further');
  });

  it('that is the school’s own last known year is not said to be passed', () => {
    assert.equal(rungStands(4.5, 201718, of), 'further');
  });
});

describe('after years that are not known', () => {
  const since: LevelSince = {
    fromYear: 201718,
    toYear: 202223,
    from: { overall: 4.2, persistent: 9 },
    to: { overall: 6.3, persistent: 17 },
    known: 'sample',
    schools: 1453,
  };
  const asked = {
    schoolType: 'State-funded primary' as const,
    year: 202324,
    lastKnownYear: 201718,
    forecast80: { lower: 3.61, upper: 6.39 },
    isHigher: true,
    since,
  };

  it('it is said first what the forecast rests on, why it is higher, and how unsure it is', () => {
    assert.equal(
      cautionFor(asked),
      'We are much less sure than usual. We know this school’s absence only up to 2017/18. A sample of 1,453 schools shows that absence in all primary schools rose from about 4.2% to about 6.3% between 2017/18 and 2022/23. That is why the forecast is higher than in 2017/18. The forecast has a range of 2.8 points, 8 years in 10. In an ordinary year about 1.2 points is usual for primary schools.',
    );
    assert.match(
      cautionFor({ ...asked, schoolType: 'Special', since: { ...since, known: 'borrowed' } }) ?? '',
      /Nothing is known of special schools since 2017\/18\. We take them to have changed as other schools did until 2022\/23/,
    );
    assert.match(cautionFor({ ...asked, lastKnownYear: 202223 }) ?? '', /one of a sample/);
  });

  it('an ordinary year needs no caution, and a new school does', () => {
    const ordinary = { ...asked, year: 201819, since: null };
    assert.equal(cautionFor(ordinary), null);
    assert.match(
      cautionFor({ ...ordinary, lastKnownYear: null }) ?? '',
      /^We know no earlier year/,
    );
    assert.match(cautionFor({ ...ordinary, lastKnownYear: 201516 }) ?? '', /only up to 2015\/16/);
  });

  it('of a new school it is said that such schools have come out higher, where that is so', () => {
    const unknown = { ...asked, year: 201819, since: null, lastKnownYear: null };
    const said = (schoolType: SchoolType) => cautionFor({ ...unknown, schoolType }) ?? '';
    assert.equal(
      said('State-funded primary'),
      'We know no earlier year of this school, so this is a guess from schools of its size and area. New primary schools have on average come out higher than such a forecast: by 0.8 points of absence and 5.7 of persistent absence. The forecast has a range of 2.8 points, 8 years in 10. In an ordinary year about 1.2 points is usual for primary schools.',
    );
    assert.match(
      said('State-funded secondary'),
      /New secondary schools have on average come out higher than such a forecast: by 1\.0 points of absence and 4\.6 of/,
    );
    assert.doesNotMatch(said('Special'), /come out higher|  /);
    assert.doesNotMatch(cautionFor({ ...unknown, lastKnownYear: 201516 }) ?? '', /come out higher/);
  });

  it('the reasons say that the level has risen, not that the school was lucky', () => {
    const text = reasonsFor({
      ...input,
      since,
      expectation: {
        ...expectation,
        year: 202324,
        overall: { ...overall, forecastPercent: 7.4, expectationPercent: 7.2 },
        persistent: null,
      },
    }).join(' ');
    assert.match(
      text,
      /higher than in 2017\/18, because absence has risen in all primary schools since\./,
    );
    assert.doesNotMatch(text, /good luck/);
  });

  it('the change since is read from the level of all schools', () => {
    const level = (year: number, overallLevel: number, sampled: boolean) => ({
      year,
      schools: sampled ? 450 : 16_000,
      sampled,
      level: [overallLevel, 2 * overallLevel] as const,
    });
    const type = {
      structure: { levels: [level(201617, 4, false), level(201718, 4.2, false)] },
      level: [4.2, 8.4] as const,
      levelYear: 201718,
      levelBorrowedTo: undefined,
    };
    assert.equal(levelSince(type, 201718, 201819), null);
    const sampled = {
      ...type,
      structure: { levels: [...type.structure.levels, level(202223, 6.3, true)] },
      level: [6.3, 12.6] as const,
      levelYear: 202223,
    };
    assert.deepEqual(levelSince(sampled, 201617, 202324), {
      fromYear: 201617,
      toYear: 202223,
      from: { overall: 4, persistent: 8 },
      to: { overall: 6.3, persistent: 12.6 },
      known: 'sample',
      schools: 450,
    });
    assert.equal(levelSince(sampled, 202223, 202324)?.fromYear, 201718);
    const borrowed = { ...type, level: [6.5, 13] as const, levelBorrowedTo: 202223 };
    assert.equal(levelSince(borrowed, 201718, 202324)?.known, 'borrowed');
  });
});
