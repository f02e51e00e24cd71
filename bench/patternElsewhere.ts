import { type Day, daysAfter } from '../src/base/day.ts';
import { detect, type Finding } from '../src/patterns/model/detect.ts';
import { type DailySeries, onDays, seriesOf, weekdayIndex } from '../src/patterns/model/series.ts';
import { type RandomStream, randomStream } from '../src/stats/randomStream.ts';
import { printTable } from './table.ts';

/*
 * False alarms where there is less to go by than all schools and three years: on parts of the real series, and on series
 * made up by other rules, in which nothing happens. From the first day on, at one false alarm a school year asked for.
 */

const daysAYear = 178;
const firstDays = 90;

type Part = { name: string; parts: readonly DailySeries[] };

export function benchElsewhere(series: DailySeries, seed: string): void {
  const chance = randomStream('parts', seed);
  const some = (schools: number, times: number): Part => {
    const shuffled = chance.shuffled(series.names.map((_, row) => row));
    const parts = Array.from({ length: times }, (_, time) =>
      seriesOf(series, shuffled.slice(time * schools, (time + 1) * schools)),
    );
    return { name: `${schools} schools, ${times} times`, parts };
  };
  const year = (from: Day, to: Day): Part => ({
    name: `all schools, ${from} to ${to}`,
    parts: [
      onDays(
        series,
        series.days.flatMap((day, at) => (day >= from && day < to ? [at] : [])),
      ),
    ],
  });
  console.log(
    '\nFalse alarms a school year on parts of the series and on made-up ones, 1 asked for.',
  );
  printTable(
    ['series', 'of schools', 'of areas and all', 'of schools in the first 90 days'],
    [
      ...[some(1, 40), some(5, 20), some(15, 12), some(100, 4), some(400, 2)],
      ...[year('2013-09-01', '2014-08-31'), year('2014-09-01', '2015-08-31')],
      ...[1, 5, 20, 60, 200, 1000].flatMap((schools) =>
        [0, 0.8].map((lasting) => madeUp(schools, lasting, seed)),
      ),
    ].map(({ name, parts }) => [name, ...ratesOf(parts)]),
  );
}

function ratesOf(parts: readonly DailySeries[]): string[] {
  let [years, early] = [0, 0];
  const found: { finding: Finding; isEarly: boolean }[] = [];
  for (const part of parts) {
    const width = part.days.length;
    part.absencePercent.forEach((value, at) => {
      if (Number.isNaN(value)) return;
      years += 1 / daysAYear;
      if (at % width < firstDays) early += 1 / daysAYear;
    });
    const until = part.days[firstDays] ?? '9999-12-31';
    for (const finding of detect(part)) found.push({ finding, isEarly: finding.date < until });
  }
  const ofSchools = found.filter(({ finding }) => finding.scope === 'school');
  return [
    ofSchools.length / years,
    (found.length - ofSchools.length) / years,
    ofSchools.filter(({ isEarly }) => isEarly).length / early,
  ].map((rate) => rate.toFixed(2));
}

/**
 * Schools of 100 to 1,500 pupils whose counts are binomial, with worse Fridays, a movement of the day that all share, and
 * deviations of each that last (`lasting` is the correlation from day to day; with 0.8 levels wander too).
 */
function madeUp(schools: number, lasting: number, seed: string): Part {
  const times = schools < 20 ? 20 : schools < 200 ? 4 : 1;
  const parts = Array.from({ length: times }, (_, time) =>
    quiet(schools, lasting, randomStream('made up', seed, schools, time)),
  );
  return { name: `made up, ${schools} schools, lasting ${lasting}, ${times} times`, parts };
}

function quiet(schools: number, lasting: number, chance: RandomStream): DailySeries {
  const days: Day[] = [];
  for (let day = '2022-09-05'; days.length < 380; day = daysAfter(day, 1))
    if (weekdayIndex(day) < 5) days.push(day);
  const size = schools * days.length;
  const [absencePercent, possible] = [new Float64Array(size), new Float64Array(size)];
  const shared = days.map(() => 0.15 * chance.normal());
  for (let school = 0; school < schools; school++) {
    const sessions = 2 * Math.round(100 * 15 ** chance.uniform());
    const [level, friday] = [Math.log(0.04 + 0.06 * chance.uniform()), 0.2 * chance.uniform()];
    let [own, wander] = [0, 0];
    days.forEach((day, at) => {
      own = lasting * own + 0.15 * Math.sqrt(1 - lasting ** 2) * chance.normal();
      if (lasting > 0.7) wander += 0.01 * chance.normal();
      const rate = level + own + wander + (shared[at] as number);
      const share = Math.min(0.9, Math.exp(rate + (weekdayIndex(day) === 4 ? friday : 0)));
      let absent = 0;
      for (let session = 0; session < sessions; session++)
        if (chance.uniform() < share) absent += 1;
      possible[school * days.length + at] = sessions;
      absencePercent[school * days.length + at] = (100 * absent) / sessions;
    });
  }
  return {
    names: Array.from({ length: schools }, (_, school) => ({
      ...{ school: `School ${school}`, group: '' },
      area: `Area ${school % Math.ceil(schools / 10)}`,
    })),
    ...{ days, absencePercent, possible, due: new Uint8Array(size).fill(1) },
  };
}
