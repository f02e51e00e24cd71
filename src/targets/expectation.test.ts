import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { academicYear } from '../base/academicYear.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { standardNormalBelow } from '../stats/standardNormal.ts';
import fc from '../testing/chance.ts';
import { publishedAchieved } from './achieved.ts';
import {
  type Expectation,
  type ForecastOfMeasure,
  laAverageKey,
  laAveragesOf,
  leastAsked,
  mostAsked,
  referenceYears,
  type SchoolToExpect,
  setExpectations,
} from './expectation.ts';
import { noFallBack } from './fallBack.ts';
import type { SchoolHistory, SchoolYear } from './history.ts';

const year = academicYear(2017);

function known(startYear: number, absencePercent: number, persistentPercent: number | null) {
  return {
    year: academicYear(startYear),
    absencePercent,
    persistentPercent,
    authorisedPercent: null,
    unauthorisedPercent: null,
    enrolments: 200,
    sessionsPossible: 70_000,
  } satisfies SchoolYear;
}

function forecast(percent: number, standardDeviation = 0.3): ForecastOfMeasure {
  return {
    percent,
    standardDeviation,
    probabilityAtOrBelow: (at) => standardNormalBelow((at - percent) / standardDeviation),
  };
}

type Made = { urn: number; absence: number | null; similar: number[]; laCode?: string };

/** A school whose forecast is its last year, with persistent absence at twice its absence. */
function make({ urn, absence, similar, laCode = '900' }: Made): SchoolToExpect {
  const history: SchoolHistory = {
    urn,
    laestab: null,
    schoolType: 'State-funded primary',
    laCode,
    regionCode: 'E12000001',
    years: absence === null ? [] : [known(2016, absence, 2 * absence)],
  };
  const percent = absence ?? 5;
  return {
    history,
    forecast: { overall: forecast(percent), persistent: forecast(2 * percent, 1) },
    similar: {
      urn,
      similar: similar.map((near) => ({ urn: near, distance: 0.1 })),
      goodMatches: similar.length,
      missing: [],
      noMatchReason: similar.length === 0 ? 'Only 2 are near enough.' : null,
    },
  };
}

function forecastOf(
  school: SchoolToExpect,
  changed: Partial<SchoolToExpect['forecast']>,
): SchoolToExpect {
  return { ...school, forecast: { ...school.forecast, ...changed } };
}

/** Forty schools from 3.0% to 6.9%, all similar to the first twenty-one of them (about 3% to 5%). */
function england(): SchoolToExpect[] {
  const urns = Array.from({ length: 40 }, (_, place) => 100_000 + place);
  return urns.map((urn, place) =>
    make({
      urn,
      absence: 3 + place / 10,
      similar: urns
        .slice(0, 21)
        .filter((other) => other !== urn)
        .slice(0, 20),
    }),
  );
}

function get(expectations: Expectation[], urn: number): Expectation {
  const found = expectations.find((each) => each.urn === urn);
  assert.ok(found);
  return found;
}

function overallOf(expectations: Expectation[], urn: number) {
  const { overall } = get(expectations, urn);
  assert.ok(overall);
  return overall;
}

describe('the expectation of a school', () => {
  const achieved = publishedAchieved;

  it('for a school far above similar schools is what the best quarter of them really achieved, no more', () => {
    const overall = overallOf(setExpectations(england(), year, { achieved }), 100_039);
    assert.equal(overall.decided, 'achieved');
    assert.ok(overall.achievedPoints !== null && overall.context !== null);
    assert.ok(Math.abs(overall.improvementFromForecast - overall.achievedPoints) < 1e-12);
    const ofType = achieved['State-funded primary'].overall.bestQuarterPart;
    assert.ok(Math.abs(overall.achievedPoints - ofType * overall.context.percent) < 1e-12);
  });

  it('for a school a little above them is the part of its gap that is more than luck', () => {
    const overall = overallOf(setExpectations(england(), year, { achieved }), 100_011);
    assert.equal(overall.decided, 'gap');
    assert.ok(overall.gapPart !== null && overall.gapPoints !== null);
    assert.ok(overall.gapPart > 0 && overall.gapPart < 1);
    const { gapPart, gapPoints, improvementFromForecast } = overall;
    assert.ok(Math.abs(improvementFromForecast - gapPart * gapPoints) < 1e-12);
  });

  it('for a school already better than them is to hold, and a little better', () => {
    const overall = overallOf(setExpectations(england(), year, { achieved }), 100_001);
    assert.equal(overall.decided, 'least');
    assert.ok(Math.abs(overall.expectationPercent - (1 - leastAsked) * 3.1) < 1e-12);
  });

  it('counts less of a gap where the forecast is less sure', () => {
    const schools = england();
    const unsure = schools.map((school) =>
      school.history.urn === 100_039 ? forecastOf(school, { overall: forecast(6.9, 3) }) : school,
    );
    const sure = overallOf(setExpectations(schools, year, { achieved }), 100_039);
    const less = overallOf(setExpectations(unsure, year, { achieved }), 100_039);
    assert.ok((less.gapPart ?? 1) < (sure.gapPart ?? 0));
    assert.ok(less.improvementFromForecast <= sure.improvementFromForecast);
  });

  it('says without a group that it rests on the forecast alone, and asks the least', () => {
    const schools = [...england(), make({ urn: 100_050, absence: 9, similar: [] })];
    const expectation = get(setExpectations(schools, year, { achieved }), 100_050);
    assert.equal(expectation.overall?.decided, 'no-group');
    assert.equal(expectation.overall?.context, null);
    assert.ok(Math.abs((expectation.overall?.improvementFromForecast ?? 0) - 0.18) < 1e-12);
    assert.equal(expectation.ladder.bestQuarterOfSimilarPercent, null);
  });

  it('for a school with no known year has an expectation, and no improvement on a year that is not known', () => {
    const schools = [
      ...england(),
      make({
        urn: 100_050,
        absence: null,
        similar: england()
          .map((s) => s.history.urn)
          .slice(0, 20),
      }),
    ];
    const overall = overallOf(setExpectations(schools, year, { achieved }), 100_050);
    assert.equal(overall.lastKnownPercent, null);
    assert.equal(overall.improvementPoints, null);
    assert.ok(overall.expectationPercent > 0 && overall.context !== null);
  });

  it('is nothing where there is no forecast', () => {
    const schools = england().map((school) => forecastOf(school, { persistent: null }));
    const expectation = get(setExpectations(schools, year, { achieved }), 100_039);
    assert.equal(expectation.persistent, null);
    assert.ok(expectation.overall);
  });

  it('comes with the probability of meeting it by chance, from the forecast', () => {
    const overall = overallOf(setExpectations(england(), year, { achieved }), 100_039);
    const expected = standardNormalBelow(-overall.improvementFromForecast / 0.3);
    assert.equal(overall.probabilityMetByChance, expected);
  });

  it('gives a school above its like a better chance where such gaps fall back, and one below a worse', () => {
    const fallBack = structuredClone(noFallBack);
    fallBack['State-funded primary'].overall = 0.2;
    const chances = (options: object, urn: number) =>
      overallOf(setExpectations(england(), year, { achieved, ...options }), urn);
    const urns = england().map(({ history }) => history.urn);
    for (const urn of urns) {
      const { gapPoints, probabilityMetByChance: without } = chances({}, urn);
      const { probabilityMetByChance: withIt } = chances({ fallBack }, urn);
      assert.equal(Math.sign(withIt - without), Math.sign(gapPoints ?? 0), `${urn}`);
    }
  });

  it('never says no chance at all where the forecast may come out at 0', () => {
    const fallBack = structuredClone(noFallBack);
    fallBack['State-funded primary'].persistent = 0.5;
    const atZero = {
      percent: 0.2,
      standardDeviation: 2,
      probabilityAtOrBelow: (at: number) => (at < 0 ? 0 : 0.4),
    };
    const schools = england().map((school) =>
      school.history.urn === 100_001 ? forecastOf(school, { persistent: atZero }) : school,
    );
    const { persistent } = get(setExpectations(schools, year, { achieved, fallBack }), 100_001);
    assert.ok((persistent?.gapPoints ?? 0) < -1, 'it lies far below its like');
    assert.equal(persistent?.probabilityMetByChance, 0.4);
  });

  it('sets a national rise apart: a rise forecast for all is nobody’s gap', () => {
    const rising = england().map((school) => {
      const percent = (school.history.years[0]?.absencePercent ?? 0) + 1;
      return forecastOf(school, { overall: forecast(percent) });
    });
    const before = overallOf(setExpectations(england(), year, { achieved }), 100_039);
    const after = overallOf(setExpectations(rising, year, { achieved }), 100_039);
    assert.ok(Math.abs((after.gapPoints ?? 0) - (before.gapPoints ?? 1)) < 1e-9);
  });

  it('compares schools in the last year that enough of them know, each type in its own', () => {
    const schools = england();
    schools[0]?.history.years.push(known(2020, 4, 8));
    const references = referenceYears(schools.map(({ history }) => history));
    assert.deepEqual([...references], [['State-funded primary', 201617]]);
    const overall = overallOf(setExpectations(schools, academicYear(2021)), 100_039);
    assert.equal(overall.context?.year, 201617);
  });

  it('refuses to look at the year it is for', () => {
    const schools = england();
    schools[3]?.history.years.push(known(2017, 4, 8));
    assert.throws(
      () => setExpectations(schools, year, { achieved }),
      /100003 knows its year 201718/,
    );
  });
});

describe('expectations of any schools', () => {
  const percent = fc.double({ min: 0, max: 40, noNaN: true });
  const anySchools = fc
    .array(
      fc.record({
        absence: fc.option(percent, { freq: 6 }),
        coming: percent,
        persistent: percent,
        deviation: fc.double({ min: 0.05, max: 5, noNaN: true }),
        special: fc.boolean(),
        alone: fc.boolean(),
      }),
      { minLength: 15, maxLength: 45 },
    )
    .map((rows) => {
      const urns = rows.map((_, place) => 100_000 + place);
      return rows.map((row, place): SchoolToExpect => {
        const urn = urns[place] ?? 0;
        const others = urns.filter((other) => other !== urn).slice(place % 5, (place % 5) + 20);
        const made = make({ urn, absence: row.absence, similar: row.alone ? [] : others });
        const schoolType: SchoolType = row.special ? 'Special' : 'State-funded primary';
        return {
          ...made,
          history: { ...made.history, schoolType },
          forecast: {
            overall: forecast(row.coming, row.deviation),
            persistent: forecast(row.persistent, row.deviation),
          },
        };
      });
    });

  it('are never above the forecast nor below 0, and ask between the least and the most', () => {
    fc.assert(
      fc.property(anySchools, (schools) => {
        for (const { overall, persistent } of setExpectations(schools, year)) {
          for (const each of [overall, persistent]) {
            assert.ok(each);
            assert.ok(each.expectationPercent <= each.forecastPercent);
            assert.ok(each.expectationPercent >= 0);
            const asked = each.improvementFromForecast;
            assert.ok(asked >= each.leastPoints - 1e-9 && asked <= each.mostPoints + 1e-9);
          }
          assert.ok(
            overall && Math.abs(overall.leastPoints - leastAsked * overall.forecastPercent) < 1e-9,
          );
          assert.ok(Math.abs(overall.mostPoints - mostAsked * overall.forecastPercent) < 1e-9);
        }
      }),
      { seed: 11, numRuns: 150 },
    );
  });

  it('do not depend on the order in which schools come', () => {
    fc.assert(
      fc.property(anySchools, (schools) => {
        const flat = (expectations: Expectation[]) => JSON.stringify(expectations);
        assert.equal(
          flat(setExpectations(schools.toReversed(), year)),
          flat(setExpectations(schools, year)),
        );
      }),
      { seed: 12, numRuns: 50 },
    );
  });

  it('ask no less of a school because its own forecast is higher, and never let it end lower for it', () => {
    const at = (coming: number) => {
      const schools = england().map((school) =>
        school.history.urn === 100_020 ? forecastOf(school, { overall: forecast(coming) }) : school,
      );
      return overallOf(setExpectations(schools, year), 100_020);
    };
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 90 }),
        fc.integer({ min: 1, max: 20 }),
        (tenths, more) => {
          const lower = at(tenths / 10);
          const higher = at((tenths + more) / 10);
          // Moving one forecast moves the type's shift and spread by a hair: hence the tolerance.
          assert.ok(higher.improvementFromForecast >= lower.improvementFromForecast - 0.02);
          assert.ok(higher.expectationPercent >= lower.expectationPercent - 0.02);
        },
      ),
      { seed: 13, numRuns: 60 },
    );
  });

  it('keep persistent absence in step with overall absence', () => {
    fc.assert(
      fc.property(anySchools, (schools) => {
        for (const { overall, persistent } of setExpectations(schools, year)) {
          if (!overall || !persistent || overall.decided !== 'least') continue;
          const part = persistent.improvementFromForecast;
          assert.ok(part <= 1.5 * persistent.leastPoints + 1e-9);
        }
      }),
      { seed: 14, numRuns: 50 },
    );
  });
});

describe('the ladder of ambition', () => {
  it('has the best quarter of similar schools and the authority’s pooled average', () => {
    const { ladder } = get(setExpectations(england(), year), 100_039);
    assert.ok(Math.abs((ladder.bestQuarterOfSimilarPercent ?? 0) - 3.475) < 1e-9);
    assert.ok(Math.abs((ladder.laAveragePercent ?? 0) - 4.95) < 1e-9);
  });

  it('has no level before the pandemic for a year before it', () => {
    const { ladder } = get(setExpectations(england(), year), 100_039);
    assert.deepEqual([ladder.prePandemicPercent, ladder.prePandemicYear], [null, null]);
  });

  it('has the last level known before the pandemic for a year after it', () => {
    const schools = england();
    schools[39]?.history.years.push(known(2022, 9, 20));
    const { ladder } = get(setExpectations(schools, academicYear(2023)), 100_039);
    assert.deepEqual([ladder.prePandemicPercent, ladder.prePandemicYear], [6.9, 201617]);
  });

  it('pools sessions, not rates, and leaves out an authority where sessions of a school are not published', () => {
    const [big, small, bare] = [1, 2, 3].map(
      (urn) => make({ urn, absence: 4, similar: [] }).history,
    );
    assert.ok(big && small && bare);
    big.years = [{ ...known(2016, 4, 8), sessionsPossible: 300 }];
    small.years = [{ ...known(2016, 8, 8), sessionsPossible: 100 }];
    bare.years = [{ ...known(2016, 8, 8), sessionsPossible: null }];
    bare.laCode = '901';
    const averages = laAveragesOf(
      [big, small, bare],
      new Map([['State-funded primary', academicYear(2016)]]),
    );
    assert.equal(averages.get(laAverageKey('900', 'State-funded primary')), 5);
    assert.equal(averages.has(laAverageKey('901', 'State-funded primary')), false);
  });
});
