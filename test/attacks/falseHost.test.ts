import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type AttackedSite,
  inTurn,
  openAttackedSite,
  pathOf,
  type Running,
} from './site.fixture.ts';

/*
 * A request says it is for another host, so that a link, a redirect or a cookie for the attacker’s host is made, or a cache
 * in between keeps such a page for everybody; or a page elsewhere gives this machine a name of its own (DNS rebinding).
 */

let open: AttackedSite;
let site: Running;
let demo: Running;
before(async () => {
  open = await openAttackedSite({ provider: true });
  site = await open.run();
  demo = await open.run({ demo: true });
});
after(() => open.close());

const evil = 'evil.example';
const others = {
  ...{ 'x-forwarded-host': evil, 'x-host': evil, 'x-forwarded-server': evil },
  ...{ 'x-forwarded-proto': 'http', 'x-forwarded-port': '1', 'x-forwarded-prefix': `//${evil}` },
  ...{ forwarded: `host=${evil};proto=http` },
  ...{ 'x-original-url': `//${evil}`, 'x-rewrite-url': '/audit' },
};
const tricks: Record<string, string>[] = [
  { host: evil, ...others },
  { host: `localhost:1@${evil}` },
  { host: `"><script>alert(1)</script>` },
];

test('no page, redirect or cookie takes anything of the host that a request names', async () => {
  for (const running of [site, demo]) {
    const reads = running.routes.filter(({ method }) => method === 'GET');
    for (const [index, route] of reads.entries()) {
      const headers = inTurn(tricks, running === site ? index : index + 1);
      const { status, headers: told, body } = await running.ask(pathOf(route), { headers });
      assert.ok(status < 500, `${route.path}: ${status}`);
      assert.doesNotMatch(`${JSON.stringify(told)}${body}`, /evil\.example|alert\(1\)/, route.path);
    }
  }
});

test('behind the proxy of the settings neither: it tells the visitor’s address and nothing else', async () => {
  const behind = await open.run({ proxies: ['127.0.0.1'], at: 'https://rollcall.example' });
  for (const path of ['/', '/sign-in', '/schools', '/nothing']) {
    for (const headers of tricks) {
      const { headers: told, body } = await behind.ask(path, { headers });
      assert.doesNotMatch(`${JSON.stringify(told)}${body}`, /evil\.example|alert\(1\)/, path);
    }
  }
  const { headers } = await behind.ask('/sign-in', { headers: { host: evil } });
  const address = new URL(headers.location ?? '');
  assert.equal(
    address.searchParams.get('redirect_uri'),
    'https://rollcall.example/sign-in/callback',
  );
});

test('a page is the same whatever host is named, so that there is nothing for a cache to keep', async () => {
  const plain = await site.ask('/schools');
  for (const headers of tricks) {
    const { body, headers: told } = await site.ask('/schools', { headers });
    assert.equal(body, plain.body);
    assert.equal(told['cache-control'], 'private, no-cache');
    assert.equal(told.vary, 'cookie');
  }
});

test('an address that looks like a file to a cache in between is no page of somebody’s own', async () => {
  const head = await site.signIn('head');
  for (const path of ['/schools/900001/pupils', '/purpose', '/sign-in/as']) {
    for (const end of [
      '/a.css',
      '.css',
      '%2f..%2fassets%2fa.css',
      ';a.css',
      '%0a.js',
      '/%2e%2e/a.js',
    ]) {
      const { status, headers } = await head.get(`${path}${end}`);
      assert.ok([400, 404].includes(status), `${path}${end}: ${status}`);
      assert.equal(headers['cache-control'], 'no-store');
    }
  }
});

test('no page elsewhere is told that it may read answers of this site', async () => {
  for (const path of ['/', '/api/v1/schools', '/api', '/audit', '/metrics', '/healthz']) {
    for (const origin of [`https://${evil}`, 'null', `http://localhost.${evil}`]) {
      for (const method of ['GET', 'OPTIONS']) {
        const headers = { origin, 'access-control-request-method': 'GET' };
        const { headers: told } = await site.ask(path, { method, headers });
        const opened = Object.keys(told).filter((name) => name.startsWith('access-control-'));
        assert.deepEqual(opened, [], path);
      }
    }
  }
});

test('a page elsewhere that gives this machine a name of its own is nobody here', async () => {
  // The browser sends the cookies of that name, which are the attacker’s, and none of the visitor’s.
  const rebound = {
    host: `rebound.${evil}:${demo.port}`,
    origin: `http://rebound.${evil}:${demo.port}`,
  };
  const page = await demo.ask('/schools/900001/pupils', { headers: rebound });
  assert.equal(page.status, 403);
  const head = await site.signIn('head');
  const posted = await head.post('/purpose', { purpose: 'safeguarding' }, { host: rebound.host });
  assert.equal(posted.status, 403, 'a form that says another host than its origin');
});

test('the site that the operator serves to themselves as somebody is that to no other name', async () => {
  // Held in full by the tests of the web shell: here with a real socket.
  const { status } = await site.ask('/schools/900001/pupils', { headers: { host: evil } });
  assert.equal(status, 403);
});

test('nothing of all that was a fault', () => {
  assert.deepEqual(open.faults, []);
});
