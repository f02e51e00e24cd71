import { Refusal } from '../base/problem.ts';
import type { Role, Viewer } from './viewer.ts';

/**
 * What can be asked for. A *public statistic* is something the department published, about schools or areas. An *issued
 * expectation* is what Rollcall told a school (forecast, expectation, ladder, reasons, similar schools, schools to learn
 * from): it is for support and never for accountability.
 */
export const dataClasses = ['public statistic', 'issued expectation', 'demonstration'] as const;
export type DataClass = (typeof dataClasses)[number];

/** What a browser, or a proxy before it, may keep of an answer with this class of data in it: the `cache-control` header. */
export const mayBeKept: Record<DataClass, 'private, no-cache' | 'no-store'> = {
  'public statistic': 'private, no-cache',
  'issued expectation': 'no-store',
  demonstration: 'private, no-cache',
};

/** What is asked about. Empty: about no school or area in particular. */
export type Subject = {
  urns?: readonly number[];
  trustUid?: string | null;
  laCode?: string | null;
};

type Rule =
  | { allow: 'always' }
  | { allow: 'own'; scope: 'school' | 'trust' | 'authority'; otherwise: string }
  | { allow: 'never'; because: string };

const always: Rule = { allow: 'always' };
const everywhere = Object.fromEntries(
  (['operator', 'department', 'authority', 'trust', 'school', 'inspector', 'public'] as const).map(
    (role) => [role, always],
  ),
) as Record<Role, Rule>;

/** The whole policy. A pair that is not allowed here is refused. */
export const policy: Record<DataClass, Record<Role, Rule>> = {
  'public statistic': everywhere,
  demonstration: everywhere,
  'issued expectation': {
    operator: always,
    department: always,
    authority: {
      allow: 'own',
      scope: 'authority',
      otherwise:
        'A local authority sees the expectations of the schools in its own area, so that it can support them.',
    },
    trust: {
      allow: 'own',
      scope: 'trust',
      otherwise: 'A trust sees the expectations of its own schools, so that it can support them.',
    },
    school: {
      allow: 'own',
      scope: 'school',
      otherwise:
        'A school sees its own expectation and no other school’s: schools are never set against each other by them.',
    },
    inspector: {
      allow: 'never',
      because:
        'Expectations are for support, never for accountability. An inspector sees a school’s published absence, and never what it was expected to reach.',
    },
    public: {
      allow: 'never',
      because:
        'Expectations are for support, never for accountability. They are shown to the school itself, its trust, its local authority and the department.',
    },
  },
};

export type Decision = { allowed: true } | { allowed: false; reason: string };

/** May this viewer see this class of data about this subject? With the reason in words when not. */
export function decide(viewer: Viewer, data: DataClass, subject: Subject): Decision {
  const rule = policy[data][viewer.role];
  if (rule.allow === 'always') return { allowed: true };
  if (rule.allow === 'never') return { allowed: false, reason: rule.because };
  return isOwn(viewer, rule.scope, subject)
    ? { allowed: true }
    : { allowed: false, reason: rule.otherwise };
}

/** Refuses with `not-allowed` when the policy does. */
export function allowOrRefuse(viewer: Viewer, data: DataClass, subject: Subject): void {
  const decision = decide(viewer, data, subject);
  if (!decision.allowed) throw new Refusal('not-allowed', decision.reason);
}

function isOwn(viewer: Viewer, scope: 'school' | 'trust' | 'authority', subject: Subject): boolean {
  if (viewer.scope === null) return false;
  if (scope === 'school') return (subject.urns ?? []).map(String).includes(viewer.scope);
  if (scope === 'trust') return subject.trustUid === viewer.scope;
  return subject.laCode === viewer.scope;
}
