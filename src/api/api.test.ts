import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { demoCast } from '../demo/index.ts';
import { openTestSite, type TestSite } from '../testing/site.ts';

let site: TestSite;
let app: FastifyInstance;

before(async () => {
  site = await openTestSite();
  app = await site.serve({ demo: true });
});
after(async () => {
  assert.deepEqual(site.faults, []);
  await site.close();
});

function ask(url: string, headers: Record<string, string> = {}) {
  return app.inject({ url, headers });
}

async function data(url: string, viewer?: string) {
  const reply = await ask(url, viewer ? { cookie: `rollcall_demo_viewer=${viewer}` } : {});
  assert.equal(reply.statusCode, 200, reply.body);
  assert.match(String(reply.headers['content-type']), /^application\/json/);
  return reply.json();
}

test('schools are listed in pages that lead to each other and miss none', async () => {
  const seen: number[] = [];
  let total = 0;
  for (let url: string | undefined = '/api/v1/schools?la_code=991&per_page=40'; url; ) {
    const reply = await ask(url);
    const { data: schools, meta } = reply.json();
    seen.push(...schools.map((school: { urn: number }) => school.urn));
    total = meta.total;
    url = /<([^>]+)>; rel="next"/.exec(String(reply.headers['link'] ?? ''))?.[1];
  }
  assert.equal(new Set(seen).size, total);
  const directory = await site.directories();
  const open = directory.schoolsOfAuthority('991').filter((school) => school.closeDate === null);
  assert.deepEqual(seen.toSorted(), open.map((school) => school.urn).toSorted());
});

test('the last page leads back, and one beyond it is empty', async () => {
  const { meta } = await data('/api/v1/schools?per_page=100');
  const last = Math.ceil(meta.total / 100);
  const reply = await ask(`/api/v1/schools?per_page=100&page=${last}`);
  assert.doesNotMatch(String(reply.headers['link']), /next/);
  assert.match(String(reply.headers['link']), /page=\d+[^>]*>; rel="prev"/);
  assert.deepEqual((await data('/api/v1/schools?page=9999')).data, []);
});

test('schools are found by word, type and number, closed ones by number only', async () => {
  const byWord = await data('/api/v1/schools?q=lanternfield');
  assert.equal(byWord.data[0].urn, demoCast.improvingSecondary.urn);
  const special = await data('/api/v1/schools?school_type=Special&la_code=990&per_page=100');
  assert.ok(special.meta.total > 0);
  for (const school of special.data) assert.equal(school.school_type, 'Special');
  const { urn, name } = demoCast.closedSchool;
  assert.equal((await data(`/api/v1/schools?q=${urn}`)).data[0].school_name, name);
  assert.equal((await data(`/api/v1/schools?q=${encodeURIComponent(name)}`)).meta.total, 0);
});

test('any URN of a school leads to it', async () => {
  const { urn, previousUrn, laestab } = demoCast.sponsoredChain;
  const school = await data(`/api/v1/schools/${previousUrn}`);
  assert.deepEqual(school, await data(`/api/v1/schools/${urn}`));
  assert.deepEqual(school.data.urns, [previousUrn, urn]);
  assert.equal(school.data.laestab, laestab);
});

test('a school’s absence has the figures of its page’s file, unrounded', async () => {
  const { urn } = demoCast.improvingSecondary;
  const { data: years } = await data(`/api/v1/schools/${urn}/absence`);
  const csv = (await ask(`/schools/${urn}/absence.csv`)).body.trim().split('\n').slice(1);
  assert.deepEqual(
    years.map((year: Record<string, number>) =>
      [
        year['time_period'],
        year['enrolments'],
        year['sess_overall_percent'],
        year['sess_authorised_percent'],
        year['sess_unauthorised_percent'],
        year['enrolments_pa_10_exact_percent'],
      ].join(),
    ),
    csv,
  );
  assert.equal(years.length, 6);
});

test('an expectation comes with its figures and its reasons to the school itself', async () => {
  const { urn } = demoCast.improvingSecondary;
  const { figures, explanation } = await data(
    `/api/v1/schools/${urn}/expectation`,
    `school:${urn}`,
  );
  assert.equal(figures.urn, urn);
  assert.equal(figures.similar_count, explanation.similar.length);
  assert.ok(explanation.reasons.length > 0);
});

test('who may not see an expectation is told why, as problem+json', async () => {
  const reply = await ask('/api/v1/schools/900001/expectation', {
    cookie: 'rollcall_demo_viewer=inspector:990',
  });
  assert.equal(reply.statusCode, 403);
  assert.match(String(reply.headers['content-type']), /^application\/problem\+json/);
  assert.match(reply.json().detail, /support, never for accountability/);
  assert.equal(reply.json().type, 'urn:rollcall:not-allowed');
});

test('a school without an expectation has none to give: 404', async () => {
  const { urn } = demoCast.closedSchool;
  const reply = await ask(`/api/v1/schools/${urn}/expectation`, {
    cookie: 'rollcall_demo_viewer=department',
  });
  assert.equal(reply.statusCode, 404);
});

test('the methods say nothing of a single school', async () => {
  const methods = await data('/api/v1/methods');
  assert.equal(methods.types.length, 3);
  const text = JSON.stringify(methods);
  const directory = await site.directories();
  for (const school of directory.schools) {
    assert.ok(!text.includes(school.name), school.name);
    for (const { urn } of school.chain) assert.ok(!text.includes(String(urn)), String(urn));
  }
  for (const { la_code } of (await data('/api/v1/authorities')).data) {
    assert.ok(!text.includes(`"${la_code}"`), `authority ${la_code}`);
  }
});

const refused: Record<string, [url: string, status: number, parameter?: string]> = {
  'a page below the first': ['/api/v1/schools?page=0', 400, 'page'],
  'more than a hundred to a page': ['/api/v1/schools?per_page=101', 400, 'per_page'],
  'a parameter that does not exist': ['/api/v1/schools?name=x', 400, 'name'],
  'a school type that does not exist': ['/api/v1/schools?school_type=Nursery', 400, 'school_type'],
  'text where a URN should be': ['/api/v1/schools/abc', 404, 'urn'],
  'a URN in another notation': ['/api/v1/schools/9e5', 404, 'urn'],
  'a URN in sixteens': ['/api/v1/schools/0xDBBA1', 404, 'urn'],
  'a URN with a nought before it': ['/api/v1/schools/0900001', 404, 'urn'],
  'a URN too long': ['/api/v1/schools/9000010', 404, 'urn'],
  'a school that does not exist': ['/api/v1/schools/100000', 404],
  'an authority that does not exist': ['/api/v1/authorities/001/absence', 404],
  'a trust that does not exist': ['/api/v1/trusts/1', 404],
  'an address that does not exist': ['/api/v1/pupils', 404],
  'an address in capitals': ['/API/v1/schools', 404],
  'no URN at all': ['/api/v1/schools/', 404, 'urn'],
  'a malformed address': ['/api/v1/%zz', 400],
};

for (const [name, [url, status, parameter]] of Object.entries(refused)) {
  test(`refused in one shape: ${name}`, async () => {
    const reply = await ask(url);
    assert.equal(reply.statusCode, status);
    assert.match(String(reply.headers['content-type']), /^application\/problem\+json/);
    const problem = reply.json();
    assert.equal(problem.status, status);
    assert.ok(problem.title && problem.detail && problem.type);
    if (status === 404) assert.equal(problem.title, 'Not found');
    assert.doesNotMatch(problem.detail, /there is no page/i);
    if (parameter) assert.equal(problem.parameters[0].parameter, parameter);
  });
}

test('the API only reads, but where a school’s system sends with its key', async () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
    const reply = await app.inject({ method, url: '/api/v1/schools/900001' });
    assert.equal(reply.statusCode, 405);
    assert.equal(reply.headers['allow'], 'GET, HEAD');
    assert.match(String(reply.headers['content-type']), /^application\/problem\+json/);
  }
  const sent = await app.inject({ method: 'POST', url: '/api/v1/registers' });
  assert.equal(sent.statusCode, 401);
});

test('an answer that the asker has already is not sent again', async () => {
  const url = '/api/v1/schools/900001/absence';
  const first = await ask(url);
  const etag = String(first.headers['etag']);
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await ask(url, { 'if-none-match': known });
    assert.equal(again.statusCode, 304);
    assert.equal(again.body, '');
    assert.equal(again.headers['etag'], etag);
  }
  assert.equal((await ask(url, { 'if-none-match': '"other"' })).statusCode, 200);
});

test('HEAD tells of an answer what GET would, without the answer', async () => {
  for (const url of ['/api/v1/schools/900001', '/schools/900001', '/schools/900001/absence.csv']) {
    const get = await ask(url);
    const head = await app.inject({ method: 'HEAD', url });
    assert.equal(head.statusCode, 200);
    assert.equal(head.body, '');
    for (const header of ['etag', 'content-type', 'content-length', 'vary', 'cache-control']) {
      assert.equal(String(head.headers[header]), String(get.headers[header]), `${url} ${header}`);
    }
  }
});

test('no other site may read it in a visitor’s name, and no cache may keep it for another', async () => {
  for (const url of ['/api/v1/schools/900001', '/api/v1/schools/900001/expectation']) {
    const reply = await ask(url, { origin: 'https://elsewhere.example' });
    assert.equal(reply.headers['access-control-allow-origin'], undefined);
    assert.match(String(reply.headers['cache-control']), /private|no-store/);
    assert.equal(reply.headers['vary'], 'cookie');
  }
});

type Json = Record<string, unknown>;

test('the OpenAPI document describes every route, and nothing in it leads nowhere', async () => {
  const document = await data('/api/v1/openapi.json');
  assert.equal(document.openapi, '3.1.0');
  const routes = site.routes({ demo: true }).filter((route) => route.path.startsWith('/api/v1/'));
  const operations = Object.entries(document.paths as Record<string, Record<string, Json>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  assert.deepEqual(
    operations.map(({ path, method }) => `${method} ${path}`).toSorted(),
    routes
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
      .toSorted(),
  );
  const ids = new Set<string>();
  for (const { path, operation } of operations) {
    ids.add(operation['operationId'] as string);
    const parameters = operation['parameters'] as { name: string; in: string; required: boolean }[];
    assert.deepEqual(
      parameters.filter((each) => each.in === 'path' && each.required).map((each) => each.name),
      [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]),
    );
    for (const parameter of parameters) assert.ok('schema' in parameter, parameter.name);
    for (const response of Object.values(operation['responses'] as Record<string, Json>)) {
      assert.ok('$ref' in response || typeof response['description'] === 'string');
    }
  }
  assert.equal(ids.size, operations.length);
  const answered = (path: string) => Object.keys(document.paths[path].get.responses).join(' ');
  assert.equal(answered('/api/v1/schools/{urn}/absence'), '200 304 400 404 405 500 503');
  assert.equal(answered('/api/v1/schools/{urn}/expectation'), '200 400 403 404 405 500 503');
  for (const path of ['/api/v1/openapi.json', '/api/v1/schools/900001/absence']) {
    assert.equal((await ask(`${path}?nonsense=1`)).statusCode, 400, 'so every operation lists 400');
  }
  let references = 0;
  walk(document, (node) => {
    if (typeof node['$ref'] !== 'string') return;
    references += 1;
    const found = node['$ref']
      .replace('#/', '')
      .split('/')
      .reduce<unknown>((at, key) => (at as Json | undefined)?.[key], document);
    assert.ok(found, node['$ref']);
  });
  assert.ok(references > 30);
});

test('every schema of the OpenAPI document is JSON Schema 2020-12 as OpenAPI 3.1 takes it', async () => {
  const document = await data('/api/v1/openapi.json');
  const keywords = new Set(
    '$ref type const enum anyOf description default properties required additionalProperties patternProperties items minimum maximum minLength maxLength pattern format'.split(
      ' ',
    ),
  );
  const types = new Set('object array string integer number boolean null'.split(' '));
  const checkSchema = (schema: Json) => {
    for (const [key, value] of Object.entries(schema)) {
      assert.ok(keywords.has(key), `${key} in ${JSON.stringify(schema)}`);
      if (key === 'type') assert.ok(types.has(value as string));
      if (key === 'pattern') assert.ok(new RegExp(value as string, 'u'));
      if (key === 'required') {
        for (const name of value as string[]) {
          assert.ok(Object.hasOwn(schema['properties'] as Json, name), name);
        }
      }
      if (key === 'properties' || key === 'patternProperties') {
        for (const each of Object.values(value as Json)) checkSchema(each as Json);
      }
      if (key === 'anyOf') for (const each of value as Json[]) checkSchema(each);
      if (key === 'items') checkSchema(value as Json);
    }
  };
  for (const schema of Object.values(document.components.schemas)) checkSchema(schema as Json);
  walk(document.paths, (node) => {
    if (node['schema']) checkSchema(node['schema'] as Json);
  });
});

function walk(node: unknown, visit: (node: Json) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) visit(node as Json);
  for (const child of Object.values(node)) walk(child, visit);
}

test('the API page names every route and shows a real answer', async () => {
  const page = await ask('/api');
  assert.equal(page.statusCode, 200);
  const document = await data('/api/v1/openapi.json');
  for (const path of Object.keys(document.paths)) {
    assert.ok(page.body.includes(path.replaceAll(/\{(\w+)\}/g, ':$1')), path);
  }
  assert.match(page.body, /sess_overall_percent/);
});
