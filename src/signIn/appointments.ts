import {
  parseViewer,
  publicViewer,
  type Role,
  roleNames,
  roles,
  type Viewer,
} from '../access/index.ts';
import { type Day, isWithin, parseDay } from '../base/day.ts';
import { Refusal } from '../base/problem.ts';
import type { Appointment } from '../records/index.ts';

/** What somebody can be appointed to. The operator is at the machine, a system has a key, and the public is everyone. */
export const appointable: readonly Role[] = roleNames.filter(
  (role) => !['operator', 'system', 'public'].includes(role),
);

/** Both days are inclusive. One that was taken back counts no longer, whatever its days. */
export function isInForce(
  { starts_on, ends_on, ended_at }: Pick<Appointment, 'starts_on' | 'ends_on' | 'ended_at'>,
  day: Day,
): boolean {
  return ended_at === null && isWithin(day, starts_on, ends_on);
}

export function viewerOf({
  person,
  role,
  scope,
}: Pick<Appointment, 'person' | 'role' | 'scope'>): Viewer {
  if (!appointable.includes(role as Role)) return { ...publicViewer, person };
  return { role: role as Role, scope, person };
}

/** Reads `school:100000`, `social-worker`: what somebody shall be. Refuses with `bad-input`. */
export function parseAppointment(text: string): Pick<Viewer, 'role' | 'scope'> {
  const known = appointable.find((role) => role === text);
  if (known && roles[known].scope === 'person') return { role: known, scope: null };
  const { role, scope } = parseViewer(text);
  if (!appointable.includes(role)) {
    throw new Refusal(
      'bad-input',
      `Nobody can be appointed ${role}. Say one of ${appointable.join(', ')}.`,
    );
  }
  if (roles[role].scope === 'person') {
    throw new Refusal('bad-input', `The role ${role} is for the person alone. Say just ${role}.`);
  }
  return { role, scope };
}

/** Refuses with `bad-input` days that are none, or in the wrong order. */
export function checkDays(startsOn: string, endsOn: string | null): void {
  for (const day of [startsOn, endsOn]) {
    if (day !== null && parseDay(day) === undefined) {
      throw new Refusal('bad-input', `“${day}” is not a day. Write it as 2026-09-01.`);
    }
  }
  if (endsOn !== null && endsOn < startsOn) {
    throw new Refusal('bad-input', 'The last day is before the first. Correct one of them.');
  }
}
