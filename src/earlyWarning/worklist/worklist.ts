import type { Day } from '../../base/day.ts';
import { reasonsOf } from '../reasons.ts';
import type { Score } from '../scores.sql.ts';

/*
 * A school’s worklist: who, why, what has been written and who has it. It puts children in an order and does nothing else:
 * nothing is sent by it, and nothing decided.
 */

/** From this probability of persistent absence on a child is listed, whatever the capacity. */
export const listedFrom = 1 / 3;

/** The share of a school’s roll that it is taken to be able to see to, where it says nothing else. */
export const usualCapacityShare = 0.05;

/** What somebody at a school wrote of a child there: the school’s own. */
export type Note = { id: number; urn: number; pupil: string; on: Day; by: string; text: string };

/** Who has taken a child on, as was said last; with no `person` it was let go. */
export type Said = { id: number; urn: number; pupil: string; person: number | null } & Held;
type Held = {
  name: string;
  since: Day;
  /** Acts for the school today and may see the child: otherwise somebody else has to take it on. */
  canSee: boolean;
};
export type Holder = { person: number } & Held;

export type WorklistEntry = {
  urn: number;
  /** The child’s key. */
  pupil: string;
  score: Score;
  /** Listed for its probability, because the school can see to so many, or because somebody has the child. */
  because: 'likely' | 'capacity' | 'held';
  /** A tenth or more missed so far, and nobody has written anything of it this year. */
  unseen: boolean;
  /** In words, what weighs most first. */
  why: string[];
  /** Newest first. */
  notes: Note[];
  holder: Holder | null;
  /** The number of what was said last of who has it, 0 where nothing was: so that two do not write over each other. */
  lastSaid: number;
};

export type WorklistParts = {
  /** The school, by every URN it has had. */
  urns: readonly number[];
  scores: readonly Score[];
  notes: readonly Note[];
  said: readonly Said[];
  /** How many children the school can see to; without it a twentieth of its roll. */
  capacity?: number | undefined;
  /** Only what was written from this day on says that somebody looks. */
  since: Day;
};

/**
 * The children of one school who are listed: each with a probability of one in three or more, the highest besides up to the
 * school’s capacity, and whom somebody has. First who missed a tenth or more and of whom nobody has written anything this
 * year; then by probability. Of a child who stands on another school’s roll too, nothing that is that school’s own is told.
 */
export function worklistOf(parts: WorklistParts): WorklistEntry[] {
  const isHere = ({ urn }: { urn: number }) => parts.urns.includes(urn);
  const ranked = onceEach(parts.scores.filter(isHere), parts.urns).toSorted(byProbability);
  const capacity = parts.capacity ?? usualCapacity(ranked.length);
  const notes = Map.groupBy(parts.notes.filter(isHere), ({ pupil }) => pupil);
  const said = new Map(parts.said.filter(isHere).map((each) => [each.pupil, each]));
  const entries = ranked.flatMap((score, at): WorklistEntry[] => {
    const { pupil, urn, possible, absent } = score;
    const last = said.get(pupil);
    const holder = holderOf(last);
    const because = becauseOf(score, { fits: at < capacity, isHeld: holder !== null });
    if (because === null) return [];
    const ofPupil = notes.get(pupil) ?? [];
    const isWritten = ofPupil.some(({ on }) => on >= parts.since);
    return [
      {
        ...{ urn, pupil, score, because, holder, why: reasonsOf(score) },
        lastSaid: last?.id ?? 0,
        unseen: 10 * absent >= possible && !isWritten,
        notes: ofPupil.toSorted((a, b) => b.id - a.id),
      },
    ];
  });
  return [...entries.filter(({ unseen }) => unseen), ...entries.filter(({ unseen }) => !unseen)];
}

function holderOf(said: Said | undefined): Holder | null {
  if (said === undefined || said.person === null) return null;
  const { person, name, since, canSee } = said;
  return { person, name, since, canSee };
}

function becauseOf(
  { probability_persistent }: Score,
  { fits, isHeld }: { fits: boolean; isHeld: boolean },
): WorklistEntry['because'] | null {
  if (probability_persistent >= listedFrom) return 'likely';
  if (fits) return 'capacity';
  return isHeld ? 'held' : null;
}

export function usualCapacity(children: number): number {
  return Math.ceil(usualCapacityShare * children);
}

/** A child who is on the roll of more than one of a school’s URNs is one child: by the newest of them. */
function onceEach(scores: readonly Score[], urns: readonly number[]): Score[] {
  const byNewest = scores.toSorted((a, b) => urns.indexOf(a.urn) - urns.indexOf(b.urn));
  return [...new Map(byNewest.map((each) => [each.pupil, each])).values()];
}

function byProbability(one: Score, other: Score): number {
  return (
    other.probability_persistent - one.probability_persistent ||
    other.probability_next_4_weeks - one.probability_next_4_weeks ||
    (one.pupil < other.pupil ? -1 : 1)
  );
}
