import { Refusal } from '../base/problem.ts';

/**
 * Who is asking. The *operator* is the person at the command line of the machine that holds the data; every other role
 * is somebody at a page or the API, with the scope they act for.
 */
export const roles = [
  'operator',
  'department',
  'authority',
  'trust',
  'school',
  'inspector',
  'public',
] as const;
export type Role = (typeof roles)[number];

/** What each role's scope is: nothing, or the code of what it acts for. */
export const scopeOf: Record<Role, 'nothing' | 'URN' | 'LA code' | 'trust UID'> = {
  operator: 'nothing',
  department: 'nothing',
  authority: 'LA code',
  trust: 'trust UID',
  school: 'URN',
  inspector: 'LA code',
  public: 'nothing',
};

export type Viewer = { role: Role; scope: string | null };

export const publicViewer: Viewer = { role: 'public', scope: null };
export const operator: Viewer = { role: 'operator', scope: null };

/** Reads `school:100000`, `inspector:801`, `public`; refuses with what was expected. */
export function parseViewer(text: string): Viewer {
  const [role = '', scope = ''] = text.split(':', 2);
  if (!(roles as readonly string[]).includes(role)) {
    throw new Refusal(
      'bad-input',
      `“${role}” is not a role. Say one of ${roles.join(', ')}, with its scope after a colon: school:100000.`,
    );
  }
  const wanted = scopeOf[role as Role];
  if (wanted === 'nothing') {
    if (scope !== '')
      throw new Refusal('bad-input', `The role ${role} has no scope. Say just ${role}.`);
    return { role: role as Role, scope: null };
  }
  if (!/^\d{3,8}$/.test(scope)) {
    throw new Refusal('bad-input', `The role ${role} needs its ${wanted}: ${role}:100000, say.`);
  }
  return { role: role as Role, scope };
}

/** `school:100000`, `public`. */
export function viewerText(viewer: Viewer): string {
  return viewer.scope === null ? viewer.role : `${viewer.role}:${viewer.scope}`;
}
