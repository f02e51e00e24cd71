import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { parseHTML } from 'linkedom';
import { demoCast } from '../demo/index.ts';
import { areaFigures } from '../publications/index.ts';
import { type IssuedFigures, issuedFigures } from '../targets/index.ts';
import { openTestSite, type TestSite } from '../testing/site.ts';
import { words } from '../ui/index.ts';

/* What the homes say, held against the figures that they say it of. */

let site: TestSite;
let app: FastifyInstance;
const { urn } = demoCast.improvingSecondary;

before(async () => {
  site = await openTestSite();
  app = await site.serve({ demo: true });
});
after(() => site.close());

async function ask(url: string, viewer = 'department') {
  const cookies = { rollcall_demo_viewer: viewer };
  return (await app.inject({ url, cookies })).body;
}

const page = async (url: string, viewer?: string) =>
  parseHTML(await ask(url, viewer)).document as unknown as Page;
type Page = {
  body: { textContent: string };
  querySelector(selector: string): Page['body'] | null;
  querySelectorAll(selector: string): Iterable<Page['body'] & { getAttribute(of: string): string }>;
};

const plain = (text: string | undefined) => (text ?? '').replace(/\s+/g, ' ').trim();

test('a school’s ladder, its head and its authority’s home say one average of the authority', async () => {
  const school = (await site.directories()).get(urn);
  const published = (await areaFigures(site.stores, school)).find(
    (area) =>
      area.level === 'Local authority' &&
      area.schoolType === school.schoolType &&
      area.year === 201718,
  );
  const percent = words.percent(published?.absencePercent ?? null);
  const home = plain((await page(`/schools/${urn}`)).body.textContent);
  assert.ok(home.includes(`All secondary schools: ${school.laName} ${percent}, England `));
  assert.match(home, new RegExp(`Average of secondary schools in [^:]* \\(2017/18\\): ${percent}`));
  const authority = plain((await page(`/authorities/${school.laCode}`)).body.textContent);
  assert.ok(authority.includes(`Local authority average ${percent}`));
});

test('every link to the figures of a chart gives exactly those figures', async () => {
  for (const url of [`/schools/${urn}`, '/authorities/990', '/trusts/990001']) {
    const document = await page(url);
    for (const figure of document.querySelectorAll('figure')) {
      const of = figure as unknown as Page;
      const href = (
        of.querySelector('a[download]') as { getAttribute(name: string): string } | null
      )?.getAttribute('href');
      if (!href) continue;
      const shown = [...of.querySelectorAll('tbody tr')].length;
      const file = (await ask(href)).trim().split('\n');
      assert.equal(file.length - 1, shown, `${url} ${href}`);
      const headings = [...of.querySelectorAll('thead th')].length;
      assert.equal((file[0] ?? '').split(',').length, headings, `${url} ${href}`);
    }
  }
});

test('the day on which an expectation was issued stands on its page', async () => {
  const today = words.date((await site.stores.receipts('targets'))[0]?.committed_at as Date);
  assert.ok(
    plain((await page(`/schools/${urn}`)).body.textContent).includes(`Issued on ${today}.`),
  );
});

test('what is hidden is told from what is not known, on the page and in the table of its chart', async () => {
  const { urn: tiny } = demoCast.tinyPrimary;
  const document = await page(`/schools/${tiny}`, 'public');
  const chart = plain(document.querySelector('#history-persistent-table')?.textContent);
  assert.match(chart, /hidden/);
  assert.match(plain(document.querySelector('#years-table')?.textContent), /hidden/);
  const gap = await page(`/schools/${demoCast.gapInHistory.urn}`, 'public');
  const table = plain(gap.querySelector('#history-overall-table')?.textContent);
  assert.match(table, /not known/);
});

test('a closed school is said to be closed, not new', async () => {
  const text = plain((await page(`/schools/${demoCast.closedSchool.urn}`)).body.textContent);
  assert.match(text, /This school closed on 31 August 2016/);
  assert.doesNotMatch(text, /too new|new school/i);
});

test('days regained rest on the newest enrolments published before the year, and on the figures shown', async () => {
  const directory = await site.directories();
  const schools = directory.schoolsOfAuthority('990').filter(({ closeDate }) => closeDate === null);
  const viewer = { role: 'department', scope: null } as const;
  const figures = await issuedFigures(site.stores, viewer, schools, 201819);
  const document = await page('/authorities/990');
  const rows = [...document.querySelectorAll('#support-table tbody tr')].map((row) => {
    const of = row as unknown as Page;
    const cells = [...of.querySelectorAll('td')].map((cell) => plain(cell.textContent));
    return { name: plain(of.querySelector('th')?.textContent), days: cells[0], why: cells[1] };
  });
  assert.ok(rows.length >= 3);
  for (const { name, days, why } of rows) {
    const school = schools.find((each) => each.name === name);
    const of = figures.find((each) => each.urn === school?.urn) as IssuedFigures;
    const csv = (await ask(`/schools/${school?.urn}/absence.csv`)).trim().split('\n').at(-1) ?? '';
    const enrolments = Number(csv.split(',')[1]);
    const forecast = of.forecast_absence_percent as number;
    const asked = forecast - (of.expectation_absence_percent as number);
    assert.equal(days, words.number((asked / 100) * enrolments * 190), name);
    assert.ok(why?.includes(words.plural(enrolments, 'pupil')), `${name}: ${why}`);
  }
});

test('the charts and averages of England say of which schools', async () => {
  const text = plain((await page('/authorities/990')).body.textContent);
  assert.match(text, /England: middle half of primary schools/);
  assert.doesNotMatch(text, /England: middle half of schools/);
});

test('a forecast and an expectation are said to be Rollcall’s, past absence the department’s', async () => {
  const inside = plain(
    (await page(`/schools/${urn}`)).querySelector('#history-overall')?.textContent,
  );
  assert.match(inside, /Past absence: .*Forecast and expectation: Worked out by Rollcall/);
  const outside = plain(
    (await page(`/schools/${urn}`, 'public')).querySelector('#history-overall')?.textContent,
  );
  assert.doesNotMatch(outside, /forecast|expectation/i);
});
