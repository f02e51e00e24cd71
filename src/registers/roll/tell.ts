import type { Problem } from '../../base/problem.ts';
import type { Fault } from '../read/problems.ts';

/** Rows of one kind of problem: how many, whether they are refused for it, and the first of them. */
export type ProblemsOfKind = { kind: string; rows: number; refused: boolean; first: Problem[] };

const shownOfAKind = 100;

/** Counts every problem under its kind, and keeps the first of each to show. */
export class Told {
  readonly #kinds = new Map<string, ProblemsOfKind>();

  /** A row is refused for this, or with `refused: false` only looked at twice. */
  add(
    { kind, message }: Fault,
    at: { file: string; row?: number | undefined; column?: string | undefined },
    { refused = true }: { refused?: boolean } = {},
  ): void {
    let of = this.#kinds.get(kind);
    if (!of) this.#kinds.set(kind, (of = { kind, rows: 0, refused, first: [] }));
    of.rows += 1;
    if (of.first.length >= shownOfAKind) return;
    const { file, row, column } = at;
    of.first.push({
      ...{ kind, file, message },
      ...(row === undefined ? {} : { row }),
      ...(column === undefined ? {} : { column }),
    });
  }

  /** Those that rows are refused for first, then the most frequent. */
  all(): ProblemsOfKind[] {
    return [...this.#kinds.values()].sort(
      (a, b) =>
        Number(b.refused) - Number(a.refused) || b.rows - a.rows || (a.kind < b.kind ? -1 : 1),
    );
  }
}
