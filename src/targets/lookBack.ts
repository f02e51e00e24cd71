import type { AcademicYear } from '../base/academicYear.ts';
import type { Urn } from '../base/identifiers.ts';
import { measures } from '../base/measure.ts';
import { medianOf } from '../stats/robust.ts';
import { gapsToSimilar, type SchoolToExpect } from './expectation.ts';
import type { PastGap } from './fallBack.ts';
import {
  fitForecast,
  forecastSchool,
  type MeasureForecast,
  probabilityAtOrBelow,
  type SchoolForecast,
} from './forecast.ts';
import { saysSomething } from './forecastStructure.ts';
import type { SchoolHistory } from './history.ts';
import type { SimilarGroup } from './similar.ts';

/** A past year as it would have been published before it began, beside what came. */
export type LookBack = {
  /**
   * Overall absence: outcome less forecast less the shift of the type, over the standard deviation of the school's own
   * luck.
   */
  standardisedErrors: Map<Urn, number>;
  /** With the similar schools of now: their intake is that of the nearest census, then as now. */
  gaps: PastGap[];
};

/** The last two years before `year` that enough schools know, the earlier first. */
export function lastTwoYears(
  histories: readonly SchoolHistory[],
  year: AcademicYear,
): AcademicYear[] {
  const schools = new Map<AcademicYear, number>();
  for (const { years } of histories)
    for (const known of years)
      if (known.year < year) schools.set(known.year, (schools.get(known.year) ?? 0) + 1);
  const most = Math.max(0, ...schools.values());
  return [...schools]
    .filter(([, count]) => saysSomething(count, most))
    .map(([known]) => known)
    .sort((a, b) => a - b)
    .slice(-2);
}

export function lookBack(
  histories: readonly SchoolHistory[],
  groups: ReadonlyMap<Urn, SimilarGroup>,
  origin: AcademicYear,
): LookBack {
  const known = histories.filter(({ years }) => years.some(({ year }) => year < origin));
  if (known.length === 0) return { standardisedErrors: new Map(), gaps: [] };
  const model = fitForecast(histories, origin);
  const forecasts = new Map(known.map((history) => [history.urn, forecastSchool(model, history)]));
  const outcomes = new Map(
    known.flatMap(({ urn, schoolType, years }) => {
      const outcome = years.find(({ year }) => year === origin);
      if (!outcome) return [];
      const { absencePercent, persistentPercent } = outcome;
      return [[urn, { schoolType, overall: absencePercent, persistent: persistentPercent }]];
    }),
  );
  const then = known.map((history) => {
    const years = history.years.filter(({ year }) => year < origin);
    return toExpect({ ...history, years }, forecasts, groups);
  });
  const gaps = measures.flatMap((measure) =>
    gapsToSimilar(then, measure).flatMap(({ school, gapPoints }): PastGap[] => {
      const { urn, schoolType } = school.history;
      const percent = outcomes.get(urn)?.[measure] ?? null;
      const forecast = school.forecast[measure];
      if (percent === null || forecast === null) return [];
      const missPoints = percent - forecast.percent;
      return [{ schoolType, measure, year: origin, gapPoints, missPoints }];
    }),
  );
  const misses = [...outcomes].map(([urn, { schoolType, overall }]) => {
    const forecast = (forecasts.get(urn) as SchoolForecast).overall;
    return {
      urn,
      schoolType,
      miss: overall - forecast.centralPercent,
      deviation: ownDeviation(forecast),
    };
  });
  const standardised = [...Map.groupBy(misses, (each) => each.schoolType).values()].flatMap(
    (ofType) => {
      const shift = medianOf(ofType.map((each) => each.miss)) ?? 0;
      return ofType.map(({ urn, miss, deviation }) => [urn, (miss - shift) / deviation] as const);
    },
  );
  return { standardisedErrors: new Map(standardised), gaps };
}

/** A school's standardised errors of two years, the earlier first; null where one is not known. */
export function errorsOf(urn: Urn, past: readonly LookBack[]): [number | null, number | null] {
  const [earlier, later] = past.length === 2 ? past : [undefined, past[0]];
  return [earlier?.standardisedErrors.get(urn) ?? null, later?.standardisedErrors.get(urn) ?? null];
}

export function toExpect(
  history: SchoolHistory,
  forecasts: ReadonlyMap<Urn, SchoolForecast>,
  groups: ReadonlyMap<Urn, SimilarGroup>,
): SchoolToExpect {
  const forecast = forecasts.get(history.urn) as SchoolForecast;
  const measure = (of: MeasureForecast) => ({
    percent: of.centralPercent,
    // A gap to similar schools is net of the shift that all share: only the school's own luck blurs it.
    standardDeviation: ownDeviation(of),
    probabilityAtOrBelow: (percent: number) => probabilityAtOrBelow(of, percent),
  });
  return {
    history,
    forecast: { overall: measure(forecast.overall), persistent: measure(forecast.persistent) },
    similar: groups.get(history.urn) as SimilarGroup,
  };
}

/** The width of an 80 % interval in standard deviations of a normal distribution. */
const widthOf80 = 2 * 1.2815515655446004;

function ownDeviation({ ownLuck }: MeasureForecast): number {
  return (ownLuck.upper80Percent - ownLuck.lower80Percent) / widthOf80;
}
