import type { Table } from '../table.ts';
import { percent, plural } from '../words.ts';
import { type Chart, type Variant, variants } from './chart.ts';
import { colours, steps } from './palette.ts';

/** An area as one square of a grid; its figure is null where none is told. */
export type Square = {
  column: number;
  row: number;
  name: string;
  /** A few letters that stand in the square where there is room. */
  short: string;
  /** Null where no page is of it. */
  href: string | null;
  percent: number | null;
  /** Between neighbours of different regions a line is drawn. */
  region: string;
};
export type SquareMapData = {
  id: string;
  title: string;
  subtitle: string;
  squares: readonly Square[];
  /** With the same areas, for whoever wants the figures. */
  table: Table;
};

export type SquareMap = Chart & { legend: { text: string; className: string }[] };

/** Areas as squares in five classes of equal number, the darker the higher; each square that has a page is a link. */
export function squareMap(data: SquareMapData): SquareMap {
  const { id, title, subtitle, squares, table } = data;
  const limits = classLimits(squares.flatMap((each) => each.percent ?? []));
  return {
    ...{ id, title, subtitle, table },
    description: describe(squares),
    legend: legendOf(limits, squares),
    get svg() {
      return variants.map((variant) => drawing(data, limits, variant)).join('\n');
    },
  };
}

/** The figures, to one decimal, from which each class but the lowest begins: as many areas in each as can be. */
export function classLimits(values: readonly number[]): number[] {
  const rising = values.map((value) => Math.round(value * 10) / 10).sort((a, b) => a - b);
  const [lowest = 0] = rising;
  const firsts = [1, 2, 3, 4].map((at) => rising[Math.ceil((at * rising.length) / 5)] ?? lowest);
  return [...new Set(firsts)].filter((limit) => limit > lowest);
}

function classOf(value: number, limits: readonly number[]): number {
  const rounded = Math.round(value * 10) / 10;
  return limits.filter((limit) => rounded >= limit).length;
}

/** With fewer classes the lightest and the darkest are still told apart best. */
function stepOf(at: number, classes: number): number {
  return classes < 2 ? 2 : Math.round((at * (steps.length - 1)) / (classes - 1));
}

function legendOf(limits: readonly number[], squares: readonly Square[]): SquareMap['legend'] {
  const known = squares.some((each) => each.percent !== null);
  const entries = known
    ? [0, ...limits].map((from, at) => {
        const below = limits[at];
        const text =
          at === 0
            ? below === undefined
              ? 'All with a figure'
              : `Under ${percent(below)}`
            : below === undefined
              ? `${percent(from)} or more`
              : `${percent(from)} to under ${percent(below)}`;
        return { text, className: `rollcall-step--${stepOf(at, limits.length + 1)}` };
      })
    : [];
  return squares.some((each) => each.percent === null)
    ? [...entries, { text: 'No figure', className: 'rollcall-step--none' }]
    : entries;
}

const fewestHalved = 8;

/** How far the areas lie apart. It names none: whoever is first or last is so by little, and asks for no list. */
function describe(squares: readonly Square[]): string {
  const rising = squares.flatMap(({ percent: value }) => value ?? []).sort((a, b) => a - b);
  const [least] = rising;
  const most = rising.at(-1);
  if (least === undefined || most === undefined) return 'No area has a figure.';
  const without = squares.length - rising.length;
  const at = (share: number) => percent(rising[Math.round(share * (rising.length - 1))] ?? null);
  return [
    `Of ${plural(rising.length, 'area')} with a figure all lie between ${percent(least)} and ${percent(most)}`,
    ...(rising.length < fewestHalved
      ? []
      : [`, the middle half of them between ${at(0.25)} and ${at(0.75)}`]),
    without === 0 ? '.' : `; ${plural(without, 'area')} ${without === 1 ? 'has' : 'have'} none.`,
  ].join('');
}

const side = 44;
/** Also where a few areas are drawn: about as large as England’s, and large enough to touch. */
const leastColumns = { wide: 15, narrow: 6 };

function drawing(
  { id, title, squares }: SquareMapData,
  limits: readonly number[],
  variant: Variant,
): string {
  const columns = Math.max(leastColumns[variant], ...squares.map((each) => each.column + 1));
  const rows = Math.max(1, ...squares.map((each) => each.row + 1));
  const body = squares.map((square) => squareMarkup(square, limits, variant)).join('');
  const size = `viewBox="-2 -2 ${columns * side + 4} ${rows * side + 4}"`;
  return `<svg class="rollcall-chart__${variant}" ${size} role="group" aria-label="${escaped(title)}" id="${id}-${variant}" font-family="Arial, Helvetica, sans-serif">${body}${boundaries(squares)}</svg>`;
}

function squareMarkup(square: Square, limits: readonly number[], variant: Variant): string {
  const { column, row, name, short, href, percent: value } = square;
  const [x, y] = [column * side, row * side];
  const step = value === null ? undefined : stepOf(classOf(value, limits), limits.length + 1);
  const [fill, ink] = step === undefined ? ['#ffffff', colours.quietText] : look(step);
  const told = `${name}: ${value === null ? 'no figure' : percent(value)}`;
  const text =
    variant === 'wide'
      ? `<text x="${x + side / 2}" y="${y + 27}" font-size="14" text-anchor="middle" fill="${ink}" aria-hidden="true">${escaped(short)}</text>`
      : '';
  const cross =
    step === undefined
      ? `<path d="M${x + 4} ${y + side - 4}L${x + side - 4} ${y + 4}" stroke="${colours.grid}" stroke-width="2"/>`
      : '';
  const [start, end] =
    href === null ? ['<g role="img">', '</g>'] : [`<a href="${escaped(href)}">`, '</a>'];
  return `${start}<title>${escaped(told)}</title><rect x="${x + 1}" y="${y + 1}" width="${side - 2}" height="${side - 2}" fill="${fill}" stroke="${colours.axis}" stroke-width="1"/>${cross}${text}${end}`;
}

function look(step: number): readonly [fill: string, ink: string] {
  const { fill, ink } = steps[step] as (typeof steps)[number];
  return [fill, ink];
}

/** Lines between squares that touch and are of different regions. */
function boundaries(squares: readonly Square[]): string {
  const at = new Map(squares.map((each) => [`${each.column} ${each.row}`, each]));
  const parts = squares.flatMap(({ column, row, region }) => {
    const [right, below] = [at.get(`${column + 1} ${row}`), at.get(`${column} ${row + 1}`)];
    return [
      ...(right && right.region !== region
        ? [`M${(column + 1) * side} ${row * side}v${side}`]
        : []),
      ...(below && below.region !== region
        ? [`M${column * side} ${(row + 1) * side}h${side}`]
        : []),
    ];
  });
  return parts.length === 0
    ? ''
    : `<path d="${parts.join('')}" fill="none" stroke="${colours.text}" stroke-width="3" stroke-linecap="square"/>`;
}

const entities: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}
