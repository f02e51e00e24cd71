import type { Value } from './cells.ts';
import { columnName } from './recognise.ts';
import {
  type Column,
  type Edition,
  type FileFacts,
  type Kept,
  keptName,
  type Source,
  tableColumns,
} from './source.ts';

/** A source laid over the header of one file: which cell is which column. */
export type Layout = {
  source: Source;
  edition: Edition;
  columns: readonly {
    column: Column;
    index: number;
    missing: ReadonlyMap<string, string> | undefined;
  }[];
  tableColumns: readonly string[];
  keyPositions: readonly number[];
  scopePositions: readonly number[];
  /** One object for all rows: it is read out before the next row is. */
  row: MutableRow;
  text(cells: readonly string[], column: string): string;
  kept(row: MutableRow): readonly Kept[];
};

export function layoutOf(source: Source, header: readonly string[], facts: FileFacts): Layout {
  const edition = source.edition?.(facts) ?? { values: {}, assumed: [] };
  const indexOf = (column: Column): number =>
    header.findIndex((name) =>
      [column.name, ...(column.also ?? [])].some((known) => columnName(known) === name),
    );
  const columns = source.columns
    .map((column) => ({
      column,
      index: indexOf(column),
      missing: column.missing && new Map(Object.entries(column.missing)),
    }))
    .filter(({ index }) => index >= 0);
  const keptColumns = source.columns.filter((column) => keptName(column) !== undefined);
  const derived = source.derived ?? [];
  const names = tableColumns(source);
  const positions = new Map(columns.map(({ column, index }) => [column.name, index]));
  return {
    source,
    edition,
    columns,
    tableColumns: names,
    keyPositions: source.key.map((name) => names.indexOf(name)),
    scopePositions: source.scope.columns.map((name) => names.indexOf(name)),
    row: {},
    text: (cells, column) => (cells[positions.get(column) ?? -1] ?? '').trim(),
    kept: (row) => [
      ...keptColumns.map((column) => row[column.name] ?? null),
      ...derived.map((column) => column.value(row, edition)),
    ],
  };
}

/** A scope that the columns do not tell is told by the rows themselves: see `OpenPart.finished`. */
export const unknownInScope = '?';

export function scopeOf({ scopePositions }: Layout, kept: readonly Kept[]): string {
  return scopePositions.map((at) => kept[at] ?? unknownInScope).join(' ') || 'all';
}

export type MutableRow = Record<string, Value>;
