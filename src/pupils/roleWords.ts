import { type Role, roles } from '../access/index.ts';

const words: Partial<Record<Role, string>> = {
  school: 'a school’s attendance staff',
  operator: 'whoever runs the system',
};

/** Of a viewer’s text (`social-worker:12`, `head:900001 (person 3)`): “a social worker”, and neither a number nor a name. */
export function roleWords(viewerText: string): string {
  const role = viewerText.split(':')[0] as Role;
  return words[role] ?? (Object.hasOwn(roles, role) ? roles[role].title : 'somebody');
}
