import { roundHalfUp } from '../base/rate.ts';
import type { Viewer } from './viewer.ts';

/**
 * Small numbers are hidden here and nowhere else, last: from anybody outside the school's own circle, a figure that
 * rests on one to five pupils (the rule by which schools of fewer than six enrolments are left out of the statistics).
 */
const smallestShown = 6;

/** So many small parts hide each other. */
const manySmall = 5;

/** May a percentage of `part` pupils out of `whole` be shown outside? Null counts are of unknown size: shown as published. */
export function safeToShow(part: number | null, whole: number | null): boolean {
  if (whole !== null && whole < smallestShown) return false;
  return part === null || part === 0 || part >= smallestShown;
}

/** Those who see what is theirs whole: the school, its trust, its authority. What is not theirs the policy keeps from them. */
export function isOfTheCircle({ role }: Viewer): boolean {
  return ['head', 'school', 'trust', 'authority'].includes(role);
}

/**
 * A rate that rests on registers and is not published, for whoever is outside the school’s own circle: to one decimal. An
 * exact rate is sessions over sessions, and beside the same of another series or day it would tell of one child. Counts of
 * children come back from a rounded rate as well: theirs are hidden, not rounded.
 */
export function rateOutside(percent: number): number {
  return roundHalfUp(percent, 1);
}

/** The same of a share or a ratio, 0–1. */
export function shareOutside(share: number): number {
  return roundHalfUp(share, 2);
}

/** So few schools, and whoever knows the others’ weeks knows one’s; so few sessions, and a tenth of a percent is a child’s. */
const fewestSchoolsInWeek = 10;
const fewestSessionsInWeek = 6000;

/** May a rounded rate of one week be told outside? A single school’s week never is. */
export function weekIsOfMany(schools: number, possible: number): boolean {
  return schools >= fewestSchoolsInWeek && possible >= fewestSessionsInWeek;
}

/**
 * The same for what leaves the site by e-mail, whoever gets it: to as many decimals as six sessions are a step of, and
 * nothing of fewer than ten pupils. Null where nothing can be said.
 */
export function rateByMail(
  percent: number,
  { enrolments, possible }: { enrolments: number; possible: number },
): { percent: number; decimals: 0 | 1 } | null {
  const decimals = possible >= fewestSessionsInWeek ? 1 : 0;
  if (enrolments < 10 || possible < fewestSessionsInWeek / 10) return null;
  return { percent: roundHalfUp(percent, decimals), decimals };
}

/** A count of pupils that is shown by itself; `circles` are those who know it whatever is hidden, in any words. */
export type Part<Key> = { key: Key; count: number; circles: readonly string[] };

/** What is shown as the sum of its parts, which may be totals themselves: authorities, regions, England. */
export type Total<Key> = { key: Key; parts: readonly (Part<Key> | Total<Key>)[] };

/**
 * Given what must be hidden, everything that is: as many other parts as it takes, or a total itself, so that nobody
 * finds a hidden part by taking others from a total. Nobody: neither the public nor any circle, which takes what it
 * knows as well. Which other parts are hidden goes by the order they are given in and never by their counts, because a
 * rule that hid the smallest would say how large they are.
 */
export function hideAlso<Key>(total: Total<Key>, mustBeHidden: ReadonlySet<Key>): Set<Key> {
  const hidden = new Set(mustBeHidden);
  protect(total, { hidden, mustBeHidden });
  return hidden;
}

type Hidden<Key> = { hidden: Set<Key>; mustBeHidden: ReadonlySet<Key> };

function protect<Key>(total: Total<Key>, { hidden, mustBeHidden }: Hidden<Key>): void {
  for (const part of total.parts) if (isTotal(part)) protect(part, { hidden, mustBeHidden });
  if (hidden.has(total.key)) return;
  const also: Key[] = [];
  for (;;) {
    const left = whatIsLeft(total, hidden);
    const knowing = whoCanTell(left, mustBeHidden);
    if (knowing === undefined) return;
    const companion = companionFor(total, { hidden, left, knowing });
    if (!companion) break;
    for (const key of companion.hides) hidden.add(key);
    also.push(...companion.hides);
  }
  for (const key of also) hidden.delete(key); // they did not help
  hidden.add(total.key);
}

const isTotal = <Key>(part: Part<Key> | Total<Key>): part is Total<Key> => 'parts' in part;

/** The hidden parts whose sum is left when everything that is shown is taken from a total. */
function whatIsLeft<Key>(total: Total<Key>, hidden: ReadonlySet<Key>): Part<Key>[] {
  return total.parts.flatMap((part) => {
    if (!hidden.has(part.key)) return [];
    return isTotal(part) ? whatIsLeft(part, hidden) : [part];
  });
}

type Sum = { parts: number; small: number; count: number };

/** A circle that can tell a count of others from the sum of these parts; empty for the public, undefined for nobody. */
function whoCanTell<Key>(
  parts: readonly Part<Key>[],
  mustBeHidden: ReadonlySet<Key>,
): string | undefined {
  const all: Sum = { parts: 0, small: 0, count: 0 };
  const known = new Map<string, Sum>([['', { ...all }]]);
  for (const { key, count, circles } of parts) {
    for (const circle of circles) {
      if (!known.has(circle)) known.set(circle, { parts: 0, small: 0, count: 0 });
    }
    for (const sum of [all, ...circles.map((circle) => known.get(circle) as Sum)]) {
      sum.parts += 1;
      sum.small += mustBeHidden.has(key) ? 1 : 0;
      sum.count += count;
    }
  }
  for (const [circle, own] of known) {
    const others = {
      parts: all.parts - own.parts,
      small: all.small - own.small,
      count: all.count - own.count,
    };
    if (others.parts > 0 && canBeTold(others)) return circle;
  }
  return undefined;
}

/**
 * A single part; or only small ones, and so few of them, or of such a sum, that it says what they are. With a larger part
 * among them the sum says nothing.
 */
function canBeTold({ parts, small, count }: Sum): boolean {
  if (parts < 2) return true;
  if (small < parts) return false;
  return parts < manySmall || count === parts || count === parts * (smallestShown - 1);
}

/** What may be hidden together to have more left of a total: the parts that come to be left, and what to hide for it. */
type Companion<Key> = { parts: readonly Part<Key>[]; hides: readonly Key[]; newParts: number };

/**
 * The companion that helps against a circle: one with a part that the circle does not know, that hides the fewest parts
 * and that the circles of what is left know least of.
 */
function companionFor<Key>(
  total: Total<Key>,
  {
    hidden,
    left,
    knowing,
  }: { hidden: ReadonlySet<Key>; left: readonly Part<Key>[]; knowing: string },
): Companion<Key> | undefined {
  const circles = new Set(left.flatMap((part) => part.circles));
  const shared = ({ parts }: Companion<Key>) =>
    Math.min(...parts.map((part) => part.circles.filter((circle) => circles.has(circle)).length));
  let best: { companion: Companion<Key>; newParts: number; shared: number } | undefined;
  for (const companion of companionsIn(total, hidden)) {
    if (companion.parts.every((part) => part.circles.includes(knowing))) continue;
    const found = { companion, newParts: companion.newParts, shared: shared(companion) };
    if (
      best === undefined ||
      found.newParts < best.newParts ||
      (found.newParts === best.newParts && found.shared < best.shared)
    ) {
      best = found;
    }
  }
  return best?.companion;
}

function companionsIn<Key>(total: Total<Key>, hidden: ReadonlySet<Key>): Companion<Key>[] {
  return total.parts.flatMap((part): Companion<Key>[] => {
    if (!isTotal(part)) {
      const free = part.count > 0 && !hidden.has(part.key);
      return free ? [{ parts: [part], hides: [part.key], newParts: 1 }] : [];
    }
    if (hidden.has(part.key)) return companionsIn(part, hidden);
    const left = whatIsLeft(part, hidden);
    if (left.length > 0) return [{ parts: left, hides: [part.key], newParts: 0 }];
    return companionsIn(part, hidden).map((each) => ({
      ...each,
      hides: [part.key, ...each.hides],
    }));
  });
}
