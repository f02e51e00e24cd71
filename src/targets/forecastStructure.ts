import type { AcademicYear } from '../base/academicYear.ts';
import { type Measure, measures } from '../base/measure.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { mean } from '../stats/quantiles.ts';
import { clipSpreads, fitComponents } from './forecastComponents.ts';
import {
  clippedTo,
  deviationPredictor,
  eachMeasure,
  type Known,
  knownBefore,
  type PerMeasure,
  percentOfMeasure,
  perMeasure,
  type TypeStructure,
  usualForSize,
  type YearLevels,
} from './forecastPrediction.ts';
import type { SchoolHistory } from './history.ts';

/** A year counts as a sample when fewer than half of the most schools ever known are in it. */
const sampleBelow = 0.5;
/** A few rows of a year say nothing of all schools: with fewer, or a smaller share of the most ever known, it is not known. */
const fewestInSample = { schools: 100, share: 0.02 };
/** Weight, in schools, of the guess of a year's spread, and the guess as a share of the level. */
const guessSchools = 5;
const guessedSpread: PerMeasure = [0.25, 0.5];
/** An authority is judged by this many of the last full years. */
const yearsForAreas = 3;

/**
 * @param histories of one type, in any order; years from `before` on are not looked at.
 * @returns undefined when no year is known.
 */
export function fitStructure(
  schoolType: SchoolType,
  histories: readonly SchoolHistory[],
  before: AcademicYear,
): TypeStructure | undefined {
  const schools = histories.map((history) => knownBefore(history, before));
  const percents = percentsByYear(schools);
  if (percents.size === 0) return undefined;
  const counts = [...percents.values()].map(([overall]) => overall.length);
  const most = Math.max(...counts);
  const years = [...percents.keys()]
    .filter((year) => saysSomething(percents.get(year)?.[0].length ?? 0, most))
    .sort((a, b) => a - b);
  const isSampled = (year: AcademicYear) =>
    (percents.get(year)?.[0].length ?? 0) < sampleBelow * most;

  const levels = withoutHoles(
    years
      .filter((year) => !isSampled(year))
      .map((year) => fullLevels(year, percents.get(year) as YearPercents)),
  );
  const structure: TypeStructure = {
    schoolType,
    levels,
    ...fitComponents(schools, levels),
    areaDeviation: {},
    carried: [],
  };
  structure.areaDeviation = fitAreas(schools, structure);
  for (const year of years.filter(isSampled))
    addLevels(structure, sampledLevels(schools, structure, year));
  structure.carried = carriedLevels(schools, structure.levels);
  return structure;
}

/** Years of schools’ own registers after the last that is known of all, each with its level. */
function carriedLevels(schools: readonly Known[], levels: readonly YearLevels[]): YearLevels[] {
  const last = levels.at(-1);
  if (!last) return [];
  const own = new Map<AcademicYear, number>();
  for (const { years } of schools) {
    for (const { year, fromRegisters } of years) {
      if (fromRegisters && year > last.year) own.set(year, (own.get(year) ?? 0) + 1);
    }
  }
  return [...own]
    .sort(([a], [b]) => a - b)
    .map(([year, count]) => ({ ...last, year, schools: count, sampled: true }));
}

/** Whether so many schools of a year, of the most known in any, say anything of all schools. */
export function saysSomething(schools: number, most: number): boolean {
  const isFull = schools >= sampleBelow * most;
  return isFull || (schools >= fewestInSample.schools && schools >= fewestInSample.share * most);
}

/** Every known percent of a year, overall and persistent, in the order of the schools. */
type YearPercents = [overall: number[], persistent: number[]];

function percentsByYear(schools: readonly Known[]): Map<AcademicYear, YearPercents> {
  const byYear = new Map<AcademicYear, YearPercents>();
  for (const { years } of schools)
    for (const known of years) {
      let percents = byYear.get(known.year);
      if (!percents) byYear.set(known.year, (percents = [[], []]));
      percents[0].push(known.absencePercent);
      if (known.persistentPercent !== null) percents[1].push(known.persistentPercent);
    }
  return byYear;
}

function addLevels(structure: TypeStructure, levels: YearLevels): void {
  structure.levels = [...structure.levels, levels].sort((a, b) => a.year - b.year);
}

function percentIn(school: Known, year: AcademicYear, measure: Measure): number | null {
  const known = school.years.find((each) => each.year === year);
  return known ? percentOfMeasure(known, measure) : null;
}

function fullLevels(year: AcademicYear, percents: YearPercents): YearLevels {
  const level = perMeasure((m) => mean(percents[m]));
  const spread = perMeasure((m) => spreadAround(percents[m], level[m], guessedSpread[m]));
  return { year, schools: percents[0].length, sampled: false, level, spread };
}

/** A year in which nobody's figure of a measure is known has the level and spread of the nearest year before, else after. */
function withoutHoles(levels: readonly YearLevels[]): YearLevels[] {
  const standIn = (index: number, m: 0 | 1) => {
    const known = (each: YearLevels) => Number.isFinite(each.level[m]);
    return levels.slice(0, index + 1).findLast(known) ?? levels.slice(index).find(known);
  };
  return levels.map((each, index) => ({
    ...each,
    level: perMeasure((m) => standIn(index, m)?.level[m] ?? Number.NaN),
    spread: perMeasure((m) => standIn(index, m)?.spread[m] ?? Number.NaN),
  }));
}

/** Standard deviation around the level with far-out schools drawn in, and a guess that counts as a few schools. */
function spreadAround(values: readonly number[], level: number, guessedShare: number): number {
  const guessed = Math.max(guessedShare * level, 0.01);
  let spread = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4; round++) {
    const limit = clipSpreads * spread;
    let sum = guessSchools * guessed ** 2;
    for (const value of values) sum += Math.min(Math.abs(value - level), limit) ** 2;
    spread = Math.sqrt(sum / (values.length + guessSchools));
  }
  return spread;
}

/**
 * A year known for a sample only: the sample's schools need not be typical, so the level of all schools is what the
 * sample shows less what those schools' own past says of them; the spread grows as the sample's own did.
 */
function sampledLevels(
  schools: readonly Known[],
  structure: TypeStructure,
  year: AcademicYear,
): YearLevels {
  const before = { ...structure, levels: structure.levels.filter((each) => each.year < year) };
  const base = before.levels.at(-1);
  const predict = deviationPredictor(before, year);
  const sample = schools.filter(({ years }) => years.some((each) => each.year === year));
  if (!base) {
    const percents = percentsByYear(sample).get(year) as YearPercents;
    return { ...fullLevels(year, percents), sampled: true };
  }
  const found = eachMeasure.map((m) => {
    const measure = measures[m];
    const now: number[] = [];
    const expected: number[] = [];
    const then: number[] = [];
    for (const school of sample) {
      const percent = percentIn(school, year, measure);
      const last = percentIn(school, base.year, measure);
      if (percent === null || last === null) continue;
      now.push(percent);
      then.push(last);
      expected.push(predict(school).measures[m].deviation);
    }
    const baseSpread = base.spread[m];
    if (now.length === 0) return { level: base.level[m], spread: baseSpread };
    const share = guessedSpread[m];
    const growth = spreadAround(now, mean(now), share) / spreadAround(then, mean(then), share);
    const spread = baseSpread * growth;
    return { level: mean(now) - spread * mean(expected), spread };
  });
  return {
    year,
    schools: sample.length,
    sampled: true,
    level: found.map(({ level }) => level) as PerMeasure,
    spread: found.map(({ spread }) => spread) as PerMeasure,
  };
}

// ---- authorities ----

/** Mean deviation of an authority's schools over the last years, shrunk by how much chance alone would give. */
function fitAreas(schools: readonly Known[], structure: TypeStructure): Record<string, PerMeasure> {
  const recent = new Map(structure.levels.slice(-yearsForAreas).map((each) => [each.year, each]));
  const sums = new Map<string, { schools: PerMeasure; sum: PerMeasure }>();
  for (const { laCode, logEnrolments, years } of schools) {
    const beyond: PerMeasure = [0, 0];
    const count: PerMeasure = [0, 0];
    for (const known of years) {
      const levels = recent.get(known.year);
      if (!levels) continue;
      const usual = usualForSize(structure.sizeClasses, logEnrolments, known.year);
      for (const m of eachMeasure) {
        const percent = percentOfMeasure(known, measures[m]);
        if (percent === null) continue;
        const deviation = (percent - levels.level[m]) / levels.spread[m] - usual[m];
        beyond[m] += clippedTo(clipSpreads, deviation);
        count[m] += 1;
      }
    }
    let area = sums.get(laCode);
    if (!area) {
      area = { schools: [0, 0], sum: [0, 0] };
      sums.set(laCode, area);
    }
    for (const m of eachMeasure) {
      if (count[m] === 0) continue;
      area.schools[m] += 1;
      area.sum[m] += beyond[m] / count[m];
    }
  }
  const areas = [...sums];
  const shrunk = eachMeasure.map((m) => {
    const within = mean(
      structure.sizeClasses.map(
        ({ lasting, wandering, passing }) =>
          lasting[m][m] + wandering[m][m] + passing[m][m] / yearsForAreas,
      ),
    );
    const known = areas.map(([, area]) => ({ schools: area.schools[m], sum: area.sum[m] }));
    let squares = 0;
    let count = 0;
    for (const area of known) {
      if (area.schools > 0) squares += area.sum ** 2 / area.schools - within;
      count += area.schools;
    }
    const between = count > 0 ? Math.max(0, squares / count) : 0;
    return known.map((area) => (between * area.sum) / (between * area.schools + within));
  });
  return Object.fromEntries(
    areas.map(([laCode], index) => [laCode, perMeasure((m) => shrunk[m]?.[index] as number)]),
  );
}
