import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, resolve } from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';

/** As `bin/browser` looks for one. */
const names = [process.env['ROLLCALL_CHROMIUM'], 'chromium', 'chromium-browser', 'google-chrome'];
const folders = (process.env['PATH'] ?? '').split(delimiter);

const executablePath = names
  .flatMap((name) => (name ? folders.map((folder) => resolve(folder, name)) : []))
  .find((path) => existsSync(path));

/** What to give a test as `skip`: false where there is a browser, else why it is skipped and how to run it. */
export const withoutBrowser: string | false =
  executablePath === undefined &&
  'no Chromium found: install it (apt-get install chromium) or set ROLLCALL_CHROMIUM to its path';

/** A headless Chromium that speaks to nobody but the pages it is sent to. Close it after use. */
export function launchBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(String(withoutBrowser));
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);

/** What axe finds wrong with the page as it stands, one line each; empty when nothing. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => id + ': ' + help + ' — ' + node.html.slice(0, 200))))`);
}

/** Whether the page as a whole must be scrolled sideways, and what sticks out. */
export async function sidewaysOverflow(page: Page): Promise<number> {
  return page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
}
