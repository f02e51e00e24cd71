import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import {
  accessibilityProblems,
  launchBrowser,
  sidewaysOverflow,
  withoutBrowser,
} from '../testing/browser.ts';
import { securityHeaders } from './assets.ts';
import { frame, render, renderGallery, site } from './gallery.fixture.ts';

const pages: Record<string, string> = {
  '/': renderGallery(),
  '/refusal': render('ui/refusal.njk', { frame, heading: 'No', why: ['Because.'], may: [] }),
  '/error': render('ui/error.njk', { frame, heading: 'Sorry', paragraphs: ['Try again.'] }),
};

describe('a page with every component, in a browser', { skip: withoutBrowser }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  async function open(
    path: string,
    options: BrowserContextOptions,
  ): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.route('**/*', (route) => {
      const { pathname } = new URL(route.request().url());
      const asset = site.assets.find(pathname);
      if (asset)
        return route.fulfill({
          body: asset.body,
          contentType: asset.contentType,
          headers: securityHeaders,
        });
      const body = pages[pathname];
      if (body === undefined) return route.fulfill({ status: 404 });
      return route.fulfill({
        body,
        contentType: 'text/html; charset=utf-8',
        headers: securityHeaders,
      });
    });
    await page.goto(`http://localhost${path}`);
    return { page, complaints };
  }

  const wide = { viewport: { width: 1280, height: 900 } };
  const narrow = { viewport: { width: 320, height: 640 } };

  for (const path of Object.keys(pages)) {
    for (const size of [wide, narrow]) {
      test(`${path} at ${size.viewport.width} pixels: axe finds nothing, nothing sticks out, the policy holds`, async () => {
        const { page, complaints } = await open(path, size);
        for (const summary of await page.locator('details > summary').all()) await summary.click();
        assert.deepEqual(await accessibilityProblems(page), []);
        assert.equal(await sidewaysOverflow(page), 0);
        assert.deepEqual(complaints, []);
      });
    }
  }

  test('an inline style or script would be caught: the policy is really in force', async () => {
    pages['/planted'] = pages['/error']!.replace('</main>', '<p style="color:red">x</p></main>');
    const { complaints } = await open('/planted', wide);
    assert.match(complaints.join('\n'), /Content Security Policy/);
  });

  test('without scripts everything is there: navigation, figures, search', async () => {
    const { page } = await open('/', { ...narrow, javaScriptEnabled: false });
    assert.ok(await page.getByRole('link', { name: 'How it works' }).isVisible());
    assert.ok(await page.getByRole('searchbox').isVisible());
    await page.locator('#history details > summary').click();
    assert.ok(await page.locator('#history-table').isVisible());
  });

  test('the narrow drawing is shown where there is little room, the wide one elsewhere and on paper', async () => {
    const { page } = await open('/', wide);
    const shown = async () => ({
      wide: await page.locator('#history .rollcall-chart__wide').isVisible(),
      narrow: await page.locator('#history .rollcall-chart__narrow').isVisible(),
    });
    assert.deepEqual(await shown(), { wide: true, narrow: false });
    await page.setViewportSize(narrow.viewport);
    assert.deepEqual(await shown(), { wide: false, narrow: true });
    await page.setViewportSize(wide.viewport);
    await page.emulateMedia({ media: 'print' });
    assert.deepEqual(await shown(), { wide: true, narrow: false });
  });

  test('text in the narrow drawing is at least 11 pixels high on a screen of 320', async () => {
    const { page } = await open('/', narrow);
    const smallest =
      await page.evaluate(`Math.min(...[...document.querySelectorAll('.rollcall-chart__narrow [font-size]')]
      .map((group) => Number(group.getAttribute('font-size')) * group.ownerSVGElement.getBoundingClientRect().width / group.ownerSVGElement.viewBox.baseVal.width))`);
    assert.ok(Number(smallest) >= 10.8, String(smallest));
  });

  test('by keyboard: first to the content, then on; a wide table can be reached and scrolled', async () => {
    const { page } = await open('/', narrow);
    await page.keyboard.press('Tab');
    assert.equal(
      await page.evaluate('document.activeElement.textContent.trim()'),
      'Skip to main content',
    );
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('location.hash'), '#main-content');
    await page.locator('#history details > summary').click();
    await page.locator('#history .rollcall-scroll').focus();
    await page.keyboard.press('ArrowRight');
    const scrolled = () =>
      page.locator('#history .rollcall-scroll').evaluate((region) => region.scrollLeft);
    for (let wait = 0; wait < 100 && (await scrolled()) === 0; wait++)
      await page.waitForTimeout(20);
    assert.ok((await scrolled()) > 0);
  });
});
