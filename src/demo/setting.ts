import type { SchoolType } from '../base/schoolType.ts';
import type { RandomStream } from '../stats/randomStream.ts';
import { type Authority, type Point, pointInCounty, type Settlement } from './authorities.ts';
import type { Setting, Story } from './cast.ts';
import { logOdds, shiftShare } from './odds.ts';
import type { Profile } from './profiles.ts';
import type { Intake, Place } from './school.ts';

export function makePlace(
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
export function makeIntake(
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

/** The told eligibility for free school meals, in standard deviations above the median; undefined when it is drawn. */
function toldFsm({ fsm }: Profile, { fsmPercent }: Story): number | undefined {
  if (fsmPercent === undefined) return undefined;
  return (logOdds(fsmPercent / 100) - logOdds(fsm.median / 100)) / fsm.spread;
}
