import type { Urn } from '../../base/identifiers.ts';
import type { Fault } from '../read/problems.ts';
import type { CellFault, Cells } from './rows.ts';
import type { OpenTable } from './table.ts';
import type { Told } from './tell.ts';

/** A row that was read, and where it stands. */
export type Read<Row> = { of: Row; table: OpenTable; row: number };

/**
 * All rows of one school, wherever in the files they stand; the cells of those that are refused; and the children of rows
 * that are of no school and could be of this one, as they are written: the same array for every school.
 */
export type Group<Row> = {
  urn: Urn;
  rows: Read<Row>[];
  refused: Readonly<Record<string, string>>[];
  strays: readonly string[];
};

type Reader<Row> = (cells: Cells) => Row | undefined;

/**
 * The rows of these tables school by school. No more is held at a time than the files make necessary: where each school’s
 * rows stand together, one school.
 */
export async function* groupsOf<Row extends { urn: Urn }>(
  tables: readonly OpenTable[],
  read: Reader<Row>,
  told: Told,
): AsyncGenerator<Group<Row>> {
  const last = lastRows(tables);
  const strays = tables.flatMap((table) => table.strays);
  const waiting = new Map<string, Group<Row>>();
  for (const [at, table] of tables.entries()) {
    for await (const lines of table.lines()) {
      for (const line of lines) {
        const { row } = line;
        if ('fault' in line) told.add(line.fault, { file: table.found.file, row });
        if ('fault' in line) continue;
        const text = line.cells['urn'] ?? '';
        let group = waiting.get(text);
        if (!group)
          waiting.set(text, (group = { urn: Number(text), rows: [], refused: [], strays }));
        const of = readLine(table, line, read, told);
        if (of) group.rows.push({ of, table, row });
        else group.refused.push(line.cells);
        const end = last.get(text);
        if (end?.table !== at || end.row !== row) continue;
        waiting.delete(text);
        if (group.rows.length > 0) yield group;
      }
    }
  }
}

/** Where the last row of each school stands, by the URN as it is written. */
function lastRows(tables: readonly OpenTable[]): Map<string, { table: number; row: number }> {
  const last = new Map<string, { table: number; row: number }>();
  for (const [table, { lastRowOf }] of tables.entries()) {
    for (const [urn, row] of lastRowOf) last.set(urn, { table, row });
  }
  return last;
}

/** A row with anything wrong in it is no row; each thing that is wrong is told with its column. */
function readLine<Row>(
  table: OpenTable,
  { row, cells }: { row: number; cells: Readonly<Record<string, string>> },
  read: Reader<Row>,
  told: Told,
): Row | undefined {
  const faults: CellFault[] = [];
  const remarks: CellFault[] = [];
  const wrong = (column: string, fault: Fault): undefined => {
    faults.push({ ...fault, column });
    return undefined;
  };
  const of = read({
    text: (column) => cells[column] ?? '',
    day(column) {
      const day = table.dayOf(cells[column] ?? '');
      return 'day' in day ? day.day : wrong(column, day.fault);
    },
    wrong,
    remark(column, { kind, message }) {
      remarks.push({ kind, message, column });
      return null;
    },
  });
  const { file } = table.found;
  for (const each of remarks) {
    told.add(each, { file, row, column: table.labelOf(each.column) }, { refused: false });
  }
  for (const fault of faults) told.add(fault, { file, row, column: table.labelOf(fault.column) });
  return faults.length > 0 ? undefined : of;
}
