import {
  type DataClass,
  dataClasses,
  dataClassNames,
  grant,
  policy,
  type Purpose,
  purposes,
  type Role,
  roleNames,
  type Route,
  type Rule,
  type Subject,
  type Viewer,
} from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import type { Directories, Directory } from '../schools/index.ts';
import { type Table, words } from '../ui/index.ts';
import { findRoute } from './findRoute.ts';
import { roleText } from './words.ts';

type OwnRule = Extract<Rule, { allow: 'own' }>;
type Relation = OwnRule['relation'];

/** Whose data somebody may see who may see their own. */
const ownText: Record<Relation, string> = {
  school: 'Own school',
  class: 'Own class',
  trust: 'Own trust',
  authority: 'Own area',
  region: 'Own region',
  hub: 'Schools the hub supports',
  caseload: 'Own cases',
  child: 'Own children',
  contact: 'Of themselves',
  self: 'Own record',
};

/** The policy for anyone to read: who may see what, made from the table that decides. */
export function whoCanSeeWhatPage(): Route {
  return {
    method: 'GET',
    path: '/who-can-see-what',
    summary: 'Who can see what: the whole policy, with its reasons',
    needs: 'public statistic',
    async answer() {
      return {
        kind: 'page',
        template: 'audit/whoCanSeeWhat.njk',
        model: {
          overview: overviewTable(),
          classes: dataClassNames.map((data) => ({
            id: data.replaceAll(' ', '-'),
            name: words.sentence(data),
            means: dataClasses[data],
            ...rulesTables(data),
          })),
          purposes: Object.values(purposes),
        },
      };
    },
  };
}

/** Classes that everybody may see, by name: they need no column. */
const forEverybody = dataClassNames.filter((data) =>
  roleNames.every((role) => policy[data][role].allow === 'always'),
);

function overviewTable(): Table {
  const shown = dataClassNames.filter((data) => !forEverybody.includes(data));
  return {
    caption: 'Who can see what',
    columns: [
      { name: 'role', heading: 'Role', kind: 'text' },
      ...shown.map((data) => ({
        name: data,
        heading: words.sentence(data),
        kind: 'text' as const,
      })),
    ],
    rows: roleNames.map((role) => [
      roleText(role),
      ...shown.map((data) => shortText(policy[data][role])),
    ]),
  };
}

function shortText(rule: Rule): string {
  if (rule.allow === 'never') return 'None';
  const which = rule.allow === 'always' ? 'All' : ownText[rule.relation];
  return rule.changes ? `${which}; may change` : which;
}

/** One class of data: who may see it and who may not; roles with the same rule stand together. */
function rulesTables(data: DataClass): { rules: Table; refusals: Table } {
  const groups = Map.groupBy(roleNames, (role) => JSON.stringify(policy[data][role]));
  const ruled = [...groups.values()].map((group) => ({
    group: groupText(group),
    rule: policy[data][group[0] as Role],
  }));
  const [refused, allowed] = [true, false].map((never) =>
    ruled.filter(({ rule }) => (rule.allow === 'never') === never),
  ) as [typeof ruled, typeof ruled];
  return {
    rules: {
      caption: `Who can see it: ${data}`,
      columns: [
        { name: 'roles', heading: 'Who', kind: 'text' },
        { name: 'sees', heading: 'Sees', kind: 'text' },
        { name: 'purposes', heading: 'What for', kind: 'text' },
        { name: 'reason', heading: 'Limit', kind: 'text' },
      ],
      rows: allowed.map(({ group, rule }) => [
        ...[group, shortText(rule), purposesText(rule), reasonText(rule)],
      ]),
    },
    refusals: {
      caption: `Who cannot see it: ${data}`,
      columns: [
        { name: 'roles', heading: 'Who', kind: 'text' },
        { name: 'reason', heading: 'Why not', kind: 'text' },
      ],
      rows: refused.map(({ group, rule }) => [group, reasonText(rule)]),
    },
  };
}

function groupText(group: readonly Role[]): string {
  if (group.length === roleNames.length) return 'Everybody';
  return group.map(roleText).join('; ');
}

function purposesText(rule: Rule): string {
  if (rule.allow === 'never') return 'Nothing';
  const asked = rule.purposes ?? [];
  if (asked.length === 0) return 'No purpose is asked for';
  return asked.map((purpose: Purpose) => purposes[purpose]).join('; ');
}

function reasonText(rule: Rule): string {
  if (rule.allow === 'always') return 'No limit';
  if (rule.allow === 'never') return rule.because;
  return rule.emergency
    ? `${rule.otherwise} In an emergency also another child’s, for an hour: it is written down with the reason, and reviewed.`
    : rule.otherwise;
}

/**
 * Who can see one page of the site, for anybody who is signed in. About a child, a school or an area in particular it
 * speaks only to those who may see the page themselves: to all others it says what holds for every page of its kind, so
 * that it tells nobody whether there is such a child.
 */
export function whoCanSeePage(routes: () => readonly Route[], directories: Directories): Route {
  return {
    method: 'GET',
    path: '/who-can-see',
    summary: 'Who can see a page of this site',
    needs: 'public statistic',
    async answer({ query, viewer }) {
      if (viewer.role === 'public') {
        throw new Refusal(
          'signed-out',
          'Sign in to ask who can see a page. Who can see what in general is at /who-can-see-what.',
        );
      }
      const page = (query['page'] ?? '').slice(0, 200);
      const found = findRoute(routes(), page);
      if (!found) throw new Refusal('not-found', 'There is no such page to ask about.');
      const { route, params } = found;
      const subject = await subjectOrNone(route, params, viewer);
      const asked = { viewer, chosen: null, canChoose: false };
      const theirs = subject !== undefined && grant(route, asked, subject).allowed;
      const shown = [route.needs, ...(route.shows ?? [])];
      // Where a child goes to school is told by the child's record, and not by a page about the page.
      const ofChild = (subject?.pupil?.id ?? 0) > 0;
      const filledIn = theirs && !ofChild ? subject : {};
      return {
        kind: 'page',
        template: 'audit/whoCanSee.njk',
        model: {
          summary: route.summary,
          path: theirs ? page : route.path,
          href: theirs ? page : null,
          parts: await Promise.all(
            shown.map(async (data, index) => ({
              id: `part-${index}`,
              name: data,
              means: dataClasses[data],
              table: pageTable(data, filledIn, await directories()),
              everybody: forEverybody.includes(data),
            })),
          ),
          theirs,
          ofChild,
          limited: !shown.some((data) => forEverybody.includes(data)),
          aboutSomething: route.subject !== undefined,
        },
      };
    },
  };
}

async function subjectOrNone(
  route: Route,
  params: Readonly<Record<string, string>>,
  viewer: Viewer,
): Promise<Subject | undefined> {
  if (!route.subject) return {};
  try {
    return await route.subject(params, viewer);
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'not-found') return undefined;
    throw error;
  }
}

function pageTable(data: DataClass, subject: Subject, directory: Directory): Table {
  const may = roleNames.filter((role) => policy[data][role].allow !== 'never');
  return {
    caption: `Who can see it: ${data}`,
    columns: [
      { name: 'role', heading: 'Who', kind: 'text' },
      { name: 'which', heading: 'Which of them', kind: 'text' },
      { name: 'purposes', heading: 'What for', kind: 'text' },
    ],
    rows: may.map((role) => {
      const rule = policy[data][role];
      return [roleText(role), whichText(rule, subject, directory), purposesText(rule)];
    }),
  };
}

/** Never whether there is such a person: that there is a social worker is a link to another service. */
function whichText(rule: Rule, subject: Subject, directory: Directory): string {
  if (rule.allow !== 'own') return 'All of them';
  const emergency = rule.emergency ? ', and any other in an emergency, for an hour' : '';
  return `${relationText(rule.relation, subject, directory)}${emergency}`;
}

function relationText(relation: Relation, subject: Subject, directory: Directory): string {
  const { urns = [], trustUids, laCodes } = subject;
  const schools = [...new Set(urns.map((urn) => directory.find(urn)?.name ?? `school ${urn}`))];
  const at = schools.length > 0 ? words.list(schools) : 'the school';
  switch (relation) {
    case 'school':
      return `Of ${at}`;
    case 'class':
      return `Of the child’s class${schools.length > 0 ? ` at ${at}` : ''}`;
    case 'trust':
      if (trustUids?.length === 0) return 'None: it belongs to no trust';
      return `Of ${named(trustUids, (uid) => directory.findTrust(uid)?.name ?? `trust ${uid}`) ?? 'the trust it belongs to'}`;
    case 'authority':
      return `Of ${named(laCodes, (code) => directory.findAuthority(code)?.name ?? `authority ${code}`) ?? 'the local authority it is in'}`;
    case 'region':
      return 'Of the region it is in';
    case 'hub':
      return 'Of a hub that supports it';
    case 'caseload':
      return 'Whose case the child is now, if anybody’s';
    case 'child':
      return 'With parental responsibility for the child';
    case 'contact':
      return 'What is held of themselves';
    case 'self':
      return 'The child itself';
  }
}

function named(codes: readonly string[] = [], nameOf: (code: string) => string): string | null {
  return codes.length === 0 ? null : words.list([...new Set(codes.map(nameOf))]);
}
