import { type AcademicYear, startYearOf, yearsAfter } from '../base/academicYear.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { randomStream } from '../stats/randomStream.ts';
import { demoCast } from './cast.ts';
import { identifiersIn } from './identity.ts';
import type { MadeUpEngland } from './madeUpEngland.ts';
import { profiles } from './profiles.ts';
import { registerLevel } from './registers/year.ts';
import type { MadeUpSchool, SchoolYear } from './school.ts';
import { drawYear } from './schoolYear.ts';

/**
 * What absence came to after the pandemic, as times of what it was before: what the made-up registers (`registers/`) come
 * to for the same schools, found by counting them.
 */
const timesBefore: Record<SchoolType, number> = {
  'State-funded primary': 1.47,
  'State-funded secondary': 1.78,
  Special: 1.5,
};

/** The published years before the present one, oldest first; that before the present is not published yet. */
const yearsBack = [4, 3, 2];
/** Against the registers: absence has come down a little each year. */
const levelOf = [1.05, 1.03, 1.01];
/** How far a school is from its level in one year besides its luck, as a share. */
const ownSpread = 0.05;

/**
 * The same country some years on, as an installation finds it today: after a gap three more published years, the last of them
 * the year before last, and a census of last January. Schools of the cast whose story is that they are new are new now.
 */
export function broughtTo(england: MadeUpEngland, present: AcademicYear): MadeUpEngland {
  const later = yearsBack.map((back) => yearsAfter(present, -back));
  return {
    ...england,
    years: [...england.years.filter((year) => year < (later[0] ?? year)), ...later],
    censusIn: startYearOf(present),
    schools: england.schools.map((school) => laterSchool(england.seed, school, later, present)),
  };
}

function laterSchool(
  seed: number | string,
  school: MadeUpSchool,
  later: readonly AcademicYear[],
  present: AcademicYear,
): MadeUpSchool {
  if (school.closedOn !== undefined || school.hidden === undefined) return school;
  const newSince = newIn(school, present);
  const told = newSince === undefined ? school : openedIn(school, newSince);
  const chance = randomStream(seed, 'later years', school.urn);
  const drawn = later.map((year, at) => laterYear(told, year, levelOf[at] ?? 1, chance));
  return {
    ...told,
    years: [
      ...(newSince === undefined ? school.years : []),
      ...drawn.filter(({ year }) => newSince === undefined || year >= newSince),
    ],
  };
}

/** The year in which a new school of the cast is told to have opened, when told today. */
function newIn({ urn }: MadeUpSchool, present: AcademicYear): AcademicYear | undefined {
  if (urn === demoCast.newWithoutHistory.urn) return yearsAfter(present, -1);
  if (urn === demoCast.oneYearOnly.urn) return yearsAfter(present, -2);
  return undefined;
}

function openedIn(school: MadeUpSchool, year: AcademicYear): MadeUpSchool {
  const openedOn = `${startYearOf(year)}-09-01`;
  return {
    ...school,
    openedOn,
    academy: school.academy && { ...school.academy, openedOn },
  };
}

function laterYear(
  school: MadeUpSchool,
  year: AcademicYear,
  level: number,
  chance: ReturnType<typeof randomStream>,
): SchoolYear {
  const { schoolType, hidden } = school;
  const profile = profiles[schoolType];
  const own = Math.exp(ownSpread * chance.normal());
  const counts = drawYear(
    {
      schoolType,
      enrolments: Math.max(5, Math.round((hidden?.enrolments ?? 5) * (1 + 0.02 * chance.normal()))),
      expectedPercent: Math.min(60, timesBefore[schoolType] * level * own * registerLevel(school)),
      authorisedShare: profile.authorisedShare.at(-1) ?? 0.7,
      persistence: profile.persistence,
      authorisedReasonShares: profile.authorisedReasons,
      unauthorisedReasonShares: profile.unauthorisedReasons,
      before2013: false,
    },
    chance,
  );
  return { year, ...identifiersIn(year, school), counts };
}
