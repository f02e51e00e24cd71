import type * as Plot from '@observablehq/plot';
import { type AcademicYear, yearLabel } from '../../base/academicYear.ts';
import type { Measure } from '../../base/measure.ts';
import type { Table } from '../table.ts';
import { difference, notKnown, percent } from '../words.ts';
import type { Chart, Variant } from './chart.ts';
import { type Drawing, draw, label, labels, line, lines, points } from './draw.ts';
import { measureWords } from './measureWords.ts';
import { colours } from './palette.ts';
import { type Scale, scaleOver } from './scale.ts';

/** Percentages are 0–100; null is not known. The expectation makes this a chart for those who may see it. */
export type LadderData = {
  id: string;
  schoolName: string;
  measure: Measure;
  /** The year the expectation is for. */
  year: AcademicYear;
  lastYear: { year: AcademicYear; percent: number } | null;
  expectationPercent: number | null;
  similarBestQuarterPercent: number | null;
  authorityAverage: { name: string; percent: number | null };
  /** Null leaves the rung out: an expectation for a year before the pandemic has none. */
  prePandemic: { year: AcademicYear; percent: number | null } | null;
};

type Rung = {
  /** Short enough to be drawn in one line. */
  label: string;
  /** For the words and the table. */
  name: string;
  percent: number | null;
  kind: 'last' | 'expectation' | 'ambition';
};

/** The ladder of ambition: where the school is, the least it should aim for, and what lies beyond. */
export function ladderChart(data: LadderData): Chart {
  const rungs = rungsOf(data);
  const words = measureWords[data.measure];
  const named = {
    id: data.id,
    title: `Steps from last year’s ${words.inSentence}`,
    description: describe(data, rungs),
  };
  return {
    ...named,
    subtitle: `${words.counted}. ${data.lastYear ? 'Each bar runs from last year to the step: further' : 'Further'} left is less absence.`,
    svg: draw(named, (variant) => drawing(rungs, variant)),
    table: tableOf(rungs, `Steps for ${data.schoolName}, ${yearLabel(data.year)}`),
  };
}

function rungsOf(data: LadderData): Rung[] {
  const { lastYear, prePandemic, authorityAverage } = data;
  const rung = (label: string, kind: Rung['kind'], percent: number | null, name = label): Rung => ({
    label,
    name,
    percent,
    kind,
  });
  return [
    rung(
      lastYear ? `Last year known (${yearLabel(lastYear.year)})` : 'Last year',
      'last',
      lastYear?.percent ?? null,
    ),
    rung(`Expectation for ${yearLabel(data.year)}`, 'expectation', data.expectationPercent),
    rung('Best quarter of similar schools', 'ambition', data.similarBestQuarterPercent),
    rung(
      'Local authority average',
      'ambition',
      authorityAverage.percent,
      `Average of ${authorityAverage.name}`,
    ),
    ...(prePandemic
      ? [
          rung(
            `Before the pandemic (${yearLabel(prePandemic.year)})`,
            'ambition',
            prePandemic.percent,
          ),
        ]
      : []),
  ];
}

const look = {
  wide: { width: 720, margin: 14, rowHeight: 58, text: 16 },
  narrow: { width: 320, margin: 10, rowHeight: 54, text: 14 },
} as const;

function drawing(rungs: Rung[], variant: Variant): Drawing {
  const { width, margin, rowHeight, text } = look[variant];
  const bottom = rungs.length * rowHeight + 6;
  const known = rungs.map((rung) => rung.percent).filter((value) => value !== null);
  const scale = scaleOver(known.length > 0 ? known : [0], {
    range: [margin + 8, width - margin - 8],
    tickCount: variant === 'wide' ? 8 : 4,
    leastSpan: 2,
  });
  const start = rungs[0]?.percent ?? null;
  return {
    width,
    height: bottom + 26,
    marks: [
      ...axis(scale, bottom, text),
      ...(start === null
        ? []
        : [
            line(scale(start), 36, scale(start), bottom, {
              stroke: colours.school,
              width: 1.5,
              dash: '3 3',
            }),
          ]),
      ...rungs.flatMap((rung, index) =>
        rungMarks(rung, start, scale, { top: index * rowHeight, width, variant, text }),
      ),
    ],
  };
}

function axis(scale: Scale, bottom: number, text: number): Plot.Markish[] {
  return [
    lines(
      scale.ticks.map((tick) => ({ x1: scale(tick), x2: scale(tick), y1: 0, y2: bottom })),
      { stroke: colours.grid },
    ),
    labels(
      scale.ticks.map((tick) => ({
        x: scale(tick),
        y: bottom + 14,
        text: percent(tick, scale.tickDecimals),
      })),
      { size: text - 2, fill: colours.quietText, anchor: 'middle' },
    ),
  ];
}

function rungMarks(
  rung: Rung,
  start: number | null,
  scale: Scale,
  at: { top: number; width: number; variant: Variant; text: number },
): Plot.Markish[] {
  const stroke = rung.kind === 'expectation' ? colours.expectation : colours.school;
  const y = at.top + 38;
  const bold = rung.kind !== 'ambition';
  const value = rung.percent;
  const from = start !== null && value !== null && rung.kind !== 'last' ? start : null;
  const apart =
    from !== null && value !== null && at.variant === 'wide'
      ? ` (${shortDifference(value, from)})`
      : '';
  return [
    label(0, at.top + 14, rung.label, { size: at.text, bold, fill: colours.text }),
    label(at.width, at.top + 14, value === null ? notKnown : `${percent(value)}${apart}`, {
      size: at.text,
      bold,
      fill: value === null ? colours.quietText : stroke,
      anchor: 'end',
    }),
    ...(from === null || value === null
      ? []
      : [
          line(scale(from), y, scale(value), y, {
            stroke,
            width: rung.kind === 'expectation' ? 8 : 4,
          }),
        ]),
    ...(value === null
      ? []
      : [
          points([{ x: scale(value), y }], {
            r: rung.kind === 'ambition' ? 6 : 7.5,
            fill: rung.kind === 'ambition' ? 'white' : stroke,
            stroke: rung.kind === 'ambition' ? stroke : 'white',
            symbol: rung.kind === 'expectation' ? 'diamond' : 'circle',
          }),
        ]),
  ];
}

function shortDifference(value: number, against: number): string {
  return difference(value, against).replace('percentage points', 'points');
}

function describe(data: LadderData, rungs: Rung[]): string {
  const start = rungs[0]?.percent ?? null;
  const steps = rungs.map((rung) => {
    if (rung.percent === null) return `${rung.name}: ${notKnown}`;
    const apart =
      start === null || rung.kind === 'last'
        ? ''
        : `, ${difference(rung.percent, start)} than last year`;
    return `${rung.name}: ${percent(rung.percent)}${apart.replace('the same than', 'the same as')}`;
  });
  return `${measureWords[data.measure].title} at ${data.schoolName}, in steps. ${steps.join('. ')}.`;
}

function tableOf(rungs: Rung[], caption: string): Table {
  return {
    caption,
    columns: [
      { name: 'step', heading: 'Step', kind: 'text' },
      { name: 'percent', heading: 'Percentage', kind: 'percent' },
    ],
    rows: rungs.map((rung) => [rung.name, rung.percent]),
  };
}
