import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from '../../src/testing/chance.ts';
import { PlainBrowser } from '../../src/testing/plainBrowser.ts';
import {
  type Answer,
  type AttackedSite,
  inTurn,
  openAttackedSite,
  pathOf,
  type Running,
  type Visitor,
} from './site.fixture.ts';

/*
 * A link to this site leads on to the attacker’s, where somebody who trusts this one types what they should not; or what is
 * sent comes back as a header of the answer, or as a second answer.
 */

let open: AttackedSite;
let site: Running;
let head: Visitor;
before(async () => {
  open = await openAttackedSite({ provider: true });
  site = await open.run({ demo: true });
  head = await site.signIn('head');
});
after(() => open.close());

const elsewhere = [
  ...[
    'https://evil.example/',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
  ],
  ...[
    '/\t/evil.example',
    '/%09/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    ' //evil.example',
  ],
  ...['https:evil.example', 'https:/evil.example', 'http:\\\\evil.example', 'javascript:alert(1)'],
  ...[
    'JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
  ],
  ...[
    '/.//evil.example',
    '/..//evil.example',
    '/%2e//evil.example',
    '/a/../..//evil.example',
    '/%2f/evil.example',
  ],
  ...[
    '@evil.example',
    'http://localhost@evil.example',
    '//localhost@evil.example',
    '/@evil.example',
  ],
  ...[
    '/;@evil.example',
    '//evil.example\\@localhost',
    '/\u2028/evil.example',
    '／／evil.example',
    '/\u00ad/evil.example',
  ],
  ...[
    '/\r\nLocation: https://evil.example',
    '/%0d%0aLocation:%20https://evil.example',
    '/\0//evil.example',
  ],
  ...[
    '//[::1]',
    '//evil%E3%80%82example',
    '?//evil.example',
    '#//evil.example',
    '.evil.example',
    '',
  ],
];

/** Where a browser would go; undefined when nowhere. */
function leadsTo({ headers }: Answer, from: string): URL | undefined {
  const { location, refresh } = headers;
  assert.equal(refresh, undefined);
  return location === undefined ? undefined : new URL(location, `${site.address}${from}`);
}

function staysHere(answer: Answer, path: string): void {
  const to = leadsTo(answer, path);
  if (to)
    assert.ok([site.address, open.provider?.issuer].includes(to.origin), `${path} → ${to.href}`);
  assert.deepEqual(
    [...answer.body.matchAll(/(?:href|action)="([^"]*evil[^"]*)"/g)].filter(
      ([, link = '']) =>
        new URL(link.replaceAll('&amp;', '&'), `${site.address}${path}`).origin !== site.address,
    ),
    [],
    path,
  );
  assert.doesNotMatch(answer.body, /http-equiv="refresh" content="[^"]*evil/);
}

describe('nobody is led elsewhere', () => {
  test('by what a form says to return to', async () => {
    for (const to of elsewhere) {
      staysHere(await head.post('/purpose', { purpose: 'attendance', return: to }), '/purpose');
      const appointment = await head.get('/sign-in/as');
      const [, value = ''] = /name="appointment"[^>]*value="(\d+)"/.exec(appointment.body) ?? [];
      const acting = await site.signIn('head');
      staysHere(
        await acting.post('/sign-in/as', { appointment: value, return: to }),
        '/sign-in/as',
      );
    }
  });

  test('by signing in, all the way', async () => {
    for (const to of elsewhere.filter((_, index) => index % 3 === 0)) {
      const browser = new PlainBrowser();
      await browser.signIn(site.address, 'cast-head', `?return=${encodeURIComponent(to)}`);
      for (const visited of browser.visited) {
        assert.ok([site.address, open.provider?.issuer].includes(new URL(visited).origin), visited);
      }
    }
  });

  test('by any page, with any parameter', async () => {
    const names = [
      'return',
      'next',
      'url',
      'to',
      'redirect',
      'redirect_uri',
      'q',
      'page',
      'class',
      'viewer',
    ];
    for (const [index, route] of site.routes.entries()) {
      if (route.path === '/sign-out') continue;
      for (const turn of [2 * index, 2 * index + 1]) {
        const to = inTurn(elsewhere, turn);
        const form = Object.fromEntries(names.map((name) => [name, to]));
        const path = `${pathOf(route)}?${new URLSearchParams(form)}`;
        staysHere(await (route.method === 'GET' ? head.get(path) : head.post(path, form)), path);
      }
    }
  });

  test('by the address of a page itself', async () => {
    for (const path of [
      '//evil.example',
      '///evil.example/..',
      '/\\evil.example',
      '//evil.example/schools',
      '/https://evil.example',
    ]) {
      staysHere(await site.ask(path), path);
      staysHere(await head.get(`${path}/pupils`), path);
    }
    const teacher = await site.signIn('parent');
    for (const path of [
      '//evil.example/pupils/1',
      '/pupils/1/export?x=//evil.example',
      '/pupils/1?//evil.example',
    ]) {
      staysHere(await teacher.get(path), path);
    }
  });

  test('by the demo’s choice of whom to be', async () => {
    for (const to of elsewhere) {
      const form = { viewer: `school:900001 ${to}`, goTo: to, return: to };
      staysHere(await site.ask('/demo', { method: 'POST', form }), '/demo');
    }
  });
});

describe('nothing that is sent becomes a header or a second answer', () => {
  const splits = [
    '%0d%0aX-Evil:%201',
    '%0aX-Evil: 1',
    '%0d%0a%0d%0a<script>',
    '\u560a\u560dX-Evil: 1',
    '%E5%98%8AX-Evil',
  ];
  const noSplit = (path: string, { status, headers, body }: Answer) => {
    assert.ok(status < 500 && status >= 200, `${path}: ${status}`);
    assert.equal(headers['x-evil'], undefined, path);
    assert.ok(!body.startsWith('<script>'), path);
  };

  test('by any route, in its query, its form, a part of its path or a cookie', async () => {
    const names = [
      'return',
      'q',
      'page',
      'class',
      'name',
      'viewer',
      'state',
      'code',
      'year',
      'from',
    ];
    for (const [index, route] of site.routes.entries()) {
      if (route.path === '/sign-out') continue;
      for (const split of [splits[0] as string, inTurn(splits, index)]) {
        const decoded = decodeURIComponent(split);
        const form = Object.fromEntries(names.map((name) => [name, `/${decoded}`]));
        const part = encodeURIComponent(decoded);
        const values = {
          urn: part,
          laCode: part,
          la_code: part,
          uid: part,
          id: part,
          person: part,
        };
        const path = `${pathOf(route, split === splits[0] ? values : {})}?${new URLSearchParams(form)}`;
        noSplit(path, await (route.method === 'GET' ? head.get(path) : head.post(path, form)));
      }
    }
    for (const name of [
      'rollcall_session',
      'rollcall_leaving',
      'rollcall_sign_in',
      'rollcall_demo_viewer',
    ]) {
      for (const path of ['/', '/signed-out', '/sign-out/provider', '/sign-in/callback?state=x']) {
        const cookie = `${name}=a%0d%0aX-Evil:1\u00e9`;
        noSplit(path, await site.ask(path, { headers: { cookie } }));
      }
    }
  });

  test('in any characters there are', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(text, async (any) => {
        const query = new URLSearchParams({ return: `/${any}`, q: any, page: any });
        for (const path of ['/sign-in', '/schools', '/purpose', '/pupils/1/export']) {
          noSplit(path, await head.get(`${path}?${query}`));
        }
      }),
      { numRuns: 60, seed: 20_261_122 },
    );
  });

  test('by the name of a file that is given out', async () => {
    for (const route of site.routes.filter(({ path }) => /\.csv$|export$/.test(path))) {
      const { status, headers } = await head.get(pathOf(route));
      if (status !== 200) continue;
      assert.match(headers['content-disposition'] ?? '', /^attachment; filename="[a-z0-9.-]+"$/);
    }
  });
});

test('nothing of all that was a fault', () => {
  assert.deepEqual(open.faults, []);
});
