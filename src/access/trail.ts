import {
  type AuditHead,
  appendAudit,
  type NewAuditEntry,
  type Records,
} from '../records/index.ts';
import type { Clock } from '../base/clock.ts';
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

/** One trail for a process. Traces that come while one write runs go into the next, together and in order. */
export function openTrail(records: Records, clock: Clock, onHead?: (head: AuditHead) => void): Trail {
  type Waiting = { entries: NewAuditEntry[]; done: () => void; failed: (error: unknown) => void };
  let waiting: Waiting[] = [];
  let writing = false;
  const write = async () => {
    writing = true;
    while (waiting.length > 0) {
      const now = waiting;
      waiting = [];
      try {
        const head = await appendAudit(
          records,
          now.flatMap(({ entries }) => entries),
        );
        onHead?.(head);
        for (const { done } of now) done();
      } catch (error) {
        for (const { failed } of now) failed(error);
      }
    }
    writing = false;
  };
  return {
    leave(...traces) {
      const at = clock();
      const entries = traces.map((trace) => entryOf(trace, at));
      return new Promise((done, failed) => {
        waiting.push({ entries, done, failed });
        if (!writing) void write();
      });
    },
  };
}

function entryOf(trace: Trace, at: Date): NewAuditEntry {
  const { viewer, action, data, purpose, subject, from, detail } = trace;
  return {
    at,
    person: viewer.person ?? null,
    role: viewer.role,
    scope: viewer.scope,
    action,
    data_class: data ?? null,
    purpose: purpose ?? null,
    subject_kind: subject?.kind ?? null,
    subject_id: subject?.id ?? null,
    from_address: from,
    detail: JSON.stringify(detail ?? {}),
  };
}
