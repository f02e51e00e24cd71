import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { dayInEngland } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import {
  auditEntriesAfter,
  endAppointment,
  keepAppointment,
  keepPerson,
  type Person,
  type Records,
} from '../records/index.ts';
import type { Directories } from '../schools/index.ts';
import fc from '../testing/chance.ts';
import { PlainBrowser } from '../testing/plainBrowser.ts';
import { openTestRecords } from '../testing/stores.ts';
import { isInForce, openSessions, ownPath, signInDefaults, startLocalProvider } from './index.ts';
import type { LocalPerson } from './localProvider.ts';
import { hashOf } from './tokens.ts';
import { openTestSite, type TestSite } from './site.fixture.ts';

/*
 * Against a real server with a real OpenID Connect provider beside it. The provider has the machine's clock; ours goes on
 * when a test says so.
 */

const people: LocalPerson[] = ['head', 'officer', 'nobody', 'leaver'].map((subject) => ({
  subject,
  givenName: subject,
  familyName: 'Example',
  email: `${subject}@example.invalid`,
  hint: `The ${subject}`,
  organisation: { name: 'Ashgrove', urn: '900001' },
}));

let minutesLater = 0;
const clock = () => new Date(Date.now() + minutesLater * 60_000);
const today = () => dayInEngland(clock());
const everyDirectory = (async () => ({
  schools: [{}],
  find: () => ({}),
  findTrust: () => ({}),
  findAuthority: () => ({}),
})) as unknown as Directories;

let records: Records;
let close: () => Promise<void>;
let open: TestSite;
let site: string;

before(async () => {
  ({ records, close } = await openTestRecords());
  open = await openTestSite({ records, clock, directories: everyDirectory, people });
  ({ site } = open);
  await appoint('head', 'head', '900001');
  await appoint('officer', 'authority', '990');
  await appoint('officer', 'auditor', null);
  await appoint('leaver', 'administrator', null);
});
after(async () => {
  await open.close();
  await close();
});
beforeEach(() => {
  minutesLater = 0;
});

function personOf(subject: string): Promise<Person> {
  const { issuer } = open.provider;
  const person = { issuer, subject, name: subject, email: '', organisation: null };
  return keepPerson(records, person, clock());
}

async function appoint(subject: string, role: string, scope: string | null): Promise<number> {
  const { id: person } = await personOf(subject);
  const days = { starts_on: '2020-01-01', ends_on: null };
  return keepAppointment(records, {
    person,
    role,
    scope,
    ...days,
    given_by: null,
    given_at: clock(),
  });
}

const signIn = async (subject: string, query = '') => {
  const browser = new PlainBrowser();
  const page = await browser.signIn(site, subject, query);
  return { browser, page, token: browser.cookies.get('rollcall_session') };
};

/** Who the site takes this browser for, in its own words. */
async function whoIs(browser: PlainBrowser): Promise<string> {
  const html = await (await browser.step(`${site}/signed-out`)).text();
  return /rollcall-viewer__who">You are ([^\s<]+)/.exec(html)?.[1] ?? html;
}

describe('signing in', () => {
  test('leads to the provider and back to where one was, as what one is appointed', async () => {
    const { browser } = await signIn('head', '?return=/schools/900001%3Fa%3D1');
    assert.equal(browser.visited.at(-1), `${site}/schools/900001?a=1`);
    assert.equal(await whoIs(browser), 'head:900001');
    const asked = new URL(browser.visited.find((each) => each.includes('/auth?')) ?? '')
      .searchParams;
    assert.equal(asked.get('code_challenge_method'), 'S256');
    for (const name of ['state', 'nonce', 'code_challenge']) {
      assert.ok((asked.get(name) ?? '').length >= 43, name);
    }
    const entries = await auditEntriesAfter(records, 0, 1000);
    const { id } = await personOf('head');
    assert.ok(entries.some((each) => each.action === 'signed in' && each.person === id));
  });

  test('keeps who the provider says it is, and gives nothing for it', async () => {
    const { browser } = await signIn('nobody');
    assert.match(browser.visited.at(-1) ?? '', /\/sign-in\/as\?return=%2F$/);
    assert.equal(await whoIs(browser), 'public');
    const page = await (await browser.get(`${site}/sign-in/as`)).text();
    assert.match(page, /You have no appointment here/);
    const person = await personOf('nobody');
    const seen = await records
      .selectFrom('people')
      .selectAll()
      .where('id', '=', person.id)
      .execute();
    assert.equal(seen.length, 1);
  });

  test('keeps no token, only its hash', async () => {
    const { token = '' } = await signIn('head');
    assert.match(token, /^[A-Za-z0-9_-]{43}$/);
    const kept = JSON.stringify(await records.selectFrom('sessions').selectAll().execute());
    assert.ok(kept.includes(hashOf(token)));
    assert.ok(!kept.includes(token));
    const begun = JSON.stringify(await records.selectFrom('sign_ins').selectAll().execute());
    assert.ok(!begun.includes(token));
  });

  /** A browser just before it comes back, and the address that it is about to open. */
  async function aboutToComeBack() {
    const browser = new PlainBrowser();
    let address = `${site}/sign-in`;
    for (let hops = 0; hops < 10 && !address.startsWith(`${site}/sign-in/callback`); hops += 1) {
      const response = await browser.step(address);
      const location = response.headers.get('location');
      if (location) {
        address = new URL(location, address).href;
        continue;
      }
      const action = /<form action="([^"]+)"/.exec(await response.text())?.[1] ?? '';
      const chosen = await browser.step(new URL(action, address).href, {
        method: 'POST',
        body: new URLSearchParams({ person: 'head' }),
      });
      address = new URL(chosen.headers.get('location') ?? '', address).href;
    }
    return { browser, address };
  }

  const refused = async (browser: PlainBrowser, address: string) => {
    const response = await browser.step(address);
    assert.equal(response.status, 400);
    assert.equal(browser.cookies.get('rollcall_session'), undefined);
    return response.text();
  };

  test('with another state is refused', async () => {
    const { browser, address } = await aboutToComeBack();
    const url = new URL(address);
    url.searchParams.set('state', 'x'.repeat(43));
    assert.match(await refused(browser, url.href), /not begun in this browser/);
  });

  test('with what another browser was given is refused', async () => {
    const { address } = await aboutToComeBack();
    assert.match(await refused(new PlainBrowser(), address), /not begun in this browser/);
    const { browser: other } = await aboutToComeBack();
    assert.match(await refused(other, address), /not begun in this browser|used already/);
  });

  test('with a code that was used is refused, and so is the same answer twice', async () => {
    const { browser, address } = await aboutToComeBack();
    assert.equal((await browser.step(address)).status, 303);
    const again = new PlainBrowser();
    for (const [name, value] of browser.cookies) again.cookies.set(name, value);
    again.cookies.delete('rollcall_session');
    assert.match(await refused(again, address), /used already/);
    const next = await aboutToComeBack();
    const url = new URL(next.address);
    url.searchParams.set('code', new URL(address).searchParams.get('code') ?? '');
    assert.match(await refused(next.browser, url.href), /does not fit/);
  });

  test('with another nonce or another proof key is refused', async () => {
    for (const changed of [{ nonce: 'y'.repeat(43) }, { verifier: 'z'.repeat(43) }]) {
      const { browser, address } = await aboutToComeBack();
      const state = new URL(address).searchParams.get('state') ?? '';
      await records
        .updateTable('sign_ins')
        .set(changed)
        .where('state_hash', '=', hashOf(state))
        .execute();
      assert.match(await refused(browser, address), /does not fit/);
    }
  });

  test('by the word of another issuer is refused', async () => {
    const { browser, address } = await aboutToComeBack();
    const url = new URL(address);
    url.searchParams.set('iss', 'https://elsewhere.invalid');
    assert.match(await refused(browser, url.href), /does not fit/);
  });

  test('that took more than ten minutes is refused', async () => {
    const { browser, address } = await aboutToComeBack();
    minutesLater = 11;
    assert.match(await refused(browser, address), /took too long/);
  });

  test('that was cancelled leaves one signed out', async () => {
    const browser = new PlainBrowser();
    const html = await (await browser.get(`${site}/sign-in`)).text();
    const action = /<form action="([^"]+)"/.exec(html)?.[1] ?? '';
    const back = await browser.post(new URL(action, open.provider.issuer).href, { cancel: 'yes' });
    assert.equal(back.status, 401);
    assert.match(await back.text(), /You did not sign in/);
  });

  test('leads nowhere else, whatever it is told to return to', async () => {
    for (const wrong of [
      '//elsewhere.invalid',
      'https://elsewhere.invalid/',
      '/\\elsewhere.invalid',
    ]) {
      const { browser } = await signIn('head', `?return=${encodeURIComponent(wrong)}`);
      assert.equal(browser.visited.at(-1), `${site}/home-of/head`);
    }
  });

  test('without a way back leads to one’s own first page, at once with one role and after choosing with two', async () => {
    for (const query of ['', '?return=/']) {
      const { browser } = await signIn('head', query);
      assert.equal(browser.visited.at(-1), `${site}/home-of/head`);
    }
    const { browser } = await signIn('officer');
    const page = await (await browser.get(`${site}/sign-in/as`)).text();
    const [, appointment = ''] = /name="appointment"[^>]*value="(\d+)"/.exec(page) ?? [];
    await browser.post(`${site}/sign-in/as`, { appointment, return: '/' });
    assert.equal(browser.visited.at(-1), `${site}/home-of/authority`);
  });

  test('tells somebody without an appointment the number that an administrator knows them by', async () => {
    const { page } = await signIn('nobody');
    const { id } = await personOf('nobody');
    assert.match(await page.text(), new RegExp(`your number here: ${id}\\.`));
  });

  test('of somebody whose access was taken away is refused, and their session is over', async () => {
    const { browser } = await signIn('leaver');
    assert.equal(await whoIs(browser), 'administrator');
    const { id } = await personOf('leaver');
    await records.updateTable('people').set({ closed_at: clock() }).where('id', '=', id).execute();
    assert.equal(await whoIs(browser), 'public');
    const { page } = await signIn('leaver');
    assert.equal(page.status, 403);
  });
});

test('a path to go back to is always a path of this site', () => {
  const twisted = fc.string({
    unit: fc.constantFrom(
      '/',
      '\\',
      '.',
      ':',
      '@',
      '?',
      '#',
      '%',
      '\t',
      '\n',
      'a',
      'é',
      '2f',
      '//',
      'https:',
    ),
    maxLength: 12,
  });
  fc.assert(
    fc.property(
      fc.oneof(
        twisted,
        twisted.map((text) => `/${text}`),
        fc.webUrl(),
      ),
      (text) => {
        const path = ownPath(text);
        const led = new URL(path, 'https://rollcall.example/sign-in/callback');
        assert.equal(led.origin, 'https://rollcall.example');
        assert.match(path, /^\/(?![/\\])[\x21-\x7e]*$/);
        assert.equal(ownPath(path), path);
      },
    ),
    { numRuns: 5000, seed: 20_261_122 },
  );
  assert.equal(ownPath('/schools?q=a%20b&page=2'), '/schools?q=a%20b&page=2');
  for (const text of [
    undefined,
    '',
    'schools',
    '/.//elsewhere.invalid',
    '/sign-out',
    '/Sign-In/as',
  ]) {
    assert.equal(ownPath(text), '/');
  }
});

describe('a session', () => {
  test('that was planted before signing in is not the session afterwards', async () => {
    const { token: planted = '' } = await signIn('nobody');
    const victim = new PlainBrowser();
    victim.cookies.set('rollcall_session', planted);
    await victim.signIn(site, 'head');
    assert.notEqual(victim.cookies.get('rollcall_session'), planted);
    const thief = new PlainBrowser();
    thief.cookies.set('rollcall_session', planted);
    assert.equal(await whoIs(victim), 'head:900001');
    assert.equal(await whoIs(thief), 'public');
  });

  test('that nobody gave, or is no token, is nobody', async () => {
    for (const made of ['a'.repeat(43), 'head:900001', '', "' OR 1=1 --", 'x'.repeat(4000)]) {
      const browser = new PlainBrowser();
      browser.cookies.set('rollcall_session', made);
      assert.equal(await whoIs(browser), 'public');
    }
  });

  test('is over when it was not used for half an hour, and goes on while it is used', async () => {
    const { browser } = await signIn('head');
    for (minutesLater = 0; minutesLater < 100; minutesLater += 29) {
      assert.equal(await whoIs(browser), 'head:900001');
    }
    minutesLater += 2;
    assert.equal(await whoIs(browser), 'public');
    minutesLater = 90;
    assert.equal(await whoIs(browser), 'public', 'and does not come back');
  });

  test('is over after eight hours, used or not', async () => {
    const { browser } = await signIn('head');
    for (minutesLater = 0; minutesLater < 480; minutesLater += 20) {
      assert.equal(await whoIs(browser), 'head:900001');
    }
    minutesLater = 480;
    assert.equal(await whoIs(browser), 'public');
  });

  test('is over when one signs out: the old cookie is nobody’s, and the provider asks again', async () => {
    const { browser, token = '' } = await signIn('head');
    await browser.post(`${site}/sign-out`, {});
    assert.equal(browser.cookies.get('rollcall_session'), undefined);
    const thief = new PlainBrowser();
    thief.cookies.set('rollcall_session', token);
    assert.equal(await whoIs(thief), 'public');
    const page = await (await browser.get(`${site}/signed-out`)).text();
    const goOn = /http-equiv="refresh" content="0; url=([^"]+)"/.exec(page)?.[1] ?? '';
    const there = await (await browser.get(site + goOn)).text();
    const [, action = ''] = /action="([^"]+)"/.exec(there) ?? [];
    const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(there) ?? [];
    await browser.post(action, { xsrf, logout: 'yes' });
    assert.equal(browser.visited.at(-1), `${site}/signed-out`);
    const again = await (await browser.get(`${site}/sign-in`)).text();
    assert.match(again, /Choose whom to be/);
  });

  test('without signing out at the provider, it lets one in again unasked', async () => {
    const { browser } = await signIn('head');
    browser.cookies.delete('rollcall_session');
    await browser.get(`${site}/sign-in`);
    assert.equal(await whoIs(browser), 'head:900001');
  });

  test('is under the appointment that was chosen, with a new token for each', async () => {
    const { browser, token: first = '' } = await signIn('officer', '?return=/audit');
    assert.equal(await whoIs(browser), 'public', 'until one chooses');
    const page = await (await browser.get(`${site}/sign-in/as?return=/audit`)).text();
    assert.match(page, /Authority:990/);
    const values = [...page.matchAll(/name="appointment"[^>]*value="(\d+)"/g)].map(([, id]) => id);
    assert.equal(values.length, 2);
    await browser.post(`${site}/sign-in/as`, { appointment: values[1] ?? '', return: '/audit' });
    assert.equal(browser.visited.at(-1), `${site}/audit`);
    assert.equal(await whoIs(browser), 'auditor');
    const thief = new PlainBrowser();
    thief.cookies.set('rollcall_session', first);
    assert.equal(await whoIs(thief), 'public');
  });

  test('knows whether there is another role to act in', async () => {
    const sessions = openSessions(records, clock, { ...signInDefaults, secure: false });
    const other = async (subject: string) =>
      (await sessions.whoIs((await signIn(subject)).browser.cookies))?.hasOtherRoles;
    assert.equal(await other('officer'), true);
    assert.equal(await other('head'), false);
    assert.equal(await other('nobody'), false);
    const { browser } = await signIn('nobody');
    const given = await appoint('nobody', 'department', null);
    assert.equal((await sessions.whoIs(browser.cookies))?.hasOtherRoles, true, 'given since');
    await endAppointment(records, given, clock());
    assert.equal((await sessions.whoIs(browser.cookies))?.hasOtherRoles, false);
  });

  test('cannot be under somebody else’s appointment, or one that is over', async () => {
    const others = await records.selectFrom('appointments').selectAll().execute();
    const { browser } = await signIn('nobody');
    for (const { id } of others) {
      const page = await browser.post(`${site}/sign-in/as`, { appointment: String(id) });
      assert.match(await page.text(), /You have no appointment here/);
    }
    assert.equal(await whoIs(browser), 'public');
  });

  test('loses an appointment at once when it ends', async () => {
    const id = await appoint('nobody', 'trust', '5001');
    const { browser } = await signIn('nobody');
    assert.equal(await whoIs(browser), 'trust:5001');
    await endAppointment(records, id, clock());
    assert.equal(await whoIs(browser), 'public');
  });

  test('loses an appointment at the end of its last day', async () => {
    const id = await appoint('nobody', 'trust', '5001');
    const last = { ends_on: today() };
    await records.updateTable('appointments').set(last).where('id', '=', id).execute();
    const { browser } = await signIn('nobody');
    assert.equal(await whoIs(browser), 'trust:5001');
    const yesterday = { ends_on: dayInEngland(new Date(clock().getTime() - 86_400_000)) };
    await records.updateTable('appointments').set(yesterday).where('id', '=', id).execute();
    assert.equal(await whoIs(browser), 'public');
    await endAppointment(records, id, clock());
  });
});

describe('proving again who one is', () => {
  const provedAt = async (token: string) => {
    const hash = hashOf(token);
    const query = records.selectFrom('sessions').selectAll().where('token_hash', '=', hash);
    return (await query.executeTakeFirst())?.stepped_up_at;
  };

  test('asks at the provider although one is signed in there, and is kept with a new token', async () => {
    const { browser, token: first = '' } = await signIn('head');
    const old = new Date(Date.now() - 3_600_000);
    await records.updateTable('sessions').set({ stepped_up_at: old }).execute();
    await browser.signIn(site, 'head', '?again=1&return=/pupils.csv');
    assert.equal(browser.visited.at(-1), `${site}/pupils.csv`);
    const asked = new URL(browser.visited.findLast((each) => each.includes('/auth?')) ?? '');
    assert.equal(asked.searchParams.get('prompt'), 'login');
    assert.equal(asked.searchParams.get('max_age'), '0');
    const token = browser.cookies.get('rollcall_session') ?? '';
    assert.notEqual(token, first);
    assert.equal(await provedAt(first), undefined);
    const proved = (await provedAt(token))?.getTime() ?? 0;
    assert.ok(Date.now() - proved < 30_000);
    assert.equal(await whoIs(browser), 'head:900001');
  });

  test('is not done by a provider that lets one in unasked', async () => {
    const { browser, token } = await signIn('head');
    const first = await browser.step(`${site}/sign-in?again=1`);
    // As if it had been asked for a while after the person signed in at the provider.
    const later = { started_at: new Date(Date.now() + 10_000) };
    await records.updateTable('sign_ins').set(later).where('step_up', '=', true).execute();
    const address = new URL(first.headers.get('location') ?? '');
    address.searchParams.delete('prompt');
    address.searchParams.delete('max_age');
    const page = await browser.get(address.href);
    assert.equal(page.status, 403);
    assert.match(await page.text(), /did not ask you again/);
    assert.equal(browser.cookies.get('rollcall_session'), token);
  });

  test('as somebody else is refused, and changes nothing', async () => {
    const { browser, token } = await signIn('head');
    const page = await browser.signIn(site, 'nobody', '?again=1');
    assert.equal(page.status, 403, await page.text());
    assert.equal(browser.cookies.get('rollcall_session'), token);
    assert.equal(await whoIs(browser), 'head:900001');
  });
});

describe('a purpose', () => {
  const purposeOf = async (browser: PlainBrowser) => {
    const html = await (await browser.get(`${site}/purpose`)).text();
    return /value="([a-z-]+)" checked/.exec(html)?.[1];
  };

  test('is chosen among those of the role, and kept in the session', async () => {
    const { browser } = await signIn('head');
    assert.equal(await purposeOf(browser), undefined);
    await browser.post(`${site}/purpose`, { purpose: 'safeguarding', return: '/pupils/1' });
    assert.equal(browser.visited.at(-1), `${site}/pupils/1`);
    assert.equal(await purposeOf(browser), 'safeguarding');
  });

  test('of another role, or an emergency, cannot be chosen', async () => {
    const { browser } = await signIn('head');
    for (const purpose of ['early-help', 'own-record', 'emergency', 'oversight', 'x', '']) {
      const page = await browser.post(`${site}/purpose`, { purpose });
      assert.match(await page.text(), /Choose what you are doing now/);
      assert.equal(await purposeOf(browser), undefined);
    }
  });

  test('is not chosen by who is not signed in', async () => {
    const { status } = await new PlainBrowser().post(`${site}/purpose`, { purpose: 'attendance' });
    assert.equal(status, 401);
  });
});

test('an appointment counts from its first day to its last, both included, and not after it was taken back', () => {
  const day = fc
    .integer({ min: 0, max: 60 })
    .map((n) => new Date(Date.UTC(2026, 9, 1 + n)).toISOString().slice(0, 10));
  fc.assert(
    fc.property(day, fc.option(day), day, fc.boolean(), (starts_on, ends_on, now, taken) => {
      const ended_at = taken ? new Date(0) : null;
      const expected = !taken && now >= starts_on && !(ends_on !== null && now > ends_on);
      assert.equal(isInForce({ starts_on, ends_on, ended_at }, now), expected);
    }),
  );
});

test('outside the demo the local provider does not start', async () => {
  const options = { demo: false, people, site: 'http://localhost:1', host: '127.0.0.1', port: 0 };
  await assert.rejects(startLocalProvider(options), (error: unknown) => {
    assert.ok(error instanceof Refusal);
    assert.match(error.message, /starts in the demo alone/);
    return true;
  });
});
