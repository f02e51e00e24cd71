import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { policy, type Role, type Route } from '../../src/access/index.ts';
import { checkout } from '../../src/testing/process.ts';
import { evaluated, hostileText, mostly, numbers, rawMarkup } from './hostile.ts';

/** A request as it goes over the wire: whatever it holds is what a client can send. */
export type Hostile = {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
};

export type Told = { status: number; headers: Record<string, unknown>; body: string };

/** Right values of the named parts of paths, and of the fields and parameters: behind them are the deeper faults. */
export type Right = Record<string, readonly string[]>;

/** Requests of a route, each made of right and hostile parts. */
export function requestsOf(
  route: Route,
  right: Right,
  cookies: fc.Arbitrary<string>,
): fc.Arbitrary<Hostile> {
  return fc
    .record({
      method: fc.oneof(
        { weight: 12, arbitrary: fc.constant(route.method as string) },
        fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
      ),
      path: pathsOf(route, right),
      query: queryOf(route, right),
      headers: hostileHeaders(cookies),
      body: route.method === 'POST' ? bodies(right) : noBody,
    })
    .map(({ method, path, query, headers, body }) => ({
      ...{ method, url: `${path}${query}`.slice(0, 12_000), body: body.text },
      headers: { ...body.headers, ...headers },
    }));
}

/** Whom the policy shows what a route needs, or some of it: behind its refusal there is more to break. */
export function welcomeTo<Comer>(
  { needs }: Route,
  comers: readonly Comer[],
  roleOf: (comer: Comer) => string,
): Comer[] {
  return comers.filter((comer) => policy[needs][roleOf(comer) as Role].allow !== 'never');
}

/** More often than not somebody who is welcome; of each role as often as of another. */
export function comersOf<Comer>(
  route: Route,
  comers: readonly Comer[],
  roleOf: (comer: Comer) => string,
): fc.Arbitrary<Comer> {
  const ofEachRole = (some: readonly Comer[]) => {
    const byRole = [...Map.groupBy(some, roleOf).values()];
    return fc.constantFrom(...byRole).chain((ofRole) => fc.constantFrom(...ofRole));
  };
  const welcome = welcomeTo(route, comers, roleOf);
  if (welcome.length === 0) return ofEachRole(comers);
  return fc.oneof({ weight: 2, arbitrary: ofEachRole(welcome) }, ofEachRole(comers));
}

const noBody = fc.constant({ text: undefined as string | undefined, headers: {} });

/** Every name that a form of ours gives to a field: a new form is tried without being told of. */
function fieldsOfForms(): string[] {
  const folder = join(checkout, 'src');
  const found = globSync('**/*.njk', { cwd: folder }).flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return [...text.matchAll(/\bname(?::|=) ?["'](\w+)["']/g)].map(([, name]) => name as string);
  });
  assert.ok(found.length >= 20, 'the forms were not found');
  return [...found, 'csrf'];
}

/** As a client may write it: escaped as it must be, or the other way about. */
function escaped(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: text.map((each) => encodeURIComponent(each.toWellFormed())) },
    text.map((each) => each.replaceAll(/[^\x21-\x7e]|[#?]/g, '')),
    fc.constantFrom('%', '%00', '%E0%A4%A', '%C0%80', '%u0000', '..%2f..%2f', '%2e%2e', '%5c', '+'),
  );
}

function pathsOf({ path }: Route, right: Right): fc.Arbitrary<string> {
  const parts = path.split('/').map((part) => {
    if (!part.startsWith(':')) return fc.constant(part);
    return fc.oneof({ weight: 3, arbitrary: rightOf(right, part.slice(1)) }, escaped(hostileText));
  });
  const whole = fc.tuple(...parts).map((each) => each.join('/'));
  return fc.oneof(
    { weight: 12, arbitrary: whole },
    whole.map((each) => `${each}/`),
    whole.map((each) => each.replaceAll('/', '//')),
    fc.tuple(whole, escaped(hostileText)).map((two) => two.join('/')),
  );
}

function known(right: Right, name: string): readonly string[] | undefined {
  return Object.hasOwn(right, name) ? right[name] : undefined;
}

function rightOf(right: Right, name: string): fc.Arbitrary<string> {
  const values = known(right, name);
  assert.ok(values, `tell the fuzz tests what stands for :${name}`);
  return fc.constantFrom(...values);
}

const parameters = [
  ...['q', 'page', 'per_page', 'la_code', 'school_type', 'urn', 'path', 'viewer', 'as', 'return'],
  ...[
    'again',
    'state',
    'code',
    'iss',
    'error',
    'person',
    'child',
    'school',
    'role',
    'action',
    'from',
  ],
  ...['to', 'purpose', 'id', 'class', 'year', '__proto__', 'constructor', 'toString'],
];

/** Parameters that a route of the API declares: it refuses others. A page leaves what it does not know. */
function parametersOf({ api }: Route): string[] {
  return Object.keys((api?.query as { properties?: object } | undefined)?.properties ?? {});
}

/** A query with the same in all of its parameters; `text` as it stands in an address. */
export function inEveryParameter(route: Route, text: string): string {
  const names = route.api ? parametersOf(route) : [...new Set(parameters)];
  return `?${names.map((name) => `${name}=${text}`).join('&')}`;
}

function queryOf(route: Route, right: Right): fc.Arbitrary<string> {
  const own = parametersOf(route);
  const names = fc.constantFrom(...parameters, ...own, ...own, ...own, ...own);
  const pair = names.chain((name) =>
    fc.tuple(
      fc.oneof(
        { weight: 6, arbitrary: fc.constant(name) },
        escaped(hostileText),
        fc.constant(`${name}[]`),
      ),
      escaped(mostly(known(right, name) ?? ['1', '2026-11-22', '/schools'])),
    ),
  );
  const pairs = fc.array(pair, { maxLength: 4 });
  // The same in every parameter at once: whichever the page reads, it reads that. (The API refuses what it does not know.)
  const everywhere = escaped(fc.oneof(hostileText, fc.constantFrom(...numbers))).map((text) =>
    inEveryParameter(route, text),
  );
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant('') },
    { weight: 5, arbitrary: pairs.map((all) => `?${all.map((two) => two.join('=')).join('&')}`) },
    { weight: 4, arbitrary: everywhere },
    escaped(hostileText).map((text) => `?${text}`),
  );
}

/** What may stand in a header at all: a server never sees another. */
const headerText = hostileText.map((text) =>
  text.replaceAll(/[^\x20-\x7e\xa0-\xff]/g, '').slice(0, 4000),
);

const headerNames = [
  ...['accept', 'accept-encoding', 'accept-language', 'authorization', 'content-type', 'cookie2'],
  ...['forwarded', 'if-none-match', 'if-modified-since', 'origin', 'range', 'referer', 'te'],
  ...[
    'sec-fetch-site',
    'user-agent',
    'via',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-original-url',
  ],
  ...['x-http-method-override', 'x-requested-with', 'content-encoding', 'traceparent', 'dnt'],
];

function hostileHeaders(cookies: fc.Arbitrary<string>): fc.Arbitrary<Record<string, string>> {
  const odd = fc.tuple(hostileText, hostileText).map((two) => two.join('='));
  const cookie = fc.tuple(cookies, fc.option(odd, { freq: 4 })).map((all) =>
    all
      .filter(Boolean)
      .join('; ')
      .replaceAll(/[^\x20-\x7e\xa0-\xff]/g, ''),
  );
  const others = fc.dictionary(fc.constantFrom(...headerNames), headerText, { maxKeys: 3 });
  const some = fc.oneof(
    { weight: 3, arbitrary: fc.constant({} as Record<string, string>) },
    others,
  );
  return fc
    .tuple(cookie, some)
    .map(([text, more]) => (text ? { ...more, cookie: text.slice(0, 6000) } : more));
}

function bodies(right: Right) {
  const fields = [...new Set([...fieldsOfForms(), ...Object.keys(right)])];
  const field = fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...fields) }, hostileText);
  const pair = field.chain((name) => fc.tuple(fc.constant(name), mostly(known(right, name) ?? [])));
  const form: fc.Arbitrary<[string, string][]> = fc.array(pair, { maxLength: 8 });
  // Every field that we know a right value of, and then some that are not.
  const whole = fc
    .tuple(
      fc.tuple(
        ...Object.entries(right).map(([name, values]) =>
          fc.tuple(fc.constant(name), fc.constantFrom(...values)),
        ),
      ),
      fc.array(pair, { maxLength: 2 }),
    )
    .map(([all, wrong]): [string, string][] => [...all, ...wrong]);
  const coded = fc.oneof({ weight: 2, arbitrary: whole }, form).map((pairs) => ({
    text: new URLSearchParams(pairs).toString() as string | undefined,
    headers: { 'content-type': 'application/x-www-form-urlencoded' } as Record<string, string>,
  }));
  const types = [
    ...[
      'application/x-www-form-urlencoded',
      'application/json',
      'text/plain',
      'multipart/form-data',
    ],
    ...[
      'application/xml',
      'application/x-www-form-urlencoded; charset=utf-7',
      '',
      'a/b/c',
      'text/csv',
    ],
  ];
  const odd = fc.record({
    text: fc.oneof(
      hostileText,
      fc.json(),
      fc.constant('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    ),
    headers: fc.constantFrom(...types).map((type) => ({ 'content-type': type })),
  });
  return fc.oneof({ weight: 5, arbitrary: coded }, odd);
}

const machine = [checkout.replace(/\/$/, ''), join(tmpdir(), 'rollcall-test'), 'node_modules'];
const stack = /\n\s+at .+:\d+:\d+|&#?\w+;?\s+at \S+ \(.+:\d+:\d+\)|node:internal/;
/** What the two databases say when they are given what they do not take. */
const statement =
  /DB::Exception|syntax error at|invalid input (?:syntax|value)|violates .+ constraint|out of range for type|duplicate key value|bind message|(?:from|into|update) &?(?:quot;|")\w+&?(?:quot;|")/;

/** What no answer holds, whoever asked for whatever. */
export function mustBeHarmless(told: Told): void {
  const { status, headers, body } = told;
  const all = `${JSON.stringify(headers)} ${body}`;
  assert.ok(status >= 100 && status < 500, `status ${status}`);
  for (const place of machine)
    assert.ok(!all.includes(place), `it names a place of this machine: ${place}`);
  assert.doesNotMatch(all, stack, 'it shows where in the code it went wrong');
  assert.doesNotMatch(all, statement, 'it shows what a database said');
  assert.ok(!all.includes(evaluated), 'it calculated what it was sent');
  const isPage = String(headers['content-type'] ?? '').startsWith('text/html');
  if (isPage) assert.doesNotMatch(body, rawMarkup, 'markup came back as markup');
  assert.equal(headers['x-powered-by'], undefined);
  if (isPage)
    assert.match(
      String(headers['content-security-policy']),
      /default-src 'none'|script-src 'self'/,
    );
  const to = String(headers['location'] ?? '/');
  assert.match(to, /^(?:\/(?![/\\])|http:\/\/localhost:\d+\/)/, 'it leads elsewhere');
  for (const name of Object.keys(headers)) assert.notEqual(name, 'zzz');
}
