import * as Plot from '@observablehq/plot';
import { type AcademicYear, yearLabel } from '../../base/academicYear.ts';
import type { Day } from '../../base/day.ts';
import type { Table } from '../table.ts';
import { date, month, percent, sureness } from '../words.ts';
import type { Chart, Variant } from './chart.ts';
import { box, type Drawing, draw, label, labels, line, lines, points } from './draw.ts';
import { colours } from './palette.ts';
import { type Scale, scaleOver, spreadApart } from './scale.ts';

/** All percentages are of the sessions from the start of the year to the end of a week, 0–100. */
export type YearData = {
  id: string;
  schoolName: string;
  year: AcademicYear;
  /** The weeks of the year in order, by their Mondays; the school’s own is null in those to come. */
  weeks: { monday: Day; pathPercent: number; schoolPercent: number | null }[];
  expectationPercent: number;
  end: { centralPercent: number; lower80Percent: number; upper80Percent: number };
};

/** Absence so far against the path to the expectation, week by week, and where the year may end. */
export function yearChart(data: YearData): Chart {
  const { schoolName, expectationPercent, end } = data;
  const named = {
    id: data.id,
    title: `The year so far at ${schoolName}, ${yearLabel(data.year)}`,
    description: describe(data),
  };
  return {
    ...named,
    subtitle: `Absence, in every hundred possible sessions, added up from the start of the year to each week. The dashed line is the path to the expectation of ${percent(expectationPercent)}: it bends because absence is usually low in September and high in winter. The bar on the right is where the year may end, ${sureness(80)}: between ${percent(end.lower80Percent)} and ${percent(end.upper80Percent)}.`,
    get svg() {
      return draw(named, (variant) => drawing(data, variant));
    },
    table: {
      caption: named.title,
      columns: [
        { name: 'week_of', heading: 'Up to the week of', kind: 'text' },
        { name: 'absence_so_far_percent', heading: 'This school so far', kind: 'percent' },
        { name: 'path_percent', heading: 'On the path', kind: 'percent' },
      ],
      rows: data.weeks.map((week) => [date(week.monday), week.schoolPercent, week.pathPercent]),
    } satisfies Table,
  };
}

function describe({ weeks, expectationPercent, end }: YearData): string {
  const last = weeks.findLast((week) => week.schoolPercent !== null);
  const now = last
    ? `Up to the week of ${date(last.monday)} the school stands at ${percent(last.schoolPercent)}, the path at ${percent(last.pathPercent)}. `
    : '';
  return `${now}The path ends at ${percent(weeks.at(-1)?.pathPercent ?? expectationPercent)}; the year may end between ${percent(end.lower80Percent)} and ${percent(end.upper80Percent)}.`;
}

type Layout = {
  width: number;
  height: number;
  top: number;
  bottom: number;
  left: number;
  right: number;
  endLeft: number;
  text: number;
};

const layouts: Record<Variant, Layout> = {
  wide: {
    width: 720,
    height: 360,
    top: 34,
    bottom: 312,
    left: 50,
    right: 540,
    endLeft: 556,
    text: 15,
  },
  narrow: {
    width: 320,
    height: 330,
    top: 34,
    bottom: 250,
    left: 40,
    right: 222,
    endLeft: 234,
    text: 14,
  },
};

function drawing(data: YearData, variant: Variant): Drawing {
  const layout = layouts[variant];
  const { weeks, end, expectationPercent } = data;
  const every = [
    ...weeks.flatMap(({ pathPercent, schoolPercent }) => [
      pathPercent,
      schoolPercent ?? pathPercent,
    ]),
    ...[end.lower80Percent, end.upper80Percent, end.centralPercent, expectationPercent],
  ];
  const scale = scaleOver(every, {
    range: [layout.bottom, layout.top],
    tickCount: variant === 'wide' ? 6 : 5,
    leastSpan: 3,
  });
  const first = Date.parse(weeks[0]?.monday ?? '');
  const span = Math.max(1, Date.parse(weeks.at(-1)?.monday ?? '') - first);
  const x = (monday: Day) =>
    layout.left + 6 + ((Date.parse(monday) - first) / span) * (layout.right - layout.left - 12);
  return {
    width: layout.width,
    height: layout.height,
    marks: [
      box(layout.endLeft, 0, layout.width, layout.bottom, colours.panel),
      label(
        (layout.endLeft + layout.width) / 2,
        16,
        variant === 'wide' ? 'End of the year' : 'Year’s end',
        {
          size: layout.text,
          bold: true,
          anchor: 'middle',
        },
      ),
      ...grid(scale, layout),
      ...months(weeks, x, layout, variant),
      ...curves(weeks, x, scale),
      ...lineLabels(data, x, scale, layout),
      ...endMarks(data, scale, layout, variant),
      ...key(layout, variant),
    ],
  };
}

function grid(scale: Scale, layout: Layout): Plot.Markish[] {
  const across = scale.ticks.flatMap((tick) =>
    [
      [layout.left, layout.right],
      [layout.endLeft, layout.width],
    ].map(([x1 = 0, x2 = 0]) => ({ x1, x2, y1: scale(tick), y2: scale(tick) })),
  );
  return [
    lines(across, { stroke: colours.grid }),
    labels(
      scale.ticks.map((tick) => ({
        x: layout.left - 6,
        y: scale(tick),
        text: percent(tick, scale.tickDecimals),
      })),
      { size: layout.text - 1, fill: colours.quietText, anchor: 'end' },
    ),
  ];
}

/** The first week of each month is marked; every third is named where there is little room. */
function months(
  weeks: YearData['weeks'],
  x: (monday: Day) => number,
  layout: Layout,
  variant: Variant,
): Plot.Markish[] {
  const monthAt = (at: number) => monthOf(weeks[at]?.monday);
  const firsts = weeks.filter((_, at) => monthAt(at) !== monthAt(at - 1));
  const named = firsts.filter((_, at) => at % (variant === 'wide' ? 2 : 4) === 0);
  return [
    lines(
      firsts.map(({ monday }) => ({
        x1: x(monday),
        x2: x(monday),
        y1: layout.bottom,
        y2: layout.bottom + 5,
      })),
      { stroke: colours.axis },
    ),
    labels(
      named.map(({ monday }) => ({
        x: x(monday),
        y: layout.bottom + 18,
        text: monthOf(monday).slice(0, 3),
      })),
      { size: layout.text - 2, fill: colours.quietText, anchor: 'middle' },
    ),
  ];
}

/** The month in which most of a week’s school days are. */
function monthOf(monday: Day | undefined): string {
  if (monday === undefined) return '';
  const wednesday = new Date(Date.parse(`${monday}T00:00:00Z`) + 2 * 86_400_000);
  return month(wednesday.toISOString().slice(0, 10));
}

function curves(
  weeks: YearData['weeks'],
  x: (monday: Day) => number,
  scale: Scale,
): Plot.Markish[] {
  const school = weeks.flatMap(({ monday, schoolPercent }) =>
    schoolPercent === null ? [] : [{ x: x(monday), y: scale(schoolPercent) }],
  );
  const path = weeks.map(({ monday, pathPercent }) => ({ x: x(monday), y: scale(pathPercent) }));
  return [
    Plot.line(path, {
      ...{ x: 'x', y: 'y', stroke: colours.expectation, strokeWidth: 2.5 },
      strokeDasharray: '7 5',
    }),
    Plot.line(school, { x: 'x', y: 'y', stroke: colours.school, strokeWidth: 3.5 }),
    points(school.slice(-1), { r: 5.5, fill: colours.school }),
  ];
}

/** Beside the last week: what the school has come to. */
function lineLabels(
  { weeks }: YearData,
  x: (monday: Day) => number,
  scale: Scale,
  layout: Layout,
): Plot.Markish[] {
  const last = weeks.findLast(({ schoolPercent }) => schoolPercent !== null);
  if (!last || last.schoolPercent === null) return [];
  const [school = 0, path = 0] = spreadApart([scale(last.schoolPercent), scale(last.pathPercent)], {
    gap: 22,
    from: layout.top,
    to: layout.bottom - 8,
  });
  const at = Math.min(x(last.monday) + 10, layout.right - 60);
  return [
    label(at, school, percent(last.schoolPercent), {
      size: layout.text,
      bold: true,
      fill: colours.school,
    }),
    label(at, path, percent(last.pathPercent), { size: layout.text, fill: colours.expectation }),
  ];
}

function endMarks(
  { end, expectationPercent }: YearData,
  scale: Scale,
  layout: Layout,
  variant: Variant,
): Plot.Markish[] {
  const x = layout.endLeft + 20;
  const texts = [
    { text: percent(end.centralPercent), value: end.centralPercent, fill: colours.school },
    {
      text:
        variant === 'wide'
          ? `${percent(expectationPercent)} expected`
          : percent(expectationPercent),
      value: expectationPercent,
      fill: colours.expectation,
    },
  ];
  const middles = spreadApart(
    texts.map(({ value }) => scale(value)),
    { gap: 22, from: layout.top, to: layout.bottom - 8 },
  );
  return [
    line(x, scale(end.lower80Percent), x, scale(end.upper80Percent), {
      stroke: colours.schoolRange,
      width: 12,
    }),
    points([{ x, y: scale(end.centralPercent) }], { r: 6, fill: 'white', stroke: colours.school }),
    points([{ x, y: scale(expectationPercent) }], {
      ...{ r: 7, fill: colours.expectation },
      symbol: 'diamond',
    }),
    ...texts.map(({ text, fill }, at) =>
      label(x + 14, middles[at] ?? 0, text, { size: layout.text, bold: true, fill }),
    ),
  ];
}

function key(layout: Layout, variant: Variant): Plot.Markish[] {
  const look = { size: layout.text - 1, fill: colours.quietText };
  const y = layout.bottom + (variant === 'wide' ? 40 : 44);
  const path = variant === 'wide' ? layout.left + 150 : layout.left;
  const pathY = variant === 'wide' ? y : y + 24;
  return [
    line(layout.left, y, layout.left + 22, y, { stroke: colours.school, width: 3.5 }),
    label(layout.left + 28, y, 'This school', look),
    line(path, pathY, path + 22, pathY, { stroke: colours.expectation, width: 2.5, dash: '7 5' }),
    label(path + 28, pathY, 'Path to the expectation', look),
  ];
}
