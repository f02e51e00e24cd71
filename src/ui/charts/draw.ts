import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { type Chart, type Variant, variants } from './chart.ts';
import { colours } from './palette.ts';

/** What one variant is made of. Every position is in the units of its own width and height. */
export type Drawing = { width: number; height: number; marks: Plot.Markish[] };

/** The little of an element's interface that is used here; the compiler is given no browser types. */
type SvgElement = {
  readonly outerHTML: string;
  textContent: string;
  setAttribute: (name: string, value: string) => void;
  removeAttribute: (name: string) => void;
  prepend: (...children: SvgElement[]) => void;
  remove: () => void;
  querySelectorAll: (selector: string) => Iterable<SvgElement>;
};

/** One document makes every chart: nothing is ever attached to it. */
const { document } = parseHTML('<!doctype html><html><body></body></html>');

/** Draws a chart wide and narrow, each with its title and description inside. */
export function draw(
  chart: Pick<Chart, 'id' | 'title' | 'description'>,
  drawing: (variant: Variant) => Drawing,
): string {
  return variants.map((variant) => drawVariant(chart, variant, drawing(variant))).join('\n');
}

function drawVariant(
  chart: Pick<Chart, 'id' | 'title' | 'description'>,
  variant: Variant,
  { width, height, marks }: Drawing,
): string {
  const svg = Plot.plot({
    document: document as never,
    width,
    height,
    margin: 0,
    x: { type: 'identity', axis: null },
    y: { type: 'identity', axis: null },
    r: { type: 'identity' },
    marks,
  }) as unknown as SvgElement;
  withoutInlineStyle(svg);
  const titleId = `${chart.id}-${variant}-title`;
  const descriptionId = `${chart.id}-${variant}-description`;
  svg.setAttribute('class', `rollcall-chart__${variant}`);
  svg.setAttribute('font-family', 'Arial, Helvetica, sans-serif');
  svg.setAttribute('fill', colours.text);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-labelledby', `${titleId} ${descriptionId}`);
  svg.prepend(
    labelElement('title', titleId, chart.title),
    labelElement('desc', descriptionId, chart.description),
  );
  return withShortNumbers(svg.outerHTML);
}

function labelElement(name: 'title' | 'desc', id: string, text: string): SvgElement {
  const element = document.createElementNS(
    'http://www.w3.org/2000/svg',
    name,
  ) as unknown as SvgElement;
  element.setAttribute('id', id);
  element.textContent = text;
  return element;
}

/**
 * Plot writes a style sheet and style attributes, which the content security policy forbids, and labels for groups,
 * which assistive technology does not read inside an image.
 */
function withoutInlineStyle(svg: SvgElement): void {
  for (const sheet of svg.querySelectorAll('style')) sheet.remove();
  for (const element of [svg, ...svg.querySelectorAll('*')]) {
    for (const name of ['style', 'class', 'aria-label', 'aria-hidden'])
      element.removeAttribute(name);
  }
}

/** Two decimals are a hundredth of a pixel or so: the rest is a third of the bytes. */
function withShortNumbers(markup: string): string {
  return markup.replaceAll(
    / (?:d|x|y|[xy][12]|c[xy]|width|height|transform)="[^"]*"/g,
    (attribute) =>
      attribute.replaceAll(/(?<!\d)\d+\.\d{3,}/g, (digits) =>
        String(Number(Number(digits).toFixed(2))),
      ),
  );
}

type TextLook = {
  /** The font's size, in the drawing's units. */
  size: number;
  fill?: string;
  bold?: boolean;
  anchor?: 'start' | 'middle' | 'end';
};

/** Texts of one look, each at a point. One mark for many is several times quicker than a mark for each. */
export function labels(
  at: readonly { x: number; y: number; text: string }[],
  look: TextLook,
): Plot.Text {
  return Plot.text([...at], {
    x: 'x',
    y: 'y',
    text: 'text',
    fontSize: look.size,
    fill: look.fill ?? colours.text,
    fontWeight: look.bold ? 'bold' : 'normal',
    textAnchor: look.anchor ?? 'start',
    stroke: 'white',
    strokeWidth: 4,
    strokeLinejoin: 'round',
  });
}

export function label(x: number, y: number, text: string, look: TextLook): Plot.Text {
  return labels([{ x, y, text }], look);
}

type LineLook = { stroke: string; width?: number; dash?: string };

/** Straight lines of one look, each between two points. */
export function lines(
  at: readonly { x1: number; y1: number; x2: number; y2: number }[],
  look: LineLook,
): Plot.Link {
  return Plot.link([...at], {
    x1: 'x1',
    y1: 'y1',
    x2: 'x2',
    y2: 'y2',
    stroke: look.stroke,
    strokeWidth: look.width ?? 1,
    strokeLinecap: 'butt',
    ...(look.dash ? { strokeDasharray: look.dash } : {}),
  });
}

export function line(x1: number, y1: number, x2: number, y2: number, look: LineLook): Plot.Link {
  return lines([{ x1, y1, x2, y2 }], look);
}

/** Filled rectangles of one colour. */
export function boxes(
  at: readonly { x1: number; y1: number; x2: number; y2: number }[],
  fill: string,
): Plot.Rect {
  return Plot.rect([...at], { x1: 'x1', y1: 'y1', x2: 'x2', y2: 'y2', fill });
}

export function box(x1: number, y1: number, x2: number, y2: number, fill: string): Plot.Rect {
  return boxes([{ x1, y1, x2, y2 }], fill);
}

/** Points of one look. */
export function points(
  at: readonly { x: number; y: number }[],
  options: { r: number; fill: string; stroke?: string; symbol?: 'circle' | 'diamond' | 'triangle' },
): Plot.Dot {
  return Plot.dot([...at], {
    x: 'x',
    y: 'y',
    r: options.r,
    fill: options.fill,
    stroke: options.stroke ?? 'white',
    strokeWidth: 2,
    symbol: options.symbol ?? 'circle',
  });
}
