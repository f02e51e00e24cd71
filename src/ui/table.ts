import { csvCell } from '../base/csv.ts';
import type { Link } from './frame.ts';
import { type Figure, notKnown, number, percent, yearLabel } from './words.ts';

/**
 * `chance` is a probability 0–1; `year` an academic year such as 201819; `percent` is 0–100.
 */
export type ColumnKind = 'text' | 'year' | 'percent' | 'count' | 'chance' | 'points';
export type Column = { name: string; heading: string; kind: ColumnKind };

/** A figure, a text (shown as it stands, in any column: `hidden`), a text that leads somewhere, or not known. */
export type Cell = number | string | Link | null;

/**
 * Rows of figures: shown rounded on a page, given unrounded in a file. A `null` is not known, an empty text does not
 * apply; both are blank in the file.
 */
export type Table = { caption: string; columns: Column[]; rows: Cell[][] };

const inWords: Record<ColumnKind, (figure: Figure) => string> = {
  text: (figure) => String(figure ?? notKnown),
  year: (figure) => (figure === null ? notKnown : yearLabel(figure)),
  percent: (figure) => percent(figure),
  count: (figure) => number(figure),
  chance: (figure) => percent(figure === null ? null : figure * 100, 0),
  points: (figure) => number(figure, 2),
};

/** A cell as people read it. */
export function cellText(cell: Cell, kind: ColumnKind): string {
  if (typeof cell === 'string') return cell;
  if (cell !== null && typeof cell === 'object') return cell.text;
  return inWords[kind](cell);
}

/** The table as a file: UTF-8 text, a header of column names, `,` and LF, unrounded, blank where not known. */
export function tableCsv(table: Table): string {
  const lines = [table.columns.map((column) => column.name), ...table.rows];
  return lines.map((cells) => `${cells.map(cellInFile).join(',')}\n`).join('');
}

function cellInFile(cell: Cell): string {
  return csvCell(cell !== null && typeof cell === 'object' ? cell.text : cell);
}
