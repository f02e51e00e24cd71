import type { Viewer } from '../../access/index.ts';
import { mondayOf, weeksInYear } from '../../base/weekOfYear.ts';
import { type Table, weeksChart, words } from '../../ui/index.ts';
import { yearOfClock } from '../yearSoFar.ts';
import type { EnglandOptions } from './map.ts';
import { type EnglandWeeks, englandWeeks } from './weeks.ts';

/** In files and in the API, in the order of the lines. */
export const weekColumns = [
  'this_year_percent',
  'last_year_percent',
  'before_pandemic_percent',
] as const;

/** Each week of the year of which any line says something, by its Monday this year. */
export async function weeksShown({ stores, clock }: EnglandOptions, viewer: Viewer) {
  const year = yearOfClock(clock);
  const series = await englandWeeks(stores, viewer, year);
  const mondays = Array.from({ length: weeksInYear }, (_, week) => mondayOf(week, year));
  const weeks = mondays.flatMap((monday, week) => {
    const percents = series.map((each) => each.percents[week] ?? null);
    return percents.every((percent) => percent === null) ? [] : [{ monday, percents }];
  });
  return { series, mondays, weeks };
}

export type WeeksShown = Awaited<ReturnType<typeof weeksShown>>;

export function curveOf({ series, mondays, weeks }: WeeksShown) {
  return weeksChart({
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
    table: weeksTable(series, weeks),
  });
}

export function weeksTable(series: readonly EnglandWeeks[], weeks: WeeksShown['weeks']): Table {
  return {
    caption: 'Absence in England, by week',
    columns: [
      { name: 'week_of', heading: 'Week of', kind: 'text' },
      ...series.map(({ name }, at) => ({
        name: weekColumns[at] ?? '',
        heading: name,
        kind: 'percent' as const,
      })),
    ],
    rows: weeks.map(({ monday, percents }) => [words.date(monday), ...percents]),
  };
}
