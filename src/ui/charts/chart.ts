import type { Table } from '../table.ts';

/** A chart as the macro `figure` shows it. The same data and id give the same bytes. */
export type Chart = {
  /** Unique on its page; the ids inside the SVG begin with it. */
  id: string;
  title: string;
  /** What is counted and how to read it, one or two sentences shown above the chart. */
  subtitle: string;
  /** What it shows, in words, for those who cannot see it. */
  description: string;
  /** Markup: the chart drawn twice, wide and narrow; the style sheet shows the one that fits. Drawn when it is read. */
  svg: string;
  table: Table;
};

export const variants = ['wide', 'narrow'] as const;
export type Variant = (typeof variants)[number];
