/**
 * Small numbers are hidden here and nowhere else, last: from anybody outside the school's own circle, a figure that
 * rests on one to five pupils (the rule by which schools of fewer than six enrolments are left out of the statistics).
 */
const smallestShown = 6;

/** May a percentage of `part` pupils out of `whole` be shown outside? Null counts are of unknown size: shown as published. */
export function safeToShow(part: number | null, whole: number | null): boolean {
  if (whole !== null && whole < smallestShown) return false;
  return part === null || part === 0 || part >= smallestShown;
}

/** One part of a total that is known: a count of pupils, and whether it is hidden. */
export type PartOfTotal<Key> = { key: Key; count: number; hidden: boolean };

/**
 * What must be hidden too, so that nobody finds a hidden part by taking the others from their total: another part (the
 * smallest that has anything in it), or the total itself where there is no other.
 */
export function hideAlso<Key>(parts: readonly PartOfTotal<Key>[]): {
  parts: Key[];
  total: boolean;
} {
  const hidden = parts.filter((part) => part.hidden).map((part) => part.count);
  if (hidden.length === 0 || cannotBeTold(hidden)) return { parts: [], total: false };
  let companion: PartOfTotal<Key> | undefined;
  for (const part of parts) {
    if (part.hidden || part.count === 0) continue;
    if (companion === undefined || part.count < companion.count) companion = part;
  }
  return companion ? { parts: [companion.key], total: false } : { parts: [], total: true };
}

/** Several parts whose sum is no small number, nor one that only parts of one pupil, or of five, can have. */
function cannotBeTold(counts: readonly number[]): boolean {
  const sum = counts.reduce((total, count) => total + count, 0);
  const parts = counts.length;
  return parts > 1 && sum >= smallestShown && sum !== parts && sum !== parts * (smallestShown - 1);
}
