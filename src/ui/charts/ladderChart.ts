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

/**
 * Where a rung stands: beyond the expectation; passed by the school in the same year; or no further than what is asked.
 */
export type LadderStands = 'further' | 'already there' | 'no further';

/** Whose figure of which year; a percentage of null is not known, for the reason given. */
export type LadderRung = {
  year: AcademicYear | null;
  percent: number | null;
  stands: LadderStands;
  whyNotKnown?: string;
};

/** Percentages are 0–100; null is not known. The expectation makes this a chart for those who may see it. */
export type LadderData = {
  id: string;
  schoolName: string;
  measure: Measure;
  /** The year the expectation is for. */
  year: AcademicYear;
  lastYear: { year: AcademicYear; percent: number } | null;
  /** What would come anyway: every step starts there. */
  forecastPercent: number | null;
  expectationPercent: number | null;
  similarBestQuarter: LadderRung;
  authorityAverage: LadderRung & { name: string; schoolsText: string };
  /** Null leaves the rung out: an expectation for a year before the pandemic has none. */
  prePandemic: LadderRung | null;
};

type Rung = {
  /** Short enough to be drawn in one line. */
  label: string;
  /** For the words and the table. */
  name: string;
  year: AcademicYear | null;
  percent: number | null;
  kind: 'last' | 'forecast' | 'expectation' | 'ambition';
  /** Said of the rung in place of how far it is. */
  note: string;
};

/** The ladder of ambition: what would come anyway, the least the school should aim for, and what lies beyond. */
export function ladderChart(data: LadderData): Chart {
  const rungs = rungsOf(data);
  const words = measureWords[data.measure];
  const named = {
    id: data.id,
    title: `Steps for ${words.inSentence} in ${yearLabel(data.year)}`,
    description: describe(data, rungs),
  };
  return {
    ...named,
    subtitle: `${words.counted}. Each bar runs from the forecast to a step: further left is less absence.`,
    get svg() {
      return draw(named, (variant) => drawing(rungs, variant));
    },
    table: tableOf(rungs, `Steps for ${data.schoolName}, ${yearLabel(data.year)}`),
  };
}

function rungsOf(data: LadderData): Rung[] {
  const { lastYear, prePandemic, authorityAverage, similarBestQuarter, year } = data;
  const own = (label: string, kind: Rung['kind'], of: AcademicYear, percent: number | null) => ({
    label,
    name: label,
    year: of,
    percent,
    kind,
    note: '',
  });
  const ambition = (label: string, rung: LadderRung, name = label): Rung => ({
    label,
    name,
    year: rung.year,
    percent: rung.percent,
    kind: 'ambition',
    note: rung.percent === null ? (rung.whyNotKnown ?? notKnown) : notes[rung.stands],
  });
  return [
    ...(lastYear ? [own('Last year known', 'last', lastYear.year, lastYear.percent)] : []),
    own('Forecast', 'forecast', year, data.forecastPercent),
    own('Expectation', 'expectation', year, data.expectationPercent),
    ambition('Best quarter of similar schools', similarBestQuarter),
    ambition(
      'Local authority average',
      authorityAverage,
      `Average of ${authorityAverage.schoolsText} in ${authorityAverage.name}`,
    ),
    ...(prePandemic ? [ambition('Before the pandemic', prePandemic)] : []),
  ];
}

const notes: Record<LadderStands, string> = {
  further: '',
  'already there': 'already there',
  'no further': 'no further than the expectation',
};

const look = {
  wide: { width: 720, margin: 14, rowHeight: 58, track: 38, text: 16 },
  narrow: { width: 320, margin: 10, rowHeight: 68, track: 50, text: 14 },
} as const;

function drawing(rungs: Rung[], variant: Variant): Drawing {
  const { width, margin, rowHeight, track, text } = look[variant];
  const bottom = rungs.length * rowHeight + 6;
  const known = rungs.map((rung) => rung.percent).filter((value) => value !== null);
  const scale = scaleOver(known.length > 0 ? known : [0], {
    range: [margin + 8, width - margin - 8],
    tickCount: variant === 'wide' ? 8 : 4,
    leastSpan: 2,
  });
  const at = rungs.findIndex((rung) => rung.kind === 'forecast');
  const start = rungs[at]?.percent ?? null;
  return {
    width,
    height: bottom + 26,
    marks: [
      ...axis(scale, bottom, text),
      ...(start === null
        ? []
        : [
            // From track to track, passing by the words between them.
            lines(
              rungs.slice(at).map((_, below) => ({
                x1: scale(start),
                x2: scale(start),
                y1: (at + below) * rowHeight + track,
                y2: (at + below + 1) * rowHeight + 2,
              })),
              { stroke: colours.school, width: 1.5, dash: '3 3' },
            ),
          ]),
      ...rungs.flatMap((rung, index) =>
        rungMarks(rung, start, scale, { top: index * rowHeight, width, variant, text, track }),
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
  at: { top: number; width: number; variant: Variant; text: number; track: number },
): Plot.Markish[] {
  const y = at.top + at.track;
  const { percent: value, kind, note } = rung;
  const passed = kind === 'ambition' && note !== '';
  const stroke = passed
    ? colours.quietText
    : kind === 'expectation'
      ? colours.expectation
      : colours.school;
  const isStep = (kind === 'expectation' || kind === 'ambition') && !passed;
  const from = isStep && value !== null ? start : null;
  const apart = from === null || value === null ? '' : shortDifference(value, from);
  const bold = kind !== 'ambition';
  const year = rung.year === null ? '' : yearLabel(rung.year);
  const wide = at.variant === 'wide';
  const right = value === null ? '' : percent(value);
  const said = [apart && `(${apart})`, note].filter(Boolean).join(' ');
  return [
    label(0, at.top + 14, wide && year ? `${rung.label} (${year})` : rung.label, {
      size: at.text,
      bold,
      fill: colours.text,
    }),
    label(
      at.width,
      at.top + 14,
      wide ? [right, said].filter(Boolean).join(note && right ? ', ' : ' ') : right,
      { size: at.text, bold, fill: stroke, anchor: 'end' },
    ),
    ...(wide
      ? []
      : [
          label(0, at.top + 32, [year, note || apart].filter(Boolean).join(', '), {
            size: at.text - 1,
            fill: colours.quietText,
          }),
        ]),
    ...(from === null || value === null
      ? []
      : [
          line(scale(from), y, scale(value), y, {
            stroke,
            width: kind === 'expectation' ? 8 : 4,
          }),
        ]),
    ...(value === null ? [] : [rungPoint(kind, scale(value), y, stroke)]),
  ];
}

function rungPoint(kind: Rung['kind'], x: number, y: number, colour: string): Plot.Markish {
  const hollow = kind === 'ambition' || kind === 'forecast';
  return points([{ x, y }], {
    r: kind === 'ambition' ? 6 : 7.5,
    fill: hollow ? 'white' : colour,
    stroke: hollow ? colour : 'white',
    symbol: kind === 'expectation' ? 'diamond' : 'circle',
  });
}

function shortDifference(value: number, against: number): string {
  return difference(value, against).replace('percentage points', 'points');
}

function describe(data: LadderData, rungs: Rung[]): string {
  const steps = rungs.map((rung) => {
    const name = rung.year === null ? rung.name : `${rung.name} (${yearLabel(rung.year)})`;
    if (rung.percent === null) return `${name}: ${rung.note || notKnown}`;
    const isStep = rung.kind === 'expectation' || rung.kind === 'ambition';
    const apart =
      !isStep || data.forecastPercent === null
        ? ''
        : `, ${difference(rung.percent, data.forecastPercent)} than the forecast`;
    const note = rung.note ? `, ${rung.note}` : '';
    return `${name}: ${percent(rung.percent)}${apart.replace('the same than', 'the same as')}${note}`;
  });
  return `${measureWords[data.measure].title} at ${data.schoolName}, in steps. ${steps.join('. ')}.`;
}

function tableOf(rungs: Rung[], caption: string): Table {
  return {
    caption,
    columns: [
      { name: 'step', heading: 'Step', kind: 'text' },
      { name: 'time_period', heading: 'Year', kind: 'year' },
      { name: 'percent', heading: 'Percentage', kind: 'percent' },
      { name: 'note', heading: 'Note', kind: 'text' },
    ],
    rows: rungs.map((rung) => [rung.name, rung.year ?? '', rung.percent ?? '', rung.note]),
  };
}
