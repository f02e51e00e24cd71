import type { Day } from '../base/day.ts';
import { makeUpn } from '../base/upn.ts';
import { demoCast } from './cast.ts';
import { marked } from './names.ts';
import type { CastPersonKey } from './people.ts';

/** A child of the named cast, before it has a number. Years are counted from the academic year it is today. */
export type CastChild = {
  /** For tests. */
  key: string;
  surname: string;
  forename: string;
  upn: string;
  dateOfBirth: Day;
  sex: 'F' | 'M';
  person: CastPersonKey | null;
  enrolments: {
    urn: number;
    yearGroup: string;
    className: string;
    entryDate: Day;
    leavingDate: Day | null;
  }[];
  characteristics: { fsm: boolean; sen: 'N' | 'K' | 'E'; eal: boolean; ethnicity: string };
  contacts: {
    name: string;
    relationship: string;
    telephone: string | null;
    email: string | null;
    responsibility: boolean;
    person: CastPersonKey | null;
    from: Day;
    to: Day | null;
  }[];
  cases: { person: CastPersonKey; service: string; from: Day; to: Day | null }[];
  restrictedBecause: string | null;
  /** The share of sessions that spells of absence take, 0–1, where the story wants one. */
  absence: number | null;
};

type Told = {
  forename: string;
  surname: string;
  sex: 'F' | 'M';
  /** `R`, `1` … `13`: the year group now, or in the last year at the school. */
  year: number;
  className: string;
  urn: number;
  role: string;
} & Partial<
  Pick<CastChild, 'person' | 'characteristics' | 'cases' | 'restrictedBecause'> & {
    parents: { person: CastPersonKey | null; name: string; relationship: string; until?: Day }[];
    /** Left at the end of the academic year so many years ago. */
    leftYearsAgo: number;
    /** Where it was before, until a year ago. */
    cameFrom: { urn: number; className: string };
    temporaryUpn: string;
    absence: number;
  }
>;

const { improvingSecondary, smallRuralPrimary, academisedChain, specialWithoutMatch } = demoCast;
const usual = { fsm: false, sen: 'N', eal: false, ethnicity: 'WBRI' } as const;

/** An authority that England does not have: no real child’s UPN begins like this. */
const laCode = '990';

/** Children whom the tests and the demo’s pages lean on, and what to remember each by. */
function castOf(today: Day): Record<string, Told> {
  const yearStart = academicYearStart(today);
  return {
    elderSibling: {
      ...{ forename: 'Merrin', surname: 'Whimbrel', sex: 'F', year: 7, className: '7B' },
      urn: improvingSecondary.urn,
      role: 'Two schools, one mother: her elder child; the father’s responsibility ended.',
      parents: [
        { person: 'parent', name: 'Ottoline Whimbrel', relationship: 'mother' },
        {
          ...{ person: 'formerParent', name: 'Lorcan Dunlin', relationship: 'father' },
          until: `${yearStart - 1}-12-31`,
        },
      ],
      cameFrom: { urn: academisedChain.urn, className: '6A' },
    },
    youngerSibling: {
      ...{ forename: 'Tamsel', surname: 'Whimbrel', sex: 'M', year: 2, className: '2A' },
      urn: academisedChain.urn,
      role: 'The same mother’s younger child, at another school.',
      parents: [{ person: 'parent', name: 'Ottoline Whimbrel', relationship: 'mother' }],
    },
    signsIn: {
      ...{ forename: 'Corvane', surname: 'Samphire', sex: 'M', year: 11, className: '11C' },
      urn: improvingSecondary.urn,
      role: 'Signs in himself.',
      absence: 0.11,
      person: 'pupil',
      parents: [{ person: 'otherParent', name: 'Brannock Samphire', relationship: 'father' }],
      characteristics: { fsm: true, sen: 'K', eal: false, ethnicity: 'WBRI' },
    },
    openCase: {
      ...{ forename: 'Ysolda', surname: 'Quillwort', sex: 'F', year: 7, className: '7B' },
      urn: improvingSecondary.urn,
      role: 'Has a social worker now.',
      absence: 0.24,
      parents: [{ person: null, name: 'Hesper Quillwort', relationship: 'mother' }],
      characteristics: { fsm: true, sen: 'K', eal: false, ethnicity: 'MWBC' },
      cases: [
        {
          ...{ person: 'socialWorker', service: 'social care' },
          ...{ from: `${yearStart}-09-14`, to: null },
        },
      ],
    },
    closedCase: {
      ...{ forename: 'Peregrin', surname: 'Bistort', sex: 'M', year: 9, className: '9A' },
      urn: improvingSecondary.urn,
      role: 'Had a social worker: the case is closed, and is nobody’s now.',
      absence: 0.06,
      parents: [{ person: null, name: 'Elowen Bistort', relationship: 'guardian' }],
      cases: [
        {
          ...{ person: 'socialWorker', service: 'social care' },
          ...{ from: `${yearStart - 1}-01-11`, to: `${yearStart}-07-17` },
        },
      ],
    },
    earlyHelp: {
      ...{ forename: 'Linnet', surname: 'Garganey', sex: 'F', year: 5, className: 'B' },
      urn: smallRuralPrimary.urn,
      role: 'In a village school of fifty, with early help.',
      absence: 0.14,
      parents: [{ person: null, name: 'Wren Garganey', relationship: 'father' }],
      cases: [
        {
          ...{ person: 'earlyHelp', service: 'early help' },
          ...{ from: `${yearStart}-09-21`, to: null },
        },
      ],
    },
    restricted: {
      ...{ forename: 'Isbel', surname: 'Plover', sex: 'F', year: 7, className: '7B' },
      urn: improvingSecondary.urn,
      role: 'Her record is restricted while the family disputes it.',
      parents: [{ person: null, name: 'Averil Plover', relationship: 'mother' }],
      restrictedBecause: 'The family disputes what is recorded.',
    },
    temporaryNumber: {
      ...{ forename: 'Rowanne', surname: 'Saltwort', sex: 'F', year: 8, className: '8A' },
      urn: improvingSecondary.urn,
      role: 'Came from abroad: her UPN is temporary.',
      absence: 0.05,
      temporaryUpn: 'A',
      characteristics: { fsm: false, sen: 'N', eal: true, ethnicity: 'WOTH' },
    },
    special: {
      ...{ forename: 'Jorren', surname: 'Marram', sex: 'M', year: 4, className: 'Oak' },
      urn: specialWithoutMatch.urn,
      role: 'At a special school, with a plan.',
      absence: 0.16,
      characteristics: { fsm: true, sen: 'E', eal: false, ethnicity: 'WBRI' },
    },
    classmateOne: {
      ...{ forename: 'Deverell', surname: 'Teasel', sex: 'M', year: 7, className: '7B' },
      urn: improvingSecondary.urn,
      role: 'In the teacher’s class.',
    },
    classmateTwo: {
      ...{ forename: 'Fenella', surname: 'Larkspur', sex: 'F', year: 7, className: '7B' },
      urn: improvingSecondary.urn,
      role: 'In the teacher’s class.',
    },
    otherClass: {
      ...{ forename: 'Oswin', surname: 'Godwit', sex: 'M', year: 8, className: '8A' },
      urn: improvingSecondary.urn,
      role: 'In another class.',
    },
    villageChild: {
      ...{ forename: 'Bryony', surname: 'Redshank', sex: 'F', year: 0, className: 'A' },
      urn: smallRuralPrimary.urn,
      role: 'In Reception in a village.',
    },
    leftLately: {
      ...{ forename: 'Caspian', surname: 'Avocet', sex: 'M', year: 11, className: '11A' },
      urn: improvingSecondary.urn,
      role: 'Left last summer.',
      leftYearsAgo: 1,
    },
    leftLongAgo: {
      ...{ forename: 'Sidony', surname: 'Milkwort', sex: 'F', year: 11, className: '11B' },
      urn: improvingSecondary.urn,
      role: 'Left so long ago that the record need not be kept.',
      leftYearsAgo: 9,
    },
  };
}

/** The children of the named cast as they are today: the same for the same day. */
export function castChildren(today: Day): CastChild[] {
  return Object.entries(castOf(today)).map(([key, told], index) =>
    childOf(key, told, index + 1, academicYearStart(today)),
  );
}

function childOf(key: string, told: Told, ordinal: number, thisYear: number): CastChild {
  const lastYear = thisYear - (told.leftYearsAgo ?? 0);
  const birthYear = lastYear - 5 - told.year;
  const entered = told.cameFrom ? thisYear : lastYear - (told.year % 7);
  const now = {
    ...{ urn: told.urn, yearGroup: told.year === 0 ? 'R' : String(told.year) },
    ...{ className: told.className, entryDate: `${entered}-09-01` },
    leavingDate: told.leftYearsAgo === undefined ? null : `${lastYear + 1}-07-21`,
  };
  const before = told.cameFrom && {
    ...{ urn: told.cameFrom.urn, className: told.cameFrom.className },
    ...{ yearGroup: String(told.year - 1), entryDate: `${birthYear + 5}-09-01` },
    leavingDate: `${thisYear}-07-21`,
  };
  const temporary = told.temporaryUpn === undefined ? {} : { temporary: told.temporaryUpn };
  return {
    ...{ key, surname: marked(told.surname), forename: told.forename, sex: told.sex },
    upn: makeUpn({
      ...{ laCode, establishment: told.urn % 10_000, year: birthYear + 5, serial: ordinal },
      ...temporary,
    }),
    dateOfBirth: `${birthYear}-${['10', '11', '12'][ordinal % 3]}-${String(10 + ordinal)}`,
    person: told.person ?? null,
    enrolments: before ? [before, now] : [now],
    characteristics: told.characteristics ?? usual,
    contacts: (told.parents ?? []).map((parent, at) => ({
      ...{ name: marked(parent.name), relationship: parent.relationship, person: parent.person },
      // Kept free by Ofcom for drama: nobody’s number.
      telephone: `07700 900${String(100 + ordinal * 5 + at)}`,
      email: `contact-${ordinal}-${at + 1}@families.example`,
      ...{ responsibility: true, from: `${birthYear + 5}-09-01`, to: parent.until ?? null },
    })),
    cases: told.cases ?? [],
    restrictedBecause: told.restrictedBecause ?? null,
    absence: told.absence ?? null,
  };
}

/** 2026 for every day from 1 September 2026 to 31 August 2027. */
function academicYearStart(today: Day): number {
  const [year = 0, month = 0] = today.split('-').map(Number);
  return month >= 9 ? year : year - 1;
}
