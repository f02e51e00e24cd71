/**
 * Two tables of the same pupils: each pupil is in one cell of the one and in one of the other, and ties the two. Whoever has
 * the sums of all cells takes some cells from others, and is left with the pupils who tie these to the rest: girls of an
 * authority less all of a girls’ school are the girls of its other schools.
 */
export type Ties = Map<string, Map<string, number>>;

export function addTie(ties: Ties, one: string, other: string, pupils: number): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const known = ties.get(from) ?? new Map<string, number>();
    ties.set(from, known);
    known.set(to, (known.get(to) ?? 0) + pupils);
  }
}

/**
 * Can anything be worked out of fewer pupils than this? Cells that no taking away parts with so few left are joined, until
 * one is left or such a parting is found (the smallest cut, by Stoer and Wagner). Uses the ties up.
 */
export function tellOfFewer(ties: Ties, fewest: number): boolean {
  for (const cell of [...ties.keys()]) joinStrong(ties, cell, fewest);
  for (;;) {
    const start = ties.keys().next().value;
    if (start === undefined) return false;
    const [before, last, pupils] = lastReached(ties, start);
    if (last !== undefined && pupils < fewest) return true;
    if (last === undefined) ties.delete(start);
    else joinStrong(ties, join(ties, before, last), fewest);
  }
}

function joinStrong(ties: Ties, cell: string, fewest: number): void {
  let at = cell;
  let strong = strongest(ties, at, fewest);
  while (strong !== undefined) {
    at = join(ties, at, strong);
    strong = strongest(ties, at, fewest);
  }
}

function strongest(ties: Ties, cell: string, fewest: number): string | undefined {
  for (const [other, pupils] of ties.get(cell) ?? []) if (pupils >= fewest) return other;
  return undefined;
}

/** As one cell, of the name of the one with more ties. */
function join(ties: Ties, one: string, other: string): string {
  const isMore = tiesOf(ties, one).size >= tiesOf(ties, other).size;
  const [kept, gone] = isMore ? [one, other] : [other, one];
  const known = tiesOf(ties, kept);
  for (const [cell, pupils] of tiesOf(ties, gone)) {
    tiesOf(ties, cell).delete(gone);
    if (cell !== kept) addTie(ties, kept, cell, pupils);
  }
  known.delete(gone);
  ties.delete(gone);
  return kept;
}

const tiesOf = (ties: Ties, cell: string) => ties.get(cell) as Map<string, number>;

/** From a cell on, always the one with most ties to those that were reached: the last two, and the pupils of the last. */
function lastReached(ties: Ties, start: string): [string, string | undefined, number] {
  let [before, last, pupils]: [string, string | undefined, number] = [start, undefined, 0];
  const reached = new Set([start]);
  const next = new Map(tiesOf(ties, start));
  while (next.size > 0) {
    if (last !== undefined) before = last;
    [last, pupils] = [...next].reduce((most, each) => (each[1] > most[1] ? each : most));
    next.delete(last);
    reached.add(last);
    for (const [cell, more] of tiesOf(ties, last)) {
      if (!reached.has(cell)) next.set(cell, (next.get(cell) ?? 0) + more);
    }
  }
  return [before, last, pupils];
}
