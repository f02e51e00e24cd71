import type { Arrow, Block, Document, Section } from './document.ts';
import type { Table } from '../ui/index.ts';

/** A document as a file of docs/. The same document gives the same bytes. */
export function documentMarkdown({ title, about, sections }: Document): string {
  const generated = 'This page is generated from the code by `npm run docs`.';
  return `${[`# ${title}`, plain(about), generated, ...sections.flatMap(sectionLines)].join('\n\n')}\n`;
}

function sectionLines({ heading, blocks, parts = [] }: Section): string[] {
  return [
    `## ${plain(heading)}`,
    ...blocks.map((block) => blockText(block, heading)),
    ...parts.flatMap((part) => [
      `### ${plain(part.heading)}`,
      ...part.blocks.map((block) => blockText(block, part.heading)),
    ]),
  ];
}

/** A table’s caption is left out where the heading above says the same. */
function blockText(block: Block, heading: string): string {
  switch (block.kind) {
    case 'text':
      return plain(block.text);
    case 'list':
      return block.items.map((item) => `- ${plain(item)}`).join('\n');
    case 'table':
      return block.table.caption === heading
        ? tableText(block.table)
        : `**${plain(block.table.caption)}**\n\n${tableText(block.table)}`;
    case 'arrows':
      return diagram(block.arrows);
  }
}

function tableText({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ heading }) => cellText(heading))),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(row.map(cellText))),
  ].join('\n');
}

function cellText(cell: Table['rows'][number][number]): string {
  const words = cell !== null && typeof cell === 'object' ? cell.text : String(cell ?? '');
  return plain(words).replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** What Markdown would take for its own is shown as it stands. */
function plain(words: string): string {
  return words.replaceAll(/[<*`\\]|(?<!\w)_|_(?!\w)/g, '\\$&');
}

function diagram(arrows: readonly Arrow[]): string {
  const names = [...new Set(arrows.flatMap(({ from, to }) => [from, to]))];
  const key = (name: string) => `n${names.indexOf(name)}`;
  return [
    '```mermaid',
    'flowchart LR',
    ...names.map((name) => `  ${key(name)}["${name.replaceAll('"', '’')}"]`),
    ...arrows.map(({ from, to }) => `  ${key(from)} --> ${key(to)}`),
    '```',
  ].join('\n');
}
