import { Type } from 'typebox';
import { seriesNames } from '../absence/index.ts';
import { apiRoute, type Route } from '../access/index.ts';
import {
  countShape,
  orNull,
  percentShape,
  shape,
  sourceOf,
  sourceShape,
  timePeriodShape,
  urnShape,
} from '../base/shapes.ts';
import { absenceSource } from '../publications/index.ts';
import { type Directories, subjectOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { findIssued } from '../targets/index.ts';
import { shownYears } from './schoolFacts.ts';
import { groupName, yearFor } from './yearSoFar.ts';

const schoolYearShape = shape('SchoolYear', {
  time_period: timePeriodShape,
  enrolments: orNull(countShape),
  sess_possible: orNull(countShape),
  sess_overall_percent: orNull(percentShape),
  sess_authorised_percent: orNull(percentShape),
  sess_unauthorised_percent: orNull(percentShape),
  enrolments_pa_10_exact_percent: orNull(percentShape),
  hidden: Type.Boolean({
    description: 'something is hidden because it rests on fewer than six pupils',
  }),
});

const yearSoFarShape = shape('YearSoFar', {
  time_period: timePeriodShape,
  series: Type.Enum([...seriesNames], { description: `one of ${seriesNames.join(', ')}` }),
  last_week: Type.String({
    format: 'date',
    description: 'the Monday of the last week with registers',
  }),
  share_of_year: Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'of its sessions, those that there are registers of',
  }),
  weeks_without_registers: Type.Array(Type.String({ format: 'date' }), {
    description:
      'Mondays of the weeks up to the last that there are no registers of: absence so far and the path do not count them, and the year’s end is as much less sure',
  }),
  absence_so_far_percent: percentShape,
  path_percent: Type.Number({
    description:
      'where a school on its way to the expectation would be by now, in the weeks that there are registers of',
  }),
  expectation_absence_percent: percentShape,
  season_ratio: Type.Number({
    description: 'absence so far, against that of the whole year, where the season is as usual',
  }),
  year_end_percent: percentShape,
  year_end_lower_80: percentShape,
  year_end_upper_80: percentShape,
  groups: Type.Array(
    Type.Object({
      group: Type.String(),
      enrolments: countShape,
      absence_so_far_percent: percentShape,
      path_percent: Type.Number(),
      gap_points: Type.Number({ description: 'what it adds to the distance from the path' }),
      year_end_lower_80: orNull(percentShape),
      year_end_upper_80: orNull(percentShape),
    }),
  ),
});

/** The API’s absence of one school: the same years as its page shows. */
export function overviewApi(
  stores: Stores,
  directories: Directories,
  options: { demo: boolean },
): Route[] {
  return [
    apiRoute({
      path: '/api/v1/schools/:urn/absence',
      summary: 'A school’s published absence, year by year',
      description:
        'Over all its URNs. Figures resting on fewer than six pupils are null, except to those who may see the school’s expectation.',
      needs: 'public statistic',
      shows: ['issued expectation'],
      params: Type.Object({ urn: urnShape }),
      reply: shape('SchoolAbsence', {
        urn: urnShape,
        data: Type.Array(schoolYearShape),
        source: sourceShape,
      }),
      subject: async ({ urn }) => subjectOf((await directories()).get(urn)),
      async answer({ params, may }) {
        const school = (await directories()).get(params.urn);
        const inside = may('issued expectation', subjectOf(school));
        const years = await shownYears(stores, school, { hideSmallNumbers: !inside });
        return {
          body: {
            urn: school.urn,
            data: years.map((year) => ({
              time_period: year.year,
              enrolments: year.enrolments,
              sess_possible: year.sessionsPossible,
              sess_overall_percent: year.absencePercent,
              sess_authorised_percent: year.authorisedPercent,
              sess_unauthorised_percent: year.unauthorisedPercent,
              enrolments_pa_10_exact_percent: year.persistentPercent,
              hidden: year.hidden,
            })),
            source: sourceOf(absenceSource, options),
          },
        };
      },
    }),
    apiRoute({
      path: '/api/v1/schools/:urn/year-so-far',
      summary: 'A school’s year so far against the path to its expectation',
      description:
        'From its own registers: counted as the school census counts for the school’s own circle, and as the daily feed counts outside it. Null where the year’s registers are not here, no expectation was issued for it, or the figure is hidden or told in whole percents. Groups are given to the school’s own circle alone.',
      needs: 'issued expectation',
      shows: ['school statistic'],
      params: Type.Object({ urn: urnShape }),
      reply: shape('SchoolYearSoFar', { urn: urnShape, data: orNull(yearSoFarShape) }),
      subject: async ({ urn }) => subjectOf((await directories()).get(urn)),
      async answer({ params, viewer }) {
        const directory = await directories();
        const school = directory.get(params.urn);
        const issued = await findIssued(stores, viewer, school);
        const found = issued && (await yearFor(stores, viewer, { school, directory, issued }));
        return {
          body: {
            urn: school.urn,
            data: found
              ? {
                  time_period: found.year,
                  series: found.series,
                  last_week: found.lastWeek,
                  share_of_year: found.passed.share,
                  weeks_without_registers: found.silent,
                  absence_so_far_percent: found.soFarPercent,
                  path_percent: found.pathPercent,
                  expectation_absence_percent: found.expectationPercent,
                  season_ratio: found.passed.ratio,
                  year_end_percent: found.end.centralPercent,
                  year_end_lower_80: found.end.lower80Percent,
                  year_end_upper_80: found.end.upper80Percent,
                  groups: found.groups.map((group) => ({
                    group: groupName(group),
                    enrolments: group.enrolments,
                    absence_so_far_percent: group.soFarPercent,
                    path_percent: group.pathPercent,
                    gap_points: group.gapPoints,
                    year_end_lower_80: group.end?.lower80Percent ?? null,
                    year_end_upper_80: group.end?.upper80Percent ?? null,
                  })),
                }
              : null,
          },
        };
      },
    }),
  ];
}
