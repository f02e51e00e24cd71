import { Type } from 'typebox';
import { apiRoute, type Route } from '../access/index.ts';
import {
  countShape,
  laCodeShape,
  orNull,
  percentShape,
  schoolTypeShape,
  shape,
  sourceOf,
  sourceShape,
  timePeriodShape,
} from '../base/shapes.ts';
import type { Directories } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { areaFigures } from './published.ts';

export const absenceSource = 'Department for Education, Pupil absence in schools in England.';

const areaYearShape = shape('AreaYear', {
  time_period: timePeriodShape,
  school_type: schoolTypeShape,
  num_schools: countShape,
  sess_overall_percent: orNull(percentShape),
  enrolments_pa_10_exact_percent: orNull(percentShape),
});

/** The API’s absence of areas: all sessions of their schools together. */
export function publicationsApi(
  stores: Stores,
  directories: Directories,
  options: { demo: boolean },
): Route[] {
  return [
    apiRoute({
      path: '/api/v1/authorities/:la_code/absence',
      summary: 'A local authority’s published absence, by year and type of school',
      description:
        'Pooled over its schools: sessions missed over sessions possible, and persistent absentees over enrolments. num_schools is the number of schools loaded here. Null where a total would tell what is hidden of a school, and where too few of the schools are loaded.',
      needs: 'public statistic',
      params: Type.Object({ la_code: laCodeShape }),
      reply: shape('AreaAbsence', { data: Type.Array(areaYearShape), source: sourceShape }),
      subject: async ({ la_code }) => ({
        laCodes: [(await directories()).getAuthority(la_code).laCode],
      }),
      async answer({ params }) {
        const authority = (await directories()).getAuthority(params.la_code);
        const years = await areaFigures(stores, authority);
        return {
          body: {
            data: years
              .filter((area) => area.level === 'Local authority')
              .sort((a, b) => a.year - b.year || a.schoolType.localeCompare(b.schoolType))
              .map((area) => ({
                time_period: area.year,
                school_type: area.schoolType,
                num_schools: area.schools,
                sess_overall_percent: area.absencePercent,
                enrolments_pa_10_exact_percent: area.persistentPercent,
              })),
            source: sourceOf(absenceSource, options),
          },
        };
      },
    }),
  ];
}
