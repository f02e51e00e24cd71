import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { operator, parseViewer } from '../access/index.ts';
import { dayInEngland } from '../base/clock.ts';
import { yearsAfter } from '../base/day.ts';
import { demoCast, makeEngland, saveEngland } from '../demo/index.ts';
import { importFiles } from '../publications/index.ts';
import {
  findPerson,
  keepAppointment,
  keepPerson,
  listKeys,
  type Records,
} from '../records/index.ts';
import { directoriesOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import fc from '../testing/chance.ts';
import { openTestStores, scratchFolder } from '../testing/stores.ts';
import { appointable, findKey, makeKey, parseAppointment, signInCommands } from './index.ts';
import type { LocalPerson } from './localProvider.ts';
import { PlainBrowser } from '../testing/plainBrowser.ts';
import { openTestSite, type TestSite } from './site.fixture.ts';

const names = ['admin', 'other-admin', 'head', 'auditor', 'wilfred', 'ottilie', 'newcomer'];
const people: LocalPerson[] = names.map((subject) => ({
  ...{ subject, givenName: subject, familyName: 'Example', email: `${subject}@example.invalid` },
  hint: '',
  organisation: { name: 'Lanternfield High School', urn: '900001' },
}));
const { urn } = demoCast.improvingSecondary;

let daysLater = 0;
const clock = () => new Date(Date.now() + daysLater * 86_400_000);
const inDays = (days: number) =>
  new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
let stores: Stores;
let records: Records;
let close: () => Promise<void>;
let open: TestSite;
const ids = new Map<string, number>();
const idOf = (name: string) => ids.get(name) ?? 0;

before(async () => {
  ({ stores, close } = await openTestStores());
  ({ records } = stores);
  const { folder, remove } = scratchFolder();
  await importFiles(stores, await saveEngland(makeEngland({ schools: 60, seed: 'keys' }), folder));
  remove();
  open = await openTestSite({ records, clock, directories: directoriesOf(stores), people });
  for (const subject of names) {
    const person = {
      issuer: open.provider.issuer,
      subject,
      name: subject,
      email: '',
      organisation: 'Lanternfield',
    };
    ids.set(subject, (await keepPerson(records, person, clock())).id);
  }
  const roles = {
    ...{ admin: 'administrator', 'other-admin': 'administrator', auditor: 'auditor' },
    ...{ wilfred: 'pupil', ottilie: 'parent' },
  };
  for (const [name, role] of Object.entries(roles)) {
    await keepAppointment(records, {
      ...{ person: idOf(name), role, scope: null, starts_on: '2020-01-01', ends_on: null },
      ...{ given_by: null, given_at: clock() },
    });
  }
});
after(async () => {
  await open.close();
  await close();
});

async function signedIn(name: string): Promise<PlainBrowser> {
  const browser = new PlainBrowser();
  await browser.signIn(open.site, name);
  return browser;
}

/** Runs a verb as the operator; a refusal is thrown, as the command line receives it. */
async function run(verb: string, values: Record<string, string> = {}, as?: string) {
  const command = signInCommands.find((each) => each.verb === verb);
  assert.ok(command);
  const lines: string[] = [];
  const exit = await command.run(
    {
      ...{ stores, clock, folder: '.', signal: new AbortController().signal },
      viewer: as === undefined ? operator : parseViewer(as),
      settings: { demo: true, visitKm: 40 },
      output: { line: (text) => lines.push(text), error() {}, progress() {}, isTerminal: false },
      async writeFile() {},
    } as Parameters<typeof command.run>[0],
    { values, switches: new Set(), files: [] },
  );
  assert.equal(exit, 0);
  return lines.join('\n');
}

/** What was done since, as the trail has it. */
async function changes() {
  const rows = await records
    .selectFrom('audit_entries')
    .selectAll()
    .where('action', '=', 'changed')
    .where('data_class', '=', 'administration')
    .orderBy('number')
    .execute();
  return rows.map((row) => ({ ...row, detail: JSON.parse(row.detail) }));
}

test('an administrator gives an appointment and ends it, each with its trace', async () => {
  const admin = await signedIn('admin');
  const list = await (await admin.get(`${open.site}/administration/people`)).text();
  assert.match(list, new RegExp(`>Person ${idOf('head')}<`));
  const path = `${open.site}/administration/people/${idOf('head')}`;
  const form = { role: 'head', scope: String(urn), starts_on: inDays(-1), ends_on: inDays(300) };
  const page = await (await admin.post(`${path}/appointments`, form)).text();
  assert.match(page, new RegExp(`<h1[^>]*>head<`));
  const [, id = ''] = /appointments\/(\d+)\/end/.exec(page) ?? [];
  const head = await signedIn('head');
  assert.match(await (await head.step(`${open.site}/signed-out`)).text(), /You are head:/);
  await admin.post(`${path}/appointments/${id}/end`, {});
  assert.match(await (await head.step(`${open.site}/signed-out`)).text(), /You are public/);
  const [given, ended] = (await changes()).slice(-2);
  assert.deepEqual(
    [given?.person, given?.subject_id, given?.detail.done, given?.detail.role],
    [idOf('admin'), String(idOf('head')), 'appointed', 'head'],
  );
  assert.deepEqual([ended?.detail.done, ended?.detail.appointment], ['ended', Number(id)]);
});

test('nobody gives themselves an appointment, or takes their own', async () => {
  const admin = await signedIn('admin');
  const before = await changes();
  const path = `${open.site}/administration/people/${idOf('admin')}`;
  const form = { role: 'head', scope: String(urn), starts_on: inDays(-1), ends_on: inDays(100) };
  assert.equal((await admin.post(`${path}/appointments`, form)).status, 403);
  assert.equal((await admin.post(`${path}/close`, {})).status, 403);
  const own = /(\d+): administrator/.exec(await run('people list', { find: 'admin' }))?.[1];
  assert.equal((await admin.post(`${path}/appointments/${own}/end`, {})).status, 403);
  assert.deepEqual(await changes(), before);
});

test('a list of people at the command line is written down before it is printed, without what was looked for', async () => {
  await run('people list', { find: 'kanarie' });
  const last = await records
    .selectFrom('audit_entries')
    .selectAll()
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  assert.deepEqual(
    [last.role, last.action, last.data_class, last.subject_id],
    ['operator', 'read', 'administration', 'people list'],
  );
  assert.ok(!JSON.stringify(last).includes('kanarie'));
});

test('the form starts without a role, with a last day a year ahead, and says roles in words', async () => {
  const admin = await signedIn('admin');
  const url = `${open.site}/administration/people/${idOf('auditor')}`;
  const html = await (await admin.get(url)).text();
  assert.match(html, /<option value="">Choose a role<\/option>/);
  assert.match(html, /<option value="school">Attendance staff of a school<\/option>/);
  assert.doesNotMatch(html, /<option[^>]* selected/);
  const ends = /name="ends_on"[^>]*value="([^"]*)"/.exec(html)?.[1];
  assert.equal(ends, yearsAfter(dayInEngland(clock()), 1));
  const list = await (await admin.get(`${open.site}/administration/people?q=other`)).text();
  assert.match(list, /administrator of this system/);
});

test('a wrong key form says which field is wrong, keeps what was typed, and makes no key', async () => {
  const admin = await signedIn('admin');
  const before = (await listKeys(records)).length;
  const good = { name: 'MIS', urn: String(urn), 'registers:write': 'yes', days: '30' };
  const wrong: [Record<string, string>, string][] = [
    [{ name: '' }, 'name'],
    [{ urn: '12' }, 'urn'],
    [{ urn: '123456' }, 'urn'],
    [{ 'registers:write': '' }, 'ability'],
    [{ days: '400' }, 'days'],
    [{ days: 'many' }, 'days'],
  ];
  for (const [changed, field] of wrong) {
    const page = await admin.post(`${open.site}/administration/keys`, { ...good, ...changed });
    const html = await page.text();
    assert.match(html, new RegExp(`href="#${field}"`));
    assert.match(html, new RegExp(`id="${field}-error"`));
    assert.match(html, new RegExp(`id="${field}"`));
    assert.equal(/value="yes" checked/.test(html), field !== 'ability');
  }
  assert.equal((await listKeys(records)).length, before);
});

test('only an administrator administers', async () => {
  const others = [await signedIn('auditor'), await signedIn('head'), new PlainBrowser()];
  for (const browser of others) {
    for (const path of ['people', `people/${idOf('head')}`, 'keys']) {
      assert.equal((await browser.get(`${open.site}/administration/${path}`)).status, 403);
    }
    const form = { role: 'department', starts_on: '2026-01-01' };
    const url = `${open.site}/administration/people/${idOf('head')}/appointments`;
    assert.equal((await browser.post(url, form)).status, 403);
  }
});

test('a role, a scope or a day that is none is told in the form, and changes nothing', async () => {
  const admin = await signedIn('admin');
  const before = await changes();
  const url = `${open.site}/administration/people/${idOf('head')}/appointments`;
  const good = { role: 'head', scope: String(urn), starts_on: '2026-01-01', ends_on: '2027-08-31' };
  const wrong: [Record<string, string>, string, RegExp][] = [
    [{ role: '' }, 'role', /Choose a role/],
    [{ role: 'operator', scope: '' }, 'role', /Nobody can be appointed operator/],
    [{ role: 'system' }, 'role', /system needs its URN|Nobody can be appointed system/],
    [{ role: 'king', scope: '' }, 'role', /is not a role/],
    [{ scope: '12' }, 'scope', /needs its URN/],
    [{ scope: '100' }, 'scope', /needs its URN/],
    [{ scope: '123456' }, 'scope', /There is no school with the URN 123456/],
    [{ role: 'social-worker', scope: '7' }, 'scope', /for the person alone/],
    [{ starts_on: '2026-02-30' }, 'starts_on', /is not a day/],
    [{ ends_on: 'soon' }, 'ends_on', /is not a day/],
    [{ ends_on: '2025-01-01' }, 'ends_on', /before the first/],
    [{ ends_on: '' }, 'ends_on', /Give a last day/],
    [{ ends_on: '2028-01-02' }, 'ends_on', /at most 2 years/],
    [{ role: 'teacher', scope: `${urn}/7B`, ends_on: '' }, 'ends_on', /Give a last day/],
  ];
  for (const [changed, field, says] of wrong) {
    const html = await (await admin.post(url, { ...good, ...changed })).text();
    assert.match(html, says);
    assert.match(html, new RegExp(`href="#${field}"`), JSON.stringify(changed));
    assert.match(html, new RegExp(`id="${field}-error"`), JSON.stringify(changed));
  }
  assert.deepEqual(await changes(), before);
});

test('an administrator finds no child, no parent and nobody without an appointment by name', async () => {
  const admin = await signedIn('admin');
  const list = async (q: string) =>
    (await admin.get(`${open.site}/administration/people?${new URLSearchParams({ q })}`)).text();
  for (const name of ['wilfred', 'ottilie', 'newcomer']) {
    const id = idOf(name);
    for (const part of [name, name.slice(0, 4), `${name}@example.invalid`]) {
      assert.doesNotMatch(await list(part), new RegExp(`people/${id}"`), part);
    }
    const byNumber = await list(String(id));
    assert.match(byNumber, new RegExp(`people/${id}"`));
    const own = await (await admin.get(`${open.site}/administration/people/${id}`)).text();
    assert.doesNotMatch((byNumber + own + (await list(''))).toLowerCase(), new RegExp(name));
  }
  const ofOrganisation = await list('lanternf');
  assert.match(ofOrganisation, new RegExp(`people/${idOf('newcomer')}"`));
  assert.doesNotMatch(ofOrganisation, new RegExp(`people/${idOf('wilfred')}"`));
  assert.match(await list('audit'), />auditor</);
});

test('no order of the list tells a name that it does not show', async () => {
  const admin = await signedIn('admin');
  const html = await (await admin.get(`${open.site}/administration/people`)).text();
  const shown = [...html.matchAll(/administration\/people\/(\d+)"/g)].map(([, id]) => Number(id));
  const numbered = ['wilfred', 'ottilie', 'newcomer'].map(idOf).sort((one, other) => one - other);
  assert.deepEqual(shown.slice(-3), numbered);
});

test('somebody whose access is taken away is signed out at once', async () => {
  const other = await signedIn('other-admin');
  const admin = await signedIn('admin');
  assert.match(await (await other.step(`${open.site}/signed-out`)).text(), /You are administrator/);
  const path = `${open.site}/administration/people/${idOf('other-admin')}`;
  assert.match(await (await admin.get(`${path}/close`)).text(), /Are you sure/);
  assert.equal((await findPerson(records, idOf('other-admin')))?.closed_at, null);
  const closed = await (await admin.post(`${path}/close`, {})).text();
  assert.match(await (await other.step(`${open.site}/signed-out`)).text(), /You are public/);
  assert.match(closed, /no: access was taken away on/);
  assert.doesNotMatch(closed, /End now/);
});

test('access that was taken away is given back at the command line, with a trace', async () => {
  const person = String(idOf('other-admin'));
  await assert.rejects(run('people reopen', { person }, 'administrator'), /the operator’s/);
  assert.match(await run('people reopen', { person }), /can sign in again/);
  const other = await signedIn('other-admin');
  assert.match(await (await other.step(`${open.site}/signed-out`)).text(), /You are administrator/);
  const last = (await changes()).at(-1);
  assert.deepEqual([last?.subject_id, last?.detail.done], [person, 'reopened']);
  await assert.rejects(run('people reopen', { person }), /has access/);
});

test('the operator appoints, ends and closes by command, with a trace', async () => {
  const person = String(idOf('head'));
  const said = await run('people appoint', { person, role: 'social-worker', to: inDays(500) });
  const [, id = ''] = /Appointment (\d+) given to person/.exec(said) ?? [];
  assert.match(
    await run('people list', { find: 'head' }),
    new RegExp(
      `appointment ${id}: social-worker, \\d{4}-\\d\\d-\\d\\d to ${inDays(500)}, in force`,
    ),
  );
  await run('people end', { appointment: id });
  assert.match(await run('people list', { find: 'head' }), new RegExp(`${id}: .*, not in force`));
  const [given, ended] = (await changes()).slice(-2);
  assert.deepEqual([given?.role, given?.from_address], ['operator', 'command line']);
  assert.equal(ended?.detail.appointment, Number(id));
  await assert.rejects(run('people end', { appointment: id }), /was ended already/);
  await assert.rejects(run('people end', { appointment: '999999' }), /There is no appointment/);
  await assert.rejects(run('people appoint', { person: '999', role: 'auditor' }), /no such person/);
  await assert.rejects(
    run('people appoint', { person, role: 'auditor' }, 'administrator'),
    /This is the operator’s/,
  );
});

test('what is written to appoint somebody is read as the roles say, and never as operator, system or public', () => {
  for (const role of appointable) assert.ok(typeof role === 'string');
  fc.assert(
    fc.property(
      fc.constantFrom('operator', 'system', 'public', 'head', 'parent', 'department', ''),
      fc.constantFrom('', ':', ':100000', ':1', ':100000/7B', ': 100000'),
      (role, scope) => {
        let read: ReturnType<typeof parseAppointment> | undefined;
        try {
          read = parseAppointment(role + scope);
        } catch (error) {
          assert.match(String(error), /^Refusal/);
        }
        if (!read) return;
        assert.ok(appointable.includes(read.role));
        assert.ok(role + scope === 'head:100000' || read.scope === null);
      },
    ),
    { seed: 20_261_122 },
  );
});

const wanted = { name: 'MIS', urn: String(urn), abilities: ['registers:write'], days: 30 };
const header = (text: string) => `Bearer ${text}`;

test('a key is shown once, kept as a hash, and knows its school and what it may do', async () => {
  daysLater = 0;
  const admin = await signedIn('admin');
  const form = { name: 'MIS', urn: String(urn), 'registers:write': 'yes', days: '30' };
  const made = await (await admin.post(`${open.site}/administration/keys`, form)).text();
  const [text = ''] = /rollcall_\d+_[A-Za-z0-9_-]{43}/.exec(made) ?? [];
  const secret = text.split('_').slice(2).join('_');
  assert.ok(!JSON.stringify(await listKeys(records)).includes(secret));
  const list = await (await admin.get(`${open.site}/administration/keys`)).text();
  assert.ok(!list.includes(secret) && list.includes('registers:write'));
  assert.ok(!(await run('keys list')).includes(secret));
  assert.ok(!JSON.stringify(await changes()).includes(secret));
  const used = await findKey(records, header(text), clock());
  assert.deepEqual(used?.viewer, { role: 'system', scope: String(urn) });
  assert.deepEqual(used?.abilities, ['registers:write']);
  assert.ok((await listKeys(records))[0]?.last_used_at);
  const reply = await fetch(`${open.site}/administration/keys`, {
    headers: { authorization: header(text) },
  });
  assert.equal(reply.status, 403, 'and is let into nothing else');
});

test('a key that was revoked, has expired, or was changed in one letter is refused, and is not the public', async () => {
  daysLater = 0;
  const { text } = await makeKey(records, wanted, clock());
  daysLater = 30;
  assert.equal(await findKey(records, header(text), clock()), null);
  daysLater = 0;
  assert.ok(await findKey(records, header(text), clock()));
  await fc.assert(
    fc.asyncProperty(
      fc.nat(text.length - 1),
      fc.constantFrom('A', 'b', '7', ' '),
      async (n, sign) => {
        const changed = text.slice(0, n) + sign + text.slice(n + 1);
        if (changed === text) return;
        assert.equal(await findKey(records, header(changed), clock()), null);
      },
    ),
    { numRuns: 200, seed: 20_261_122 },
  );
  const { id } = await makeKey(records, wanted, clock());
  const said = await run('keys create', { name: 'MIS', school: String(urn), days: '10' });
  const [made = '', key = ''] = /rollcall_(\d+)_\S+/.exec(said) ?? [];
  assert.equal(Number(key), id + 1);
  assert.ok(await findKey(records, header(made), clock()));
  await run('keys revoke', { key });
  assert.equal(await findKey(records, header(made), clock()), null);
  for (const authorization of [header(made), 'Bearer ', 'Bearer x', 'bearer rollcall_1_']) {
    const { status } = await fetch(`${open.site}/signed-out`, { headers: { authorization } });
    assert.equal(status, 401, authorization);
  }
});

test('a key without a name, a school, an ability or an end is not made', async () => {
  const before = (await listKeys(records)).length;
  const wrong: [Partial<typeof wanted>, RegExp][] = [
    [{ name: ' ' }, /Name the system/],
    [{ urn: '12' }, /needs its URN/],
    [{ abilities: [] }, /Say what the key is for/],
    [{ abilities: ['everything'] }, /Say what the key is for/],
    [{ days: 0 }, /1 to 366 days/],
    [{ days: 400 }, /1 to 366 days/],
    [{ days: Number.NaN }, /1 to 366 days/],
  ];
  for (const [changed, says] of wrong) {
    await assert.rejects(makeKey(records, { ...wanted, ...changed }, clock()), says);
  }
  await assert.rejects(run('keys create', { name: 'x', school: '123456', days: '1' }), /no school/);
  assert.equal((await listKeys(records)).length, before);
});
