import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import {
  type Answer,
  type Ask,
  type CommandContext,
  decide,
  grant,
  openTrail,
  operator,
  type Trail,
  type Viewer,
} from '../../access/index.ts';
import { type Day, daysAfter } from '../../base/day.ts';
import { Refusal } from '../../base/problem.ts';
import { castPeople, type CastPersonKey } from '../../demo/people.ts';
import { castChildren } from '../../demo/pupils.ts';
import { demoCast, makeEngland, saveEngland } from '../../demo/index.ts';
import { type SeededCast, seedPupils } from '../../demo/seedPupils.ts';
import { importFiles } from '../../publications/index.ts';
import {
  amendmentsOf,
  recordAmendments,
  nextAmendments,
  deletionsOf,
  searchAudit,
} from '../../records/index.ts';
import { pupilRoutes } from '../../pupils/index.ts';
import { directoriesOf } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { keepUp } from '../../absence/index.ts';
import { openDoors } from '../../testing/site.ts';
import { openTestStores, scratchFolder, testClock } from '../../testing/stores.ts';
import { statement } from '../../warehouse/index.ts';
import { createSite } from '../../wiring.ts';
import { bookCommands, type BookOptions, bookRoutes, entriesOf } from './index.ts';
import { standingMarks } from './book.sql.ts';
import { keysOf } from './show.ts';
import { tidyRegisters } from './tidy.ts';
import { dueDay, schoolDays } from './unexplained.ts';
import { yearInWords, yearSoFar } from './child.ts';
import { cellsOf, sessionsOfWeek, totalsOf } from './week.ts';
import { amendEntry, codesFor } from './amend.ts';
import { sessionHistory } from './entry.ts';

const { urn } = demoCast.improvingSecondary;
let stores: Stores;
let close: () => Promise<void>;
let cast: SeededCast;
let viewers: Map<CastPersonKey, Viewer>;
let options: BookOptions & { trail: Trail };
let app: FastifyInstance;
let commits = 0;

/** A Sunday; the week before it begins on the 16th. */
const today = '2026-11-22';
const monday = '2026-11-16';

before(async () => {
  ({ stores, close } = await openTestStores());
  const { folder } = scratchFolder();
  const england = makeEngland({ schools: 40, seed: 'demo' });
  await importFiles(stores, await saveEngland(england, folder));
  await rm(folder, { recursive: true });
  const seeded = await seedPupils(stores, { issuer: 'http://localhost', clock: testClock });
  assert.ok(seeded);
  cast = seeded;
  const directories = directoriesOf(stores);
  const trail = openTrail(stores.records, testClock);
  options = {
    ...{ stores, records: stores.records, directories, clock: testClock, trail },
    async afterCommit() {
      commits += 1;
    },
  };
  viewers = new Map(
    castPeople(await directories()).flatMap(({ key, appointments }) =>
      appointments.map(({ role, scope }) => [
        key,
        { role, scope, person: cast.people.get(key) as number },
      ]),
    ),
  );
  await stores.write(async (write) => {
    const bringing = { kind: 'register schools', scope: 'test', title: 'schools', digest: '' };
    const { id } = await write.begin(bringing);
    await write.warehouse.append('register_schools', ['receipt', 'urn'], [[id, urn]]);
  });
  app = await createSite(stores, {
    ...{ demo: true, viewAs: undefined, clock: testClock, limits: openDoors.limits, signIn: null },
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

const as = (key: CastPersonKey) => viewers.get(key) as Viewer;
const child = (key: string) => cast.pupils.get(key) as number;
const told = (key: string) => {
  const found = castChildren(today).find((each) => each.key === key);
  assert.ok(found, key);
  return found;
};
const keyOf = async (key: string) =>
  (await keysOf(stores.records, [child(key)])).get(child(key)) as string;

let scopes = 0;
/** Marks as an upload brings them: under a receipt of their own. */
async function mark(
  rows: readonly (readonly [pupil: string, date: Day, session: 0 | 1, code: string])[],
  { enteredAt = '2026-11-16 09:00:00', title = 'week.csv' } = {},
): Promise<number> {
  const keyed = await Promise.all(rows.map(async ([key, ...rest]) => [await keyOf(key), ...rest]));
  return stores.write(async (write) => {
    const bringing = { kind: 'marks', scope: `test ${scopes++}`, title, digest: '' };
    const { id } = await write.begin(bringing);
    await write.warehouse.append(
      'marks',
      ['receipt', 'urn', 'pupil', 'date', 'session', 'code', 'entered_at', 'entry'],
      keyed.map(([key, date, session, code]) => [
        ...[id, urn, key as string, date as string, session as number, code as string],
        ...[enteredAt, 0],
      ]),
    );
    return id;
  });
}

async function openDays(
  days: readonly (readonly [date: Day, open: boolean, reason?: string])[],
): Promise<void> {
  await stores.write(async (write) => {
    const bringing = { kind: 'calendars', scope: `test ${scopes++}`, title: 'days', digest: '' };
    const { id } = await write.begin(bringing);
    await write.warehouse.append(
      'register_days',
      ['receipt', 'urn', 'date', 'session', 'open', 'reason'],
      days.flatMap(([date, open, reason = '']) =>
        [0, 1].map((session) => [id, urn, date, session, open, reason]),
      ),
    );
  });
}

const page = async (viewer: string, url: string) => {
  const cookie = `rollcall_demo_viewer=${encodeURIComponent(viewer)}`;
  const { statusCode, body } = await app.inject({ url, headers: { cookie } });
  return { status: statusCode, body };
};

/** A route of the book as the shell asks it, by somebody who signed in. */
async function visit(viewer: Viewer, path: string, form?: Record<string, string>): Promise<Answer> {
  const method = form ? 'POST' : 'GET';
  const route = bookRoutes(options).find(
    (each) =>
      each.method === method &&
      new RegExp(`^${each.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(path),
  );
  assert.ok(route, path);
  const names = route.path.split('/');
  const params = Object.fromEntries(
    path.split('/').flatMap((part, at) => {
      const name = names[at] ?? '';
      return name.startsWith(':') ? [[name.slice(1), part]] : [];
    }),
  );
  const subject = route.subject ? await route.subject(params, viewer) : {};
  const granted = grant(route, { viewer, chosen: null, canChoose: false }, subject);
  if (!granted.allowed) throw new Refusal('not-allowed', granted.reason);
  const may: Ask['may'] = (data, about) =>
    decide(viewer, data, about, { purpose: granted.purpose }).allowed;
  return route.answer({
    ...{ viewer, params, query: {}, form: form ?? {}, from: 'tests', session: null, may },
    ...{ purpose: granted.purpose, cookies: new Map() },
  });
}

const refused = (reason: Refusal['reason'], says?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Refusal, String(error));
  assert.equal(error.reason, reason, error.message);
  if (says) assert.match(error.message, says);
  return true;
};

const textOf = (html: string) =>
  html
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/&#39;|&apos;/g, '’')
    .replaceAll(/\s+/g, ' ');

test('a week of a class shows every session of every child, each code in words, and the totals', async () => {
  await openDays([
    ...[16, 17, 18, 19].map((day) => [`2026-11-${day}`, true] as const),
    ['2026-11-20', false, 'staff training'],
  ]);
  await mark([
    ['elderSibling', '2026-11-16', 0, '/'],
    ['elderSibling', '2026-11-16', 1, '\\'],
    ['elderSibling', '2026-11-17', 0, 'I'],
    ['classmateOne', '2026-11-16', 0, 'L'],
    ['classmateOne', '2026-11-17', 0, 'Y1'],
  ]);
  const { status, body } = await page(
    `teacher:${urn}/7B`,
    `/schools/${urn}/register?week=2026-11-18`,
  );
  assert.equal(status, 200);
  const text = textOf(body);
  assert.match(text, /Class 7B, week of 16 November 2026/);
  assert.match(text, /I : Illness/);
  assert.match(text, /Y1 Transport that is normally provided not available/);
  assert.match(text, /staff training/);
  const totals = (name: string) => new RegExp(`${name}( \\d+){10}`).exec(text)?.[0];
  assert.equal(totals('Attending'), 'Attending 2 1 0 0 0 0 0 0 0 0');
  assert.equal(totals('Absent'), 'Absent 0 0 1 0 0 0 0 0 0 0');
  assert.equal(totals('Not expected'), 'Not expected 0 0 1 0 0 0 0 0 0 0');
  // Four children of the class may be seen; the fifth record is restricted, and the closed day is nobody’s.
  assert.equal(totals('No mark'), 'No mark 2 3 2 4 4 4 4 4 0 0');
  assert.match(text, /A restricted record/);
  assert.doesNotMatch(body, new RegExp(told('restricted').forename));
  assert.doesNotMatch(body, new RegExp(told('otherClass').forename));
  assert.doesNotMatch(body, new RegExp(told('elderSibling').upn));
});

test('a class teacher has no other class, and nobody outside the school its register', async () => {
  const other = await page(`teacher:${urn}/7B`, `/schools/${urn}/register?class=8A`);
  assert.match(textOf(other.body), /Class 7B, week/);
  const head = await page(`head:${urn}`, `/schools/${urn}/register?class=8A&week=${monday}`);
  assert.match(head.body, new RegExp(told('otherClass').forename));
  const year = await page(`head:${urn}`, `/schools/${urn}/register?group=year:8`);
  assert.match(textOf(year.body), /Year 8, week/);
  const village = demoCast.smallRuralPrimary.urn;
  for (const viewer of [`head:${village}`, 'public', 'department', 'inspector:990', 'auditor']) {
    for (const path of ['register', 'unexplained']) {
      assert.equal((await page(viewer, `/schools/${urn}/${path}`)).status, 403, viewer);
    }
  }
});

test('a past week shows who was on the roll then: who left since to the school alone, and nobody who came later', async () => {
  const { records } = stores;
  const enrolmentOf = (key: string) =>
    records.updateTable('enrolments').where('pupil', '=', child(key)).where('urn', '=', urn);
  const [kept] = await records
    .selectFrom('enrolments')
    .selectAll()
    .where('pupil', '=', child('classmateTwo'))
    .execute();
  await enrolmentOf('classmateOne').set({ leaving_date: '2026-11-18' }).execute();
  await enrolmentOf('classmateTwo').set({ entry_date: '2026-11-18' }).execute();
  const { forename: left, surname } = told('classmateOne');
  const { forename: joined } = told('classmateTwo');
  const week = (viewer: string, day: Day) =>
    page(viewer, `/schools/${urn}/register?class=7B&week=${day}`);
  const now = (await week(`head:${urn}`, monday)).body;
  const row = textOf(now).split(`${surname}, ${left}`)[1] ?? '';
  assert.match(row, /^ \(has left\) L : Late/);
  assert.ok(now.includes(joined));
  assert.ok(!now.includes(`/pupils/${child('classmateOne')}`), 'the record is no longer its own');
  const before = (await week(`school:${urn}`, '2026-11-09')).body;
  assert.ok(before.includes(left) && !before.includes(joined));
  for (const viewer of [`teacher:${urn}/7B`, 'authority:990']) {
    const { body } = await week(viewer, monday);
    assert.ok(body.includes(joined) && !body.includes(left), viewer);
  }
  const looked = await searchAudit(records, {}, { from: 0, size: 40 });
  const ofHead = looked.entries.filter(
    (each) => each.subject_id === String(child('classmateOne')) && each.action === 'read',
  );
  assert.ok(ofHead.length >= 2, 'each look at who has left is written down');
  await enrolmentOf('classmateOne').set({ leaving_date: null }).execute();
  await enrolmentOf('classmateTwo')
    .set({ entry_date: kept?.entry_date as string })
    .execute();
});

test('the API gives the same week, and leaves a trace for each child in it', async () => {
  const before = await searchAudit(stores.records, {}, { from: 0, size: 1 });
  const { status, body } = await page(
    `teacher:${urn}/7B`,
    `/api/v1/schools/${urn}/register?week=${monday}`,
  );
  assert.equal(status, 200, body);
  const register = JSON.parse(body);
  assert.deepEqual([register.class, register.monday], ['7B', monday]);
  const row = register.data.find(
    (each: { child: { record: number } }) => each.child.record === child('elderSibling'),
  );
  assert.deepEqual(row.entries[2], {
    ...{ date: '2026-11-17', session: 'AM', state: 'mark', code: 'I', meaning: 'Illness' },
    ...{ counts_as: 'absent', entered_more_than_once: false },
  });
  assert.equal(row.entries[4].state, 'unmarked');
  assert.equal(row.entries[9].state, 'closed');
  assert.deepEqual(register.totals[0], {
    ...{ date: monday, session: 'AM', closed: null },
    ...{ attending: 2, absent: 0, not_possible: 0, unmarked: 2 },
  });
  const afterwards = await searchAudit(stores.records, {}, { from: 0, size: 20 });
  const traces = afterwards.entries.slice(0, afterwards.total - before.total);
  const seen = traces.filter(({ subject_kind: kind }) => kind === 'pupil');
  // Of a restricted record the teacher saw nothing but that there is one.
  assert.equal(seen.length, register.data.length - 1);
  assert.ok(seen.every(({ purpose }) => purpose === 'attendance'));
  assert.equal((await page('public', `/api/v1/schools/${urn}/register`)).status, 403);
  const unknown = await page(`head:${urn}`, `/api/v1/schools/${urn}/register?year_group=9`);
  assert.equal(unknown.status, 400);
  const wrong = await page(`head:${urn}`, `/api/v1/schools/${urn}/register?week=soon`);
  assert.equal(wrong.status, 400);
});

const entry = (key: string, day: Day, session = 'AM') =>
  `/pupils/${child(key)}/entries/${day}/${session}`;

test('an amendment keeps the original, the reason, the day, and the person’s name and position, in both stores', async () => {
  await mark([['classmateTwo', '2026-11-16', 0, 'N']], { title: 'monday.csv' });
  const head = as('head');
  const path = entry('classmateTwo', '2026-11-16');
  const form = { code: 'M', reason: 'The parent showed the letter', position: 'Head', was: 'N' };
  const trace = await searchAudit(stores.records, {}, { from: 0, size: 1 });
  const commitsBefore = commits;
  const answer = await visit(head, `${path}/amend`, form);
  assert.deepEqual(answer, { kind: 'redirect', to: path });
  assert.equal(commits, commitsBefore + 1, 'what rests on registers is told');
  const key = await keyOf('classmateTwo');
  const asked = { urns: [urn], from: '2026-11-16', to: '2026-11-16' };
  const [standing] = await stores.read(standingMarks, { ...asked, pupils: [key] });
  assert.deepEqual([standing?.code, standing?.entries], ['M', 2]);
  const [kept] = await amendmentsOf(stores.records, { ...asked, pupil: key });
  assert.deepEqual(
    [kept?.original, kept?.entry, kept?.reason, kept?.position, kept?.at],
    ['N', 'M', 'The parent showed the letter', 'Head', testClock()],
  );
  assert.equal(kept?.person, head.person);
  assert.ok((kept?.person_name.length ?? 0) > 3);
  const { body } = await page(`head:${urn}`, path);
  const text = textOf(body);
  assert.match(text, /M: Medical or dental appointment/);
  assert.match(text, /In place of N Reason The parent showed the letter By .+, Head Amended on/);
  assert.match(text, /N: Reason not yet established .*Came with monday\.csv/);
  const { entries, total } = await searchAudit(stores.records, {}, { from: 0, size: 9 });
  const left = entries.slice(0, total - trace.total);
  assert.ok(
    left.some(
      ({ action, subject_id: id }) => action === 'changed' && id === String(child('classmateTwo')),
    ),
  );
  assert.doesNotMatch(JSON.stringify(left), /letter|Larkspur|Fenella/);
});

test('what stood before an amendment can be told: each entry has the moment it was made', async () => {
  const key = await keyOf('classmateTwo');
  const { body } = await page(`head:${urn}`, entry('classmateTwo', '2026-11-16'));
  assert.match(textOf(body), /22 November 2026 at 09:00.*16 November 2026 at 09:00/);
  assert.ok(key);
});

test('who is given everything held of a child is given every entry of its registers, and no name of staff', async () => {
  const wanted = { ...options, entriesOf: entriesOf(options) };
  const route = pupilRoutes(wanted).find((each) => each.path === '/pupils/:id/export');
  const answer = await route?.answer({
    ...{ viewer: as('head'), params: { id: String(child('classmateTwo')) }, query: {}, form: {} },
    ...{ purpose: 'record-keeping', from: 'tests', session: null, cookies: new Map() },
    may: () => true,
  });
  assert.equal(answer?.kind, 'file');
  const { register } = JSON.parse((answer as { text: string }).text);
  const day = { date: '2026-11-16', session: 'AM', urn };
  assert.deepEqual(register, [
    { ...day, code: 'N', entered_at: '2026-11-16T09:00:00.000Z', changed: null },
    {
      ...{ ...day, code: 'M', entered_at: testClock().toISOString() },
      changed: { original: 'N', reason: 'The parent showed the letter', position: 'Head' },
    },
  ]);
});

test('an amendment that cannot be is refused in words, and nothing of it is kept', async () => {
  const head = as('head');
  const path = `${entry('classmateTwo', '2026-11-16')}/amend`;
  const good = { code: 'I', reason: 'The parent rang', position: 'Head', was: 'M' };
  const faulty = async (changes: Partial<typeof good>, says: RegExp) => {
    const answer = await visit(head, path, { ...good, ...changes });
    assert.equal(answer.kind, 'page');
    assert.match(JSON.stringify(answer), says);
  };
  await faulty({ code: 'J' }, /Choose a code that there is on this day/);
  await faulty({ code: '\\' }, /Choose a code that there is on this day/);
  await faulty({ code: 'M' }, /this is the entry that stands/);
  await faulty({ reason: 'no' }, /Say why the entry is changed/);
  await faulty({ position: '' }, /Say what you are/);
  await faulty({ reason: 'As A823432108001 said' }, /Say it without naming or numbering a child/);
  await faulty({ position: 'Of A823432108001' }, /Say what you are/);
  const closed = `${entry('classmateTwo', '2026-11-20')}/amend`;
  await assert.rejects(
    visit(head, closed, { ...good, was: '' }),
    refused('bad-input', /closed in this session/),
  );
  const toCome = `${entry('classmateTwo', '2026-11-23')}/amend`;
  await assert.rejects(
    visit(head, toCome, { ...good, was: '' }),
    refused('bad-input', /still to come/),
  );
  const never = `${entry('classmateTwo', '2001-01-08')}/amend`;
  await assert.rejects(
    visit(head, never, { ...good, was: '' }),
    refused('not-found', /on no roll/),
  );
  await assert.rejects(visit(head, '/pupils/1/entries/soon/AM'), refused('not-found'));
  const someone = { role: 'head', scope: String(urn) } as const;
  await assert.rejects(visit(someone, path, good), refused('signed-out', /name beside it/));
  await assert.rejects(visit(as('teacher'), path, good), refused('not-allowed', /not change it/));
  await assert.rejects(visit(as('authorityOfficer'), path, good), refused('not-allowed'));
  assert.equal((await visit(as('teacher'), entry('classmateTwo', '2026-11-16'))).kind, 'page');
  const days = { urns: [urn], from: '2026-11-01', to: '2026-11-30' };
  assert.equal((await amendmentsOf(stores.records, days)).length, 1);
});

test('of two who amend one entry at once, one is told to look again, on the form, with a link to the entry', async () => {
  const form = { code: 'I', reason: 'The parent rang', position: 'Head', was: '' };
  const path = `${entry('classmateOne', '2026-11-19', 'PM')}/amend`;
  const both = await Promise.all([
    visit(as('head'), path, form),
    visit(as('head'), path, { ...form, code: 'M' }),
  ]);
  assert.deepEqual(both.map(({ kind }) => kind).sort(), ['page', 'redirect']);
  const lost = both.find((each) => each.kind === 'page');
  const model = (lost as { model: Record<string, unknown> }).model;
  assert.match(JSON.stringify(model['errors']), /changed by somebody else/);
  assert.match(JSON.stringify(model['errors']), /"href":"\/pupils\/\d+\/entries\/2026-11-19\/PM"/);
  const { was, reason } = model['amending'] as Record<string, string>;
  assert.ok((was === 'I' || was === 'M') && reason === form.reason);
  const days = { urns: [urn], from: '2026-11-19', to: '2026-11-19' };
  assert.equal((await amendmentsOf(stores.records, days)).length, 1);
});

test('an amendment stands, though the mark it changes has a moment later that day', async () => {
  await mark([['classmateTwo', today, 0, 'N']], { enteredAt: `${today} 09:30:00` });
  await mark([['classmateTwo', today, 1, 'N']], { enteredAt: `${today} 13:30:00` });
  for (const session of ['AM', 'PM']) {
    const form = { code: 'I', reason: 'The parent rang', position: 'Head', was: 'N' };
    await visit(as('head'), `${entry('classmateTwo', today, session)}/amend`, form);
  }
  const pupils = [await keyOf('classmateTwo')];
  const stands = await stores.read(standingMarks, { urns: [urn], from: today, to: today, pupils });
  assert.deepEqual(
    stands.map(({ code, entries }) => [code, entries]),
    [
      ['I', 2],
      ['I', 2],
    ],
  );
});

test('who amends an entry that a file changed meanwhile is told to look again', async () => {
  const asked = { pupil: child('classmateTwo'), date: '2026-11-17' as Day, session: 1 as const };
  const viewer = as('head');
  const purpose = 'attendance' as const;
  const history = await sessionHistory(options, { viewer, purpose, ...asked });
  await mark([['classmateTwo', '2026-11-17', 1, 'L']]);
  const amending = { code: 'I', reason: 'The parent rang', position: 'Head', was: '' };
  await assert.rejects(
    amendEntry(options, history, { ...amending, viewer, purpose, from: 'tests' }),
    refused('check-failed', /changed by somebody else/),
  );
  const days = { urns: [urn], from: '2026-11-17', to: '2026-11-17' };
  assert.deepEqual(await amendmentsOf(stores.records, days), []);
});

test('an amendment keeps what it was in place of, though an earlier entry comes in later; that one is shown with it', async () => {
  const day = '2026-11-18' as Day;
  const path = entry('classmateTwo', day);
  const form = { code: 'I', reason: 'The parent rang', position: 'Head', was: '' };
  await visit(as('head'), `${path}/amend`, form);
  const inPlaceOf = async () => textOf((await page(`head:${urn}`, path)).body);
  assert.match(await inPlaceOf(), /In place of no mark Reason The parent rang/);
  await mark([['classmateTwo', day, 0, 'N']], {
    enteredAt: '2026-11-18 09:00:00',
    title: 'late.csv',
  });
  const days = { urns: [urn], from: day, to: day, pupil: await keyOf('classmateTwo') };
  const [kept] = await amendmentsOf(stores.records, days);
  assert.deepEqual([kept?.original, kept?.entry], [null, 'I']);
  const text = await inPlaceOf();
  assert.match(text, /In place of no mark, as it stood then: an earlier entry has come in since/);
  assert.match(text, /N: Reason not yet established .*Came with late\.csv/);
  const [stands] = await stores.read(standingMarks, { ...days, pupils: [days.pupil] });
  assert.deepEqual([stands?.code, stands?.entries], ['I', 2]);
});

test('what a file says of an amendment stands with it, in place of the entry before it, though that comes later; nobody else is named', async () => {
  const day = '2026-11-12' as Day;
  const pupil = await keyOf('classmateTwo');
  const [entryNumber = 0] = await nextAmendments(stores.records, 1);
  await stores.write(async (write) => {
    const bringing = { kind: 'marks', scope: `test ${scopes++}`, title: 'am.csv', digest: '' };
    const { id: receipt } = await write.begin(bringing);
    await write.warehouse.append(
      'marks',
      ['receipt', 'urn', 'pupil', 'date', 'session', 'code', 'entered_at', 'entry'],
      [
        [receipt, urn, pupil, day, 0, 'I', '2026-11-14 17:00:00', entryNumber],
        [receipt, urn, pupil, day, 0, 'M', '2026-11-15 17:00:00', 0],
      ],
    );
    const said = { reason: 'Rang in', person: null, person_name: 'Ms B', position: 'Clerk' };
    const at = new Date('2026-11-14T17:00:00Z');
    const of = { receipt, urn, pupil, date: day, session: 0, original: null, entry: 'I' };
    write.atCommit(async (transaction) => {
      await recordAmendments(transaction, [{ id: entryNumber, ...of, ...said, at }]);
    });
  });
  const shown = async () =>
    textOf((await page(`head:${urn}`, entry('classmateTwo', day))).body).replace(
      /^.*newest first/,
      '',
    );
  const who = 'Reason Rang in By Ms B, Clerk Amended on 14 November 2026';
  const unsaid = 'In place of I Reason The file that it came with does not say';
  assert.match(
    await shown(),
    new RegExp(`Entry M: .*${unsaid}.*Entry I: .*In place of no mark ${who}`),
  );
  await mark([['classmateTwo', day, 0, 'N']], { enteredAt: '2026-11-11 17:00:00' });
  const text = await shown();
  assert.match(text, new RegExp(`Entry M: .*${unsaid}.*Entry I: .*In place of N ${who}`));
  const [, first = ''] = text.split('Entry N: ');
  assert.match(first, /Entered 11 November 2026/);
  assert.doesNotMatch(first, /In place of|Reason Rang|By /);
});

test('only codes that there are on the day can be entered, and each half of the day has its own stroke', () => {
  const codes = (date: Day, session: 0 | 1) => codesFor(date, session).map(({ code }) => code);
  assert.ok(codes('2024-08-18', 0).includes('J') && !codes('2024-08-18', 0).includes('J1'));
  assert.ok(codes('2024-08-19', 0).includes('J1') && !codes('2024-08-19', 0).includes('J'));
  assert.ok(codes('2026-11-16', 0).includes('/') && !codes('2026-11-16', 0).includes('\\'));
  assert.ok(codes('2026-11-16', 1).includes('\\') && !codes('2026-11-16', 1).includes('/'));
  assert.equal(new Set(codes('2026-11-16', 0)).size, codes('2026-11-16', 0).length);
});

test('an N has five of the school’s own days, and stands too long from the day after them', () => {
  const days = ['2026-11-02', '2026-11-03', '2026-11-05', '2026-11-09', '2026-11-10', '2026-11-11'];
  assert.equal(dueDay('2026-11-02', days), '2026-11-11');
  assert.equal(dueDay('2026-11-01', days), '2026-11-10');
  assert.equal(dueDay('2026-11-03', days), null);
});

test('where a calendar stops short, days on which anybody has a mark are school days', () => {
  const calendar = [
    { date: '2025-06-02', open: true },
    { date: '2025-06-03', open: false },
  ];
  const marked = ['08', '09', '10', '11', '12', '15'].map((day) => `2025-09-${day}`);
  const days = schoolDays(calendar, ['2025-06-03', '2025-06-08', ...marked]);
  assert.deepEqual(days, ['2025-06-02', ...marked], 'closed days and weekends are none');
  assert.equal(dueDay('2025-09-08', days), '2025-09-15');
  assert.deepEqual(schoolDays([], ['2025-06-08']), ['2025-06-08']);
});

test('an N that stands for more than five school days is listed until it is resolved', async () => {
  const weekdays = ['02', '03', '04', '05', '06', '09', '10', '11', '12', '13'];
  await openDays(weekdays.map((day) => [`2026-11-${day}`, day !== '11'] as const));
  // Due on Thursday the 19th (the 11th is closed, and so is the 20th), and on Monday the 23rd at the earliest.
  await mark([
    ['signsIn', '2026-11-11', 0, 'N'],
    ['signsIn', '2026-11-12', 0, 'N'],
    ['signsIn', '2026-11-13', 0, 'N'],
    ['otherClass', '2026-11-03', 1, 'N'],
    ['restricted', '2026-11-03', 1, 'N'],
  ]);
  await mark([['otherClass', '2026-11-03', 1, 'O']], { enteredAt: '2026-11-17 09:00:00' });
  const { body } = await page(`head:${urn}`, `/schools/${urn}/unexplained`);
  const text = textOf(body);
  const [late = '', inTime = ''] = text.split('Still in time');
  assert.match(late, /Wednesday 11 November 2026, morning 18 November 2026/);
  assert.match(late, /Thursday 12 November 2026, morning 19 November 2026/);
  assert.match(inTime, /Friday 13 November 2026, morning not known yet/);
  assert.doesNotMatch(text, /Godwit/, 'what was resolved is not listed');
  const api = JSON.parse((await page(`head:${urn}`, `/api/v1/schools/${urn}/unexplained`)).body);
  assert.deepEqual(
    api.data
      .filter(({ child: { record } }: { child: { record: number } }) => record === child('signsIn'))
      .map(({ date, due, overdue }: Record<string, unknown>) => [date, due, overdue]),
    [
      ['2026-11-11', '2026-11-18', true],
      ['2026-11-12', '2026-11-19', true],
      ['2026-11-13', null, false],
    ],
  );
  // The head sees the restricted record; a class teacher is told of the entries of others as a number.
  const teacher = JSON.parse(
    (await page(`teacher:${urn}/8A`, `/api/v1/schools/${urn}/unexplained`)).body,
  );
  assert.deepEqual([teacher.data.length, teacher.of_others], [0, 4]);
  const lines = await run('registers unexplained', { urn: String(urn) });
  assert.ok(lines.includes(`record ${child('signsIn')}, 2026-11-11 AM, due by 2026-11-18`));
  assert.doesNotMatch(lines.join(), /Samphire|[A-Z]\d{12}/);
  assert.match(
    (await run('registers unexplained', {})).join(),
    new RegExp(`School ${urn}: 3 too long, 1 still`),
  );
});

async function run(
  verb: string,
  values: Record<string, string>,
  switches: string[] = [],
): Promise<string[]> {
  const command = bookCommands().find((each) => each.verb === verb);
  assert.ok(command);
  const lines: string[] = [];
  const context: CommandContext = {
    ...{ stores, viewer: operator, clock: testClock, folder: '/' },
    output: {
      line: (text) => void lines.push(text),
      error() {},
      progress() {},
      isTerminal: false,
    },
    settings: { demo: false, visitKm: 40 },
    async writeFile() {},
    signal: new AbortController().signal,
  };
  assert.equal(await command.run(context, { values, switches: new Set(switches), files: [] }), 0);
  return lines;
}

test('entries are deleted six years after they were made, with a record of how many and of no child', async () => {
  const old = { enteredAt: '2020-11-21 09:00:00' };
  await mark([['classmateOne', '2020-10-05', 0, '/']], old);
  await mark([['classmateOne', '2020-10-05', 1, '\\']], { enteredAt: '2020-11-22 09:00:00' });
  await mark([['classmateOne', '2019-07-01', 1, 'I']], old);
  // Amended later: the old entry goes, and the amended one stays as it is.
  await mark([['classmateOne', '2020-10-06', 0, 'N']], old);
  await mark([['classmateOne', '2020-10-06', 0, 'I']], { enteredAt: '2021-01-05 09:00:00' });
  const key = await keyOf('classmateOne');
  const standing = async () =>
    (
      await stores.read(standingMarks, {
        ...{ urns: [urn], pupils: [key], from: '2019-01-01', to: '2020-12-31' },
      })
    ).map(({ date, session, code }) => `${date} ${session} ${code}`);
  const dry = await run('registers tidy', {}, ['dry-run']);
  assert.equal((await standing()).length, 4);
  assert.deepEqual(dry, [
    `School ${urn}: 1 entry of 2019-07-01 to 2019-07-01`,
    `School ${urn}: 2 entries of 2020-10-05 to 2020-10-06`,
    'Would be deleted: 3 entries and 0 amendments made before 2020-11-22.',
  ]);
  const forgotten: string[] = [];
  const { trail } = options;
  const packed = statement<{ monday: string; is_empty: boolean }, { pupil: string }>(
    'packed',
    `SELECT toString(monday) AS monday, morning = 0 AND afternoon = 0 AS is_empty FROM pupil_weeks FINAL
     WHERE pupil = {pupil:UInt64} AND pupil_weeks.monday < '2021-01-01' ORDER BY pupil_weeks.monday`,
  );
  const weeks = () => stores.write(({ warehouse }) => warehouse.query(packed, { pupil: key }));
  await keepUp(stores);
  assert.deepEqual(
    (await weeks()).map(({ monday: week, is_empty }) => [week, Boolean(is_empty)]),
    [
      ['2019-07-01', false],
      ['2020-10-05', false],
    ],
  );
  const tidied = await tidyRegisters(
    { stores, clock: testClock, trail },
    {
      dryRun: false,
      async forget(over) {
        forgotten.push(...over.map(({ first }) => first));
        await keepUp(stores, { deleted: over });
      },
    },
  );
  assert.deepEqual(
    (await weeks()).map(({ is_empty }) => Boolean(is_empty)),
    [true, false],
    'what was worked out of deleted entries is gone with them',
  );
  assert.equal(tidied.deleted, true);
  assert.deepEqual(forgotten, ['2019-07-01', '2020-10-05']);
  assert.deepEqual(await standing(), ['2020-10-05 1 \\', '2020-10-06 0 I']);
  const kept = await deletionsOf(stores.records, [urn]);
  assert.deepEqual(
    kept.map(({ first_day, last_day, entries, finished_at }) => [
      ...[first_day, last_day, entries, finished_at?.getTime()],
    ]),
    [
      ['2019-07-01', '2019-07-01', 1, testClock().getTime()],
      ['2020-10-05', '2020-10-06', 2, testClock().getTime()],
    ],
  );
  const { entries } = await searchAudit(stores.records, {}, { from: 0, size: 3 });
  assert.ok(entries.every(({ subject_kind: kind }) => kind !== 'pupil'));
  assert.match(JSON.stringify(entries), /registers tidy/);
  const then = await page(`head:${urn}`, `/schools/${urn}/register?week=2020-10-05`);
  assert.match(textOf(then.body), /Entries of this week were deleted/);
  assert.deepEqual(await run('registers tidy', {}), [
    'Nothing is old enough: 0 entries and 0 amendments made before 2020-11-22.',
  ]);
});

test('a deletion that was cut off is carried out to its end, and is counted once', async () => {
  const old = { enteredAt: '2020-01-05 09:00:00' };
  await mark([['classmateOne', '2020-01-06', 0, '/']], old);
  const before = (await deletionsOf(stores.records)).length;
  const { trail } = options;
  const cutOff = async () => {
    throw new Error('the power went');
  };
  const again = { stores, clock: testClock, trail };
  await assert.rejects(tidyRegisters(again, { dryRun: false, forget: cutOff }), /power/);
  const [begun] = (await deletionsOf(stores.records)).slice(before);
  assert.deepEqual([begun?.entries, begun?.finished_at], [1, null]);
  const forgotten: string[] = [];
  const forget = async (over: readonly { first: Day }[]) =>
    void forgotten.push(...over.map(({ first }) => first));
  await tidyRegisters(again, { dryRun: false, forget });
  assert.deepEqual(forgotten, ['2020-01-06']);
  const all = (await deletionsOf(stores.records)).slice(before);
  assert.deepEqual(
    all.map(({ entries, finished_at }) => [entries, finished_at !== null]),
    [[1, true]],
  );
});

test('a child’s year so far is counted in sessions that could be attended, and told in plain words', () => {
  const days = (codes: string, date: Day) => [...codes].map((code) => ({ code, date, session: 0 }));
  const marks = [...days('//////////////////', '2026-09-03'), ...days('IOXYD#', '2026-09-04')];
  const coming = Array.from({ length: 100 }, (_, at) => daysAfter('2026-11-23', at));
  const year = yearSoFar(202627, marks, { unmarked: 2, coming });
  assert.deepEqual([year.possible, year.absent, year.persistent], [20, 2, true]);
  // Of 120 a tenth is 12: eleven absences stay below it, and two are gone.
  assert.equal(year.canMiss, 9);
  assert.deepEqual(yearInWords(year, 'Merrin'), [
    'In 2026/27 so far, Merrin could come to school on 20 half days and missed 2 of them: 10.0%.',
    // With one more session attended two of 21 are missed.
    'Merrin missed a tenth or more of the half days so far: that is called persistent absence. By coming every day, Merrin can be below a tenth again on 23 November 2026.',
    'By the school’s calendar 100 half days are left this year. Merrin can miss at most 9 half days of them for the year to end with less than a tenth missed.',
    '2 half days have no mark in the register yet. They are not counted as missed.',
  ]);
  const lost = yearSoFar(202627, days('IIII', '2026-09-03'), {
    unmarked: 0,
    coming: ['2026-11-23', '2026-11-23'],
  });
  assert.deepEqual([lost.canMiss, lost.backOn], [-1, null]);
  assert.match(
    yearInWords(lost, 'you').join(' '),
    /so far, you could come.* You missed a tenth.*Even if you came/,
  );
  assert.equal(yearSoFar(202627, [], { unmarked: 0, coming: null }).persistent, false);
  assert.match(
    yearInWords(yearSoFar(202627, [], { unmarked: 0, coming: [] }), 'you')[0] ?? '',
    /No session/,
  );
});

test('a family reads its own child’s weeks and year on the child’s page, and nobody else’s', async () => {
  const parent = `parent:${cast.people.get('parent')}`;
  const { status, body } = await page(parent, `/pupils/${child('elderSibling')}`);
  assert.equal(status, 200);
  const text = textOf(body);
  assert.match(
    text,
    /In 2026\/27 so far, Merrin could come to school on 3 half days and missed 1 of them: 33\.3%/,
  );
  assert.match(text, /Week of 16 November 2026/);
  assert.match(text, /I Illness/);
  const other = await page(parent, `/pupils/${child('classmateOne')}`);
  assert.equal(other.status, 403);
});

test('sessions without a mark are shown as such, and neither closed nor off the roll are', () => {
  const days = [0, 1].map((session) => ({
    ...{ date: '2026-11-17', session, open: false, reason: '' },
  }));
  const week = sessionsOfWeek(monday, '2026-11-18', days);
  const roll = [{ entry_date: '2026-11-17', leaving_date: null }];
  const cells = cellsOf(week, new Map([['2026-11-18 0', { code: '?', entries: 2 }]]), roll);
  assert.deepEqual(
    cells.map(({ kind }) => kind),
    [
      ...['not on roll', 'not on roll', 'closed', 'closed', 'mark', 'unmarked'],
      ...['to come', 'to come', 'to come', 'to come'],
    ],
  );
  assert.deepEqual(totalsOf([cells])[4], { attending: 0, absent: 0, notPossible: 0, unmarked: 0 });
});
