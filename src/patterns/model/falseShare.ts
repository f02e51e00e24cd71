import type { Candidate } from './candidate.ts';

/**
 * Of what thousands of series show on one day, as much as can be told so that no more than `share` of it is chance
 * (Benjamini and Hochberg 1995, each kind and day apart): the rarest first.
 *
 * @param looked how many series were looked at on a day.
 */
export function withinFalseShare(
  candidates: readonly Candidate[],
  share: number,
  looked: number,
): Candidate[] {
  const ofDays = Map.groupBy(candidates, ({ kind, day }) => `${kind} ${day}`);
  return [...ofDays.values()].flatMap((found) => {
    const rarest = found.toSorted((a, b) => b.score - a.score);
    const told = rarest.findLastIndex(
      ({ score }, at) => 10 ** -score <= (share * (at + 1)) / looked,
    );
    return rarest.slice(0, told + 1);
  });
}
