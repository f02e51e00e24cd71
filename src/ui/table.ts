import { type Figure, notKnown, number, percent, yearLabel } from './words.ts';

/**
 * Rows of figures: shown rounded on a page, given unrounded in a file. A `null` is not known, an empty text does not
 * apply; both are blank in the file.
 * `chance` is a probability 0–1; `year` an academic year such as 201819; `percent` is 0–100.
 */
export type ColumnKind = 'text' | 'year' | 'percent' | 'count' | 'chance';
export type Column = { name: string; heading: string; kind: ColumnKind };
export type Cell = string | number | null;
export type Table = { caption: string; columns: Column[]; rows: Cell[][] };

const inWords: Record<ColumnKind, (cell: Cell) => string> = {
  text: (cell) => String(cell ?? notKnown),
  year: (cell) => (cell === null ? notKnown : yearLabel(Number(cell))),
  percent: (cell) => percent(cell as Figure),
  count: (cell) => number(cell as Figure),
  chance: (cell) => percent(cell === null ? null : Number(cell) * 100, 0),
};

/** A cell as people read it. */
export function cellText(cell: Cell, kind: ColumnKind): string {
  return cell === '' ? '' : inWords[kind](cell);
}

/** The table as a file: UTF-8 text, a header of column names, `,` and LF, unrounded, blank where not known. */
export function tableCsv(table: Table): string {
  const lines = [table.columns.map((column) => column.name), ...table.rows];
  return lines.map((cells) => `${cells.map(csvCell).join(',')}\n`).join('');
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  // A spreadsheet would run a text that starts like this as a formula.
  const harmless = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
