import { type Static, Type } from 'typebox';
import { apiRoute, type Route } from '../access/index.ts';
import { dayInEngland } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import {
  countShape,
  dateShape,
  orNull,
  percentShape,
  schoolTypeShape,
  shape,
  timePeriodShape,
  urnShape,
} from '../base/shapes.ts';
import { type Directories, subjectOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import type { FitSummary, Issued, MeasureSummary } from './issued.ts';
import { findSuggestions, type SetAside, type StandingSuggestion } from './overrule.ts';
import { newestFit } from './show.ts';
import { overruleReasons, suggestionKinds } from './suggestion.ts';

const percent = orNull(percentShape);
const points = orNull(Type.Number({ description: 'percentage points' }));
const probability = orNull(Type.Number({ minimum: 0, maximum: 1 }));
/** A forecast may reach beyond 0–100 before it is cut; what is issued is as `targets publish` writes it. */
const forecast = orNull(Type.Number({ description: 'a percentage' }));

const figuresShape = shape(
  'IssuedFigures',
  {
    urn: urnShape,
    laestab: orNull(Type.Integer()),
    school_name: Type.String(),
    la_code: Type.String(),
    school_type: schoolTypeShape,
    time_period: timePeriodShape,
    history_years: countShape,
    last_known_period: orNull(timePeriodShape),
    last_absence_percent: percent,
    last_persistent_percent: percent,
    forecast_absence_percent: forecast,
    forecast_absence_lower_80: forecast,
    forecast_absence_upper_80: forecast,
    forecast_absence_lower_95: forecast,
    forecast_absence_upper_95: forecast,
    forecast_persistent_percent: forecast,
    forecast_persistent_lower_80: forecast,
    forecast_persistent_upper_80: forecast,
    forecast_persistent_lower_95: forecast,
    forecast_persistent_upper_95: forecast,
    context_absence_percent: percent,
    context_persistent_percent: percent,
    expectation_absence_percent: percent,
    expectation_persistent_percent: percent,
    improvement_absence_points: points,
    improvement_persistent_points: points,
    probability_absence_met_by_chance: probability,
    probability_persistent_met_by_chance: probability,
    ladder_similar_best_quarter_percent: percent,
    ladder_la_average_percent: percent,
    ladder_pre_pandemic_percent: percent,
    similar_count: countShape,
    similar_urns: Type.String({ description: 'URNs with ; between' }),
    learn_from_urns: Type.String({ description: 'URNs with ; between' }),
    no_match_reason: orNull(Type.String()),
  },
  { description: 'The columns of ./rollcall targets publish.' },
);

const explanationShape = shape('Explanation', {
  reasons: Type.Array(Type.String(), { description: 'why, in plain English' }),
  similar: Type.Array(
    shape('SimilarSchool', {
      urn: urnShape,
      school_name: Type.String(),
      la_name: Type.String(),
      distance: Type.Number({ minimum: 0 }),
      differences: Type.Array(Type.String(), { description: 'largest first' }),
    }),
    { description: 'schools with a similar intake, nearest first' },
  ),
  learn_from: Type.Array(
    shape('SchoolToLearnFrom', {
      urn: urnShape,
      school_name: Type.String(),
      la_name: Type.String(),
      kilometres: Type.Number({ minimum: 0, description: 'in a straight line' }),
      chance_under_forecast: Type.Number({ minimum: 0, maximum: 1 }),
    }),
  ),
  none_to_learn_from_reason: orNull(Type.String()),
  intake_census_on: orNull(dateShape),
  pre_pandemic_period: orNull(timePeriodShape),
  compared_in_period: orNull(timePeriodShape),
  caution: orNull(Type.String()),
  rests_on: Type.String(),
});

const setAsideShape = shape(
  'SetAside',
  {
    on: dateShape,
    by_role: Type.String({ description: 'the position of whoever set it aside' }),
    by_person: orNull(Type.Integer({ description: 'their number here' })),
    by_operator: Type.Boolean({ description: 'entered at the command line in their name' }),
    because: Type.String({ description: Object.keys(overruleReasons).join(', ') }),
    shock_period: orNull(timePeriodShape),
    reason: Type.String(),
    issued_again_since: Type.Boolean(),
    without_shock_period: orNull(
      shape(
        'WithoutPeriod',
        {
          forecast_absence_percent: percentShape,
          forecast_absence_lower_80: percentShape,
          forecast_absence_upper_80: percentShape,
          expectation_absence_percent: percent,
          forecast_persistent_percent: percentShape,
          forecast_persistent_lower_80: percentShape,
          forecast_persistent_upper_80: percentShape,
          expectation_persistent_percent: percent,
        },
        { description: 'worked out without the year of the shock; not issued' },
      ),
    ),
  },
  { description: 'What the school said of a suggestion. What was issued stays as it was.' },
);

const suggestionShape = shape('Suggestion', {
  suggestion: Type.String({
    description: `${Object.keys(suggestionKinds).join(', ')}; the last two with a URN after a colon`,
  }),
  says: Type.String(),
  rests_on: Type.Array(Type.String(), { description: 'what went into it; never empty' }),
  set_aside: orNull(setAsideShape),
});

const driftShape = shape(
  'Drift',
  {
    lower_80_points: Type.Number(),
    upper_80_points: Type.Number(),
    lower_95_points: Type.Number(),
    upper_95_points: Type.Number(),
    past: Type.Array(
      shape('PastDrift', {
        time_period: timePeriodShape,
        points: Type.Number(),
        shock: Type.Boolean(),
      }),
    ),
  },
  { description: 'the change of level that all schools of a type share, in percentage points' },
);

const fittedMeasureShape = shape('FittedMeasure', {
  level_percent: percentShape,
  spread_points: Type.Number({
    minimum: 0,
    description: 'between schools, one standard deviation',
  }),
  drift: driftShape,
  judged_on_periods: Type.Array(timePeriodShape),
  judged_on_schools: countShape,
});

const methodShape = shape('Method', {
  school_type: schoolTypeShape,
  rests_on: Type.String(),
  level_period: timePeriodShape,
  overall: fittedMeasureShape,
  persistent: fittedMeasureShape,
  weights: shape('Weights', {
    source: Type.String({ description: 'learned from these schools, or published' }),
    schools: countShape,
    r_squared: Type.Number(),
    similar_up_to_distance: Type.Number(),
    shares: Type.Record(Type.String(), Type.Number({ minimum: 0, maximum: 1 }), {
      description: 'how much each input counts, of 1',
    }),
  }),
});

/** The API’s expectation of one school, and what all of them rest on. */
export function targetsApi(stores: Stores, directories: Directories): Route[] {
  return [
    apiRoute({
      path: '/api/v1/schools/:urn/expectation',
      summary: 'The newest expectation issued to a school, and why',
      description:
        'For support, never for accountability: refused (403) to inspectors, the public and every other school.',
      needs: 'issued expectation',
      params: Type.Object({ urn: urnShape }),
      reply: shape('Expectation', {
        figures: figuresShape,
        explanation: explanationShape,
        suggestions: Type.Array(suggestionShape, {
          description:
            'everything suggested, what it rests on, and whether the school set it aside',
        }),
      }),
      subject: async ({ urn }) => subjectOf((await directories()).get(urn)),
      async answer({ params, viewer }) {
        const school = (await directories()).get(params.urn);
        const found = await findSuggestions(stores, viewer, school);
        if (!found) {
          throw new Refusal('not-found', `No expectation has been issued to ${school.name}.`);
        }
        const { issued, suggestions } = found;
        return {
          body: {
            figures: issued.figures,
            explanation: explanationOf(issued),
            suggestions: suggestions.map(suggestionReply),
          },
        };
      },
    }),
    apiRoute({
      path: '/api/v1/methods',
      summary: 'What the newest expectations rest on: levels, drift and weights',
      description: 'About schools of a type taken together: it says nothing of a single school.',
      needs: 'public statistic',
      reply: shape('Methods', {
        time_period: timePeriodShape,
        schools: countShape,
        left_out: Type.Record(Type.String(), countShape, {
          description: 'how many schools got none, by reason',
        }),
        rests_on: Type.String(),
        intake_census_on: orNull(dateShape),
        types: Type.Array(methodShape),
      }),
      async answer() {
        const fit = await newestFit(stores);
        if (!fit) throw new Refusal('not-found', 'No expectations have been issued yet.');
        return {
          body: {
            time_period: fit.year,
            schools: fit.schools,
            left_out: fit.left,
            rests_on: fit.restsOn,
            intake_census_on: fit.intakeCensusOn,
            types: methodsOf(fit),
          },
        };
      },
    }),
  ];
}

function explanationOf({ explanation }: Issued): Static<typeof explanationShape> {
  return {
    reasons: explanation.reasons,
    similar: explanation.similar.map((other) => ({
      urn: other.urn,
      school_name: other.name,
      la_name: other.laName,
      distance: other.distance,
      differences: other.differences,
    })),
    learn_from: explanation.learnFrom.map((other) => ({
      urn: other.urn,
      school_name: other.name,
      la_name: other.laName,
      kilometres: other.kilometres,
      chance_under_forecast: other.chanceUnderForecast,
    })),
    none_to_learn_from_reason: explanation.noneToLearnFromReason,
    intake_census_on: explanation.intakeCensusOn,
    pre_pandemic_period: explanation.prePandemicYear,
    compared_in_period: explanation.comparedInYear,
    caution: explanation.caution,
    rests_on: explanation.restsOn,
  };
}

function suggestionReply({
  key,
  says,
  restsOn,
  setAside,
}: StandingSuggestion): Static<typeof suggestionShape> {
  return {
    ...{ suggestion: key, says, rests_on: restsOn },
    set_aside: setAside && setAsideReply(setAside),
  };
}

function setAsideReply({ by, withoutYear, ...said }: SetAside): Static<typeof setAsideShape> {
  return {
    on: dayInEngland(said.at),
    ...{ by_role: by.role, by_person: by.person, by_operator: by.operator },
    ...{ because: said.because, shock_period: said.shockYear, reason: said.reason },
    issued_again_since: said.issuedSince,
    without_shock_period: withoutYear && {
      forecast_absence_percent: withoutYear.overall.forecastPercent,
      forecast_absence_lower_80: withoutYear.overall.lower80Percent,
      forecast_absence_upper_80: withoutYear.overall.upper80Percent,
      expectation_absence_percent: withoutYear.overall.expectationPercent,
      forecast_persistent_percent: withoutYear.persistent.forecastPercent,
      forecast_persistent_lower_80: withoutYear.persistent.lower80Percent,
      forecast_persistent_upper_80: withoutYear.persistent.upper80Percent,
      expectation_persistent_percent: withoutYear.persistent.expectationPercent,
    },
  };
}

function methodsOf(fit: FitSummary): Static<typeof methodShape>[] {
  return fit.types.flatMap(({ schoolType, restsOn, levelYear, measures, weights: ofType }) => {
    return [
      {
        school_type: schoolType,
        rests_on: restsOn,
        level_period: levelYear,
        overall: fittedMeasure(measures.overall),
        persistent: fittedMeasure(measures.persistent),
        weights: {
          source: ofType.source,
          schools: ofType.schools,
          r_squared: ofType.rSquared,
          similar_up_to_distance: ofType.caliper,
          shares: ofType.shares,
        },
      },
    ];
  });
}

function fittedMeasure({
  levelPercent,
  spreadPoints,
  shift,
  judgedOnYears,
  judgedOnSchools,
}: MeasureSummary): Static<typeof fittedMeasureShape> {
  return {
    level_percent: levelPercent,
    spread_points: spreadPoints,
    drift: {
      lower_80_points: shift.lower80Points,
      upper_80_points: shift.upper80Points,
      lower_95_points: shift.lower95Points,
      upper_95_points: shift.upper95Points,
      past: shift.past.map(({ year, points: moved, shock }) => ({
        time_period: year,
        points: moved,
        shock,
      })),
    },
    judged_on_periods: judgedOnYears,
    judged_on_schools: judgedOnSchools,
  };
}
