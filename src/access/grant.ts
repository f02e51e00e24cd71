import {
  type Act,
  decide,
  type Purpose,
  purposesFor,
  type Refused,
  type Subject,
} from './policy.ts';
import type { Route } from './route.ts';
import type { Viewer } from './viewer.ts';

/** Somebody before a route: who, what they chose to look for, and whether they can be asked to choose. */
export type Applicant = { viewer: Viewer; chosen: Purpose | null; canChoose: boolean };

/** The policy’s answer to a request for a route, with the purpose that is written down. */
export function grant(
  route: Pick<Route, 'method' | 'changes' | 'needs' | 'purpose'>,
  applicant: Applicant,
  subject: Subject,
): { allowed: true; purpose: Purpose | null } | Refused {
  const purpose = purposeOf(route, applicant);
  const decision = decide(applicant.viewer, route.needs, subject, { act: actOf(route), purpose });
  if (!decision.allowed) return decision;
  return { allowed: true, purpose: decision.emergency ? 'emergency' : purpose };
}

/** What is posted changes something. */
export function actOf({ method, changes }: Pick<Route, 'method' | 'changes'>): Act {
  return method === 'POST' || changes ? 'change' : 'see';
}

/**
 * What the task implies, what was chosen, or the only purpose there is: the first for which the role may look. Who cannot
 * be asked looks for the role’s first.
 */
function purposeOf(
  { needs, purpose: implied }: Pick<Route, 'needs' | 'purpose'>,
  { viewer, chosen, canChoose }: Applicant,
): Purpose | null {
  const allowed = purposesFor(viewer.role, needs);
  const only = !canChoose || allowed.length === 1 ? allowed : [];
  return [implied, chosen, ...only].find((each) => each && allowed.includes(each)) ?? null;
}
