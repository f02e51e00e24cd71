import {
  parseViewer,
  publicViewer,
  purposesOf,
  type Role,
  roleNames,
  roles,
  type Viewer,
} from '../access/index.ts';
import { type Day, isWithin, parseDay, yearsAfter } from '../base/day.ts';
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

/** Who the pages know by number and not by name: a child, and who a child could be known by. */
export const familyRoles: readonly Role[] = ['pupil', 'parent'];

/** As somebody who sees children, nobody is appointed for longer than this without being asked for again. */
const longestYears = 2;

/** Refuses with `bad-input` what is no day. */
export function checkDay(day: string): void {
  if (parseDay(day) === undefined) {
    throw new Refusal('bad-input', `“${day}” is not a day. Write it as 2026-09-01.`);
  }
}

/** Refuses with `bad-input` a last day that is before the first, or later than this role may have it. */
export function checkLastDay(role: Role, startsOn: Day, endsOn: string | null): void {
  if (endsOn !== null) checkDay(endsOn);
  if (endsOn !== null && endsOn < startsOn) {
    throw new Refusal('bad-input', 'The last day is before the first. Correct one of them.');
  }
  const seesChildren = purposesOf(role).length > 0;
  if (seesChildren && (endsOn === null || endsOn > yearsAfter(startsOn, longestYears))) {
    throw new Refusal(
      'bad-input',
      `This role sees children’s records. Give a last day, at most ${longestYears} years after the first.`,
    );
  }
}
