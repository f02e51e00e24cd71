import { randomUUID } from 'node:crypto';
import { allowOrRefuse, type Purpose, roles, type Trail, type Viewer } from '../../access/index.ts';
import { attendanceCodes, codeOn, sessions } from '../../base/attendanceCodes.ts';
import { dayInEngland } from '../../base/clock.ts';
import type { Day } from '../../base/day.ts';
import { Refusal } from '../../base/problem.ts';
import { writesUpn } from '../../base/upn.ts';
import {
  amendmentsOf,
  countingReceipts,
  namesOfPeople,
  nextAmendments,
  oneAtATime,
  recordAmendments,
} from '../../records/index.ts';
import { words } from '../../ui/index.ts';
import type { SessionHistory } from './entry.ts';
import { entriesOfSession } from './book.sql.ts';
import { type BookParts, urnsOf } from './show.ts';

/** What somebody fills in to change an entry. `was` is what stood when they were shown it. */
export type Amending = { code: string; reason: string; position: string; was: string };
export type AmendingFault = { field: 'code' | 'reason' | 'position'; text: string };

export const longestReason = 500;

/** The codes that can be entered for a session: those that there are on the day, for that half of it. */
export function codesFor(date: Day, session: 0 | 1): { code: string; meaning: string }[] {
  return attendanceCodes
    .filter((each) => codeOn(each.code, date) === each)
    .filter((each) => each.session === null || each.session === sessions[session])
    .map(({ code, meaning }) => ({ code, meaning }));
}

/** What stands of a session; null where nobody marked it. */
export function standingCode({ entries }: SessionHistory): string | null {
  return entries.at(-1)?.code ?? null;
}

/** What is wrong with what somebody filled in, in the order of the form. */
export function amendingFaults(history: SessionHistory, amending: Amending): AmendingFault[] {
  const { code, reason, position } = amending;
  const faults: AmendingFault[] = [];
  const allowed = codesFor(history.date, history.session).some((each) => each.code === code);
  if (!allowed) faults.push({ field: 'code', text: 'Choose a code that there is on this day' });
  else if (code === standingCode(history)) {
    faults.push({ field: 'code', text: 'Choose another code: this is the entry that stands' });
  }
  const length = [...reason.trim()].length;
  if (length < 5 || length > longestReason) {
    faults.push({
      field: 'reason',
      text: `Say why the entry is changed, in 5 to ${longestReason} characters`,
    });
  }
  if (writesUpn(reason)) {
    faults.push({ field: 'reason', text: 'Say it without naming or numbering a child' });
  }
  if (!/^[^\p{C}<>]{2,80}$/u.test(position.trim()) || writesUpn(position)) {
    faults.push({
      field: 'position',
      text: 'Say what you are at the school, in 2 to 80 characters',
    });
  }
  return faults;
}

/** What whoever acts so is called, until they say it better. */
export function usualPosition({ role }: Viewer): string {
  const usual: Partial<Record<Viewer['role'], string>> = {
    head: 'Head',
    school: 'Attendance staff',
  };
  return usual[role] ?? words.sentence(roles[role].title.replace(/^(?:a|an|the) /, ''));
}

/**
 * Puts a new entry beside the one that stands, for good: with the original, the reason, the day, and the person’s name and
 * position. Both stores say so from one moment on. Refuses what the viewer may not change, a day that is not here yet, a
 * session in which the school is closed, and with `check-failed` an entry that changed since it was shown.
 */
export async function amendEntry(
  parts: BookParts & { trail: Trail },
  history: SessionHistory,
  asked: Amending & { viewer: Viewer; purpose: Purpose | null; from: string },
): Promise<{ amendment: number; receipt: number }> {
  const { viewer, purpose, from } = asked;
  const { stores, records, clock } = parts;
  const { pupil, key, urn, date, session } = history;
  allowOrRefuse(viewer, 'pupil attendance', pupil.subject, { act: 'change', purpose });
  const [fault] = amendingFaults(history, asked);
  if (fault) throw new Refusal('bad-input', `${fault.text}.`);
  refuseDay(history, dayInEngland(clock()), asked.code);
  const original = standingCode(history);
  if (asked.was !== (original ?? '')) throw changed;
  const person = await personOf(parts, viewer);
  await parts.trail.leave({
    ...{ viewer, action: 'changed', data: 'pupil attendance', from },
    ...(purpose ? { purpose } : {}),
    subject: { kind: 'pupil', id: String(pupil.id) },
    detail: { register: 'entry amended' },
  });
  const at = clock();
  // A session that is still to come today, or that a file dates, can have a later moment: what is entered last stands.
  const entered = new Date(Math.max(at.getTime(), ...history.entries.map((each) => +each.at)));
  return stores.write(async (write) => {
    const receipt = await write.begin({
      ...{ kind: 'amendment', scope: randomUUID(), title: 'An entry amended', digest: '' },
    });
    const [amendment = 0] = await nextAmendments(records, 1);
    await write.warehouse.append(
      'marks',
      ['receipt', 'urn', 'pupil', 'date', 'session', 'code', 'entered_at', 'entry'],
      [[receipt.id, urn, key, date, session, asked.code, utcText(entered), amendment]],
    );
    write.atCommit(async (transaction) => {
      await oneAtATime(transaction, 'marks');
      const urns = urnsOf(history.school);
      const receipts = (await countingReceipts(transaction))
        .map(({ id }) => id)
        .filter((id) => id !== receipt.id);
      const stands = await write.warehouse.query(entriesOfSession, {
        ...{ receipts, urns, pupil: key, date, session },
      });
      if (!isAsShown(stands, history)) throw changed;
      const made = await amendmentsOf(transaction, { urns, from: date, to: date, pupil: key });
      if (made.some((each) => each.session === session && each.id > history.lastAmendment)) {
        throw changed;
      }
      await recordAmendments(transaction, [
        {
          ...{ id: amendment, receipt: receipt.id, urn, pupil: key, date, session },
          ...{ original, entry: asked.code, reason: asked.reason.trim() },
          ...{ person: viewer.person ?? null, person_name: person },
          ...{ position: asked.position.trim(), at },
        },
      ]);
    });
    return { amendment, receipt: receipt.id };
  });
}

function isAsShown(
  stands: readonly { receipt: number; code: string }[],
  { entries }: SessionHistory,
): boolean {
  return (
    stands.length === entries.length &&
    stands.every(({ receipt, code }, at) => {
      const shown = entries[at];
      return shown?.code === code && (shown.cameWith?.receipt ?? receipt) === receipt;
    })
  );
}

const changed = new Refusal(
  'check-failed',
  'The entry was changed by somebody else meanwhile: nothing of yours is kept. Look at it again.',
);

/** `2026-11-02 09:15:00`, as the warehouse has moments. */
export function utcText(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ');
}

/** What may be entered though the school is closed: that it is. */
const closedCodes = new Set(['#', 'Y', 'Y3', 'Y4']);

function refuseDay({ date, closed }: SessionHistory, today: Day, code: string): void {
  if (date > today) {
    throw new Refusal('bad-input', 'This day is still to come: an entry is made on the day.');
  }
  if (closed !== null && !closedCodes.has(code)) {
    throw new Refusal(
      'bad-input',
      'By its calendar the school is closed in this session: correct the calendar first.',
    );
  }
}

async function personOf({ records }: BookParts, { person }: Viewer): Promise<string> {
  const names = await namesOfPeople(records, person === undefined ? [] : [person]);
  const name = names.get(person ?? 0);
  if (!name)
    throw new Refusal('signed-out', 'Sign in first: an entry has a person’s name beside it.');
  return name;
}
