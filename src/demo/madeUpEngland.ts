import {
  type AcademicYear,
  academicYear,
  firstDayOf,
  startYearOf,
  yearsBetween,
} from '../base/academicYear.ts';
import type { LaEstab, Urn } from '../base/identifiers.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { type RandomStream, randomStream } from '../stats/randomStream.ts';
import {
  type Authority,
  makeAuthorities,
  type Point,
  pointInCounty,
  type Settlement,
  type Trust,
} from './authorities.ts';
import {
  type Academisation,
  type CastMember,
  castMembers,
  type Setting,
  type Story,
} from './cast.ts';
import { schoolName } from './names.ts';
import { type Profile, profiles } from './profiles.ts';
import { drawYear, luckSpreadOf, type YearCounts } from './schoolYear.ts';

/** The years that are published, and the one after, which only `truth.csv` tells. */
export const firstYear: AcademicYear = 201213;
export const lastYear: AcademicYear = 201718;
export const hiddenYear: AcademicYear = 201819;
export const publishedYears = yearsBetween(firstYear, lastYear);
const allYears = yearsBetween(firstYear, hiddenYear);

export type MadeUpEngland = {
  seed: number | string;
  authorities: readonly Authority[];
  schools: readonly MadeUpSchool[];
};

export type MadeUpSchool = {
  urn: Urn;
  laestab: LaEstab;
  /** What it was before it became an academy; undefined when it always was what it is. */
  before: { urn: Urn; laestab: LaEstab; closedOn: string } | undefined;
  name: string;
  schoolType: SchoolType;
  allThrough: boolean;
  academy: Academisation | undefined;
  trust: Trust | undefined;
  authority: Authority;
  /** ISO; undefined when nobody remembers. */
  openedOn: string | undefined;
  closedOn: string | undefined;
  place: Place;
  intake: Intake;
  truth: SchoolTruth;
  /** Published years, oldest first. */
  years: readonly SchoolYear[];
  /** What 2018/19 brought: never published. Undefined when it had closed. */
  hidden: YearCounts | undefined;
};

export type SchoolYear = { year: AcademicYear; urn: Urn; laestab: LaEstab; counts: YearCounts };

export type Place = Point & {
  town: string;
  postcode: string;
  setting: Setting;
  /** Rural–urban class of 2011: A1, C1, D1, E1 or E2. */
  ruralUrban: string;
  /** Shares, 0–1, of children (IDACI) and of everybody in families on low income. */
  idaci: number;
  income: number;
};

/** Of the pupils on roll in January 2019, %. */
export type Intake = {
  onRoll: number;
  fsmPercent: number;
  senSupportPercent: number;
  ehcPlanPercent: number;
  ealPercent: number;
  girlsPercent: number;
};

/** What a school's years were drawn from. */
export type SchoolTruth = {
  /** Its rate in the long run, at the national level of an average year, %. */
  levelPercent: number;
  /** What its intake adds to that (negative: takes off), percentage points. */
  intakePoints: number;
  /** Its own change of level a year, % of its rate; 0 for nearly all. */
  trendPercentPerYear: number;
  /** The year-to-year step of its slow wander (1 SD), percentage points. */
  wanderPoints: number;
  /** One year's luck at its size (1 SD), percentage points. */
  luckPoints: number;
  shockYears: readonly AcademicYear[];
  /** Without luck, %, by year, the hidden year last; undefined in years without pupils. */
  expectedPercent: ReadonlyMap<AcademicYear, number>;
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
    for (const plan of planSchools(authority, made.length))
      made.push(makeSchool(seed, national, plan));
  }
  return { seed, authorities, schools: made };
}

type NationalLevels = Record<SchoolType, readonly number[]>;

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

type SchoolPlan = {
  index: number;
  authority: Authority;
  schoolType: SchoolType;
  /** Counts the authority's schools of this type. */
  ordinal: number;
  cast: CastMember | undefined;
};

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

function makeSchool(
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
  const habits = drawHabits(profile, effect, chance);
  const countsOf = (year: AcademicYear): YearCounts | undefined => {
    const enrolments = sizes.get(year);
    const expectedPercent = expected.get(year);
    if (enrolments === undefined || expectedPercent === undefined) return undefined;
    const at = startYearOf(year) - startYearOf(firstYear);
    const truth = {
      schoolType,
      enrolments,
      expectedPercent,
      ...habits,
      authorisedShare: shiftShare(
        profile.authorisedShare[at] ?? profile.authorisedShare.at(-1) ?? 0.75,
        habits.authorisedShift + 0.1 * chance.normal(),
      ),
      before2013: year === 201213,
    };
    return drawYear(truth, chance);
  };
  const years = publishedYears.flatMap((year): SchoolYear[] => {
    const counts = countsOf(year);
    if (!counts || year === story.gapIn) return [];
    return [{ year, ...identifiersIn(year, identity), counts }];
  });
  const hidden = countsOf(hiddenYear);
  const enrolmentsNow = hidden?.enrolments ?? years.at(-1)?.counts.enrolments ?? 0;

  const averagePercent = meanOf(profile.nationalPercent);
  const levelPercent = averagePercent * Math.exp(level);
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
    truth: {
      levelPercent,
      intakePoints: levelPercent - averagePercent * Math.exp(level - effect),
      trendPercentPerYear: 100 * Math.expm1(story.trend ?? 0),
      wanderPoints: levelPercent * profile.wanderStep * (story.wanderShare ?? 1),
      luckPoints: levelPercent * luckSpreadOf(schoolType, Math.max(1, enrolmentsNow)),
      shockYears: Object.keys(story.shocks ?? {}).map(Number),
      expectedPercent: expected,
    },
    years,
    hidden,
  };
}

/** What befalls a school that is not of the cast: mostly nothing. */
function drawStory(schoolType: SchoolType, profile: Profile, chance: RandomStream): Story {
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

type Identity = Pick<MadeUpSchool, 'urn' | 'laestab' | 'before' | 'academy'>;

/** Ordinary schools have numbers above those of the cast, two URNs for each so that a successor's is the greater. */
function identityOf(plan: SchoolPlan, story: Story): Identity {
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
function identifiersIn(year: AcademicYear, identity: Identity): { urn: Urn; laestab: LaEstab } {
  const { before, academy } = identity;
  const isBefore = before && academy?.openedOn !== undefined && academy.openedOn > lastDayOf(year);
  return isBefore
    ? { urn: before.urn, laestab: before.laestab }
    : { urn: identity.urn, laestab: identity.laestab };
}

function openedOn(identity: Identity, story: Story): string | undefined {
  return identity.academy?.openedOn ?? (story.opensIn ? firstDayOf(story.opensIn) : undefined);
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

function makePlace(
  authority: Authority,
  schoolType: SchoolType,
  profile: Profile,
  story: Story,
  chance: RandomStream,
): { place: Place; deprivation: number } {
  const setting = story.setting ?? drawSetting(schoolType, chance);
  const settlement = chance.pick(
    authority.settlements.filter(({ kind }) => (setting === 'city') === (kind === 'city')),
  );
  const point =
    setting === 'village' ? pointInCounty(authority.index, chance) : pointIn(settlement, chance);
  const near = nearest(authority.settlements, point);
  const drawn =
    setting === 'village'
      ? -0.45 + 0.7 * chance.normal()
      : settlement.deprivation + 0.85 * chance.normal();
  const told = toldFsm(profile, story);
  const deprivation = told === undefined ? drawn : 0.8 * told + 0.2 * drawn;
  const idaci = shiftShare(0.125, 0.85 * deprivation);
  const ruralUrban = { city: authority.cityClass, town: 'D1', village: 'E1' }[setting];
  const letters = 'ABDEFGHJLNPQRSTUWXYZ';
  const letter = () => letters[chance.integer(letters.length)];
  return {
    deprivation,
    place: {
      ...point,
      town: near.name,
      postcode: `ZZ${near.district} ${1 + chance.integer(9)}${letter()}${letter()}`,
      setting,
      ruralUrban: setting === 'village' && chance.uniform() < 0.08 ? 'E2' : ruralUrban,
      idaci,
      income: idaci * 0.75 + 0.01,
    },
  };
}

function drawSetting(schoolType: SchoolType, chance: RandomStream): Setting {
  const at = chance.uniform();
  if (schoolType === 'State-funded primary') {
    return at < 0.42 ? 'city' : at < 0.76 ? 'town' : 'village';
  }
  return at < 0.48 ? 'city' : 'town';
}

function pointIn(settlement: Settlement, chance: RandomStream): Point {
  return {
    easting: Math.round(settlement.centre.easting + settlement.spread * chance.normal()),
    northing: Math.round(settlement.centre.northing + settlement.spread * chance.normal()),
  };
}

function nearest(settlements: readonly Settlement[], point: Point): Settlement {
  const distance = ({ centre }: Settlement) =>
    Math.hypot(centre.easting - point.easting, centre.northing - point.northing);
  return settlements.reduce((best, next) => (distance(next) < distance(best) ? next : best));
}

/** The intake, and what it does to the level of absence (log scale). */
function makeIntake(
  authority: Authority,
  profile: Profile,
  story: Story,
  deprivation: number,
  chance: RandomStream,
): { intake: Omit<Intake, 'onRoll'>; effect: number } {
  const { deprivationCorrelation: shared, spread, median } = profile.fsm;
  const drawnFsm = shared * deprivation + Math.sqrt(1 - shared ** 2) * chance.normal();
  const fsm = toldFsm(profile, story) ?? drawnFsm;
  const senSupport = 0.4 * fsm + 0.9 * chance.normal();
  const eal = 0.5 * authority.eal + 0.15 * fsm + 0.8 * chance.normal();
  const ehcPlan = chance.normal();
  const percent = (of: { median: number; spread: number }, deviations: number) =>
    100 * shiftShare(of.median / 100, of.spread * deviations);
  const { intakeEffects } = profile;
  return {
    intake: {
      fsmPercent: percent({ median, spread }, fsm),
      senSupportPercent: percent(profile.senSupport, senSupport),
      ehcPlanPercent: percent(profile.ehcPlan, ehcPlan),
      ealPercent: percent(profile.eal, eal),
      girlsPercent: 49 + 1.2 * chance.normal(),
    },
    effect:
      intakeEffects.fsm * fsm + intakeEffects.senSupport * senSupport + intakeEffects.eal * eal,
  };
}

/** By how much the mean of exp(normal) is above 1, as a logarithm: without it the schools would come out above the nation. */
function excessOfMean(...spreads: number[]): number {
  return spreads.reduce((sum, spread) => sum + spread ** 2, 0) / 2;
}

/** The told eligibility for free school meals, in standard deviations above the median; undefined when it is drawn. */
function toldFsm({ fsm }: Profile, { fsmPercent }: Story): number | undefined {
  if (fsmPercent === undefined) return undefined;
  return (logOdds(fsmPercent / 100) - logOdds(fsm.median / 100)) / fsm.spread;
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

function logOdds(share: number): number {
  return Math.log(share / (1 - share));
}

/** A share moved on the log-odds scale, so that it stays between 0 and 1. */
function shiftShare(share: number, by: number): number {
  return 1 / (1 + Math.exp(-(logOdds(share) + by)));
}

function lastDayOf(year: AcademicYear): string {
  return `${startYearOf(year) + 1}-08-31`;
}

function dayBefore(isoDay: string): string {
  const day = new Date(`${isoDay}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}
