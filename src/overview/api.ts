import { Type } from 'typebox';
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
import { shownYears } from './schoolFacts.ts';

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
  ];
}
