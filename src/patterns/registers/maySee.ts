import { decide, isOfTheCircle, policy, type Viewer } from '../../access/index.ts';
import { type Directory, subjectOf } from '../../schools/index.ts';
import type { Alert } from './alert.ts';
import type { AlertKind } from './seen.ts';

/** These rest on few pupils: outside the school, its trust and its authority nobody is told of them. */
const ofFew: readonly AlertKind[] = ['off_rolling', 'late_edits', 'part_time', 'apart'];

/**
 * Who is told of an alert: whoever may see the patterns of the school or area it is of. Outside a school’s own circle only
 * what is of all its pupils, so that nothing tells of a single child.
 */
export function maySeeAlert(
  viewer: Viewer,
  { scope, urn, laCode, group, kind }: Pick<Alert, 'scope' | 'urn' | 'laCode' | 'group' | 'kind'>,
  directory: Directory,
): boolean {
  if (scope === 'national') return policy['attendance pattern'][viewer.role].allow !== 'never';
  const school = scope === 'school' ? directory.find(urn) : undefined;
  const authority = directory.findAuthority(laCode);
  const subject = school
    ? subjectOf(school)
    : { laCodes: [laCode], regionCodes: authority ? [authority.regionCode] : [] };
  if (scope === 'school' && !school && viewer.role !== 'operator') return false;
  if (!decide(viewer, 'attendance pattern', subject).allowed) return false;
  if (scope === 'area' || isOfTheCircle(viewer) || viewer.role === 'operator') return true;
  return group === '' && !ofFew.includes(kind);
}
