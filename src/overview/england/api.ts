import { Type } from 'typebox';
import { apiRoute, type Route } from '../../access/index.ts';
import {
  dateShape,
  laCodeShape,
  orNull,
  percentShape,
  shape,
  timePeriodShape,
} from '../../base/shapes.ts';
import { seriesOfMap } from './authorityFigures.ts';
import { weekColumns, weeksShown } from './curve.ts';
import { authoritiesShown, type EnglandOptions } from './map.ts';

const seriesShape = Type.Enum([...seriesOfMap], {
  description: `one of ${seriesOfMap.join(', ')}: this year so far from registers, the daily feed’s year to date, the newest whole year of the school census`,
});

const authorityShape = shape('AuthorityAbsence', {
  la_code: laCodeShape,
  la_name: Type.String(),
  region_name: Type.String({ description: 'blank when not known' }),
  sess_overall_percent: orNull(
    Type.Number({
      minimum: 0,
      maximum: 100,
      description: 'to one decimal; null where none is told',
    }),
  ),
});

const authoritiesShape = shape('AuthoritiesAbsence', {
  series: orNull(seriesShape),
  time_period: orNull(timePeriodShape),
  told: Type.String({ description: 'what the figures are, in words' }),
  also: Type.Array(seriesShape, { description: 'what else may be asked for' }),
  data: Type.Array(authorityShape),
});

const weekShape = shape('EnglandWeek', {
  week_of: dateShape,
  this_year_percent: orNull(percentShape),
  last_year_percent: orNull(percentShape),
  before_pandemic_percent: orNull(percentShape),
});

const weeksShape = shape('EnglandWeeks', {
  series: Type.Array(
    shape('EnglandSeries', {
      column: Type.Enum([...weekColumns], { description: 'which field it is' }),
      name: Type.String(),
      told: Type.String({
        description: 'from which series its figures are, or that there is none',
      }),
      known: Type.Boolean(),
    }),
  ),
  data: Type.Array(weekShape),
});

/** The figures of England’s map and of its curve. */
export function englandApi(options: EnglandOptions): Route[] {
  const common = {
    needs: 'public statistic',
    shows: ['school statistic'],
    subject: async () => ({}),
  } as const;
  return [
    apiRoute({
      ...common,
      path: '/api/v1/england/authorities',
      summary: 'The figures of England’s map: absence of each authority',
      description:
        'Of one series at a time, by region and name: nothing here ranks authorities. Registers are given to those alone who may see what they say of England.',
      query: Type.Object({ figures: Type.Optional(seriesShape) }, { additionalProperties: false }),
      reply: authoritiesShape,
      async answer({ viewer, query }) {
        const shown = await authoritiesShown(options, viewer, query.figures);
        const { figures, all, authorities } = shown;
        return {
          body: {
            series: figures?.series ?? null,
            time_period: figures?.year ?? null,
            told: figures?.told ?? '',
            also: all.filter((each) => each !== figures).map(({ series }) => series),
            data: authorities.map(({ laCode, name, regionName, percent }) => ({
              ...{ la_code: laCode, la_name: name, region_name: regionName },
              sess_overall_percent: percent,
            })),
          },
        };
      },
    }),
    apiRoute({
      ...common,
      path: '/api/v1/england/weeks',
      summary: 'England’s absence week by week, beside last year and the years before the pandemic',
      description:
        'A week by its Monday of this year. From registers to one decimal, and only of weeks with ten schools and 6,000 possible sessions.',
      reply: weeksShape,
      async answer({ viewer }) {
        const { series, weeks } = await weeksShown(options, viewer);
        return {
          body: {
            series: series.map(({ name, told, known }, at) => ({
              ...{ column: weekColumns[at] ?? weekColumns[0], name, told, known },
            })),
            data: weeks.map(({ monday, percents }) => ({
              week_of: monday,
              this_year_percent: percents[0] ?? null,
              last_year_percent: percents[1] ?? null,
              before_pandemic_percent: percents[2] ?? null,
            })),
          },
        };
      },
    }),
  ];
}
