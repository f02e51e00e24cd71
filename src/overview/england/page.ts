import type { Ask, Route } from '../../access/index.ts';
import { type Table, tableCsv, words } from '../../ui/index.ts';
import { seesEngland } from './authorityFigures.ts';
import { curveOf, weeksShown, weeksTable } from './curve.ts';
import {
  authoritiesShown,
  authoritiesTable,
  type EnglandOptions,
  mapOf,
  type ShownAuthority,
} from './map.ts';

/** England: its authorities as a map, and its weeks beside last year’s and those before the pandemic. */
export function englandRoutes(options: EnglandOptions): Route[] {
  // What is published needs nothing; what registers say of England is asked for below, as the policy has it.
  const about = {
    method: 'GET',
    needs: 'public statistic',
    shows: ['school statistic'],
    subject: async () => ({}),
  } as const;
  return [
    {
      ...about,
      path: '/england',
      summary: 'England: a map of authorities, and absence week by week',
      answer: async (ask) => ({
        kind: 'page',
        template: 'overview/england/page.njk',
        model: await pageModel(options, ask),
      }),
    },
    {
      ...about,
      path: '/england/authorities.csv',
      summary: 'The figures of England’s map, as a file',
      async answer({ viewer, query }) {
        const shown = await authoritiesShown(options, viewer, query['figures']);
        return file('authorities.csv', authoritiesTable(shown));
      },
    },
    {
      ...about,
      path: '/england/weeks.csv',
      summary: 'England’s absence week by week, as a file',
      async answer({ viewer }) {
        const { series, weeks } = await weeksShown(options, viewer);
        return file('weeks.csv', weeksTable(series, weeks));
      },
    },
  ];
}

function file(name: string, table: Table) {
  const contentType = 'text/csv; charset=utf-8';
  return { kind: 'file', name, contentType, text: tableCsv(table) } as const;
}

async function pageModel(options: EnglandOptions, { viewer, query }: Ask) {
  const shown = await authoritiesShown(options, viewer, query['figures']);
  const weeks = await weeksShown(options, viewer);
  const { figures, all, authorities } = shown;
  return {
    map: mapOf(shown),
    chart: curveOf(weeks),
    series: weeks.series,
    anyWeek: weeks.series.some(({ known }) => known),
    told: figures?.told ?? null,
    isFallback: figures?.series === 'year' && all.length === 1,
    chosen: figures?.series ?? '',
    withoutPage: withoutPageText(authorities),
    others: all
      .filter((each) => each !== figures)
      .map(({ series: name, told }) => ({ href: `/england?figures=${name}`, text: told })),
    seesRegisters: seesEngland(viewer),
  };
}

/** More names than these are for the table. */
const mostNamed = 12;

function withoutPageText(authorities: readonly ShownAuthority[]): string | null {
  const names = authorities.filter(({ hasPage }) => !hasPage).map(({ name }) => name);
  if (names.length === 0) return null;
  const [have, squares] =
    names.length === 1
      ? ['has', 'Its square says its figure and leads']
      : ['have', 'Their squares say their figures and lead'];
  const which = names.length > mostNamed ? 'the table names them' : names.join('; ');
  return `${words.plural(names.length, 'authority', 'authorities')} of the map ${have} no school that is known here, and so no page (${which}). ${squares} nowhere.`;
}
