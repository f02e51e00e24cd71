import type { Candidate } from './candidate.ts';

/**
 * Of what thousands of series show on one day, as much as can be told so that no more than `share` of it is chance
 * (Benjamini and Hochberg 1995, each kind and day apart): the rarest first.
 *
 * @param looked how many series had been looked at by a day.
 */
export function withinFalseShare<Each extends Candidate>(
  candidates: readonly Each[],
  share: number,
  looked: (day: number) => number,
): Each[] {
  const ofDays = Map.groupBy(candidates, ({ kind, day }) => `${kind} ${day}`);
  return [...ofDays.values()].flatMap((found) => {
    const rarest = found.toSorted((a, b) => b.score - a.score);
    const told = rarest.findLastIndex(
      ({ score }, at) => 10 ** -score <= (share * (at + 1)) / looked(found[at]?.day ?? 0),
    );
    return rarest.slice(0, told + 1);
  });
}
