import type { Urn } from '../base/identifiers.ts';
import { roundHalfUp } from '../base/rate.ts';
import { type SchoolType, schoolTypePlural, schoolTypeSingular } from '../base/schoolType.ts';
import { standardNormalBelow } from '../stats/standardNormal.ts';
import {
  type ComparableSchool,
  type DistanceRule,
  distanceBetween,
  identityOf,
} from './similar.ts';

/**
 * Schools worth a visit, chosen apart from the schools a school is compared with: they did better than forecast two
 * years running, are within reach, and belong to another trust. A head asks them first: nobody has said that they are willing.
 */

export type SchoolThatMayTeach = ComparableSchool & {
  /** National grid, metres; null = not known. */
  easting: number | null;
  northing: number | null;
  /** Any key of the school's trust; null = none, or not known. */
  trust: string | null;
  lastAbsencePercent: number | null;
  /**
   * Of the last two known years, the earlier first: outcome less forecast, less the shift common to the type, over the
   * forecast's standard deviation. Below 0 = less absence than forecast.
   */
  standardisedErrors: readonly [number | null, number | null];
};

export type SchoolToVisit = {
  urn: Urn;
  /** In a straight line. */
  kilometres: number;
  /** How different its intake is, in the distance of `similar.ts`. */
  distance: number;
  /** How likely two such years are by luck alone: the smaller, the stronger the evidence of real improvement. */
  chanceByLuck: number;
  willing: 'not asked' | 'yes' | 'no';
};

export type LearnFrom = {
  urn: Urn;
  /** Strongest evidence first; ties by URN. */
  schools: SchoolToVisit[];
  /** For the school's head; null when there is one to visit. */
  noneReason: string | null;
};

export type LearnFromSettings = {
  withinKilometres: number;
  atMost: number;
  /** An intake may be this many times further than a similar school's. */
  timesCaliper: number;
  /** Two good years count as evidence only when luck alone makes them this seldom. */
  mostChanceByLuck: number;
};

export const learnFromDefaults: LearnFromSettings = {
  withinKilometres: 40,
  atMost: 4,
  timesCaliper: 1.5,
  mostChanceByLuck: 0.1,
};

/** For every school, in the order of URN, the schools to learn from. Does not depend on the order of `schools`. */
export function schoolsToLearnFrom(
  schools: readonly SchoolThatMayTeach[],
  rules: Record<SchoolType, DistanceRule>,
  settings: Partial<LearnFromSettings> = {},
): LearnFrom[] {
  const chosen = { ...learnFromDefaults, ...settings };
  const identity = identityOf(schools);
  const teachers = Map.groupBy(
    schools
      .flatMap((school) => {
        const chanceByLuck = chanceOfBothYears(school);
        return chanceByLuck !== null && chanceByLuck <= chosen.mostChanceByLuck
          ? [{ school, chanceByLuck }]
          : [];
      })
      .sort((a, b) => a.chanceByLuck - b.chanceByLuck || a.school.urn - b.school.urn),
    ({ school }) => school.schoolType,
  );
  return [...schools]
    .sort((a, b) => a.urn - b.urn)
    .map((school) =>
      choose(school, {
        teachers: teachers.get(school.schoolType) ?? [],
        rule: rules[school.schoolType],
        identity,
        settings: chosen,
      }),
    );
}

/** Null unless both years were better than forecast. Errors of a good forecast are independent from year to year. */
function chanceOfBothYears({ standardisedErrors }: SchoolThatMayTeach): number | null {
  const [before, last] = standardisedErrors;
  if (before === null || last === null || before >= 0 || last >= 0) return null;
  return standardNormalBelow((before + last) / Math.SQRT2);
}

type Choice = {
  teachers: { school: SchoolThatMayTeach; chanceByLuck: number }[];
  rule: DistanceRule;
  identity: Map<Urn, Urn>;
  settings: LearnFromSettings;
};

function choose(school: SchoolThatMayTeach, choice: Choice): LearnFrom {
  const { teachers, rule, identity, settings } = choice;
  const left = { withinReach: 0, otherTrust: 0, likeEnough: 0 };
  const schools: SchoolToVisit[] = [];
  for (const { school: other, chanceByLuck } of teachers) {
    if (schools.length === settings.atMost) break;
    if (identity.get(other.urn) === identity.get(school.urn)) continue;
    const kilometres = kilometresBetween(school, other);
    if (kilometres === null || kilometres > settings.withinKilometres) continue;
    left.withinReach += 1;
    if (school.trust !== null && school.trust === other.trust) continue;
    left.otherTrust += 1;
    const { distance } = distanceBetween(rule.inputs, school.values, other.values);
    if (distance === null || distance > settings.timesCaliper * rule.caliper) continue;
    left.likeEnough += 1;
    if (hasMoreAbsence(other, school)) continue;
    schools.push({ urn: other.urn, kilometres, distance, chanceByLuck, willing: 'not asked' });
  }
  const noneReason = schools.length > 0 ? null : whyNone(school, left, settings);
  return { urn: school.urn, schools, noneReason };
}

function hasMoreAbsence(other: SchoolThatMayTeach, school: SchoolThatMayTeach): boolean {
  const [theirs, own] = [other.lastAbsencePercent, school.lastAbsencePercent];
  return theirs !== null && own !== null && theirs > own;
}

function kilometresBetween(one: SchoolThatMayTeach, other: SchoolThatMayTeach): number | null {
  if (one.easting === null || one.northing === null) return null;
  if (other.easting === null || other.northing === null) return null;
  return Math.hypot(one.easting - other.easting, one.northing - other.northing) / 1000;
}

function whyNone(
  school: SchoolThatMayTeach,
  left: { withinReach: number; otherTrust: number; likeEnough: number },
  { withinKilometres }: LearnFromSettings,
): string {
  if (school.easting === null || school.northing === null) {
    return 'We do not know where this school is, so we cannot tell which schools are within reach.';
  }
  const reach = `within ${roundHalfUp(withinKilometres)} km`;
  const improved = 'had clearly less absence than forecast two years running';
  const counted = (count: number) =>
    `${count} ${count === 1 ? schoolTypeSingular[school.schoolType] : schoolTypePlural[school.schoolType]} ${reach} ${improved}`;
  if (left.withinReach === 0) {
    return `No other ${schoolTypeSingular[school.schoolType]} ${reach} ${improved}.`;
  }
  if (left.otherTrust === 0) return `${counted(left.withinReach)}, all in this school's own trust.`;
  if (left.likeEnough === 0) {
    return `${counted(left.otherTrust)}, but none has an intake close enough to this school's.`;
  }
  return `${counted(left.likeEnough)} and ${left.likeEnough === 1 ? 'has' : 'have'} a similar intake, but more absence than this school.`;
}
