import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type Answer,
  type AttackedSite,
  openAttackedSite,
  pathOf,
  type Running,
  type Visitor,
} from './site.fixture.ts';

/*
 * Somebody gets a script of theirs into a page that others see, or puts a page of this site, unseen, into one of theirs and
 * lets others click on it.
 */

let open: AttackedSite;
let site: Running;
let demo: Running;
let viewers: Record<string, (path: string) => Promise<Answer>>;
let administrator: Visitor;
let head: Visitor;

/** Everything that breaks out of an attribute, a text, a script or a comment. */
const payload = `pay'load"><script>alert(1)</script><img src=x onerror=alert(1)>--><svg/onload=alert(1)>{{7*7}}\${7*7}`;

before(async () => {
  open = await openAttackedSite({ issue: true });
  site = await open.run();
  demo = await open.run({ demo: true });
  administrator = await site.signIn('administrator');
  head = await site.signIn('head');
  const signedIn = await Promise.all(
    (['parent', 'auditor'] as const).map(async (key) => {
      const visitor = await site.signIn(key);
      return [key, visitor.get] as const;
    }),
  );
  viewers = {
    nobody: (path) => site.ask(path),
    head: head.get,
    administrator: administrator.get,
    ...Object.fromEntries(signedIn),
    'department in the demo': (path) =>
      demo.ask(path, { headers: { cookie: 'rollcall_demo_viewer=department' } }),
  };
  await open.stores.records
    .updateTable('people')
    .set({ name: payload, email: payload, organisation: payload })
    .where('id', '=', open.cast.people.get('formerHead') ?? 0)
    .execute();
});
after(() => open.close());

const tag = /<([a-z][\w-]*)((?:\s+[^\s=>"']+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']+))?)*)\s*\/?>/gi;
const attributeOf = /\s+([^\s=>"']+)(?:\s*=\s*["']?([^"']*)["']?)?/g;
const loads = ['src', 'srcset', 'action', 'formaction', 'poster', 'data'];

/** Why a page could run or load what it should not; empty when all is well. */
function faultsOf(path: string, { headers, body }: Answer): string[] {
  const faults: string[] = [];
  if (!headers['content-type']?.startsWith('text/html')) {
    if (headers['x-content-type-options'] !== 'nosniff') faults.push('may be taken for a page');
    return faults.map((each) => `${path}: ${each}`);
  }
  for (const [, name = '', attributes = ''] of body.matchAll(tag)) {
    if (name === 'script' && !/ src="/.test(attributes)) faults.push('a script in the page');
    if (['style', 'iframe', 'object', 'embed', 'base', 'applet'].includes(name)) {
      faults.push(`a ${name}`);
    }
    for (const [, attribute = '', value = ''] of attributes.matchAll(attributeOf)) {
      if (attribute.startsWith('on')) faults.push(`${name} ${attribute}`);
      if (attribute === 'style') faults.push(`${name} with a style`);
      if (/^\s*(javascript|vbscript|data):/i.test(value)) faults.push(`${name} ${value}`);
      const links = attribute === 'href' && name !== 'a';
      if ((loads.includes(attribute) || links) && !/^(\/(?!\/)|#)/.test(value)) {
        faults.push(`${name} loads ${value}`);
      }
    }
  }
  return [...new Set(faults)].map((each) => `${path}: ${each}`);
}

/** The policy by its parts. */
function policyOf({ headers }: Answer): Record<string, string> {
  const parts = String(headers['content-security-policy'] ?? '').split('; ');
  return Object.fromEntries(
    parts.map((part) => {
      const [name = '', ...values] = part.split(' ');
      return [name, values.join(' ')];
    }),
  );
}

const strict = {
  ...{
    'default-src': "'none'",
    'style-src': "'self'",
    'script-src': "'self'",
    'img-src': "'self'",
  },
  ...{ 'form-action': "'self'", 'base-uri': "'none'", 'frame-ancestors': "'none'" },
};

describe('every page, to everybody', () => {
  test('has nothing inline, nothing from elsewhere, and a policy that allows neither', async () => {
    const faults: string[] = [];
    let pages = 0;
    for (const [turn, [who, get]] of Object.entries(viewers).entries()) {
      for (const [index, route] of demo.routes.entries()) {
        // All to nobody, every second one to each of the others.
        if (route.method !== 'GET' || (who !== 'nobody' && (index + turn) % 2 > 0)) continue;
        const answer = await get(pathOf(route));
        pages += 1;
        faults.push(...faultsOf(`${who} ${route.path}`, answer));
        assert.deepEqual(policyOf(answer), strict, route.path);
      }
    }
    assert.ok(pages > 150, `${pages}`);
    assert.deepEqual([...new Set(faults)], []);
  });

  test('errors, files, assets and what is told to machines have the same policy', async () => {
    const odd = [
      '/nothing',
      '/%zz',
      '/schools/x',
      '/api/v1/nothing',
      '/healthz',
      '/readyz',
      '/metrics',
      '/assets/x',
    ];
    const [, asset = ''] = /href="(\/assets\/govuk[^"]+)"/.exec((await site.ask('/')).body) ?? [];
    for (const path of [...odd, asset]) {
      const answer = await site.ask(path);
      assert.deepEqual(policyOf(answer), strict, path);
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      assert.equal(answer.headers['cross-origin-resource-policy'], 'same-origin');
    }
  });

  test('is framed by nobody, opened by nobody who could hold on to it, and tells no other site where one was', async () => {
    for (const get of Object.values(viewers)) {
      const answer = await get('/purpose');
      assert.equal(policyOf(answer)['frame-ancestors'], "'none'");
      assert.equal(answer.headers['cross-origin-opener-policy'], 'same-origin');
      assert.equal(answer.headers['referrer-policy'], 'same-origin');
    }
  });

  test('is asked for over TLS ever after, where there is TLS', async () => {
    const overTls = await open.run({ at: 'https://rollcall.example' });
    const { headers } = await overTls.ask('/');
    assert.match(headers['strict-transport-security'] ?? '', /^max-age=\d{8}/);
    assert.equal((await site.ask('/')).headers['strict-transport-security'], undefined);
  });
});

describe('what somebody sends', () => {
  /** The payload is in no page as more than text. */
  function harmless(path: string, answer: Answer): void {
    assert.notEqual(answer.status, 500, path);
    assert.deepEqual(faultsOf(path, answer), []);
    if (!answer.headers['content-type']?.startsWith('text/html')) return;
    assert.doesNotMatch(answer.body, /<script>alert|<img src=x|<svg\/onload|pay'?load">/, path);
    assert.doesNotMatch(answer.body, /payload49|49\$/, path);
  }

  test('in an address comes back as text, or not at all', async () => {
    const names = [
      'q',
      'page',
      'class',
      'return',
      'laCode',
      'year',
      'type',
      'child',
      'from',
      'error',
      'state',
    ];
    const query = new URLSearchParams(
      Object.fromEntries(names.map((name) => [name, payload])),
    ).toString();
    for (const [turn, [who, get]] of Object.entries(viewers).entries()) {
      for (const [index, route] of demo.routes.entries()) {
        if (route.method !== 'GET' || (index + turn) % 3 > 0) continue;
        harmless(`${who} ${route.path}`, await get(`${pathOf(route)}?${query}`));
      }
    }
  });

  test('as a part of a path comes back as text, or not at all', async () => {
    const text = encodeURIComponent(payload.slice(0, 60));
    const values = Object.fromEntries(
      ['urn', 'laCode', 'la_code', 'uid', 'id', 'person', 'key', 'appointment'].map((name) => [
        name,
        text,
      ]),
    );
    for (const route of demo.routes.filter(({ path }) => path !== '/sign-out')) {
      const path = pathOf(route, values);
      harmless(route.path, await (route.method === 'GET' ? head.get(path) : head.post(path)));
    }
    for (const path of [`/${text}`, `/assets/${text}`, `/api/v1/${text}`, `/%zz${text}`]) {
      harmless(path, await site.ask(path));
    }
  });

  test('in a form comes back as text, or not at all', async () => {
    const names = [
      'name',
      'urn',
      'days',
      'role',
      'scope',
      'starts_on',
      'ends_on',
      'field',
      'wanted',
      'because',
    ];
    const more = [
      'reason',
      'surname',
      'date_of_birth',
      'note',
      'outcome',
      'answer',
      'purpose',
      'return',
      'viewer',
    ];
    const form = Object.fromEntries([...names, ...more].map((name) => [name, payload]));
    for (const visitor of [head, administrator]) {
      for (const route of site.routes.filter(
        ({ method, path }) => method === 'POST' && path !== '/sign-out',
      )) {
        // Not one’s own appointment, which would be ended.
        const path = pathOf(route, { person: '2', appointment: '2' });
        harmless(route.path, await visitor.post(path, form));
      }
    }
  });

  test('and is kept, is text to everybody who reads it later', async () => {
    const pupil = open.cast.pupils.get('classmateOne') ?? 0;
    const asked = await head.post(`/pupils/${pupil}/corrections`, {
      ...{ field: 'fsm', wanted: 'yes', because: payload },
    });
    assert.equal(asked.status, 303, /<main[^]*<\/main>/.exec(asked.body)?.[0]);
    const key = { name: payload.slice(0, 100), urn: '900001', days: '5', 'registers:write': 'yes' };
    assert.equal((await administrator.post('/administration/keys', key)).status, 200);
    const kept: [Visitor, string][] = [
      [head, `/pupils/${pupil}/corrections`],
      [administrator, '/administration/keys'],
      [administrator, '/administration/people'],
      [administrator, `/administration/people/${open.cast.people.get('formerHead')}`],
    ];
    for (const [visitor, path] of kept) {
      const answer = await visitor.get(path);
      assert.match(answer.body, /pay&#39;load&quot;&gt;/, path);
      harmless(path, answer);
    }
  });
});

test('nothing of all that was a fault', () => {
  assert.deepEqual(open.faults, []);
});
