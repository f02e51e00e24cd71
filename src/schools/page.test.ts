import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { parseHTML } from 'linkedom';
import { openTestSite, type TestSite } from '../testing/site.ts';

let site: TestSite;
let app: FastifyInstance;

before(async () => {
  site = await openTestSite({ schools: 60, issue: false });
  app = await site.serve({ demo: true });
});
after(() => site.close());

const ask = (url: string) => app.inject({ url });

test('a school is at its six digits and nowhere else', async () => {
  assert.equal((await ask('/schools/900001')).statusCode, 200);
  const others = [
    '9e5',
    '9.00001e5',
    '0xDBBA1',
    '0900001',
    '900001.0',
    '+900001',
    '%20900001',
    '1e5',
  ];
  for (const path of others) {
    for (const url of [
      `/schools/${path}`,
      `/schools/${path}/absence.csv`,
      `/api/v1/schools/${path}`,
    ]) {
      assert.equal((await ask(url)).statusCode, 404, url);
    }
  }
});

test('no more than a hundred characters are searched for and shown again, whatever they are', async () => {
  for (const typed of [
    'x'.repeat(5000),
    '😀'.repeat(300),
    `${'y'.repeat(99)}😀😀`,
    '\u0001\uFFFE',
  ]) {
    const reply = await ask(`/schools?q=${encodeURIComponent(typed)}&page=3`);
    assert.equal(reply.statusCode, 200);
    const { document } = parseHTML(reply.body);
    const shown = document.querySelector('input[name=q]')?.getAttribute('value') ?? '';
    assert.ok([...shown].length <= 100, `${[...shown].length} characters`);
  }
  assert.equal((await ask('/schools?q=%00')).statusCode, 400);
  for (const rest of ['q=%ED%A0%80', 'q=%zz', 'q=a&page=1e300', 'q=a&page=-1', 'q=a&q=b']) {
    assert.ok((await ask(`/schools?${rest}`)).statusCode < 500, rest);
  }
  assert.deepEqual(site.faults, []);
});
