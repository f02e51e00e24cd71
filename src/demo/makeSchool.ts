import { type AcademicYear, startYearOf } from '../base/academicYear.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { type RandomStream, randomStream } from '../stats/randomStream.ts';
import type { Authority, Trust } from './authorities.ts';
import type { Story } from './cast.ts';
import { drawStory } from './drawStory.ts';
import { identifiersIn, identityOf, lastDayOf, openedOn } from './identity.ts';
import { schoolName } from './names.ts';
import { shiftShare } from './odds.ts';
import { type Profile, profiles } from './profiles.ts';
import {
  allYears,
  firstYear,
  hiddenYear,
  type Identity,
  type MadeUpSchool,
  publishedYears,
  type SchoolPlan,
  type SchoolTruth,
  type SchoolYear,
} from './school.ts';
import { drawYear, luckSpreadOf, type YearCounts } from './schoolYear.ts';
import { makeIntake, makePlace } from './setting.ts';

export type NationalLevels = Record<SchoolType, readonly number[]>;

/** Everything about one school, drawn from a stream of its own. */
export function makeSchool(
  seed: number | string,
  national: NationalLevels,
  plan: SchoolPlan,
): MadeUpSchool {
  const { authority, schoolType, cast } = plan;
  const profile = profiles[schoolType];
  const chance = randomStream(seed, 'school', plan.index);
  const story = cast ?? drawStory(schoolType, profile, chance);
  const identity = identityOf(plan, story);
  const { place, deprivation } = makePlace(authority, schoolType, profile, story, chance);
  const { intake, effect } = makeIntake(authority, profile, story, deprivation, chance);

  const level =
    effect +
    profile.authoritySpread * authority.level[schoolType] +
    (story.level ?? drawLevel(profile, chance)) -
    excessOfMean(profile.levelSpread, profile.intakeEffects.fsm) -
    profile.farAbove.share * profile.farAbove.level;
  const sizes = enrolmentsByYear(profile, story, chance);
  const expected = expectedByYear(national[schoolType], profile, story, level, sizes, chance);
  const drawn = drawYears(schoolType, sizes, expected, effect, chance);
  const hidden = drawn.get(hiddenYear);
  const enrolmentsNow = [...sizes.values()].at(-1) ?? 0;
  return {
    ...identity,
    name: cast?.name ?? schoolName(seed, plan.index, schoolType, chance.uniform()),
    schoolType,
    allThrough: story.allThrough ?? false,
    trust: trustOf(identity, authority, story, chance),
    authority,
    openedOn: openedOn(identity, story),
    closedOn: story.closesAfter ? lastDayOf(story.closesAfter) : undefined,
    place,
    intake: {
      ...intake,
      onRoll: Math.round(enrolmentsNow * chance.pick(profile.rollPerEnrolment)),
    },
    truth: truthOf(schoolType, story, level, effect, enrolmentsNow, expected),
    years: publishedYears.flatMap((year): SchoolYear[] => {
      const counts = drawn.get(year);
      if (!counts || year === story.gapIn) return [];
      return [{ year, ...identifiersIn(year, identity), counts }];
    }),
    hidden,
  };
}

function drawYears(
  schoolType: SchoolType,
  sizes: ReadonlyMap<AcademicYear, number>,
  expected: ReadonlyMap<AcademicYear, number>,
  intakeEffect: number,
  chance: RandomStream,
): Map<AcademicYear, YearCounts> {
  const profile = profiles[schoolType];
  const { authorisedShift, ...habits } = drawHabits(profile, intakeEffect, chance);
  const drawn = new Map<AcademicYear, YearCounts>();
  for (const [year, enrolments] of sizes) {
    const nationalShares = profile.authorisedShare;
    const nationalShare =
      nationalShares[startYearOf(year) - startYearOf(firstYear)] ?? nationalShares.at(-1) ?? 0.75;
    const truth = {
      ...habits,
      schoolType,
      enrolments,
      expectedPercent: expected.get(year) ?? 0,
      authorisedShare: shiftShare(nationalShare, authorisedShift + 0.1 * chance.normal()),
      before2013: year === firstYear,
    };
    drawn.set(year, drawYear(truth, chance));
  }
  return drawn;
}

function truthOf(
  schoolType: SchoolType,
  story: Story,
  level: number,
  intakeEffect: number,
  enrolments: number,
  expected: ReadonlyMap<AcademicYear, number>,
): SchoolTruth {
  const profile = profiles[schoolType];
  const averagePercent = meanOf(profile.nationalPercent);
  const levelPercent = averagePercent * Math.exp(level);
  return {
    levelPercent,
    intakePoints: levelPercent - averagePercent * Math.exp(level - intakeEffect),
    trendPercentPerYear: 100 * Math.expm1(story.trend ?? 0),
    wanderPoints: levelPercent * profile.wanderStep * (story.wanderShare ?? 1),
    luckPoints: levelPercent * luckSpreadOf(schoolType, enrolments),
    shockYears: Object.keys(story.shocks ?? {})
      .map(Number)
      .filter((year) => expected.has(year)),
    expectedPercent: expected,
  };
}

function trustOf(
  identity: Identity,
  authority: Authority,
  story: Story,
  chance: RandomStream,
): Trust | undefined {
  const drawn = chance.pick(authority.trusts);
  if (!identity.academy) return undefined;
  return authority.trusts[story.trustSlot ?? -1] ?? drawn;
}

/** By how much the mean of exp(normal) is above 1, as a logarithm: without it the schools would come out above the nation. */
function excessOfMean(...spreads: number[]): number {
  return spreads.reduce((sum, spread) => sum + spread ** 2, 0) / 2;
}

function drawLevel(profile: Profile, chance: RandomStream): number {
  const farAbove = chance.uniform() < profile.farAbove.share ? profile.farAbove.level : 0;
  return profile.levelSpread * chance.normal() + farAbove * (0.7 + 0.6 * chance.uniform());
}

/** Enrolments in every year it has pupils: new schools fill up year by year. */
function enrolmentsByYear(
  profile: Profile,
  story: Story,
  chance: RandomStream,
): Map<AcademicYear, number> {
  const size = story.enrolments ?? drawSize(profile, chance);
  const growth = 0.012 * chance.normal();
  const opened = story.opensIn ?? 0;
  const closed = story.closesAfter ?? hiddenYear;
  const sizes = new Map<AcademicYear, number>();
  for (const [step, year] of allYears.entries()) {
    const jitter = Math.exp(growth * (step - 3) + 0.02 * chance.normal());
    if (year < opened || year > closed) continue;
    const yearsOpen = opened ? startYearOf(year) - startYearOf(opened) : 9;
    const filled = Math.min(1, 0.3 + 0.2 * yearsOpen);
    sizes.set(year, Math.max(5, Math.round(size * filled * jitter)));
  }
  return sizes;
}

function drawSize(profile: Profile, chance: RandomStream): number {
  let at = chance.uniform();
  const sizes = profile.sizes;
  const gathered = sizes.find(({ weight }) => (at -= weight) < 0) ?? sizes.at(-1);
  if (!gathered) throw new Error('a profile without sizes');
  return gathered.enrolments * Math.exp(gathered.spread * chance.normal());
}

function expectedByYear(
  national: readonly number[],
  profile: Profile,
  story: Story,
  level: number,
  sizes: ReadonlyMap<AcademicYear, number>,
  chance: RandomStream,
): Map<AcademicYear, number> {
  const expected = new Map<AcademicYear, number>();
  const settled = profile.wanderStep / Math.sqrt(1 - profile.wanderKept ** 2);
  const wanderShare = story.wanderShare ?? 1;
  let wander = settled * chance.normal();
  for (const [step, year] of allYears.entries()) {
    const trend = (story.trend ?? 0) * step;
    const shock = story.shocks?.[year] ?? 0;
    const log = level + wanderShare * wander - excessOfMean(wanderShare * settled) + trend + shock;
    if (sizes.has(year)) {
      expected.set(year, Math.min(60, (national[step] ?? 0) * Math.exp(log)));
    }
    wander = profile.wanderKept * wander + profile.wanderStep * chance.normal();
  }
  return expected;
}

/** How a school codes absence, and how unevenly absence falls on its pupils: the same every year. */
function drawHabits(profile: Profile, intakeEffect: number, chance: RandomStream) {
  const vary = <Reason extends string>(shares: Record<Reason, number>) =>
    Object.fromEntries(
      Object.entries<number>(shares).map(([reason, share]) => [
        reason,
        share * Math.exp(0.35 * chance.normal()),
      ]),
    ) as Record<Reason, number>;
  return {
    authorisedShift: 0.45 * chance.normal() - 2 * intakeEffect,
    persistence: profile.persistence * Math.exp(0.06 * chance.normal()),
    authorisedReasonShares: vary(profile.authorisedReasons),
    unauthorisedReasonShares: vary(profile.unauthorisedReasons),
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
