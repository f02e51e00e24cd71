import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PlainBrowser } from '../../src/testing/plainBrowser.ts';
import {
  type AttackedSite,
  inTurn,
  openAttackedSite,
  pathOf,
  type Running,
  type Visitor,
} from './site.fixture.ts';

/*
 * A page elsewhere sends a form of this site in the name of somebody who is signed in, or signs somebody in as the
 * attacker, to see what they then write.
 */

let open: AttackedSite;
let site: Running;
let people: Visitor[];
before(async () => {
  open = await openAttackedSite({ provider: true });
  site = await open.run({ demo: true });
  people = await Promise.all(
    (['head', 'administrator', 'auditor', 'parent'] as const).map((each) => site.signIn(each)),
  );
});
after(() => open.close());

/** What a forged form could change: everything that is written down but the refusals. */
async function written(): Promise<string> {
  const { records } = open.stores;
  const tables = ['appointments', 'api_keys', 'corrections', 'emergencies', 'pupils'] as const;
  const rows = await Promise.all(
    tables.map((table) => records.selectFrom(table).selectAll().execute()),
  );
  const sessions = await records.selectFrom('sessions').select(['token_hash', 'purpose']).execute();
  return JSON.stringify([rows, sessions]);
}

describe('a form from elsewhere is refused, whatever it would have done', () => {
  const fields = {
    ...{ appointment: '1', purpose: 'safeguarding', viewer: 'department', name: 'x', days: '1' },
    ...{ field: 'fsm', wanted: 'yes', because: 'because of this', outcome: 'accepted' },
    ...{ urn: '900001', 'registers:write': 'yes', role: 'department', starts_on: '2020-01-01' },
    ...{ reason: 'the child is in danger at this minute', note: 'looked at it, and all is well' },
  };
  const forged: Record<string, (own: string, other: string) => [string, Record<string, string>]> = {
    'without a token': () => ['', {}],
    'with a made-up token': (own) => ['x'.repeat(own.length), {}],
    'with another person’s token': (_, other) => [other, {}],
    'with a piece of the token': (own) => [own.slice(0, -1), {}],
    'with the token, from another origin': (own) => [own, { origin: 'https://evil.example' }],
    'with the token, from another port': (own) => [own, { origin: 'http://localhost:1' }],
    'with the token, from a page of no origin': (own) => [own, { origin: 'null' }],
    'with the token, from another site': (own) => [own, { 'sec-fetch-site': 'cross-site' }],
    'with the token, from a sister site': (own) => [own, { 'sec-fetch-site': 'same-site' }],
  };
  for (const [turn, [how, forge]] of Object.entries(forged).entries()) {
    test(how, async () => {
      const before = await written();
      const posts = site.routes.filter(({ method }) => method === 'POST');
      assert.ok(posts.length >= 14, `${posts.length} forms`);
      for (const [index, route] of posts.entries()) {
        const visitor = inTurn(people, index + turn);
        const [csrf, headers] = forge(
          visitor.formToken,
          inTurn(people, index + turn + 1).formToken,
        );
        const { status } = await visitor.post(pathOf(route), { ...fields, csrf }, headers);
        // What only a key opens is opened by no session, with a token or without.
        assert.equal(status, route.ability ? 401 : 403, `${route.path} ${how}`);
      }
      assert.equal(await written(), before);
    });
  }
});

test('the same form from a page of this site is taken', async () => {
  const [head] = people;
  const { status } = (await head?.post('/purpose', { purpose: 'attendance', return: '/' })) ?? {};
  assert.equal(status, 303);
});

test('every form that a page shows brings the token along, on pages that tell of a failure too', async () => {
  const [head] = people;
  for (const path of ['/purpose', '/sign-in/as', '/no-such-page', '/pupils/1/corrections']) {
    const { body = '' } = (await head?.get(path)) ?? {};
    const forms = [
      ...body.matchAll(/<form\b[^>]*method="post"[^>]*>(<input type="hidden" name="csrf")?/g),
    ];
    assert.ok(forms.length > 0, path);
    assert.ok(
      forms.every(([, token]) => token),
      path,
    );
  }
});

test('what only reads changes nothing, however it is asked', async () => {
  const [head] = people;
  const before = await written();
  const leaves = ['/sign-out', '/sign-in'];
  for (const route of site.routes.filter(({ method }) => method === 'GET')) {
    if (leaves.includes(route.path)) continue;
    for (const query of ['?purpose=safeguarding&lift=yes&outcome=accepted', '?_method=POST']) {
      await head?.get(`${pathOf(route)}${query}`);
    }
  }
  assert.equal(await written(), before);
});

test('a form of another kind, which a page elsewhere could send, is not read', async () => {
  const [head] = people;
  assert.ok(head);
  for (const type of ['text/plain', 'application/json', 'multipart/form-data; boundary=x', '']) {
    const csrf = head.formToken;
    const body = type.endsWith('json')
      ? JSON.stringify({ csrf, purpose: 'safeguarding' })
      : `csrf=${csrf}`;
    const headers = { cookie: head.cookie, ...(type ? { 'content-type': type } : {}) };
    const { status } = await site.ask('/purpose', { method: 'POST', headers, body });
    assert.equal(status, 415, type);
  }
});

describe('nobody is signed in as the attacker', () => {
  /** The attacker's own sign-in, stopped before the last step. */
  async function lastStepOf(subject: string): Promise<string> {
    const attacker = new PlainBrowser();
    const html = await (await attacker.get(`${site.address}/sign-in`)).text();
    const action = /<form action="([^"]+)"/.exec(html)?.[1] ?? '';
    let next = new URL(action, open.provider?.issuer).href;
    let init: RequestInit = { method: 'POST', body: new URLSearchParams({ person: subject }) };
    for (let hops = 0; hops < 10; hops += 1) {
      const { headers } = await attacker.step(next, init);
      next = new URL(headers.get('location') ?? '', next).href;
      init = {};
      if (next.startsWith(`${site.address}/sign-in/callback`)) return next;
    }
    throw new Error('never led back');
  }

  test('by a link to the last step of the attacker’s own sign-in', async () => {
    const link = await lastStepOf('cast-head');
    const victim = new PlainBrowser();
    const { status } = await victim.step(link);
    assert.equal(status, 400);
    assert.equal(victim.cookies.size, 0);
  });

  test('nor in the middle of one’s own sign-in', async () => {
    const victim = new PlainBrowser();
    await victim.step(`${site.address}/sign-in`);
    const { status } = await victim.step(await lastStepOf('cast-head'));
    assert.equal(status, 400);
    assert.equal(victim.cookies.get('rollcall_session'), undefined);
  });

  test('by a state, a code or an issuer that was made up', async () => {
    const victim = new PlainBrowser();
    await victim.step(`${site.address}/sign-in`);
    for (const query of [
      '',
      '?state=x&code=y',
      `?state=${'a'.repeat(43)}&code=${'b'.repeat(43)}`,
    ]) {
      const { status } = await victim.step(`${site.address}/sign-in/callback${query}`);
      assert.equal(status, 400, query);
    }
    assert.equal(victim.cookies.get('rollcall_session'), undefined);
  });

  test('while the sign-in that was begun in the same browser works', async () => {
    const victim = new PlainBrowser();
    await victim.signIn(site.address, 'cast-head');
    assert.match(victim.cookies.get('rollcall_session') ?? '', /^[\w-]{43}$/);
  });
});
