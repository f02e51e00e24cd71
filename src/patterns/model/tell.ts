import type { Candidate, Kind } from './candidate.ts';

/** School days without it after which the same thing is told anew. */
const rest: Record<Kind, number> = {
  shock: 5,
  drift: 20,
  weekday: 20,
  missing: 3,
  implausible: 5,
  code_swap: 20,
  outbreak: 10,
};

/** Of what goes on from day to day, the first day on which it can be told: nothing is told twice. */
export function toldOnce<Each extends Pick<Candidate, 'kind' | 'row' | 'day'>>(
  candidates: readonly Each[],
): Each[] {
  const last = new Map<string, number>();
  return candidates
    .toSorted((a, b) => a.day - b.day)
    .filter(({ kind, row, day }) => {
      const key = `${kind} ${row}`;
      const before = last.get(key);
      last.set(key, day);
      return before === undefined || day - before > rest[kind];
    });
}
