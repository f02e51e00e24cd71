import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { openTrail, parseViewer } from '../../src/access/index.ts';
import { systemClock } from '../../src/base/clock.ts';
import { makeUpn } from '../../src/base/upn.ts';
import { parseWords, runCall } from '../../src/cli/index.ts';
import { directoriesOf } from '../../src/schools/index.ts';
import { type LocalProvider, signInDefaults, startLocalProvider } from '../../src/signIn/index.ts';
import type { Stores } from '../../src/stores/index.ts';
import { PlainBrowser } from '../../src/testing/plainBrowser.ts';
import { freePort } from '../../src/testing/process.ts';
import { openTestStores, scratchFolder } from '../../src/testing/stores.ts';
import { commands, createSite, routesOf } from '../../src/wiring.ts';

/*
 * Somebody who has no published file at all, and a school’s registers: empty stores, the four imports, an appointment and a
 * key. Then one tiny school’s marks come in each form that there is, each over days of its own, and the figures on its page
 * are those worked out by hand beside them. All its children are of Year 6; the year is 2024/25.
 */

const urn = 900_001;
const otherUrn = 900_002;
const home = `/schools/${urn}`;
const [ada, ben, cat, dan] = Array.from({ length: 4 }, (_, serial) =>
  makeUpn({ laCode: '990', establishment: 4001, year: 2018, serial }),
) as [string, string, string, string];
const everybody = [ada, ben, cat, dan];

const tables = {
  schools: `urn,laestab,name,phase,la_code,region_code
${urn},9904001,Anemone Lane School,all-through,990,E12000001
${otherUrn},9904002,Burdock School,primary,990,E12000001
`,
  calendars: `urn,date,am,pm,reason
${urn},2024-09-02,closed,closed,Training day
`,
  pupils: `urn,upn,surname,forename,date_of_birth,sex,year_group,fsm,sen,eal,ethnicity,entry_date,leaving_date
${everybody.map((upn, at) => `${urn},${upn},Example,Child,2014-01-0${at + 1},F,6,0,N,0,WBRI,2024-09-01,`).join('\n')}
`,
  // Five days, all present but Ada, who was ill on the Monday: 2 of 40 sessions.
  registers: `urn,upn,date,session,code
${everybody
  .flatMap((upn) =>
    [9, 10, 11, 12, 13].flatMap((day) =>
      ['AM', 'PM'].map((session) => {
        const present = session === 'AM' ? '/' : '\\';
        const date = `2024-09-${String(day).padStart(2, '0')}`;
        return `${urn},${upn},${date},${session},${upn === ada && day === 9 ? 'I' : present}`;
      }),
    ),
  )
  .join('\n')}
`,
};

let stores: Stores;
let close: () => Promise<void>;
let provider: LocalProvider;
let address: string;
let app: FastifyInstance;
const others: FastifyInstance[] = [];
const faults: string[] = [];
const { folder, remove } = scratchFolder();
const clock = systemClock;

const siteOptions = {
  ...{ demo: false, dataFolder: folder, clock, tell() {} },
  limits: { perAddress: 1e6, perPerson: 1e6, atOnce: 1000, delayed: 1e6 },
  reportFault: (route: string, error: Error) => void faults.push(`${route}: ${error.stack}`),
};

before(async () => {
  ({ stores, close } = await openTestStores());
  const port = await freePort();
  address = `http://localhost:${port}`;
  provider = await startLocalProvider({
    ...{ demo: true, site: address, host: '127.0.0.1', port: 0 },
    people: ['admin', 'head'].map((subject) => ({
      ...{ subject, givenName: subject, familyName: 'Example', hint: '' },
      email: `${subject}@example.invalid`,
    })),
  });
  app = await createSite(stores, {
    ...{ ...siteOptions, viewAs: undefined },
    signIn: { ...signInDefaults, ...provider, site: address },
  });
  await app.listen({ port, host: '127.0.0.1' });
});
after(async () => {
  for (const each of others) await each.close();
  await app.close();
  await provider.close();
  await close();
  remove();
  assert.deepEqual(faults, []);
});

/** Types a verb, as the operator does. */
async function type(...words: string[]): Promise<string> {
  const asked = parseWords(words, commands);
  assert.ok(asked.what === 'call', words.join(' '));
  const lines: string[] = [];
  const exit = await runCall(asked.call, {
    ...{ stores, clock, folder, signal: new AbortController().signal },
    settings: { demo: false, visitKm: 40, dataFolder: folder },
    output: {
      ...{ progress() {}, isTerminal: false },
      line: (text) => void lines.push(text),
      error: (text) => void lines.push(text),
    },
  });
  assert.equal(exit, 0, lines.join('\n'));
  return lines.join('\n');
}

const textOf = (html: string) =>
  html
    .replaceAll(/<(script|style|svg)[\s\S]*?<\/\1>/g, ' ')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&nbsp;', ' ')
    .replaceAll(/\s+/g, ' ');

/** Somebody with a browser, who signed in. */
class Person {
  readonly browser = new PlainBrowser();

  async signIn(subject: string): Promise<this> {
    assert.equal((await this.browser.signIn(address, subject)).status, 200);
    return this;
  }

  async read(path: string): Promise<{ status: number; html: string; text: string }> {
    const page = await this.browser.get(address + path);
    const html = await page.text();
    return { status: page.status, html, text: textOf(html) };
  }

  /** Fills in the form on a page and sends it. */
  async send(page: string, form: Record<string, string>, to = page): Promise<string> {
    const answer = await this.browser.post(address + to, { csrf: await this.token(page), ...form });
    const text = await answer.text();
    assert.equal(answer.status, 200, textOf(text));
    return text;
  }

  /** Chooses a file in the form for it; gives the address that it leads to. */
  async sendFile(name: string, bytes: string): Promise<string> {
    const form = new FormData();
    form.append('csrf', await this.token(`${home}/uploads`));
    form.append('file', new Blob([bytes]), name);
    const sent = await this.browser.step(`${address}${home}/uploads`, {
      ...{ method: 'POST', body: form },
    });
    assert.equal(sent.status, 303, await sent.clone().text());
    return sent.headers.get('location') ?? '';
  }

  async token(page: string): Promise<string> {
    return /name="csrf" value="([^"]+)"/.exec((await this.read(page)).html)?.[1] ?? '';
  }
}

let head: Person;
let key: string;

/** The page of an upload, once nothing is done for it any more. */
async function settled(path: string): Promise<string> {
  for (;;) {
    const { html, text } = await head.read(path);
    if (!html.includes('http-equiv="refresh"')) return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What the absence page says of some days, in its own words. */
async function absenceOf(from: string, to: string): Promise<string> {
  const { status, text } = await head.read(`${home}/absence?year=202425&from=${from}&to=${to}`);
  assert.equal(status, 200);
  return /Absence in 2024\/25 .*? unauthorised [\d.]+%/.exec(text)?.[0] ?? text;
}

/** From choosing the file to keeping it: what the preview says, and what the page says after. */
async function upload(name: string, bytes: string): Promise<string> {
  const path = await head.sendFile(name, bytes);
  const preview = await settled(path);
  assert.match(preview, /Waiting for you to confirm/, preview);
  await head.send(path, { do: 'keep' });
  assert.match(await settled(path), /Kept\./);
  return preview;
}

test('a school of a list that came with registers is found, though nothing published is loaded', async () => {
  assert.equal((await directoriesOf(stores)()).schools.length, 0);
  const outside = await (await fetch(`${address}/schools?q=anemone`)).text();
  assert.match(outside, /No schools are loaded yet/);
  for (const [kind, text] of Object.entries(tables)) {
    writeFileSync(join(folder, `${kind}.csv`), text);
    await type(kind, 'import', `${kind}.csv`);
  }
  const found = textOf(await (await fetch(`${address}/schools?q=anemone`)).text());
  assert.match(found, /Anemone Lane School Secondary school Local authority 990 · URN 900001/);
  assert.match(
    textOf(await (await fetch(address)).text()),
    /2 schools in 1 local authority are here/,
  );
  const byNumber = await fetch(`${address}/schools?q=9904001`, { redirect: 'manual' });
  assert.equal(byNumber.headers.get('location'), home);
});

test('an administrator appoints its head there, and makes a key for its system', async () => {
  for (const subject of ['admin', 'head']) await new Person().signIn(subject); // numbers 1 and 2
  await type('people', 'appoint', '--person', '1', '--role', 'administrator', '--to', inDays(300));
  const admin = await new Person().signIn('admin');
  const page = '/administration/people/2';
  const form = { role: 'head', scope: String(urn), starts_on: inDays(-1), ends_on: inDays(300) };
  const wrong = await admin.send(page, { ...form, scope: '900009' }, `${page}/appointments`);
  assert.match(wrong, /no school with the URN 900009 among the schools that are loaded/);
  const given = await admin.send(page, form, `${page}/appointments`);
  assert.match(textOf(given), /head of Anemone Lane School/);
  const made = await admin.send('/administration/keys', {
    ...{ name: 'Anemone', urn: String(urn), days: '30', 'registers:write': 'yes' },
  });
  key = /<code>([^<]+)<\/code>/.exec(made)?.[1] ?? '';
  assert.notEqual(key, '', textOf(made));
  head = await new Person().signIn('head');
  assert.match((await head.read(home)).text, /You are the head of Anemone Lane School/);
});

const inDays = (days: number) =>
  new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

test('its pages say what is not known of it, and invent nothing', async () => {
  const { text } = await head.read(home);
  assert.match(text, /Secondary school Anemone Lane School Local authority 990 · URN 900001/);
  assert.match(
    text,
    /No published absence This school is known here from the list of schools that came with its registers\. No published absence and no school census that is loaded here names it\. Not known of it: its address, whether it belongs to a trust, and who its pupils are by the school census\./,
  );
  assert.match(text, /No expectation has been issued to this school An expectation rests on/);
  assert.doesNotMatch(text, /Department for Education, Pupil absence|no years known/);
  const authority = (await head.read('/authorities/990')).text;
  assert.match(authority, /Local authority in North East Local authority 990/);
  assert.match(authority, /Burdock School[\s\S]*Anemone Lane School/);
  assert.match(authority, /No published absence that is loaded here is of these schools\./);
  const { data, source } = JSON.parse((await head.read(`/api/v1${home}`)).html);
  assert.deepEqual(
    [data.school_name, data.school_type, data.la_name, data.region_name, data.only_listed],
    ['Anemone Lane School', 'State-funded secondary', 'Local authority 990', 'North East', true],
  );
  assert.deepEqual(
    [data.all_through, data.town, data.easting, data.trust, data.intakes, data.open_date],
    [true, '', null, null, [], null],
  );
  assert.match(source.text, /list of schools that came with its registers/);
});

test('every page, file and answer of the API about it opens for its head, or says why not', async () => {
  const routes = routesOf({
    ...{ stores, directories: directoriesOf(stores), demo: false, clock, signIn: [] },
    trail: openTrail(stores.records, clock),
  });
  const named: Record<string, string> = { urn: String(urn), laCode: '990', la_code: '990' };
  const seen = new Map<string, number>();
  for (const { method, path } of routes) {
    const parts = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
    if (method !== 'GET' || parts.length === 0 || parts.some((name) => !(name in named))) continue;
    const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => named[name] ?? '');
    const page = await head.read(filled);
    seen.set(filled, page.status);
    assert.doesNotMatch(page.html, /undefined|NaN|\[object /, filled);
  }
  assert.ok(seen.size > 25, `${seen.size} addresses`);
  const refused = [...seen].filter(([, status]) => status !== 200);
  assert.deepEqual(
    refused.map(([path, status]) => `${status} ${path}`),
    [
      // The authority’s own figures are for the authority.
      '403 /authorities/990/absence',
      '403 /authorities/990/absence/figures.csv',
      '403 /authorities/990/groups',
      '403 /authorities/990/groups.csv',
      '403 /authorities/990/week',
      '404 /schools/900001/suggestions/set-aside',
      '404 /api/v1/schools/900001/expectation',
      '403 /api/v1/authorities/990/patterns',
      '403 /api/v1/authorities/990/groups',
      // Of the year that runs there are no marks.
      '404 /api/v1/schools/900001/absence/registers',
      '403 /api/v1/authorities/990/absence/registers',
    ],
  );
});

test('others see of it what they see of any school', async () => {
  const statusFor = async (who: string) => {
    const site = await createSite(stores, {
      ...{ ...siteOptions, viewAs: parseViewer(who), signIn: null },
    });
    others.push(site);
    const paths = ['', '/absence?year=202425', '/uploads', '/expectation.csv'];
    const statuses = paths.map(async (path) => (await site.inject(home + path)).statusCode);
    return Promise.all(statuses);
  };
  assert.deepEqual(await statusFor('public'), [200, 403, 403, 403]);
  assert.deepEqual(await statusFor(`head:${otherUrn}`), [200, 403, 403, 403]);
  assert.deepEqual(await statusFor('authority:990'), [200, 200, 403, 200]);
  assert.deepEqual(await statusFor('inspector:990'), [200, 200, 403, 403]);
  assert.deepEqual(await statusFor('department'), [200, 200, 403, 200]);
  assert.deepEqual(await statusFor('adviser:E12000001'), [200, 200, 403, 403]);
  assert.deepEqual(await statusFor('adviser:E12000002'), [200, 403, 403, 403]);
  const area = await others[2]?.inject('/authorities/990/absence?year=202425');
  // Four pupils are too few for anybody outside: the figure is the authority’s own circle’s.
  assert.match(textOf(area?.body ?? ''), /Local authority 990 Absence in 2024\/25 Absence 5\.0%/);
});

test('marks typed in by the operator stand on its page', async () => {
  // 4 pupils × 5 days × 2 sessions = 40, of which Ada missed 2: 5 %, all of it authorised.
  assert.match(
    await absenceOf('2024-09-09', '2024-09-13'),
    /Absence 5\.0% Attendance 95\.0%\. Authorised 5\.0%, unauthorised 0\.0%$/,
  );
});

test('a long table: from the file to the figures', async () => {
  // 8 sessions; ill for 2, absent without leave for 1: 3 of 8 = 37.5 %, 2 of 8 = 25 %, 1 of 8 = 12.5 %.
  const code = (upn: string, session: string) => {
    if (upn === ada) return 'I';
    return upn === ben && session === 'PM' ? 'O' : session === 'AM' ? '/' : '\\';
  };
  const rows = everybody.flatMap((upn) =>
    ['AM', 'PM'].map((session) => `${urn};${upn};23/09/2024;${session};${code(upn, session)}`),
  );
  const preview = await upload('long.csv', ['urn;upn;date;session;code', ...rows].join('\r\n'));
  assert.match(preview, /New 8 Same as here 0 Amended 0 Refused 0/);
  assert.match(preview, /day before month/);
  assert.match(
    await absenceOf('2024-09-23', '2024-09-23'),
    /Absence 37\.5% Attendance 62\.5%\. Authorised 25\.0%, unauthorised 12\.5%$/,
  );
});

test('a wide table, a column for each session: from the file to the figures', async () => {
  // Dan’s X make nothing possible: 6 sessions. Ben came after the register closed (U), Cat had leave for both (C).
  const wide = [
    'UPN,Name,"Tue 24/09/2024",',
    ',,AM,PM',
    `${ada},"Example, Ada",L,\\`,
    `${ben},"Example, Ben",/,U`,
    `${cat},"Example, Cat",C,C`,
    `${dan},"Example, Dan",X,X`,
  ].join('\n');
  assert.match(await upload('wide.csv', wide), /New 8 Same as here 0 Amended 0 Refused 0/);
  assert.match(
    await absenceOf('2024-09-24', '2024-09-24'),
    /Absence 50\.0% Attendance 50\.0%\. Authorised 33\.3%, unauthorised 16\.7%$/,
  );
});

test('pages of session attendance as the Wonde API gives them: from the file to the figures', async () => {
  // Ada at the dentist in the morning, Ben there all day: 1 of 4.
  const records = [
    [ada, 'AM', 'M'],
    [ada, 'PM', '\\'],
    [ben, 'AM', '/'],
    [ben, 'PM', '\\'],
  ].map(([upn, session, code], at) => ({
    id: `A${at}`,
    date: { date: '2024-09-25 00:00:00.000000', timezone_type: 3, timezone: 'Europe/London' },
    session,
    student: { data: { id: `S${at}`, education_details: { data: { upn } } } },
    attendance_code: { data: { id: `C${at}`, code, description: 'made up' } },
  }));
  const pagination = { next: null, previous: null, more: false, per_page: 50, current_page: 1 };
  const json = JSON.stringify({ data: records, meta: { pagination } });
  assert.match(await upload('wonde.json', json), /New 4 Same as here 0 Amended 0 Refused 0/);
  assert.match(
    await absenceOf('2024-09-25', '2024-09-25'),
    /Absence 25\.0% Attendance 75\.0%\. Authorised 25\.0%, unauthorised 0\.0%$/,
  );
});

test('a Common Transfer File: from the file to the figures', async () => {
  // A week of two pupils, 20 sessions: Ada ill for a day, Ben on holiday without leave for one: 4 of 20, half of each kind.
  const pupil = (upn: string, marks: string) =>
    `<Pupil><UPN>${upn}</UPN><Attendance><YearData><Year>2024</Year><LEA>990</LEA><Estab>4001</Estab><AttendSessions><AttendanceStartDate>2024-09-30</AttendanceStartDate><AttendanceMarks>${marks}</AttendanceMarks></AttendSessions></YearData></Attendance></Pupil>`;
  const file = `<?xml version="1.0" encoding="utf-8"?><CTfile><Header><DocumentName>Common Transfer File</DocumentName><SourceSchool><LEA>990</LEA><Estab>4001</Estab></SourceSchool></Header><CTFpupilData>${pupil(ada, '/\\/\\II/\\/\\####')}${pupil(ben, '/\\/\\/\\/\\GG####')}</CTFpupilData></CTfile>`;
  const preview = await upload('transfer.xml', file);
  assert.match(preview, /New 20 Same as here 0 Amended 0 Refused 0/);
  assert.match(preview, /unverified against XSD/);
  assert.match(
    await absenceOf('2024-09-30', '2024-10-04'),
    /Absence 20\.0% Attendance 80\.0%\. Authorised 10\.0%, unauthorised 10\.0%$/,
  );
});

test('a push with the key it was given: from its system to the figures', async () => {
  // Monday 7 October: Ada ill all day, Ben there: 2 of 4.
  const marks = [
    [ada, 'AM', 'I'],
    [ada, 'PM', 'I'],
    [ben, 'AM', '/'],
    [ben, 'PM', '\\'],
  ].map(([upn, session, code]) => JSON.stringify({ urn, upn, date: '2024-10-07', session, code }));
  const answer = await fetch(`${address}/api/v1/registers`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/x-ndjson',
      'content-encoding': 'gzip',
      'idempotency-key': '2024-10-07',
    },
    body: gzipSync(marks.join('\n')),
  });
  const { state, new: fresh, refused } = (await answer.json()) as Record<string, unknown>;
  assert.deepEqual([answer.status, state, fresh, refused], [200, 'kept', 4, 0]);
  assert.match(
    await absenceOf('2024-10-07', '2024-10-07'),
    /Absence 50\.0% Attendance 50\.0%\. Authorised 50\.0%, unauthorised 0\.0%$/,
  );
  const { html } = await head.read(`/api/v1${home}/absence/registers?year=202425`);
  const [total] = JSON.parse(html).data;
  // All forms together: 40 + 8 + 6 + 4 + 20 + 4 possible, 2 + 3 + 3 + 1 + 4 + 2 missed.
  assert.deepEqual([total.sess_possible, total.sess_overall], [82, 15]);
});

test('a census return says that no figure is made of it, and is set beside the registers', async () => {
  const child = (upn: string, possible: number, missed: [string, number][]) =>
    `<Pupil><PupilIdentifiers><UPN>${upn}</UPN></PupilIdentifiers><Attendance><TermlyAttendance><SessionsPossible>${possible}</SessionsPossible><SessionDetails>${missed
      .map(
        ([code, sessions]) =>
          `<SessionDetail><AttendanceReason>${code}</AttendanceReason><AbsenceSessions>${sessions}</AbsenceSessions></SessionDetail>`,
      )
      .join('')}</SessionDetails></TermlyAttendance></Attendance></Pupil>`;
  const total = await absenceOf('2024-09-23', '2024-09-24');
  // What the registers have of 23 and 24 September: 8 + 6 possible; I 2, O 1, U 1, C 2.
  const census = `<Message><Header/><School><LEA>990</LEA><Estab>4001</Estab></School><Pupils><PupilsOnRoll>${child(ada, 4, [['I', 2]])}${child(
    ben,
    4,
    [
      ['O', 1],
      ['U', 1],
    ],
  )}${child(cat, 4, [['C', 2]])}${child(dan, 2, [])}</PupilsOnRoll></Pupils></Message>`;
  const path = await head.sendFile('census.xml', census);
  const preview = await settled(path);
  assert.match(
    preview,
    /no days, so there is no mark in it and no figure on the school’s absence page is made of it/,
  );
  assert.match(preview, /unverified against XSD/);
  assert.match(preview, /The term 4 14 4 2 42\.9%/);
  assert.match(preview, /The term C 2 The term I 2 The term O 1 The term U 1/);
  await head.send(path, { do: 'keep' });
  const { html } = await head.read(path);
  assert.equal(await absenceOf('2024-09-23', '2024-09-24'), total);
  const [, summary = ''] = /name="summary" value="([^"]+)"/.exec(html) ?? [];
  const told = await head.send(
    path,
    { summary, from: '2024-09-23', to: '2024-09-24' },
    `${home}/absence/compare`,
  );
  assert.match(textOf(told), /Your figures agree with Rollcall’s/);
  assert.match(textOf(told), /code C, code I, code O and code U/);
  const differs = await head.send(
    path,
    { summary: summary.replace('14,', '15,'), from: '2024-09-23', to: '2024-09-24' },
    `${home}/absence/compare`,
  );
  assert.match(textOf(differs), /1 of 8 figures differs[\s\S]*possible sessions 15 14 \+1/);
});
