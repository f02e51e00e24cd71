import { attendanceCodes, byteOf, codeBits } from '../base/attendanceCodes.ts';
import type { Day } from '../base/day.ts';
import { arithmeticOf, reasonsOf } from './reasons.ts';
import type { Score } from './scores.sql.ts';
import type { StripRow } from './strip.sql.ts';

/*
 * A school’s worklist: who, why, what the last weeks were, what has been written and who has it. It puts children in an
 * order and does nothing else: nothing is sent by it, and nothing decided.
 */

/** From this probability of persistent absence on a child is listed, whatever the capacity. */
export const listedFrom = 1 / 3;

/** The share of a school’s roll that it is taken to be able to see to, where it says nothing else. */
export const usualCapacityShare = 0.05;

/** What somebody at a school wrote of a child there, and who has taken it on: the school’s own. */
export type Note = { urn: number; pupil: string; on: Day; by: string; text: string };
export type Holder = { urn: number; pupil: string; name: string; since: Day };

export type StripCell = 'present' | 'late' | 'authorised' | 'unauthorised' | 'not counted';
export type StripWeek = { monday: Day; cells: StripCell[] };

export type WorklistEntry = {
  urn: number;
  /** The child’s key. */
  pupil: string;
  probabilityPersistent: number;
  probabilityNextFourWeeks: number;
  /** Listed for its probability, or because the school can see to so many. */
  because: 'likely' | 'capacity';
  /** A tenth or more missed so far, and nobody has written anything of it this year. */
  unseen: boolean;
  /** In words, what weighs most first. */
  why: string[];
  /** What the arithmetic alone says; null where it is not known how much of the year is left. */
  arithmetic: string | null;
  strip: StripWeek[];
  notes: Note[];
  holder: Holder | null;
};

export type WorklistParts = {
  /** The school, by every URN it has had. */
  urns: readonly number[];
  scores: readonly Score[];
  strips: readonly StripRow[];
  notes: readonly Note[];
  holders: readonly Holder[];
  /** How many children the school can see to; without it a twentieth of its roll. */
  capacity?: number | undefined;
  /** The days of the school’s sessions to come, in order, where its calendar tells them. */
  coming?: readonly Day[];
  /** Only what was written from this day on says that somebody looks. */
  since: Day;
};

/**
 * The children of one school who are listed: each with a probability of one in three or more, and the highest besides up
 * to the school’s capacity. First who missed a tenth or more and of whom nobody has written anything yet; then by
 * probability. Of a child who stands on another school’s roll too, nothing that is that school’s own is told.
 */
export function worklistOf(parts: WorklistParts): WorklistEntry[] {
  const isHere = ({ urn }: { urn: number }) => parts.urns.includes(urn);
  const ranked = parts.scores.filter(isHere).toSorted(byProbability);
  const capacity = parts.capacity ?? Math.ceil(usualCapacityShare * ranked.length);
  const listed = ranked.filter(
    (score, at) => score.probability_persistent >= listedFrom || at < capacity,
  );
  const strips = Map.groupBy(parts.strips.filter(isHere), ({ pupil }) => pupil);
  const notes = Map.groupBy(parts.notes.filter(isHere), ({ pupil }) => pupil);
  const holders = new Map(parts.holders.filter(isHere).map((each) => [each.pupil, each]));
  const entries = listed.map((score): WorklistEntry => {
    const { pupil, urn, possible, absent } = score;
    const ofPupil = (notes.get(pupil) ?? []).filter(({ on }) => on >= parts.since);
    return {
      ...{ urn, pupil },
      probabilityPersistent: score.probability_persistent,
      probabilityNextFourWeeks: score.probability_next_4_weeks,
      because: score.probability_persistent >= listedFrom ? 'likely' : 'capacity',
      unseen: 10 * absent >= possible && ofPupil.length === 0,
      ...{ why: reasonsOf(score), arithmetic: arithmeticOf(score, parts.coming) },
      strip: (strips.get(pupil) ?? [])
        .map(stripWeekOf)
        .sort((a, b) => (a.monday < b.monday ? -1 : 1)),
      notes: ofPupil.toSorted((a, b) => (a.on > b.on ? -1 : 1)),
      holder: holders.get(pupil) ?? null,
    };
  });
  return [...entries.filter(({ unseen }) => unseen), ...entries.filter(({ unseen }) => !unseen)];
}

function byProbability(one: Score, other: Score): number {
  return (
    other.probability_persistent - one.probability_persistent ||
    other.probability_next_4_weeks - one.probability_next_4_weeks ||
    (one.pupil < other.pupil ? -1 : 1)
  );
}

const lateBytes = attendanceCodes
  .filter(({ code }) => code === 'L')
  .map((meaning) => byteOf(meaning));

function stripWeekOf({ monday, bytes }: StripRow): StripWeek {
  return { monday, cells: bytes.map(cellOf) };
}

function cellOf(byte: number): StripCell {
  if ((byte & codeBits.possible) === 0) return 'not counted';
  if ((byte & codeBits.unauthorised) !== 0) return 'unauthorised';
  if ((byte & codeBits.absent) !== 0) return 'authorised';
  return lateBytes.includes(byte) ? 'late' : 'present';
}
