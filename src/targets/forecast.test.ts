import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AcademicYear, academicYear, startYearOf } from '../base/academicYear.ts';
import { Refusal } from '../base/problem.ts';
import { solveLinear } from '../stats/leastSquares.ts';
import { type RandomStream, randomStream } from '../stats/randomStream.ts';
import fc from '../testing/chance.ts';
import {
  fitForecast,
  forecastSchool,
  type MeasureForecast,
  probabilityAtOrBelow,
} from './forecast.ts';
import {
  deviationPredictor,
  knownBefore,
  type PerMeasure,
  type SizeClass,
  type TypeStructure,
} from './forecastPrediction.ts';
import { fitStructure } from './forecastStructure.ts';
import type { SchoolHistory, SchoolYear } from './history.ts';

// ---- made-up schools whose truth is known --------------------------------------------------------------------------

/** Variances of the three parts of a school's deviation, in spreads squared; they sum to 1. */
const truth = { lasting: 0.5, wandering: 0.4, passing: 0.1, keptPerYear: 0.7, togetherness: 0.8 };
const truthSpread: PerMeasure = [1, 4];
const truthLevel: PerMeasure = [5, 12];
const firstYear = 2012;

/** Two standard normals that go together as the two measures do. */
function together(chance: RandomStream): PerMeasure {
  const common = chance.normal();
  const apart = Math.sqrt(1 - truth.togetherness ** 2);
  return [common, truth.togetherness * common + apart * chance.normal()];
}

function simulateSchool(index: number, years: number, seed = 1): SchoolHistory {
  const chance = randomStream(seed, 'school', index);
  const lasting = together(chance);
  let wandering = together(chance);
  const history: SchoolYear[] = [];
  for (let step = 0; step < years; step++) {
    if (step > 0) {
      const fresh = together(chance);
      const novelty = Math.sqrt(1 - truth.keptPerYear ** 2);
      wandering = [
        truth.keptPerYear * wandering[0] + novelty * fresh[0],
        truth.keptPerYear * wandering[1] + novelty * fresh[1],
      ];
    }
    const passing = together(chance);
    const percent = (m: 0 | 1) =>
      truthLevel[m] +
      truthSpread[m] *
        (Math.sqrt(truth.lasting) * lasting[m] +
          Math.sqrt(truth.wandering) * wandering[m] +
          Math.sqrt(truth.passing) * passing[m]);
    history.push(schoolYear(academicYear(firstYear + step), percent(0), percent(1)));
  }
  return { ...schoolOf(100_000 + index), laCode: String(801 + (index % 20)), years: history };
}

function schoolOf(urn: number, years: SchoolYear[] = []): SchoolHistory {
  return {
    urn,
    laestab: null,
    schoolType: 'State-funded primary',
    laCode: '801',
    regionCode: 'E12000009',
    years,
  };
}

function schoolYear(
  year: AcademicYear,
  absencePercent: number,
  persistentPercent: number | null,
  enrolments: number | null = 200,
): SchoolYear {
  return {
    year,
    absencePercent,
    persistentPercent,
    authorisedPercent: null,
    unauthorisedPercent: null,
    enrolments,
    sessionsPossible: enrolments === null ? null : 380 * enrolments,
  };
}

const simulated = Array.from({ length: 3000 }, (_, index) => simulateSchool(index, 7));
const forecastYear = academicYear(firstYear + 6);
const model = fitForecast(simulated, forecastYear);
const first = simulated[0] as SchoolHistory;

const width80 = (forecast: MeasureForecast) => forecast.upper80Percent - forecast.lower80Percent;

// ---- the model -----------------------------------------------------------------------------------------------------

test('the parts that schools were made from are found again', () => {
  const structure = fitStructure('State-funded primary', simulated, forecastYear) as TypeStructure;
  const size = middleClass(structure);
  for (const m of [0, 1] as const) {
    assert.ok(Math.abs(size.lasting[m][m] - truth.lasting) < 0.1, `lasting ${size.lasting[m][m]}`);
    assert.ok(Math.abs(size.wandering[m][m] - truth.wandering) < 0.1, `${size.wandering[m][m]}`);
    assert.ok(Math.abs(size.passing[m][m] - truth.passing) < 0.05, `${size.passing[m][m]}`);
  }
  assert.ok(Math.abs(structure.keptPerYear - truth.keptPerYear) <= 0.1001);
  const { level, spread } = structure.levels[0] ?? assert.fail('no year');
  assert.ok(Math.abs(level[0] - truthLevel[0]) < 0.1 && Math.abs(spread[0] - 1) < 0.05);
  assert.ok(Math.abs(level[1] - truthLevel[1]) < 0.3 && Math.abs(spread[1] - 4) < 0.2);
});

/** The made-up schools are all of one size, so that every class is an equal share of them taken at random. */
function middleClass({ sizeClasses }: TypeStructure): SizeClass {
  return sizeClasses[Math.floor(sizeClasses.length / 2)] as SizeClass;
}

test('four in five made-up schools come out inside the 80 % interval, nineteen in twenty inside the 95 %', () => {
  for (const measure of ['overall', 'persistent'] as const) {
    let inside80 = 0;
    let inside95 = 0;
    for (const school of simulated) {
      const { ownLuck } = forecastSchool(model, school)[measure];
      const year = school.years.at(-1) as SchoolYear;
      const outcome =
        measure === 'overall' ? year.absencePercent : (year.persistentPercent as number);
      if (outcome >= ownLuck.lower80Percent && outcome <= ownLuck.upper80Percent) inside80 += 1;
      if (outcome >= ownLuck.lower95Percent && outcome <= ownLuck.upper95Percent) inside95 += 1;
    }
    assert.ok(Math.abs(inside80 / simulated.length - 0.8) < 0.025, `${measure} 80 %: ${inside80}`);
    assert.ok(Math.abs(inside95 / simulated.length - 0.95) < 0.015, `${measure} 95 %: ${inside95}`);
  }
});

test('a second, naive reckoning of the prediction gives the same', () => {
  const { structure } = model.types['State-funded primary'] ?? assert.fail();
  // Of one class of size, so that the naive reckoning need not mix two.
  const one = { ...structure, sizeClasses: [middleClass(structure)] };
  const predict = deviationPredictor(one, forecastYear);
  for (const school of simulated.slice(0, 25)) {
    const known = knownBefore(
      { ...school, years: school.years.filter((_, index) => index !== 2) },
      forecastYear,
    );
    const found = predict(known);
    for (const m of [0, 1] as const) {
      const naive = naivePrediction(one, known.years, school.laCode, m);
      assert.ok(Math.abs(found.measures[m].deviation - naive.deviation) < 1e-4);
      assert.ok(Math.abs(found.measures[m].variance - naive.variance) < 1e-4);
    }
  }
});

/** The same conditional expectation, written out one observation at a time and solved by Gaussian elimination. */
function naivePrediction(
  structure: TypeStructure,
  years: readonly SchoolYear[],
  laCode: string,
  m: 0 | 1,
) {
  const size = middleClass(structure);
  const allowance = m === 1 ? 3 : 1;
  const observations = years.flatMap((each) =>
    ([0, 1] as const).map((signal) => {
      const levels = structure.levels.find(({ year }) => year === each.year) ?? assert.fail();
      const usual = size.usual.find(({ year }) => year === each.year)?.deviation ?? assert.fail();
      const percent = signal === 0 ? each.absencePercent : (each.persistentPercent as number);
      return {
        signal,
        time: startYearOf(each.year),
        deviation:
          (percent - levels.level[signal]) / levels.spread[signal] -
          usual[signal] -
          (structure.areaDeviation[laCode]?.[signal] ?? 0),
      };
    }),
  );
  const covariance = (a: { signal: 0 | 1; time: number }, b: { signal: 0 | 1; time: number }) =>
    allowance * size.lasting[a.signal][b.signal] +
    size.wandering[a.signal][b.signal] * structure.keptPerYear ** Math.abs(a.time - b.time) +
    (a.time === b.time ? size.passing[a.signal][b.signal] : 0);
  const target = { signal: m, time: startYearOf(forecastYear) };
  const matrix = observations.map((a) => observations.map((b) => covariance(a, b)));
  const weights = solveLinear(
    matrix,
    observations.map((each) => covariance(each, target)),
  );
  const usual = size.usual.at(-1)?.deviation ?? assert.fail();
  let deviation = usual[m] + (structure.areaDeviation[laCode]?.[m] ?? 0);
  observations.forEach((each, index) => {
    deviation += (weights[index] as number) * each.deviation;
  });
  // Sureness goes by the last two known years only: two measures each.
  const last = observations.slice(-4);
  const weightsOfLast = solveLinear(
    last.map((a) => last.map((b) => covariance(a, b))),
    last.map((each) => covariance(each, target)),
  );
  const variance = last.reduce(
    (left, each, index) => left - (weightsOfLast[index] as number) * covariance(each, target),
    covariance(target, target),
  );
  return { deviation, variance };
}

test('the reasons add up to the central forecast', () => {
  for (const school of simulated.slice(0, 200)) {
    for (const measure of ['overall', 'persistent'] as const) {
      const { centralPercent, reasons } = forecastSchool(model, school)[measure];
      const sum =
        reasons.levelPercent + reasons.sizePoints + reasons.areaPoints + reasons.ownHistoryPoints;
      assert.ok(Math.abs(sum - centralPercent) < 1e-9);
      assert.ok(reasons.ownHistoryTrust > 0 && reasons.ownHistoryTrust <= 1);
      assert.equal(reasons.yearsUsed.length, 6);
    }
  }
});

// ---- what a user may rely on ---------------------------------------------------------------------------------------

test('intervals are nested, within 0–100, and hold the shares that their names say', () => {
  for (const school of simulated.slice(0, 300)) {
    for (const measure of ['overall', 'persistent'] as const) {
      const forecast = forecastSchool(model, school)[measure];
      const { lower80Percent, upper80Percent, lower95Percent, upper95Percent } = forecast;
      assert.ok(lower95Percent >= 0 && upper95Percent <= 100);
      assert.ok(lower95Percent <= lower80Percent && lower80Percent <= forecast.centralPercent);
      assert.ok(forecast.centralPercent <= upper80Percent && upper80Percent <= upper95Percent);
      assert.ok(forecast.ownLuck.upper80Percent <= upper80Percent);
      assert.ok(Math.abs(probabilityAtOrBelow(forecast, upper80Percent) - 0.9) < 1e-4);
      assert.ok(Math.abs(probabilityAtOrBelow(forecast, upper95Percent) - 0.975) < 1e-4);
      if (lower80Percent > 0)
        assert.ok(Math.abs(probabilityAtOrBelow(forecast, lower80Percent) - 0.1) < 1e-4);
    }
  }
});

test('a higher figure is never less likely to be met', () => {
  const forecast = forecastSchool(model, first).persistent;
  const percent = fc.double({ min: -10, max: 110, noNaN: true });
  fc.assert(
    fc.property(percent, percent, (one, other) => {
      const low = probabilityAtOrBelow(forecast, Math.min(one, other));
      const high = probabilityAtOrBelow(forecast, Math.max(one, other));
      return low >= 0 && low <= high && high <= 1;
    }),
  );
  assert.equal(probabilityAtOrBelow(forecast, -0.001), 0);
  assert.equal(probabilityAtOrBelow(forecast, 100), 1);
});

test('a stray row of a newer year moves no other school’s forecast and makes none surer', () => {
  const strayYear = academicYear(firstYear + 7);
  const stray = simulated.map((school, index) =>
    index === 7 ? { ...school, years: [...school.years, schoolYear(strayYear, 9, 30)] } : school,
  );
  const later = academicYear(firstYear + 8);
  const [without, withStray] = [fitForecast(simulated, later), fitForecast(stray, later)];
  assert.deepEqual(
    forecastSchool(withStray, first).overall.distribution,
    forecastSchool(without, first).overall.distribution,
  );
});

test('one school alone, whose errors cannot be told from the shift, gets numbers and an interval', () => {
  const { overall } = forecastSchool(fitForecast([first], forecastYear), first);
  assert.ok(overall.lower95Percent < overall.lower80Percent);
  assert.ok(overall.lower80Percent < overall.centralPercent);
  assert.ok(overall.centralPercent < overall.upper80Percent);
});

test('a school known for two years is forecast more surely than with one, and with none the least surely', () => {
  const widths = [2, 1, 0].map((years) =>
    width80(
      forecastSchool(model, {
        ...first,
        years: Array.from({ length: years }, (_, back) =>
          schoolYear(academicYear(firstYear + 5 - back), truthLevel[0], truthLevel[1]),
        ).reverse(),
      }).overall,
    ),
  );
  assert.deepEqual(
    widths,
    widths.toSorted((a, b) => a - b),
  );
  assert.ok((widths.at(-1) as number) > 1.3 * (widths[0] as number));
});

test('a big school is forecast more surely than a small one where size matters', () => {
  const sized = simulated.map((school, index): SchoolHistory => {
    const enrolments = 50 + (index % 10) * 100;
    const chance = randomStream('size', index);
    return {
      ...school,
      years: school.years.map((year) => ({
        ...year,
        enrolments,
        absencePercent: year.absencePercent + (12 / Math.sqrt(enrolments)) * chance.normal(),
      })),
    };
  });
  const fitted = fitForecast(sized, forecastYear);
  const small = sized.find((school) => school.years[0]?.enrolments === 50) ?? assert.fail();
  const resized = {
    ...small,
    years: small.years.map((year) => ({ ...year, enrolments: 950 })),
  };
  assert.ok(
    width80(forecastSchool(fitted, small).overall) >
      1.3 * width80(forecastSchool(fitted, resized).overall),
  );
});

/** Schools of 8 to 1,000 pupils, the small ones few: their luck is chance among pupils, so its variance is 1 ÷ pupils. */
const ofAllSizes = simulated.map((school, index): SchoolHistory => {
  const enrolments = Math.round(1000 ** ((index / 3000) ** 0.3) * 8 ** (1 - (index / 3000) ** 0.3));
  const chance = randomStream('sizes', index);
  const luck = () => (10 / Math.sqrt(enrolments)) * chance.normal();
  return {
    ...school,
    years: school.years.map((year) => ({
      ...year,
      enrolments,
      absencePercent: 20 + year.absencePercent + luck(),
      persistentPercent: 40 + (year.persistentPercent as number) + 4 * luck(),
    })),
  };
});

test('of the smallest schools as many come out inside the interval as of the largest', () => {
  const fitted = fitForecast(ofAllSizes, forecastYear);
  for (const [from, to] of [
    [0, 25],
    [25, 100],
    [100, 500],
    [500, 2000],
  ] as const)
    for (const measure of ['overall', 'persistent'] as const) {
      const inside = ofAllSizes
        .filter(({ years }) => {
          const { enrolments } = years[0] as SchoolYear;
          return (enrolments as number) >= from && (enrolments as number) < to;
        })
        .map((school) => {
          const { lower80Percent, upper80Percent } = forecastSchool(fitted, school)[measure]
            .ownLuck;
          const year = school.years.at(-1) as SchoolYear;
          const outcome =
            measure === 'overall' ? year.absencePercent : (year.persistentPercent as number);
          return outcome >= lower80Percent && outcome <= upper80Percent;
        });
      const share = inside.filter(Boolean).length / inside.length;
      const error = Math.sqrt((0.8 * 0.2) / inside.length);
      assert.ok(Math.abs(share - 0.8) < Math.max(0.04, 3 * error), `${from} ${measure} ${share}`);
    }
});

test('where schools that leapt in a year are less sure in the next, a leap widens the interval', () => {
  const restless = simulated.map((school, index): SchoolHistory => {
    if (index % 20 !== 0) return school;
    const chance = randomStream('restless', index);
    const years = school.years.map((year) => ({
      ...year,
      absencePercent: Math.max(0, year.absencePercent + 2.5 * chance.normal()),
    }));
    return { ...school, years };
  });
  const fitted = fitForecast(restless, forecastYear);
  const calm = { ...first, years: first.years.slice(0, 6) };
  const leapt = {
    ...calm,
    years: calm.years.map((year, index) =>
      index === 5 ? { ...year, absencePercent: year.absencePercent + 6 } : year,
    ),
  };
  assert.ok(
    width80(forecastSchool(fitted, leapt).overall) >
      1.5 * width80(forecastSchool(fitted, calm).overall),
  );
});

test('where small schools have risen against large ones year after year, part of one more such year is forecast', () => {
  const yearly = 0.2;
  const sized = simulated.map((school, index): SchoolHistory => {
    const smallness = 1 - (index % 10) / 4.5; // from 1 for the smallest to −1 for the largest
    return {
      ...school,
      years: school.years.map((year, step) => ({
        ...year,
        enrolments: 100 + (index % 10) * 50,
        absencePercent: year.absencePercent + yearly * step * smallness,
      })),
    };
  });
  const { types } = fitForecast(sized, forecastYear);
  const { spread, measures } = types['State-funded primary'] ?? assert.fail();
  const drift = measures.overall.errors.sizeDrift * spread[0];
  assert.ok(drift < -0.3 * yearly && drift > -yearly, `${drift}`);
  const without = model.types['State-funded primary']?.measures.overall.errors.sizeDrift;
  assert.ok(Math.abs(without ?? 1) < 0.02, `${without}`);
});

test('a school between two classes of size is forecast between what each would say', () => {
  const { structure } = model.types['State-funded primary'] ?? assert.fail();
  const [small, large] = [structure.sizeClasses[0], structure.sizeClasses.at(-1)];
  assert.ok(small && large);
  const two = {
    ...structure,
    sizeClasses: [
      { ...small, logEnrolments: 4, usual: small.usual.map(lifted(1)) },
      { ...large, logEnrolments: 6, usual: large.usual.map(lifted(2)) },
    ],
  };
  const predict = deviationPredictor(two, forecastYear);
  const deviation = (logEnrolments: number | undefined) =>
    predict({ laCode: '', logEnrolments, years: [] }).measures[0].deviation;
  const [low, high] = [deviation(4), deviation(6)];
  assert.ok(Math.abs(deviation(4.5) - (0.75 * low + 0.25 * high)) < 1e-9);
  assert.deepEqual([deviation(2), deviation(9)], [low, high]);
  assert.ok([low, high].includes(deviation(undefined)));
});

const lifted =
  (by: number) =>
  ({ year, deviation: [overall, persistent] }: SizeClass['usual'][number]) => ({
    year,
    deviation: [overall + by, persistent + by] as PerMeasure,
  });

test('the same histories give the same bytes, in whatever order they come', () => {
  const backwards = fitForecast([...simulated].reverse(), forecastYear);
  assert.equal(JSON.stringify(backwards), JSON.stringify(model));
  assert.equal(
    JSON.stringify(forecastSchool(backwards, first)),
    JSON.stringify(forecastSchool(model, first)),
  );
});

test('one known year is enough for a forecast of the next', () => {
  const fitted = fitForecast(simulated, academicYear(firstYear + 1));
  const { overall } = forecastSchool(fitted, first);
  assert.deepEqual(overall.reasons.yearsUsed, [academicYear(firstYear)]);
  assert.ok(width80(overall) > width80(forecastSchool(model, first).overall));
});

test('a handful of schools, some with missing figures, still get finite forecasts', () => {
  const few = simulated.slice(0, 7).map(({ urn, years }, index) =>
    schoolOf(
      urn,
      years
        .filter((_, step) => (step + index) % 3 !== 0)
        .map(({ year, absencePercent, persistentPercent }, step) =>
          schoolYear(
            year,
            absencePercent,
            step === 0 ? null : persistentPercent,
            index % 2 === 0 ? null : 200,
          ),
        ),
    ),
  );
  const fitted = fitForecast(few, forecastYear);
  for (const school of [...few, schoolOf(999_999)]) {
    const { overall, persistent } = forecastSchool(fitted, school);
    for (const { centralPercent, lower95Percent, upper95Percent } of [overall, persistent])
      assert.ok([centralPercent, lower95Percent, upper95Percent].every(Number.isFinite));
  }
});

test('a type of which nothing is known is refused, saying what to import', () => {
  assert.throws(
    () => forecastSchool(model, { ...first, schoolType: 'Special' }),
    (error: unknown) =>
      error instanceof Refusal && error.reason === 'not-ready' && /import/.test(error.message),
  );
});

// ---- gaps and breaks -----------------------------------------------------------------------------------------------

/** Absence rises by half between year 6 and year 10, and only one school in ten is known afterwards. */
const afterBreak = Array.from({ length: 3000 }, (_, index): SchoolHistory => {
  const school = simulateSchool(index, 12, 2);
  return {
    ...school,
    years: school.years.flatMap((year, step) => {
      if (step < 6) return [year];
      if (step < 9 || step === 11 || index % 10 !== 0) return [];
      return [
        {
          ...year,
          absencePercent: 1.5 * year.absencePercent,
          persistentPercent: 1.5 * (year.persistentPercent as number),
          enrolments: null,
        },
      ];
    }),
  };
});

test('over a gap, with a sample after it, the forecast takes the new level, says what it rests on, and is less sure', () => {
  const year = academicYear(firstYear + 11);
  const fitted = fitForecast(afterBreak, year);
  const type = fitted.types['State-funded primary'] ?? assert.fail();
  assert.ok(Math.abs(type.level[0] - 1.5 * truthLevel[0]) < 0.25, `level ${type.level[0]}`);
  assert.ok(Math.abs(type.spread[0] - 1.5) < 0.2, `spread ${type.spread[0]}`);
  assert.match(type.restsOn, /2012\/13 to 2017\/18 and on a sample of 300 of them in 2021\/22 to/);
  const sampled = forecastSchool(fitted, afterBreak[0] as SchoolHistory).overall;
  const others = forecastSchool(fitted, afterBreak[1] as SchoolHistory).overall;
  const before = forecastSchool(model, first).overall;
  assert.ok(width80(others) > width80(sampled) && width80(sampled) > 1.3 * width80(before));
  assert.ok(sampled.shift.scalePoints > 2 * before.shift.scalePoints);
});

test('a type last known before the break is taken to have changed as the others did', () => {
  const special = Array.from(
    { length: 200 },
    (_, index): SchoolHistory => ({
      ...simulateSchool(index, 6, 3),
      urn: 900_000 + index,
      schoolType: 'Special',
    }),
  );
  const fitted = fitForecast([...afterBreak, ...special], academicYear(firstYear + 11));
  const type = fitted.types.Special ?? assert.fail();
  assert.equal(type.levelBorrowedTo, academicYear(firstYear + 10));
  assert.ok(Math.abs(type.level[0] - 1.5 * truthLevel[0]) < 0.4, `level ${type.level[0]}`);
  assert.match(type.restsOn, /nothing is known of special schools after 2017\/18/);
});

// ---- years of schools' own registers ---------------------------------------------------------------------------------

test('a year that only a few schools’ own registers tell moves their forecasts, and nobody else’s', () => {
  const known = Array.from({ length: 400 }, (_, index) => simulateSchool(index, 6, 4));
  const year = academicYear(firstYear + 7);
  const own = academicYear(firstYear + 6);
  const told = known.map((school, index): SchoolHistory => {
    const last = school.years.at(-1);
    if (index >= 3 || !last) return school;
    const now = { ...last, year: own, absencePercent: last.absencePercent + 2 };
    return { ...school, years: [...school.years, { ...now, fromRegisters: true }] };
  });
  const central = (histories: readonly SchoolHistory[]) => {
    const fitted = fitForecast(histories, year);
    return histories.map((each) => forecastSchool(fitted, each).overall);
  };
  const [without, withOwn] = [central(known), central(told)];
  for (const [index, each] of withOwn.entries()) {
    const before = without[index] ?? assert.fail();
    if (index >= 3) assert.deepEqual(each.centralPercent, before.centralPercent);
    else {
      assert.ok(each.centralPercent > before.centralPercent + 0.5, String(index));
      assert.ok(each.reasons.yearsUsed.includes(own));
      assert.equal(each.reasons.levelYear, before.reasons.levelYear);
    }
  }
});
