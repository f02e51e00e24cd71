import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { checkSignInSettings, signInDefaults } from '../../src/signIn/index.ts';
import { type AttackedSite, openAttackedSite, pathOf, type Running } from './site.fixture.ts';

/*
 * Somebody has this server ask an address that they name: one inside the network, where they cannot ask themselves. A trap
 * listens, and every route is given its address in every way there is; nobody may call.
 */

let open: AttackedSite;
let site: Running;
let trap: Server;
let calls = 0;
let address: string;
before(async () => {
  open = await openAttackedSite({ provider: true });
  site = await open.run({ demo: true });
  trap = createServer((socket) => {
    calls += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(trap, 'listening');
  address = `http://127.0.0.1:${(trap.address() as { port: number }).port}`;
});
after(async () => {
  trap.close();
  await open.close();
});

const names = [
  ...[
    'return',
    'url',
    'uri',
    'redirect_uri',
    'iss',
    'issuer',
    'q',
    'page',
    'class',
    'state',
    'code',
  ],
  ...[
    'name',
    'scope',
    'role',
    'urn',
    'viewer',
    'wanted',
    'because',
    'reason',
    'field',
    'host',
    'callback',
  ],
  ...[
    'request_uri',
    'jwks_uri',
    'post_logout_redirect_uri',
    'id_token_hint',
    'purpose',
    'note',
    'answer',
  ],
];

describe('nobody calls the trap', () => {
  test('by any route, with its address in every parameter, part of a path, header and cookie', async () => {
    const visitors = [await site.signIn('head'), await site.signIn('administrator')];
    const form = Object.fromEntries(names.map((name) => [name, address]));
    const query = new URLSearchParams(form).toString();
    const text = encodeURIComponent(address);
    const parts = { urn: text, laCode: text, la_code: text, uid: text, id: text, person: text };
    const headers = {
      ...{ 'x-forwarded-host': address, referer: address, forwarded: `host=${address}` },
      ...{ 'x-callback-url': address, 'content-location': address, link: `<${address}>; rel=next` },
    };
    for (const [turn, visitor] of visitors.entries()) {
      const cookie = `${visitor.cookie}; rollcall_leaving=${address}; rollcall_sign_in=${address}`;
      for (const [index, route] of site.routes.entries()) {
        if (route.path === '/sign-out') continue;
        const values = { ...parts, key: text, appointment: text };
        // The one visitor’s address in the path, the other’s beside it.
        const path = (index + turn) % 2 === 0 ? pathOf(route) : pathOf(route, values);
        const whole = `${path}?${query}`;
        if (route.method === 'POST') await visitor.post(whole, form, headers);
        else await site.ask(whole, { headers: { ...headers, cookie } });
      }
    }
    await site.ask(address);
    assert.equal(calls, 0);
    assert.deepEqual(open.faults, []);
  });

  test('while the trap does hear whoever calls', async () => {
    await fetch(address).catch(() => {});
    assert.equal(calls, 1);
    calls = 0;
  });
});

describe('the provider that people sign in with', () => {
  test('is the settings’ and nobody else’s, and so is the address that it leads back to', async () => {
    const query = new URLSearchParams(
      Object.fromEntries(names.map((name) => [name, address])),
    ).toString();
    const { status, headers } = await site.ask(`/sign-in?${query}`, {
      headers: { host: 'evil.example' },
    });
    assert.equal(status, 303);
    const to = new URL(headers.location ?? '');
    assert.equal(to.origin, open.provider?.issuer);
    assert.equal(to.searchParams.get('redirect_uri'), `${site.address}/sign-in/callback`);
    assert.doesNotMatch(to.href, /evil|127\.0\.0\.1/);
  });

  test('leads nobody back to another address', async () => {
    const { headers } = await site.ask('/sign-in');
    for (const other of [
      `${address}/`,
      `${site.address}/sign-in/callback/..`,
      `${site.address}@evil.example/`,
    ]) {
      const to = new URL(headers.location ?? '');
      to.searchParams.set('redirect_uri', other);
      const answer = await fetch(to, { redirect: 'manual' });
      assert.equal(answer.status, 400, other);
      assert.equal(answer.headers.get('location'), null);
    }
    assert.equal(calls, 0);
  });

  test('is named with TLS outside the demo, or the site does not start', () => {
    const settings = {
      ...signInDefaults,
      ...{ clientId: 'rollcall', clientSecret: 'a1b2c3d4e5f6g7h8i9j0k1l2' },
      ...{ issuer: 'https://issuer.example', site: 'https://rollcall.example' },
    };
    checkSignInSettings(settings, { demo: false });
    for (const issuer of [address, 'file:///etc/passwd', 'gopher://x', 'issuer.example', '']) {
      assert.throws(() => checkSignInSettings({ ...settings, issuer }, { demo: false }), issuer);
    }
  });
});
