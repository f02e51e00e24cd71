import type { SchoolType } from '../base/schoolType.ts';

/**
 * What schools of a type are like. Levels and reasons are the published England figures for 2012/13–2017/18 (six half
 * terms, "Pupil absence in schools in England"); spreads and sizes were fitted roughly to the schools of those years.
 * Spreads of absence are on the log scale: 0.15 is about 15 % of a school's rate.
 */
export type Profile = {
  /** National overall absence, %, 2012/13 to 2017/18. */
  nationalPercent: readonly number[];
  /** National authorised share of absence in the same years. */
  authorisedShare: readonly number[];
  /** Spread between schools that their intake does not explain. */
  levelSpread: number;
  authoritySpread: number;
  /** Extra level of the few schools far above the rest: their share, and by how much. */
  farAbove: { share: number; level: number };
  /** Effect of one standard deviation of eligibility for free school meals, SEN support, English as an additional language. */
  intakeEffects: { fsm: number; senSupport: number; eal: number };
  /** A slow wander about the level: each year keeps `wanderKept` of the last and adds a step of `wanderStep`. */
  wanderStep: number;
  wanderKept: number;
  /** One year's luck of the whole school, besides that of its pupils. */
  luckSpread: number;
  /** Spread between pupils, as a multiple of the school's rate: makes small schools noisier. */
  pupilSpread: number;
  /** Persistent absentees ≈ exp(−persistence / overall %) of enrolments: the tail of an exponential distribution. */
  persistence: number;
  /** How far above 10 % persistent absentees are on average, in multiples of the school's rate. */
  persistentExcess: number;
  sessionsPerEnrolment: number;
  /** Sizes (enrolments in the absence statistics) that schools gather round, and the spread about them. */
  sizes: readonly { enrolments: number; weight: number; spread: number }[];
  /** Pupils on the January roll for every enrolment in the absence statistics (sixth forms, nursery classes). */
  rollPerEnrolment: readonly number[];
  /** Medians in % and spreads on the log-odds scale. */
  fsm: { median: number; spread: number; deprivationCorrelation: number };
  senSupport: { median: number; spread: number };
  ehcPlan: { median: number; spread: number };
  eal: { median: number; spread: number };
  /** Shares already an academy in 2012/13, and of the others that become one in any year. */
  academyAtStart: number;
  academisesInYear: number;
  authorisedReasons: Record<AuthorisedReason, number>;
  unauthorisedReasons: Record<UnauthorisedReason, number>;
};

/** `ext_holiday` is apart: it was withdrawn after 2012/13. */
export const authorisedReasons = [
  'illness',
  'appointments',
  'religious',
  'study',
  'traveller',
  'holiday',
  'excluded',
  'other',
] as const;
export type AuthorisedReason = (typeof authorisedReasons)[number];

export const unauthorisedReasons = ['holiday', 'late', 'other', 'noyet'] as const;
export type UnauthorisedReason = (typeof unauthorisedReasons)[number];

/** Times as common in 2012/13, before the law on leave for holidays changed. */
export const authorisedHolidayBefore2013 = 5;

export const profiles: Record<SchoolType, Profile> = {
  'State-funded primary': {
    nationalPercent: [4.7, 3.9, 4.0, 4.0, 4.0, 4.2],
    authorisedShare: [0.83, 0.79, 0.78, 0.77, 0.75, 0.73],
    levelSpread: 0.1,
    authoritySpread: 0.04,
    farAbove: { share: 0.003, level: 0.6 },
    intakeEffects: { fsm: 0.125, senSupport: 0.03, eal: -0.02 },
    wanderStep: 0.07,
    wanderKept: 0.93,
    luckSpread: 0.03,
    pupilSpread: 0.9,
    persistence: 10.2,
    persistentExcess: 1.25,
    sessionsPerEnrolment: 357,
    sizes: [
      { enrolments: 85, weight: 0.22, spread: 0.35 },
      { enrolments: 182, weight: 0.4, spread: 0.15 },
      { enrolments: 270, weight: 0.13, spread: 0.15 },
      { enrolments: 362, weight: 0.18, spread: 0.08 },
      { enrolments: 520, weight: 0.07, spread: 0.12 },
    ],
    rollPerEnrolment: [1.12, 1.18, 1.18, 1.28, 1.4],
    fsm: { median: 18, spread: 0.95, deprivationCorrelation: 0.75 },
    senSupport: { median: 12, spread: 0.5 },
    ehcPlan: { median: 1.2, spread: 0.7 },
    eal: { median: 6, spread: 1.5 },
    academyAtStart: 0.05,
    academisesInYear: 0.045,
    authorisedReasons: {
      illness: 0.792,
      appointments: 0.075,
      religious: 0.0155,
      study: 0.0001,
      traveller: 0.0047,
      holiday: 0.0283,
      excluded: 0.0074,
      other: 0.077,
    },
    unauthorisedReasons: { holiday: 0.4345, late: 0.0687, other: 0.4589, noyet: 0.0379 },
  },
  'State-funded secondary': {
    nationalPercent: [5.9, 5.2, 5.3, 5.2, 5.4, 5.5],
    authorisedShare: [0.76, 0.75, 0.75, 0.73, 0.71, 0.7],
    levelSpread: 0.08,
    authoritySpread: 0.05,
    farAbove: { share: 0.02, level: 0.5 },
    intakeEffects: { fsm: 0.13, senSupport: 0.035, eal: -0.05 },
    wanderStep: 0.06,
    wanderKept: 0.93,
    luckSpread: 0.03,
    pupilSpread: 0.95,
    persistence: 10.9,
    persistentExcess: 1.55,
    sessionsPerEnrolment: 345,
    sizes: [
      { enrolments: 480, weight: 0.25, spread: 0.3 },
      { enrolments: 860, weight: 0.45, spread: 0.18 },
      { enrolments: 1200, weight: 0.3, spread: 0.18 },
    ],
    rollPerEnrolment: [0.98, 1.02, 1.2, 1.26],
    fsm: { median: 26, spread: 0.72, deprivationCorrelation: 0.55 },
    senSupport: { median: 10.8, spread: 0.5 },
    ehcPlan: { median: 1.5, spread: 0.6 },
    eal: { median: 7, spread: 1.4 },
    academyAtStart: 0.46,
    academisesInYear: 0.07,
    authorisedReasons: {
      illness: 0.7446,
      appointments: 0.0867,
      religious: 0.0099,
      study: 0.016,
      traveller: 0.0015,
      holiday: 0.0096,
      excluded: 0.0401,
      other: 0.0916,
    },
    unauthorisedReasons: { holiday: 0.1642, late: 0.0348, other: 0.7493, noyet: 0.0517 },
  },
  Special: {
    nationalPercent: [9.6, 9.0, 9.4, 9.1, 9.7, 10.2],
    authorisedShare: [0.8, 0.79, 0.8, 0.81, 0.79, 0.78],
    levelSpread: 0.25,
    authoritySpread: 0.05,
    farAbove: { share: 0.06, level: 0.7 },
    intakeEffects: { fsm: 0.13, senSupport: 0.02, eal: -0.04 },
    wanderStep: 0.1,
    wanderKept: 0.93,
    luckSpread: 0.04,
    pupilSpread: 0.75,
    persistence: 12.4,
    persistentExcess: 1.3,
    sessionsPerEnrolment: 348,
    sizes: [
      { enrolments: 50, weight: 0.3, spread: 0.3 },
      { enrolments: 90, weight: 0.4, spread: 0.2 },
      { enrolments: 150, weight: 0.3, spread: 0.25 },
    ],
    rollPerEnrolment: [1.05, 1.25, 1.45],
    fsm: { median: 50, spread: 0.72, deprivationCorrelation: 0.3 },
    senSupport: { median: 0.5, spread: 1.2 },
    ehcPlan: { median: 99.3, spread: 1.2 },
    eal: { median: 6, spread: 1.4 },
    academyAtStart: 0.06,
    academisesInYear: 0.045,
    authorisedReasons: {
      illness: 0.5522,
      appointments: 0.1373,
      religious: 0.0055,
      study: 0.0022,
      traveller: 0.0011,
      holiday: 0.0462,
      excluded: 0.0231,
      other: 0.2323,
    },
    unauthorisedReasons: { holiday: 0.0894, late: 0.0527, other: 0.8209, noyet: 0.037 },
  },
};
