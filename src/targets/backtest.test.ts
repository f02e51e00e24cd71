import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { academicYear, yearLabel } from '../base/academicYear.ts';
import { isSchoolType, type SchoolType, schoolTypes } from '../base/schoolType.ts';
import { randomStream } from '../stats/randomStream.ts';
import {
  type BacktestRow,
  backtest,
  backtestColumns,
  type Forecaster,
  intervalScore,
  schoolsThatLeak,
} from './backtest.ts';
import { backtestMarkdown } from './backtestMarkdown.ts';
import { fitForecast, forecastSchool } from './forecast.ts';
import type { SchoolHistory } from './history.ts';

const regions = ['E12000001', 'E12000002', 'E12000003'];

/** Schools with a level of their own, a shift that all share each year, and luck. */
function simulate(count: number, schoolType: SchoolType): SchoolHistory[] {
  let shift = 0;
  const shifts = Array.from({ length: 6 }, (_, step) => {
    shift += 0.05 * randomStream('shift', step).normal();
    return shift;
  });
  return Array.from({ length: count }, (_, index): SchoolHistory => {
    const chance = randomStream(schoolType, index);
    const lasting = chance.normal();
    return {
      urn: 100_000 * (1 + schoolTypes.indexOf(schoolType)) + index,
      laestab: null,
      schoolType,
      laCode: String(801 + (index % 10)),
      regionCode: regions[index % 3] as string,
      years: shifts.map((shift, step) => {
        const absencePercent = Math.max(0, 5 + shift + lasting + 0.6 * chance.normal());
        return {
          year: academicYear(2012 + step),
          absencePercent,
          persistentPercent: Math.max(0, 2.4 * absencePercent + 1.5 * chance.normal()),
          authorisedPercent: null,
          unauthorisedPercent: null,
          enrolments: 100 + (index % 50) * 10,
          sessionsPossible: null,
        };
      }),
    };
  });
}

const histories = [...simulate(900, 'State-funded primary'), ...simulate(400, 'Special')];
const half = (history: SchoolHistory) => (history.urn % 2 === 0 ? 'even' : 'odd');
const result = backtest({ histories, from: 201516, to: 201718, groups: { half } });

function rowOf(rows: readonly BacktestRow[], wanted: Partial<BacktestRow>): BacktestRow {
  const found = rows.find((row) =>
    Object.entries(wanted).every(([name, value]) => row[name as keyof BacktestRow] === value),
  );
  return found ?? assert.fail(`no row ${JSON.stringify(wanted)}`);
}

test('every method is judged on the same schools, year by year, type by type, measure by measure', () => {
  for (const row of result.rows)
    assert.deepEqual(Object.keys(row).toSorted(), [...backtestColumns].toSorted());
  for (const time_period of [201617, 201718])
    for (const school_type of ['State-funded primary', 'Special'] as const)
      for (const measure of ['overall', 'persistent'] as const)
        for (const method of ['ours', 'last_year', 'mean3', 'ar3'] as const) {
          const row = rowOf(result.rows, { time_period, school_type, measure, method });
          assert.equal(row.schools, school_type === 'Special' ? 400 : 900);
        }
});

test('where no earlier year has three before it AR(3) is not judged, and the other simple rules without intervals', () => {
  assert.deepEqual(
    result.rows
      .filter((row) => row.time_period === 201516 && row.measure === 'overall')
      .map((row) => [row.method, row.mean_absolute_error > 0, row.coverage_80 !== null]),
    [...Array(2)].flatMap(() => [
      ['ours', true, true],
      ['last_year', true, false],
      ['mean3', true, false],
    ]),
  );
  assert.match(result.verdict, /AR\(3\) cannot be fitted for 2015\/16/);
});

test('the figures of a row are what a reader would work out by hand', () => {
  const row = rowOf(result.rows, {
    time_period: 201718,
    school_type: 'Special',
    measure: 'overall',
    method: 'last_year',
  });
  const errors = histories
    .filter(({ schoolType }) => schoolType === 'Special')
    .map(({ years }) => (years[5]?.absencePercent ?? 0) - (years[4]?.absencePercent ?? 0));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(Math.abs(row.mean_absolute_error - mean(errors.map(Math.abs))) < 1e-12);
  assert.ok(Math.abs(row.mean_error - mean(errors)) < 1e-12);
  assert.equal(intervalScore(5, 4, 6, 0.8), 2);
  assert.ok(Math.abs(intervalScore(7, 4, 6, 0.8) - 12) < 1e-9);
  assert.ok(Math.abs(intervalScore(3.5, 4, 6, 0.8) - 7) < 1e-9);
});

test('on schools that are what the model thinks they are, ours is best and its intervals hold what they say', () => {
  const { verdict } = backtest({ histories, from: 201617, to: 201718 });
  assert.match(verdict, /in all 8 comparisons/);
  const ours = result.rows.filter(
    ({ method, time_period }) => method === 'ours' && time_period === 201718,
  );
  const meanOf = (column: 'coverage_80_shift_removed' | 'coverage_95_shift_removed') =>
    ours.reduce((sum, row) => sum + (row[column] as number) / ours.length, 0);
  assert.ok(Math.abs(meanOf('coverage_80_shift_removed') - 80) < 4);
  assert.ok(Math.abs(meanOf('coverage_95_shift_removed') - 95) < 2.5);
});

test('groups handed in, regions and fifths by size each hold all schools, and no error once the shift is out', () => {
  for (const [group, values] of [
    ['half', 2],
    ['region', 3],
    ['size_fifth', 5],
  ] as const) {
    const rows = result.groupRows.filter(
      (row) =>
        row.group === group &&
        row.method === 'ours' &&
        row.measure === 'overall' &&
        row.school_type === 'State-funded primary' &&
        row.time_period === 201718,
    );
    assert.equal(rows.length, values);
    assert.equal(
      rows.reduce((sum, row) => sum + row.schools, 0),
      900,
    );
    const left = rows.reduce((sum, row) => sum + row.schools * row.mean_error_shift_removed, 0);
    assert.ok(Math.abs(left) < 1e-6);
  }
});

test('bands of enrolments hold every school compared, and intervals hold in each', () => {
  const bands = result.bandRows.filter(
    ({ school_type, measure }) => school_type === 'State-funded primary' && measure === 'overall',
  );
  const cases = bands.reduce((sum, { schools }) => sum + schools, 0);
  assert.equal(cases, 900 * 3);
  for (const band of bands)
    assert.ok(Math.abs(band.coverage_80_shift_removed - 80) < 6, JSON.stringify(band));
});

test('the page of figures says every figure of the back-test, and how to have it again', () => {
  const page = backtestMarkdown(result, './rollcall targets backtest --from 201516 --to 201718');
  assert.ok(page.includes(result.verdict));
  assert.ok(page.includes('`./rollcall targets backtest --from 201516 --to 201718`'));
  const row = rowOf(result.rows, {
    time_period: 201718,
    school_type: 'Special',
    measure: 'persistent',
    method: 'ours',
  });
  const line = page
    .split('\n')
    .find((each) => each.startsWith('| 2017/18 | special schools, pers'));
  assert.ok(line?.includes(`| 400 | ${row.mean_absolute_error.toFixed(3)} |`), line);
  const early = page.split('\n').find((each) => each.startsWith('| 2015/16 | primary'));
  assert.match(early ?? '', /\| — \| [\d.]+ \| — \|/, 'no AR(3), and no interval score of it');
  assert.doesNotMatch(page, /NaN|undefined|null/);
});

test('probabilities are counted by tenths, and of the schools told a chance about that share come out so', () => {
  const known = result.calibration.filter((row) => row.shift === 'known' && row.cases > 300);
  assert.ok(known.length > 8);
  for (const row of known)
    assert.ok(Math.abs(row.mean_probability - row.share_met) < 0.08, JSON.stringify(row));
});

test('schools that only ours can forecast are counted', () => {
  const late = { ...(histories[0] as SchoolHistory), urn: 999_999 };
  late.years = late.years.slice(4);
  const { onlyOurs } = backtest({ histories: [...histories, late], from: 201718, to: 201718 });
  assert.deepEqual(onlyOurs, [{ time_period: 201718, schools: 1 }]);
});

test('where a simple rule is better, the verdict names the place', () => {
  const off: Forecaster = (given, year) => {
    const model = fitForecast(given, year);
    return (history) => {
      const forecast = forecastSchool(model, history);
      const overall = { ...forecast.overall, centralPercent: forecast.overall.centralPercent + 3 };
      return { ...forecast, overall };
    };
  };
  const { verdict } = backtest({ histories, from: 201718, to: 201718, forecaster: off });
  assert.match(verdict, /2 of 4 comparisons; not for primary schools, overall, 2017\/18 \(ar3 /);
});

test('nothing of the forecast year or later moves a forecast', () => {
  const some = histories.filter((_, index) => index % 5 === 0);
  assert.deepEqual(schoolsThatLeak(some, 201617), []);
  assert.deepEqual(schoolsThatLeak(some, 201314), []);
});

test('a method that peeks at the forecast year is caught', () => {
  const peeking: Forecaster = (given) => {
    const model = fitForecast(given, 201718);
    return (history) => forecastSchool(model, history);
  };
  const some = histories.filter((_, index) => index % 5 === 0);
  assert.equal(schoolsThatLeak(some, 201617, peeking).length, some.length);
});

// ---- the real schools ----------------------------------------------------------------------------------------------

const folder = new URL('../../../shared/data/dfe-school-absence/', import.meta.url);

/** Every school's years, chained by LAESTAB only. */
function realHistories(): SchoolHistory[] {
  const schools = new Map<number, SchoolHistory>();
  const files = readdirSync(folder).filter((name) => name.startsWith('absence_3term_school_'));
  for (const name of files.toSorted()) {
    const [header, ...lines] = gunzipSync(readFileSync(new URL(name, folder)))
      .toString()
      .split('\n');
    const column = new Map((header ?? '').split(',').map((title, index) => [title, index]));
    for (const line of lines) {
      const cells = line.split(',');
      const cell = (title: string) => cells[column.get(title) ?? -1] ?? '';
      const schoolType = cell('school_type');
      const possible = Number(cell('sess_possible'));
      const enrolments = Number(cell('enrolments'));
      if (!isSchoolType(schoolType) || !(possible > 0) || !(enrolments > 0)) continue;
      const laestab = Number(cell('laestab'));
      const school = schools.get(laestab) ?? {
        urn: laestab,
        laestab,
        schoolType,
        laCode: cell('old_la_code'),
        regionCode: cell('region_code'),
        years: [],
      };
      school.schoolType = schoolType;
      school.years.push({
        year: Number(cell('time_period')),
        absencePercent: (100 * Number(cell('sess_overall'))) / possible,
        persistentPercent: (100 * Number(cell('enrolments_pa_10_exact'))) / enrolments,
        authorisedPercent: (100 * Number(cell('sess_authorised'))) / possible,
        unauthorisedPercent: (100 * Number(cell('sess_unauthorised'))) / possible,
        enrolments,
        sessionsPossible: possible,
      });
      schools.set(laestab, school);
    }
  }
  return [...schools.values()];
}

test('on the real schools of 2017/18 the forecast beats the simple methods, and its intervals hold what they say', {
  skip: existsSync(folder) ? false : 'the published files are not at ../shared/data',
}, () => {
  const { rows, verdict } = backtest({
    histories: realHistories(),
    from: 201718,
    to: 201718,
  });
  for (const school_type of schoolTypes)
    for (const measure of ['overall', 'persistent'] as const) {
      const of = (method: BacktestRow['method']) =>
        rowOf(rows, { school_type, measure, method, time_period: 201718 });
      const ours = of('ours');
      const what = `${school_type} ${measure} ${yearLabel(201718)}: ${verdict}`;
      for (const method of ['last_year', 'mean3', 'ar3'] as const) {
        // AR(3) is as good for secondary overall absence in this year: within 1 %, and said in docs/forecast.md.
        assert.ok(ours.mean_absolute_error < 1.01 * of(method).mean_absolute_error, what);
        assert.ok(
          (ours.mean_interval_score_80 as number) < (of(method).mean_interval_score_80 as number),
          what,
        );
      }
      const errorOfShare = 100 * Math.sqrt((0.8 * 0.2) / ours.schools);
      const slack80 = Math.max(2, 3 * errorOfShare);
      assert.ok(Math.abs((ours.coverage_80_shift_removed as number) - 80) < slack80 + 0.5, what);
      assert.ok(Math.abs((ours.coverage_95_shift_removed as number) - 95) < 2, what);
    }
});
