import { allowOrRefuse, type Purpose, type Trail, type Viewer } from '../../access/index.ts';
import { dayInEngland } from '../../base/clock.ts';
import { isWithin } from '../../base/day.ts';
import { Refusal } from '../../base/problem.ts';
import { holdsUpn } from '../../base/upn.ts';
import { pupilsFor, subjectOfPupilList } from '../../pupils/index.ts';
import {
  addWorklistNote,
  keepWorklistHolder,
  setWorklistCapacity,
  worklistPeople,
} from '../../records/index.ts';
import type { School } from '../../schools/index.ts';
import { urnsOf, type WorklistOptions } from './show.ts';

type Keeping = WorklistOptions & { trail: Trail };

/** Who writes, of which school, for what. */
export type Writer = { viewer: Viewer; purpose: Purpose | null; from: string; school: School };

export const longestNote = 1000;
export const mostChildren = 2000;
const writers = ['head', 'school'];

/** What is wrong with a note, in words; undefined where it can be kept. */
export function noteFault(text: string): string | undefined {
  // What nobody sees says nothing.
  const length = [...text.replaceAll(/[\p{Cf}\s]+/gu, ' ').trim()].length;
  if (length < 5 || length > longestNote) {
    return `Say what was tried or found, in 5 to ${longestNote.toLocaleString('en-GB')} characters`;
  }
  return holdsUpn(text) ? 'Say it without a child’s number' : undefined;
}

/** What is wrong with a number of children; undefined where it can be kept. */
export function capacityFault(text: string): string | undefined {
  return /^\d{1,4}$/.test(text.trim()) && Number(text) <= mostChildren
    ? undefined
    : `Say how many children, as a whole number up to ${mostChildren.toLocaleString('en-GB')}`;
}

/** Whoever can have a child of this school: its head and its attendance staff, by name. */
export async function possibleHolders(
  { records, clock }: WorklistOptions,
  school: School,
): Promise<{ id: number; name: string }[]> {
  const day = dayInEngland(clock());
  return worklistPeople(records, { urns: urnsOf(school), roles: writers, day });
}

/** Keeps what somebody writes of a child of this school, for good. Refuses another school’s child in the registry’s words. */
export async function writeNote(
  parts: Keeping,
  writer: Writer,
  { pupil, text }: { pupil: number; text: string },
): Promise<void> {
  const fault = noteFault(text);
  if (fault) throw new Refusal('bad-input', `${fault}.`);
  const person = await mayKeep(parts, writer, pupil, 'note written');
  const { school, viewer } = writer;
  await addWorklistNote(parts.records, {
    ...{ urn: school.urn, pupil, text: text.trim(), person, role: viewer.role, at: parts.clock() },
  });
}

/** From now on this person has the child at this school; with null nobody has. */
export async function putHolder(
  parts: Keeping,
  writer: Writer,
  { pupil, holder }: { pupil: number; holder: number | null },
): Promise<void> {
  const { school, viewer } = writer;
  const possible = await possibleHolders(parts, school);
  if (holder !== null && !possible.some(({ id }) => id === holder)) {
    throw new Refusal('bad-input', 'A child is taken on by the head or the attendance staff here.');
  }
  const said = holder === null ? 'let go' : holder === viewer.person ? 'taken on' : 'handed over';
  const person = await mayKeep(parts, writer, pupil, said);
  await keepWorklistHolder(parts.records, {
    ...{ urn: school.urn, pupil, holder, person, role: viewer.role, at: parts.clock() },
  });
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

/** Whether the viewer may write of this child here and now, by whom it is, and a trace of it before it is done. */
async function mayKeep(
  parts: Keeping,
  { viewer, purpose, from, school }: Writer,
  pupil: number,
  worklist: string,
): Promise<number> {
  const shown = await pupilsFor(parts, viewer, purpose).get(pupil);
  allowOrRefuse(viewer, 'worklist', shown.subject, { act: 'change', purpose });
  const today = dayInEngland(parts.clock());
  const isHere = shown.enrolments.some(
    ({ urn, entry_date, leaving_date }) =>
      urnsOf(school).includes(urn) && isWithin(today, entry_date, leaving_date),
  );
  if (!isHere) throw new Refusal('not-found', 'No such child is on the roll here today.');
  const person = personOf(viewer);
  await parts.trail.leave({
    ...{ viewer, action: 'changed', data: 'worklist', from },
    ...(purpose ? { purpose } : {}),
    subject: { kind: 'pupil', id: String(pupil) },
    detail: { worklist },
  });
  return person;
}

function personOf({ person }: Viewer): number {
  if (person === undefined) {
    throw new Refusal('signed-out', 'Sign in first: this is done by a person, by name.');
  }
  return person;
}
