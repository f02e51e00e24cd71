import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { demoCast } from '../demo/index.ts';
import {
  accessibilityProblems,
  launchBrowser,
  sidewaysOverflow,
  withoutBrowser,
} from '../testing/browser.ts';
import { openTestSite, type TestSite } from '../testing/site.ts';

/* With a real browser: the head of a school sets a suggestion aside, and takes that back. */

const skip = withoutBrowser;
const { urn } = demoCast.improvingSecondary;
let site: TestSite;
let browser: Browser;
let address: string;

before(async () => {
  if (skip) return;
  site = await openTestSite();
  const app = await site.serve({ demo: true });
  address = await app.listen({ port: 0, host: '127.0.0.1' });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await site?.close();
});

async function asHead(options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext(options);
  const cookie = { name: 'rollcall_demo_viewer', value: `head:${urn}`, url: address };
  await context.addCookies([cookie]);
  return context.newPage();
}

const narrow = { viewport: { width: 320, height: 640 } };

for (const javaScriptEnabled of [true, false]) {
  const scripts = javaScriptEnabled ? 'with' : 'without';
  test(`a head sets the forecast aside and takes it back, on a narrow screen, ${scripts} scripts`, {
    skip,
  }, async () => {
    const page = await asHead({ ...narrow, javaScriptEnabled });
    const isWell = async () => {
      assert.equal(await sidewaysOverflow(page), 0, page.url());
      if (javaScriptEnabled) assert.deepEqual(await accessibilityProblems(page), [], page.url());
    };
    await page.goto(`${address}/schools/${urn}`);
    await isWell();
    await page.getByRole('link', { name: /^This does not fit us ?: Absence of about/ }).click();
    await isWell();
    await page.getByRole('button', { name: 'Set this aside' }).click();
    const summary = page.locator('.govuk-error-summary');
    assert.match(
      await summary.innerText(),
      /Select why this does not fit\s+Say why in at least 10/,
    );
    await isWell();
    await page.getByLabel('The school, or part of it, was closed').check();
    await page.getByLabel('in which year?').selectOption('2017/18');
    await page.getByLabel('Say why').fill('Closed for three weeks after a fire');
    await page.getByRole('button', { name: 'Set this aside' }).click();
    const forecast = page.locator('#forecast');
    assert.match(
      await forecast.innerText(),
      /Set aside by the head on .*was closed, in 2017\/18: “Closed for three weeks after a fire”\s+Not issued: without 2017\/18/i,
    );
    await isWell();
    await page.goto(`${address}/schools/${urn}`);
    assert.equal(await page.getByText('Closed for three weeks after a fire').isVisible(), true);
    await isWell();
    await page.getByRole('link', { name: /^This fits us after all/ }).click();
    await isWell();
    await page.getByRole('button', { name: 'Take this back' }).click();
    await isWell();
    assert.equal(await forecast.getByRole('link', { name: /^This does not fit us/ }).count(), 1);
    await page.context().close();
  });
}
