import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { type Answer, decide, grant, openTrail, type Viewer } from '../../access/index.ts';
import { Refusal } from '../../base/problem.ts';
import { makeUpn } from '../../base/upn.ts';
import { demoCast, makeEngland, saveEngland } from '../../demo/index.ts';
import { importFiles } from '../../publications/index.ts';
import { auditEntriesAfter, rollOf } from '../../records/index.ts';
import { directoriesOf } from '../../schools/index.ts';
import { makeKey } from '../../signIn/index.ts';
import type { Stores } from '../../stores/index.ts';
import { openDoors } from '../../testing/site.ts';
import { openTestStores, scratchFolder, testClock } from '../../testing/stores.ts';
import { createAssets, createRenderer } from '../../ui/index.ts';
import { createSite } from '../../wiring.ts';
import { rollRoutes } from './index.ts';
import type { RollPagesOptions } from './pages.ts';
import { recordsOf } from './push.ts';

const { urn } = demoCast.improvingSecondary;
const other = demoCast.smallRuralPrimary.urn;
let stores: Stores;
let close: () => Promise<void>;
let app: FastifyInstance;
let options: RollPagesOptions;
let commits = 0;
let now = testClock();

before(async () => {
  ({ stores, close } = await openTestStores());
  const { folder } = scratchFolder();
  await importFiles(stores, await saveEngland(makeEngland({ schools: 40, seed: 'demo' }), folder));
  await rm(folder, { recursive: true });
  options = {
    ...{ stores, directories: directoriesOf(stores), clock: () => now },
    trail: openTrail(stores.records, testClock),
    async afterCommit() {
      commits += 1;
    },
  };
  app = await createSite(stores, {
    ...{ demo: false, viewAs: undefined, clock: testClock, limits: openDoors.limits, signIn: null },
    reportFault(_route, error) {
      throw error;
    },
    tell() {},
  });
});
after(async () => {
  await app.close();
  await close();
});

const upn = (serial: number) => makeUpn({ laCode: '990', establishment: 4001, year: 2021, serial });
const child = (serial: number, changes: Record<string, unknown> = {}) => ({
  ...{ urn, upn: upn(serial), surname: 'Marram', forename: 'Zoë "Z"', date_of_birth: '2014-02-28' },
  ...{ sex: 'F', year_group: 7, fsm: true, sen: 'N', eal: 0, ethnicity: 'WBRI' },
  ...{ entry_date: '2025-09-01', leaving_date: null, ...changes },
});
const csvOf = (rows: Record<string, unknown>[]) => {
  const names = Object.keys(rows[0] ?? {});
  const cell = (value: unknown) =>
    `"${String(value === true ? 1 : (value ?? '')).replaceAll('"', '""')}"`;
  return `${names.join(',')}\n${rows.map((row) => names.map((name) => cell(row[name])).join(',')).join('\n')}\n`;
};

const renderer = createRenderer({
  site: { assets: createAssets(), homeHref: '/', navigation: [], footer: [] },
});
const textOf = (answer: Answer): string => {
  assert.equal(answer.kind, 'page');
  const { template, model } = answer as Extract<Answer, { kind: 'page' }>;
  const frame = { path: '/', viewer: { description: 'x', changeHref: null }, demo: false };
  return renderer(template, { ...model, frame });
};

const head: Viewer = { role: 'head', scope: String(urn) };
let routes: ReturnType<typeof rollRoutes> | undefined;

async function visit(
  viewer: Viewer,
  method: 'GET' | 'POST',
  path: string,
  { form = {}, file }: { form?: Record<string, string>; file?: string | Buffer } = {},
): Promise<Answer> {
  routes ??= rollRoutes(options);
  const route = routes.find(
    (each) =>
      each.method === method && new RegExp(`^${each.path.replace(':urn', '\\d+')}$`).test(path),
  );
  assert.ok(route, path);
  const params = { urn: path.split('/')[2] ?? '' };
  const subject = (await route.subject?.(params, viewer)) ?? {};
  const granted = grant(route, { viewer, chosen: null, canChoose: false }, subject);
  if (!granted.allowed) throw new Refusal('not-allowed', granted.reason);
  const sent =
    file === undefined
      ? null
      : {
          name: 'roll.csv',
          bytes: (async function* () {
            yield Buffer.from(file as string);
          })(),
          ...{ isPacked: false, idempotencyKey: null },
        };
  return route.answer({
    ...{ viewer, params, query: {}, form, from: 'tests', session: null, sent },
    may: (data, about) => decide(viewer, data, about).allowed,
    ...{ purpose: granted.purpose, cookies: new Map() },
  });
}

const tokenIn = (html: string) => /name="token" value="([^"]+)"/.exec(html)?.[1] ?? '';
const path = `/schools/${urn}/roll`;

test('a roll that is sent shows what would change and keeps nothing until that is confirmed', async () => {
  const form = textOf(await visit(head, 'GET', path));
  assert.match(form, /Send a roll or a calendar/);
  assert.match(form, /date_of_birth/);
  const file = csvOf([child(1), child(2, { sex: 'Q' }), child(3, { urn: other })]);
  const preview = textOf(await visit(head, 'POST', path, { form: { what: 'pupils' }, file }));
  assert.match(preview, /3 rows/);
  assert.match(preview, /row 3, column F \(sex\)/);
  assert.match(preview, /of another school than the one it was sent for/);
  assert.match(preview, /Keep it without the refused rows/);
  assert.doesNotMatch(preview, /Marram|[A-Z]\d{12}/);
  assert.deepEqual(await rollOf(stores.records, [urn, other]), []);
  const keep = { form: { token: tokenIn(preview), decision: 'keep' } };
  const before = commits;
  const done = textOf(await visit(head, 'POST', `${path}/confirm`, keep));
  assert.match(done, /The roll is kept/);
  assert.equal(commits, before + 1);
  const kept = await rollOf(stores.records, [urn, other]);
  assert.deepEqual(
    kept.map((row) => [row.urn, row.upn, row.forename]),
    [[urn, upn(1), 'Zoë "Z"']],
  );
  await assert.rejects(visit(head, 'POST', `${path}/confirm`, keep), /not here any more/);
});

test('what is no roll is refused in words, what is not confirmed is forgotten, and another school’s file is nobody’s', async () => {
  const send = (file?: string | Buffer, what = 'pupils') =>
    visit(head, 'POST', path, { form: { what }, ...(file === undefined ? {} : { file }) });
  assert.match(textOf(await send('a,b\n1,2\n')), /No row of headings was found/);
  assert.match(textOf(await send()), /Choose a file/);
  assert.match(textOf(await send('x', '')), /Choose what the file is/);
  await assert.rejects(send(Buffer.alloc(20_000_001)), /More than 20 MB/);
  const packed = textOf(await send(gzipSync(csvOf([child(1), child(4)]))));
  const token = tokenIn(packed);
  const village: Viewer = { role: 'head', scope: String(other) };
  await assert.rejects(visit(village, 'GET', path), /own registers/);
  const theirs = visit(village, 'POST', `/schools/${other}/roll/confirm`, {
    form: { token, decision: 'keep' },
  });
  await assert.rejects(theirs, /not here any more/);
  now = new Date(testClock().getTime() + 21 * 60_000);
  const late = visit(head, 'POST', `${path}/confirm`, { form: { token, decision: 'keep' } });
  await assert.rejects(late, /waits for 20 minutes/);
  now = testClock();
  const again = tokenIn(textOf(await send(csvOf([child(4)]))));
  await visit(head, 'POST', `${path}/confirm`, { form: { token: again, decision: 'no' } });
  assert.equal((await rollOf(stores.records, [urn])).length, 1);
});

test('a roll cut short is refused on the page until somebody says that the children have left', async () => {
  const all = Array.from({ length: 5 }, (_, at) => child(20 + at));
  const send = async (rows: Record<string, unknown>[]) =>
    textOf(await visit(head, 'POST', path, { form: { what: 'pupils' }, file: csvOf(rows) }));
  const confirm = async (form: Record<string, string>) =>
    textOf(await visit(head, 'POST', `${path}/confirm`, { form }));
  await confirm({ token: tokenIn(await send(all)), decision: 'keep' });
  const preview = await send(all.slice(0, 1));
  assert.match(preview, /4 of the 5 children on its roll are not in the file/);
  assert.doesNotMatch(preview, /value="keep"/);
  const token = tokenIn(preview);
  assert.match(await confirm({ token, decision: 'keep' }), /4 of the 5 children/);
  const onRoll = async () => (await rollOf(stores.records, [urn])).length;
  assert.equal(await onRoll(), 5);
  const again = await confirm({ token, decision: 'read-again', leavers: 'yes' });
  assert.match(again, /type="hidden" name="leavers" value="yes"/);
  assert.match(again, /value="keep"/);
  assert.match(await confirm({ token, decision: 'keep', leavers: 'yes' }), /The roll is kept/);
  assert.equal(await onRoll(), 1);
  await confirm({ token: tokenIn(await send([child(1)])), decision: 'keep' });
});

test('a calendar whose order of dates is open asks for it, and is read so', async () => {
  const file = `urn,date,am,pm\n${urn},02/09/2026,open,open\n${urn},03/09/2026,open,closed\n`;
  const asked = textOf(await visit(head, 'POST', path, { form: { what: 'calendars' }, file }));
  assert.match(asked, /How are the dates of the file written/);
  const token = tokenIn(asked);
  const nothing = { form: { token, decision: 'read-again' } };
  assert.match(
    textOf(await visit(head, 'POST', `${path}/confirm`, nothing)),
    /<title>Error: [\s\S]*There is a problem[\s\S]*<a href="#dateOrder">Choose how the dates are/,
  );
  const answer = { token, dateOrder: 'dmy', decision: 'read-again' };
  const read = textOf(await visit(head, 'POST', `${path}/confirm`, { form: answer }));
  assert.match(read, /value="dmy" checked/);
  const keep = { form: { token, dateOrder: 'dmy', decision: 'keep' } };
  assert.match(textOf(await visit(head, 'POST', `${path}/confirm`, keep)), /The calendar is kept/);
});

test('a system pushes its school’s roll, calendar and name with its key, and nobody else’s', async () => {
  const { text: key } = await makeKey(
    stores.records,
    {
      ...{
        name: 'An information system',
        urn: String(urn),
        abilities: ['registers:write'],
        days: 30,
      },
    },
    testClock(),
  );
  const push = async (
    what: string,
    body: unknown,
    { authorization = `Bearer ${key}`, packed = false } = {},
  ) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const reply = await app.inject({
      ...{ method: 'POST', url: `/api/v1/${what}` },
      headers: {
        ...{ authorization, 'content-type': 'application/json' },
        ...(packed ? { 'content-encoding': 'gzip' } : {}),
      },
      payload: packed ? gzipSync(text) : text,
    });
    return { status: reply.statusCode, body: reply.json() };
  };
  const rows = [child(1), child(5), child(6, { upn: 'nonsense' }), child(7, { urn: other })];
  const first = await push('pupils', rows, { packed: true });
  assert.equal(first.status, 200, JSON.stringify(first.body));
  assert.deepEqual(
    [first.body.state, first.body.records, first.body.new, first.body.same, first.body.refused],
    ['kept', 4, 1, 1, 2],
  );
  assert.deepEqual(
    first.body.problems.map(
      (each: { kind: string; first: { record: number; field: string }[] }) => [
        ...[each.kind, each.first[0]?.record, each.first[0]?.field],
      ],
    ),
    [
      ['another-school', 4, 'urn'],
      ['upn-wrong', 3, 'upn'],
    ],
  );
  assert.doesNotMatch(JSON.stringify(first.body), /Marram|[A-Z]\d{12}|2014/);
  const lines = rows
    .slice(0, 2)
    .map((row) => JSON.stringify(row))
    .join('\n');
  assert.equal((await push('pupils', lines)).body.state, 'unchanged');
  const four = [1, 5, 30, 31].map((serial) => child(serial));
  assert.equal((await push('pupils', four)).body.state, 'kept');
  const cut = await push('pupils', [child(1)]);
  assert.deepEqual(
    [cut.body.state, cut.body.refused, cut.body.problems[0].kind],
    ['refused', 1, 'many-leavers'],
  );
  const meant = await push('pupils?leavers=yes', [child(1)]);
  assert.deepEqual([meant.body.state, meant.body.removed], ['kept', 3]);
  const day = { urn, date: '2026-11-23', am: 'open', pm: 'closed', reason: '=snow' };
  assert.equal((await push('calendars', [day])).body.new, 1);
  const marked = await push('calendars', `\uFEFF${JSON.stringify([day])}`);
  assert.equal(marked.body.state, 'unchanged', 'a byte-order mark is no part of it');
  const school = { urn, laestab: 9904001, name: 'Lanternfield', phase: 'secondary' };
  const said = { ...school, la_code: '990', region_code: 'E99900001' };
  assert.equal((await push('schools', [said, { ...said, urn: other }])).body.refused, 1);
  assert.equal((await push('pupils', 'no json')).status, 400);
  assert.equal((await push('pupils', [1])).status, 400);
  assert.equal((await push('pupils', rows, { authorization: '' })).status, 401);
  assert.deepEqual(await rollOf(stores.records, [other]), []);
  const trail = JSON.stringify(await auditEntriesAfter(stores.records, 0, 1000));
  assert.match(trail, /registers sent/);
  assert.doesNotMatch(trail, /Marram|[A-Z]\d{12}/);
});

test('records are an array, one alone, or one a line', () => {
  const three = [{ a: 1 }, { a: 2 }];
  assert.deepEqual(recordsOf(JSON.stringify(three)), three);
  assert.deepEqual(recordsOf('{"a":1}\n\n{"a":2}\n'), three);
  assert.deepEqual(recordsOf('{"a":1}'), [{ a: 1 }]);
  for (const text of ['', '[]', '[1]', '"a"', '{"a":1}\n[2]']) {
    assert.throws(() => recordsOf(text), Refusal);
  }
});
