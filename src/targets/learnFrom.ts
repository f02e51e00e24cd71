import type { Urn } from '../base/identifiers.ts';
import { roundHalfUp } from '../base/rate.ts';
import { type SchoolType, schoolTypePlural, schoolTypeSingular } from '../base/schoolType.ts';
import { standardNormalBelow } from '../stats/standardNormal.ts';
import { type ComparableSchool, type DistanceRule, distanceBetween } from './distance.ts';
import { kinOf } from './similar.ts';

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
  /**
   * How seldom two such years come where the forecasts hold: the smaller, the further below. It does not tell luck from
   * real change, which docs/expectation.md does by looking a year on.
   */
  chanceUnderForecast: number;
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
  mostChanceUnderForecast: number;
  /** One school is named to so many others at most: the nearest of those it would be named to. */
  mostVisitors: number;
};

export const learnFromDefaults: LearnFromSettings = {
  withinKilometres: 40,
  atMost: 4,
  timesCaliper: 1.5,
  mostChanceUnderForecast: 0.1,
  mostVisitors: 20,
};

/** For every school, in the order of URN, the schools to learn from. Does not depend on the order of `schools`. */
export function schoolsToLearnFrom(
  schools: readonly SchoolThatMayTeach[],
  rules: Record<SchoolType, DistanceRule>,
  settings: Partial<LearnFromSettings> = {},
): LearnFrom[] {
  const chosen = { ...learnFromDefaults, ...settings };
  const kin = kinOf(schools);
  const teachers = Map.groupBy(
    schools
      .flatMap((school) => {
        const chanceUnderForecast = chanceOfBothYears(school);
        return chanceUnderForecast !== null && chanceUnderForecast <= chosen.mostChanceUnderForecast
          ? [{ school, chanceUnderForecast }]
          : [];
      })
      .sort((a, b) => a.chanceUnderForecast - b.chanceUnderForecast || a.school.urn - b.school.urn),
    ({ school }) => school.schoolType,
  );
  const wishes = [...schools]
    .sort((a, b) => a.urn - b.urn)
    .map((school) =>
      wishesOf(school, {
        teachers: teachers.get(school.schoolType) ?? [],
        rule: rules[school.schoolType],
        kin,
        settings: chosen,
      }),
    );
  settle(wishes, chosen);
  return wishes.map((wish) => {
    const found = [...wish.granted].sort((a, b) => a - b).map((place) => wish.wanted[place]);
    return {
      urn: wish.school.urn,
      schools: found as SchoolToVisit[],
      noneReason: found.length > 0 ? null : whyNone(wish, chosen),
    };
  });
}

/** Null unless both years were better than forecast. Errors of a good forecast are independent from year to year. */
function chanceOfBothYears({ standardisedErrors }: SchoolThatMayTeach): number | null {
  const [before, last] = standardisedErrors;
  if (before === null || last === null || before >= 0 || last >= 0) return null;
  return standardNormalBelow((before + last) / Math.SQRT2);
}

type Choice = {
  teachers: { school: SchoolThatMayTeach; chanceUnderForecast: number }[];
  rule: DistanceRule;
  kin: ReadonlyMap<Urn, ReadonlySet<Urn>>;
  settings: LearnFromSettings;
};

/** What a school may learn from, strongest evidence first, and what it gets of that (places in `wanted`). */
type Wish = {
  school: SchoolThatMayTeach;
  wanted: SchoolToVisit[];
  /** How many of `wanted` have been asked for. */
  asked: number;
  granted: Set<number>;
  left: { withinReach: number; otherTrust: number; likeEnough: number };
};

function wishesOf(school: SchoolThatMayTeach, choice: Choice): Wish {
  const { teachers, rule, kin, settings } = choice;
  const left = { withinReach: 0, otherTrust: 0, likeEnough: 0 };
  const wanted: SchoolToVisit[] = [];
  for (const { school: other, chanceUnderForecast } of teachers) {
    if (kin.get(school.urn)?.has(other.urn)) continue;
    if (isFarAlongAnAxis(school, other, settings)) continue;
    const kilometres = kilometresBetween(school, other);
    if (kilometres === null || kilometres > settings.withinKilometres) continue;
    left.withinReach += 1;
    if (school.trust !== null && school.trust === other.trust) continue;
    left.otherTrust += 1;
    const { distance } = distanceBetween(rule.inputs, school.values, other.values);
    if (distance === null || distance > settings.timesCaliper * rule.caliper) continue;
    left.likeEnough += 1;
    if (hasMoreAbsence(other, school)) continue;
    wanted.push({
      urn: other.urn,
      kilometres,
      distance,
      chanceUnderForecast,
      willing: 'not asked',
    });
  }
  return { school, wanted, asked: 0, granted: new Set(), left };
}

/**
 * Every school asks for what it wants in order, and who is asked too often keeps the nearest: deferred acceptance (Gale
 * and Shapley 1962), whose outcome does not depend on who asks first. First everybody asks for one school, then for a
 * second with the places that are left, and so on, so that as few as can be get none.
 */
function settle(wishes: readonly Wish[], { atMost, mostVisitors }: LearnFromSettings): void {
  const visitors = new Map<Urn, Visit[]>();
  for (let round = 1; round <= atMost; round++) {
    const waiting = [...wishes];
    for (let wish = waiting.pop(); wish; wish = waiting.pop()) {
      while (wish.granted.size < round && wish.asked < wish.wanted.length) {
        const place = wish.asked++;
        const { urn, kilometres } = wish.wanted[place] as SchoolToVisit;
        const guests = visitors.get(urn) ?? [];
        visitors.set(urn, guests);
        wish.granted.add(place);
        guests.push({ wish, place, kilometres, round });
        if (guests.length <= mostVisitors) continue;
        const last = guests.reduce((late, each) => (comesAfter(each, late) ? each : late));
        guests.splice(guests.indexOf(last), 1);
        last.wish.granted.delete(last.place);
        if (last.wish !== wish) waiting.push(last.wish);
      }
    }
  }
}

type Visit = { wish: Wish; place: number; kilometres: number; round: number };

function comesAfter(one: Visit, other: Visit): boolean {
  if (one.round !== other.round) return one.round > other.round;
  if (one.kilometres !== other.kilometres) return one.kilometres > other.kilometres;
  return one.wish.school.urn > other.wish.school.urn;
}

function hasMoreAbsence(other: SchoolThatMayTeach, school: SchoolThatMayTeach): boolean {
  const [theirs, own] = [other.lastAbsencePercent, school.lastAbsencePercent];
  return theirs !== null && own !== null && theirs > own;
}

/** Rules most schools out at no cost. */
function isFarAlongAnAxis(
  one: SchoolThatMayTeach,
  other: SchoolThatMayTeach,
  { withinKilometres }: LearnFromSettings,
): boolean {
  const metres = 1000 * withinKilometres;
  return (
    Math.abs((one.easting ?? 0) - (other.easting ?? 0)) > metres ||
    Math.abs((one.northing ?? 0) - (other.northing ?? 0)) > metres
  );
}

function kilometresBetween(one: SchoolThatMayTeach, other: SchoolThatMayTeach): number | null {
  if (one.easting === null || one.northing === null) return null;
  if (other.easting === null || other.northing === null) return null;
  return Math.hypot(one.easting - other.easting, one.northing - other.northing) / 1000;
}

function whyNone({ school, wanted, left }: Wish, { withinKilometres }: LearnFromSettings): string {
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
  if (wanted.length > 0) {
    return `${counted(wanted.length)} and would do, but ${wanted.length === 1 ? 'is' : 'each is'} already named to as many schools as it may be.`;
  }
  return `${counted(left.likeEnough)} and ${left.likeEnough === 1 ? 'has' : 'have'} a similar intake, but more absence than this school.`;
}
