import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { dayInEngland, systemClock } from '../base/clock.ts';
import { castChildren, demoCast } from '../demo/index.ts';
import { auditEntriesAfter } from '../records/index.ts';
import { atOnce } from '../testing/atOnce.ts';
import { childrenTold, type Person, whoMaySee } from '../testing/children.ts';
import { openTestSite } from '../testing/site.ts';
import type { Route } from './index.ts';

/*
 * Every route of the whole site, asked by everybody about every child. A child’s forename, UPN and date of birth may
 * reach those alone who may see the child, by the sentences below, which know nothing of the policy’s table.
 */

const site = await openTestSite();
const directory = await site.directories();
const demo = await site.serve({ demo: true });
const routes = site.routes({ demo: true });
const today = dayInEngland(systemClock());
const toldOf = childrenTold(castChildren(today));
/** Each stands for itself, and tried in every role that rests on the person alone. */
const personal = [
  ...(['parent', 'otherParent', 'formerParent', 'pupil'] as const),
  ...(['socialWorker', 'earlyHelp', 'department'] as const),
];

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
    ...personalRoles.flatMap((role) =>
      personal.map((key) => ({ role, scope: String(site.cast.people.get(key)) })),
    ),
  ];
}

const personalRoles = ['social-worker', 'early-help', 'parent', 'pupil'];
const maySee = whoMaySee({ directory, people: site.cast.people, today });
const children = castChildren(today);

/**
 * The numbers of the children that somebody asks about: all, and one that nobody has. Who stands in a personal role asks about
 * all that the person has to do with in any such role, and about every fourth of the others, each in turn.
 */
function childrenAskedBy(person: Person, turn: number): string[] {
  const { pupils } = site.cast;
  const concerns = (child: (typeof children)[number]) =>
    personalRoles.some((role) => maySee({ ...person, role }, child));
  const asked = children.filter(
    (child, at) => !personalRoles.includes(person.role) || concerns(child) || (at + turn) % 4 === 0,
  );
  return [...asked.map(({ key }) => pupils.get(key)), 999_999].map(String);
}

function pathsOf(route: Route, ids: readonly string[]): string[] {
  const { improvingSecondary, smallRuralPrimary, academisedChain } = demoCast;
  const values: Record<string, string[]> = {
    id: [...ids],
    urn: [improvingSecondary, smallRuralPrimary, academisedChain].map(({ urn }) => String(urn)),
    laCode: ['990'],
    la_code: ['990'],
    regionCode: ['E99900001'],
    region_code: ['E99900001'],
    uid: [directory.get(improvingSecondary.urn).trust?.uid ?? ''],
  };
  const name = /:(\w+)/.exec(route.path)?.[1];
  if (name === undefined) return [route.path];
  return (values[name] ?? ['1']).flatMap((value) =>
    pathsOf({ ...route, path: route.path.replace(`:${name}`, value) }, ids),
  );
}

const isAboutChildren = ({ path }: Route) =>
  /pupil|:id|my-|emergenc|audit|who-|administration|regist|unexplained|worklist/.test(path) ||
  path === '/schools/:urn';

// Asked before the first test begins: the runner watches every promise of a test, which takes as long as the answers.
const leaks: string[] = [];
const faults: string[] = [];
const seen = new Set<string>();
const asked = routes.filter(({ method }) => method === 'GET');
// What has to do with children is asked by everybody; what has not, once by one of each role.
const roles = new Set<string>();
const questions = everybody().flatMap((person, turn) => {
  const ids = childrenAskedBy(person, turn);
  const isFirst = !roles.has(person.role);
  roles.add(person.role);
  return asked.flatMap((route) => {
    const urls = pathsOf(route, ids);
    const some = isAboutChildren(route) ? urls : urls.slice(0, isFirst ? 1 : 0);
    return some.map((url) => ({ person, url }));
  });
});
/** Who saw whom, and how often somebody was refused. */
const looks = new Set<string>();
let refusals = 0;
await atOnce(16, questions, async ({ person, url }) => {
  const viewer = person.scope === '' ? person.role : `${person.role}:${person.scope}`;
  const cookie = `rollcall_demo_viewer=${encodeURIComponent(viewer)}`;
  const reply = await demo.inject({ url, headers: { cookie } });
  if (reply.statusCode === 500) faults.push(`${viewer} ${url}`);
  if (reply.statusCode === 403) refusals += 1;
  const text = `${reply.body} ${JSON.stringify(reply.headers)}`;
  for (const child of toldOf(text)) {
    looks.add(`${person.role} ${site.cast.pupils.get(child.key)}`);
    if (maySee(person, child)) seen.add(person.role);
    else leaks.push(`${viewer} ${url}: ${child.key}`);
  }
});

after(() => site.close());

test('a child is told of to those alone who may see it, whatever is asked by whomever', (t) => {
  t.diagnostic(`${questions.length} requests, ${asked.length} routes`);
  assert.deepEqual(faults, []);
  assert.deepEqual(leaks, []);
  // The test would see a leak: those who may see children do.
  const roles = ['head', 'school', 'teacher', 'trust', 'authority', 'social-worker', 'parent'];
  for (const role of [...roles, 'early-help', 'pupil']) assert.ok(seen.has(role), role);
});

test('everything seen of a child, and every refusal, has left a trace, and no trace tells of a child', async () => {
  const entries = await auditEntriesAfter(site.stores.records, 0, 100_000);
  const traced = new Set(
    entries
      .filter(({ subject_kind: kind, action }) => kind === 'pupil' && action !== 'refused')
      .map(({ role, subject_id: id }) => `${role} ${id}`),
  );
  assert.deepEqual(
    [...looks].filter((look) => !traced.has(look)),
    [],
  );
  assert.ok(entries.filter(({ action }) => action === 'refused').length >= refusals);
  const text = JSON.stringify(entries);
  assert.deepEqual(
    toldOf(text).map(({ key }) => key),
    [],
  );
});

test('a list leaves an entry for each child on it, and a record one for each part that was shown', async () => {
  const ask = async (viewer: string, url: string) => {
    const before = await auditEntriesAfter(site.stores.records, 0, 100_000);
    const cookie = `rollcall_demo_viewer=${encodeURIComponent(viewer)}`;
    const { statusCode, body } = await demo.inject({ url, headers: { cookie } });
    assert.equal(statusCode, 200, url);
    const entries = await auditEntriesAfter(site.stores.records, before.length, 1000);
    return { body, entries };
  };
  const { urn } = demoCast.improvingSecondary;
  const list = await ask(`teacher:${urn}/7B`, `/schools/${urn}/pupils`);
  const shown = toldOf(list.body).map(({ key }) => site.cast.pupils.get(key));
  const written = list.entries.filter(({ subject_kind: kind }) => kind === 'pupil');
  assert.ok(shown.length > 2);
  assert.deepEqual(written.map(({ subject_id: id }) => Number(id)).sort(), shown.sort());
  assert.ok(list.entries.every(({ purpose }) => purpose === 'attendance'));

  const id = site.cast.pupils.get('openCase');
  const worker = `social-worker:${site.cast.people.get('socialWorker')}`;
  const record = await ask(worker, `/pupils/${id}`);
  assert.deepEqual(
    record.entries.map(({ data_class: data, subject_id }) => [data, subject_id]),
    [
      ['pupil attendance', String(id)],
      ['pupil characteristics', String(id)],
      ['family contacts', String(id)],
      ['link to another service', String(id)],
    ],
  );
});

test('in the demo nobody takes a child’s data away or changes it without signing in', async () => {
  const { urn } = demoCast.improvingSecondary;
  const id = site.cast.pupils.get('elderSibling');
  const headers = { cookie: `rollcall_demo_viewer=${encodeURIComponent(`head:${urn}`)}` };
  for (const [method, url] of [
    ['GET', `/pupils/${id}/export`],
    ['POST', `/pupils/${id}/corrections`],
    ['POST', `/pupils/${id}/restriction`],
    ['POST', `/pupils/${id}/emergency`],
  ] as const) {
    const { statusCode, body } = await demo.inject({ method, url, headers });
    assert.equal(statusCode, 401, url);
    assert.match(body, /Sign in first/);
  }
});
