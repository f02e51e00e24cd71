import type { Urn } from '../base/identifiers.ts';
import type { Measure } from '../base/measure.ts';
import type { Expectation, SchoolToExpect } from './expectation.ts';
import { type ForecastModel, forecastSchool } from './forecast.ts';
import type { SchoolHistory } from './history.ts';
import type { MeasureWithoutYear, WithoutYear } from './issued.ts';
import { toExpect } from './lookBack.ts';
import type { SimilarGroup } from './similar.ts';

/**
 * What would be said of a school if its last known year were not known, all other schools being as they are: for a year
 * that a shock made unlike the others. The model is the one fitted on all of them; a year that is missing needs no rule of
 * its own in it, and the forecast is the less sure. Undefined where no other year of the school is known.
 */
export function withoutLastYear(
  history: SchoolHistory,
  fitted: {
    model: ForecastModel;
    groups: ReadonlyMap<Urn, SimilarGroup>;
    expect: (school: SchoolToExpect) => Expectation;
  },
): WithoutYear | undefined {
  const last = history.years.at(-1);
  if (!last || history.years.length < 2) return undefined;
  const without = { ...history, years: history.years.slice(0, -1) };
  const forecast = forecastSchool(fitted.model, without);
  const expectation = fitted.expect(
    toExpect(without, new Map([[without.urn, forecast]]), fitted.groups),
  );
  const measure = (of: Measure): MeasureWithoutYear => ({
    forecastPercent: forecast[of].centralPercent,
    lower80Percent: forecast[of].lower80Percent,
    upper80Percent: forecast[of].upper80Percent,
    expectationPercent: expectation[of]?.expectationPercent ?? null,
  });
  return { year: last.year, overall: measure('overall'), persistent: measure('persistent') };
}
