import { type AcademicYear, firstDayOf, startYearOf } from '../base/academicYear.ts';
import type { LaEstab, Urn } from '../base/identifiers.ts';
import type { Story } from './cast.ts';
import type { Identity, SchoolPlan } from './school.ts';

/** Ordinary schools have numbers above those of the cast, two URNs for each so that a successor's is the greater. */
export function identityOf(plan: SchoolPlan, story: Story): Identity {
  const academy = story.academy ?? undefined;
  const changed = academy?.openedOn !== undefined && academy.kind !== 'free school';
  const firstUrn = plan.cast?.previousUrn ?? 900_100 + 2 * plan.index;
  const urn = plan.cast?.urn ?? (changed ? firstUrn + 1 : firstUrn);
  const laestab = plan.cast?.laestab ?? ordinaryLaestab(plan) + (academy?.newLaestab ? 500 : 0);
  const before = changed
    ? {
        urn: firstUrn,
        laestab: academy.newLaestab ? laestab - 500 : laestab,
        closedOn: dayBefore(academy.openedOn ?? ''),
      }
    : undefined;
  return { urn, laestab, before, academy };
}

/** Establishment numbers by type as usual: 2000s primary, 4000s secondary, 7000s special; the lowest are the cast's. */
function ordinaryLaestab({ authority, schoolType, ordinal }: SchoolPlan): LaEstab {
  const base = { 'State-funded primary': 2100, 'State-funded secondary': 4100, Special: 7020 };
  return authority.laCode * 10_000 + base[schoolType] + ordinal;
}

/** An academy's year counts as its own from the year in which it opened. */
export function identifiersIn(
  year: AcademicYear,
  identity: Identity,
): { urn: Urn; laestab: LaEstab } {
  const { before, academy } = identity;
  const isBefore = before && academy?.openedOn !== undefined && academy.openedOn > lastDayOf(year);
  return isBefore
    ? { urn: before.urn, laestab: before.laestab }
    : { urn: identity.urn, laestab: identity.laestab };
}

export function openedOn(identity: Identity, story: Story): string | undefined {
  return identity.academy?.openedOn ?? (story.opensIn ? firstDayOf(story.opensIn) : undefined);
}

export function lastDayOf(year: AcademicYear): string {
  return `${startYearOf(year) + 1}-08-31`;
}

function dayBefore(isoDay: string): string {
  const day = new Date(`${isoDay}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}
