import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { dayInEngland, systemClock } from '../../src/base/clock.ts';
import { castChildren, castPeople, type CastPersonKey, demoCast } from '../../src/demo/index.ts';
import { auditEntriesAfter } from '../../src/records/index.ts';
import fc from '../../src/testing/chance.ts';
import { childrenTold, type Person, whoMaySee } from '../../src/testing/children.ts';
import { openAttackedSite, type Visitor } from '../attacks/site.fixture.ts';
import { fuzz } from './fuzz.ts';
import { comersOf, type Hostile, mustBeHarmless, requestsOf, type Right } from './requests.ts';

/*
 * Every form, sent over the wire with anything in it by people who signed in, one after the other on one site: it refuses
 * or does it, and goes on. What was opened in an emergency is seen by whoever opened it.
 */

const open = await openAttackedSite({ issue: true });
const site = await open.run({ demo: true });
const directory = await open.directories();
const today = dayInEngland(systemClock());
const toldOf = childrenTold(castChildren(today));
const maySee = whoMaySee({ directory, people: open.cast.people, today });
after(() => open.close());

const keys = [
  ...([
    'head',
    'villageHead',
    'attendanceStaff',
    'teacher',
    'trustLead',
    'authorityOfficer',
  ] as const),
  ...(['socialWorker', 'earlyHelp', 'parent', 'otherParent', 'pupil', 'auditor'] as const),
  ...(['administrator', 'department', 'hub'] as const),
] satisfies CastPersonKey[];

const scopes = new Map(
  castPeople(directory).map(({ key, appointments }) => [key, appointments[0]]),
);

/** Whoever rests on themselves alone has their number as scope. */
function personOf(key: CastPersonKey): Person {
  const held = scopes.get(key);
  const scope = held?.scope ?? String(open.cast.people.get(key));
  return { role: held?.role ?? 'public', scope };
}

const right: Right = {
  id: [...open.cast.pupils.values()].map(String),
  // Nobody whose access is taken away in the course of it is one of those who ask.
  person: [String(open.cast.people.get('formerHead')), String(open.cast.people.get('inspector'))],
  urn: [String(demoCast.improvingSecondary.urn), String(demoCast.smallRuralPrimary.urn)],
  ...{ key: ['1', '2'], appointment: ['999', '1'], emergency: ['1', '2'], correction: ['1', '2'] },
  ...{ upload: ['1', '2'], day: ['2026-11-16'], session: ['AM', 'PM'] },
  ...{ uid: ['5001'], laCode: ['990'], suggestion: ['forecast', 'expectation'] },
  ...{ role: ['analyst', 'auditor', 'hub'], scope: ['990', '', 'north-coast', 'a12345678901b'] },
  ...{ starts_on: ['2026-09-01'], ends_on: ['2027-08-31', ''], name: ['A system'], days: ['30'] },
  reason: ['There is danger now, and nobody else can be asked today.'],
  note: ['It was looked at with the head, and it was right to do.'],
  because: ['The passport says so, and I have it here.'],
  answer: ['The passport was seen, and it is right.'],
  ...{
    field: ['surname', 'sen', 'date_of_birth', 'fsm'],
    wanted: ['Bramblewick', 'K', '2012-05-05'],
  },
  ...{
    outcome: ['accepted', 'refused', 'restricted', 'erased'],
    lift: ['yes', ''],
    surname: ['x'],
  },
  ...{ alert: ['1', '2'], saying: ['useful', 'not useful', 'snooze 2'] },
  ...{ purpose: ['attendance', 'safeguarding', 'own-record'], return: ['/pupils/1', '/schools'] },
  ...{ viewer: ['department', 'public'], 'registers:write': ['yes'] },
};

const posting = site.routes.filter((route) => route.method === 'POST');
const visitors = new Map<CastPersonKey, Visitor>();
const opened = new Set<string>();

/** Signed in, and again whenever they were signed out on the way. */
async function visitorOf(key: CastPersonKey): Promise<Visitor> {
  const known = visitors.get(key);
  if (known && (await known.get('/purpose')).status !== 401) return known;
  const visitor = await site.signIn(key);
  visitors.set(key, visitor);
  return visitor;
}

async function mustBear(key: CastPersonKey, request: Hostile): Promise<void> {
  const { cookie, formToken } = await visitorOf(key);
  const { body, headers } = request;
  const isForm = headers['content-type'] === 'application/x-www-form-urlencoded';
  const others = (headers['cookie'] ?? '').replaceAll('rollcall_', '');
  const before = open.faults.length;
  const told = await site.ask(request.url, {
    method: request.method,
    headers: {
      ...headers,
      cookie: `${others}; ${cookie}`,
      ...{ origin: site.address, 'sec-fetch-site': 'same-origin', host: `localhost:${site.port}` },
    },
    ...(body === undefined ? {} : { body: isForm ? `${body}&csrf=${formToken}` : body }),
  });
  const fault = open.faults.at(before);
  assert.equal(fault, undefined, `${fault?.route}: ${fault?.error.stack}`);
  mustBeHarmless(told);
  const emergency = /^\/pupils\/(\d+)\/emergency/.exec(request.url)?.[1];
  if (emergency && told.status === 303) opened.add(`${key} ${emergency}`);
  const text = `${told.body} ${JSON.stringify(told.headers)}`;
  for (const child of toldOf(text)) {
    const number = open.cast.pupils.get(child.key);
    const may = maySee(personOf(key), child) || opened.has(`${key} ${number}`);
    assert.ok(may, `it tells ${key} of ${child.key}`);
  }
}

test('no form brings the site down or anything of a child out, whatever is sent by whomever', async (t) => {
  assert.ok(posting.length >= 10, `${posting.length} forms`);
  const done = new Set<string>();
  const sent = fc.constantFrom(...posting).chain((route) =>
    fc.tuple(
      comersOf(route, keys, (key) => personOf(key).role),
      requestsOf(route, right, fc.constant('')),
    ),
  );
  await fuzz(
    fc.asyncProperty(sent, async ([key, request]) => {
      await mustBear(key, request);
      done.add(request.url.split('?')[0] ?? '');
    }),
    { least: 250, share: 1 },
  );
  t.diagnostic(`${done.size} addresses`);
});

test('something was changed on the way: the forms were not only refused', async () => {
  const entries = await auditEntriesAfter(open.stores.records, 0, 1_000_000);
  const changed = entries.filter(({ action }) => action === 'changed' || action === 'emergency');
  assert.ok(changed.length >= 5, `${changed.length} changes`);
  assert.deepEqual(
    toldOf(JSON.stringify(entries)).map(({ key }) => key),
    [],
  );
});
