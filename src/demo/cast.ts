import type { AcademicYear } from '../base/academicYear.ts';
import type { LaEstab, Urn } from '../base/identifiers.ts';
import type { SchoolType } from '../base/schoolType.ts';
import { marked } from './names.ts';

/** Where a school stands, as the rural–urban classification of 2011 groups it. */
export type Setting = 'city' | 'town' | 'village';

export type Academisation = {
  kind: 'converter' | 'sponsor led' | 'free school';
  /** ISO. Undefined: an academy before the first year there is. */
  openedOn: string | undefined;
  /** A sponsored academy may start with a new establishment number. */
  newLaestab: boolean;
};

/** What is told of a school rather than drawn. Levels are on the log scale: 0.2 is about 20 % more absence. */
export type Story = {
  enrolments?: number;
  setting?: Setting;
  /** Eligible for free school meals in the last six years, %. */
  fsmPercent?: number;
  level?: number;
  /** Change of the level a year. */
  trend?: number;
  /** How much of the usual slow wander it has: less than 1 where a story must show through. */
  wanderShare?: number;
  /** Extra level of single years. */
  shocks?: Readonly<Record<AcademicYear, number>>;
  /** The first year with pupils; 2018/19 leaves a school without history. */
  opensIn?: AcademicYear;
  /** The last year with pupils. */
  closesAfter?: AcademicYear;
  /** A year in the middle without figures. */
  gapIn?: AcademicYear;
  allThrough?: boolean;
  /** null: never an academy. */
  academy?: Academisation | null;
  /** Which of its authority's trusts it is in, from 0. */
  trustSlot?: number;
};

export type CastMember = Story & {
  key: string;
  urn: Urn;
  /** Its URN before it became an academy. */
  previousUrn?: Urn;
  laestab: LaEstab;
  name: string;
  schoolType: SchoolType;
  /** What to remember it by. */
  role: string;
};

const primary = 'State-funded primary';
const secondary = 'State-funded secondary';

/**
 * The named cast: schools of the first authority that are there in every made-up England, whatever its seed, with the same
 * URNs and stories. Tests and the demo's pages lean on them.
 */
export const demoCast = {
  improvingSecondary: {
    key: 'improvingSecondary',
    urn: 900001,
    laestab: 9904001,
    name: marked('Lanternfield High School'),
    schoolType: secondary,
    role: 'A large town secondary with high absence that has fallen year after year.',
    enrolments: 1240,
    setting: 'town',
    fsmPercent: 41,
    level: 0.3,
    wanderShare: 0.1,
    trend: -0.055,
    academy: { kind: 'converter', openedOn: undefined, newLaestab: false },
    trustSlot: 0,
  },
  smallRuralPrimary: {
    key: 'smallRuralPrimary',
    urn: 900002,
    laestab: 9902001,
    name: marked('Teasel Green Primary'),
    schoolType: primary,
    role: 'A village primary of about fifty children, whose rate jumps about by luck alone.',
    enrolments: 52,
    setting: 'village',
    fsmPercent: 9,
    level: -0.05,
    academy: null,
  },
  specialWithoutMatch: {
    key: 'specialWithoutMatch',
    urn: 900003,
    laestab: 9907001,
    name: marked('Harbour Light Special School'),
    schoolType: 'Special',
    role: 'A small special school for children who are often in hospital: no good match.',
    enrolments: 38,
    setting: 'town',
    fsmPercent: 78,
    level: 0.8,
    wanderShare: 0.25,
    academy: null,
  },
  newWithoutHistory: {
    key: 'newWithoutHistory',
    urn: 900004,
    laestab: 9902002,
    name: marked('Cinder Quay Primary'),
    schoolType: primary,
    role: 'Opened lately: on the school census, with no published year of absence.',
    enrolments: 210,
    setting: 'city',
    fsmPercent: 24,
    level: 0,
    opensIn: 201819,
    academy: { kind: 'free school', openedOn: '2018-09-01', newLaestab: false },
    trustSlot: 1,
  },
  academisedChain: {
    key: 'academisedChain',
    urn: 900006,
    previousUrn: 900005,
    laestab: 9902003,
    name: marked('Sallow Drove Primary'),
    schoolType: primary,
    role: 'Became an academy in September 2015: new URN, same establishment number, one history.',
    enrolments: 330,
    setting: 'town',
    fsmPercent: 30,
    level: 0.08,
    wanderShare: 0.25,
    academy: { kind: 'converter', openedOn: '2015-09-01', newLaestab: false },
    trustSlot: 0,
  },
  sponsoredChain: {
    key: 'sponsoredChain',
    urn: 900008,
    previousUrn: 900007,
    laestab: 9904502,
    name: marked('Gannet Rise Academy'),
    schoolType: secondary,
    role: 'Taken over by a sponsor in January 2017 with a new URN and a new establishment number: only the link tells.',
    enrolments: 760,
    setting: 'city',
    fsmPercent: 47,
    level: 0.18,
    wanderShare: 0.25,
    academy: { kind: 'sponsor led', openedOn: '2017-01-01', newLaestab: true },
    trustSlot: 1,
  },
  shockYear: {
    key: 'shockYear',
    urn: 900009,
    laestab: 9902004,
    name: marked('Ebb Lane Primary'),
    schoolType: primary,
    role: 'A flood in 2016/17 sent it to another site for a term: one year far above the others.',
    enrolments: 405,
    setting: 'city',
    fsmPercent: 22,
    level: 0,
    wanderShare: 0.25,
    shocks: { 201617: 0.55 },
    academy: null,
  },
  schoolToLearnFrom: {
    key: 'schoolToLearnFrom',
    urn: 900010,
    laestab: 9904003,
    name: marked('Weathervane School'),
    schoolType: secondary,
    role: 'Like the improving secondary, in another trust near by, and better than expected two years running.',
    enrolments: 1130,
    setting: 'town',
    fsmPercent: 39,
    level: -0.02,
    wanderShare: 0.25,
    shocks: { 201617: -0.15, 201718: -0.25 },
    academy: { kind: 'converter', openedOn: undefined, newLaestab: false },
    trustSlot: 1,
  },
  oneYearOnly: {
    key: 'oneYearOnly',
    urn: 900011,
    laestab: 9902005,
    name: marked('Quillon Bridge Primary'),
    schoolType: primary,
    role: 'Opened not long ago: one published year of absence.',
    enrolments: 180,
    setting: 'city',
    fsmPercent: 17,
    level: -0.05,
    opensIn: 201718,
    academy: { kind: 'free school', openedOn: '2017-09-01', newLaestab: false },
    trustSlot: 0,
  },
  tinyPrimary: {
    key: 'tinyPrimary',
    urn: 900012,
    laestab: 9902006,
    name: marked('Outer Skerry Primary'),
    schoolType: primary,
    role: 'Nine or so children on an island: every count is too small to show.',
    enrolments: 9,
    setting: 'village',
    fsmPercent: 6,
    level: 0,
    academy: null,
  },
  allThrough: {
    key: 'allThrough',
    urn: 900013,
    laestab: 9904004,
    name: marked('Compass Rose School'),
    schoolType: secondary,
    role: 'An all-through school, counted among the secondaries.',
    enrolments: 1020,
    setting: 'town',
    fsmPercent: 28,
    level: -0.12,
    allThrough: true,
    academy: null,
  },
  closedSchool: {
    key: 'closedSchool',
    urn: 900014,
    laestab: 9902007,
    name: marked('Old Ropewalk Primary'),
    schoolType: primary,
    role: 'Closed in August 2016: it has a past, and no expectation.',
    enrolments: 120,
    setting: 'town',
    fsmPercent: 26,
    level: 0.1,
    closesAfter: 201516,
    academy: null,
  },
  gapInHistory: {
    key: 'gapInHistory',
    urn: 900015,
    laestab: 9902008,
    name: marked('Sluice End Primary'),
    schoolType: primary,
    role: 'Its figures for 2014/15 were never published: a year missing in the middle.',
    enrolments: 205,
    setting: 'town',
    fsmPercent: 20,
    level: 0.05,
    gapIn: 201415,
    academy: null,
  },
} as const satisfies Record<string, CastMember>;

export type CastKey = keyof typeof demoCast;

export const castMembers: readonly CastMember[] = Object.values(demoCast);
