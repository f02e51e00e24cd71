import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import {
  type Answer,
  type AttackedSite,
  openAttackedSite,
  pathOf,
  type Running,
} from './site.fixture.ts';

/* Somebody asks for a file of this machine by a path that leads out of where files are served from. */

let open: AttackedSite;
let site: Running;
before(async () => {
  open = await openAttackedSite();
  site = await open.run({ demo: true });
});
after(() => open.close());

/** Files that are there, and what is in them. */
const secrets: Record<string, RegExp> = {
  'package.json': /"devDependencies"/,
  'src/config.ts': /ROLLCALL_SIGN_IN_CLIENT_SECRET/,
  'src/ui/layout.njk': /govukSkipLink\(/,
  'etc/passwd': /root:.*:0:0:/,
  'proc/self/environ': /PATH=/,
};
const ways = [
  ...[
    '../',
    '../../',
    '../../../../../../../../',
    '....//',
    '..././',
    '..;/',
    './.././',
    '.%00/../',
  ],
  ...[
    '..%2f',
    '..%2f..%2f..%2f..%2f',
    '%2e%2e/',
    '%2e%2e%2f',
    '%252e%252e%252f',
    '..%c0%af',
    '..%ef%bc%8f',
  ],
  ...['..\\', '..%5c', '..%5c..%5c..%5c', '%2e%2e%5c', '/', '//', '%2f', 'file:///', '~/', '%00/'],
];
const ends = ['', '%00', '%00.css', '?.css', '#.css', '.css', '/', '%20', '::$DATA'];

function harmless(path: string, { status, body }: Answer): void {
  assert.ok([400, 403, 404, 414].includes(status), `${path}: ${status}`);
  for (const secret of Object.values(secrets)) assert.doesNotMatch(body, secret, path);
}

describe('no file of the machine is served', () => {
  test('by the path of an asset, however it is written', async () => {
    for (const file of Object.keys(secrets)) {
      for (const way of ways) {
        for (const end of ends) {
          const path = `/assets/${way}${file}${end}`;
          harmless(path, await site.ask(path));
        }
      }
    }
  });

  test('by a path without the folder of assets', async () => {
    for (const file of ['package.json', 'etc/passwd']) {
      for (const way of ways) {
        for (const front of ['/', '//', '/./', '/assets', '/api/v1/', '/schools/900001/']) {
          const path = `${front}${way}${file}`;
          harmless(path, await site.ask(path));
        }
      }
    }
    for (const path of [
      '/.git/config',
      '/.env',
      '/node_modules/fastify/package.json',
      '/data/',
      '/src/',
    ]) {
      harmless(path, await site.ask(path));
    }
  });

  test('by a part of any page’s path, or a field of any form, that names a file or a template', async () => {
    const head = await site.signIn('head');
    for (const [turn, name] of [
      '../../etc/passwd',
      '..%2f..%2fpackage.json',
      'ui/layout.njk',
      '../layout',
      '/etc/passwd\0',
    ].entries()) {
      const text = encodeURIComponent(name);
      const names = [
        'urn',
        'laCode',
        'la_code',
        'uid',
        'id',
        'person',
        'key',
        'appointment',
        'correction',
      ];
      const values = Object.fromEntries(names.map((each) => [each, text]));
      const fields = [
        'template',
        'file',
        'view',
        'page',
        'q',
        'return',
        'class',
        'name',
        'field',
        'lang',
        'path',
      ];
      const form = Object.fromEntries(fields.map((each) => [each, name]));
      const query = new URLSearchParams(form).toString();
      for (const [index, route] of site.routes.entries()) {
        if (route.path === '/sign-out' || index % 3 !== turn % 3) continue;
        const path = `${pathOf(route, values)}?${query}`;
        const { body } = await (route.method === 'GET' ? head.get(path) : head.post(path, form));
        for (const secret of Object.values(secrets)) assert.doesNotMatch(body, secret, path);
      }
    }
  });

  test('by a request for a whole address, or none', async () => {
    for (const target of [
      'file:///etc/passwd',
      'http://x/../../etc/passwd',
      '*',
      '/..',
      '/../../etc/passwd',
      '/\\..\\..',
    ]) {
      const told = await site.raw(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      assert.match(told, /^HTTP\/1\.1 [24]\d\d /, target);
      for (const secret of Object.values(secrets)) assert.doesNotMatch(told, secret, target);
    }
  });
});

test('the files that are served are those five that pages name, by their whole names', async () => {
  const { body } = await site.ask('/');
  const named = [
    ...new Set([...body.matchAll(/(\/assets\/[\w.-]+)/g)].map(([, path = '']) => path)),
  ];
  assert.ok(named.length >= 3);
  for (const path of named) {
    assert.equal((await site.ask(path)).status, 200, path);
    assert.equal((await site.ask(path.slice(0, -1))).status, 404);
    assert.equal((await site.ask(path.toUpperCase())).status, 404);
    assert.equal((await site.ask(path.replace(/-[0-9a-f]+/, ''))).status, 404);
  }
  assert.match(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    /"devDependencies"/,
  );
});

test('nothing of all that was a fault', () => {
  assert.deepEqual(open.faults, []);
});
