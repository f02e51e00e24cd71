import * as Plot from '@observablehq/plot';
import { type AcademicYear, startYearOf, yearLabel } from '../../base/academicYear.ts';
import { percent, sureness } from '../words.ts';
import type { Chart, Variant } from './chart.ts';
import { type Drawing, box, draw, label, labels, line, lines, points } from './draw.ts';
import {
  type HistoryData,
  type YearPercent,
  beforeForecast,
  lastKnown,
  medians,
  yearsShown,
} from './historyData.ts';
import { historyDescription, historySubtitle, historyTable, historyTitle } from './historyWords.ts';
import { colours } from './palette.ts';
import { type Scale, scaleOver, spreadApart } from './scale.ts';

/**
 * A school's absence over the years against similar schools and its authority; beside it, when there is one, the
 * forecast with its 80 % and 95 % intervals and the expectation.
 */
export function historyChart(given: HistoryData): Chart {
  // An expectation is for the year of the forecast: without one there is no place to put it.
  const data = beforeForecast(given);
  const years = yearsShown(data);
  const named = {
    id: data.id,
    title: historyTitle(data, years),
    description: historyDescription(data, years),
  };
  return {
    ...named,
    subtitle: historySubtitle(data, years),
    get svg() {
      return draw(named, (variant) => drawing(data, years, variant));
    },
    table: historyTable(data, years),
  };
}

// Where things stand

type Layout = {
  width: number;
  height: number;
  top: number;
  bottom: number;
  history: [left: number, right: number];
  labelsLeft: number;
  labelGap: number;
  forecast: [left: number, right: number];
  stemX: number;
  text: number;
};

function layoutOf(variant: Variant, withForecast: boolean): Layout {
  if (variant === 'wide') {
    return {
      width: 720,
      height: withForecast ? 400 : 370,
      top: withForecast ? 40 : 14,
      bottom: 340,
      history: [44, withForecast ? 342 : 548],
      labelsLeft: withForecast ? 352 : 558,
      labelGap: 21,
      forecast: [514, 720],
      stemX: 564,
      text: 15,
    };
  }
  return {
    width: 320,
    height: withForecast ? 392 : 330,
    top: 34,
    bottom: 290,
    history: [36, withForecast ? 140 : 222],
    labelsLeft: withForecast ? 147 : 229,
    labelGap: 37,
    forecast: [234, 320],
    stemX: 254,
    text: 14,
  };
}

function drawing(data: HistoryData, years: AcademicYear[], variant: Variant): Drawing {
  const layout = layoutOf(variant, data.forecast !== null);
  const percentScale = scaleOver(everyPercent(data), {
    range: [layout.bottom, layout.top],
    tickCount: variant === 'wide' ? 5 : 4,
    leastSpan: 3,
  });
  const yearX = yearScale(years, layout);
  return {
    width: layout.width,
    height: layout.height,
    marks: [
      ...forecastPanel(data, layout),
      ...grid(percentScale, layout, data.forecast !== null),
      ...yearTicks(years, yearX, layout),
      ...band(data, years, yearX, percentScale),
      ...seriesLines(data, years, yearX, percentScale),
      ...lineLabels(data, percentScale, layout, variant),
      ...forecastMarks(data, percentScale, layout, variant),
      ...forecastKey(data, layout, variant),
    ],
  };
}

function everyPercent(data: HistoryData): number[] {
  const { forecast, expectationPercent } = data;
  const known = [
    ...data.school.map((point) => point.percent),
    ...data.similar.flatMap((point) => [point.lowerQuartile, point.upperQuartile]),
    ...(data.authority?.years ?? []).map((point) => point.percent),
    ...(forecast ? [forecast.lower95, forecast.upper95] : []),
    expectationPercent,
  ].filter((value) => value !== null);
  return known.length > 0 ? known : [0];
}

function yearScale(years: AcademicYear[], layout: Layout): (year: AcademicYear) => number {
  const first = startYearOf(years[0] ?? 0);
  const span = Math.max(1, years.length - 1);
  const left = layout.history[0] + 22;
  const right = layout.history[1] - 10;
  if (years.length === 1) return () => (left + right) / 2;
  return (year) => left + ((startYearOf(year) - first) / span) * (right - left);
}

function grid(scale: Scale, layout: Layout, withForecast: boolean): Plot.Markish[] {
  const panels = withForecast ? [layout.history, layout.forecast] : [layout.history];
  const across = panels.flatMap(([x1, x2]) =>
    scale.ticks.map((tick) => ({ x1, x2, y1: scale(tick), y2: scale(tick) })),
  );
  const x = layout.history[0] - 6;
  return [
    lines(across, { stroke: colours.grid }),
    labels(
      scale.ticks.map((tick) => ({ x, y: scale(tick), text: percent(tick, scale.tickDecimals) })),
      { size: layout.text, fill: colours.quietText, anchor: 'end' },
    ),
  ];
}

function yearTicks(
  years: AcademicYear[],
  yearX: (year: AcademicYear) => number,
  layout: Layout,
): Plot.Markish[] {
  const size = layout.text - 2;
  const [first = 0, second = first] = years;
  const stride = tickStride(years.length - 1, yearX(second) - yearX(first), size * 4);
  const ticked = years.filter((_, index) => (years.length - 1 - index) % stride === 0);
  return [
    lines(
      ticked.map((year) => ({
        x1: yearX(year),
        x2: yearX(year),
        y1: layout.bottom,
        y2: layout.bottom + 6,
      })),
      { stroke: colours.axis },
    ),
    labels(
      ticked.map((year) => ({ x: yearX(year), y: layout.bottom + 18, text: yearLabel(year) })),
      { size, fill: colours.quietText, anchor: 'middle' },
    ),
  ];
}

/** Every how many years one is labelled: as often as there is room, and so that the first is, where that costs little. */
function tickStride(gaps: number, spacing: number, room: number): number {
  const tightest = spacing > 0 ? Math.max(1, Math.ceil(room / spacing)) : 1;
  for (let stride = tightest; stride <= tightest * 1.5; stride++) {
    if (gaps % stride === 0) return stride;
  }
  return tightest;
}

// The lines

function band(
  data: HistoryData,
  years: AcademicYear[],
  yearX: (year: AcademicYear) => number,
  scale: Scale,
): Plot.Markish[] {
  const byYear = new Map(data.similar.map((point) => [point.year, point]));
  const at = years.map((year) => {
    const point = byYear.get(year);
    return {
      x: yearX(year),
      low: point ? scale(point.lowerQuartile) : Number.NaN,
      high: point ? scale(point.upperQuartile) : Number.NaN,
    };
  });
  if (data.similar.length === 0) return [];
  const edge = { x: 'x', stroke: colours.axis, strokeWidth: 1 };
  return [
    Plot.areaY(at, { x: 'x', y1: 'low', y2: 'high', fill: colours.band }),
    Plot.line(at, { ...edge, y: 'low' }),
    Plot.line(at, { ...edge, y: 'high' }),
  ];
}

function seriesLines(
  data: HistoryData,
  years: AcademicYear[],
  yearX: (year: AcademicYear) => number,
  scale: Scale,
): Plot.Markish[] {
  const placed = (series: YearPercent[]) => {
    const byYear = new Map(series.map((point) => [point.year, point.percent]));
    return years.map((year) => {
      const value = byYear.get(year) ?? null;
      return { x: yearX(year), y: value === null ? Number.NaN : scale(value) };
    });
  };
  const dashed = (series: YearPercent[], stroke: string, dash: string) =>
    Plot.line(placed(series), {
      x: 'x',
      y: 'y',
      stroke,
      strokeWidth: 2.5,
      strokeDasharray: dash,
      strokeLinecap: 'butt',
    });
  const school = placed(data.school);
  const seen = (series: { x: number; y: number }[]) => series.filter((at) => Number.isFinite(at.y));
  return [
    dashed(medians(data), colours.similar, '8 5'),
    dashed(data.authority?.years ?? [], colours.authority, '2.5 3'),
    // A year between two gaps has no line: without its point it would vanish.
    points(alone(placed(medians(data))), { r: 4, fill: colours.similar }),
    points(alone(placed(data.authority?.years ?? [])), { r: 4, fill: colours.authority }),
    Plot.line(school, { x: 'x', y: 'y', stroke: colours.school, strokeWidth: 3.5 }),
    points(seen(school), { r: 5.5, fill: colours.school }),
  ];
}

function alone(at: { x: number; y: number }[]): { x: number; y: number }[] {
  const missing = (point: { y: number } | undefined) => !point || !Number.isFinite(point.y);
  return at.filter((point, i) => !missing(point) && missing(at[i - 1]) && missing(at[i + 1]));
}

/** Each line's name and last figure at its end; of a line that ends before the others, the year too. */
function lineLabels(
  data: HistoryData,
  scale: Scale,
  layout: Layout,
  variant: Variant,
): Plot.Markish[] {
  const wide = variant === 'wide';
  const end = (name: string, bold: boolean, fill: string, series: YearPercent[]) => {
    const last = lastKnown(series);
    return last ? [{ name, bold, fill, last }] : [];
  };
  const ends = [
    ...end('This school', true, colours.school, data.school),
    ...end(wide ? 'Similar schools' : 'Similar', false, colours.similar, medians(data)),
    ...end(
      wide ? 'Local authority' : 'Authority',
      false,
      colours.authority,
      data.authority?.years ?? [],
    ),
  ];
  const newest = Math.max(...ends.map(({ last }) => last.year));
  const linesOf = ({ name, last }: (typeof ends)[number]) => {
    const older = last.year < newest ? yearLabel(last.year) : '';
    if (!wide) return [name, percent(last.percent), ...(older ? [older] : [])];
    return older
      ? [name, `${percent(last.percent)} in ${older}`]
      : [`${name} ${percent(last.percent)}`];
  };
  const most = Math.max(1, ...ends.map((each) => linesOf(each).length));
  const below = 8 * (most - 1);
  const middles = spreadApart(
    ends.map(({ last }) => scale(last.percent)),
    { gap: 16 * most + 5, from: layout.top + below, to: layout.bottom - below },
  );
  return ends.flatMap((each, index) => {
    const texts = linesOf(each);
    return texts.map((text, line) =>
      label(layout.labelsLeft, middles[index]! + 16 * (line - (texts.length - 1) / 2), text, {
        size: layout.text,
        bold: each.bold,
        fill: each.fill,
      }),
    );
  });
}

// The forecast

function forecastPanel({ forecast }: HistoryData, layout: Layout): Plot.Markish[] {
  if (!forecast) return [];
  const [left, right] = layout.forecast;
  return [
    box(left, 0, right, layout.bottom, colours.panel),
    label((left + right) / 2, 16, yearLabel(forecast.year), {
      size: layout.text,
      bold: true,
      anchor: 'middle',
    }),
  ];
}

function forecastMarks(
  data: HistoryData,
  scale: Scale,
  layout: Layout,
  variant: Variant,
): Plot.Markish[] {
  const { forecast, expectationPercent } = data;
  if (!forecast) return [];
  const x = layout.stemX;
  const known = [
    { name: 'Forecast', value: forecast.percent, fill: colours.school },
    ...(expectationPercent === null
      ? []
      : [{ name: 'Expectation', value: expectationPercent, fill: colours.expectation }]),
  ];
  const middles = spreadApart(
    known.map(({ value }) => scale(value)),
    { gap: layout.labelGap, from: layout.top, to: layout.bottom },
  );
  return [
    line(x, scale(forecast.lower95), x, scale(forecast.upper95), {
      stroke: colours.school,
      width: 2.5,
    }),
    line(x, scale(forecast.lower80), x, scale(forecast.upper80), {
      stroke: colours.schoolRange,
      width: 12,
    }),
    points([{ x, y: scale(forecast.percent) }], { r: 7, fill: 'white', stroke: colours.school }),
    ...(expectationPercent === null ? [] : [expectationMark(x, scale(expectationPercent))]),
    ...known.flatMap(({ name, value, fill }, index) => {
      const look = { size: layout.text, bold: true, fill };
      const y = middles[index]!;
      return variant === 'wide'
        ? [label(x + 16, y, `${name} ${percent(value)}`, look)]
        : [label(x + 14, y, percent(value), look)];
    }),
    ...(variant === 'wide'
      ? [forecast.lower80, forecast.upper80].map((bound) =>
          label(x - 12, scale(bound), percent(bound), {
            size: layout.text - 2,
            fill: colours.quietText,
            anchor: 'end',
          }),
        )
      : []),
  ];
}

function expectationMark(x: number, y: number): Plot.Markish {
  return points([{ x, y }], { r: 7.5, fill: colours.expectation, symbol: 'diamond' });
}

/** What the marks of the forecast mean: under its panel where there is room, else under the chart. */
function forecastKey(data: HistoryData, layout: Layout, variant: Variant): Plot.Markish[] {
  if (!data.forecast) return [];
  const look = { size: layout.text - 1, fill: colours.quietText };
  const likely = (x: number, y: number, words: string) => [
    line(x, y, x + 18, y, { stroke: colours.schoolRange, width: 11 }),
    label(x + 24, y, words, look),
  ];
  const almostSure = (x: number, y: number, words: string) => [
    line(x, y, x + 18, y, { stroke: colours.school, width: 2.5 }),
    label(x + 24, y, words, look),
  ];
  if (variant === 'wide') {
    const x = layout.forecast[0] + 4;
    return [
      ...likely(x, layout.bottom + 18, `likely, ${sureness(80)}`),
      ...almostSure(x, layout.bottom + 40, `likely, ${sureness(95)}`),
    ];
  }
  const y = layout.bottom + 52;
  return [
    points([{ x: 15, y }], { r: 6, fill: 'white', stroke: colours.school }),
    label(30, y, 'Forecast', look),
    ...(data.expectationPercent === null
      ? []
      : [expectationMark(169, y), label(184, y, 'Expectation', look)]),
    ...likely(6, y + 28, sureness(80)),
    ...almostSure(160, y + 28, sureness(95)),
  ];
}
