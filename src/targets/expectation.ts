import { type AcademicYear, academicYear } from '../base/academicYear.ts';
import type { Urn } from '../base/identifiers.ts';
import type { Measure } from '../base/measure.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { medianOf, quantileOf, robustDeviationOf } from '../stats/robust.ts';
import {
  type AchievedRule,
  type AchievedRules,
  achievedBy,
  learnAchieved,
  netChanges,
  percentIn,
} from './achieved.ts';
import { type FallBack, noFallBack } from './fallBack.ts';
import type { SchoolHistory } from './history.ts';
import { fewestSimilarSchools, type SimilarGroup } from './similar.ts';

/**
 * The expectation: the least improvement a school is asked for in a year, and the ladder of ambition above it.
 *
 * In one sentence: we ask for what closes the school's gap to similar schools, as far as the gap is more than luck, but
 * for no more than the best quarter of those schools really achieved in a year; and for at least 2% and at most 10% less
 * absence than would come anyway. docs/expectation.md says where each number comes from.
 */

/** The least and the most that is asked of overall absence, as parts of the forecast. Of persistent absence: times how much more it moves. */
export const leastAsked = 0.02;
export const mostAsked = 0.1;
/** The part of a gap that counts where too few schools are known to tell (see `gapSpreadOf`). */
export const gapPartWithFewSchools = 0.5;
/** Persistent absence is asked to move in step with overall absence, within these parts of its usual step. */
export const stepWithOverall = { least: 0.5, most: 1.5 };

/** The last year before the pandemic whose absence was published for the whole year. */
const lastPrePandemicYear = academicYear(2018);
const firstPandemicYear = academicYear(2019);
const fewestSchoolsForSpread = 30;

/** What the forecast of one school and measure must say. Percentages 0–100, for the year of the expectation. */
export type ForecastOfMeasure = {
  percent: number;
  /** Of the whole forecast error, in points. */
  standardDeviation: number;
  /** The probability that the outcome is at or below a percentage. */
  probabilityAtOrBelow: (percent: number) => number;
};

export type SchoolToExpect = {
  /** With the years known before the year of the expectation, and no others. */
  history: SchoolHistory;
  forecast: Record<Measure, ForecastOfMeasure | null>;
  similar: SimilarGroup;
};

/** What similar schools achieve: their median in the last known year, drawn a little towards their type where they differ much. */
export type Context = {
  percent: number;
  /** The median as it is, before it is drawn. */
  medianPercent: number;
  /** How uncertain it is: standard error in points. */
  standardError: number;
  /** How many similar schools with a known figure it rests on. */
  schools: number;
  year: AcademicYear;
};

/** Which part of the rule decided. */
export type Decided = 'gap' | 'achieved' | 'least' | 'most' | 'in-step-with-overall' | 'no-group';

export type MeasureExpectation = {
  forecastPercent: number;
  expectationPercent: number;
  /** Forecast minus expectation; ≥ 0. */
  improvementFromForecast: number;
  /** Last known minus expectation; null when no year is known. Can be below 0 where absence rises everywhere. */
  improvementPoints: number | null;
  lastKnownPercent: number | null;
  lastKnownYear: AcademicYear | null;
  /** Of coming out at or below the expectation if nothing special happens, the gap falling back as such gaps do. */
  probabilityMetByChance: number;
  context: Context | null;
  /** Forecast minus context carried forward by the shift of the type; positive = more absence than similar schools. */
  gapPoints: number | null;
  /** The part of the gap that is more than luck, 0–1. */
  gapPart: number | null;
  /** What the best quarter of the similar schools really achieved in a year. */
  achievedPoints: number | null;
  leastPoints: number;
  mostPoints: number;
  decided: Decided;
};

/** Overall absence on the rungs above the minimum; null = not known or not applicable. */
export type Ladder = {
  bestQuarterOfSimilarPercent: number | null;
  laAveragePercent: number | null;
  prePandemicPercent: number | null;
  prePandemicYear: AcademicYear | null;
  /** The year of the similar schools' and the authority's figures. */
  comparedInYear: AcademicYear | null;
};

export type Expectation = {
  urn: Urn;
  year: AcademicYear;
  overall: MeasureExpectation | null;
  persistent: MeasureExpectation | null;
  ladder: Ladder;
};

/** Null where the total is published but hidden. */
export type LaAverages = Map<string, number | null>;

/** The key of `LaAverages`: one authority and school type. */
export function laAverageKey(laCode: string, schoolType: SchoolType): string {
  return `${laCode} ${schoolType}`;
}

/**
 * The expectations of all schools for `year`, in the order of URN; does not depend on the order of `schools`.
 * `laAverages` are the published ones, of all schools of the year; where none is given, the schools known here are pooled.
 */
export function setExpectations(
  schools: readonly SchoolToExpect[],
  year: AcademicYear,
  options: ExpectationOptions = {},
): Expectation[] {
  const sorted = [...schools].sort((a, b) => a.history.urn - b.history.urn);
  return sorted.map(expectationRule(sorted, year, options));
}

type ExpectationOptions = {
  achieved?: AchievedRules;
  laAverages?: LaAverages;
  fallBack?: FallBack;
};

/**
 * How the expectation of a school follows from its forecast and its similar schools, all other schools being as they are.
 * It can be asked of a school with another forecast than the one it has.
 */
export function expectationRule(
  schools: readonly SchoolToExpect[],
  year: AcademicYear,
  options: ExpectationOptions = {},
): (school: SchoolToExpect) => Expectation {
  const sorted = [...schools].sort((a, b) => a.history.urn - b.history.urn);
  const histories = sorted.map(({ history }) => history);
  const late = histories.find((history) => history.years.some((known) => known.year >= year));
  if (late) throw new RangeError(`setExpectations: school ${late.urn} knows its year ${year}`);

  const achieved = options.achieved ?? learnAchieved(histories);
  const fallBack = options.fallBack ?? noFallBack;
  const references = referenceYears(histories);
  const pooled = laAveragesOf(histories, references);
  const inputsOf = (measure: Measure) => measureInputs(sorted, measure, references);
  const inputs = { overall: inputsOf('overall'), persistent: inputsOf('persistent') };
  const changesOf = {
    overall: changesBySchool(histories, 'overall'),
    persistent: changesBySchool(histories, 'persistent'),
  };

  return (school) => {
    const { urn, schoolType, laCode } = school.history;
    const rules = achieved[schoolType];
    const fallsBack = fallBack[schoolType];
    const basisOf = (measure: Measure): Basis => ({
      rule: rules[measure],
      inputs: inputs[measure],
      changesOf: changesOf[measure],
    });
    const overall = expectMeasure(school, 'overall', basisOf('overall'), {
      least: leastAsked,
      most: mostAsked,
      fallsBack: fallsBack.overall,
    });
    const persistent = expectMeasure(school, 'persistent', basisOf('persistent'), {
      ...persistentLimits(rules, overall),
      fallsBack: fallsBack.persistent,
    });
    const key = laAverageKey(laCode, schoolType);
    return {
      urn,
      year,
      overall,
      persistent,
      ladder: {
        bestQuarterOfSimilarPercent: bestQuarter(school.similar, inputs.overall),
        laAveragePercent:
          (options.laAverages?.has(key) ? options.laAverages : pooled).get(key) ?? null,
        ...prePandemic(school.history, year),
        comparedInYear: references.get(schoolType) ?? null,
      },
    };
  };
}

function changesBySchool(
  histories: readonly SchoolHistory[],
  measure: Measure,
): Map<Urn, number[]> {
  const changes = netChanges(histories, measure);
  return new Map(
    changes.entries().map(([urn, ofSchool]) => [urn, ofSchool.map(({ points }) => points)]),
  );
}

/** The year in which the schools of each type are compared. */
export type ReferenceYears = Map<SchoolType, AcademicYear>;

/** Fewer schools of a type than this with a figure, and a year is too thinly known to compare schools in. */
const fewestSchoolsForReference = 20;

/** Per school type, the last year that enough of its schools know; where none is, the last that any knows. */
export function referenceYears(histories: readonly SchoolHistory[]): ReferenceYears {
  const references: ReferenceYears = new Map();
  for (const [schoolType, ofType] of Map.groupBy(histories, (history) => history.schoolType)) {
    const all = ofType.flatMap(({ years }) => years);
    const published = all.filter((known) => !known.fromRegisters);
    const counts = new Map<AcademicYear, number>();
    for (const { year } of published.length > 0 ? published : all) {
      counts.set(year, (counts.get(year) ?? 0) + 1);
    }
    const latest = [...counts.keys()].sort((a, b) => b - a);
    const enough = latest.find((year) => (counts.get(year) ?? 0) >= fewestSchoolsForReference);
    const reference = enough ?? latest[0];
    if (reference !== undefined) references.set(schoolType, reference);
  }
  return references;
}

/** What is the same for every school of a type, and every school's last known figure, for one measure. */
type MeasureInputs = {
  /** In the reference year of the type. */
  percentOf: Map<Urn, number>;
  contextOf: Map<Urn, Context>;
  /** Median of forecast minus last known: what the forecasts say of the type as a whole. */
  shiftOf: Map<SchoolType, number>;
  /** Standard deviation of the gaps of the type; undefined where too few schools are known. */
  gapSpreadOf: Map<SchoolType, number | undefined>;
};

function measureInputs(
  schools: SchoolToExpect[],
  measure: Measure,
  references: ReferenceYears,
): MeasureInputs {
  const percentOf = new Map<Urn, number>();
  for (const { history } of schools) {
    const reference = references.get(history.schoolType);
    const known = history.years.find((each) => each.year === reference);
    const percent = known ? percentIn(known, measure) : null;
    if (percent !== null) percentOf.set(history.urn, percent);
  }
  const byType = Map.groupBy(schools, ({ history }) => history.schoolType);
  const contextOf = new Map<Urn, Context>();
  const shiftOf = new Map<SchoolType, number>();
  const gapSpreadOf = new Map<SchoolType, number | undefined>();
  for (const [schoolType, ofType] of byType) {
    const contexts = contextsOf(ofType, percentOf, references.get(schoolType) ?? 0);
    const shift =
      medianOf(
        ofType.flatMap(({ history, forecast }) => {
          const last = percentOf.get(history.urn);
          const coming = forecast[measure];
          return last === undefined || coming === null ? [] : [coming.percent - last];
        }),
      ) ?? 0;
    const gaps = ofType.flatMap(({ history, forecast }) => {
      const context = contexts.get(history.urn);
      const coming = forecast[measure];
      return context && coming ? [coming.percent - context.percent - shift] : [];
    });
    for (const [urn, context] of contexts) contextOf.set(urn, context);
    shiftOf.set(schoolType, shift);
    gapSpreadOf.set(
      schoolType,
      gaps.length < fewestSchoolsForSpread ? undefined : robustDeviationOf(gaps),
    );
  }
  return { percentOf, contextOf, shiftOf, gapSpreadOf };
}

/** Forecast minus context carried forward by the shift of the type; null where either is not known. */
function gapOf(
  { history, forecast }: SchoolToExpect,
  measure: Measure,
  { contextOf, shiftOf }: MeasureInputs,
): number | null {
  const coming = forecast[measure];
  const context = contextOf.get(history.urn);
  if (!coming || !context) return null;
  return coming.percent - context.percent - (shiftOf.get(history.schoolType) ?? 0);
}

/** The gap of each school to its similar schools, in points, as `setExpectations` finds it. */
export function gapsToSimilar(
  schools: SchoolToExpect[],
  measure: Measure,
): { school: SchoolToExpect; gapPoints: number }[] {
  const references = referenceYears(schools.map(({ history }) => history));
  const inputs = measureInputs(schools, measure, references);
  return schools.flatMap((school) => {
    const gapPoints = gapOf(school, measure, inputs);
    return gapPoints === null ? [] : [{ school, gapPoints }];
  });
}

/**
 * The median of each school's similar schools, shrunk towards the median of all such medians of the type by how
 * uncertain it is (empirical Bayes: between-group variance over between-group plus its own), but by no more than one
 * standard error (limited translation, Efron and Morris 1972): groups unlike the rest of their type keep their level.
 */
function contextsOf(
  schools: SchoolToExpect[],
  percentOf: Map<Urn, number>,
  reference: AcademicYear,
): Map<Urn, Context> {
  const raw = schools.flatMap(({ history, similar }) => {
    const percents = similar.similar.flatMap(({ urn }) => percentOf.get(urn) ?? []);
    const median = medianOf(percents);
    if (median === undefined || percents.length < fewestSimilarSchools) return [];
    // A median's standard error is 1.25 times a mean's where values are about normal.
    const standardError =
      (1.2533 * (robustDeviationOf(percents) ?? 0)) / Math.sqrt(percents.length);
    return [{ urn: history.urn, median, standardError, schools: percents.length }];
  });
  const medians = raw.map(({ median }) => median);
  const centre = medianOf(medians) ?? 0;
  const averageSquaredError =
    raw.reduce((sum, { standardError }) => sum + standardError ** 2, 0) / Math.max(1, raw.length);
  const between = Math.max(0, (robustDeviationOf(medians) ?? 0) ** 2 - averageSquaredError);
  const tooFew = raw.length < fewestSchoolsForSpread;
  return new Map(
    raw.map(({ urn, median, standardError, schools: count }) => {
      const kept = tooFew || standardError === 0 ? 1 : between / (between + standardError ** 2);
      const wanted = (1 - kept) * (centre - median);
      const moved = Math.max(-standardError, Math.min(standardError, wanted));
      const percent = median + moved;
      return [
        urn,
        { percent, medianPercent: median, standardError, schools: count, year: reference },
      ];
    }),
  );
}

/** What an expectation of one measure rests on besides the school itself. */
type Basis = {
  rule: AchievedRule;
  inputs: MeasureInputs;
  /** Each school's yearly changes net of its type's, points. */
  changesOf: ReadonlyMap<Urn, readonly number[]>;
};

type Limits = {
  /** Parts of the forecast. */
  least: number;
  most: number;
  /** Set where the limits follow from what is asked of overall absence. */
  inStep?: { least: number; most: number };
};

function expectMeasure(
  school: SchoolToExpect,
  measure: Measure,
  { rule, inputs, changesOf }: Basis,
  limits: Limits & { fallsBack: number },
): MeasureExpectation | null {
  const { history, similar } = school;
  const forecast = school.forecast[measure];
  if (forecast === null) return null;
  const context = inputs.contextOf.get(history.urn) ?? null;
  const leastPoints = limits.least * forecast.percent;
  const mostPoints = limits.most * forecast.percent;

  const gapPoints = gapOf(school, measure, inputs);
  let gapPart: number | null = null;
  let achievedPoints: number | null = null;
  let asked = 0;
  let decided: Decided = 'no-group';
  if (context && gapPoints !== null) {
    gapPart = gapPartOf(
      inputs.gapSpreadOf.get(history.schoolType),
      forecast.standardDeviation ** 2 + context.standardError ** 2,
    );
    const changes = similar.similar.flatMap(({ urn }) => changesOf.get(urn) ?? []);
    achievedPoints = achievedBy(changes, rule, context.percent);
    const luckFreeGap = gapPart * gapPoints;
    asked = Math.min(luckFreeGap, achievedPoints);
    decided = luckFreeGap <= achievedPoints ? 'gap' : 'achieved';
  }
  const limited = withinLimits(asked, decided, forecast.percent, limits);
  const expectationPercent = Math.max(0, forecast.percent - limited.points);
  const last = lastKnown(history, measure);
  return {
    forecastPercent: forecast.percent,
    expectationPercent,
    improvementFromForecast: forecast.percent - expectationPercent,
    improvementPoints: last ? last.percent - expectationPercent : null,
    lastKnownPercent: last?.percent ?? null,
    lastKnownYear: last?.year ?? null,
    // Not below 0: what would fall below it stands at 0, and is met.
    probabilityMetByChance: forecast.probabilityAtOrBelow(
      Math.max(0, expectationPercent + pointsFallenBack(gapPoints, limits.fallsBack, forecast)),
    ),
    context,
    gapPoints,
    gapPart,
    achievedPoints,
    leastPoints,
    mostPoints,
    decided: limited.decided,
  };
}

/** Of schools near 0 % little can be said: at most half a standard deviation of the forecast falls back. */
function pointsFallenBack(
  gapPoints: number | null,
  part: number,
  { standardDeviation }: ForecastOfMeasure,
): number {
  const furthest = standardDeviation / 2;
  return Math.max(-furthest, Math.min(furthest, part * (gapPoints ?? 0)));
}

/** Keeps what is asked in step with overall absence first, then between the least and the most. */
function withinLimits(
  asked: number,
  decided: Decided,
  forecastPercent: number,
  { least, most, inStep }: Limits,
): { points: number; decided: Decided } {
  let points = asked;
  let by = decided;
  const hold = (low: number, high: number, below: Decided, above: Decided) => {
    if (points < low * forecastPercent) {
      points = low * forecastPercent;
      if (by !== 'no-group') by = below;
    } else if (points > high * forecastPercent) {
      points = high * forecastPercent;
      by = above;
    }
  };
  if (inStep) hold(inStep.least, inStep.most, 'in-step-with-overall', 'in-step-with-overall');
  hold(least, most, 'least', 'most');
  return { points, decided: by };
}

/** How far a gap is to be believed: the spread of gaps among schools of the type against the uncertainty of this one. */
function gapPartOf(spread: number | undefined, variance: number): number {
  if (spread === undefined) return gapPartWithFewSchools;
  return spread === 0 ? 0 : spread ** 2 / (spread ** 2 + variance);
}

/** Persistent absence moves more than overall absence, by a measured factor; what is asked of it follows. */
function persistentLimits(
  rules: Record<Measure, AchievedRule>,
  overall: MeasureExpectation | null,
): Limits {
  const step = rules.persistent.bestQuarterPart / rules.overall.bestQuarterPart;
  const limits = { least: step * leastAsked, most: Math.min(1, step * mostAsked) };
  if (!overall || overall.forecastPercent <= 0) return limits;
  const partAsked = overall.improvementFromForecast / overall.forecastPercent;
  return {
    ...limits,
    inStep: {
      least: stepWithOverall.least * step * partAsked,
      most: stepWithOverall.most * step * partAsked,
    },
  };
}

function lastKnown(
  history: SchoolHistory,
  measure: Measure,
): { year: AcademicYear; percent: number } | null {
  for (const known of history.years.toReversed()) {
    const percent = percentIn(known, measure);
    if (percent !== null) return { year: known.year, percent };
  }
  return null;
}

function bestQuarter({ similar }: SimilarGroup, { percentOf }: MeasureInputs): number | null {
  const percents = similar.flatMap(({ urn }) => percentOf.get(urn) ?? []);
  if (percents.length < fewestSimilarSchools) return null;
  return quantileOf(percents, 0.25) ?? null;
}

/** Pooled absence of an authority's schools of a type in its reference year: sessions missed over sessions possible, in percent. */
export function laAveragesOf(
  histories: readonly SchoolHistory[],
  references: ReferenceYears,
): LaAverages {
  const sums = new Map<string, { missed: number; possible: number } | null>();
  for (const { laCode, schoolType, years } of histories) {
    const known = years.find((each) => each.year === references.get(schoolType));
    if (!known) continue;
    const key = laAverageKey(laCode, schoolType);
    const sum = sums.get(key) === undefined ? { missed: 0, possible: 0 } : sums.get(key);
    // One school without sessions, and the authority's rate cannot be pooled.
    if (sum && known.sessionsPossible !== null) {
      sum.possible += known.sessionsPossible;
      sum.missed += (known.absencePercent / 100) * known.sessionsPossible;
      sums.set(key, sum);
    } else sums.set(key, null);
  }
  return new Map(
    sums
      .entries()
      .flatMap(([key, sum]) =>
        sum && sum.possible > 0 ? [[key, (100 * sum.missed) / sum.possible]] : [],
      ),
  );
}

/** A school's own level before the pandemic; nothing when the expectation itself is for a year before it. */
function prePandemic(
  history: SchoolHistory,
  year: AcademicYear,
): Pick<Ladder, 'prePandemicPercent' | 'prePandemicYear'> {
  const before =
    year < firstPandemicYear
      ? undefined
      : history.years.findLast((known) => known.year <= lastPrePandemicYear);
  return {
    prePandemicPercent: before?.absencePercent ?? null,
    prePandemicYear: before?.year ?? null,
  };
}
