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

const isAboutChildren = ({ path }: Route) =>
  /pupil|:id|my-|emergenc|audit|who-|administration/.test(path) || path === '/schools/:urn';

// Asked before the first test begins: the runner watches every promise of a test, which takes as long as the answers.
const leaks: string[] = [];
const faults: string[] = [];
const seen = new Set<string>();
const maySee = whoMaySee({ directory, people: site.cast.people, today });
const about = routes.filter((route) => route.method === 'GET' && isAboutChildren(route));
const questions = everybody().flatMap((person) =>
  about.flatMap(pathsOf).map((url) => ({ person, url })),
);
await atOnce(16, questions, async ({ person, url }) => {
  const viewer = person.scope === '' ? person.role : `${person.role}:${person.scope}`;
  const cookie = `rollcall_demo_viewer=${encodeURIComponent(viewer)}`;
  const reply = await demo.inject({ url, headers: { cookie } });
  if (reply.statusCode === 500) faults.push(`${viewer} ${url}`);
  const text = `${reply.body} ${JSON.stringify(reply.headers)}`;
  for (const child of toldOf(text)) {
    if (maySee(person, child)) seen.add(person.role);
    else leaks.push(`${viewer} ${url}: ${child.key}`);
  }
});

after(() => site.close());

test('a child is told of to those alone who may see it, whatever is asked by whomever', (t) => {
  t.diagnostic(`${questions.length} requests, ${about.length} routes`);
  assert.deepEqual(faults, []);
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
    toldOf(text).map(({ key }) => key),
    [],
  );
});
