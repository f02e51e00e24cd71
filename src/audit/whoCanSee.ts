import {
  type DataClass,
  dataClasses,
  dataClassNames,
  decide,
  policy,
  type Purpose,
  purposes,
  type Role,
  roleNames,
  type Route,
  type Rule,
  type Subject,
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
  school: 'Their own school’s',
  class: 'Their own class’s',
  trust: 'Their own trust’s',
  authority: 'Their own area’s',
  region: 'Their own region’s',
  hub: 'Of schools their hub supports',
  caseload: 'Of children whose case is theirs now',
  child: 'Their own children’s',
  self: 'Their own',
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
            rules: rulesTable(data),
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
  if (rule.allow === 'always') return 'All';
  return rule.allow === 'never' ? 'None' : ownText[rule.relation];
}

/** One class of data: roles with the same rule stand together, those who may see it first. */
function rulesTable(data: DataClass): Table {
  const groups = Map.groupBy(roleNames, (role) => JSON.stringify(policy[data][role]));
  const order: Record<Rule['allow'], number> = { always: 0, own: 1, never: 2 };
  const rows = [...groups.values()]
    .map((group) => ({ group, rule: policy[data][group[0] as Role] }))
    .sort((a, b) => order[a.rule.allow] - order[b.rule.allow]);
  return {
    caption: `Who can see it: ${data}`,
    columns: [
      { name: 'roles', heading: 'Who', kind: 'text' },
      { name: 'sees', heading: 'Sees', kind: 'text' },
      { name: 'purposes', heading: 'What for', kind: 'text' },
      { name: 'reason', heading: 'Reason or limit', kind: 'text' },
    ],
    rows: rows.map(({ group, rule }) => [
      groupText(group),
      shortText(rule),
      purposesText(rule),
      reasonText(rule),
    ]),
  };
}

function groupText(group: readonly Role[]): string {
  if (group.length === roleNames.length) return 'Everybody';
  return group.map(roleText).join('; ');
}

function purposesText(rule: Rule): string {
  if (rule.allow === 'never') return 'Nothing';
  const named = rule.allow === 'own' ? (rule.purposes ?? []) : [];
  if (named.length === 0) return 'No purpose is asked for';
  return named.map((purpose: Purpose) => purposes[purpose]).join('; ');
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
      const subject = await subjectOrNone(route, params);
      const theirs = subject !== undefined && decide(viewer, route.needs, subject).allowed;
      const shown = [route.needs, ...(route.shows ?? [])];
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
              table: pageTable(data, theirs ? subject : {}, await directories()),
              everybody: forEverybody.includes(data),
            })),
          ),
          theirs,
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
): Promise<Subject | undefined> {
  if (!route.subject) return {};
  try {
    return await route.subject(params);
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
  const { urns = [], trustUid, laCode } = subject;
  const schools = [...new Set(urns.map((urn) => directory.find(urn)?.name ?? `school ${urn}`))];
  const at = schools.length > 0 ? words.list(schools) : 'the school';
  switch (relation) {
    case 'school':
      return `Of ${at}`;
    case 'class':
      return `Of the child’s class${schools.length > 0 ? ` at ${at}` : ''}`;
    case 'trust':
      if (trustUid === null) return 'None: it belongs to no trust';
      return `Of ${trustUid ? (directory.findTrust(trustUid)?.name ?? `trust ${trustUid}`) : 'the trust it belongs to'}`;
    case 'authority':
      return `Of ${laCode ? (directory.findAuthority(laCode)?.name ?? `authority ${laCode}`) : 'the local authority it is in'}`;
    case 'region':
      return 'Of the region it is in';
    case 'hub':
      return 'Of a hub that supports it';
    case 'caseload':
      return 'Whose case the child is now, if anybody’s';
    case 'child':
      return 'With parental responsibility for the child';
    case 'self':
      return 'The child itself';
  }
}
