import {
  allowOrRefuse,
  type Purpose,
  type Subject,
  type Trail,
  type Viewer,
} from '../../access/index.ts';
import { dayInEngland } from '../../base/clock.ts';
import { isWithin } from '../../base/day.ts';
import { Refusal } from '../../base/problem.ts';
import { writesUpn } from '../../base/upn.ts';
import { pupilsFor, subjectOfPupilList } from '../../pupils/index.ts';
import {
  addWorklistNote,
  keepWorklistHolder,
  setWorklistCapacity,
  worklistHoldersAbout,
} from '../../records/index.ts';
import type { School } from '../../schools/index.ts';
import { canHave, peopleOf } from './people.ts';
import { urnsOf, type WorklistOptions } from './show.ts';

type Keeping = WorklistOptions & { trail: Trail };

/** Who writes, of which school, for what. */
export type Writer = { viewer: Viewer; purpose: Purpose | null; from: string; school: School };

const longestNote = 1000;
const mostChildren = 2000;

/** What is wrong with a note, in words; undefined where it can be kept. */
function noteFault(text: string): string | undefined {
  // What nobody sees says nothing: blanks that are no spaces among it, and the empty cell of braille.
  const seen = text.replaceAll(/[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Z}\s\u2800]+/gu, ' ');
  const length = [...seen.trim()].length;
  if (length < 5 || [...text.trim()].length > longestNote) {
    return `Say what was tried or found, in 5 to ${longestNote.toLocaleString('en-GB')} characters`;
  }
  return writesUpn(text) ? 'Say it without a child’s number' : undefined;
}

/** What is wrong with a number of children; undefined where it can be kept. */
export function capacityFault(text: string): string | undefined {
  return /^\d{1,4}$/.test(text.trim()) && Number(text) <= mostChildren
    ? undefined
    : `Say how many children, as a whole number up to ${mostChildren.toLocaleString('en-GB')}`;
}

/** What is to be kept of a child: a text, who has it (null: nobody; none: as it is), or both. */
export type OfChild = {
  pupil: number;
  text: string;
  holder?: number | null;
  /** The number of what the writer saw last said of who has the child (`WorklistEntry.lastSaid`). */
  after: number;
};

/** What of it cannot be kept, in words for whoever typed it. Then nothing of it is. */
export type Fault = { field: 'note' | 'holder'; fault: string };

/**
 * Keeps what somebody writes of a child of this school, for good, and who has it from now on; says what is wrong with it, or
 * that somebody said meanwhile who has the child. Refuses another school’s child in the registry’s words.
 */
export async function keepOfChild(
  parts: Keeping,
  writer: Writer,
  { pupil, text, holder, after }: OfChild,
): Promise<Fault | null> {
  const { person, subject } = await mayKeep(parts, writer, pupil);
  const isWritten = text.trim() !== '';
  if (!isWritten && holder === undefined) {
    return { field: 'note', fault: 'Say what was tried or found, or choose who has the child' };
  }
  const fault = isWritten ? noteFault(text) : undefined;
  if (fault) return { field: 'note', fault };
  const by = { person, role: writer.viewer.role };
  if (holder !== undefined) {
    const held = await putHolder(parts, writer, { pupil, subject, holder, after, by });
    if (held) return { field: 'holder', fault: held };
  }
  if (isWritten) {
    await leave(parts, writer, pupil, 'note written');
    const row = { urn: writer.school.urn, pupil, text: text.trim(), at: parts.clock() };
    await addWorklistNote(parts.records, { ...row, ...by });
  }
  return null;
}

type Held = {
  pupil: number;
  subject: Subject;
  holder: number | null;
  after: number;
  by: { person: number; role: Viewer['role'] };
};

/** From now on this person has the child at this school; says why it cannot be so. */
async function putHolder(
  parts: Keeping,
  writer: Writer,
  { pupil, subject, holder, after, by }: Held,
): Promise<string | undefined> {
  const urns = urnsOf(writer.school);
  const people = canHave(await peopleOf(parts, urns), subject);
  if (holder !== null && !people.some(({ id }) => id === holder)) {
    return 'Choose somebody of the list: the head, or one of the attendance staff here who may see the child';
  }
  const before = await worklistHoldersAbout(parts.records, pupil);
  const standing = before.findLast(({ urn }) => urns.includes(urn));
  // It is so already, as after a form that was sent twice: nothing is done, and nobody told of somebody else.
  if ((standing?.holder ?? null) === holder) return undefined;
  // Looked at before the trace too: it says what was done, and only of two at the same moment more than that.
  if ((standing?.id ?? 0) !== after) return meanwhile;
  await leave(parts, writer, pupil, heldText(holder, standing?.holder ?? null, by.person));
  const row = { urn: writer.school.urn, pupil, holder, at: parts.clock(), ...by };
  return (await keepWorklistHolder(parts.records, row, { after, urns })) ? undefined : meanwhile;
}

const meanwhile =
  'Somebody else has said meanwhile who has this child. Look who it is, then choose';

function heldText(holder: number | null, before: number | null, person: number): string {
  if (holder === null) return 'let go';
  if (holder === person) return 'taken on';
  return before === null ? 'given' : 'handed over';
}

/** From now on the worklist of this school has room for so many children. */
export async function setCapacity(
  { records, clock, trail, ...registry }: Keeping,
  { viewer, purpose, from, school }: Writer,
  text: string,
): Promise<void> {
  const fault = capacityFault(text);
  if (fault) throw new Refusal('bad-input', `${fault}.`);
  const subject = await subjectOfPupilList({ ...registry, records, clock }, school);
  allowOrRefuse(viewer, 'worklist', subject, { act: 'change', purpose });
  const person = personOf(viewer);
  const children = Number(text);
  await trail.leave({
    ...{ viewer, action: 'changed', data: 'worklist', from },
    ...(purpose ? { purpose } : {}),
    subject: { kind: 'school', id: String(school.urn) },
    detail: { worklist: 'capacity', children },
  });
  await setWorklistCapacity(records, {
    ...{ urn: school.urn, children, person, role: viewer.role, at: clock() },
  });
}

/** By whom it is, and what child: refuses where the viewer may not write on this list, or of this child here and now. */
async function mayKeep(
  parts: Keeping,
  { viewer, purpose, school }: Writer,
  pupil: number,
): Promise<{ person: number; subject: Subject }> {
  const asked = { act: 'change', purpose } as const;
  allowOrRefuse(viewer, 'worklist', await subjectOfPupilList(parts, school), asked);
  const { subject, enrolments } = await pupilsFor(parts, viewer, purpose).get(pupil);
  allowOrRefuse(viewer, 'worklist', subject, asked);
  const today = dayInEngland(parts.clock());
  const isHere = enrolments.some(
    ({ urn, entry_date, leaving_date }) =>
      urnsOf(school).includes(urn) && isWithin(today, entry_date, leaving_date),
  );
  if (!isHere) throw new Refusal('not-found', 'No such child is on the roll here today.');
  return { person: personOf(viewer), subject };
}

/** The trace of what is done, before it is. */
async function leave(
  { trail }: Keeping,
  { viewer, purpose, from }: Writer,
  pupil: number,
  worklist: string,
): Promise<void> {
  await trail.leave({
    ...{ viewer, action: 'changed', data: 'worklist', from },
    ...(purpose ? { purpose } : {}),
    subject: { kind: 'pupil', id: String(pupil) },
    detail: { worklist },
  });
}

function personOf({ person }: Viewer): number {
  if (person === undefined) {
    throw new Refusal('signed-out', 'Sign in first: this is done by a person, by name.');
  }
  return person;
}
