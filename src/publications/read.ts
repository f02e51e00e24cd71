import { basename, resolve } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import type { Problem } from '../base/problem.ts';
import type { Fault, Value } from './cells.ts';
import { csvRows } from './csvRows.ts';
import { fileBytes, type Progress, Unreadable } from './fileBytes.ts';
import { type Layout, layoutOf, type MutableRow, scopeOf, unknownInScope } from './layout.ts';
import { type Limits, usualLimits } from './limits.ts';
import { OpenPart, type Part, type TakeRows } from './part.ts';
import { columnName, recognise } from './recognise.ts';
import type { Column, Edition, FileFacts, Kept, Source } from './source.ts';
import { asUtf8, type Characters, type Encoding } from './utf8.ts';

export type ReadOptions = {
  limits?: Limits;
  /** Where relative paths begin; this process's own folder unless told. */
  folder?: string;
  /** The January of a school census, where its layout does not tell. */
  census?: number;
  /** The day on which a year-to-date snapshot was published, where its name does not tell. */
  published?: string;
  /** Tells which years have not come yet. */
  clock?: Clock;
  /** Rows met so far, shared by the files that are read together. */
  seen?: SeenRows;
  onProgress?: (progress: Progress) => void;
  /** Aborted when the person interrupts: reading then throws its reason. */
  signal?: AbortSignal;
  take?: TakeRows;
};

export type Warning = { kind: string; rule: string; rows: number; first: Problem };

/** What was found in a file. Reading never fails: whatever is wrong is among the problems. */
export type Reading = {
  file: string;
  /** Kinds that it was recognised as, by its columns; none when it was not. */
  sources: readonly Source[];
  assumed: readonly string[];
  unknownColumns: readonly string[];
  encoding: Encoding;
  parts: readonly Part[];
  /** Rows not used, by reason. */
  notUsed: ReadonlyMap<string, number>;
  /** Cells with a mark instead of a value, by what the mark means. */
  withoutValue: ReadonlyMap<string, number>;
  warnings: readonly Warning[];
  problems: readonly Problem[];
  /** False when reading stopped at the limit of problems. */
  toTheEnd: boolean;
};

/** Which row of which file first had a key, by part. */
export type SeenRows = Map<string, Map<string, { file: string; row: number }>>;

const batchRows = 10_000;
const blankRow = 'blank row';
const mend = 'Correct it, or get the file again.';

/** Reads one publication to its end, or as far as it can be read. */
export async function readPublication(file: string, options: ReadOptions = {}): Promise<Reading> {
  const reader = new Reader(file, options);
  const path = resolve(options.folder ?? '.', file);
  const progress: Progress = { bytesRead: 0, bytesTotal: 0 };
  const passOn = async () => {
    await reader.flush();
    options.onProgress?.(progress);
    options.signal?.throwIfAborted();
  };
  try {
    const text = asUtf8(fileBytes(path, reader.limits, progress), reader.characters);
    reading: for await (const rows of csvRows(text, reader.limits)) {
      for (const cells of rows) {
        reader.read(cells);
        if (reader.full) break reading;
      }
      if (reader.batchIsFull) await passOn();
    }
    reader.end();
    await passOn();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    reader.problem(error.kind, error.message, error.row);
  }
  return reader.reading();
}

/** One file being read: its kind once the header is known, and what has been found so far. */
class Reader {
  readonly limits: Limits;
  readonly characters: Characters = { encoding: 'UTF-8' };
  readonly #file: string;
  readonly #options: ReadOptions;
  readonly #seen: SeenRows;
  readonly #today: Date;
  readonly #parts = new Map<string, OpenPart>();
  readonly #notUsed = new Map<string, number>();
  readonly #withoutValue = new Map<string, number>();
  readonly #warnings = new Map<string, Warning>();
  readonly #problems: Problem[] = [];
  #row = 0;
  #buffered = 0;
  #sources: readonly Source[] = [];
  #layouts: readonly Layout[] = [];
  #unknownColumns: readonly string[] = [];
  #cellsInRow = 0;

  constructor(file: string, options: ReadOptions) {
    this.#file = file;
    this.#options = options;
    this.limits = options.limits ?? usualLimits;
    this.#seen = options.seen ?? new Map();
    this.#today = (options.clock ?? systemClock)();
  }

  get full(): boolean {
    return this.#problems.length >= this.limits.problems || (this.#row > 0 && !this.#recognised);
  }

  get batchIsFull(): boolean {
    return this.#buffered >= batchRows;
  }

  get #recognised(): boolean {
    return this.#layouts.length > 0;
  }

  read(cells: readonly string[]): void {
    this.#row += 1;
    if (this.#row === 1) this.#readHeader(cells);
    else this.#readRow(cells);
  }

  end(): void {
    if (this.#row === 0) {
      this.problem(
        'empty-file',
        'the file has no header and no rows. Get it again from its publisher.',
      );
    } else if (this.#row === 1 && this.#recognised) {
      this.problem(
        'no-rows',
        `the file has the header of ${this.#titles()}, and no rows. Get it again from its publisher.`,
      );
    }
  }

  #titles(): string {
    return this.#sources.map((source) => source.title).join(' or ');
  }

  #readHeader(header: readonly string[]): void {
    const recognised = recognise(header);
    if ('fault' in recognised) {
      const { kind, column, message } = recognised.fault;
      this.problem(kind, message, 1, column);
      return;
    }
    this.#sources = recognised.sources;
    this.#unknownColumns = recognised.unknownColumns;
    this.#cellsInRow = header.length;
    const names = header.map(columnName);
    const facts: FileFacts = {
      name: basename(this.#file),
      header: names,
      ...(this.#options.census === undefined ? {} : { census: this.#options.census }),
      ...(this.#options.published === undefined ? {} : { published: this.#options.published }),
    };
    this.#layouts = recognised.sources.map((source) => layoutOf(source, names, facts));
  }

  #readRow(cells: readonly string[]): void {
    this.#refuseTooMany(this.#row, this.limits.rows, 'rows');
    if (cells.every((cell) => cell.trim() === '')) {
      this.#count(this.#notUsed, blankRow);
      this.#refuseTooMany(this.#notUsed.get(blankRow) ?? 0, this.limits.blankRows, 'blank rows');
      return;
    }
    if (cells.length !== this.#cellsInRow) {
      const fewer = cells.length < this.#cellsInRow;
      this.problem(
        fewer ? 'too-few-cells' : 'too-many-cells',
        `the row has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, and the header ${this.#cellsInRow}. Look for a ${fewer ? 'line break' : 'comma'} that is not in quotation marks.`,
        this.#row,
      );
      return;
    }
    const layout = this.#layoutFor(cells);
    if (layout === undefined) return;
    const skip = layout.source.skips?.find(({ when }) => when((name) => layout.text(cells, name)));
    if (skip) {
      this.#count(this.#notUsed, skip.reason);
      return;
    }
    if (!this.#wrongCharacters(layout)) this.#readCells(layout, cells);
  }

  #refuseTooMany(count: number, most: number, what: string): void {
    if (count <= most) return;
    throw new Unreadable(
      'too-many-rows',
      `it has more than ${most.toLocaleString('en-GB')} ${what}, more than any publication. It is not read further.`,
    );
  }

  /** Which of the kinds that share these columns a row is of. */
  #layoutFor(cells: readonly string[]): Layout | undefined {
    const single = this.#layouts[0];
    if (single?.source.rowsOf === undefined) return single;
    const { column } = single.source.rowsOf;
    const word = single.text(cells, column);
    const layout = this.#layouts.find(({ source }) => source.rowsOf?.words.includes(word));
    if (layout) return layout;
    const words = this.#layouts.flatMap(({ source }) => source.rowsOf?.words ?? []);
    this.problem(
      'unknown-word',
      `${quoted(word)} is not one of the words used here; expected ${words.map(quoted).join(' or ')}. ${mend}`,
      this.#row,
      column,
    );
    return undefined;
  }

  /** Windows-1252 is right only where the publisher writes it. Told once. */
  #wrongCharacters(layout: Layout): boolean {
    if (this.characters.encoding !== 'Windows-1252' || layout.source.windows1252) return false;
    if (!this.#problems.some(({ kind }) => kind === 'not-utf-8')) {
      this.problem(
        'not-utf-8',
        `the row has a character that is not UTF-8 (it looks like Windows-1252), and ${layout.source.title} is published in UTF-8. Save the file as CSV (UTF-8).`,
        this.characters.firstBeyondAscii ?? this.#row,
      );
    }
    return true;
  }

  #readCells(layout: Layout, cells: readonly string[]): void {
    const { source, edition } = layout;
    const row = layout.row;
    let sound = true;
    for (const { column, index, missing } of layout.columns) {
      const text = (cells[index] ?? '').trim() || this.#whenBlank(layout, cells, column);
      const why = missing?.get(text);
      if (why !== undefined) {
        row[column.name] = column.whenMissing ?? null;
        if (text !== '') this.#count(this.#withoutValue, why);
        continue;
      }
      const value = column.type.read(text);
      const fault =
        value === undefined ? column.type.fault(text) : column.type.faultOn?.(value, this.#today);
      if (fault) {
        this.#badCell(column, text, fault);
        sound = false;
      } else {
        row[column.name] = value as Value;
      }
    }
    if (!sound || !this.#passes(source, row, edition)) return;
    const kept = layout.kept(row);
    if (this.#repeats(layout, kept)) return;
    this.#partOf(layout, kept).add(kept);
    this.#buffered += 1;
  }

  #whenBlank({ text }: Layout, cells: readonly string[], { whenBlank }: Column): string {
    const instead = whenBlank?.text((name) => text(cells, name)) ?? '';
    if (whenBlank && instead !== '') this.#count(this.#withoutValue, whenBlank.why);
    return instead;
  }

  #badCell(column: Column, text: string, { kind, is }: Fault): void {
    const marks = Object.keys(column.missing ?? {}).filter((mark) => mark !== '');
    const or = marks.length > 0 ? `, or ${marks.map(quoted).join(' or ')} where there is none` : '';
    const what = text === '' ? `the cell ${is}` : `${quoted(text)} ${is}`;
    this.problem(
      kind,
      `${what}; expected ${column.type.expected}${or}. ${mend}`,
      this.#row,
      column.name,
    );
  }

  #passes(source: Source, row: MutableRow, edition: Edition): boolean {
    let passes = true;
    for (const check of source.checks ?? []) {
      const wrong = check.wrong(row, edition);
      if (wrong === undefined) continue;
      if (check.otherwise === 'refuse') {
        this.problem(
          check.kind,
          `${wrong}. Expected: ${uncapitalised(check.rule)} ${mend}`,
          this.#row,
          check.column,
        );
        passes = false;
      } else {
        this.#warn(check.kind, check.rule, `${wrong}.`, check.column);
      }
    }
    return passes;
  }

  #warn(kind: string, rule: string, message: string, column: string): void {
    const known = this.#warnings.get(kind);
    if (known) {
      known.rows += 1;
      return;
    }
    const first = { kind, file: this.#file, row: this.#row, column, message };
    this.#warnings.set(kind, { kind, rule, rows: 1, first });
  }

  #repeats(layout: Layout, kept: readonly Kept[]): boolean {
    const key = layout.keyPositions.map((at) => kept[at]).join(' ');
    const scope = scopeOf(layout, kept);
    const part = seenPart(layout.source, scope, this.#file);
    let rows = this.#seen.get(part);
    if (rows === undefined) {
      rows = new Map();
      this.#seen.set(part, rows);
    }
    const before = rows.get(key);
    if (before === undefined) {
      rows.set(key, { file: this.#file, row: this.#row });
      return false;
    }
    const where =
      before.file === this.#file ? `row ${before.row}` : `row ${before.row} of ${before.file}`;
    const named = layout.keyPositions
      .map((at) => `${layout.tableColumns[at]} ${kept[at]}`)
      .join(', ');
    this.problem(
      'repeated-row',
      `${named} stands already in ${where}; expected once. Remove one of the two rows, or import only one of the files.`,
      this.#row,
    );
    return true;
  }

  #partOf(layout: Layout, kept: readonly Kept[]): OpenPart {
    const { source } = layout;
    const scope = scopeOf(layout, kept);
    const name = `${source.kind} ${scope}`;
    let part = this.#parts.get(name);
    if (part === undefined) {
      part = new OpenPart({ source, scope });
      this.#parts.set(name, part);
    }
    return part;
  }

  async flush(): Promise<void> {
    this.#buffered = 0;
    for (const part of this.#parts.values()) await part.flush(this.#options.take);
  }

  problem(kind: string, message: string, row?: number, column?: string): void {
    this.#problems.push({
      kind,
      file: this.#file,
      message,
      ...(row === undefined ? {} : { row }),
      ...(column === undefined ? {} : { column }),
    });
  }

  #count(counts: Map<string, number>, name: string): void {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }

  reading(): Reading {
    const used = new Set([...this.#parts.values()].map((part) => part.name.source));
    return {
      file: this.#file,
      sources: used.size > 0 ? this.#sources.filter((source) => used.has(source)) : this.#sources,
      assumed: [...new Set(this.#layouts.flatMap(({ edition }) => edition.assumed))],
      unknownColumns: this.#unknownColumns,
      encoding: this.characters.encoding,
      parts: [...this.#parts.values()].map((part) => part.finished()),
      notUsed: this.#notUsed,
      withoutValue: this.#withoutValue,
      warnings: [...this.#warnings.values()],
      problems: this.#problems,
      toTheEnd: this.#problems.length < this.limits.problems,
    };
  }
}

/** Under which a part's rows are in `SeenRows`: files share a part whose scope is known. */
export function seenPart(source: Source, scope: string, file: string): string {
  return `${source.kind} ${scope} ${scope.includes(unknownInScope) ? file : ''}`;
}

function quoted(text: string): string {
  const printable = text.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?');
  return `“${printable.length > 60 ? `${printable.slice(0, 60)}…` : printable}”`;
}

function uncapitalised(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
