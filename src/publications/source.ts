import type { CellType, Value } from './cells.ts';

/**
 * A kind of file that others publish, describing itself: who publishes it, how it is recognised, what each column
 * means, what is not used and why, and which table it fills. The reader, the import, the data-sources page and the
 * reconciliation all read these descriptions; there is no other place that knows a file's layout.
 */
export type Source = {
  /** Stable, stored with every receipt: `school-absence`. */
  kind: string;
  /** In a sentence, after "took it for": "school absence". */
  title: string;
  about: string;
  publisher: string;
  licence: string;
  licenceUrl: string;
  /** Where the figures are published. */
  homepage: string;
  frequency: string;
  /** In words: what a file of this kind replaces when it comes again. */
  replaces: string;
  /** The columns of the file, in the order of publication. */
  columns: readonly Column[];
  /** Columns that mean that the file is of a kind like this one, but another: name → which. */
  notWith?: Readonly<Record<string, string>>;
  /** When several kinds share their columns: which rows are of this kind. */
  rowsOf?: { column: string; words: readonly string[] };
  /** Rows that are read past, by the name under which they are counted. */
  skips?: readonly Skip[];
  /** What must hold between the cells of one row. */
  checks?: readonly Check[];
  /** No two rows agree in all of these (names in the table). */
  key: readonly string[];
  /** The part of the kind to which a row belongs; a file replaces the parts that it has rows of. */
  scope: Scope;
  /** Where it goes. */
  table: string;
  /** Each part holds all schools there are, with their `school_type`: one with far fewer than others is a piece. */
  everySchool?: true;
  /** Columns of the table that are worked out from the others or from the edition. */
  derived?: readonly Derived[];
  /** Encodings other than UTF-8 in which the publisher really writes it. */
  windows1252?: boolean;
  /** What the columns do not say about the file, such as the year of a census. */
  edition?: (file: FileFacts) => Edition;
};

export type Column = {
  /** As published. Capitals do not matter when it is looked for. */
  name: string;
  /** What the same column is called in other editions. */
  also?: readonly string[];
  type: CellType;
  meaning: string;
  /** Marks that stand for "no value": mark → why. */
  missing?: Readonly<Record<string, string>>;
  /** What is kept where there is no value; null unless told. */
  whenMissing?: '';
  /** What to read where the cell is blank, from the row's other cells, and why that is right. */
  whenBlank?: { why: string; text(cell: RawRow): string };
  /** Not in every edition. */
  optional?: boolean;
  /** Its name in the table, where that differs; false when it is read and checked, but not kept. */
  keep?: string | false;
};

/** The cells of one row by their name in the file; columns that are not kept included. */
export type Row = Readonly<Record<string, Value>>;

/** The row as it stands in the file, before any cell is read. */
export type RawRow = (column: string) => string;

export type Skip = { reason: string; why: string; when: (cell: RawRow) => boolean };

export type Check = {
  /** Under which it is counted: `authorised-and-unauthorised`. */
  kind: string;
  /** In words, for the data-sources page. */
  rule: string;
  /** The column to look at first. */
  column: string;
  /**
   * `refuse` where every file that was ever published keeps the rule; `warn` where the department's own files break
   * it, or where the rule is about figures that are not used.
   */
  otherwise: 'refuse' | 'warn';
  /** What is wrong with this row, as a clause with its numbers; undefined when nothing is. */
  wrong(row: Row, edition: Edition): string | undefined;
};

export type Scope = {
  /** The columns of the table (kept names) that name the part; none when the file is always the whole. */
  columns: readonly string[];
  /** For people: `2017/18`. */
  label(scope: string): string;
};

export type Derived = {
  name: string;
  /** Columns of the file that it keeps the content of. */
  from?: readonly string[];
  meaning: string;
  value(row: Row, edition: Edition): Kept;
};

/** What a column of the table holds: a value, or several by name. */
export type Kept = Value | Readonly<Record<string, number>>;

/** What is known of a file beside its rows. */
export type FileFacts = {
  name: string;
  header: readonly string[];
  /** Given on the command line. */
  census?: number;
  published?: string;
};

/** What was taken for granted about a file, and why, in sentences; values for the derived columns. */
export type Edition = {
  values: Readonly<Record<string, Value>>;
  assumed: readonly string[];
};

/** The name of a column in the table. */
export function keptName(column: Column): string | undefined {
  if (column.keep === false) return undefined;
  return column.keep ?? column.name.toLowerCase();
}

/** The columns of the table in the order in which rows are appended, without the receipt. */
export function tableColumns(source: Source): string[] {
  const kept = source.columns.map(keptName).filter((name) => name !== undefined);
  return [...kept, ...(source.derived ?? []).map((derived) => derived.name)];
}
