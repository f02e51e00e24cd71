import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { demoCast } from '../demo/index.ts';
import type { School } from '../schools/index.ts';
import type { Issued } from '../targets/index.ts';
import { atOnce } from '../testing/atOnce.ts';
import fc from '../testing/chance.ts';
import { issueAgain, openDoors, openTestSite } from '../testing/site.ts';
import { createAssets } from '../ui/index.ts';
import { askerOf, nobody } from '../web/asker.ts';
import { createApp } from '../web/index.ts';
import { type Answer, type DataClass, dataClassNames, pupilData, type Route } from './index.ts';

/*
 * Every route of the whole site, asked by everybody about everything. What was issued to each school is marked with
 * that school’s own mark, in words and in numbers; a mark may reach those alone who may see what was issued to the
 * school, by the sentences below, which know nothing of the policy’s table.
 */

const site = await openTestSite();
/** The words of every mark, and the numbers: no published figure comes near them. */
const wordMark = /SENTINEL-(\d{6})/g;
const numberMark = /(?:88\.83|91\.37|52\.29)0000(\d{6})1/g;
/** As pages round and reckon with them. */
const roundedMark = /\b(?:88\.8|91\.4|52\.3)%|39\.1 (?:percentage )?points above what similar/g;

function marked({ figures, explanation }: Issued): Issued {
  const { urn } = figures;
  const word = `SENTINEL-${urn}`;
  const number = (value: string) => Number(`${value}0000${urn}1`); // the 1 keeps a last 0 of the URN
  return {
    figures: {
      ...figures,
      forecast_absence_percent: number('91.37'),
      forecast_absence_lower_80: number('91.37'),
      expectation_absence_percent: number('88.83'),
      expectation_persistent_percent: number('88.83'),
      context_absence_percent: number('52.29'),
      ladder_similar_best_quarter_percent: number('52.29'),
    },
    explanation: {
      ...explanation,
      reasons: [...explanation.reasons, word],
      similar: explanation.similar.map((other) => ({
        ...other,
        differences: [...other.differences, word],
      })),
      learnFrom: explanation.learnFrom.map((other) => ({
        ...other,
        name: `${other.name} ${word}`,
      })),
      noneToLearnFromReason: word,
      restsOn: word,
    },
  };
}

await issueAgain(site.stores, marked);
const directory = await site.directories();
const demo = await site.serve({ demo: true });
const routes = site.routes({ demo: true });

/** The schools whose marks are in a text. */
function marksIn(text: string): Set<number> {
  return new Set(
    [...text.matchAll(wordMark), ...text.matchAll(numberMark)].map((match) => Number(match[1])),
  );
}

type Person = { role: string; scope: string };

/** Who may see what was issued to a school. Plain sentences; not the policy’s table. */
function maySee({ role, scope }: Person, school: School): boolean {
  // The department and the operator see what was issued to every school.
  if (role === 'department' || role === 'operator') return true;
  // A local authority sees what was issued to the schools in its area.
  if (role === 'authority' || role === 'analyst') return school.laCode === scope;
  // A trust sees what was issued to its own schools; a school without a trust belongs to none.
  if (role === 'trust') return school.trust !== null && school.trust.uid === scope;
  // A school sees what was issued to itself, under any number it has had.
  if (role === 'school' || role === 'head')
    return school.chain.some((record) => String(record.urn) === scope);
  // Inspectors, the public and whoever cannot be made out see nothing issued.
  return false;
}

type Comer = { cookie: string | undefined; person: Person };

const theirOwnCookie = 'rollcall_demo_viewer';
const someone: Person = { role: 'public', scope: '' };

/** Cookies that nobody gave: who comes with one is a member of the public. */
const forgeries: Comer[] = [
  'operator',
  'OPERATOR',
  'department:990',
  'school:900001,900002',
  'school%3A900001%00',
  'authority:*',
  '%E0%A4%A',
  '__proto__',
].map((value) => ({ cookie: `${theirOwnCookie}=${value}`, person: someone }));

/** Everybody: each with the cookie they come with, and whom that makes them. */
function everybody(): Comer[] {
  return [...known(), ...forgeries];
}

function known(): Comer[] {
  const as = (role: string, scope = '') => ({
    cookie: `${theirOwnCookie}=${scope ? `${role}:${scope}` : role}`,
    person: { role, scope },
  });
  const { trust } = directory.get(demoCast.improvingSecondary.urn);
  return [
    { cookie: undefined, person: someone },
    as('public'),
    as('department'),
    as('authority', '990'),
    as('authority', '991'),
    as('trust', trust?.uid ?? ''),
    as('trust', otherTrust()),
    as('school', String(demoCast.improvingSecondary.urn)),
    as('school', String(demoCast.smallRuralPrimary.urn)),
    as('school', String(demoCast.academisedChain.urn)),
    as('school', String(demoCast.academisedChain.previousUrn)),
    as('school', '100000'),
    as('head', String(demoCast.smallRuralPrimary.urn)),
    as('analyst', '990'),
    as('adviser', 'E12000001'),
    as('hub', 'north-coast'),
    as('teacher', '900001/7B'),
    as('social-worker', '1'),
    as('early-help', '2'),
    as('parent', '3'),
    as('pupil', '4'),
    as('system', '900001'),
    as('auditor'),
    as('administrator'),
    as('inspector', '990'),
    as('inspector', '991'),
  ];
}

function otherTrust(): string {
  const own = directory.get(demoCast.improvingSecondary.urn).trust?.uid;
  const other = directory.schools.find((each) => each.trust && each.trust.uid !== own);
  return other?.trust?.uid ?? '';
}

/** Schools asked about: each viewer’s own, of the same trust, of the same authority, elsewhere, gone, and nowhere. */
function urnsAskedAbout(): string[] {
  const own = directory.get(demoCast.improvingSecondary.urn);
  const sameTrust = directory.schools.find(
    (each) => each.trust?.uid === own.trust?.uid && each.urn !== own.urn,
  );
  const elsewhere = directory.schoolsOfAuthority('991')[0];
  const urns = [
    own.urn,
    sameTrust?.urn,
    demoCast.smallRuralPrimary.urn,
    demoCast.academisedChain.urn,
    demoCast.academisedChain.previousUrn,
    demoCast.closedSchool.urn,
    elsewhere?.urn,
    100_000,
  ];
  return [...new Set(urns)].map(String);
}

/** What can stand for each named part of a path. A new name fails the test until it is told here. */
function valuesOf(name: string): string[] {
  const own = directory.get(demoCast.improvingSecondary.urn).trust?.uid ?? '';
  const values: Record<string, string[]> = {
    urn: urnsAskedAbout(),
    laCode: ['990', '991', '000'],
    la_code: ['990', '991', '000'],
    regionCode: ['E99900001', 'E12000001'],
    region_code: ['E99900001', 'E12000001'],
    uid: [own, otherTrust(), '1'],
    id: ['1', '2', '9', '999999'],
    person: ['1', '999'],
    key: ['1'],
    appointment: ['1'],
    emergency: ['1'],
    correction: ['1'],
    upload: ['1'],
    day: ['2025-09-08'],
    session: ['am', '2'],
  };
  const known = values[name];
  assert.ok(known, `no test knows what to put for :${name}; tell it in valuesOf`);
  return known;
}

function urlsOf(route: Route): string[] {
  const name = /:(\w+)/.exec(route.path)?.[1];
  if (name === undefined) return [route.path];
  return valuesOf(name).flatMap((value) =>
    urlsOf({ ...route, path: route.path.replace(`:${name}`, value) }),
  );
}

type Reply = Awaited<ReturnType<FastifyInstance['inject']>>;

/** Everything that reaches the asker. */
function whole(reply: Reply): string {
  const text = `${reply.statusCode} ${JSON.stringify(reply.headers)} ${reply.body}`;
  return text.replaceAll(/%[0-9a-f]{2}/gi, (code) =>
    String.fromCharCode(Number.parseInt(code.slice(1), 16)),
  );
}

/** What of a reply its asker may not see, in words; empty when all is well. */
function leaksIn(reply: Reply, person: Person): string[] {
  const text = whole(reply);
  const marks = [...marksIn(text)];
  const leaks = marks.filter((urn) => !maySee(person, directory.get(urn)));
  const seesNothing = !directory.schools.some((school) => maySee(person, school));
  const rounded = seesNothing ? [...text.matchAll(roundedMark)] : [];
  return [...leaks.map(String), ...rounded.map((match) => match[0])];
}

/** What was told to whom, as far as these tests want to know: whole answers would fill the memory. */
type Answered = Comer & {
  method: string;
  url: string;
  status: number;
  cacheControl: string | undefined;
  etag: string | undefined;
  marks: ReadonlySet<number>;
  /** What the asker may not see, in words. */
  leaks: string[];
  rounded: boolean;
  showsSupport: boolean;
};

/** Where what was issued is told: asked by everybody about every school and every group. */
const tellsOfIssued = new Set([
  ...['/schools/:urn', '/schools/:urn/expectation.csv', '/api/v1/schools/:urn/expectation'],
  ...['/authorities/:laCode', '/trusts/:uid'],
]);
/** To whom every school and every group is as any other: each asks about another one, in turn. */
const withoutScope = ['public', 'social-worker', 'early-help', 'parent', 'pupil', 'auditor'];
const toWhomAllAreAlike = new Set([...withoutScope, 'administrator', 'adviser', 'hub']);

/**
 * Everything asked once by everybody known, and by one forger after the other: a forged cookie is read in one place, of
 * which another test says that it makes nobody of its bearer.
 */
async function askEverything(): Promise<Answered[]> {
  const everything = routes.flatMap((route) =>
    urlsOf(route).map((url, place, { length }) => ({ route, url, place, length })),
  );
  const questions = everything.flatMap(({ route, url, place, length }, at) => {
    const forger = forgeries[at % forgeries.length] as Comer;
    const asking = known().filter(
      ({ person }, turn) =>
        tellsOfIssued.has(route.path) ||
        !toWhomAllAreAlike.has(person.role) ||
        place === turn % length ||
        place === (turn + 3) % length,
    );
    return [...asking, forger].map((comer) => ({ ...comer, method: route.method, url }));
  });
  const answered: Answered[] = [];
  await atOnce(16, questions, async (question) => {
    const { method, url, cookie, person } = question;
    const reply = await demo.inject({ method, url, headers: cookie ? { cookie } : {} });
    const { 'cache-control': cacheControl, etag } = reply.headers;
    answered.push({
      ...question,
      ...{ status: reply.statusCode, cacheControl, etag },
      marks: marksIn(whole(reply)),
      leaks: leaksIn(reply, person),
      rounded: [...reply.body.matchAll(roundedMark)].length > 0,
      showsSupport: reply.body.includes('id="support"'),
    });
  });
  return answered;
}

/** What everybody known was told at an address; everybody was asked there. */
function toldAt(url: string): Answered[] {
  const told = answers.filter((answer) => answer.url === url && answer.method === 'GET');
  assert.equal(told.length, known().length + 1, `not everybody asked ${url}`);
  return told;
}

// Asked before the first test begins: the runner watches every promise of a test, which takes as long as the answers.
const answers = await askEverything();
after(() => site.close());

test('no mark reaches anyone who may not see it, whatever is asked by whomever', (t) => {
  t.diagnostic(`${answers.length} requests, ${routes.length} routes`);
  for (const { url, status } of answers) {
    assert.notEqual(status, 500, `${url}: ${site.faults.at(-1)?.error.stack}`);
  }
  const found = answers.flatMap(({ cookie, url, leaks }) =>
    leaks.map((leak) => `${cookie} asks ${url}: ${leak}`),
  );
  assert.deepEqual(found, []);
  // The test would see a mark: those who may see one do.
  const seen = new Set(answers.flatMap(({ person, marks }) => (marks.size > 0 ? person.role : [])));
  const mayRoles = ['department', 'authority', 'analyst', 'trust', 'head', 'school'];
  assert.deepEqual([...seen].sort(), mayRoles.sort());
});

test('a cookie that nobody gave makes a visitor nobody, and is answered as if it were not there', async () => {
  const url = `/schools/${demoCast.improvingSecondary.urn}`;
  const plain = await demo.inject({ url });
  for (const { cookie } of forgeries) {
    const request = { headers: { cookie } } as FastifyRequest;
    const asker = { demo: true, viewAs: undefined, doorkeeper: openDoors.doorkeeper };
    assert.deepEqual(await askerOf(request, asker), nobody, cookie);
    const forged = await demo.inject({ url, headers: { cookie: cookie ?? '' } });
    assert.equal(forged.body, plain.body, cookie);
    assert.deepEqual(marksIn(whole(forged)), new Set(), cookie);
  }
});

test('what holds something issued is kept by no cache and no browser; what does not is asked for again with its ETag', () => {
  const found = answers.filter(({ method, status }) => method === 'GET' && status === 200);
  let issued = 0;
  for (const { url, person, cacheControl, etag, marks } of found) {
    if (marks.size > 0) {
      issued += 1;
      assert.deepEqual([cacheControl, etag], ['no-store', undefined], url);
    } else if (person.role === 'public') {
      assert.equal(cacheControl, 'private, no-cache', url);
      assert.ok(etag, url);
    }
  }
  assert.ok(issued >= 40, `${issued} answers`);
});

/** The routes that are about one school’s expectation: its page, its file, its API. */
const expectationOf = (urn: number) => [
  `/schools/${urn}`,
  `/schools/${urn}/expectation.csv`,
  `/api/v1/schools/${urn}/expectation`,
];

test('whoever may see a school’s expectation gets it, on its page, in its file and from the API', () => {
  const urns = urnsAskedAbout()
    .map(Number)
    .flatMap((urn) => {
      const school = directory.find(urn);
      return school && school.closeDate === null && school.urn === urn ? [urn] : [];
    });
  assert.ok(urns.length >= 4, String(urns));
  for (const urn of urns) {
    for (const url of expectationOf(urn)) {
      for (const { cookie, person, marks, status } of toldAt(url)) {
        const allowed = maySee(person, directory.get(urn));
        assert.equal(marks.has(urn), allowed, `${cookie} asks ${url}`);
        if (!allowed && !url.endsWith(String(urn))) assert.equal(status, 403, url);
      }
    }
  }
});

test('a school that sees its own expectation sees nobody else’s through its similar schools', async () => {
  const { urn, similar } = await schoolWithSimilar();
  const headers = { cookie: `rollcall_demo_viewer=school:${urn}` };
  for (const url of expectationOf(urn)) {
    const reply = await demo.inject({ url, headers });
    assert.deepEqual([...marksIn(whole(reply))], [urn]);
  }
  for (const other of similar) {
    for (const url of expectationOf(other)) {
      assert.deepEqual([...marksIn(whole(await demo.inject({ url, headers })))], [], url);
    }
  }
});

async function schoolWithSimilar(): Promise<{ urn: number; similar: number[] }> {
  const headers = { cookie: 'rollcall_demo_viewer=department' };
  for (const { urn } of directory.schoolsOfAuthority('990')) {
    const reply = await demo.inject({ url: `/api/v1/schools/${urn}/expectation`, headers });
    if (reply.statusCode !== 200) continue;
    const similar = reply.json().explanation.similar.map((each: { urn: number }) => each.urn);
    if (similar.length >= 10) return { urn, similar };
  }
  throw new Error('no school here has ten similar schools');
}

test('where support would do most is told of a group’s schools to those alone who may see all of them', () => {
  const groups: [string, School[]][] = [
    ...['990', '991'].map((code): [string, School[]] => [
      `/authorities/${code}`,
      directory.schoolsOfAuthority(code),
    ]),
    ...valuesOf('uid')
      .slice(0, 2)
      .map((uid): [string, School[]] => [`/trusts/${uid}`, directory.schoolsOfTrust(uid)]),
  ];
  for (const [url, schools] of groups) {
    for (const { cookie, person, rounded, showsSupport } of toldAt(url)) {
      const owns = url.endsWith(`/${person.scope}`) || person.role === 'department';
      if (showsSupport)
        assert.ok(
          schools.every((school) => maySee(person, school)),
          `${cookie}: ${url}`,
        );
      assert.equal(rounded, showsSupport, `${cookie} asks ${url}`);
      if (owns && !['inspector', 'public'].includes(person.role)) assert.ok(showsSupport, url);
    }
  }
});

test('an old URN of a school leads its own viewer, and nobody else, to what was issued', async () => {
  const { urn, previousUrn } = demoCast.academisedChain;
  for (const scope of [urn, previousUrn]) {
    const headers = { cookie: `rollcall_demo_viewer=school:${scope}` };
    const page = await demo.inject({ url: `/schools/${previousUrn}`, headers });
    assert.equal(page.headers['location'], `/schools/${urn}`);
    const reply = await demo.inject({ url: `/api/v1/schools/${previousUrn}/expectation`, headers });
    assert.deepEqual([...marksIn(reply.body)], [urn]);
  }
  const headers = { cookie: 'rollcall_demo_viewer=inspector:990' };
  for (const url of expectationOf(previousUrn)) {
    assert.deepEqual([...marksIn(whole(await demo.inject({ url, headers })))], []);
  }
});

test('no twist of an address, a header or a cookie shows more', async () => {
  const people = everybody();
  const urls = routes.flatMap(urlsOf);
  const twists: Record<string, (url: string) => string> = {
    'as it is': (url) => url,
    'in capitals': (url) => url.toUpperCase(),
    encoded: (url) =>
      url.replace(/\/(\w)/, (_, first: string) => `/%${first.charCodeAt(0).toString(16)}`),
    'its number encoded': (url) => url.replace(/9/g, '%39'),
    'slashes doubled': (url) => url.replaceAll('/', '//'),
    'a slash at its end': (url) => `${url}/`,
    'by way of another': (url) => `/schools/../${url.slice(1)}`,
    'by way of another, encoded': (url) => `/schools/%2e%2e/${url.slice(1)}`,
    'with a viewer': (url) => `${url}?viewer=department&as=operator&demo=1`,
    'with another school': (url) => `${url}?urn=900001&laCode=990`,
    'another notation': (url) => url.replace(/\/(9\d{5})/, (_, urn) => `/${urn}.0`),
    'in hexadecimal': (url) =>
      url.replace(/\/(9\d{5})/, (_, urn) => `/0x${Number(urn).toString(16)}`),
    'with zeros before': (url) => url.replace(/\/(9\d{5})/, '/00$1'),
    'with a space': (url) => url.replace(/\/(9\d{5})/, '/%20$1'),
    'with a null': (url) => `${url}%00`,
    'another kind of file': (url) => url.replace('absence', 'expectation'),
  };
  const headers: Record<string, string>[] = [
    {},
    {
      'x-forwarded-user': 'department',
      'x-viewer': 'department',
      authorization: 'Demo department',
    },
    { 'x-original-url': '/schools/900001/expectation.csv', 'x-rewrite-url': '/schools/900001' },
    { 'x-http-method-override': 'POST', accept: 'application/json' },
    { accept: 'text/csv', 'if-none-match': '*' },
    { range: 'bytes=0-50', 'accept-encoding': 'gzip' },
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...people),
      fc.constantFrom(...urls),
      fc.constantFrom(...Object.keys(twists)),
      fc.constantFrom(...headers),
      fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'OPTIONS'),
      async ({ cookie, person }, url, twist, extra, method) => {
        const reply = await demo.inject({
          method: method as 'GET',
          url: (twists[twist] as (url: string) => string)(url),
          headers: { ...extra, ...(cookie ? { cookie } : {}) },
        });
        assert.deepEqual(leaksIn(reply, person), []);
        assert.notEqual(reply.statusCode, 500, String(site.faults.at(-1)?.error.stack));
      },
    ),
    { numRuns: 400, seed: 20_261_122 },
  );
});

test('outside the demo nobody can be anybody: a cookie, a header or a query changes nothing', async () => {
  const real = await site.serve({ demo: false });
  const realRoutes = site.routes({ demo: false });
  assert.ok(!realRoutes.some((route) => route.needs === 'demonstration'));
  for (const method of ['GET', 'POST'] as const) {
    assert.equal((await real.inject({ method, url: '/demo' })).statusCode, 404);
  }
  const tricks: Record<string, string>[] = [
    { cookie: 'rollcall_demo_viewer=department' },
    { cookie: `rollcall_demo_viewer=school:${demoCast.improvingSecondary.urn}` },
    { 'x-demo': '1', 'x-viewer': 'department', authorization: 'Demo department' },
  ];
  await atOnce(16, realRoutes.flatMap(urlsOf), async (url) => {
    const plain = await real.inject({ url });
    assert.deepEqual(leaksIn(plain, { role: 'public', scope: '' }), [], url);
    for (const headers of tricks) {
      const tricked = await real.inject({ url, headers });
      assert.equal(tricked.body, plain.body, url);
      assert.equal(tricked.statusCode, plain.statusCode);
      assert.equal(tricked.headers['set-cookie'], undefined);
    }
  });
});

test('the operator who serves the site as somebody sees what that somebody sees, whatever the cookie says', async () => {
  const { urn } = demoCast.improvingSecondary;
  const asInspector = await site.serve({
    demo: false,
    viewAs: { role: 'inspector', scope: '990' },
  });
  const asDepartment = await site.serve({
    demo: false,
    viewAs: { role: 'department', scope: null },
  });
  const headers = { cookie: 'rollcall_demo_viewer=department' };
  for (const url of expectationOf(urn)) {
    assert.deepEqual([...marksIn(whole(await asInspector.inject({ url, headers })))], []);
    assert.deepEqual([...marksIn(whole(await asDepartment.inject({ url })))], [urn]);
  }
});

test('a visitor of the demo becomes one of the people on the page, and nobody else', async () => {
  const post = (viewer: string) =>
    demo.inject({
      method: 'POST',
      url: '/demo',
      payload: new URLSearchParams({ viewer }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  const department = await post('department');
  assert.equal(department.statusCode, 303);
  assert.match(
    String(department.headers['set-cookie']),
    /=department; Path=\/; HttpOnly; SameSite=Lax/,
  );
  for (const other of [
    'operator',
    'school:900100',
    'authority:991',
    'department:1',
    '',
    'x'.repeat(500),
  ]) {
    const reply = await post(other);
    assert.equal(reply.statusCode, 400, other);
    assert.equal(reply.headers['set-cookie'], undefined);
  }
});

/** Files of the design, and how the site is: nothing of what it holds. */
const notData = new Set(['/assets/:file', '/healthz', '/readyz', '/metrics']);

test('every address that the site answers stands in the one list of routes', () => {
  const answered = demo
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .filter((line) => line.includes('('));
  const paths: string[] = [];
  for (const line of answered) {
    const depth = (line.indexOf('── ') + 1) / 4;
    const [, part = '', methods = ''] = /── (\S*) \((.+)\)/.exec(line) ?? [];
    paths.length = Math.floor(depth);
    paths.push(part);
    const path = paths.join('').replace('//', '/');
    for (const method of methods.split(', ').filter((each) => each !== 'HEAD')) {
      const listed = routes.some((route) => route.path === path && route.method === method);
      assert.ok(listed || notData.has(path), `${method} ${path} is not in the list`);
    }
  }
  assert.ok(answered.length >= 15);
});

test('every route needs a class of data that the policy knows, and names its subject', () => {
  for (const route of routes) {
    assert.ok(dataClassNames.includes(route.needs), route.path);
    const aboutSomething = /:(urn|uid|laCode|la_code|regionCode|id)\b/.test(route.path);
    const aboutChildren = (pupilData as readonly DataClass[]).includes(route.needs);
    if (aboutSomething || aboutChildren)
      assert.ok(route.subject, `${route.path} names its subject`);
  }
});

test('a route without a rule does not compile, and is refused to everyone if it is made all the same', async () => {
  // @ts-expect-error A route says what it needs.
  const without: Route = {
    method: 'GET',
    path: '/secret',
    summary: 'A route without a rule',
    answer: async () => ({ kind: 'data', body: 'SENTINEL-900001' }),
  };
  const unknown = { ...without, path: '/unknown', needs: 'anything' as DataClass };
  const app = await appOf([without, unknown]);
  for (const url of ['/secret', '/unknown']) {
    const reply = await app.inject({ url, headers: { cookie: 'rollcall_demo_viewer=department' } });
    assert.equal(reply.statusCode, 500);
    assert.deepEqual([...marksIn(whole(reply))], []);
  }
  await app.close();
});

const leaky: Record<string, Answer> = {
  'in its body': { kind: 'data', body: { why: 'SENTINEL-900001' } },
  'as a number': { kind: 'data', body: [Number('88.8300009000011')] },
  'in where it leads': { kind: 'redirect', to: '/schools?q=SENTINEL%2D900001' },
  'in the name of a file': {
    kind: 'file',
    name: 'SENTINEL-900001.csv',
    contentType: 'text/csv',
    text: '',
  },
};

for (const [where, answer] of Object.entries(leaky)) {
  test(`the test itself finds a planted route that leaks ${where}`, async () => {
    const app = await appOf([
      {
        method: 'GET',
        path: '/leak',
        summary: 'A route that leaks',
        needs: 'public statistic',
        answer: async () => answer,
      },
    ]);
    const reply = await app.inject({ url: '/leak' });
    assert.deepEqual(leaksIn(reply, { role: 'public', scope: '' }), ['900001']);
    assert.deepEqual(leaksIn(reply, { role: 'department', scope: '' }), []);
    await app.close();
  });
}

/** A site of these routes alone. */
function appOf(these: Route[]): Promise<FastifyInstance> {
  return createApp({
    routes: these,
    render: () => '',
    assets: createAssets(),
    demo: true,
    viewAs: undefined,
    ...openDoors,
    describeViewer: async () => 'somebody',
    reportFault() {},
  });
}
