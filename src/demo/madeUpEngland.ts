import type { AcademicYear } from '../base/academicYear.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { randomStream } from '../stats/randomStream.ts';
import { type Authority, makeAuthorities } from './authorities.ts';
import { type CastMember, castMembers } from './cast.ts';
import { makeSchool, type NationalLevels } from './makeSchool.ts';
import { profiles } from './profiles.ts';
import { type MadeUpSchool, publishedYears, type SchoolPlan } from './school.ts';

export type MadeUpEngland = {
  seed: number | string;
  authorities: readonly Authority[];
  schools: readonly MadeUpSchool[];
  /** The published ones, oldest first. */
  years: readonly AcademicYear[];
  /** The January of the school census. */
  censusIn: number;
};

/**
 * A made-up England of so many schools (1 to 24,000): authorities, trusts, places, intakes, and their absence from 2012/13 to
 * 2017/18, with 2018/19 kept apart. The same seed gives the same country, byte for byte. A bigger country has the smaller one
 * inside it, but for the last authority, which may have been cut short.
 */
export function makeEngland({
  schools,
  seed,
}: {
  schools: number;
  seed: number | string;
}): MadeUpEngland {
  if (!Number.isInteger(schools) || schools < 1 || schools > 24_000) {
    throw new RangeError(`a made-up England has 1 to 24,000 schools, not ${schools}`);
  }
  const authorities = makeAuthorities(seed, schools);
  const national = nationalLevels(seed);
  const made: MadeUpSchool[] = [];
  for (const authority of authorities) {
    for (const plan of planSchools(authority, made.length)) {
      made.push(makeSchool(seed, national, plan));
    }
  }
  return { seed, authorities, schools: made, years: publishedYears, censusIn: 2019 };
}

/** The published levels of 2012/13–2017/18, and a drift to the hidden year that the seed decides. */
function nationalLevels(seed: number | string): NationalLevels {
  const chance = randomStream(seed, 'national');
  const shared = 0.025 * chance.normal();
  const withDrift = (schoolType: SchoolType) => {
    const published = profiles[schoolType].nationalPercent;
    const drift = shared + 0.015 * chance.normal();
    return [...published, (published.at(-1) ?? 0) * Math.exp(drift)];
  };
  return {
    'State-funded primary': withDrift('State-funded primary'),
    'State-funded secondary': withDrift('State-funded secondary'),
    Special: withDrift('Special'),
  };
}

/** The first authority's first schools are the cast. */
function planSchools(authority: Authority, firstIndex: number): SchoolPlan[] {
  const cast = authority.index === 0 ? castMembers.slice(0, authority.schoolTypes.length) : [];
  const types = [...cast.map((member) => member.schoolType), ...withoutThose(authority, cast)];
  const counted = new Map<SchoolType, number>();
  return types.map((schoolType, slot) => {
    const ordinal = (counted.get(schoolType) ?? 0) + 1;
    counted.set(schoolType, ordinal);
    return { index: firstIndex + slot, authority, schoolType, ordinal, cast: cast[slot] };
  });
}

/** The authority's types once the cast has taken its own out, as many as are left to fill. */
function withoutThose(authority: Authority, cast: readonly CastMember[]): SchoolType[] {
  const rest = [...authority.schoolTypes];
  for (const { schoolType } of cast) {
    const at = rest.indexOf(schoolType);
    rest.splice(Math.max(0, at), 1);
  }
  return rest;
}
