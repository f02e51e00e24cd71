import { createHash, hash } from 'node:crypto';
import { unknownInScope } from './layout.ts';
import { type Kept, type Source, tableColumns } from './source.ts';

export type PartName = { source: Source; scope: string };

/** What a file holds of one kind and scope: what is replaced as one when it comes again. */
export type Part = PartName & {
  /** The scope under which `take` got its rows; another only where no column tells the scope. */
  takenAs: string;
  /** For people: "school absence, three terms, 2017/18". */
  label: string;
  rows: number;
  /** Its rows by type of school; empty where parts need not hold every school. */
  schools: ReadonlyMap<string, number>;
  /** The same for the same rows, in whatever order and encoding they come. */
  digest: string;
};

/** Takes the rows of a part as they come, cells in the order of `tableColumns`. */
export type TakeRows = (part: PartName, rows: readonly (readonly Kept[])[]) => Promise<void>;

/** A part of a file while its rows come in. */
export class OpenPart {
  readonly name: PartName;
  #rows = 0;
  #waiting: (readonly Kept[])[] = [];
  readonly #rowDigests: string[] = [];
  readonly #schools = new Map<string, number>();
  readonly #typeAt: number;

  constructor(name: PartName) {
    this.name = name;
    this.#typeAt = name.source.everySchool ? tableColumns(name.source).indexOf('school_type') : -1;
  }

  add(row: readonly Kept[]): void {
    this.#rows += 1;
    this.#waiting.push(row);
    this.#rowDigests.push(hash('sha1', JSON.stringify(row), 'base64'));
    if (this.#typeAt < 0) return;
    const type = String(row[this.#typeAt]);
    this.#schools.set(type, (this.#schools.get(type) ?? 0) + 1);
  }

  async flush(take: TakeRows | undefined): Promise<void> {
    const rows = this.#waiting;
    this.#waiting = [];
    if (take && rows.length > 0) await take(this.name, rows);
  }

  finished(): Part {
    const all = createHash('sha256');
    for (const digest of this.#rowDigests.sort()) all.update(digest);
    const digest = all.digest('hex');
    const { source } = this.name;
    const scope = this.name.scope.replace(unknownInScope, `undated-${digest.slice(0, 8)}`);
    const label = `${source.title}, ${source.scope.label(scope)}`;
    return {
      source,
      scope,
      takenAs: this.name.scope,
      label,
      rows: this.#rows,
      schools: this.#schools,
      digest,
    };
  }
}
