import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { yearLabel, yearsAfter } from '../../src/base/academicYear.ts';
import { dayInEngland } from '../../src/base/clock.ts';
import { presentYear } from '../../src/demo/index.ts';
import type { Directories } from '../../src/schools/index.ts';
import type { Stores } from '../../src/stores/index.ts';
import {
  accessibilityProblems,
  launchBrowser,
  sidewaysOverflow,
  withoutBrowser,
} from '../../src/testing/browser.ts';
import { layDemo } from '../../src/testing/demo.ts';
import {
  checkout,
  killGroup,
  rollcall,
  type Started,
  siteOf,
  start,
} from '../../src/testing/process.ts';
import { scratchFolder } from '../../src/testing/stores.ts';
import { routesOf } from '../../src/wiring.ts';

const wide = { viewport: { width: 1280, height: 900 } };
const narrow = { viewport: { width: 320, height: 640 } };
/** A4 between its margins, in the browser’s pixels. */
const paper = { width: 718, height: 1000 };
/** Too wide for cards, and too narrow for the widest tables. */
const tablet = { width: 700, height: 900 };
/** What 400 % makes of a window of 1280 × 1024. */
const zoomed = { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 };

/** The demo is of today. */
const present = presentYear(dayInEngland(new Date()));
const thisYear = yearLabel(present);
const lastPublished = yearLabel(yearsAfter(present, -2));

const school = '/schools/900001';
const screenshots = join(checkout, 'test', 'screenshots');
const inReadme = join(checkout, 'docs', 'school-home.png');

describe('the demo in a browser', { skip: withoutBrowser }, () => {
  const { folder, remove } = scratchFolder();
  let site: Started;
  let address: string;
  let browser: Browser;

  before(async () => {
    rmSync(screenshots, { recursive: true, force: true });
    mkdirSync(screenshots, { recursive: true });
    await layDemo(folder);
    site = start(rollcall, ['serve', '--demo'], {
      env: { ROLLCALL_DATA: folder, ROLLCALL_PORT: '0' },
      ownGroup: true,
    });
    [address, browser] = await Promise.all([siteOf(site), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await killGroup(site);
    remove();
  });

  async function visit(
    path: string,
    { viewer, ...options }: BrowserContextOptions & { viewer?: string } = wide,
  ): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext(options);
    if (viewer) {
      await context.addCookies([
        { name: 'rollcall_demo_viewer', value: encodeURIComponent(viewer), url: address },
      ]);
    }
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(address + path);
    return { page, complaints };
  }

  const photograph = (page: Page, name: string) =>
    page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });

  const heading = (page: Page) => page.locator('h1').innerText();
  const text = (page: Page) => page.locator('main').innerText();
  const go = async (page: Page, link: string) =>
    page.getByRole('link', { name: link, exact: true }).first().click();

  async function become(page: Page, person: string): Promise<void> {
    await page.goto(`${address}/demo`);
    await page.getByLabel(person).check();
    await page.getByRole('button', { name: 'Continue' }).click();
  }

  for (const javaScriptEnabled of [true, false]) {
    const scripts = javaScriptEnabled ? 'with' : 'without';
    test(`the main journey, ${scripts} scripts`, async () => {
      const { page } = await visit('/', { ...wide, javaScriptEnabled });
      const keep = async (name: string) => {
        if (javaScriptEnabled) await photograph(page, name);
      };
      assert.match(await text(page), /An expectation is for support, never for accountability/);
      await keep('1 start');

      await page.getByRole('searchbox').fill('lanternfield');
      await page.getByRole('button', { name: 'Search' }).click();
      await keep('2 search');
      await go(page, 'Lanternfield High School (made-up)');

      assert.equal(await heading(page), 'Lanternfield High School (made-up)');
      assert.ok((await text(page)).includes(`Absence in ${lastPublished}`));
      assert.match(await text(page), /It is not shown here/);
      assert.doesNotMatch(await text(page), /What can fairly be expected|Why \d|The forecast/);
      await keep('3 school as anyone');

      await become(page, 'The head of Lanternfield High School (made-up)');
      assert.equal(new URL(page.url()).pathname, school);
      const home = await text(page);
      for (const words of [
        `What can fairly be expected in ${thisYear}`,
        'Chance of meeting the expectation by luck alone',
        `Steps for absence in ${thisYear}`,
        `This year so far: ${thisYear}`,
        'Which pupils weigh most',
        'Why ',
        'Schools to learn from',
        'km away in a straight line',
        'Schools with a similar intake',
        'Published figures, year by year',
      ]) {
        assert.ok(home.includes(words), words);
      }
      assert.ok(await page.locator('#history-overall svg').first().isVisible());
      await page.locator('#history-overall summary').click();
      assert.ok(await page.locator('#history-overall-table').isVisible());
      await page.locator('#history-overall summary').click();
      await keep('4 school as its head');

      await page.locator('#similar-list summary').click();
      await page.locator('#similar-table a').first().click();
      assert.notEqual(new URL(page.url()).pathname, school);
      assert.match(await text(page), /It is not shown here/);
      assert.doesNotMatch(await text(page), /What can fairly be expected/);
      await keep('5 similar school as the head');

      await become(page, 'An attendance officer of Fenmoor (made-up)');
      assert.equal(await heading(page), 'Fenmoor (made-up)');
      assert.ok((await text(page)).includes(`Where support would do most in ${thisYear}`));
      await keep('6 authority');
      await go(page, 'Lanternfield High School (made-up)');
      assert.match(await text(page), /What can fairly be expected/);

      await become(page, 'An inspector in Fenmoor (made-up)');
      assert.equal(new URL(page.url()).pathname, school);
      assert.match(await text(page), /This year so far[^]*It is not shown here/);
      assert.doesNotMatch(await text(page), /path to the expectation|year may end/i);
      assert.doesNotMatch(await text(page), /What can fairly be expected/);
      await keep('7 school as an inspector');
      const reply = await page.goto(`${address}${school}/expectation.csv`);
      assert.equal(reply?.status(), 403);
      assert.match(await text(page), /never for accountability\. An inspector sees/);
      await keep('8 refused');
      await page.context().close();
    });
  }

  test('the journey by keyboard alone', async () => {
    const { page } = await visit('/');
    const active = () => page.evaluate('document.activeElement.textContent.trim()');
    await page.keyboard.press('Tab');
    assert.equal(await active(), 'Skip to main content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.type'), 'search');
    await page.keyboard.type('900001');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${school}`);
    await page.goto(`${address}/demo`);
    await page.locator('input[type=radio]:checked').focus(); // the group is one stop
    for (let up = 0; up < 20 && (await active()) === ''; up++) {
      await page.keyboard.press('ArrowDown');
      const chosen = await page.locator('input[type=radio]:checked').getAttribute('value');
      if (chosen === 'head:900001') break;
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${school}`);
    assert.match(await text(page), /What can fairly be expected/);
    await page.context().close();
  });

  test('the keyboard goes through a page in the order in which it is read, and shows where it is', async () => {
    for (const path of ['/', school, '/authorities/990', '/schools?q=school', '/demo']) {
      const { page } = await visit(path, { ...wide, viewer: 'authority:990' });
      await page.evaluate(`window.seen = []; window.wrong = [];
        document.addEventListener('focusin', ({ target }) => {
          const style = getComputedStyle(target);
          const label = target.closest('.govuk-radios__item')?.querySelector('label');
          const drawn = label ? getComputedStyle(label, '::before') : style;
          const said = (target.textContent || target.name || target.id).trim().slice(0, 60);
          if (drawn.outlineStyle === 'none' && drawn.boxShadow === 'none') wrong.push('not shown: ' + said);
          if (target === seen[0]) window.round = true;
          if (window.round) return;
          const last = seen.at(-1);
          if (last && !(last.compareDocumentPosition(target) & 4)) wrong.push('out of order: ' + said);
          seen.push(target);
        })`);
      const stops = await page.evaluate<number>(
        `document.querySelectorAll('a[href], button, input, summary, [tabindex="0"]').length`,
      );
      for (let stop = 0; stop < Math.min(60, stops - 1); stop++) await page.keyboard.press('Tab');
      const more = await page.evaluate<number>('seen.length');
      assert.ok(more >= Math.min(5, stops - 1), `${path}: ${more} stops`);
      assert.deepEqual(await page.evaluate('wrong'), [], path);
      await page.context().close();
    }
  });

  /** What can stand for each named part of a path. A new name fails the test until it is told here. */
  const values: Record<string, string[]> = {
    urn: ['900001', '900003', '900004', '900012', '900014'],
    laCode: ['990'],
    uid: ['990001'],
    id: ['1', '2'],
    person: ['1'],
    emergency: ['1'],
    correction: ['1'],
    regionCode: ['E99900001'],
    day: ['2026-09-14'],
    session: ['AM'],
    upload: ['1'],
  };

  function pagesOfSite(): string[] {
    const routes = routesOf({
      ...{ stores: {} as Stores, directories: {} as Directories, demo: true },
      ...{ clock: () => new Date(), trail: { leave: async () => {} }, signIn: [] },
    });
    const paths = routes
      .filter((route) => route.method === 'GET' && !route.exports)
      .filter(({ path }) => !/^\/api\/|\.csv$/.test(path))
      .flatMap(({ path }) => {
        const name = /:(\w+)/.exec(path)?.[1];
        if (name === undefined) return [path];
        assert.ok(values[name], `no test knows what to put for :${name}; tell it in values`);
        const others = (text: string) =>
          text.replaceAll(
            /:(\w+)/g,
            (_, other: string) => values[other]?.[0] ?? assert.fail(other),
          );
        return values[name].map((value) => others(path.replace(`:${name}`, value)));
      });
    const more = ['/schools?q=school', '/schools?q=zzzz', '/nothing', `${school}/expectation.csv`];
    return [...paths, ...more];
  }

  const record = '/pupils/1';
  /** What somebody sees more of than a school’s attendance staff do. */
  const seenByFew: Record<string, string[]> = {
    'authority:990': ['/authorities/990', school],
    'head:900001': [school, `${school}/suggestions`, record, `${record}/restriction`],
    'teacher:900001/7B': [`${school}/pupils?class=7B`, record],
    'parent:14': ['/my-children', record, `${record}/corrections`, `${record}/who-looked`],
    'pupil:17': ['/my-record'],
    'social-worker:12': ['/my-cases', '/emergency'],
    auditor: ['/audit', '/audit?child=x', '/emergencies'],
    administrator: ['/administration/people', '/administration/people/1', '/administration/keys'],
  };

  /** Wide tables of many sessions: looked at narrow and on paper as well. */
  const ofRegisters = [
    ...['roll', 'register', 'unexplained', 'uploads'].map((name) => `${school}/${name}`),
    '/pupils/1/entries/2026-09-14/AM',
  ];

  const looks = {
    wide: { size: wide, viewers: ['school:900001', ...Object.keys(seenByFew)] },
    narrow: { size: narrow, viewers: ['school:900001', ...Object.keys(seenByFew)] },
    zoomed: { size: zoomed, viewers: ['public'] },
  };

  for (const [name, { size, viewers }] of Object.entries(looks)) {
    test(`every page, ${name}: axe finds nothing, nothing sticks out, the browser has no complaint`, async () => {
      for (const viewer of viewers) {
        const { page, complaints } = await visit('/', { ...size, viewer });
        for (const path of seenByFew[viewer] ?? pagesOfSite()) {
          const isFile = path.endsWith('.csv') && viewer !== 'public';
          if (isFile) continue;
          await page.goto(address + path);
          const where = `${path} as ${viewer}`;
          assert.equal(await sidewaysOverflow(page), 0, where);
          for (const details of await page.locator('details').all()) {
            await details.evaluate((element) => element.setAttribute('open', ''));
          }
          assert.equal(await sidewaysOverflow(page), 0, `${where}, opened`);
          if (name === 'wide') {
            await page.setViewportSize(tablet);
            assert.equal(await sidewaysOverflow(page), 0, `${where}, on a tablet`);
            await page.setViewportSize(wide.viewport);
          }
          // What is narrow is the same page but for its frame and its tables: asked of those that have both.
          const isAsked =
            name === 'wide' ||
            [school, '/who-can-see-what', '/audit', ...ofRegisters].includes(path);
          if (isAsked) assert.deepEqual(await accessibilityProblems(page), [], where);
          if (name === 'narrow' && ofRegisters.includes(path)) {
            await page.emulateMedia({ media: 'print' });
            await page.setViewportSize(paper);
            assert.equal(await sidewaysOverflow(page), 0, `${where}, on paper`);
            await page.emulateMedia({ media: null });
            await page.setViewportSize(narrow.viewport);
          }
          if (name === 'narrow' && path === school) await photograph(page, `9 narrow ${viewer}`);
        }
        // To sign in first, the refusal, the page that is not there.
        const expected = /status of 40[134]/;
        assert.deepEqual(
          complaints.filter((words) => !expected.test(words)),
          [],
        );
        await page.context().close();
      }
    });
  }

  test('on paper a school’s home keeps its words and its charts, and leaves out what only a screen needs', async () => {
    const { page } = await visit(school, { ...wide, viewer: 'school:900001' });
    await page.emulateMedia({ media: 'print' });
    const words = await page.locator('body').innerText();
    for (const kept of [
      'Lanternfield High School (made-up)',
      `What can fairly be expected in ${thisYear}`,
      'never for accountability',
      'Schools with a similar intake',
      'Source: ',
    ]) {
      assert.ok(words.includes(kept), kept);
    }
    for (const left of ['Skip to main content', 'Back to top', 'Figures as a table', 'Change']) {
      assert.ok(!words.includes(left), left);
    }
    assert.ok(await page.locator('#history-overall .rollcall-chart__wide').isVisible());
    const pdf = await page.pdf({ format: 'A4', path: join(screenshots, 'school as its head.pdf') });
    const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    assert.ok(sheets >= 2 && sheets <= 9, `${sheets} sheets`);
    await page.context().close();
  });

  test('the picture in README.md', {
    skip:
      existsSync(inReadme) &&
      !process.env['ROLLCALL_SCREENSHOTS'] &&
      'it is there: ROLLCALL_SCREENSHOTS=1 makes it anew',
  }, async () => {
    const { page } = await visit(school, { ...wide, viewer: 'school:900001' });
    const top = (await page.locator('.govuk-breadcrumbs').boundingBox())?.y ?? 0;
    const chart = await page.locator('#history-overall .rollcall-chart').boundingBox();
    const height = (chart?.y ?? 0) + (chart?.height ?? 0) - top;
    const clip = { x: 0, y: top, width: 1280, height };
    const picture = await page.screenshot({ path: inReadme, fullPage: true, clip });
    assert.ok(picture.length < 200_000, `${picture.length} bytes`);
    await page.context().close();
  });
});
