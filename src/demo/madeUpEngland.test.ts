import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import { demoSchoolCount } from './authorities.ts';
import { castMembers, demoCast } from './cast.ts';
import { truthFile } from './files/truth.ts';
import { makeEngland } from './madeUpEngland.ts';
import { mark } from './names.ts';
import { publishedFiles } from './publishedFiles.ts';
import { hiddenYear, type MadeUpSchool, publishedYears } from './school.ts';
import type { YearCounts } from './schoolYear.ts';

const england = makeEngland({ schools: demoSchoolCount, seed: 'tests' });

const overallPercent = ({ authorised, unauthorised, possible }: YearCounts) =>
  (100 * (authorised + unauthorised)) / possible;

const sumOf = (counts: Record<string, number>) =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

function bytesOf(schools: number, seed: number | string): string {
  const made = makeEngland({ schools, seed });
  return [...publishedFiles(made), truthFile(made)].map(({ text }) => text).join('\f');
}

test('the same seed gives the same bytes, another seed another country', () => {
  assert.equal(bytesOf(60, 7), bytesOf(60, 7));
  assert.notEqual(bytesOf(60, 7), bytesOf(60, 8));
});

test('a bigger country has the smaller one inside it', () => {
  const bigger = makeEngland({ schools: 1000, seed: 'tests' });
  assert.deepEqual(bigger.schools.slice(0, demoSchoolCount), england.schools);
});

test('any number of schools from 1 to 24,000 can be asked for', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 700 }), fc.integer(), (schools, seed) => {
      assert.equal(makeEngland({ schools, seed }).schools.length, schools);
    }),
    { numRuns: 12 },
  );
  assert.throws(() => makeEngland({ schools: 0, seed: 1 }), RangeError);
  assert.throws(() => makeEngland({ schools: 24_001, seed: 1 }), RangeError);
});

test('in a whole England no two schools share a name or a number, and all lie on the National Grid', () => {
  const { schools, authorities } = makeEngland({ schools: 24_000, seed: 3 });
  assert.equal(schools.length, 24_000);
  const assertDistinct = (values: readonly (string | number)[]) =>
    assert.equal(new Set(values).size, values.length);
  const urns = schools.flatMap(({ urn, before }) => (before ? [urn, before.urn] : [urn]));
  assertDistinct(urns);
  assertDistinct(schools.map(({ name }) => name));
  assertDistinct(
    schools.flatMap(({ laestab, before }) =>
      before && before.laestab !== laestab ? [laestab, before.laestab] : [laestab],
    ),
  );
  for (const { place } of schools) {
    assert.ok(place.easting > 0 && place.easting < 700_000, `${place.easting}`);
    assert.ok(place.northing > 0 && place.northing < 1_300_000, `${place.northing}`);
  }
  assertDistinct(authorities.map(({ name }) => name));
  assertDistinct(authorities.flatMap(({ trusts }) => trusts.map(({ name }) => name)));
  assert.ok(Math.max(...urns) <= 999_999 && Math.min(...urns) > 900_000);
});

test('every school, trust, authority and region says that it is made up', () => {
  for (const { name } of england.schools) assert.ok(name.endsWith(mark), name);
  for (const { name, region, trusts } of england.authorities) {
    for (const text of [name, region.name, ...trusts.map((trust) => trust.name)]) {
      assert.ok(text.endsWith(mark), text);
    }
  }
});

test('the counts of every school and year hold together', () => {
  for (const { name, years } of england.schools) {
    for (const { year, counts } of years) {
      const where = `${name}, ${year}`;
      const overall = counts.authorised + counts.unauthorised;
      const persistent = counts.persistentAuthorised + counts.persistentUnauthorised;
      const others = counts.possible - counts.persistentPossible;
      assert.equal(
        sumOf(counts.authorisedReasons) + (counts.authorisedExtendedHoliday ?? 0),
        counts.authorised,
        where,
      );
      assert.equal(sumOf(counts.unauthorisedReasons), counts.unauthorised, where);
      assert.equal(counts.authorisedExtendedHoliday === undefined, year > 201213, where);
      assert.ok(overall <= counts.possible, where);
      assert.ok(counts.persistentEnrolments <= counts.enrolments, where);
      assert.ok(counts.persistentAuthorised <= counts.authorised, where);
      assert.ok(counts.persistentUnauthorised <= counts.unauthorised, where);
      assert.ok(10 * persistent >= counts.persistentPossible, `${where}: too little absence`);
      assert.ok(
        others === 0 || 10 * (overall - persistent) < others,
        `${where}: the others are persistent too`,
      );
      assert.equal(counts.persistentEnrolments === 0, counts.persistentPossible === 0, where);
      assert.ok(
        Object.values(counts.authorisedReasons).every((count) => count >= 0),
        where,
      );
    }
  }
});

test('absence is like that of the real country: levels by type, and the drop of 2013/14', () => {
  const { schools } = makeEngland({ schools: 4000, seed: 'levels' });
  const pooled = (schoolType: string, year: number) => {
    const counts = schools
      .filter((school) => school.schoolType === schoolType)
      .flatMap(({ years }) => years.filter((one) => one.year === year).map((one) => one.counts));
    const total = (of: (one: YearCounts) => number) =>
      counts.reduce((sum, one) => sum + of(one), 0);
    return {
      absence:
        (100 * total((one) => one.authorised + one.unauthorised)) / total((one) => one.possible),
      persistent: (100 * total((one) => one.persistentEnrolments)) / total((one) => one.enrolments),
    };
  };
  const near = (value: number, published: number, tolerance: number) =>
    assert.ok(Math.abs(value - published) < tolerance, `${value}, published ${published}`);
  near(pooled('State-funded primary', 201718).absence, 4.2, 0.3);
  near(pooled('State-funded primary', 201718).persistent, 8.7, 1.5);
  near(pooled('State-funded secondary', 201718).absence, 5.5, 0.5);
  near(pooled('State-funded secondary', 201718).persistent, 13.9, 2);
  near(pooled('Special', 201718).absence, 10.2, 1.5);
  near(pooled('Special', 201718).persistent, 29.6, 5);
  const drop =
    pooled('State-funded primary', 201314).absence - pooled('State-funded primary', 201213).absence;
  near(drop, -0.83, 0.15);
});

test('the truth is there to be found: levels, intake and luck show in the years as they should', () => {
  const { schools } = makeEngland({ schools: 3000, seed: 'truth' });
  const primaries = schools.filter(
    ({ schoolType, years }) =>
      schoolType === 'State-funded primary' && years.length === publishedYears.length,
  );
  const observed = primaries.map(({ years }) =>
    mean(years.map((year) => overallPercent(year.counts))),
  );
  const expected = primaries.map(({ truth }) =>
    mean(publishedYears.map((year) => truth.expectedPercent.get(year) ?? Number.NaN)),
  );
  assert.ok(correlation(observed, expected) > 0.95);
  const levels = primaries.map(({ truth }) => truth.levelPercent);
  assert.ok(correlation(observed, levels) > 0.65);
  const fsm = primaries.map(({ intake }) => intake.fsmPercent);
  assert.ok(correlation(observed, fsm) > 0.35);

  const luck = primaries.map(({ truth, years }) => {
    const last = years.at(-1);
    const without = truth.expectedPercent.get(201718);
    assert.ok(last && without);
    return (overallPercent(last.counts) - without) / truth.luckPoints;
  });
  assert.ok(Math.abs(mean(luck)) < 0.1);
  const spread = Math.sqrt(mean(luck.map((value) => value ** 2)));
  assert.ok(spread > 0.85 && spread < 1.25, `luck of ${spread} standard deviations`);
});

test('some schools open, close, change into academies or lack a year; most do not', () => {
  const { schools } = makeEngland({ schools: 3000, seed: 'events' });
  const share = (of: (school: MadeUpSchool) => boolean) =>
    schools.filter(of).length / schools.length;
  const between = (value: number, least: number, most: number) =>
    assert.ok(value >= least && value <= most, `${value}`);
  between(
    share(({ years }) => years.length === publishedYears.length),
    0.9,
    0.97,
  );
  between(
    share(({ years }) => years.length === 0),
    0.002,
    0.01,
  );
  between(
    share(({ closedOn }) => closedOn !== undefined),
    0.008,
    0.025,
  );
  between(
    share(({ before }) => before !== undefined),
    0.15,
    0.35,
  );
  between(
    share(({ before, laestab }) => before !== undefined && before.laestab !== laestab),
    0.01,
    0.08,
  );
  between(
    share(({ hidden }) => hidden === undefined),
    0.008,
    0.025,
  );
});

test('the demo has too few special schools for any of them to have ten to be compared with', () => {
  const special = england.schools.filter(({ schoolType }) => schoolType === 'Special');
  assert.equal(special.length, 9);
  assert.deepEqual(
    england.authorities.map(({ schoolTypes }) => schoolTypes.length),
    [220, 170, 150, 130],
  );
  assert.equal(new Set(england.authorities.map(({ region }) => region.code)).size, 2);
});

test('the cast is in every country, in the first authority, with its own numbers', () => {
  for (const seed of [1, 'demo', 'tests']) {
    const { schools } = makeEngland({ schools: 40, seed });
    for (const member of castMembers) {
      const school = schools.find(({ urn }) => urn === member.urn);
      assert.ok(school, member.key);
      assert.equal(school.name, member.name);
      assert.equal(school.schoolType, member.schoolType);
      assert.equal(school.laestab, member.laestab);
      assert.equal(school.before?.urn, member.previousUrn);
      assert.equal(school.authority.index, 0);
    }
  }
});

test('the stories of the cast show in their years, whatever the seed', () => {
  for (let seed = 1; seed <= 25; seed++) {
    const { schools } = makeEngland({ schools: 20, seed });
    const yearsOf = (urn: number) => {
      const years = schools.find((school) => school.urn === urn)?.years ?? [];
      return new Map(years.map(({ year, counts }) => [year, overallPercent(counts)]));
    };
    const at = (urn: number, year: number) => yearsOf(urn).get(year) ?? Number.NaN;
    const improving = demoCast.improvingSecondary.urn;
    assert.ok(at(improving, 201718) < at(improving, 201314) - 0.3, `seed ${seed}: not improving`);
    const shocked = demoCast.shockYear.urn;
    assert.ok(at(shocked, 201617) > at(shocked, 201516) * 1.15, `seed ${seed}: no shock`);
    assert.ok(at(shocked, 201617) > at(shocked, 201718) * 1.1, `seed ${seed}: no recovery`);
    const special = demoCast.specialWithoutMatch.urn;
    assert.ok(at(special, 201718) > 14, `seed ${seed}: the special school is like others`);

    const published = (urn: number) => [...yearsOf(urn).keys()];
    assert.deepEqual(published(demoCast.newWithoutHistory.urn), []);
    assert.deepEqual(published(demoCast.oneYearOnly.urn), [201718]);
    assert.deepEqual(published(demoCast.closedSchool.urn), [201213, 201314, 201415, 201516]);
    assert.ok(!published(demoCast.gapInHistory.urn).includes(201415));
  }
});

test('the academised members keep one history over two URNs', () => {
  const find = (urn: number) => {
    const school = england.schools.find((one) => one.urn === urn);
    assert.ok(school);
    return school;
  };
  const converter = find(demoCast.academisedChain.urn);
  assert.deepEqual(
    converter.years.map(({ urn }) => urn),
    [900005, 900005, 900005, 900006, 900006, 900006],
  );
  assert.equal(new Set(converter.years.map(({ laestab }) => laestab)).size, 1);
  const sponsored = find(demoCast.sponsoredChain.urn);
  assert.deepEqual(sponsored.years.map(({ urn, laestab }) => [urn, laestab]).slice(3, 5), [
    [900007, 9904002],
    [900008, 9904502],
  ]);
});

test('the year after the last is told to nobody but the truth', () => {
  const published = [...publishedFiles(england)];
  for (const { name, text } of published) assert.ok(!text.includes(String(hiddenYear)), name);
  assert.ok(truthFile(england).text.includes(`outcome_${hiddenYear}_absence_percent`));
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const meanA = mean(a);
  const meanB = mean(b);
  const covariance = mean(a.map((value, index) => (value - meanA) * ((b[index] ?? 0) - meanB)));
  const variance = (values: readonly number[], centre: number) =>
    mean(values.map((value) => (value - centre) ** 2));
  return covariance / Math.sqrt(variance(a, meanA) * variance(b, meanB));
}
