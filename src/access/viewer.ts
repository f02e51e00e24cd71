import { classNameShape } from '../base/className.ts';
import { Refusal } from '../base/problem.ts';
import { holdsUpn } from '../base/upn.ts';

/** What a role's scope is: nothing; the code of what it acts for; or the person alone, whose children or cases count. */
export type ScopeKind =
  | 'nothing'
  | 'URN'
  | 'class'
  | 'LA code'
  | 'trust UID'
  | 'region code'
  | 'hub code'
  | 'person';

/**
 * Who can be asking. `title` reads after "You are"; so does `at`, with the name of the scope behind it. The *operator* is
 * the person at the command line of the machine that holds the data; a *system* is a school's information system with a
 * key; every other role is somebody at a page or the API.
 */
export const roles = {
  operator: { title: 'the operator', scope: 'nothing' },
  department: { title: 'an analyst at the department', scope: 'nothing' },
  adviser: { title: 'a regional adviser', at: 'a regional adviser for', scope: 'region code' },
  authority: {
    title: 'an attendance officer of a local authority',
    at: 'an attendance officer of',
    scope: 'LA code',
  },
  analyst: { title: 'an analyst of a local authority', at: 'an analyst of', scope: 'LA code' },
  trust: {
    title: 'an attendance lead of a trust',
    at: 'an attendance lead of',
    scope: 'trust UID',
  },
  hub: { title: 'a lead of a support hub', at: 'a lead of the support hub', scope: 'hub code' },
  head: { title: 'a head', at: 'the head of', scope: 'URN' },
  school: {
    title: 'on the attendance staff of a school',
    at: 'on the attendance staff of',
    scope: 'URN',
  },
  teacher: { title: 'a class teacher', at: 'the teacher of', scope: 'class' },
  'social-worker': { title: 'a social worker', scope: 'person' },
  'early-help': { title: 'an early-help worker', scope: 'person' },
  inspector: { title: 'an inspector', at: 'an inspector in', scope: 'LA code' },
  parent: { title: 'a parent', scope: 'person' },
  pupil: { title: 'a pupil', scope: 'person' },
  system: {
    title: 'the information system of a school',
    at: 'the information system of',
    scope: 'URN',
  },
  auditor: { title: 'an auditor', scope: 'nothing' },
  administrator: { title: 'an administrator of this system', scope: 'nothing' },
  public: { title: 'a member of the public', scope: 'nothing' },
} as const satisfies Record<string, { title: string; at?: string; scope: ScopeKind }>;

export type Role = keyof typeof roles;
export const roleNames = Object.keys(roles) as Role[];

/**
 * `person` is the number (records) of somebody who signed in, or of whom the demo or `--as` names for a role whose scope is
 * the person; there is none for the operator, the public, and who is somebody's role alone.
 */
export type Viewer = { role: Role; scope: string | null; person?: number };

export const publicViewer: Viewer = { role: 'public', scope: null };
export const operator: Viewer = { role: 'operator', scope: null };

const scopeShapes: Record<Exclude<ScopeKind, 'nothing'>, { shape: RegExp; example: string }> = {
  URN: { shape: /^\d{6}$/, example: '100000' },
  class: { shape: new RegExp(`^\\d{6}/${classNameShape.source}$`, 'u'), example: '100000/7B' },
  'LA code': { shape: /^\d{3}$/, example: '801' },
  'trust UID': { shape: /^\d{3,8}$/, example: '2044' },
  'region code': { shape: /^[EX]\d{8}$/, example: 'E12000009' },
  'hub code': { shape: /^[a-z][a-z0-9-]{1,30}$/, example: 'north-coast' },
  person: { shape: /^\d{1,9}$/, example: '12' },
};

/** Reads `school:100000`, `inspector:801`, `public`; refuses with what was expected. */
export function parseViewer(text: string): Viewer {
  const colon = text.indexOf(':');
  const role = colon < 0 ? text : text.slice(0, colon);
  const scope = colon < 0 ? '' : text.slice(colon + 1);
  if (!Object.hasOwn(roles, role)) {
    throw new Refusal(
      'bad-input',
      `“${role}” is not a role. Say one of ${roleNames.join(', ')}, with its scope after a colon: school:100000.`,
    );
  }
  const known = role as Role;
  const wanted: ScopeKind = roles[known].scope;
  if (wanted === 'nothing') {
    if (scope !== '')
      throw new Refusal('bad-input', `The role ${role} has no scope. Say just ${role}.`);
    return { role: known, scope: null };
  }
  const { shape, example } = scopeShapes[wanted];
  // A scope is written down wherever its holder goes: nothing that could be a child’s number is one.
  if (!shape.test(scope) || holdsUpn(scope)) {
    throw new Refusal(
      'bad-input',
      `The role ${role} needs its ${wanted}: ${role}:${example}, say.`,
    );
  }
  return wanted === 'person'
    ? { role: known, scope: null, person: Number(scope) }
    : { role: known, scope };
}

/** `school:100000`, `public`. */
export function viewerText({ role, scope, person }: Viewer): string {
  if (roles[role].scope === 'person') return `${role}:${person}`;
  return scope === null ? role : `${role}:${scope}`;
}
