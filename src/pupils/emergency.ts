import { createHash } from 'node:crypto';
import {
  allowOrRefuse,
  type Subject,
  type Trail,
  type Viewer,
  viewerText,
} from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import {
  addEmergency,
  emergencyMinutes,
  findEmergency,
  type MostEmergencies,
  pupilsByNumber,
  reviewEmergency as keepReview,
} from '../records/index.ts';
import type { Registry } from './subject.ts';

/** Whoever needs more at once looks for something else than one child in danger. */
export const mostOpenAtOnce = 5;

/** What nobody looks at is soon misused: no more than so many wait for a review. */
export const mostUnreviewed = 5;

const tooMany: Record<keyof MostEmergencies, string> = {
  open: `You have ${mostOpenAtOnce} records open in emergencies. Wait until one closes, or ask whoever sees the child.`,
  unreviewed: `You opened ${mostUnreviewed} records in emergencies that nobody has reviewed yet. Ask an auditor to review them; for this child, ask its school or whoever has its case. If the child is in danger now, ring 999.`,
};

/** A reason says something. */
export const leastReason = 20;
const mostReason = 1000;

export type OpenEmergency = { closesAt: Date };

/** The emergency under which this viewer sees this child, as the policy was asked about it; null without one. */
export function openedBy(viewer: Viewer, { pupil }: Subject): OpenEmergency | null {
  const as = viewerText(viewer);
  const own = (pupil?.emergencies ?? []).filter(
    (each) => each.person === viewer.person && each.viewer === as,
  );
  const last = own.map(({ closesAt }) => closesAt.getTime()).sort((a, b) => b - a)[0];
  return last === undefined ? null : { closesAt: new Date(last) };
}

/** Whoever signed in may, if the policy lets the role; refuses with `not-allowed` or `signed-out`. */
export function refuseEmergencyTo(viewer: Viewer): void {
  allowOrRefuse(viewer, 'opening in an emergency', {}, { act: 'change' });
  if (viewer.person === undefined) {
    throw new Refusal('signed-out', 'Sign in first: a record is opened to a person, by name.');
  }
}

/** What is wrong with a reason, for the form; undefined when nothing is. */
export function reasonFault(reason: string): string | undefined {
  const length = [...reason.trim()].length;
  if (length < leastReason) return `Say why, in at least ${leastReason} characters`;
  if (length > mostReason) return `Say why, in at most ${mostReason} characters`;
  return undefined;
}

/**
 * Opens one child’s record to one person for an hour. The trail is told first, of a number that no child has too: nobody
 * tries numbers quietly. Refuses with `bad-input` (reason), `not-allowed`, `signed-out`, `not-found`.
 */
export async function openEmergency(
  registry: Registry & { trail: Trail },
  asked: { viewer: Viewer; pupil: number; reason: string; from: string },
): Promise<OpenEmergency> {
  const { records, clock, trail } = registry;
  const { viewer, pupil, from } = asked;
  refuseEmergencyTo(viewer);
  const fault = reasonFault(asked.reason);
  if (fault) throw new Refusal('bad-input', `${fault}.`);
  await trail.leave({
    ...{ viewer, action: 'emergency', data: 'opening in an emergency', purpose: 'emergency', from },
    subject: { kind: 'pupil', id: String(pupil) },
    // The reason itself may name the child; its hash tells whether the one that is reviewed is the one that was given.
    detail: { minutes: emergencyMinutes, reasonSha256: sha256(asked.reason.trim()) },
  });
  const [found] = await pupilsByNumber(records, [pupil]);
  if (!found || found.erased_at) {
    throw new Refusal('not-found', 'No record has this number. That you asked is kept.');
  }
  const openedAt = clock();
  const closesAt = new Date(openedAt.getTime() + emergencyMinutes * 60_000);
  const emergency = {
    ...{ pupil, person: viewer.person as number, viewer: viewerText(viewer) },
    ...{ reason: asked.reason.trim(), opened_at: openedAt, closes_at: closesAt },
  };
  const added = await addEmergency(records, emergency, {
    ...{ open: mostOpenAtOnce, unreviewed: mostUnreviewed },
  });
  if ('reached' in added) throw new Refusal('not-allowed', tooMany[added.reached]);
  return { closesAt };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Writes down what a reviewer found. Refuses with `check-failed` what was reviewed before, and one’s own. */
export async function reviewEmergency(
  { records, clock, trail }: Registry & { trail: Trail },
  review: { viewer: Viewer; id: number; note: string; from: string },
): Promise<void> {
  const { viewer, id, note, from } = review;
  const fault = reasonFault(note);
  if (fault) throw new Refusal('bad-input', `${fault.replace('Say why', 'Say what you found')}.`);
  const by = viewer.person ?? null;
  const cannot = new Refusal(
    'check-failed',
    'There is no such emergency, it was reviewed before, or it is your own: another person reviews it.',
  );
  const emergency = await findEmergency(records, id);
  if (!emergency || emergency.reviewed_at || emergency.person === by) throw cannot;
  await trail.leave({
    ...{ viewer, action: 'changed', data: 'audit', purpose: 'oversight', from },
    subject: { kind: 'system', id: `emergency ${id}` },
    detail: { reviewed: true },
  });
  if (!(await keepReview(records, { id, at: clock(), by, note: note.trim() }))) throw cannot;
}
