import type { SchoolType } from '../base/schoolType.ts';
import type { RandomStream } from '../stats/randomStream.ts';
import {
  type AuthorisedReason,
  authorisedHolidayBefore2013,
  authorisedReasons,
  profiles,
  type UnauthorisedReason,
  unauthorisedReasons,
} from './profiles.ts';

/** The counts of a school's year that the department publishes; counts are of sessions except the enrolments. */
export type YearCounts = {
  enrolments: number;
  possible: number;
  authorised: number;
  unauthorised: number;
  /** Persistent absentees (10 % or more), and their sessions. */
  persistentEnrolments: number;
  persistentPossible: number;
  persistentAuthorised: number;
  persistentUnauthorised: number;
  authorisedReasons: Record<AuthorisedReason, number>;
  /** Undefined from 2013/14 on: the reason was withdrawn. */
  authorisedExtendedHoliday: number | undefined;
  unauthorisedReasons: Record<UnauthorisedReason, number>;
};

/** What a year is made from: the school's true rate and habits, before luck. */
export type YearTruth = {
  schoolType: SchoolType;
  enrolments: number;
  /** What the year would bring without luck, %. */
  expectedPercent: number;
  authorisedShare: number;
  /** See `Profile.persistence`. */
  persistence: number;
  authorisedReasonShares: Record<AuthorisedReason, number>;
  unauthorisedReasonShares: Record<UnauthorisedReason, number>;
  before2013: boolean;
};

/** One year's luck as a spread of the rate's logarithm: the school's own, and that of its pupils. */
export function luckSpreadOf(schoolType: SchoolType, enrolments: number): number {
  const { luckSpread, pupilSpread } = profiles[schoolType];
  return Math.hypot(luckSpread, Math.min(0.6, pupilSpread / Math.sqrt(enrolments)));
}

/**
 * Draws a year. The counts hold together as real ones do: reasons sum to authorised and unauthorised; persistent absentees
 * missed at least a tenth of their sessions and everybody else together less than a tenth.
 */
export function drawYear(truth: YearTruth, chance: RandomStream): YearCounts {
  const profile = profiles[truth.schoolType];
  const { enrolments } = truth;
  const sessionsEach = profile.sessionsPerEnrolment * Math.min(1.06, 1 + 0.02 * chance.normal());
  const possible = Math.max(enrolments, Math.round(enrolments * sessionsEach));

  const spread = luckSpreadOf(truth.schoolType, enrolments);
  const luck = Math.exp(spread * chance.normal() - spread ** 2 / 2);
  const percent = Math.min(75, truth.expectedPercent * luck);
  const overall = chance.binomial(possible, percent / 100);
  const authorised = chance.binomial(overall, truth.authorisedShare);

  const observedPercent = (100 * overall) / possible;
  const persistentShare = observedPercent > 0 ? Math.exp(-truth.persistence / observedPercent) : 0;
  const persistent = drawPersistent(
    { enrolments, possible, overall, authorised },
    chance.binomial(enrolments, persistentShare),
    10 + profile.persistentExcess * observedPercent * Math.exp(0.1 * chance.normal()),
    chance,
  );

  const holidayShares = {
    ...truth.authorisedReasonShares,
    holiday:
      truth.authorisedReasonShares.holiday * (truth.before2013 ? authorisedHolidayBefore2013 : 1),
  };
  const extendedHoliday = truth.before2013 ? chance.binomial(authorised, 0.003) : undefined;
  return {
    enrolments,
    possible,
    authorised,
    unauthorised: overall - authorised,
    ...persistent,
    authorisedReasons: divide(
      authorised - (extendedHoliday ?? 0),
      authorisedReasons,
      holidayShares,
      chance,
    ),
    authorisedExtendedHoliday: extendedHoliday,
    unauthorisedReasons: divide(
      overall - authorised,
      unauthorisedReasons,
      truth.unauthorisedReasonShares,
      chance,
    ),
  };
}

type Persistent = Pick<
  YearCounts,
  'persistentEnrolments' | 'persistentPossible' | 'persistentAuthorised' | 'persistentUnauthorised'
>;

/** The drawn number of persistent absentees, moved as little as it must for the sessions to be possible at all. */
function drawPersistent(
  year: { enrolments: number; possible: number; overall: number; authorised: number },
  drawn: number,
  persistentPercent: number,
  chance: RandomStream,
): Persistent {
  const count = nearestPossible(year, drawn);
  if (count === 0) {
    return {
      persistentEnrolments: 0,
      persistentPossible: 0,
      persistentAuthorised: 0,
      persistentUnauthorised: 0,
    };
  }
  const { possible, least, most } = persistentBounds(year, count);
  // Even where nearly everybody is a persistent absentee, the others miss something.
  const leftForTheRest = Math.round(0.03 * (year.possible - possible));
  const wanted = Math.min((possible * persistentPercent) / 100, year.overall - leftForTheRest);
  const overall = clamp(Math.round(wanted), least, most);
  // Persistent absentees have less of their absence authorised than the rest have.
  const authorisedShare = (0.88 * year.authorised) / Math.max(1, year.overall);
  const unauthorisedInAll = year.overall - year.authorised;
  const authorised = clamp(
    chance.binomial(overall, authorisedShare),
    overall - unauthorisedInAll,
    year.authorised,
  );
  return {
    persistentEnrolments: count,
    persistentPossible: possible,
    persistentAuthorised: authorised,
    persistentUnauthorised: overall - authorised,
  };
}

type YearTotals = { enrolments: number; possible: number; overall: number };

/** Sessions possible for `count` persistent absentees, and the least and most they can have missed between them. */
function persistentBounds(
  { enrolments, possible: possibleInAll, overall }: YearTotals,
  count: number,
): { possible: number; least: number; most: number } {
  // Children with much absence are on roll for a little less of the year.
  const share = count === enrolments ? 1 : (0.93 * count) / enrolments;
  const possible = Math.round(possibleInAll * share);
  const mostOfTheRest = Math.max(0, Math.ceil((possibleInAll - possible) / 10) - 1);
  return {
    possible,
    least: Math.max(Math.ceil(possible / 10), overall - mostOfTheRest),
    most: Math.min(possible, overall),
  };
}

function nearestPossible(year: YearTotals, drawn: number): number {
  const isPossible = (count: number) => {
    const { least, most } = persistentBounds(year, count);
    return count >= 0 && count <= year.enrolments && least <= most;
  };
  for (let step = 0; step <= year.enrolments; step++) {
    if (isPossible(drawn - step)) return drawn - step;
    if (isPossible(drawn + step)) return drawn + step;
  }
  throw new Error(`no number of persistent absentees fits ${JSON.stringify(year)}`);
}

/** Shares out `total` over the reasons: a multinomial draw, one binomial after the other. */
function divide<Reason extends string>(
  total: number,
  reasons: readonly Reason[],
  shares: Record<Reason, number>,
  chance: RandomStream,
): Record<Reason, number> {
  const counts = {} as Record<Reason, number>;
  let left = total;
  let shareLeft = reasons.reduce((sum, reason) => sum + shares[reason], 0);
  for (const [index, reason] of reasons.entries()) {
    const isLast = index === reasons.length - 1;
    const count = isLast ? left : chance.binomial(left, shares[reason] / shareLeft);
    counts[reason] = count;
    left -= count;
    shareLeft -= shares[reason];
  }
  return counts;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
