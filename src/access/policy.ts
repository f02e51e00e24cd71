import { Refusal } from '../base/problem.ts';
import { type Role, roleNames, type Viewer } from './viewer.ts';

/** What can be asked for, each with what it means. */
export const dataClasses = {
  'public statistic': 'What the department published about schools and areas.',
  'school statistic':
    'Figures of a school or area that are counted from its own registers and not published.',
  'issued expectation':
    'What Rollcall told a school: forecast, expectation, ladder, reasons, similar schools, schools to learn from. For support and never for accountability.',
  'pupil attendance': 'A child’s name, class and attendance.',
  'pupil characteristics':
    'What else a school holds of a child: free school meals, special needs, first language, ethnicity, contacts.',
  'link to another service': 'That another service knows a child, and which.',
  audit: 'Who looked at what, when and for which purpose.',
  administration: 'Who may sign in as what, keys of other systems, and how the system is.',
  'own sign-in': 'Signing in and out, and as what and for what one is signed in oneself.',
  demonstration: 'Choosing whom to be, in the demonstration alone.',
} as const;
export type DataClass = keyof typeof dataClasses;
export const dataClassNames = Object.keys(dataClasses) as DataClass[];

/** What a browser, or a proxy before it, may keep of an answer with this class of data in it: the `cache-control` header. */
export const mayBeKept: Record<DataClass, 'private, no-cache' | 'no-store'> = {
  'public statistic': 'private, no-cache',
  'school statistic': 'no-store',
  'issued expectation': 'no-store',
  'pupil attendance': 'no-store',
  'pupil characteristics': 'no-store',
  'link to another service': 'no-store',
  audit: 'no-store',
  administration: 'no-store',
  'own sign-in': 'no-store',
  demonstration: 'private, no-cache',
};

/** About single children. Asking needs a purpose, and every answer and refusal leaves a trace. */
export const pupilData = [
  'pupil attendance',
  'pupil characteristics',
  'link to another service',
] as const satisfies readonly DataClass[];

/** Why somebody may ask about a child. */
export const purposes = {
  attendance: 'Following up absence and supporting attendance',
  safeguarding: 'Keeping a child safe',
  'early-help': 'Early help for a child and family',
  'own-record': 'Seeing what is held about me or my child',
  oversight: 'Checking that the system is used as it should be',
  emergency: 'An emergency, explained at once and reviewed afterwards',
} as const;
export type Purpose = keyof typeof purposes;

/** What is asked about. Empty: about no school, area or child in particular. */
export type Subject = {
  urns?: readonly number[];
  trustUid?: string | null;
  laCode?: string | null;
  regionCode?: string | null;
  hubs?: readonly string[];
  /** Of a child. */
  pupil?: {
    id: number;
    /** `100000/7B`. */
    classes: readonly string[];
    /** Numbers of people: with parental responsibility; whose case the child is now; the child itself. */
    parents: readonly number[];
    caseworkers: readonly number[];
    self: number | null;
  };
};

/** How a viewer can belong to a subject. */
type Relation =
  | 'school'
  | 'class'
  | 'trust'
  | 'authority'
  | 'region'
  | 'hub'
  | 'caseload'
  | 'child'
  | 'self';

export type Rule =
  | { allow: 'always' }
  | {
      allow: 'own';
      relation: Relation;
      /** Why not, when it is not the viewer's own. */
      otherwise: string;
      purposes?: readonly Purpose[];
      /** Somebody else's child may be looked at in an emergency: loud, for an hour, and reviewed. */
      emergency?: true;
    }
  | { allow: 'never'; because: string };

const always: Rule = { allow: 'always' };
const never = (because: string): Rule => ({ allow: 'never', because });

function everyone(rule: Rule): Record<Role, Rule> {
  return Object.fromEntries(roleNames.map((role) => [role, rule])) as Record<Role, Rule>;
}

const support = 'Expectations are for support, never for accountability.';
const noChild = (who: string) => never(`${who} no single child’s record.`);

const ownSchool = 'A school sees its own pupils, and those of no other school.';
const ownClass = 'A class teacher sees the pupils of their own class.';
const ownTrust = 'A trust sees the pupils of its own schools.';
const ownArea = 'A local authority sees the pupils of the schools in its own area.';
const ownCases = 'You see the children whose case is yours now, and no other.';
const ownChild = 'A parent sees their own children’s records.';
const ownSelf = 'A pupil sees their own record.';

const attendance = ['attendance', 'safeguarding'] as const;
const helping = ['early-help', 'safeguarding'] as const;
const ownRecord = ['own-record'] as const;

const nobodysChild = {
  operator: always,
  department: noChild('The department sees figures of schools and areas, and'),
  adviser: noChild('A regional adviser sees figures of schools and areas, and'),
  analyst: noChild('An analyst sees figures of schools and areas, and'),
  hub: noChild('A support hub sees figures of its schools, and'),
  inspector: noChild('An inspector sees figures of schools, and'),
  system: noChild('A school’s information system sends registers; with its key it reads'),
  auditor: noChild('An auditor sees who looked at what, and'),
  administrator: noChild('An administrator runs the system and sees'),
  public: noChild('The public sees what is published, and'),
} satisfies Partial<Record<Role, Rule>>;

const pupilAttendance: Record<Role, Rule> = {
  ...nobodysChild,
  authority: {
    allow: 'own',
    relation: 'authority',
    otherwise: ownArea,
    purposes: attendance,
    emergency: true,
  },
  trust: { allow: 'own', relation: 'trust', otherwise: ownTrust, purposes: attendance },
  head: {
    allow: 'own',
    relation: 'school',
    otherwise: ownSchool,
    purposes: attendance,
    emergency: true,
  },
  school: {
    allow: 'own',
    relation: 'school',
    otherwise: ownSchool,
    purposes: attendance,
    emergency: true,
  },
  teacher: { allow: 'own', relation: 'class', otherwise: ownClass, purposes: attendance },
  'social-worker': {
    allow: 'own',
    relation: 'caseload',
    otherwise: ownCases,
    purposes: helping,
    emergency: true,
  },
  'early-help': {
    allow: 'own',
    relation: 'caseload',
    otherwise: ownCases,
    purposes: helping,
    emergency: true,
  },
  parent: { allow: 'own', relation: 'child', otherwise: ownChild, purposes: ownRecord },
  pupil: { allow: 'own', relation: 'self', otherwise: ownSelf, purposes: ownRecord },
};

/** The whole policy. A pair that is not allowed here is refused; a role or a class that is missing does not compile. */
export const policy: Record<DataClass, Record<Role, Rule>> = {
  'public statistic': everyone(always),
  demonstration: everyone(always),
  'own sign-in': everyone(always),
  'school statistic': {
    operator: always,
    department: always,
    adviser: {
      allow: 'own',
      relation: 'region',
      otherwise: 'A regional adviser sees the figures of schools in their region.',
    },
    authority: {
      allow: 'own',
      relation: 'authority',
      otherwise: 'A local authority sees the figures of schools in its own area.',
    },
    analyst: {
      allow: 'own',
      relation: 'authority',
      otherwise: 'A local authority sees the figures of schools in its own area.',
    },
    trust: {
      allow: 'own',
      relation: 'trust',
      otherwise: 'A trust sees the figures of its own schools.',
    },
    hub: {
      allow: 'own',
      relation: 'hub',
      otherwise: 'A support hub sees the figures of the schools it supports.',
    },
    head: { allow: 'own', relation: 'school', otherwise: 'A school sees its own figures.' },
    school: { allow: 'own', relation: 'school', otherwise: 'A school sees its own figures.' },
    teacher: never('A class teacher sees their own class.'),
    'social-worker': never('A social worker sees the children whose case is theirs.'),
    'early-help': never('An early-help worker sees the children whose case is theirs.'),
    inspector: {
      allow: 'own',
      relation: 'authority',
      otherwise: 'An inspector sees the absence of schools in the area they inspect.',
    },
    parent: never('A parent sees what is published, and their own children’s records.'),
    pupil: never('A pupil sees what is published, and their own record.'),
    system: never('A school’s information system sends registers; with its key it reads none.'),
    auditor: never('An auditor sees who looked at what, and not what they saw.'),
    administrator: never('An administrator runs the system, and sees what is published.'),
    public: never('These figures are not published.'),
  },
  'issued expectation': {
    ...everyone(
      never(
        `${support} They are shown to the school itself, its trust, its local authority and the department.`,
      ),
    ),
    operator: always,
    department: always,
    authority: {
      allow: 'own',
      relation: 'authority',
      otherwise:
        'A local authority sees the expectations of the schools in its own area, so that it can support them.',
    },
    analyst: {
      allow: 'own',
      relation: 'authority',
      otherwise:
        'A local authority sees the expectations of the schools in its own area, so that it can support them.',
    },
    trust: {
      allow: 'own',
      relation: 'trust',
      otherwise: 'A trust sees the expectations of its own schools, so that it can support them.',
    },
    head: {
      allow: 'own',
      relation: 'school',
      otherwise:
        'A school sees its own expectation and no other school’s: schools are never set against each other by them.',
    },
    school: {
      allow: 'own',
      relation: 'school',
      otherwise:
        'A school sees its own expectation and no other school’s: schools are never set against each other by them.',
    },
    inspector: never(
      `${support} An inspector sees a school’s published absence, and never what it was expected to reach.`,
    ),
  },
  'pupil attendance': pupilAttendance,
  'pupil characteristics': {
    ...pupilAttendance,
    teacher: never(
      'A class teacher sees who is in the class and whether they came; what else is held of a child is for those who plan support.',
    ),
  },
  'link to another service': {
    ...pupilAttendance,
    trust: never('That another service knows a child is for the school’s head and that service.'),
    school: never('That another service knows a child is for the school’s head and that service.'),
    teacher: never('That another service knows a child is for the school’s head and that service.'),
    parent: never(
      'Ask your school or your local authority: a person looks at it first, because telling can put a child at risk.',
    ),
    pupil: never('Ask your school or your local authority: a person looks at it with you.'),
  },
  audit: {
    ...everyone(never('Who looked at what is for the auditor, and for the family it is about.')),
    operator: always,
    auditor: always,
    parent: { allow: 'own', relation: 'child', otherwise: ownChild, purposes: ownRecord },
    pupil: { allow: 'own', relation: 'self', otherwise: ownSelf, purposes: ownRecord },
  },
  administration: {
    ...everyone(never('Only an administrator changes who may sign in as what.')),
    operator: always,
    administrator: always,
  },
};

export type Decision = { allowed: true } | { allowed: false; reason: string };

/** May this viewer see this class of data about this subject? With the reason in words when not. */
export function decide(viewer: Viewer, data: DataClass, subject: Subject): Decision {
  const rule = policy[data][viewer.role];
  if (rule.allow === 'always') return { allowed: true };
  if (rule.allow === 'never') return { allowed: false, reason: rule.because };
  return isOwn(viewer, rule.relation, subject)
    ? { allowed: true }
    : { allowed: false, reason: rule.otherwise };
}

/** Refuses with `not-allowed` when the policy does. */
export function allowOrRefuse(viewer: Viewer, data: DataClass, subject: Subject): void {
  const decision = decide(viewer, data, subject);
  if (!decision.allowed) throw new Refusal('not-allowed', decision.reason);
}

/** Nothing belongs to nobody: a viewer without a scope, or a subject without one, is no match. */
function isOwn({ scope, person }: Viewer, relation: Relation, subject: Subject): boolean {
  const { pupil } = subject;
  switch (relation) {
    case 'school':
      return scope !== null && (subject.urns ?? []).map(String).includes(scope);
    case 'class':
      return scope !== null && (pupil?.classes ?? []).includes(scope);
    case 'trust':
      return scope !== null && subject.trustUid === scope;
    case 'authority':
      return scope !== null && subject.laCode === scope;
    case 'region':
      return scope !== null && subject.regionCode === scope;
    case 'hub':
      return scope !== null && (subject.hubs ?? []).includes(scope);
    case 'caseload':
      return person !== undefined && (pupil?.caseworkers ?? []).includes(person);
    case 'child':
      return person !== undefined && (pupil?.parents ?? []).includes(person);
    case 'self':
      return person !== undefined && pupil?.self === person;
  }
}
