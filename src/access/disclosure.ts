/**
 * Small numbers are hidden here and nowhere else, last: from anybody outside the school's own circle, a figure that
 * rests on one to five pupils (the rule by which schools of fewer than six enrolments are left out of the statistics).
 */
export const smallestShown = 6;

/** May a percentage of `part` pupils out of `whole` be shown outside? Null counts are of unknown size: shown as published. */
export function safeToShow(part: number | null, whole: number | null): boolean {
  if (whole !== null && whole < smallestShown) return false;
  return part === null || part === 0 || part >= smallestShown;
}
