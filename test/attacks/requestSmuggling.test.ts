import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type AttackedSite,
  inTurn,
  openAttackedSite,
  pathOf,
  type Running,
} from './site.fixture.ts';

/*
 * A request is written so that the proxy in front takes it for one and the site for two; or a verb is sent that no page
 * has, or that means more to one of the two than to the other.
 */

let open: AttackedSite;
let site: Running;
before(async () => {
  open = await openAttackedSite();
  site = await open.run();
});
after(() => open.close());

const answersIn = (told: string) =>
  [...told.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => status);

describe('a request that could be taken for two is refused, and the connection ends with it', () => {
  const hidden = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
  const form = 'Host: x\r\nContent-Type: application/x-www-form-urlencoded\r\n';
  const requests: Record<string, string> = {
    'a length and chunks': `POST /demo HTTP/1.1\r\n${form}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    'chunks and a length': `POST /demo HTTP/1.1\r\n${form}Transfer-Encoding: chunked\r\nContent-Length: ${5 + hidden.length}\r\n\r\n0\r\n\r\n${hidden}`,
    'two lengths': `POST /demo HTTP/1.1\r\n${form}Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
    'a length that is two': `POST /demo HTTP/1.1\r\n${form}Content-Length: 0, 0\r\n\r\n${hidden}`,
    'another coding': `POST /demo HTTP/1.1\r\n${form}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
    'chunked, and then something': `POST /demo HTTP/1.1\r\n${form}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
    'a space before the colon': `POST /demo HTTP/1.1\r\n${form}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
    'a length with a sign': `POST /demo HTTP/1.1\r\n${form}Content-Length: +0\r\n\r\n${hidden}`,
    'a folded header': `POST /demo HTTP/1.1\r\n${form}X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    'a chunk of no size': `POST /demo HTTP/1.1\r\n${form}Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n${hidden}`,
    'a chunk of too great a size': `POST /demo HTTP/1.1\r\n${form}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${hidden}`,
    'a line without its end': `GET / HTTP/1.1\r\nHost: x\nX: y\rZ: w\r\n\r\n${hidden}`,
    'a null in a header': `GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n${hidden}`,
    'another protocol': `GET / HTTP/9.9\r\nHost: x\r\n\r\n${hidden}`,
    'no host': `GET / HTTP/1.1\r\n\r\n${hidden}`,
  };
  for (const [how, request] of Object.entries(requests)) {
    test(how, async () => assert.deepEqual(answersIn(await site.raw(request, 2000)), ['400']));
  }

  test('while two requests that are two are two', async () => {
    const told = await site.raw(
      `${hidden}${hidden.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}`,
    );
    assert.deepEqual(answersIn(told), ['200', '200']);
  });

  test('a body that a page does not want is not read as the next request', async () => {
    const body = `GET /who-can-see-what HTTP/1.1\r\nHost: x\r\n\r\n`;
    const told = await site.raw(
      `GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      1500,
    );
    assert.deepEqual(answersIn(told).length, 1);
  });

  test('an upgrade to another protocol is not followed', async () => {
    for (const protocol of ['h2c', 'websocket', 'TLS/1.0']) {
      const told = await site.raw(
        `GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n`,
        1500,
      );
      assert.doesNotMatch(told, / 101 /, protocol);
    }
  });
});

describe('verbs', () => {
  const verbs = ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH', 'QUERY'];

  test('that no page has do nothing, and tell nothing', async () => {
    const admin = await site.signIn('administrator');
    for (const [index, route] of site.routes.entries()) {
      for (const method of [inTurn(verbs, 2 * index), inTurn(verbs, 2 * index + 1)]) {
        const { status, body } = await site.ask(pathOf(route), {
          method,
          headers: { cookie: admin.cookie, 'x-echo': 'echoed' },
        });
        assert.ok([400, 404, 405].includes(status), `${method} ${route.path}: ${status}`);
        assert.doesNotMatch(body, /echoed/);
      }
    }
  });

  test('a tunnel is not opened', async () => {
    const told = await site.raw(`CONNECT localhost:${site.port} HTTP/1.1\r\nHost: x\r\n\r\n`, 1500);
    assert.doesNotMatch(told, /^HTTP\/1\.1 2/);
  });

  test('a header or a field that names another verb changes nothing', async () => {
    const admin = await site.signIn('administrator');
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
      const headers = { cookie: admin.cookie, [name]: 'POST' };
      const { status } = await site.ask('/sign-out?_method=POST', { headers });
      assert.equal(status, 404);
    }
    assert.equal((await admin.get('/administration/people')).status, 200);
  });

  test('HEAD is refused and written down as GET is, and sends nothing of the page', async () => {
    const parent = await site.signIn('otherParent');
    for (const route of site.routes.filter(
      ({ method, path }) => method === 'GET' && !/sign-|signed/.test(path),
    )) {
      const path = pathOf(route);
      const { headers: _, ...got } = await parent.get(path);
      const { status, body } = await site.ask(path, {
        method: 'HEAD',
        headers: { cookie: parent.cookie },
      });
      assert.deepEqual([status, body], [got.status, ''], path);
    }
  });

  test('the same page asked in other letters is another, and none', async () => {
    for (const path of [
      '/AUDIT',
      '/Administration/people',
      '/audit/',
      '//audit',
      '/./audit',
      '/audit;x',
      '/audit%2f',
    ]) {
      const admin = await site.signIn('administrator');
      const { status } = await admin.get(path);
      assert.ok([404, 400].includes(status), `${path}: ${status}`);
    }
  });
});

test('nothing of all that was a fault', () => {
  assert.deepEqual(open.faults, []);
});
