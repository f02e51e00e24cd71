import { Refusal } from '../base/problem.ts';
import { type Role, roleNames, type Viewer, viewerText } from './viewer.ts';

/** What can be asked for, each with what it means. */
export const dataClasses = {
  'public statistic': 'What the department published about schools and areas.',
  'school statistic':
    'Figures of a school or area that are counted from its own registers and not published; and whether they are those of the school’s own system. Which schools a hub supports comes later, and until then a hub sees none.',
  'attendance pattern':
    'What is unusual in the attendance of a school or area, found in its registers and told to those who can help; and whether it was useful to them.',
  'issued expectation':
    'What Rollcall told a school: forecast, expectation, ladder, reasons, similar schools, schools to learn from. For support and never for accountability.',
  'pupil attendance': 'A child’s name, class and attendance.',
  worklist:
    'Which of a school’s children its worklist puts first and why, what the school wrote of each, and who has it there.',
  'registers sent':
    'What a school sends of its registers: each file, what was found wrong in it by row and column, and what became of it. No child is named.',
  'pupil characteristics':
    'What else a school holds of a child: date of birth, free school meals, special needs, first language, ethnicity.',
  'family contacts': 'Who a child’s parents and carers are, and how to reach them.',
  'request for correction':
    'What was asked to be put right in a child’s record, and what became of it.',
  'link to another service': 'That another service knows a child, and which.',
  'opening in an emergency': 'Opening the record of a child who is not one’s own, for an hour.',
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
  'attendance pattern': 'no-store',
  'issued expectation': 'no-store',
  'pupil attendance': 'no-store',
  worklist: 'no-store',
  'registers sent': 'no-store',
  'pupil characteristics': 'no-store',
  'family contacts': 'no-store',
  'request for correction': 'no-store',
  'link to another service': 'no-store',
  'opening in an emergency': 'no-store',
  audit: 'no-store',
  administration: 'no-store',
  'own sign-in': 'no-store',
  demonstration: 'private, no-cache',
};

/** About single children. Asking needs a purpose, and every answer and refusal leaves a trace. */
export const pupilData = [
  'pupil attendance',
  'worklist',
  'pupil characteristics',
  'family contacts',
  'request for correction',
  'link to another service',
] as const satisfies readonly DataClass[];

/** Why somebody may ask about a child. */
export const purposes = {
  attendance: 'Following up absence and supporting attendance',
  safeguarding: 'Keeping a child safe',
  'early-help': 'Early help for a child and family',
  'own-record': 'Seeing what is held about me or my child',
  'record-keeping': 'Putting a record right, and keeping it no longer than needed',
  oversight: 'Checking that the system is used as it should be',
  emergency: 'An emergency, explained at once and reviewed afterwards',
} as const;
export type Purpose = keyof typeof purposes;

/** To look, or to change something. Who may change may look. */
export type Act = 'see' | 'change';

/** What is asked about. Empty: about no school, area or child in particular. */
export type Subject = {
  urns?: readonly number[];
  /** More than one of a child that is registered at two schools. */
  trustUids?: readonly string[];
  laCodes?: readonly string[];
  regionCodes?: readonly string[];
  hubs?: readonly string[];
  pupil?: PupilSubject;
  /** One contact of the child: the number of the person it is, null for one who does not sign in. */
  contact?: { person: number | null };
};

/** Of a child, as things stand now. People are numbers. */
export type PupilSubject = {
  id: number;
  /** `100000/7B`. */
  classes: readonly string[];
  /** With parental responsibility. */
  parents: readonly number[];
  /** Whose case the child is, and for which service. */
  cases: readonly { person: number; service: string }[];
  self: number | null;
  /** Who has opened the record in an emergency, and as what: `head:100000`. */
  emergencies: readonly { person: number; viewer: string; closesAt: Date }[];
  /** Kept and not used, until a question about it is settled. */
  restricted: boolean;
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
  | 'contact'
  | 'self';

type Limits = {
  /** One of these has to be what the viewer looks for. */
  purposes?: readonly Purpose[];
  /** May change it too. */
  changes?: true;
  /**
   * Of a restricted record too: its head, the family, whose right to see what is held goes on, and whose open case the
   * child is. An emergency opens one as well (UK GDPR, Article 18(2): the rights of another person).
   */
  restricted?: true;
};

export type Rule =
  | ({ allow: 'always' } & Limits)
  | ({
      allow: 'own';
      relation: Relation;
      /** Why not, when it is not the viewer's own. */
      otherwise: string;
      /** Somebody else's child may be looked at in an emergency: loud, for an hour, and reviewed. */
      emergency?: true;
    } & Limits)
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

const ownSchoolPatterns = 'A school sees the patterns of its own registers.';
const ownAreaPatterns =
  'A local authority sees the patterns of its own area and of the schools in it.';

const attending = ['attendance', 'safeguarding'] as const;
const schoolWork = [...attending, 'record-keeping'] as const;
const helping = ['early-help', 'safeguarding'] as const;
const ownRecord = ['own-record'] as const;
const oversight = ['oversight'] as const;

/** At the command line of the machine itself: what the family asks for, and what the law says of keeping. */
const operatorOnChild: Rule = {
  allow: 'always',
  purposes: ['own-record', 'record-keeping', 'safeguarding', 'oversight'],
  changes: true,
  restricted: true,
};

const nobodysChild = {
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

const headOfChild = {
  allow: 'own',
  relation: 'school',
  otherwise: ownSchool,
  purposes: schoolWork,
  restricted: true,
} as const satisfies Rule;

const staffOfChild = {
  allow: 'own',
  relation: 'school',
  otherwise: ownSchool,
  purposes: schoolWork,
} as const satisfies Rule;

const sender = {
  allow: 'own',
  relation: 'school',
  otherwise: 'A school sends its own registers, and sees what became of them.',
} as const satisfies Rule;

const caseworker = {
  allow: 'own',
  relation: 'caseload',
  otherwise: ownCases,
  purposes: helping,
  emergency: true,
  restricted: true,
} as const satisfies Rule;

const parentOfChild = {
  allow: 'own',
  relation: 'child',
  otherwise: ownChild,
  purposes: ownRecord,
  restricted: true,
} as const satisfies Rule;

const pupilSelf = {
  allow: 'own',
  relation: 'self',
  otherwise: ownSelf,
  purposes: ownRecord,
  restricted: true,
} as const satisfies Rule;

const pupilAttendance: Record<Role, Rule> = {
  ...nobodysChild,
  operator: operatorOnChild,
  authority: {
    ...{ allow: 'own', relation: 'authority', otherwise: ownArea },
    ...{ purposes: attending, emergency: true },
  },
  trust: { allow: 'own', relation: 'trust', otherwise: ownTrust, purposes: attending },
  head: { ...headOfChild, emergency: true, changes: true },
  school: { ...staffOfChild, emergency: true, changes: true },
  teacher: { allow: 'own', relation: 'class', otherwise: ownClass, purposes: attending },
  'social-worker': caseworker,
  'early-help': caseworker,
  parent: parentOfChild,
  pupil: pupilSelf,
};

const pupilCharacteristics: Record<Role, Rule> = {
  ...pupilAttendance,
  school: { ...staffOfChild, emergency: true },
  teacher: never(
    'A class teacher sees who is in the class and whether they came; what else is held of a child is for those who plan support.',
  ),
};

const notForLinks = never(
  'That another service knows a child is for the head, who keeps children safe at the school, and for that service.',
);

/** The whole policy. A pair that is not allowed here is refused; a role or a class that is missing does not compile. */
export const policy: Record<DataClass, Record<Role, Rule>> = {
  'public statistic': everyone(always),
  demonstration: everyone({ allow: 'always', changes: true }),
  'own sign-in': everyone({ allow: 'always', changes: true }),
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
    head: {
      ...{ allow: 'own', relation: 'school', otherwise: 'A school sees its own figures.' },
      changes: true,
    },
    school: {
      ...{ allow: 'own', relation: 'school', otherwise: 'A school sees its own figures.' },
      changes: true,
    },
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
  'attendance pattern': {
    ...everyone(
      never(
        'What is unusual in a school’s registers is told to the school itself, its trust, its local authority and those who support it, so that somebody can help early.',
      ),
    ),
    operator: always,
    department: always,
    adviser: {
      allow: 'own',
      relation: 'region',
      otherwise: 'A regional adviser sees the patterns of schools in their region.',
    },
    authority: {
      ...{ allow: 'own', relation: 'authority', otherwise: ownAreaPatterns },
      changes: true,
    },
    analyst: { allow: 'own', relation: 'authority', otherwise: ownAreaPatterns },
    trust: {
      allow: 'own',
      relation: 'trust',
      otherwise: 'A trust sees the patterns of its own schools.',
    },
    head: { ...{ allow: 'own', relation: 'school', otherwise: ownSchoolPatterns }, changes: true },
    school: {
      ...{ allow: 'own', relation: 'school', otherwise: ownSchoolPatterns },
      changes: true,
    },
    inspector: never(
      'What is unusual in a school’s registers is told for support, never for accountability. An inspector sees absence, and not what the school was told of it.',
    ),
    public: never('What is unusual in a school’s registers is not published.'),
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
      changes: true,
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
  worklist: {
    ...everyone(
      never(
        'A worklist, and what is written on it, is the school’s own: its head and its attendance staff see it.',
      ),
    ),
    operator: operatorOnChild,
    head: { ...headOfChild, changes: true },
    school: { ...staffOfChild, changes: true },
    inspector: never(
      'A worklist helps a school to see early who needs somebody, and is never for accountability. An inspector sees absence.',
    ),
    parent: parentOfChild,
    pupil: pupilSelf,
  },
  'registers sent': {
    ...everyone(
      never(
        'What a school sends of its registers is for the school, and for whoever runs the system.',
      ),
    ),
    operator: { allow: 'always', changes: true },
    head: { ...sender, changes: true },
    school: { ...sender, changes: true },
    system: { ...sender, changes: true },
  },
  'pupil characteristics': pupilCharacteristics,
  'family contacts': {
    ...pupilCharacteristics,
    trust: never('A trust does not get in touch with families: the school does.'),
    parent: {
      ...{ allow: 'own', relation: 'contact', purposes: ownRecord, restricted: true },
      otherwise: 'A parent sees what is held of themselves, and not of another contact.',
    },
    pupil: never('What your contacts gave of themselves is theirs.'),
  },
  'request for correction': {
    ...everyone(
      never('A correction is asked for by the child’s family or school, and the head decides.'),
    ),
    operator: operatorOnChild,
    head: { ...headOfChild, changes: true },
    school: { ...staffOfChild, changes: true },
    parent: { ...parentOfChild, changes: true },
    pupil: { ...pupilSelf, changes: true },
  },
  'link to another service': {
    ...nobodysChild,
    operator: operatorOnChild,
    authority: notForLinks,
    trust: notForLinks,
    head: { ...headOfChild, purposes: ['safeguarding'], emergency: true },
    school: notForLinks,
    teacher: notForLinks,
    'social-worker': caseworker,
    'early-help': caseworker,
    parent: never(
      'Ask your school or your local authority: a person looks at it first, because telling can put a child at risk.',
    ),
    pupil: never('Ask your school or your local authority: a person looks at it with you.'),
  },
  'opening in an emergency': {
    ...everyone(
      never(
        'Nobody in your role opens a record in an emergency. If a child is in danger now, ring 999.',
      ),
    ),
    authority: { allow: 'always', changes: true },
    head: { allow: 'always', changes: true },
    school: { allow: 'always', changes: true },
    'social-worker': { allow: 'always', changes: true },
    'early-help': { allow: 'always', changes: true },
  },
  audit: {
    ...everyone(never('Who looked at what is for the auditor, and for the family it is about.')),
    operator: { allow: 'always', purposes: ['oversight', 'own-record'], changes: true },
    auditor: { allow: 'always', purposes: oversight, changes: true },
    parent: { ...parentOfChild },
    pupil: { ...pupilSelf },
  },
  administration: {
    ...everyone(never('Only an administrator changes who may sign in as what.')),
    operator: { allow: 'always', changes: true },
    administrator: { allow: 'always', changes: true },
  },
};

export type Decision = { allowed: true; emergency: boolean } | Refused;
export type Refused = {
  allowed: false;
  why: 'never' | 'not own' | 'only to look' | 'restricted' | 'no purpose';
  reason: string;
};

/**
 * May this viewer see (or change) this class of data about this subject, for this purpose? With the reason in words when
 * not. What an emergency opened may be seen, and not changed.
 */
export function decide(
  viewer: Viewer,
  data: DataClass,
  subject: Subject,
  { act = 'see', purpose = null }: { act?: Act; purpose?: Purpose | null } = {},
): Decision {
  const rule = policy[data][viewer.role];
  if (rule.allow === 'never') return { allowed: false, why: 'never', reason: rule.because };
  const own = rule.allow === 'always' || isOwn(viewer, rule.relation, subject);
  const emergency = !own && rule.emergency === true && isOpened(viewer, subject);
  if (!own && !emergency) return { allowed: false, why: 'not own', reason: rule.otherwise };
  if (subject.pupil?.restricted && isPupilData(data) && !emergency && !rule.restricted) {
    return { allowed: false, why: 'restricted', reason: restrictedText };
  }
  if (act === 'change' && (emergency || !rule.changes)) {
    return { allowed: false, why: 'only to look', reason: 'You may see this, and not change it.' };
  }
  if (!emergency && rule.purposes && !(purpose && rule.purposes.includes(purpose))) {
    return { allowed: false, why: 'no purpose', reason: purposeText(rule.purposes) };
  }
  return { allowed: true, emergency };
}

const isPupilData = (data: DataClass) => (pupilData as readonly DataClass[]).includes(data);

const restrictedText =
  'This record is restricted: it is kept and not used until a question about it is settled. Ask the head of the child’s school. If the child is in danger now, ring 999.';

function purposeText(allowed: readonly Purpose[]): string {
  const ways = allowed.map((each) => `“${purposes[each]}”`).join(' or ');
  return `Say first what you look for: ${ways}.`;
}

/** For what a role may look at a class of data; empty where no purpose is asked for. */
export function purposesFor(role: Role, data: DataClass): readonly Purpose[] {
  const rule = policy[data][role];
  return rule.allow === 'never' ? [] : (rule.purposes ?? []);
}

/** For what somebody in this role may choose to look at children’s data. An emergency is not chosen: it is declared. */
export function purposesOf(role: Role): Purpose[] {
  const allowed = new Set(pupilData.flatMap((data) => purposesFor(role, data)));
  return (Object.keys(purposes) as Purpose[]).filter((purpose) => allowed.has(purpose));
}

/** Refuses with `not-allowed` when the policy does. */
export function allowOrRefuse(...asked: Parameters<typeof decide>): void {
  const decision = decide(...asked);
  if (!decision.allowed) throw new Refusal('not-allowed', decision.reason);
}

/** Nothing belongs to nobody: a viewer without a scope, or a subject without one, is no match. */
function isOwn({ role, scope, person }: Viewer, relation: Relation, subject: Subject): boolean {
  const { pupil } = subject;
  const has = (codes: readonly string[] | undefined) => scope !== null && codes?.includes(scope);
  switch (relation) {
    case 'school':
      return has(subject.urns?.map(String)) === true;
    case 'class':
      return has(pupil?.classes) === true;
    case 'trust':
      return has(subject.trustUids) === true;
    case 'authority':
      return has(subject.laCodes) === true;
    case 'region':
      return has(subject.regionCodes) === true;
    case 'hub':
      return has(subject.hubs) === true;
    case 'caseload':
      return (
        pupil?.cases.some((each) => each.person === person && serviceOf[each.service] === role) ===
        true
      );
    case 'child':
      return person !== undefined && pupil?.parents.includes(person) === true;
    case 'contact':
      return person !== undefined && subject.contact?.person === person;
    case 'self':
      return person !== undefined && pupil?.self === person;
  }
}

/** Whose role a case is worked in: who is both sees as early help the cases of early help. */
const serviceOf: Readonly<Record<string, Role>> = {
  'social care': 'social-worker',
  'early help': 'early-help',
};

function isOpened(viewer: Viewer, { pupil }: Subject): boolean {
  const as = viewerText(viewer);
  return (
    pupil?.emergencies.some((each) => each.person === viewer.person && each.viewer === as) === true
  );
}
