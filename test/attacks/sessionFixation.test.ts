import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { hashOf } from '../../src/signIn/tokens.ts';
import { PlainBrowser } from '../../src/testing/plainBrowser.ts';
import { type AttackedSite, openAttackedSite, type Running } from './site.fixture.ts';

/*
 * Somebody gives another a session that they know, to use it once the other has signed in; or keeps one that should be over;
 * or makes one up.
 */

const cookie = 'rollcall_session';
let open: AttackedSite;
let site: Running;
before(async () => {
  open = await openAttackedSite({ provider: true });
  site = await open.run();
});
after(() => open.close());
beforeEach(() => {
  open.later.milliseconds = 0;
});

const isSomebody = async (token: string | undefined) => {
  const { body } = await site.ask('/who-can-see-what', {
    headers: { cookie: `${cookie}=${token}` },
  });
  return /Sign out/.test(body);
};

async function signedIn(subject = 'cast-head', planted?: string): Promise<PlainBrowser> {
  const browser = new PlainBrowser();
  if (planted) browser.cookies.set(cookie, planted);
  await browser.signIn(site.address, subject);
  return browser;
}

const whoIs = async (browser: PlainBrowser) =>
  (await browser.get(`${site.address}/who-can-see-what`)).text();

/** The token that a page’s form holds. */
async function formToken(browser: PlainBrowser): Promise<string> {
  const html = await (await browser.get(`${site.address}/purpose`)).text();
  return /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
}

describe('a session planted beforehand', () => {
  test('is not the session afterwards, and is worthless', async () => {
    const planted = (await signedIn('cast-parent')).cookies.get(cookie) ?? '';
    assert.ok(await isSomebody(planted));
    const victim = await signedIn('cast-head', planted);
    const own = victim.cookies.get(cookie) ?? '';
    assert.notEqual(own, planted);
    assert.ok(await isSomebody(own));
    assert.equal(await isSomebody(planted), false);
  });

  test('that the attacker made up never becomes one', async () => {
    const made = 'A'.repeat(43);
    const victim = await signedIn('cast-head', made);
    assert.notEqual(victim.cookies.get(cookie), made);
    assert.equal(await isSomebody(made), false);
  });

  test('in an address, a form or another header is none', async () => {
    const token = (await signedIn()).cookies.get(cookie) ?? '';
    const asked = await Promise.all([
      site.ask(`/purpose?${cookie}=${token}&session=${token}`),
      site.ask('/purpose', { headers: { [cookie]: token, 'x-session': token } }),
      site.ask('/purpose', { headers: { authorization: `Basic ${token}` } }),
      site.ask('/purpose', { headers: { cookie: `__Host-rollcall=${token}` } }),
      site.ask('/purpose', { method: 'POST', form: { [cookie]: token, purpose: 'attendance' } }),
    ]);
    assert.deepEqual([...new Set(asked.map(({ status }) => status))], [401]);
  });

  test('beside the victim’s own does not stand in for it', async () => {
    const [attacker, victim] = [await signedIn('cast-parent'), await signedIn('cast-head')];
    const both = `${cookie}=${attacker.cookies.get(cookie)}; ${cookie}=${victim.cookies.get(cookie)}`;
    const { body } = await site.ask('/who-can-see-what', { headers: { cookie: both } });
    assert.equal(/You are[^<]*/.exec(body)?.[0], /You are[^<]*/.exec(await whoIs(victim))?.[0]);
    assert.notEqual(await whoIs(victim), await whoIs(attacker));
  });
});

describe('the token of a session changes, and the old one is over', () => {
  test('with proving again who one is', async () => {
    const browser = await signedIn();
    const old = browser.cookies.get(cookie) ?? '';
    await browser.signIn(site.address, 'cast-head', '?again=1');
    assert.notEqual(browser.cookies.get(cookie), old);
    assert.ok(await isSomebody(browser.cookies.get(cookie)));
    assert.equal(await isSomebody(old), false);
  });

  test('with acting under another appointment, and so does the token of its forms', async () => {
    const browser = await signedIn();
    const [old, oldForm] = [browser.cookies.get(cookie) ?? '', await formToken(browser)];
    const html = await (await browser.get(`${site.address}/sign-in/as`)).text();
    const appointment = /name="appointment"[^>]*value="(\d+)"/.exec(html)?.[1] ?? '';
    await browser.post(`${site.address}/sign-in/as`, { csrf: oldForm, appointment, return: '/' });
    assert.notEqual(browser.cookies.get(cookie), old);
    assert.notEqual(await formToken(browser), oldForm);
    assert.equal(await isSomebody(old), false);
  });

  test('with signing out, at once', async () => {
    const browser = await signedIn();
    const old = browser.cookies.get(cookie) ?? '';
    await browser.step(`${site.address}/sign-out`, {
      method: 'POST',
      body: new URLSearchParams({ csrf: await formToken(browser) }),
    });
    assert.equal(await isSomebody(old), false);
    const { records } = open.stores;
    const kept = await records
      .selectFrom('sessions')
      .selectAll()
      .where('token_hash', '=', hashOf(old))
      .execute();
    assert.deepEqual(kept, []);
  });

  test('with time: half an hour unused, eight hours in any case', async () => {
    const token = (await signedIn()).cookies.get(cookie);
    for (let minute = 0; minute < 480; minute += 25) {
      open.later.milliseconds = minute * 60_000;
      assert.ok(await isSomebody(token), `after ${minute} minutes`);
    }
    open.later.milliseconds = 481 * 60_000;
    assert.equal(await isSomebody(token), false);
    open.later.milliseconds = 0;
    const unused = (await signedIn()).cookies.get(cookie);
    open.later.milliseconds = 31 * 60_000;
    assert.equal(await isSomebody(unused), false);
  });

  test('with access taken away', async () => {
    const token = (await signedIn('cast-hub')).cookies.get(cookie);
    assert.ok(await isSomebody(token));
    const administrator = await site.signIn('administrator');
    const closed = await administrator.post(
      `/administration/people/${open.cast.people.get('hub')}/close`,
    );
    assert.equal(closed.status, 303);
    assert.equal(await isSomebody(token), false);
  });
});

describe('a session’s cookie', () => {
  test('is for this site alone, for no script, and for no request from elsewhere', async () => {
    const head = await site.signIn('head');
    const choice = await head.get('/sign-in/as');
    const appointment = /name="appointment"[^>]*value="(\d+)"/.exec(choice.body)?.[1] ?? '';
    const { headers } = await head.post('/sign-in/as', { appointment, return: '/' });
    for (const each of headers['set-cookie'] ?? []) {
      assert.match(each, /; Path=\/; HttpOnly; SameSite=Lax/);
      assert.doesNotMatch(each, /Domain/i);
    }
    assert.equal(headers['set-cookie']?.length, 1);
  });

  test('outside the demo goes over TLS alone, and nobody else’s page can set it', async () => {
    const overTls = await open.run({ at: 'https://rollcall.example' });
    const { headers } = await overTls.ask('/sign-in');
    assert.match(
      headers['set-cookie']?.[0] ?? '',
      /^__Host-rollcall_sign_in=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    const head = await overTls.signIn('head');
    assert.match(head.cookie, /^__Host-rollcall=/);
    const [, token] = head.cookie.split('=');
    assert.equal(
      (await overTls.ask('/purpose', { headers: { cookie: `${cookie}=${token}` } })).status,
      401,
    );
    assert.equal((await overTls.ask('/purpose', { headers: { cookie: head.cookie } })).status, 200);
    const out = await overTls.ask('/sign-out', {
      ...{ method: 'POST', form: { csrf: head.formToken } },
      headers: { cookie: head.cookie },
    });
    assert.ok((out.headers['set-cookie'] ?? []).every((each) => /^__Host-.*; Secure/.test(each)));
  });

  test('is chance, and what is kept of it opens nothing', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => site.signIn('head')));
    assert.equal(new Set(tokens.map((each) => each.cookie)).size, 20);
    const kept = await open.stores.records
      .selectFrom('sessions')
      .select(['token_hash', 'csrf'])
      .execute();
    for (const { token_hash, csrf } of kept) {
      assert.equal(await isSomebody(token_hash), false);
      assert.equal(await isSomebody(csrf), false);
    }
  });

  test('is in no page, no address and no file', async () => {
    const head = await site.signIn('head');
    const [, token = ''] = head.cookie.split('=');
    for (const path of [
      '/',
      '/purpose',
      '/sign-in/as',
      '/nothing',
      '/sign-in',
      '/my-cases',
      '/metrics',
    ]) {
      const { body, headers } = await head.get(path);
      assert.ok(!`${body}${JSON.stringify(headers)}`.includes(token), path);
    }
  });
});

describe('a browser left open', () => {
  test('reads on, and takes no file of children’s data away before it is known again who sits there', async () => {
    const head = await site.signIn('head');
    const list = await head.get('/schools/900001/pupils');
    const number = /href="\/pupils\/(\d+)"/.exec(list.body)?.[1] ?? '';
    const file = `/pupils/${number}/export`;
    assert.equal((await head.get(file)).status, 200);
    open.later.milliseconds = 6 * 60_000;
    assert.equal((await head.get(`/pupils/${number}`)).status, 200);
    const again = await head.get(file);
    assert.equal(again.status, 303);
    assert.equal(again.headers.location, `/sign-in?again=1&return=${encodeURIComponent(file)}`);
    assert.equal(again.body, '');
  });

  test('every route that gives a file of children’s data, or of who looked at it, is one of these', () => {
    const files = site.routes.filter((route) => route.exports).map(({ path }) => path);
    assert.deepEqual(files.sort(), [
      '/audit.csv',
      '/pupils/:id/export',
      '/schools/:urn/uploads/:upload/refused.csv',
    ]);
  });
});
