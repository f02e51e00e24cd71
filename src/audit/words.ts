import { type Role, roles } from '../access/index.ts';
import type { AuditEntry } from '../records/index.ts';
import type { Directory } from '../schools/index.ts';
import { words } from '../ui/index.ts';

/** `a head`, `attendance staff of a school`: a role as a heading or a list names it. */
export function roleText(role: Role): string {
  return words.sentence(roles[role].title.replace(/^on the /, ''));
}

const whoseText: Partial<Record<Role, (place: string) => string>> = {
  head: (place) => `The head of ${place}`,
  school: (place) => `Attendance staff of ${place}`,
  teacher: (place) => `A class teacher at ${place}`,
  system: (place) => `The information system of ${place}`,
  trust: (place) => `An attendance lead of ${place}`,
  authority: (place) => `An attendance officer of ${place}`,
  analyst: (place) => `An analyst of ${place}`,
  inspector: (place) => `An inspector in ${place}`,
};

/** Who did it: the role and the school or service it was done for; no name. */
export function actorText(
  { role, scope }: Pick<AuditEntry, 'role' | 'scope'>,
  directory: Directory,
): string {
  if (!Object.hasOwn(roles, role)) return role;
  const known = role as Role;
  if (scope === null) return roleText(known);
  return whoseText[known]?.(placeText(known, scope, directory)) ?? `${roleText(known)} (${scope})`;
}

function placeText(role: Role, scope: string, directory: Directory): string {
  const kind = roles[role].scope;
  if (kind === 'URN') return directory.find(Number(scope))?.name ?? `school ${scope}`;
  if (kind === 'class') {
    const [urn, className] = scope.split('/');
    return `${directory.find(Number(urn))?.name ?? `school ${urn}`}, class ${className}`;
  }
  if (kind === 'trust UID') return directory.findTrust(scope)?.name ?? `trust ${scope}`;
  return directory.findAuthority(scope)?.name ?? `authority ${scope}`;
}
