import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Route } from '../../src/access/index.ts';
import { dayInEngland, systemClock } from '../../src/base/clock.ts';
import { castChildren, demoCast } from '../../src/demo/index.ts';
import { auditEntriesAfter } from '../../src/records/index.ts';
import fc from '../../src/testing/chance.ts';
import { childrenTold, type Person, whoMaySee } from '../../src/testing/children.ts';
import { openTestSite } from '../../src/testing/site.ts';
import { fuzz } from './fuzz.ts';
import { hostileText, worst } from './hostile.ts';
import {
  comersOf,
  type Hostile,
  inEveryParameter,
  mustBeHarmless,
  requestsOf,
  type Right,
  welcomeTo,
} from './requests.ts';

/*
 * Every route that only reads, asked with anything by anybody: no fault, nothing of the inside, and nothing of a child
 * to somebody who may not see it.
 */

const site = await openTestSite();
const directory = await site.directories();
const demo = await site.serve({ demo: true });
const real = await site.serve({ demo: false });
const routes = site.routes({ demo: true });
const today = dayInEngland(systemClock());
const toldOf = childrenTold(castChildren(today));
const maySee = whoMaySee({ directory, people: site.cast.people, today });
after(() => site.close());

const { improvingSecondary, smallRuralPrimary, academisedChain } = demoCast;
const urns = [improvingSecondary, smallRuralPrimary, academisedChain].map(({ urn }) => String(urn));
const right: Right = {
  urn: [...urns, String(academisedChain.previousUrn)],
  ...{
    laCode: ['990', '991'],
    la_code: ['990', '991'],
    regionCode: ['E99900001'],
    region_code: ['E99900001'],
  },
  uid: [directory.get(improvingSecondary.urn).trust?.uid ?? ''],
  id: [...site.cast.pupils.values()].map(String),
  person: [...site.cast.people.values()].map(String),
  ...{ key: ['1'], appointment: ['1'], emergency: ['1'], correction: ['1'], suggestion: ['1'] },
  ...{ upload: ['1'], day: ['2026-11-16'], session: ['AM', 'PM'] },
  ...{ page: ['1', '2', '100000'], per_page: ['1', '100'], q: ['ash', 'a'], role: ['head'] },
  ...{ path: ['/schools/900001', '/pupils/1'], school_type: ['State-funded primary'] },
  ...{ from: ['2026-09-01'], to: ['2026-11-22'], action: ['read'], purpose: ['attendance'] },
};

const people: Person[] = [
  ...['public', 'department', 'auditor', 'administrator'].map((role) => ({ role, scope: '' })),
  ...['head', 'school', 'system'].map((role) => ({ role, scope: urns[0] as string })),
  { role: 'head', scope: urns[1] as string },
  { role: 'teacher', scope: `${urns[0]}/7B` },
  { role: 'trust', scope: right['uid']?.[0] ?? '' },
  ...['authority', 'analyst', 'inspector'].map((role) => ({ role, scope: '990' })),
  ...(['parent', 'pupil', 'socialWorker', 'earlyHelp'] as const).flatMap((key) =>
    ['parent', 'pupil', 'social-worker', 'early-help'].map((role) => ({
      ...{ role, scope: String(site.cast.people.get(key)) },
    })),
  ),
];

const nobody: Person = { role: 'public', scope: '' };

/** Somebody, or a cookie that nobody gave, which makes its bearer the public. */
type Comer = { person: Person; value: string };

function comersTo(route: Route): fc.Arbitrary<Comer> {
  const somebody = comersOf(route, people, ({ role }) => role);
  return fc.oneof(
    { weight: 6, arbitrary: somebody.map((person) => ({ person, value: valueOf(person) })) },
    hostileText.map((text) => ({ person: nobody, value: text })),
  );
}

function valueOf({ role, scope }: Person): string {
  return scope === '' ? role : `${role}:${scope}`;
}

async function ask(app: typeof demo, { method, url, headers, body }: Hostile) {
  const reply = await app.inject({
    ...{ method: method as 'GET', url, headers },
    ...(body === undefined ? {} : { payload: body }),
  });
  return { status: reply.statusCode, headers: reply.headers, body: reply.body };
}

const reading = (all: Route[]) => all.filter((route) => route.method === 'GET');

async function mustBear(app: typeof demo, request: Hostile, person: Person): Promise<void> {
  const before = site.faults.length;
  const told = await ask(app, request);
  const fault = site.faults.at(before);
  assert.equal(fault, undefined, `${fault?.route}: ${fault?.error.stack}`);
  mustBeHarmless(told);
  const text = `${told.body} ${JSON.stringify(told.headers)}`;
  for (const child of toldOf(text)) assert.ok(maySee(person, child), `it tells of ${child.key}`);
}

test('every page bears the worst in each of its parameters, and in each part of its address', async () => {
  const roleOf = ({ role }: Person) => role;
  for (const route of reading(routes)) {
    const person = welcomeTo(route, people, roleOf)[0] ?? nobody;
    const cookie = `rollcall_demo_viewer=${valueOf(person)}`;
    for (const text of worst.map((each) => encodeURIComponent(each.toWellFormed()))) {
      const path = route.path.replaceAll(/:(\w+)/g, (_, name: string) => right[name]?.[0] ?? '1');
      const urls = [`${path}${inEveryParameter(route, text)}`];
      if (route.path.includes(':')) urls.push(route.path.replaceAll(/:\w+/g, text));
      for (const url of urls) {
        await mustBear(demo, { method: 'GET', url, headers: { cookie }, body: undefined }, person);
      }
    }
  }
});

test('no request for what is read brings a route down or anything of a child out', () => {
  const asked = fc
    .constantFrom(...reading(routes))
    .chain((route) => fc.tuple(comersTo(route), requestsOf(route, right, fc.constant(''))));
  return fuzz(
    fc.asyncProperty(asked, ([{ person, value }, request]) => {
      const others = (request.headers['cookie'] ?? '').replaceAll('rollcall_demo_viewer', '');
      const cookie = `${others}; rollcall_demo_viewer=${encodeURIComponent(value.toWellFormed())}`;
      return mustBear(demo, { ...request, headers: { ...request.headers, cookie } }, person);
    }),
    { least: 300, share: 0.7 },
  );
});

test('nor on a site that is no demo, where nobody is anybody', () => {
  const forged = fc.constantFrom(...people).map((one) => `rollcall_demo_viewer=${valueOf(one)}`);
  const asked = fc
    .constantFrom(...reading(site.routes({ demo: false })))
    .chain((route) => requestsOf(route, right, forged));
  return fuzz(
    fc.asyncProperty(asked, (request) => mustBear(real, request, nobody)),
    { least: 150, share: 0.3 },
  );
});

test('the trail took all of it, and tells of no child', async () => {
  const entries = await auditEntriesAfter(site.stores.records, 0, 1_000_000);
  assert.ok(entries.length > 0);
  assert.deepEqual(
    toldOf(JSON.stringify(entries)).map(({ key }) => key),
    [],
  );
});
