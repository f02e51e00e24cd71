import type * as Plot from '@observablehq/plot';
import type { Table } from '../table.ts';
import { percent, plural } from '../words.ts';
import type { Chart, Variant } from './chart.ts';
import { type Drawing, draw, label, line, points } from './draw.ts';
import { colours } from './palette.ts';
import { linear } from './scale.ts';

/** One tenth of the probabilities: what was told on average (0–1), how often it happened (0–1), of how many schools. */
export type CalibrationTenth = { told: number; happened: number; schools: number };
export type CalibrationData = {
  id: string;
  /** What was foretold, in a sentence: `meeting the expectation for overall absence`. */
  what: string;
  tenths: CalibrationTenth[];
};

/** Told against happened: of the schools told 30 %, did 30 %? */
export function calibrationChart(data: CalibrationData): Chart {
  const tenths = data.tenths.filter((tenth) => tenth.schools > 0);
  const named = {
    id: data.id,
    title: `Told and happened: ${data.what}`,
    description: describe(tenths),
  };
  return {
    ...named,
    subtitle:
      'Each dot is the schools told about the same chance. On the line, it happened as often as told; the bars show what luck alone allows.',
    get svg() {
      return draw(named, (variant) => drawing(tenths, variant));
    },
    table: {
      caption: named.title,
      columns: [
        { name: 'told', heading: 'Told, on average', kind: 'chance' },
        { name: 'happened', heading: 'Happened', kind: 'chance' },
        { name: 'schools', heading: 'Schools', kind: 'count' },
      ],
      rows: tenths.map((tenth) => [tenth.told, tenth.happened, tenth.schools]),
    } satisfies Table,
  };
}

/** Two standard errors of the share that happened, were the told chance true. */
function luck({ told, schools }: CalibrationTenth): number {
  return 2 * Math.sqrt((told * (1 - told)) / schools);
}

const look = {
  wide: { width: 720, left: 60, side: 380, text: 15 },
  narrow: { width: 320, left: 48, side: 258, text: 14 },
} as const;

function drawing(tenths: CalibrationTenth[], variant: Variant): Drawing {
  const { width, left, side, text } = look[variant];
  const top = 34;
  const bottom = top + side;
  const ticks = variant === 'wide' ? [0, 0.2, 0.4, 0.6, 0.8, 1] : [0, 0.5, 1];
  const x = linear([0, 1], [left, left + side], ticks);
  const y = linear([0, 1], [bottom, top], ticks);
  const quiet = { size: text - 1, fill: colours.quietText };
  return {
    width,
    height: bottom + 54,
    marks: [
      ...ticks.flatMap((tick): Plot.Markish[] => [
        line(left, y(tick), left + side, y(tick), { stroke: colours.grid }),
        line(x(tick), top, x(tick), bottom, { stroke: colours.grid }),
        label(left - 6, y(tick), percent(tick * 100, 0), { ...quiet, anchor: 'end' }),
        label(x(tick), bottom + 16, percent(tick * 100, 0), { ...quiet, anchor: 'middle' }),
      ]),
      label(left - 40, 12, 'Happened', { size: text, bold: true }),
      label(left + side, bottom + 40, 'Told', { size: text, bold: true, anchor: 'end' }),
      line(x(0), y(0), x(1), y(1), { stroke: colours.similar, width: 2, dash: '6 4' }),
      ...tenths.map((tenth) => {
        const within = (share: number) => y(Math.min(1, Math.max(0, share)));
        return line(
          x(tenth.told),
          within(tenth.told - luck(tenth)),
          x(tenth.told),
          within(tenth.told + luck(tenth)),
          {
            stroke: colours.schoolRange,
            width: 7,
          },
        );
      }),
      points(
        tenths.map((tenth) => ({ x: x(tenth.told), y: y(tenth.happened) })),
        { r: 6, fill: colours.school },
      ),
    ],
  };
}

function describe(tenths: CalibrationTenth[]): string {
  const told = (tenth: CalibrationTenth) =>
    `of ${plural(tenth.schools, 'school')} told ${percent(tenth.told * 100, 0)}, ${percent(tenth.happened * 100, 0)}`;
  return tenths.length === 0
    ? 'Nothing has been told yet.'
    : `How often it happened: ${tenths.map(told).join('; ')}.`;
}
