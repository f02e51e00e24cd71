import type { Role } from '../access/index.ts';
import type { Directory } from '../schools/index.ts';
import { demoCast } from './cast.ts';
import { mark } from './names.ts';

/** Somebody of the named cast who can sign in, and as what. */
export type CastPerson = {
  key: CastPersonKey;
  /** Their name at the demo’s identity provider, for ever the same. */
  subject: string;
  givenName: string;
  /** With the mark: nobody is called so. */
  familyName: string;
  email: string;
  /** What to know them by: `Head of Lanternfield High School (made-up)`. */
  hint: string;
  appointments: { role: Role; scope: string | null; startsOn: string; endsOn: string | null }[];
};

const startsOn = '2018-09-01';

type Told = {
  givenName: string;
  familyName: string;
  hint: string;
  role: Role;
  scope?: string;
  /** The last day, of what is over. */
  endsOn?: string;
};

const notOfSchools = {
  department: {
    ...{ givenName: 'Septima', familyName: 'Turnstone', role: 'department' },
    hint: 'Analyst at the department: every figure, and no child',
  },
  socialWorker: {
    ...{ givenName: 'Tiberio', familyName: 'Sundew', role: 'social-worker' },
    hint: 'Social worker: one child whose case is his now, one whose case is closed',
  },
  earlyHelp: {
    ...{ givenName: 'Marigold', familyName: 'Feverfew', role: 'early-help' },
    hint: 'Early-help worker: one child',
  },
  parent: {
    ...{ givenName: 'Ottoline', familyName: 'Whimbrel', role: 'parent' },
    hint: 'Mother of two children at two schools',
  },
  otherParent: {
    ...{ givenName: 'Brannock', familyName: 'Samphire', role: 'parent' },
    hint: 'Father of a boy in Year 11',
  },
  formerParent: {
    ...{ givenName: 'Lorcan', familyName: 'Dunlin', role: 'parent' },
    hint: 'Father whose parental responsibility ended: he sees no child',
  },
  pupil: {
    ...{ givenName: 'Corvane', familyName: 'Samphire', role: 'pupil' },
    hint: 'A boy in Year 11',
  },
  hub: {
    ...{ givenName: 'Calder', familyName: 'Pennywort', role: 'hub', scope: 'north-coast' },
    hint: 'Lead of a support hub',
  },
  auditor: {
    ...{ givenName: 'Prudence', familyName: 'Waxwing', role: 'auditor' },
    hint: 'Auditor: who looked at what, and no child',
  },
  administrator: {
    ...{ givenName: 'Rufus', familyName: 'Toadflax', role: 'administrator' },
    hint: 'Administrator: who may sign in, and no child',
  },
} as const satisfies Record<string, Told>;

/** Of a school and its area: their scopes come from the directory. */
const ofSchools = [
  'head',
  'formerHead',
  'villageHead',
  'attendanceStaff',
  'teacher',
  'trustLead',
  'authorityOfficer',
  'authorityAnalyst',
  'adviser',
  'inspector',
] as const;

export type CastPersonKey = keyof typeof notOfSchools | (typeof ofSchools)[number];

/** Whoever can sign in to the demo: at least one person of every role. Empty before its schools are loaded. */
export function castPeople(directory: Directory): CastPerson[] {
  const school = directory.find(demoCast.improvingSecondary.urn);
  const village = directory.find(demoCast.smallRuralPrimary.urn);
  if (!school || !village) return [];
  const urn = String(school.urn);
  const { laCode, laName, regionCode, regionName, trust } = school;
  const told: Record<(typeof ofSchools)[number], Told> = {
    head: {
      ...{ givenName: 'Isolde', familyName: 'Kittiwake', role: 'head', scope: urn },
      hint: `Head of ${school.name}`,
    },
    formerHead: {
      ...{ givenName: 'Ambrose', familyName: 'Fieldfare', role: 'head', scope: urn },
      hint: `Was head of ${school.name}: sees what anyone sees`,
      endsOn: '2023-08-31',
    },
    villageHead: {
      ...{ givenName: 'Hyacinth', familyName: 'Moorhen', role: 'head' },
      ...{ scope: String(village.urn), hint: `Head of ${village.name}` },
    },
    attendanceStaff: {
      ...{ givenName: 'Osric', familyName: 'Sandwort', role: 'school', scope: urn },
      hint: `Attendance officer of ${school.name}`,
    },
    teacher: {
      ...{ givenName: 'Clover', familyName: 'Dotterel', role: 'teacher', scope: `${urn}/7B` },
      hint: `Teacher of class 7B at ${school.name}`,
    },
    trustLead: {
      ...{ givenName: 'Evander', familyName: 'Goldcrest', role: 'trust', scope: trust?.uid ?? '' },
      hint: `Attendance lead of ${trust?.name ?? 'a trust'}`,
    },
    authorityOfficer: {
      ...{ givenName: 'Petronel', familyName: 'Natterjack', role: 'authority', scope: laCode },
      hint: `Attendance officer of ${laName}`,
    },
    authorityAnalyst: {
      ...{ givenName: 'Lysander', familyName: 'Campion', role: 'analyst', scope: laCode },
      hint: `Analyst of ${laName}: figures, and no child`,
    },
    adviser: {
      ...{ givenName: 'Rosamund', familyName: 'Pochard', role: 'adviser', scope: regionCode },
      hint: `Regional adviser for ${regionName}`,
    },
    inspector: {
      ...{ givenName: 'Thaddeus', familyName: 'Merganser', role: 'inspector', scope: laCode },
      hint: `Inspector in ${laName}: absence, and never an expectation`,
    },
  };
  return Object.entries({ ...told, ...notOfSchools } as Record<CastPersonKey, Told>)
    .filter(([, { scope }]) => scope !== '')
    .map(([key, each]) => ({
      ...{ key: key as CastPersonKey, subject: `cast-${key}` },
      ...{ givenName: each.givenName, familyName: `${each.familyName} ${mark}` },
      email: `${each.givenName}.${each.familyName}@people.example`.toLowerCase(),
      hint: each.hint,
      appointments: [
        { role: each.role, scope: each.scope ?? null, startsOn, endsOn: each.endsOn ?? null },
      ],
    }));
}
