import * as Plot from '@observablehq/plot';
import type { Table } from '../table.ts';
import { percent } from '../words.ts';
import type { Chart, Variant } from './chart.ts';
import { type Drawing, draw, label, labels, line, lines, points } from './draw.ts';
import { colours } from './palette.ts';
import { scaleOver } from './scale.ts';

/** One series over the weeks of a year; null where it says nothing of a week. */
export type WeekLine = { name: string; percents: readonly (number | null)[] };
export type WeeksData = {
  id: string;
  title: string;
  subtitle: string;
  /** `1 Sep`: the weeks in order. */
  weeks: readonly string[];
  /** At most three, the first the one that matters most. */
  lines: readonly WeekLine[];
  table: Table;
};

/** Absence week by week, a line for each series. */
export function weeksChart(data: WeeksData): Chart {
  const { id, title, subtitle, table } = data;
  const named = { id, title, description: describe(data) };
  return {
    ...named,
    subtitle,
    get svg() {
      return draw(named, (variant) => drawing(data, variant));
    },
    table,
  };
}

function describe({ weeks, lines: drawn }: WeeksData): string {
  const told = drawn.flatMap(({ name, percents }) => {
    const at = percents.findLastIndex((each) => each !== null);
    return at < 0
      ? []
      : [`${name}: ${percent(percents[at] ?? null)} in the week of ${weeks[at] ?? ''}.`];
  });
  return told.length === 0 ? 'Nothing is known of any week.' : `Last known of ${told.join(' ')}`;
}

const look = {
  wide: { width: 720, height: 340, left: 48, bottom: 300, text: 15, every: 4 },
  narrow: { width: 320, height: 330, left: 40, bottom: 290, text: 14, every: 9 },
} as const;

/** Told apart by dash and by width as well as by colour. */
const dashes = [
  { stroke: colours.school, width: 3, dash: '' },
  { stroke: colours.expectation, width: 2.5, dash: '7 5' },
  { stroke: colours.similar, width: 2.5, dash: '2 4' },
] as const;

function drawing({ weeks, lines: drawn }: WeeksData, variant: Variant): Drawing {
  const { width, height, left, bottom, text, every } = look[variant];
  const top = 14 + 24 * drawn.length;
  const values = drawn.flatMap(({ percents }) => percents.flatMap((each) => each ?? []));
  const scale = scaleOver(values.length > 0 ? values : [0], {
    range: [bottom, top],
    tickCount: 6,
    leastSpan: 3,
  });
  const step = (width - left - 8) / Math.max(1, weeks.length - 1);
  const x = (week: number) => left + 4 + step * week;
  return {
    width,
    height,
    marks: [
      ...drawn.flatMap(({ name }, at) => {
        const as = dashes[at] ?? dashes[0];
        return [
          line(0, 12 + 24 * at, 34, 12 + 24 * at, as),
          label(42, 12 + 24 * at, name, { size: text }),
        ];
      }),
      lines(
        scale.ticks.map((tick) => ({ x1: left, x2: width, y1: scale(tick), y2: scale(tick) })),
        { stroke: colours.grid },
      ),
      labels(
        scale.ticks.map((tick) => ({
          ...{ x: left - 6, y: scale(tick), text: percent(tick, scale.tickDecimals) },
        })),
        { size: text - 1, fill: colours.quietText, anchor: 'end' },
      ),
      labels(
        weeks.flatMap((name, at) =>
          at % every === 0 && x(at) < width - 3 * text
            ? [{ x: x(at) + 2, y: bottom + 18, text: name }]
            : [],
        ),
        { size: text - 1, fill: colours.quietText },
      ),
      ...drawn.toReversed().flatMap((each, at) => {
        const as = dashes[drawn.length - 1 - at] ?? dashes[0];
        return lineOf(each.percents, { x, y: scale, as });
      }),
    ],
  };
}

/** A line goes on over weeks of which nothing is known; a single week is a point. */
function lineOf(
  percents: readonly (number | null)[],
  { x, y, as }: { x(week: number): number; y(value: number): number; as: (typeof dashes)[number] },
): Plot.Markish[] {
  const at = percents.flatMap((value, week) =>
    value === null ? [] : [{ x: x(week), y: y(value) }],
  );
  if (at.length === 1) return [points(at, { r: 4, fill: as.stroke })];
  return [
    Plot.line(at, {
      ...{ x: 'x', y: 'y', stroke: as.stroke, strokeWidth: as.width, strokeLinejoin: 'round' },
      ...(as.dash ? { strokeDasharray: as.dash } : {}),
    }),
  ];
}
