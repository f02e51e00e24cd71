import { type Ask, decide, type Route, type Trail, type Viewer } from '../access/index.ts';
import type { Urn } from '../base/identifiers.ts';
import { namesOfPeople } from '../records/index.ts';
import type { Directory } from '../schools/index.ts';
import { pageNumber, paginate, type Table, words } from '../ui/index.ts';
import { censusWords } from './censusWords.ts';
import { type EntriesOf, exportPupil, mayChangeRecord } from './rights.ts';
import { roleWords } from './roleWords.ts';
import { type ListedPupil, pupilsFor, type ShownPupil } from './scoped.ts';
import {
  type OwnRole,
  type Registry,
  subjectOfNobody,
  subjectOfOwn,
  subjectOfPupil,
  subjectOfPupilList,
} from './subject.ts';

/** How a child attended, as its page shows it: sentences, the last weeks by day, and what the codes in them mean. */
export type ChildAttendance = {
  summary: string[];
  weeks: { heading: string; days: { name: string; am: string; pm: string }[] }[];
  codes: { code: string; meaning: string }[];
  /** The year so far half day by half day, by half-term: drawn, and each week in a sentence. */
  strips: { heading: string; svg: string; weeks: string[] }[];
  legend: { className: string; letter: string; text: string }[];
  /** Absences in a row, newest first: those shown at once, and earlier ones. */
  spells: { newest: Table; earlier: Table };
  /** What all of the absence was for. */
  reasons: Table;
};

export type PupilPagesOptions = Registry & {
  trail: Trail;
  /** From the registers, which know children by keys: null where they have nothing of the child. */
  attendance?(
    pupil: ShownPupil,
    voice: 'staff' | 'parent' | 'pupil',
  ): Promise<ChildAttendance | null>;
  /** For who is given everything held of a child. */
  entriesOf?: EntriesOf;
};

const pageSize = 50;

/** A child’s number as it stands in an address; 0, which no child has, for anything else. */
export function pupilNumber(text: string | undefined): number {
  return /^[1-9]\d{0,8}$/.test(text ?? '') ? Number(text) : 0;
}

/** What the policy asks about `/pupils/:id…`: the same whether there is such a child or not. */
export function subjectOfAddress(registry: Registry) {
  return async (params: Readonly<Record<string, string>>) => {
    const id = pupilNumber(params['id']);
    return id === 0 ? subjectOfNobody(0) : subjectOfPupil(registry, id);
  };
}

/** The list of a school’s children, a child’s page, one’s own children, record and cases, and a record as a file. */
export function pupilPages(options: PupilPagesOptions): Route[] {
  return [listRoute(options), pupilRoute(options), exportRoute(options), ...ownRoutes(options)];
}

function listRoute(options: PupilPagesOptions): Route {
  const { directories } = options;
  return {
    method: 'GET',
    path: '/schools/:urn/pupils',
    summary: 'The children of a school whom you may see',
    needs: 'pupil attendance',
    async subject({ urn = '' }) {
      return subjectOfPupilList(options, (await directories()).getTyped(urn));
    },
    async answer({ viewer, purpose, params, query, may }) {
      const school = (await directories()).getTyped(params['urn'] ?? '');
      const all = await pupilsFor(options, viewer, purpose).list(school.urn);
      const classes = [
        ...new Set(all.flatMap((each) => (each.restricted ? [] : (each.className ?? [])))),
      ].sort();
      const wanted = classes.find((each) => each === query['class']);
      const inClass = all.filter(
        (each) => wanted === undefined || (!each.restricted && each.className === wanted),
      );
      const page = pageNumber(query['page']);
      const shown = inClass.slice((page - 1) * pageSize, page * pageSize);
      // Each child on the page was looked at: the family can be told of every one.
      for (const { subject } of shown) may('pupil attendance', subject);
      const path = `/schools/${school.urn}/pupils`;
      const inQuery = wanted === undefined ? '' : `class=${encodeURIComponent(wanted)}&`;
      return {
        kind: 'page',
        template: 'pupils/list.njk',
        model: {
          school: { name: school.name, href: `/schools/${school.urn}` },
          path,
          className: wanted ?? '',
          classes: classes.map((text) => ({
            text,
            href: `${path}?class=${encodeURIComponent(text)}`,
            current: text === wanted,
          })),
          pupils: shown.map((each) => listedModel(each)),
          pages: paginate({
            ...{ total: inClass.length, pageSize, page, noun: ['child', 'children'] },
            href: (number) => `${path}?${inQuery}page=${number}`,
          }),
        },
      };
    },
  };
}

function pupilRoute(options: PupilPagesOptions): Route {
  return {
    method: 'GET',
    path: '/pupils/:id',
    summary: 'One child’s record',
    needs: 'pupil attendance',
    shows: ['pupil characteristics', 'family contacts', 'link to another service'],
    subject: subjectOfAddress(options),
    async answer(ask) {
      const { viewer, purpose, params, may } = ask;
      const shown = await pupilsFor(options, viewer, purpose).get(pupilNumber(params['id']));
      lookAt(shown, may);
      return {
        kind: 'page',
        template: 'pupils/pupil.njk',
        model: await pupilModel(options, ask, shown),
      };
    },
  };
}

/** What the registry gave is what the policy allows; the shell is told of each part, and writes it down. */
function lookAt({ subject, characteristics, contacts, cases }: ShownPupil, may: Ask['may']): void {
  if (characteristics) may('pupil characteristics', subject);
  for (const { person } of contacts ?? []) {
    may('family contacts', { ...subject, contact: { person } });
  }
  if (cases) may('link to another service', subject);
}

const exportedBesides = [
  'worklist',
  'family contacts',
  'link to another service',
  'request for correction',
  'audit',
] as const;

function exportRoute(options: PupilPagesOptions): Route {
  return {
    method: 'GET',
    path: '/pupils/:id/export',
    summary: 'Everything held of a child that you may be given, as a file',
    needs: 'pupil characteristics',
    shows: exportedBesides,
    exports: true,
    subject: subjectOfAddress(options),
    async answer({ viewer, purpose, params, may }) {
      const pupil = pupilNumber(params['id']);
      const held = await exportPupil(options, {
        ...{ viewer, purpose, pupil, entriesOf: options.entriesOf },
      });
      const subject = await subjectOfPupil(options, pupil);
      for (const data of exportedBesides) {
        may(data, { ...subject, contact: { person: viewer.person ?? null } });
      }
      return {
        kind: 'file',
        name: `record-${pupil}.json`,
        contentType: 'application/json; charset=utf-8',
        text: `${JSON.stringify(held, null, 2)}\n`,
      };
    },
  };
}

type Own = {
  path: string;
  summary: string;
  heading: string;
  text: string;
  nothing: { heading: string; text: string };
  role: OwnRole;
};

const ownPages: readonly Own[] = [
  {
    path: '/my-children',
    summary: 'A parent’s own children',
    heading: 'Your children',
    text: 'These are the children for whom the school has you down as having parental responsibility.',
    nothing: {
      heading: 'No child is linked to you yet',
      text: 'Ask the school’s office: they link you once they know who you are.',
    },
    role: 'parent',
  },
  {
    path: '/my-record',
    summary: 'A pupil’s own record',
    heading: 'Your record',
    text: 'This is what your school has written down about you here. You can ask for it to be put right.',
    nothing: {
      heading: 'Your record is not linked to you yet',
      text: 'Ask somebody at your school’s office to do it.',
    },
    role: 'pupil',
  },
  {
    path: '/my-cases',
    summary: 'The children whose case is yours now',
    heading: 'Your cases',
    text: 'You see a child’s record from the day on which the case becomes yours to the last day of it.',
    nothing: {
      heading: 'No case is yours today',
      text: 'A case is given to you by your service. The day after it ends you no longer see the child.',
    },
    role: 'caseworker',
  },
];

function ownRoutes(options: PupilPagesOptions): Route[] {
  const { directories } = options;
  return ownPages.map((own) => ({
    method: 'GET',
    path: own.path,
    summary: own.summary,
    needs: 'pupil attendance',
    subject: async (_params, viewer) => subjectOfOwn(viewer, own.role),
    async answer({ viewer, purpose, may }) {
      const pupils = (await pupilsFor(options, viewer, purpose).mine()).filter(
        (each) => each.restricted || may('pupil attendance', each.subject),
      );
      const directory = await directories();
      return {
        kind: 'page',
        template: 'pupils/own.njk',
        model: {
          ...{ heading: own.heading, text: own.text, nothing: own.nothing },
          pupils: pupils.map((each) => listedModel(each, directory)),
        },
      };
    },
  }));
}

function listedModel(pupil: ListedPupil, directory?: Directory) {
  const href = `/pupils/${pupil.id}`;
  if (pupil.restricted)
    return { href, name: 'A restricted record', className: '', year: '', school: '' };
  return {
    href,
    name: `${pupil.forename} ${pupil.surname}`,
    className: pupil.className ?? '',
    year: pupil.yearGroup === '' ? '' : yearGroupText(pupil.yearGroup),
    school: directory ? schoolName(directory, pupil.urn) : '',
  };
}

function yearGroupText(yearGroup: string): string {
  return yearGroup === 'R' ? 'Reception' : `Year ${yearGroup}`;
}

function schoolName(directory: Directory, urn: Urn): string {
  return urn === 0 ? 'At no school now' : (directory.find(urn)?.name ?? `School ${urn}`);
}

const yesNo = (value: boolean | null) => (value === null ? words.notKnown : value ? 'Yes' : 'No');

/** How a page speaks of the child: to staff, to a parent, or to the child. */
function voiceOf({ role }: Viewer): 'staff' | 'parent' | 'pupil' {
  return role === 'parent' || role === 'pupil' ? role : 'staff';
}

async function pupilModel(options: PupilPagesOptions, ask: Ask, pupil: ShownPupil) {
  const { viewer } = ask;
  const directory = await options.directories();
  const voice = voiceOf(viewer);
  const { characteristics: held } = pupil;
  const caseworkers = await namesOfPeople(
    options.records,
    (pupil.cases ?? []).map(({ person }) => person),
  );
  const facts = held
    ? [
        ...(voice === 'staff' ? [['Unique pupil number', held.upn ?? words.notKnown]] : []),
        ['Date of birth', held.date_of_birth ? words.date(held.date_of_birth) : words.notKnown],
        ['Sex', censusWords('sex', held.sex)],
        ['Free school meals', yesNo(held.fsm)],
        ['Special educational needs', censusWords('sen', held.sen)],
        ['First language other than English', yesNo(held.eal)],
        ['Ethnicity', censusWords('ethnicity', held.ethnicity)],
      ]
    : null;
  return {
    ...{ voice, name: `${pupil.forename} ${pupil.surname}` },
    caption: { staff: `Record ${pupil.id}`, parent: 'Your child’s record', pupil: 'Your record' }[
      voice
    ],
    emergency: pupil.emergency ? { closesAt: clockTime(pupil.emergency.closesAt) } : null,
    restriction: pupil.restriction
      ? { on: words.date(pupil.restriction.at), because: pupil.restriction.because }
      : null,
    enrolments: pupil.enrolments.map((each) => ({
      school: schoolName(directory, each.urn),
      className: each.class_name ?? '',
      year: yearGroupText(each.year_group),
      from: words.date(each.entry_date),
      to: each.leaving_date ? words.date(each.leaving_date) : '',
    })),
    attendance: (await options.attendance?.(pupil, voice)) ?? null,
    facts: facts?.map(([key, value]) => ({ key, value })) ?? null,
    contacts:
      pupil.contacts?.map((each) => ({
        ...{ name: each.name, relationship: each.relationship },
        responsibility: each.parental_responsibility,
        reached: [each.telephone, each.email].filter((way) => way !== null).join(', '),
        from: words.date(each.starts_on),
        to: each.ends_on ? words.date(each.ends_on) : '',
      })) ?? null,
    cases:
      pupil.cases?.map((each) => ({
        service: words.sentence(each.service),
        worker: caseworkers.get(each.person) ?? '',
        from: words.date(each.starts_on),
        to: each.ends_on ? words.date(each.ends_on) : '',
      })) ?? null,
    openings:
      pupil.openings?.map(
        ({ at, viewer }) => `${words.date(at)} at ${clockTime(at)}, by ${roleWords(viewer)}`,
      ) ?? null,
    links: linksOf(ask, pupil),
  };
}

function linksOf({ viewer, purpose }: Ask, { id, subject, emergency }: ShownPupil) {
  if (emergency || !decide(viewer, 'request for correction', subject, { purpose }).allowed) {
    return [];
  }
  const path = `/pupils/${id}`;
  return [
    { text: 'Ask for something to be put right', href: `${path}/corrections` },
    { text: 'Download everything that is held', href: `${path}/export` },
    ...(voiceOf(viewer) === 'staff'
      ? []
      : [{ text: 'See who looked at this record', href: `${path}/who-looked` }]),
    ...(mayChangeRecord(viewer, subject)
      ? [{ text: 'Restrict this record', href: `${path}/restriction` }]
      : []),
  ];
}

const timeOfDay = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'Europe/London',
});

/** `14:05`, as clocks in England show it. */
export function clockTime(at: Date): string {
  return timeOfDay.format(at);
}
