import type { AcademicYear } from '../base/academicYear.ts';
import { type Measure, measures } from '../base/measure.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { mean } from '../stats/quantiles.ts';
import { clipSpreads, fitComponents } from './forecastComponents.ts';
import {
  clippedTo,
  eachMeasure,
  type Known,
  knownBefore,
  type PerMeasure,
  percentOfMeasure,
  perMeasure,
  predictDeviation,
  type SizeClass,
  sizeClassOf,
  type TypeStructure,
  usualIn,
  type YearLevels,
} from './forecastPrediction.ts';
import type { SchoolHistory } from './history.ts';

/** A year counts as a sample when fewer than half of the most schools ever known are in it. */
const sampleBelow = 0.5;
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
  const counts = schoolsByYear(schools);
  if (counts.size === 0) return undefined;
  const most = Math.max(...counts.values());
  const years = [...counts.keys()].sort((a, b) => a - b);
  const isSampled = (year: AcademicYear) => (counts.get(year) ?? 0) < sampleBelow * most;

  const levels = withoutHoles(
    years.filter((year) => !isSampled(year)).map((year) => fullLevels(schools, year)),
  );
  const structure: TypeStructure = {
    schoolType,
    levels,
    ...fitComponents(schools, levels),
    areaDeviation: {},
  };
  structure.areaDeviation = fitAreas(schools, structure);
  for (const year of years.filter(isSampled))
    addLevels(structure, sampledLevels(schools, structure, year));
  return structure;
}

function schoolsByYear(schools: readonly Known[]): Map<AcademicYear, number> {
  const counts = new Map<AcademicYear, number>();
  for (const { years } of schools)
    for (const { year } of years) counts.set(year, (counts.get(year) ?? 0) + 1);
  return counts;
}

function addLevels(structure: TypeStructure, levels: YearLevels): void {
  structure.levels = [...structure.levels, levels].sort((a, b) => a.year - b.year);
}

function percentIn(school: Known, year: AcademicYear, measure: Measure): number | null {
  const known = school.years.find((each) => each.year === year);
  return known ? percentOfMeasure(known, measure) : null;
}

function percentsIn(schools: readonly Known[], year: AcademicYear, measure: Measure): number[] {
  return schools.flatMap((school) => percentIn(school, year, measure) ?? []);
}

function fullLevels(schools: readonly Known[], year: AcademicYear): YearLevels {
  const percents = measures.map((measure) => percentsIn(schools, year, measure));
  const level = perMeasure((m) => mean(percents[m] as number[]));
  const spread = perMeasure((m) =>
    spreadAround(percents[m] as number[], level[m], guessedSpread[m]),
  );
  return { year, schools: percents[0]?.length ?? 0, sampled: false, level, spread };
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
  const sample = schools.filter(({ years }) => years.some((each) => each.year === year));
  if (!base) return { ...fullLevels(sample, year), sampled: true };
  const earlier = sample.map((school) => ({
    ...school,
    years: school.years.filter((each) => each.year < year),
  }));
  const found = eachMeasure.map((m) => {
    const measure = measures[m];
    const now: number[] = [];
    const expected: number[] = [];
    const then: number[] = [];
    sample.forEach((school, i) => {
      const percent = percentIn(school, year, measure);
      const past = earlier[i] as Known;
      const last = percentIn(past, base.year, measure);
      if (percent === null || last === null) return;
      now.push(percent);
      then.push(last);
      expected.push(predictDeviation(before, past, year).measures[m].deviation);
    });
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
  const sizes = schools.map((school) => sizeClassOf(structure, school.logEnrolments));
  const areas: Record<string, PerMeasure> = {};
  for (const m of eachMeasure) {
    const sums = new Map<string, { schools: number; sum: number }>();
    schools.forEach((school, i) => {
      const beyond = school.years.flatMap((year) => {
        const levels = recent.get(year.year);
        const percent = percentOfMeasure(year, measures[m]);
        if (!levels || percent === null) return [];
        const usual = usualIn(sizes[i] as SizeClass, year.year)[m];
        return [clippedTo(clipSpreads, (percent - levels.level[m]) / levels.spread[m] - usual)];
      });
      if (beyond.length === 0) return;
      const area = sums.get(school.laCode) ?? { schools: 0, sum: 0 };
      area.schools += 1;
      area.sum += mean(beyond);
      sums.set(school.laCode, area);
    });
    const within = mean(
      structure.sizeClasses.map(
        ({ lasting, wandering, passing }) =>
          lasting[m][m] + wandering[m][m] + passing[m][m] / yearsForAreas,
      ),
    );
    let squares = 0;
    let count = 0;
    for (const area of sums.values()) {
      squares += area.sum ** 2 / area.schools;
      count += area.schools;
    }
    const between = count > 0 ? Math.max(0, (squares - sums.size * within) / count) : 0;
    for (const [laCode, area] of sums) {
      const trust = between / (between + within / area.schools);
      const deviation = areas[laCode] ?? [0, 0];
      deviation[m] = (trust * area.sum) / area.schools;
      areas[laCode] = deviation;
    }
  }
  return areas;
}
