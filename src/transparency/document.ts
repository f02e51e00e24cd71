import type { Table } from '../ui/index.ts';

/** A document that anybody may read: on the site as a page, in docs/ as Markdown. Texts are plain: no markup in them. */
export type Document = {
  /** Of its page and its file: `data-flows`. */
  name: string;
  title: string;
  /** What it is, in a sentence or two. */
  about: string;
  sections: readonly Section[];
};

export type Section = {
  heading: string;
  blocks: readonly Block[];
  /** One level down. */
  parts?: readonly { heading: string; blocks: readonly Block[] }[];
};

export type Block =
  | { kind: 'text'; text: string }
  | { kind: 'list'; items: readonly string[] }
  | { kind: 'table'; table: Table }
  | { kind: 'arrows'; arrows: readonly Arrow[] };

/** That something goes from one to another. */
export type Arrow = { from: string; to: string };

export function text(...texts: readonly string[]): Block[] {
  return texts.map((each) => ({ kind: 'text', text: each }));
}

export function list(items: readonly string[]): Block {
  return { kind: 'list', items };
}

export type Words = string | number;

/** A table of words: a caption, the headings, the rows. */
export function tableOf(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly Words[])[],
): Block {
  const columns = headings.map((heading, index) => ({
    name: `column_${index}`,
    heading,
    kind: 'text' as const,
  }));
  const table: Table = { caption, columns, rows: rows.map((row) => row.map(String)) };
  return { kind: 'table', table };
}

/** The last section of a record of an algorithm: how it was evaluated, and by which template it is written. */
export function metadata(evaluation: string): Section {
  const template =
    'Algorithmic Transparency Recording Standard, by the sections of version 2.1 and 3';
  const rows = [
    ['Template', template],
    ['Evaluation', evaluation],
    ['Made by', 'npm run docs'],
  ];
  return {
    heading: 'Metadata',
    blocks: [tableOf('Metadata', ['Field', 'What is recorded'], rows)],
  };
}
