import type { Table } from '../table.ts';
import { percent } from '../words.ts';
import type { Chart, Variant } from './chart.ts';
import { boxes, type Drawing, draw, labels, line } from './draw.ts';
import { colours } from './palette.ts';
import { scaleOver } from './scale.ts';

/** A bar with its name above it; null where the figure is hidden or not known, with the word for that. */
export type Bar = { name: string; percent: number | null; instead?: string };
export type BarsData = {
  id: string;
  title: string;
  subtitle: string;
  bars: readonly Bar[];
  table: Table;
};

/** Shares of different things side by side, each a bar from nought with its name and figure. */
export function barsChart({ id, title, subtitle, bars, table }: BarsData): Chart {
  const named = { id, title, description: describe(bars) };
  return {
    ...named,
    subtitle,
    get svg() {
      return draw(named, (variant) => drawing(bars, variant));
    },
    table,
  };
}

const look = {
  wide: { width: 720, text: 15, names: 290, row: 30, most: 40 },
  narrow: { width: 320, text: 14, names: 0, row: 44, most: 44 },
} as const;

const figureWidth = 62;

/** Names stand beside the bars where there is room, else above them. */
function drawing(bars: readonly Bar[], variant: Variant): Drawing {
  const { width, text, names, row, most } = look[variant];
  const scale = scaleOver([0, ...bars.map((bar) => bar.percent ?? 0)], {
    range: [names, width - figureWidth],
    tickCount: 5,
    leastSpan: 1,
  });
  const beside = names > 0;
  const middle = (at: number) => at * row + (beside ? row / 2 : 30);
  const height = bars.length * row + 8;
  return {
    width,
    height,
    marks: [
      labels(
        bars.map(({ name }, at) => ({
          x: 0,
          y: beside ? middle(at) : at * row + 11,
          text: name.length > most ? `${name.slice(0, most - 1)}…` : name,
        })),
        { size: text },
      ),
      boxes(
        bars.flatMap((bar, at) =>
          bar.percent === null
            ? []
            : [{ x1: scale(0), x2: scale(bar.percent), y1: middle(at) - 9, y2: middle(at) + 9 }],
        ),
        colours.school,
      ),
      labels(
        bars.map((bar, at) => ({
          x: (bar.percent === null ? scale(0) : scale(bar.percent)) + 6,
          y: middle(at),
          text: bar.percent === null ? (bar.instead ?? 'not known') : percent(bar.percent),
        })),
        { size: text, bold: true },
      ),
      line(scale(0), 0, scale(0), height, { stroke: colours.axis }),
    ],
  };
}

function describe(bars: readonly Bar[]): string {
  if (bars.length === 0) return 'There is nothing to draw.';
  const said = bars.map(
    (bar) =>
      `${bar.name}: ${bar.percent === null ? (bar.instead ?? 'not known') : percent(bar.percent)}`,
  );
  return `${said.join('; ')}.`;
}
