import { type AuditHead, appendAudit, type NewAuditEntry, type Records } from '../records/index.ts';
import type { Clock } from '../base/clock.ts';
import { holdsUpn, withoutUpns } from '../base/upn.ts';
import type { Stores } from '../stores/index.ts';
import type { DataClass, Purpose } from './policy.ts';
import type { Viewer } from './viewer.ts';

/** What can have been done. */
export const actions = [
  'read',
  'refused',
  'exported',
  'changed',
  'signed in',
  'signed out',
  'emergency',
  'command',
] as const;
export type Action = (typeof actions)[number];

/** One thing done, before it is written down. Never a child's name, UPN or date of birth: children are numbers here. */
export type Trace = {
  /** Who did it. Whoever looks as somebody else (`--as`) did it themselves: the operator, with `as` in the detail. */
  viewer: Viewer;
  action: Action;
  data?: DataClass;
  purpose?: Purpose;
  subject?: { kind: 'pupil' | 'school' | 'person' | 'area' | 'page' | 'system'; id: string };
  /** The address the request came from; `command line`. */
  from: string;
  detail?: Record<string, string | number | boolean | null>;
};

/** Where everything done is written down. What could not be written down must not be shown: `leave` then throws. */
export type Trail = {
  leave(...traces: Trace[]): Promise<void>;
};

/**
 * One trail for a process. Traces that come while one write runs go into the next, together and in order. `onHead` is
 * told of the chain's head after each write.
 */
export function openTrail(
  records: Records,
  clock: Clock,
  onHead?: (head: AuditHead) => void,
): Trail {
  type Waiting = { entries: NewAuditEntry[]; done: () => void; failed: (error: unknown) => void };
  let waiting: Waiting[] = [];
  let writing = false;
  const write = async () => {
    writing = true;
    while (waiting.length > 0) {
      const now = waiting;
      waiting = [];
      try {
        const entries = now.flatMap((each) => each.entries);
        const head = await appendAudit(records, entries);
        onHead?.(head);
        for (const { done } of now) done();
      } catch (error) {
        for (const { failed } of now) failed(error);
      }
    }
    writing = false;
  };
  return {
    async leave(...traces) {
      if (traces.length === 0) return;
      const at = clock();
      const entries = traces.map((trace) => entryOf(trace, at));
      await new Promise<void>((done, failed) => {
        waiting.push({ entries, done, failed });
        if (!writing) void write();
      });
    },
  };
}

/** The trail of these stores; the other store is told of its head. */
export function trailOf({ records, anchors }: Stores, clock: Clock): Trail {
  return openTrail(records, clock, (head) => anchors.note(head));
}

/** The same trail, that tells aloud when a record is opened in an emergency: who did, and never whose it is. */
export function loudTrail(trail: Trail, tell: (text: string) => void): Trail {
  return {
    async leave(...traces) {
      await trail.leave(...traces);
      for (const { viewer } of traces.filter(({ action }) => action === 'emergency')) {
        const who = `${viewer.role}, person ${viewer.person ?? 'not known'}`;
        tell(`An emergency: ${who}, asked for a child’s record. Review it at /emergencies.`);
      }
    },
  };
}

function entryOf(trace: Trace, at: Date): NewAuditEntry {
  const { viewer, action, data, purpose, subject, from, detail = {} } = trace;
  refuseChild(trace, at);
  return {
    at,
    person: viewer.person ?? null,
    role: viewer.role,
    scope: viewer.scope,
    action,
    data_class: data ?? null,
    purpose: purpose ?? null,
    subject_kind: subject?.kind ?? null,
    subject_id: subject ? fromOutside(subject.id) : null,
    from_address: fromOutside(from),
    detail: JSON.stringify(detail),
  };
}

const longestFromOutside = 200;

/** What a visitor can choose (an address, a path) is cut, and struck through where it looks like a UPN. */
function fromOutside(text: string): string {
  return withoutUpns(text).slice(0, longestFromOutside);
}

const isoDay = /\b\d{4}-\d\d-\d\d\b/g;
const writtenDay = /\b\d{1,2}[/.-]\d{1,2}[/.-]\d{4}\b/;
/** What a detail may not be called, anywhere; and where it is about a child. */
const toldOfNobody = /upn|birth|surname|forename/i;
const toldOfNoChild = /name|mail|phone|address|postcode/i;
const daysKept = 2 * 366;

/**
 * The trail outlives what it is about, so nothing in it may say which child a number is. The detail is ours to write: one
 * that holds a child is a bug, thrown before anything is written, without saying what it holds. A name has no shape: it
 * is kept out by what a detail may be called, and by the test that searches all that a journey wrote.
 */
function refuseChild({ subject, detail = {} }: Trace, at: Date): void {
  if (subject?.kind === 'pupil' && !/^\d{1,9}$/.test(subject.id)) {
    throw new TypeError('a trace about a child names it by its number');
  }
  for (const [name, value] of Object.entries(detail)) {
    const bug = (why: string) => new TypeError(`a trace’s detail “${name}” ${why}`);
    const aboutChild = subject?.kind === 'pupil';
    if (toldOfNobody.test(name) || (aboutChild && toldOfNoChild.test(name)))
      throw bug('is called like what is never written down');
    if (typeof value !== 'string') continue;
    if (holdsUpn(value)) throw bug('looks like a UPN');
    if (aboutChild && saysBirthday(value, at)) throw bug('looks like a birthday');
  }
}

/**
 * About a child, the only days that belong in a trace are those of its attendance: of this year or the last. Elsewhere any
 * day may stand: a command's `--from`, a publication's.
 */
function saysBirthday(text: string, now: Date): boolean {
  const oldest = now.getTime() - daysKept * 86_400_000;
  return (
    writtenDay.test(text) ||
    [...text.matchAll(isoDay)].some(([day]) => !(new Date(day).getTime() >= oldest))
  );
}
