import type * as Plot from '@observablehq/plot';
import type { Table } from '../table.ts';
import { date, percent } from '../words.ts';
import type { Chart, Variant } from './chart.ts';
import { box, boxes, type Drawing, draw, label, labels, line, lines, points } from './draw.ts';
import { colours } from './palette.ts';
import { type Scale, scaleOver } from './scale.ts';

/** A figure of a day and where it was to be expected, in percent; null where nothing came or nobody knows. */
export type BandPoint = {
  /** ISO. */
  day: string;
  observed: number | null;
  expected: number | null;
  lower: number | null;
  upper: number | null;
};
export type BandData = {
  id: string;
  title: string;
  subtitle: string;
  /** What is drawn: `Attendance`. */
  name: string;
  days: readonly BandPoint[];
  /** The day that it is about, marked where it is among them. */
  marked: string;
};

/** Days one after another with the band in which each was to be expected: what lies outside it stands out. */
export function bandChart(data: BandData): Chart {
  const { id, title, subtitle } = data;
  const named = { id, title, description: describe(data) };
  return {
    ...named,
    subtitle,
    get svg() {
      return draw(named, (variant) => drawing(data, variant));
    },
    table: tableOf(data),
  };
}

const look = {
  wide: { width: 720, left: 52, bottom: 250, height: 284, text: 15 },
  narrow: { width: 320, left: 46, bottom: 220, height: 254, text: 14 },
} as const;

function drawing({ days, marked }: BandData, variant: Variant): Drawing {
  const { width, left, bottom, height, text } = look[variant];
  const figures = days.flatMap(({ observed, lower, upper }) =>
    [observed, lower, upper].filter((each) => each !== null),
  );
  const scale = scaleOver(figures.length > 0 ? figures : [0, 100], {
    ...{ range: [bottom, 52], tickCount: 5, leastSpan: 4 },
  });
  const step = (width - left - 8) / Math.max(1, days.length);
  const middle = (at: number) => left + step * (at + 0.5);
  const at = days.findIndex(({ day }) => day === marked);
  return {
    width,
    height,
    marks: [
      ...key(variant),
      boxes(
        days.flatMap(({ lower, upper }, day) =>
          lower === null || upper === null
            ? []
            : [
                {
                  x1: middle(day) - step / 2,
                  x2: middle(day) + step / 2,
                  y1: scale(lower),
                  y2: scale(upper),
                },
              ],
        ),
        colours.band,
      ),
      ...axis(scale, { left, width, text }),
      joined(days, 'expected', { middle, scale, stroke: colours.similar, dash: '4,3' }),
      joined(days, 'observed', { middle, scale, stroke: colours.school }),
      points(
        days.flatMap(({ observed }, day) =>
          observed === null ? [] : [{ x: middle(day), y: scale(observed) }],
        ),
        { r: variant === 'wide' ? 3.5 : 2.5, fill: colours.school },
      ),
      ...(at < 0 ? [] : mark(days[at] as BandPoint, middle(at), { scale, bottom })),
      line(left, bottom, width, bottom, { stroke: colours.axis }),
      ...below(days, { middle, bottom, text, variant }),
    ],
  };
}

function key(variant: Variant): Plot.Markish[] {
  const { text } = look[variant];
  const second = variant === 'wide' ? 150 : 0;
  const lower = variant === 'wide' ? 12 : 34;
  return [
    line(0, 12, 22, 12, { stroke: colours.school, width: 2 }),
    label(28, 12, 'What came', { size: text }),
    box(second, lower - 7, second + 22, lower + 7, colours.band),
    line(second, lower, second + 22, lower, { stroke: colours.similar, dash: '4,3' }),
    label(second + 28, lower, 'Expected, 95 days in 100', { size: text }),
  ];
}

function axis(scale: Scale, at: { left: number; width: number; text: number }): Plot.Markish[] {
  return [
    lines(
      scale.ticks.map((tick) => ({ x1: at.left, x2: at.width, y1: scale(tick), y2: scale(tick) })),
      { stroke: colours.grid },
    ),
    labels(
      scale.ticks.map((tick) => ({
        ...{ x: at.left - 6, y: scale(tick), text: percent(tick, scale.tickDecimals) },
      })),
      { size: at.text - 1, fill: colours.quietText, anchor: 'end' },
    ),
  ];
}

/** A line through the days that are known, broken where one is not. */
function joined(
  days: readonly BandPoint[],
  which: 'observed' | 'expected',
  at: { middle(day: number): number; scale: Scale; stroke: string; dash?: string },
): Plot.Markish {
  const pieces = days.slice(1).flatMap((day, index) => {
    const [from, to] = [days[index]?.[which] ?? null, day[which]];
    if (from === null || to === null) return [];
    return [
      { x1: at.middle(index), y1: at.scale(from), x2: at.middle(index + 1), y2: at.scale(to) },
    ];
  });
  return lines(pieces, { stroke: at.stroke, width: 2, ...(at.dash ? { dash: at.dash } : {}) });
}

function mark(
  { observed }: BandPoint,
  x: number,
  { scale, bottom }: { scale: Scale; bottom: number },
): Plot.Markish[] {
  if (observed === null)
    return [line(x, 52, x, bottom, { stroke: colours.expectation, dash: '2,3' })];
  return [
    points([{ x, y: scale(observed) }], { r: 6, fill: colours.expectation, symbol: 'diamond' }),
  ];
}

function below(
  days: readonly BandPoint[],
  at: { middle(day: number): number; bottom: number; text: number; variant: Variant },
): Plot.Markish[] {
  const every = Math.max(1, Math.ceil(days.length / (at.variant === 'wide' ? 8 : 4)));
  const named = days.flatMap(({ day }, index) =>
    index % every === 0 ? [{ x: at.middle(index), y: at.bottom + 18, text: shortDay(day) }] : [],
  );
  return [labels(named, { size: at.text - 1, fill: colours.quietText, anchor: 'middle' })];
}

/** `2026-11-22` → `22 Nov`. */
const shortDay = (day: string) => date(day).replace(/^(\d+ \w{3}).*$/, '$1');

function tableOf({ name, days }: BandData): Table {
  return {
    caption: `${name} by day`,
    columns: [
      { name: 'date', heading: 'Day', kind: 'text' },
      { name: 'observed_percent', heading: name, kind: 'percent' },
      { name: 'expected_percent', heading: 'Expected', kind: 'percent' },
      { name: 'lower_percent', heading: 'From', kind: 'percent' },
      { name: 'upper_percent', heading: 'To', kind: 'percent' },
    ],
    rows: days.map(({ day, observed, expected, lower, upper }) => [
      ...[date(day), observed, expected, lower, upper],
    ]),
  };
}

function describe({ name, days, marked }: BandData): string {
  const at = days.find(({ day }) => day === marked);
  const outside = days.filter(
    ({ observed, lower, upper }) =>
      observed !== null &&
      lower !== null &&
      upper !== null &&
      (observed < lower || observed > upper),
  ).length;
  const first = days[0];
  const last = days.at(-1);
  if (!first || !last) return 'Nothing is known of these days, so that nothing is drawn.';
  const about = at
    ? ` On ${date(marked)} it was ${percent(at.observed)}, with ${percent(at.expected)} expected.`
    : '';
  return `${name} on ${days.length} school days from ${date(first.day)} to ${date(last.day)}, and where it was to be expected.${about} ${outside} of these days lie outside that.`;
}
