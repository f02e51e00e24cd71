import type * as Plot from '@observablehq/plot';
import type { Table } from '../table.ts';
import { percent } from '../words.ts';
import type { Chart, Variant } from './chart.ts';
import { boxes, type Drawing, draw, label, labels, line, lines } from './draw.ts';
import { colours } from './palette.ts';
import { type Scale, scaleOver } from './scale.ts';

/** One piece of time: absence in its two parts, as shares of possible sessions; null where nothing is known. */
export type TimePiece = {
  /** `Week of 8 September 2025`. */
  name: string;
  /** `8 Sep`: under the column. */
  shortName: string;
  authorisedPercent: number | null;
  unauthorisedPercent: number | null;
};
export type TimeData = {
  id: string;
  title: string;
  subtitle: string;
  pieces: readonly TimePiece[];
  /** With the same rows, for whoever wants the figures. */
  table: Table;
};

/** Absence over time as columns from nought, unauthorised at the foot and authorised above it. */
export function timeChart(data: TimeData): Chart {
  const { id, title, subtitle, pieces, table } = data;
  const named = { id, title, description: describe(pieces) };
  return {
    ...named,
    subtitle,
    get svg() {
      return draw(named, (variant) => drawing(pieces, variant));
    },
    table,
  };
}

const totalOf = ({ authorisedPercent, unauthorisedPercent }: TimePiece) =>
  authorisedPercent === null || unauthorisedPercent === null
    ? null
    : authorisedPercent + unauthorisedPercent;

const look = {
  wide: { width: 720, left: 48, bottom: 250, height: 284, text: 15 },
  narrow: { width: 320, left: 40, bottom: 210, height: 244, text: 14 },
} as const;

function drawing(pieces: readonly TimePiece[], variant: Variant): Drawing {
  const { width, left, bottom, height, text } = look[variant];
  const totals = pieces.map(totalOf);
  const scale = scaleOver([0, ...totals.map((each) => each ?? 0)], {
    range: [bottom, 44],
    tickCount: 5,
    leastSpan: 4,
  });
  const step = (width - left) / Math.max(1, pieces.length);
  const half = Math.min(28, step * 0.38);
  const middle = (at: number) => left + step * (at + 0.5);
  const part = (from: (piece: TimePiece) => number, to: (piece: TimePiece) => number) =>
    pieces.flatMap((piece, at) =>
      totalOf(piece) === null
        ? []
        : [
            {
              x1: middle(at) - half,
              x2: middle(at) + half,
              y1: scale(from(piece)),
              y2: scale(to(piece)),
            },
          ],
    );
  return {
    width,
    height,
    marks: [
      ...key(variant),
      ...axis(scale, { left, width, text }),
      boxes(
        part(
          () => 0,
          (each) => each.unauthorisedPercent ?? 0,
        ),
        colours.school,
      ),
      boxes(
        part(
          (each) => each.unauthorisedPercent ?? 0,
          (each) => totalOf(each) ?? 0,
        ),
        colours.schoolRange,
      ),
      line(left, bottom, width, bottom, { stroke: colours.axis }),
      ...below(pieces, { middle, bottom, text, step }),
      ...above(pieces, { middle, scale, text, step }),
    ],
  };
}

function key(variant: Variant): Plot.Markish[] {
  const { text } = look[variant];
  const second = variant === 'wide' ? 200 : 150;
  return [
    boxes([{ x1: 0, x2: 14, y1: 4, y2: 18 }], colours.school),
    label(20, 12, 'Unauthorised', { size: text }),
    boxes([{ x1: second, x2: second + 14, y1: 4, y2: 18 }], colours.schoolRange),
    label(second + 20, 12, 'Authorised', { size: text }),
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

/** As many names as there is room for, the first and then every so many. */
function below(
  pieces: readonly TimePiece[],
  at: { middle(at: number): number; bottom: number; text: number; step: number },
): Plot.Markish[] {
  const longest = Math.max(...pieces.map(({ shortName }) => shortName.length), 1);
  const every = Math.max(1, Math.ceil((longest * at.text * 0.62 + 8) / at.step));
  const named = pieces.flatMap(({ shortName }, index) =>
    index % every === 0 ? [{ x: at.middle(index), y: at.bottom + 18, text: shortName }] : [],
  );
  return [labels(named, { size: at.text - 1, fill: colours.quietText, anchor: 'middle' })];
}

/** The figure over each column, where columns are wide enough to carry it. */
function above(
  pieces: readonly TimePiece[],
  at: { middle(at: number): number; scale: Scale; text: number; step: number },
): Plot.Markish[] {
  if (at.step < at.text * 2.9) return [];
  const figures = pieces.flatMap((piece, index) => {
    const total = totalOf(piece);
    return total === null
      ? []
      : [{ x: at.middle(index), y: at.scale(total) - 10, text: percent(total) }];
  });
  return [labels(figures, { size: at.text - 1, bold: true, anchor: 'middle' })];
}

function describe(pieces: readonly TimePiece[]): string {
  const known = pieces.flatMap((piece) => {
    const total = totalOf(piece);
    return total === null ? [] : [{ name: piece.name, total }];
  });
  const [first] = known;
  const last = known.at(-1);
  if (!first || !last) return 'Nothing is known of this time, so that nothing is drawn.';
  const most = known.reduce((a, b) => (b.total > a.total ? b : a));
  const least = known.reduce((a, b) => (b.total < a.total ? b : a));
  return `Absence from ${first.name}, ${percent(first.total)}, to ${last.name}, ${percent(last.total)}. Most in ${most.name}: ${percent(most.total)}. Least in ${least.name}: ${percent(least.total)}.`;
}
