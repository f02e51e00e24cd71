import { type AcademicYear, academicYear, firstDayOf, startYearOf } from '../base/academicYear.ts';
import type { SchoolType } from '../base/schoolType.ts';
import type { RandomStream } from '../stats/randomStream.ts';
import type { Academisation, Story } from './cast.ts';
import type { Profile } from './profiles.ts';
import { allYears, hiddenYear } from './school.ts';

/** What befalls a school that is not of the cast: mostly nothing. */
export function drawStory(schoolType: SchoolType, profile: Profile, chance: RandomStream): Story {
  const event = chance.uniform();
  const opensIn = event < 0.03 ? academicYear(2013 + chance.integer(6)) : undefined;
  const closesAfter = event > 0.985 ? academicYear(2012 + chance.integer(6)) : undefined;
  const gapIn = event > 0.98 && !closesAfter ? academicYear(2013 + chance.integer(4)) : undefined;
  const shocks: Record<AcademicYear, number> = {};
  for (const year of allYears) {
    if (chance.uniform() < 0.02) shocks[year] = 0.12 + 0.3 * chance.uniform();
  }
  const allThrough = schoolType !== 'State-funded primary' && chance.uniform() < 0.04;
  const academy = drawAcademisation(profile, opensIn, closesAfter, chance);
  return {
    shocks,
    allThrough,
    academy: academy ?? null,
    ...(opensIn && { opensIn }),
    ...(closesAfter && { closesAfter }),
    ...(gapIn && { gapIn }),
  };
}

function drawAcademisation(
  profile: Profile,
  opensIn: AcademicYear | undefined,
  closesAfter: AcademicYear | undefined,
  chance: RandomStream,
): Academisation | undefined {
  if (opensIn && chance.uniform() < 0.6) {
    return { kind: 'free school', openedOn: firstDayOf(opensIn), newLaestab: false };
  }
  if (opensIn) return undefined;
  const sponsored = chance.uniform() < 0.35;
  const kind = sponsored ? 'sponsor led' : 'converter';
  if (chance.uniform() < profile.academyAtStart) {
    return { kind, openedOn: undefined, newLaestab: false };
  }
  for (const year of allYears.slice(1)) {
    if (closesAfter && year >= closesAfter) return undefined;
    if (chance.uniform() >= profile.academisesInYear) continue;
    // The census of January 2019 sees only who has become an academy by then.
    const months = year === hiddenYear ? [9, 11, 1] : [9, 9, 9, 11, 1, 4];
    const month = chance.pick(months);
    const calendarYear = startYearOf(year) + (month < 9 ? 1 : 0);
    const openedOn = `${calendarYear}-${String(month).padStart(2, '0')}-01`;
    return { kind, openedOn, newLaestab: sponsored && chance.uniform() < 0.4 };
  }
  return undefined;
}
