import { roles, type Viewer } from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import type { Directory } from './directory.ts';

/** What a viewer’s scope is called: its kind with the code, and its name where it is known. Null where none is looked up. */
function scopeOf(
  { role, scope }: Viewer,
  directory: Directory,
): { kind: string; name: string | undefined } | null {
  const code = scope ?? '';
  switch (roles[role].scope) {
    case 'URN':
      return { kind: `school with the URN ${code}`, name: directory.find(Number(code))?.name };
    case 'class': {
      const [urn, className] = [code.slice(0, 6), code.slice(7)];
      const school = directory.find(Number(urn))?.name;
      const name = school === undefined ? undefined : `class ${className} at ${school}`;
      return { kind: `school with the URN ${urn}`, name };
    }
    case 'trust UID':
      return { kind: `trust with the UID ${code}`, name: directory.findTrust(code)?.name };
    case 'LA code':
      return { kind: `local authority ${code}`, name: directory.findAuthority(code)?.name };
    case 'region code':
      return {
        kind: `region ${code}`,
        name: directory.authorities.find(({ regionCode }) => regionCode === code)?.regionName,
      };
    default:
      return null;
  }
}

/** Refuses with `not-found` to be of a school, a trust, an authority or a region that there is none of. */
export function refuseUnknownViewer(viewer: Viewer, directory: Directory): void {
  const scope = scopeOf(viewer, directory);
  if (!scope || scope.name !== undefined) return;
  throw new Refusal(
    'not-found',
    directory.schools.length === 0
      ? `There is no ${scope.kind} to be: no schools are loaded yet. Load published files first: ./rollcall publications import FILE…, or a list of schools: ./rollcall schools import FILE…`
      : `There is no ${scope.kind} among the schools that are loaded. Find one that is at /schools of the site, without --as.`,
  );
}

/** A viewer in words, after “You are”: `the head of Ashgrove Primary School`. */
export function viewerWords(viewer: Viewer, directory: Directory): string {
  const role: { title: string; at?: string } = roles[viewer.role];
  if (viewer.scope === null || role.at === undefined) return role.title;
  const scope = scopeOf(viewer, directory);
  return `${role.at} ${scope === null ? viewer.scope : (scope.name ?? `the ${scope.kind}`)}`;
}
