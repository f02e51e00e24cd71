import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { parse } from 'csv-parse/sync';
import { parseHTML } from 'linkedom';
import { keepUp } from '../../absence/index.ts';
import {
  accessibilityProblems,
  launchBrowser,
  sidewaysOverflow,
  withoutBrowser,
} from '../../testing/browser.ts';
import { layMarks } from '../../testing/layMarks.ts';
import { openTestSite, type TestSite } from '../../testing/site.ts';
import { laidCodes, placeAll } from './grid.ts';
import { shortName } from './page.ts';
import { betweenSnapshots } from './weeks.ts';

const clock = () => new Date('2026-11-20T16:00:00Z');
const department = 'department';
const cookies = (viewer: string) => ({ cookie: `rollcall_demo_viewer=${viewer}` });

describe('the grid', () => {
  test('has a place for each of the 153 authorities, and none twice', () => {
    assert.equal(laidCodes.length, 153);
    assert.equal(new Set(laidCodes).size, 153);
    const places = [...placeAll(laidCodes).values()].map(({ column, row }) => `${column} ${row}`);
    assert.equal(new Set(places).size, 153);
  });

  test('puts authorities without a place into plain rows below, and from the top where none has one', () => {
    const places = placeAll(['929', '990', '991']);
    const lowest = Math.max(...[...placeAll(laidCodes).values()].map(({ row }) => row));
    assert.ok((places.get('990')?.row ?? 0) > lowest);
    assert.notDeepEqual(places.get('990'), places.get('991'));
    assert.deepEqual(placeAll(['990']).get('990'), { column: 0, row: 0 });
  });

  test('names a square by a few letters', () => {
    assert.deepEqual(
      ['Kent', 'County Durham', 'North East Lincolnshire', 'Stockton-on-Tees'].map(shortName),
      ['Ken', 'Dur', 'NEL', 'ST'],
    );
  });
});

describe('the curve from published years to date', () => {
  const snapshot = (publishedOn: string, possible: number, absent: number) => ({
    ...{ year: 202526, laCode: null, publishedOn, possible, absent },
    absencePercent: (100 * absent) / possible,
  });
  test('is what came between two of them, in the week in which the later one ends', () => {
    const weeks = betweenSnapshots(
      [snapshot('2025-10-16', 30e6, 1.8e6), snapshot('2025-10-02', 15e6, 0.75e6)],
      202526,
    );
    const known = weeks.flatMap((percent, week) => (percent === null ? [] : [{ week, percent }]));
    assert.deepEqual(known, [
      { week: 2, percent: 5 },
      { week: 4, percent: 7 },
    ]);
  });

  test('says nothing across a gap, or where the later one is no larger', () => {
    const weeks = betweenSnapshots(
      [snapshot('2025-10-02', 15e6, 0.75e6), snapshot('2026-01-15', 60e6, 4e6)],
      202526,
    );
    assert.equal(weeks.filter((percent) => percent !== null).length, 1);
  });
});

describe('England’s page', () => {
  let site: TestSite;
  let app: FastifyInstance;
  before(async () => {
    site = await openTestSite({ issue: false });
    const { schools } = await site.directories();
    const inArea = schools.filter((school) => school.laCode === '990').slice(0, 12);
    await layMarks(site.stores, {
      schools: inArea.map(({ urn, laestab, laCode, regionCode }) => ({
        ...{ urn, laestab: laestab ?? 0, laCode, regionCode },
      })),
      pupils: Array.from({ length: 70 }, (_, at) => ({ absence: at % 10 === 0 ? 0.2 : 0.04 })),
      ...{ from: '2026-09-07', to: '2026-11-13' },
    });
    await keepUp(site.stores);
    app = await site.serve({ demo: true, clock });
  });
  after(() => site.close());
  const get = (viewer: string, url: string) => app.inject({ url, headers: cookies(viewer) });
  const csv = async (viewer: string, url: string): Promise<Record<string, string>[]> =>
    parse((await get(viewer, url)).body, { columns: true });

  test('the department sees this year so far from registers, an authority a square that is a link', async () => {
    const { statusCode, body } = await get(department, '/england');
    assert.equal(statusCode, 200);
    const { document } = parseHTML(body);
    const links = [...document.querySelectorAll('#map-wide a')];
    assert.ok(links.length >= 3);
    const told = links.find((link) => link.getAttribute('href') === '/authorities/990');
    assert.match(told?.querySelector('title')?.textContent ?? '', /: \d+\.\d%$/);
    assert.ok(document.querySelectorAll('.rollcall-legend li').length >= 2);
    assert.ok(body.includes('counted from registers as the daily feed counts'));
    const rows = await csv(department, '/england/authorities.csv?figures=registers');
    const own = rows.find((row) => row['la_code'] === '990');
    assert.equal(own?.['series'], 'registers, year so far, 2026/27');
    assert.ok(Number(own?.['sess_overall_percent']) > 0);
  });

  test('everybody else sees what is published, and which series it is', async () => {
    for (const viewer of ['public', 'head:900001', 'inspector:990', 'parent:1']) {
      const rows = await csv(viewer, '/england/authorities.csv?figures=registers');
      assert.ok(rows.some((row) => row['sess_overall_percent'] !== ''));
      assert.ok(rows.every((row) => !row['series']?.startsWith('registers')));
      const weeks = await csv(viewer, '/england/weeks.csv');
      assert.ok(weeks.every((row) => row['this_year_percent'] === ''));
    }
    const { body } = await get('public', '/england');
    assert.ok(body.includes('the newest whole year that is published'));
  });

  test('the curve is of weeks with ten schools, to one decimal; what is not known is said', async () => {
    const weeks = await csv(department, '/england/weeks.csv');
    const known = weeks.filter((row) => row['this_year_percent'] !== '');
    assert.ok(known.length >= 5, 'some weeks of this year');
    for (const row of known) assert.match(row['this_year_percent'] ?? '', /^\d+(\.\d)?$/);
    const { body } = await get(department, '/england');
    const told = [...parseHTML(body).document.querySelectorAll('dd')].map((each) =>
      String(each.textContent),
    );
    assert.match(told[0] ?? '', /^Counted from registers here, as the daily feed counts/);
    assert.equal(told[1], 'Not known here.');
    assert.match(told[2] ?? '', /^The average of the whole of 2016\/17, .*school census/);
  });

  test('is accessible, and narrow enough for a phone', { skip: withoutBrowser }, async () => {
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const browser = await launchBrowser();
    try {
      for (const width of [320, 1200]) {
        const context = await browser.newContext({ viewport: { width, height: 900 } });
        await context.addCookies([
          { name: 'rollcall_demo_viewer', value: department, url: address },
        ]);
        const page = await context.newPage();
        await page.goto(`${address}/england`);
        assert.deepEqual(await accessibilityProblems(page), []);
        assert.equal(await sidewaysOverflow(page), 0);
        await context.close();
      }
    } finally {
      await browser.close();
    }
  });
});
