import type { Day } from '../../base/day.ts';
import { fewestSessions } from '../counts.sql.ts';
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
  /** The child’s key. */
  pupil: string;
  /** Null while too few of its half days are counted this year: then somebody has the child, or it was asked for. */
  score: Score | null;
  /** Listed for its probability, because the school can see to so many, because somebody has the child, or by name. */
  because: 'likely' | 'capacity' | 'held' | 'asked';
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
  /** A child who stands on the list whatever it is: somebody is writing of it. */
  asked?: string | undefined;
  /** Only what was written from this day on says that somebody looks. */
  since: Day;
};

/**
 * The children of one school who are listed: each with a probability of one in three or more, the highest besides up to the
 * school’s capacity, and whom somebody has. First who missed a tenth or more and of whom nobody has written anything this
 * year; then by probability; last who has none yet. Of a child who stands on another school’s roll too, nothing that is that
 * school’s own is told.
 */
export function worklistOf(parts: WorklistParts): WorklistEntry[] {
  const isHere = ({ urn }: { urn: number }) => parts.urns.includes(urn);
  const ranked = onceEach(parts.scores.filter(isHere), parts.urns).toSorted(byProbability);
  const capacity = parts.capacity ?? usualCapacity(ranked.length);
  const notes = Map.groupBy(parts.notes.filter(isHere), ({ pupil }) => pupil);
  const said = new Map(parts.said.filter(isHere).map((each) => [each.pupil, each]));
  const entryOf = (pupil: string, score: Score | null, fits: boolean): WorklistEntry[] => {
    const last = said.get(pupil);
    const holder = holderOf(last);
    const how = { fits, isHeld: holder !== null, isAsked: pupil === parts.asked };
    const because = becauseOf(score, how);
    if (because === null) return [];
    const ofPupil = notes.get(pupil) ?? [];
    const isWritten = ofPupil.some(({ on }) => on >= parts.since);
    return [
      {
        ...{ pupil, score, because, holder, lastSaid: last?.id ?? 0 },
        why: score ? reasonsOf(score) : [tooFewText],
        unseen: score !== null && 10 * score.absent >= score.possible && !isWritten,
        notes: ofPupil.toSorted((a, b) => b.id - a.id),
      },
    ];
  };
  const scored = ranked.flatMap((score, at) => entryOf(score.pupil, score, at < capacity));
  const isScored = new Set(ranked.map(({ pupil }) => pupil));
  const asked = parts.asked === undefined ? [] : [parts.asked];
  const others = [...new Set([...said.keys(), ...asked])].filter((pupil) => !isScored.has(pupil));
  return [
    ...scored.filter(({ unseen }) => unseen),
    ...scored.filter(({ unseen }) => !unseen),
    ...others.flatMap((pupil) => entryOf(pupil, null, false)),
  ];
}

const tooFewText = `too few half days of this year are counted to work anything out: fewer than ${fewestSessions}`;

function holderOf(said: Said | undefined): Holder | null {
  if (said === undefined || said.person === null) return null;
  const { person, name, since, canSee } = said;
  return { person, name, since, canSee };
}

function becauseOf(
  score: Score | null,
  { fits, isHeld, isAsked }: { fits: boolean; isHeld: boolean; isAsked: boolean },
): WorklistEntry['because'] | null {
  if (score && score.probability_persistent >= listedFrom) return 'likely';
  if (fits) return 'capacity';
  if (isHeld) return 'held';
  return isAsked ? 'asked' : null;
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
