import type { Urn } from '../../base/identifiers.ts';
import type { Counted, Found, RawMark, ReadProblem, TakeMarks } from './reading.ts';

/** As many marks are handed on at a time. */
const batchSize = 10_000;

/** Keeps count of every place for a mark, and hands the marks on. Nothing is skipped without a name. */
export class Tally {
  readonly problems: ReadProblem[] = [];
  readonly counted: Counted = { cells: 0, marks: 0, blank: 0, notRead: 0, byKind: {} };
  readonly #file: string;
  /** Places listed of each kind. */
  readonly #mostProblems: number;
  readonly #listed = new Map<string, number>();
  readonly #take: TakeMarks;
  readonly #urns = new Set<Urn>();
  #lastUrn: Urn | undefined;
  #firstDay = '9999';
  #lastDay = '';
  readonly #once = new Map<string, ReadProblem>();
  #waiting: RawMark[] = [];

  constructor(file: string, mostProblems: number, take: TakeMarks) {
    this.#file = file;
    this.#mostProblems = mostProblems;
    this.#take = take;
  }

  /** Places for a mark that the file has; each is then a mark, blank or a problem. */
  cells(count: number): void {
    this.counted.cells += count;
  }

  blank(count = 1): void {
    this.counted.blank += count;
  }

  mark(mark: RawMark): void {
    this.counted.marks += 1;
    if (mark.date < this.#firstDay) this.#firstDay = mark.date;
    if (mark.date > this.#lastDay) this.#lastDay = mark.date;
    if (mark.urn !== this.#lastUrn) this.#urns.add((this.#lastUrn = mark.urn));
    this.#waiting.push(mark);
  }

  /** Counts of a term, of a form that has no marks. */
  counts(urn: Urn): void {
    this.counted.marks += 1;
    this.#urns.add(urn);
  }

  /** `cells` places were not read for this reason; 0 for a warning. */
  problem(
    kind: string,
    message: string,
    at: { row?: number | undefined; column?: string | undefined; cells?: number } = {},
  ): void {
    const cells = at.cells ?? 1;
    this.#notRead(kind, cells);
    const listed = this.#listed.get(kind) ?? 0;
    if (listed >= this.#mostProblems) return;
    this.#listed.set(kind, listed + 1);
    this.problems.push(this.#problemOf(kind, message, { ...at, cells }));
  }

  /** The same, for what is told once however many places it stands for: a column, a question about the whole file. */
  problemOnce(
    kind: string,
    message: () => string,
    at: { row?: number | undefined; column?: string | undefined; cells?: number } = {},
  ): void {
    const key = `${kind} ${at.column ?? ''}`;
    const told = this.#once.get(key);
    if (!told && this.#once.size >= this.#mostProblems) {
      this.problem(kind, message(), at);
      return;
    }
    if (!told) {
      const { cells = 1 } = at;
      const problem = this.#problemOf(kind, message(), { ...at, cells });
      this.#once.set(key, problem);
      this.problems.push(problem);
      this.#notRead(kind, cells);
      return;
    }
    told.cells += at.cells ?? 1;
    this.#notRead(kind, at.cells ?? 1);
  }

  #notRead(kind: string, cells: number): void {
    this.counted.notRead += cells;
    this.counted.byKind[kind] = (this.counted.byKind[kind] ?? 0) + cells;
  }

  #problemOf(
    kind: string,
    message: string,
    at: { row?: number | undefined; column?: string | undefined; cells: number },
  ): ReadProblem {
    const { row, column, cells } = at;
    return {
      kind,
      file: this.#file,
      ...(row === undefined ? {} : { row }),
      ...(column === undefined ? {} : { column }),
      message,
      cells,
    };
  }

  get isFull(): boolean {
    return this.#waiting.length >= batchSize;
  }

  async handOn(): Promise<void> {
    const marks = this.#waiting;
    this.#waiting = [];
    if (marks.length > 0) await this.#take(marks);
  }

  /** What the marks say of the file. */
  span(): Pick<Found, 'firstDay' | 'lastDay' | 'urns'> {
    const urns = [...this.#urns].sort((a, b) => a - b);
    return this.#lastDay === ''
      ? { urns }
      : { urns, firstDay: this.#firstDay, lastDay: this.#lastDay };
  }
}
