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
export function noteFault(text: string): string | undefined {
  // What nobody sees says nothing.
  const length = [...text.replaceAll(/[\p{Cf}\s]+/gu, ' ').trim()].length;
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

/** Keeps what somebody writes of a child of this school, for good. Refuses another school’s child in the registry’s words. */
export async function writeNote(
  parts: Keeping,
  writer: Writer,
  { pupil, text }: { pupil: number; text: string },
): Promise<void> {
  const fault = noteFault(text);
  if (fault) throw new Refusal('bad-input', `${fault}.`);
  const { person } = await mayKeep(parts, writer, pupil);
  const { school, viewer } = writer;
  await leave(parts, writer, pupil, 'note written');
  await addWorklistNote(parts.records, {
    ...{ urn: school.urn, pupil, text: text.trim(), person, role: viewer.role, at: parts.clock() },
  });
}

/**
 * From now on this person has the child at this school; with null nobody has. `after` is the number of what the writer saw
 * last said of it (`WorklistEntry.lastSaid`): keeps nothing and says `false` where somebody said more meanwhile.
 */
export async function putHolder(
  parts: Keeping,
  writer: Writer,
  { pupil, holder, after }: { pupil: number; holder: number | null; after: number },
): Promise<boolean> {
  const { school, viewer } = writer;
  const said = holder === null ? 'let go' : holder === viewer.person ? 'taken on' : 'handed over';
  const { person, subject } = await mayKeep(parts, writer, pupil);
  const people = canHave(await peopleOf(parts, urnsOf(school)), subject);
  if (holder !== null && !people.some(({ id }) => id === holder)) {
    throw new Refusal(
      'bad-input',
      'Choose the head or one of the attendance staff here; a restricted record is for the head alone.',
    );
  }
  const urns = urnsOf(school);
  const before = await worklistHoldersAbout(parts.records, pupil);
  const standing = before.findLast(({ urn }) => urns.includes(urn));
  // It is so already, as after a form that was sent twice: nothing is done, and nobody told of somebody else.
  if ((standing?.holder ?? null) === holder) return true;
  const last = standing?.id ?? 0;
  // Looked at before the trace too: it says what was done, and only of two at the same moment more than that.
  if (last !== after) return false;
  await leave(parts, writer, pupil, said);
  const row = { urn: school.urn, pupil, holder, person, role: viewer.role, at: parts.clock() };
  return keepWorklistHolder(parts.records, row, { after, urns });
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
