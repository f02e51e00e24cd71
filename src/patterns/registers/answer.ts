import { allowOrRefuse, type Subject, type Trail, type Viewer } from '../../access/index.ts';
import { type Clock, dayInEngland } from '../../base/clock.ts';
import { daysAfter } from '../../base/day.ts';
import { Refusal } from '../../base/problem.ts';
import { answerAlert, findAlert } from '../../records/index.ts';
import type { Stores } from '../../stores/index.ts';
import { alertOfRow, type ToldAlert } from './alert.ts';

/** What can be said of an alert on its page. */
export const sayings = {
  useful: 'Useful',
  'not useful': 'Not useful',
  'snooze 2': 'Not again for 2 weeks',
  'snooze 4': 'Not again for 4 weeks',
} as const;
export type Saying = keyof typeof sayings;

const isSaying = (text: string): text is Saying => Object.hasOwn(sayings, text);

export type AnswerParts = { stores: Stores; clock: Clock; trail: Trail };

/** Who says it, and for which school or area: that on whose page it is said. */
export type Speaker = {
  viewer: Viewer;
  from: string;
  subject: Subject;
  of: { kind: 'school' | 'area'; id: string };
};

/**
 * Keeps what somebody who got an alert says of it. Refuses an alert that `isTheirs` does not know, or a word that is none.
 */
export async function sayOfAlert(
  { stores, clock, trail }: AnswerParts,
  { viewer, from, subject, of }: Speaker,
  {
    alert,
    saying,
    isTheirs,
  }: { alert: string; saying: string; isTheirs(alert: ToldAlert): boolean },
): Promise<void> {
  const row = /^[1-9]\d{0,8}$/.test(alert)
    ? await findAlert(stores.records, Number(alert))
    : undefined;
  const found = row && alertOfRow(row);
  if (!found || !(found.scope === 'national' || isTheirs(found))) {
    throw new Refusal('not-found', 'There is no such alert here.');
  }
  if (!isSaying(saying)) {
    throw new Refusal('bad-input', `Choose one of: ${Object.values(sayings).join(', ')}.`);
  }
  allowOrRefuse(viewer, 'attendance pattern', subject, { act: 'change' });
  const at = clock();
  const weeks = saying === 'snooze 2' ? 2 : saying === 'snooze 4' ? 4 : null;
  await answerAlert(stores.records, {
    alert: found.id,
    said: weeks === null ? saying : 'snoozed',
    snoozed_until: weeks === null ? null : daysAfter(dayInEngland(at), 7 * weeks),
    ...{ person: viewer.person ?? null, role: viewer.role, scope: viewer.scope, at },
  });
  await trail.leave({
    ...{ viewer, action: 'changed', data: 'attendance pattern', from, subject: of },
    detail: { alert: found.id, said: saying },
  });
}
