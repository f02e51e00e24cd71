import type { Ask, Route, Viewer } from '../../access/index.ts';
import { yearLabel } from '../../base/academicYear.ts';
import type { Clock } from '../../base/clock.ts';
import { mondayOf, weeksInYear } from '../../base/weekOfYear.ts';
import type { Authority, Directories } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { type Square, squareMap, type Table, tableCsv, weeksChart, words } from '../../ui/index.ts';
import { yearOfClock } from '../yearSoFar.ts';
import {
  type AuthorityFigures,
  authorityFigures,
  chooseFigures,
  type SeriesOfMap,
  seesEngland,
} from './authorityFigures.ts';
import { hasPlace, placeAll } from './grid.ts';
import { englandWeeks } from './weeks.ts';

type Options = { stores: Stores; directories: Directories; clock: Clock };

/** England: its authorities as a map, and its weeks beside last year’s and those before the pandemic. */
export function englandRoutes(options: Options): Route[] {
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
      async answer(ask) {
        const { map } = await mapOf(options, ask);
        return file('authorities.csv', map.table);
      },
    },
    {
      ...about,
      path: '/england/weeks.csv',
      summary: 'England’s absence week by week, as a file',
      async answer(ask) {
        const { chart } = await curveOf(options, ask.viewer);
        return file('weeks.csv', chart.table);
      },
    },
  ];
}

function file(name: string, table: Table) {
  const contentType = 'text/csv; charset=utf-8';
  return { kind: 'file', name, contentType, text: tableCsv(table) } as const;
}

async function pageModel(options: Options, ask: Ask) {
  const { map, figures, all } = await mapOf(options, ask);
  const { chart, series } = await curveOf(options, ask.viewer);
  return {
    map,
    chart,
    series,
    anyWeek: series.some(({ known }) => known),
    told: figures?.told ?? null,
    isFallback: figures?.series === 'year' && all.length === 1,
    chosen: figures?.series ?? '',
    others: all
      .filter((each) => each !== figures)
      .map(({ series: name, told }) => ({ href: `/england?figures=${name}`, text: told })),
    seesRegisters: seesEngland(ask.viewer),
  };
}

async function mapOf({ stores, directories, clock }: Options, { viewer, query }: Ask) {
  const { authorities } = await directories();
  const all = await authorityFigures(stores, viewer, yearOfClock(clock));
  const figures = chooseFigures(all, query['figures']);
  const inOrder = authorities.toSorted(
    (a, b) => a.regionName.localeCompare(b.regionName) || a.name.localeCompare(b.name),
  );
  const anyPlace = inOrder.some(({ laCode }) => hasPlace(laCode));
  // One that came to an end has no place and no figure: the table names it.
  const shown = inOrder.filter(
    ({ laCode }) => !anyPlace || hasPlace(laCode) || figures?.percents.has(laCode),
  );
  const places = placeAll(shown.map(({ laCode }) => laCode));
  const squares = inOrder.flatMap((authority): Square[] => {
    const place = places.get(authority.laCode);
    return place
      ? [
          {
            ...place,
            name: authority.name,
            short: shortName(authority.name),
            href: `/authorities/${authority.laCode}`,
            percent: figures?.percents.get(authority.laCode) ?? null,
            region: regionOnMap(authority.regionCode),
          },
        ]
      : [];
  });
  const map = squareMap({
    id: 'map',
    title:
      figures?.series === 'year'
        ? `Absence in ${yearLabel(figures.year)}, by authority`
        : 'Absence so far this year, by authority',
    subtitle: figures
      ? `${words.sentence(figures.told)}, in every hundred possible sessions. Each square is an authority, near where it lies and not by its size; thick lines are between regions. A darker square has more absence: this says where to look, and ranks nobody.`
      : 'No figure of any authority is here.',
    squares,
    table: tableOf(inOrder, figures),
  });
  return { map, figures, all };
}

/** Statistics of absence part London in two; on the map it is one. */
function regionOnMap(code: string): string {
  return code.startsWith('E1300000') ? 'E12000007' : code;
}

/** The first letters of a name, without what many names begin with. */
export function shortName(name: string): string {
  const own = name.replace(/^(?:City of |County |The )/, '');
  const parts = own.split(/[\s-]+/).filter((part) => /^[A-Z]/.test(part));
  if (parts.length < 2) return own.slice(0, 3);
  return parts
    .slice(0, 3)
    .map((part) => part[0])
    .join('');
}

const seriesNames: Record<SeriesOfMap, string> = {
  registers: 'registers, year so far',
  feed: 'daily feed, year to date',
  year: 'school census, whole year',
};

function tableOf(authorities: readonly Authority[], figures: AuthorityFigures | undefined): Table {
  return {
    caption: 'Absence of each authority, by region and name',
    columns: [
      { name: 'la_name', heading: 'Authority', kind: 'text' },
      { name: 'la_code', heading: 'Code', kind: 'text' },
      { name: 'region_name', heading: 'Region', kind: 'text' },
      { name: 'sess_overall_percent', heading: 'Absence', kind: 'percent' },
      { name: 'series', heading: 'Series', kind: 'text' },
    ],
    rows: authorities.map(({ name, laCode, regionName }) => {
      const percent = figures?.percents.get(laCode) ?? null;
      return [
        { text: name, href: `/authorities/${laCode}` },
        laCode,
        regionName,
        percent === null ? null : Math.round(percent * 10) / 10,
        percent === null || !figures
          ? ''
          : `${seriesNames[figures.series]}, ${yearLabel(figures.year)}`,
      ];
    }),
  };
}

async function curveOf({ stores, clock }: Options, viewer: Viewer) {
  const year = yearOfClock(clock);
  const series = await englandWeeks(stores, viewer, year);
  const mondays = Array.from({ length: weeksInYear }, (_, week) => mondayOf(week, year));
  const chart = weeksChart({
    id: 'weeks',
    title: 'Absence week by week in England',
    subtitle:
      'In every hundred possible sessions. The same week of two years is the same time of the year, to three days.',
    weeks: mondays.map((monday) =>
      words
        .date(monday)
        .replace(/ \d{4}$/, '')
        .replace(/^(\d+ \S{3})\S*/, '$1'),
    ),
    lines: series.filter(({ known }) => known),
    table: {
      caption: 'Absence in England, by week',
      columns: [
        { name: 'week_of', heading: 'Week of', kind: 'text' },
        ...series.map(({ name }, at) => ({
          name: ['this_year_percent', 'last_year_percent', 'before_pandemic_percent'][at] ?? '',
          heading: name,
          kind: 'percent' as const,
        })),
      ],
      rows: mondays.flatMap((monday, week) => {
        const cells = series.map(({ percents }) => percents[week] ?? null);
        return cells.every((cell) => cell === null) ? [] : [[words.date(monday), ...cells]];
      }),
    },
  });
  return { chart, series };
}
