import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import {
  connectRecords,
  keepAppointment,
  keepPerson,
  migrateRecords,
  type Records,
} from '../records/index.ts';
import type { Directories } from '../schools/index.ts';
import {
  accessibilityProblems,
  launchBrowser,
  sidewaysOverflow,
  withoutBrowser,
} from '../testing/browser.ts';
import { layRecords, scratchFolder } from '../testing/stores.ts';
import { openTestSite, type TestSite } from './site.fixture.ts';

/* With a real browser, under the content security policy of every page: forms, redirects and cookies as it allows them. */

const { folder, remove } = scratchFolder();
const clock = () => new Date();
const skip = withoutBrowser;
let records: Records;
let open: TestSite;
let browser: Browser;
let page: Page;
const said: string[] = [];

before(async () => {
  if (skip) return;
  await layRecords(join(folder, 'records'));
  records = await connectRecords({ kind: 'embedded', folder: join(folder, 'records') });
  await migrateRecords(records);
  const people = ['head', 'officer'].map((subject) => ({
    ...{ subject, givenName: 'Robin', familyName: subject, email: `${subject}@example.invalid` },
    hint: `The ${subject}`,
  }));
  const directories = (async () => ({})) as unknown as Directories;
  open = await openTestSite({ records, clock, directories, people });
  for (const role of ['auditor', 'administrator']) {
    const { issuer } = open.provider;
    const identity = { issuer, subject: 'officer', name: '', email: '', organisation: null };
    const { id: person } = await keepPerson(records, identity, clock());
    await keepAppointment(records, {
      ...{ person, role, scope: null, starts_on: '2020-01-01', ends_on: null },
      ...{ given_by: null, given_at: clock() },
    });
  }
  browser = await launchBrowser();
  page = await browser.newPage();
  page.on('console', (message) => said.push(message.text()));
});
after(async () => {
  await browser?.close();
  await open?.close();
  await records?.destroy();
  remove();
});

/** Fits a narrow screen, and axe finds nothing. */
async function isAccessible(): Promise<void> {
  assert.deepEqual(await accessibilityProblems(page), [], page.url());
  await page.setViewportSize({ width: 320, height: 640 });
  assert.equal(await sidewaysOverflow(page), 0, page.url());
  await page.setViewportSize({ width: 1280, height: 800 });
}

async function be(name: string): Promise<void> {
  await page.getByLabel(name).check();
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('somebody signs in, chooses as what, administers and signs out', { skip }, async () => {
  await page.goto(`${open.site}/sign-in?return=/administration/people`);
  await isAccessible();
  await be('Robin officer');
  await page.waitForURL(/\/sign-in\/as/);
  await isAccessible();
  await page.getByLabel('Administrator').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(/\/administration\/people$/);
  await isAccessible();
  for (const path of [
    '/administration/people/1',
    '/administration/people/1/close',
    '/administration/keys',
    '/purpose',
  ]) {
    await page.goto(open.site + path);
    await isAccessible();
  }
  // The web shell puts the form to sign out on every page.
  await page.goto(`${open.site}/purpose`);
  await page.evaluate(`{
    const form = Object.assign(document.createElement('form'), { method: 'post', action: '/sign-out' });
    document.body.append(form);
    form.submit();
  }`);
  await page.getByText('close the browser as well').waitFor();
  assert.equal(page.url(), `${open.site}/signed-out`);
  await isAccessible();
  const left = (await page.context().cookies()).map(({ name }) => name);
  assert.ok(!left.includes('rollcall_session'), left.join());
});

test('after signing out, the provider asks again who one is', { skip }, async () => {
  page.setDefaultTimeout(5000);
  await page.goto(`${open.site}/sign-in`);
  assert.equal(await page.getByLabel('Robin officer').count(), 1);
});

test('who proves to be somebody else is refused', { skip }, async () => {
  await be('Robin officer');
  await page.waitForURL(/\/sign-in\/as/);
  await page.goto(`${open.site}/sign-in?again=1`);
  await be('Robin head');
  await page.getByText('somebody else signed in').waitFor();
});

test('no page asks for what its policy forbids', { skip }, () => {
  assert.deepEqual(
    said.filter((text) => /Refused|Content Security Policy|violates/i.test(text)),
    [],
  );
});
