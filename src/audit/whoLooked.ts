import {
  type Action,
  type Ask,
  type DataClass,
  type Purpose,
  type Role,
  type Route,
} from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import {
  type AuditEntry,
  type LooksSearch,
  looksAtPupil,
  namesOfPeople,
  pupilsByNumber,
  type Records,
} from '../records/index.ts';
import type { Directories, Directory } from '../schools/index.ts';
import { pageNumber, type Table } from '../ui/index.ts';
import { timeText } from './days.ts';
import { pageOf } from './pageOf.ts';
import { actorText } from './words.ts';

const pageSize = 30;

const done: Partial<Record<Action, string>> = {
  read: 'Looked at',
  exported: 'Took a copy of',
  changed: 'Changed',
};

const whatText: Partial<Record<DataClass, string>> = {
  'pupil attendance': 'name, class and attendance',
  worklist: 'what the school’s worklist says, and what was written on it',
  'pupil characteristics': 'characteristics',
  'family contacts': 'contacts',
  'request for correction': 'what was asked to be put right',
};

/** Whose looks are told: the school’s, its trust’s and the authority’s attendance team. */
const told: readonly Role[] = [
  'head',
  'school',
  'teacher',
  'trust',
  'authority',
  'system',
  'operator',
];

/**
 * What of a child’s trail its family is told: nobody at the school hides a look by the purpose that they choose, so what
 * was done to keep the child safe is told too, and of no look its purpose. Left out, whether there is any or not, so that
 * leaving out says nothing: that a social worker or early help looked (the policy tells no family that another service
 * knows a child), and what was done in an emergency, because telling can put a child at risk; what other members of the
 * family did; and what was refused, which showed nothing.
 */
export function tellable(pupil: number): LooksSearch {
  return {
    pupil,
    actions: Object.keys(done),
    roles: told,
    purposes: ['attendance', 'safeguarding', 'record-keeping', 'own-record'] satisfies Purpose[],
    dataClasses: Object.keys(whatText),
  };
}

/** Who looked at a child’s record, for the child and its parents. `subject` is what the policy asks about the child. */
export function whoLookedPage(
  records: Records,
  directories: Directories,
  subject: NonNullable<Route['subject']>,
): Route {
  return {
    method: 'GET',
    path: '/pupils/:id/who-looked',
    summary: 'Who looked at a child’s record, for the child and its parents',
    needs: 'audit',
    purpose: 'own-record',
    shows: ['pupil attendance'],
    subject,
    async answer(ask) {
      const { params, query, viewer } = ask;
      const id = childNumber(params['id']);
      const page = pageNumber(query['page']);
      const { found, pages } = await pageOf(page, {
        look: (from) => looksAtPupil(records, tellable(id), from),
        pageSize,
        noun: ['entry', 'entries'],
        href: (number) => `/pupils/${id}/who-looked?page=${number}`,
      });
      const heads = found.entries.flatMap(({ role, person }) =>
        role === 'head' ? (person ?? []) : [],
      );
      const names = await namesOfPeople(records, [...new Set(heads)]);
      return {
        kind: 'page',
        template: 'audit/whoLooked.njk',
        model: {
          ...whoseRecord(viewer.role),
          record: await recordOf(records, id, ask, subject),
          table: tableOf(found.entries, names, await directories()),
          pages,
        },
      };
    },
  };
}

/** How the page speaks of the child: to itself, to a parent, to anybody else. */
function whoseRecord(role: Role): { whose: string; child: string } {
  if (role === 'pupil') return { whose: 'your', child: 'you' };
  return role === 'parent'
    ? { whose: 'your child’s', child: 'your child' }
    : { whose: 'a child’s', child: 'the child' };
}

/** Where the record is, and whose, for who may see it: the family. */
async function recordOf(
  records: Records,
  id: number,
  { params, viewer, may }: Ask,
  subject: NonNullable<Route['subject']>,
) {
  const isFamily = viewer.role === 'parent' || viewer.role === 'pupil';
  if (!isFamily || !may('pupil attendance', await subject(params, viewer))) return null;
  const [pupil] = await pupilsByNumber(records, [id]);
  return { href: `/pupils/${id}`, name: pupil ? `${pupil.forename} ${pupil.surname}` : '' };
}

function childNumber(text = ''): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Refusal('not-found', 'There is no such child.');
  return Number(text);
}

function tableOf(
  entries: readonly AuditEntry[],
  heads: ReadonlyMap<number, string>,
  directory: Directory,
): Table {
  return {
    caption: 'Newest first',
    columns: [
      { name: 'at', heading: 'When', kind: 'text' },
      { name: 'who', heading: 'Who', kind: 'text' },
      { name: 'what', heading: 'What', kind: 'text' },
    ],
    rows: entries.map((entry) => [
      timeText(entry.at),
      `${actorText(entry, directory)}${headName(entry, heads)}`,
      `${done[entry.action as Action]} ${whatText[entry.data_class as DataClass]}`,
    ]),
  };
}

/** A head’s name is public; the names of other staff are not told. */
function headName({ role, person }: AuditEntry, heads: ReadonlyMap<number, string>): string {
  const name = role === 'head' && person !== null ? heads.get(person) : undefined;
  return name === undefined ? '' : `, ${name}`;
}
