import { type Role, roles } from '../access/index.ts';
import type { AuditEntry } from '../records/index.ts';
import { type Directory, viewerWords } from '../schools/index.ts';
import { words } from '../ui/index.ts';

/** `a head`, `attendance staff of a school`: a role as a heading or a list names it. */
export function roleText(role: Role): string {
  return words.sentence(roles[role].title.replace(/^on the /, ''));
}

/** Who did it: the role and the school or service it was done for; no name. */
export function actorText(
  { role, scope }: Pick<AuditEntry, 'role' | 'scope'>,
  directory: Directory,
): string {
  if (!Object.hasOwn(roles, role)) return role;
  const viewer = { role: role as Role, scope };
  return words.sentence(viewerWords(viewer, directory).replace(/^on the /, ''));
}
