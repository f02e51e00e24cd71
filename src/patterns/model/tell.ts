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

/** A day so much rarer than the one that was told is another: ten times. */
const farRarer = 1;

export const isFarRarer = (before: { score: number }, after: { score: number }): boolean =>
  after.score >= before.score + farRarer;
export const restOf = (kind: Kind): number => rest[kind];

/**
 * Of what goes on from day to day, the first day on which it can be told: nothing is told twice. A shock is of a few days: a far
 * rarer one soon after is told too. Of all schools a bad day is another as soon as a day that was none lies between.
 */
export function toldOnce<
  Each extends Pick<Candidate, 'kind' | 'row' | 'day' | 'startedOn' | 'score'>,
>(candidates: readonly Each[], { ofAll = false }: { ofAll?: boolean } = {}): Each[] {
  const last = new Map<string, { day: number; startedOn: number; score: number }>();
  return candidates
    .toSorted((a, b) => a.day - b.day)
    .filter(({ kind, row, day, startedOn, score }) => {
      const key = `${kind} ${row}`;
      const before = last.get(key);
      const isNew =
        before === undefined ||
        (day - before.day > (ofAll ? 1 : rest[kind]) && startedOn !== before.startedOn) ||
        (kind === 'shock' && day > before.day && isFarRarer(before, { score }));
      last.set(key, { day, startedOn, score: isNew ? score : Math.max(score, before.score) });
      return isNew;
    });
}
