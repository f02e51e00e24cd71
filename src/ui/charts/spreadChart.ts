import type * as Plot from '@observablehq/plot';
import { type AcademicYear, yearLabel } from '../../base/academicYear.ts';
import type { Measure } from '../../base/measure.ts';
import type { Table } from '../table.ts';
import { percent, plural } from '../words.ts';
import type { Chart, Variant } from './chart.ts';
import { type Drawing, box, boxes, draw, label, labels, line, lines, points } from './draw.ts';
import { measureWords } from './measureWords.ts';
import { colours } from './palette.ts';
import { type Scale, scaleOver } from './scale.ts';

/** Percentages are 0–100. The schools come without names: the chart says how they spread, never who stands where. */
export type SpreadData = {
  id: string;
  /** Whose schools: `Elmbridge`, `Northfold Learning Trust`. */
  areaName: string;
  /** Which: `secondary schools`. */
  schoolsText: string;
  measure: Measure;
  year: AcademicYear;
  schoolPercents: number[];
  /** All their sessions together (or pupils, for persistent absence); null when not known. */
  averagePercent: number | null;
  /** Whose average that is, where not only of the schools that are drawn: `All of the authority’s`. */
  averageText?: string;
  /** What else is to be known, a sentence. */
  note?: string;
  england: { lowerQuartile: number; median: number; upperQuartile: number };
};

type Bin = { from: number; to: number; count: number };

/** How the schools of an authority or trust spread, as one dot a school (or bars when there are many), with England's quartiles. */
export function spreadChart(data: SpreadData): Chart {
  const words = measureWords[data.measure];
  const bins = binned(data.schoolPercents);
  const named = {
    id: data.id,
    title: `${words.title} in the ${data.schoolsText} of ${data.areaName}, ${yearLabel(data.year)}`,
    description: describe(data),
  };
  return {
    ...named,
    subtitle: `${words.counted}. ${unitText(bins)} The band holds the middle half of England’s ${data.schoolsText}.${data.note ? ` ${data.note}` : ''}`,
    get svg() {
      return draw(named, (variant) => drawing(data, bins, variant));
    },
    table: {
      caption: named.title,
      columns: [
        { name: 'from_percent', heading: 'From', kind: 'percent' },
        { name: 'below_percent', heading: 'To below', kind: 'percent' },
        { name: 'schools', heading: 'Schools', kind: 'count' },
      ],
      rows: bins.map((bin) => [bin.from, bin.to, bin.count]),
    } satisfies Table,
  };
}

const mostBins = 26;
const binSteps = [0.2, 0.5, 1, 2, 5, 10];
/** Beyond so many on top of each other, dots become too small to count. */
const highestPile = 14;

/** Schools counted in equal steps, from the lowest to the highest, empty steps included. */
export function binned(percents: readonly number[]): Bin[] {
  if (percents.length === 0) return [];
  const lowest = Math.min(...percents);
  const highest = Math.max(...percents);
  const step = binSteps.find((each) => (highest - lowest) / each <= mostBins - 1) ?? 10;
  const binOf = (value: number) => Math.floor(value / step + 1e-9);
  const first = binOf(lowest);
  const bins = Array.from({ length: binOf(highest) - first + 1 }, (_, index) => ({
    from: Number(((first + index) * step).toFixed(6)),
    to: Number(((first + index + 1) * step).toFixed(6)),
    count: 0,
  }));
  for (const value of percents) bins[binOf(value) - first]!.count += 1;
  return bins;
}

function tallest(bins: Bin[]): number {
  return Math.max(0, ...bins.map((bin) => bin.count));
}

function unitText(bins: Bin[]): string {
  return tallest(bins) <= highestPile ? 'Each dot is a school.' : 'Bars count schools.';
}

const look = {
  wide: { width: 720, height: 300, margin: 20, text: 15 },
  narrow: { width: 320, height: 290, margin: 14, text: 14 },
} as const;

function drawing(data: SpreadData, bins: Bin[], variant: Variant): Drawing {
  const { width, height, margin, text } = look[variant];
  const [top, bottom] = [64, height - 56];
  const { england, averagePercent } = data;
  const asDots = tallest(bins) <= highestPile;
  const left = asDots ? margin : margin + 24;
  const scale = scaleOver(
    [
      ...bins.flatMap((bin) => [bin.from, bin.to]),
      england.lowerQuartile,
      england.upperQuartile,
      ...(averagePercent === null ? [] : [averagePercent]),
    ],
    { range: [left, width - margin], tickCount: variant === 'wide' ? 10 : 5, leastSpan: 3 },
  );
  return {
    width,
    height,
    marks: [
      ...englandMarks(data, scale, { top, bottom, width, text }),
      ...axis(scale, bottom, text),
      ...(asDots
        ? dots(bins, scale, top, bottom)
        : bars(bins, scale, { top, bottom, left, text, right: width - margin })),
      ...averageMarks(data, scale, { bottom, width, text }),
    ],
  };
}

function axis(scale: Scale, bottom: number, text: number): Plot.Markish[] {
  const [from, to] = scale.domain;
  return [
    line(scale(from), bottom, scale(to), bottom, { stroke: colours.axis, width: 1.5 }),
    lines(
      scale.ticks.map((tick) => ({ x1: scale(tick), x2: scale(tick), y1: bottom, y2: bottom + 6 })),
      { stroke: colours.axis },
    ),
    labels(
      scale.ticks.map((tick) => ({
        x: scale(tick),
        y: bottom + 18,
        text: percent(tick, scale.tickDecimals),
      })),
      { size: text - 1, fill: colours.quietText, anchor: 'middle' },
    ),
  ];
}

function englandMarks(
  { england, schoolsText }: SpreadData,
  scale: Scale,
  at: { top: number; bottom: number; width: number; text: number },
): Plot.Markish[] {
  const [lower, median, upper] = [
    scale(england.lowerQuartile),
    scale(england.median),
    scale(england.upperQuartile),
  ];
  const edge = { stroke: colours.axis, width: 1 };
  return [
    box(lower, at.top - 14, upper, at.bottom, colours.band),
    line(lower, at.top - 14, lower, at.bottom, edge),
    line(upper, at.top - 14, upper, at.bottom, edge),
    line(median, at.top - 14, median, at.bottom, {
      stroke: colours.similar,
      width: 2,
      dash: '6 4',
    }),
    ...anchored(median, 14, `England: middle half of ${schoolsText}`, at, { bold: true }),
    ...anchored(
      median,
      34,
      `${percent(england.lowerQuartile)} to ${percent(england.upperQuartile)}, middle ${percent(england.median)}`,
      at,
      {},
    ),
  ];
}

function averageMarks(
  { averagePercent, averageText = 'Average here' }: SpreadData,
  scale: Scale,
  at: { bottom: number; width: number; text: number },
): Plot.Markish[] {
  if (averagePercent === null) return [];
  const x = scale(averagePercent);
  return [
    points([{ x, y: at.bottom + 1 }], { r: 6.5, fill: colours.authority, symbol: 'triangle' }),
    ...anchored(x, at.bottom + 42, `${averageText} ${percent(averagePercent)}`, at, {
      bold: true,
      fill: colours.authority,
    }),
  ];
}

/** A label centred on x, moved inwards where it would leave the drawing. */
function anchored(
  x: number,
  y: number,
  text: string,
  at: { width: number; text: number },
  look: { bold?: boolean; fill?: string },
): Plot.Markish[] {
  const half = text.length * at.text * (look.bold ? 0.29 : 0.265);
  const middle = Math.min(Math.max(x, half), at.width - half);
  return [
    label(middle, y, text, {
      size: at.text,
      anchor: 'middle',
      fill: look.fill ?? colours.quietText,
      bold: look.bold ?? false,
    }),
  ];
}

function dots(bins: Bin[], scale: Scale, top: number, bottom: number): Plot.Markish[] {
  const first = bins[0];
  if (!first) return [];
  const room = Math.min(scale(first.to) - scale(first.from), (bottom - top) / tallest(bins), 18);
  const piled = bins.flatMap((bin) =>
    Array.from({ length: bin.count }, (_, index) => ({
      x: (scale(bin.from) + scale(bin.to)) / 2,
      y: bottom - 8 - room * (index + 0.5),
    })),
  );
  return [points(piled, { r: room / 2, fill: colours.school })];
}

function bars(
  bins: Bin[],
  scale: Scale,
  at: { top: number; bottom: number; left: number; right: number; text: number },
): Plot.Markish[] {
  const countScale = scaleOver([0, tallest(bins)], {
    range: [at.bottom, at.top],
    tickCount: 4,
    ceiling: Number.POSITIVE_INFINITY,
  });
  const counts = countScale.ticks.slice(1);
  return [
    lines(
      counts.map((count) => ({
        x1: at.left,
        x2: at.right,
        y1: countScale(count),
        y2: countScale(count),
      })),
      { stroke: colours.grid },
    ),
    labels(
      counts.map((count) => ({ x: at.left - 6, y: countScale(count), text: String(count) })),
      { size: at.text - 1, fill: colours.quietText, anchor: 'end' },
    ),
    boxes(
      bins
        .filter((bin) => bin.count > 0)
        .map((bin) => ({
          x1: scale(bin.from) + 1,
          x2: scale(bin.to) - 1,
          y1: countScale(bin.count),
          y2: at.bottom,
        })),
      colours.school,
    ),
  ];
}

function describe(data: SpreadData): string {
  const { england, schoolPercents, averagePercent } = data;
  const count = schoolPercents.length;
  if (count === 0) return `No figures are known for the ${data.schoolsText} of ${data.areaName}.`;
  const among = (test: (value: number) => boolean) => schoolPercents.filter(test).length;
  const below = among((value) => value < england.lowerQuartile);
  const above = among((value) => value > england.upperQuartile);
  const average =
    averagePercent === null
      ? ''
      : ` ${data.averageText ?? 'Together they had'} ${percent(averagePercent)}.`;
  return (
    `${plural(count, 'school')}, from ${percent(Math.min(...schoolPercents))} to ${percent(Math.max(...schoolPercents))}.` +
    `${average} Half of England’s ${data.schoolsText} were between ${percent(england.lowerQuartile)} and ${percent(england.upperQuartile)}:` +
    ` ${count - below - above} of these are within that, ${below} below and ${above} above.`
  );
}
