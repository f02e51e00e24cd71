import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { Ask } from '../access/index.ts';
import type { Stores } from '../stores/index.ts';
import {
  accessibilityProblems,
  launchBrowser,
  sidewaysOverflow,
  withoutBrowser,
} from '../testing/browser.ts';
import { openTestStores } from '../testing/stores.ts';
import { frame, render, site } from '../ui/gallery.fixture.ts';
import { importFiles } from './import.ts';
import { dataSourcesPage } from './page.ts';
import { csvOf, filesFolder, schoolNumber } from './testFiles.ts';

const files = filesFolder();
let stores: Stores;
let close: () => Promise<void>;

before(async () => {
  ({ stores, close } = await openTestStores());
  const name = files.write('three.csv', csvOf([1, 2, 3].map((number) => schoolNumber(number))));
  await importFiles(stores, [name], { folder: files.folder });
});
after(async () => {
  await close();
  files.remove();
});

async function pageText(): Promise<string> {
  const answer = await dataSourcesPage(stores).answer({} as Ask);
  assert.ok(answer.kind === 'page');
  return render(answer.template, { ...answer.model, frame });
}

test('the data-sources page says what is imported, from which file, and what is not', async () => {
  const text = await pageText();
  assert.match(text, /three\.csv/);
  assert.match(text, /2017\/18/);
  assert.match(text, /Open Government Licence/);
  assert.equal(text.match(/Nothing of this has been imported/g)?.length, 7);
  assert.doesNotMatch(text, /undefined|\[object/);
});

test('axe finds nothing on it, and it fits a narrow screen', { skip: withoutBrowser }, async () => {
  const browser: Browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
    await page.route('**/*', async (route) => {
      const asset = site.assets.find(new URL(route.request().url()).pathname);
      return asset
        ? route.fulfill({ body: asset.body, contentType: asset.contentType })
        : route.fulfill({ body: await pageText(), contentType: 'text/html; charset=utf-8' });
    });
    await page.goto('http://localhost/data-sources');
    for (const summary of await page.locator('summary').all()) await summary.click();
    assert.deepEqual(await accessibilityProblems(page), []);
    assert.equal(await sidewaysOverflow(page), 0);
  } finally {
    await browser.close();
  }
});
