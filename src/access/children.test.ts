import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { dayInEngland, systemClock } from '../base/clock.ts';
import { type CastChild, castChildren, demoCast } from '../demo/index.ts';
import type { Directory } from '../schools/index.ts';
import { auditEntriesAfter } from '../records/index.ts';
import { openTestSite, type TestSite } from '../testing/site.ts';
import type { Route } from './index.ts';

/*
 * Every route of the whole site, asked by everybody about every child. A child’s forename, UPN and date of birth may
 * reach those alone who may see the child, by the sentences below, which know nothing of the policy’s table.
 */

let site: TestSite;
let demo: FastifyInstance;
let directory: Directory;
let routes: Route[];
const today = dayInEngland(systemClock());
const children = castChildren(today);

before(async () => {
  site = await openTestSite();
  directory = await site.directories();
  demo = await site.serve({ demo: true });
  routes = site.routes({ demo: true });
});
after(() => site.close());

/** Each stands for itself, and tried in every role that rests on the person alone. */
const personal = [
  ...(['parent', 'otherParent', 'formerParent', 'pupil'] as const),
  ...(['socialWorker', 'earlyHelp', 'department'] as const),
];

type Person = { role: string; scope: string };

const isNow = ({ from, to }: { from: string; to: string | null }) =>
  from <= today && (to === null || to >= today);

/** Who may see a child at all. Plain sentences; not the policy’s table. */
function maySee({ role, scope }: Person, child: CastChild): boolean {
  const enrolled = child.enrolments.filter(
    ({ entryDate, leavingDate }) =>
      entryDate <= today && (leavingDate === null || leavingDate >= today),
  );
  const schools = enrolled.map(({ urn }) => directory.get(urn));
  const is = (key: CastChild['person']) =>
    key !== null && String(site.cast.people.get(key)) === scope;
  const own: Record<string, () => boolean> = {
    // A school, and its head, see the children enrolled there now.
    head: () => schools.some((school) => String(school.urn) === scope),
    school: () => schools.some((school) => String(school.urn) === scope),
    // A class teacher sees the children of the class.
    teacher: () => enrolled.some(({ urn, className }) => `${urn}/${className}` === scope),
    // A trust and an authority see the children of their schools.
    trust: () => schools.some((school) => school.trust?.uid === scope),
    authority: () => schools.some((school) => school.laCode === scope),
    // Who has an open case sees that child.
    'social-worker': () => child.cases.some((each) => isNow(each) && is(each.person)),
    'early-help': () => child.cases.some((each) => isNow(each) && is(each.person)),
    // A parent with responsibility now sees their child; a pupil sees itself.
    parent: () =>
      child.contacts.some((each) => each.responsibility && isNow(each) && is(each.person)),
    pupil: () => is(child.person),
  };
  return own[role]?.() ?? false;
}

function everybody(): Person[] {
  const { improvingSecondary, smallRuralPrimary } = demoCast;
  const trust = directory.get(improvingSecondary.urn).trust?.uid ?? '';
  const alone = ['public', 'department', 'auditor', 'administrator'];
  return [
    ...alone.map((role) => ({ role, scope: '' })),
    ...['head', 'school', 'system'].flatMap((role) =>
      [improvingSecondary, smallRuralPrimary].map(({ urn }) => ({ role, scope: String(urn) })),
    ),
    { role: 'teacher', scope: `${improvingSecondary.urn}/7B` },
    { role: 'teacher', scope: `${improvingSecondary.urn}/11C` },
    { role: 'trust', scope: trust },
    ...['authority', 'analyst', 'inspector'].flatMap((role) =>
      ['990', '991'].map((scope) => ({ role, scope })),
    ),
    { role: 'adviser', scope: 'E12000001' },
    { role: 'hub', scope: 'north-coast' },
    ...['social-worker', 'early-help', 'parent', 'pupil'].flatMap((role) =>
      personal.map((key) => ({ role, scope: String(site.cast.people.get(key)) })),
    ),
  ];
}

function pathsOf(route: Route): string[] {
  const { improvingSecondary, smallRuralPrimary, academisedChain } = demoCast;
  const values: Record<string, string[]> = {
    id: [...site.cast.pupils.values(), 999_999].map(String),
    urn: [improvingSecondary, smallRuralPrimary, academisedChain].map(({ urn }) => String(urn)),
    laCode: ['990'],
    la_code: ['990'],
    uid: [directory.get(improvingSecondary.urn).trust?.uid ?? ''],
  };
  const name = /:(\w+)/.exec(route.path)?.[1];
  if (name === undefined) return [route.path];
  return (values[name] ?? ['1']).flatMap((value) =>
    pathsOf({ ...route, path: route.path.replace(`:${name}`, value) }),
  );
}

/** What tells of a child, in any form a page may give it. */
function tells(text: string, child: CastChild): boolean {
  const [year, month, day] = child.dateOfBirth.split('-').map(Number) as [number, number, number];
  const inWords = new Date(Date.UTC(year, month - 1, day)).toLocaleDateString('en-GB', {
    ...{ day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' },
  });
  return [child.forename, child.upn, child.dateOfBirth, inWords].some((mark) =>
    text.includes(mark),
  );
}

const isAboutChildren = ({ path }: Route) =>
  /pupil|:id|my-|emergenc|audit|who-|administration/.test(path) || path === '/schools/:urn';

test('a child is told of to those alone who may see it, whatever is asked by whomever', async (t) => {
  const leaks: string[] = [];
  const seen = new Set<string>();
  let asked = 0;
  const about = routes.filter((route) => route.method === 'GET' && isAboutChildren(route));
  for (const person of everybody()) {
    const viewer = person.scope === '' ? person.role : `${person.role}:${person.scope}`;
    const cookie = `rollcall_demo_viewer=${encodeURIComponent(viewer)}`;
    for (const route of about)
      for (const url of pathsOf(route)) {
        const reply = await demo.inject({ url, headers: { cookie } });
        asked += 1;
        assert.notEqual(reply.statusCode, 500, `${viewer} ${url}`);
        const text = `${reply.body} ${JSON.stringify(reply.headers)}`;
        for (const child of children) {
          if (!tells(text, child)) continue;
          if (maySee(person, child)) seen.add(person.role);
          else leaks.push(`${viewer} ${url}: ${child.key}`);
        }
      }
  }
  t.diagnostic(`${asked} requests, ${about.length} routes`);
  assert.deepEqual(leaks, []);
  // The test would see a leak: those who may see children do.
  const roles = ['head', 'school', 'teacher', 'trust', 'authority', 'social-worker', 'parent'];
  for (const role of [...roles, 'early-help', 'pupil']) assert.ok(seen.has(role), role);
});

test('everything seen of a child, and every refusal, has left a trace, and no trace tells of a child', async () => {
  const entries = await auditEntriesAfter(site.stores.records, 0, 100_000);
  assert.ok(
    entries.some(({ action, subject_kind }) => action === 'read' && subject_kind === 'pupil'),
  );
  assert.ok(entries.some(({ action }) => action === 'refused'));
  const text = JSON.stringify(entries);
  assert.deepEqual(
    children.filter((child) => tells(text, child)).map(({ key }) => key),
    [],
  );
});
