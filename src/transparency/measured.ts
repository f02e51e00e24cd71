import { readFileSync } from 'node:fs';
import { type Block, list, tableOf } from './document.ts';

/*
 * What an evaluation wrote into a page of docs/: its tables and lists are taken over as they stand there, so that a record
 * says what was measured and nobody types a figure.
 */

export type MeasuredTable = {
  section: string;
  /** The line of text above it. */
  under: string;
  headings: string[];
  rows: string[][];
};

export type Measured = {
  path: string;
  tables: MeasuredTable[];
  /** The items of each section’s list. */
  items: ReadonlyMap<string, readonly string[]>;
  /** What an evaluation says of itself in bold, a line each. */
  verdicts: string[];
};

export function measuredIn(name: string): Measured {
  const path = `docs/${name}.md`;
  return measuredOf(path, readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
}

/** The same of a text: headings, lists and tables of Markdown as this project’s own programs and people write them. */
export function measuredOf(path: string, markdown: string): Measured {
  const tables: MeasuredTable[] = [];
  const items = new Map<string, string[]>();
  const verdicts: string[] = [];
  let [section, under] = ['', ''];
  let table: MeasuredTable | undefined;
  for (const line of markdown.split('\n')) {
    if (line.startsWith('|')) {
      const cells = cellsOf(line);
      if (table === undefined) {
        table = { section, under, headings: cells, rows: [] };
        tables.push(table);
      } else if (!cells.every((cell) => /^-+$/.test(cell))) table.rows.push(cells);
      continue;
    }
    table = undefined;
    if (line.startsWith('#')) section = line.replace(/^#+ /, '');
    else if (line.startsWith('- '))
      items.set(section, [...(items.get(section) ?? []), plain(line.slice(2))]);
    else if (line.startsWith('**') && line.endsWith('**')) verdicts.push(plain(line));
    else if (line !== '') under = plain(line);
  }
  return { path, tables, items, verdicts };
}

const cellsOf = (line: string) =>
  line
    .slice(1, line.lastIndexOf('|'))
    .split('|')
    .map((cell) => plain(cell.trim()));

/** Without what stands for bold or for code, of a link its words, and with the apostrophe that pages have. */
function plain(text: string): string {
  return text
    .replaceAll(/\*\*|`/g, '')
    .replaceAll(/\[([^[\]]*)\]\([^()]*\)/g, '$1')
    .replaceAll("'", '’');
}

type Wanted = {
  section: string;
  under: RegExp;
  caption: string;
  /** Which headings; all without it. */
  columns?: readonly string[];
};

/** The first table of a section under such a line, with these rows; a record without it would say nothing. */
export function measuredTable(
  { path, tables }: Measured,
  { section, under, caption, columns }: Wanted,
  isWanted: (row: readonly string[]) => boolean = () => true,
): Block {
  const found = tables.find((table) => table.section === section && under.test(table.under));
  const rows = found?.rows.filter(isWanted) ?? [];
  if (!found || rows.length === 0) {
    throw new Error(`${path} has no table “${section}” under a line like ${under}`);
  }
  const places = (columns ?? found.headings).map((heading) => found.headings.indexOf(heading));
  if (places.includes(-1)) throw new Error(`${path} has not all of ${columns} in “${section}”`);
  const picked = (cells: readonly string[]) => places.map((at) => cells[at] ?? '');
  return tableOf(caption, picked(found.headings), rows.map(picked));
}

export function measuredList({ path, items }: Measured, section: string): Block {
  const found = items.get(section);
  if (!found) throw new Error(`${path} has no list under “${section}”`);
  return list(found);
}
