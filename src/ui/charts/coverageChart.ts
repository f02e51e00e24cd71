import type * as Plot from '@observablehq/plot';
import type { Table } from '../table.ts';
import { percent, plural } from '../words.ts';
import type { Chart, Variant } from './chart.ts';
import { type Drawing, box, draw, label, line, points } from './draw.ts';
import { colours } from './palette.ts';
import { type Scale, scaleOver } from './scale.ts';

/** Of a group's schools, the share (0–1) whose year fell inside the interval that was given. */
export type CoverageGroup = {
  name: string;
  coverage80: number;
  coverage95: number;
  schools: number;
};
export type CoverageData = { id: string; title: string; groups: CoverageGroup[] };

/** How often intervals held, per group, against what they promised: 80 % and 95 %. */
export function coverageChart(data: CoverageData): Chart {
  const named = { id: data.id, title: data.title, description: describe(data.groups) };
  return {
    ...named,
    subtitle:
      'Share of schools whose year fell inside the interval. Circles are to stand in the band at 80%, diamonds in the band at 95%.',
    get svg() {
      return draw(named, (variant) => drawing(data.groups, variant));
    },
    table: {
      caption: data.title,
      columns: [
        { name: 'group', heading: 'Group', kind: 'text' },
        { name: 'coverage_80', heading: 'Inside the 80% interval', kind: 'chance' },
        { name: 'coverage_95', heading: 'Inside the 95% interval', kind: 'chance' },
        { name: 'schools', heading: 'Schools', kind: 'count' },
      ],
      rows: data.groups.map((group) => [
        group.name,
        group.coverage80,
        group.coverage95,
        group.schools,
      ]),
    } satisfies Table,
  };
}

/** What counts as kept: 78–82 % and 94–96 %. */
const promised: [from: number, to: number][] = [
  [78, 82],
  [94, 96],
];

const look = {
  wide: { width: 720, margin: 20, rowHeight: 46, text: 15 },
  narrow: { width: 320, margin: 16, rowHeight: 46, text: 14 },
} as const;

function drawing(groups: CoverageGroup[], variant: Variant): Drawing {
  const { width, margin, rowHeight, text } = look[variant];
  const bottom = groups.length * rowHeight + 12;
  const scale = scaleOver([75, 100, ...groups.map((group) => group.coverage80 * 100)], {
    range: [margin, width - margin],
    tickCount: 6,
  });
  return {
    width,
    height: bottom + 28,
    marks: [
      ...promised.map(([from, to]) => box(scale(from), 22, scale(to), bottom, colours.band)),
      ...axis(scale, bottom, text),
      ...groups.flatMap((group, index) => row(group, index * rowHeight, scale, { width, text })),
    ],
  };
}

function axis(scale: Scale, bottom: number, text: number): Plot.Markish[] {
  return [
    ...scale.ticks.map((tick) =>
      label(scale(tick), bottom + 16, percent(tick, 0), {
        size: text - 1,
        fill: colours.quietText,
        anchor: 'middle',
      }),
    ),
    line(scale(scale.domain[0]), bottom, scale(scale.domain[1]), bottom, { stroke: colours.axis }),
    ...[80, 95].map((level) =>
      line(scale(level), 22, scale(level), bottom, {
        stroke: colours.similar,
        width: 1.5,
        dash: '5 4',
      }),
    ),
  ];
}

function row(
  group: CoverageGroup,
  top: number,
  scale: Scale,
  at: { width: number; text: number },
): Plot.Markish[] {
  const y = top + 34;
  const [at80, at95] = [scale(group.coverage80 * 100), scale(group.coverage95 * 100)];
  return [
    label(0, top + 12, group.name, { size: at.text, bold: true }),
    label(
      at.width,
      top + 12,
      `${percent(group.coverage80 * 100)} and ${percent(group.coverage95 * 100)}`,
      {
        size: at.text,
        anchor: 'end',
        fill: colours.school,
      },
    ),
    line(scale(scale.domain[0]), y, scale(scale.domain[1]), y, { stroke: colours.grid }),
    points([{ x: at80, y }], { r: 6.5, fill: colours.school }),
    points([{ x: at95, y }], { r: 6.5, fill: colours.school, symbol: 'diamond' }),
  ];
}

function describe(groups: CoverageGroup[]): string {
  const held = (group: CoverageGroup) =>
    `${group.name}, ${plural(group.schools, 'school')}: ${percent(group.coverage80 * 100)} inside the 80% interval and ${percent(group.coverage95 * 100)} inside the 95% interval`;
  return groups.length === 0 ? 'No groups.' : `${groups.map(held).join('. ')}.`;
}
