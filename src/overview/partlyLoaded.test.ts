import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { parseHTML } from 'linkedom';
import { demoCast, makeEngland, saveEngland } from '../demo/index.ts';
import { areaFigures, importFiles } from '../publications/index.ts';
import { openTestSite, type TestSite } from '../testing/site.ts';
import { scratchFolder } from '../testing/stores.ts';

/* What pages say of an authority of which fewer schools are loaded than the department counts. */

let site: TestSite;
let app: FastifyInstance;
const { folder, remove } = scratchFolder();
const { urn } = demoCast.improvingSecondary;

before(async () => {
  site = await openTestSite();
  app = await site.serve({ demo: true });
});
after(async () => {
  await site.close();
  remove();
});

/** Imports the published totals again, with other numbers of secondary schools. */
async function publishTotals(schoolsOf: (counted: number) => number): Promise<void> {
  const paths = await saveEngland(makeEngland({ schools: 450, seed: 'demo' }), folder);
  const path = paths.find((each) => each.includes('nat_reg_la')) as string;
  const [header = '', ...rows] = readFileSync(path, 'utf8').trim().split('\n');
  const at = header.split(',').indexOf('num_schools');
  const changed = rows.map((row) => {
    const cells = row.split(',');
    if (row.includes('State-funded secondary')) cells[at] = String(schoolsOf(Number(cells[at])));
    return cells.join(',');
  });
  writeFileSync(path, `${[header, ...changed].join('\n')}\n`);
  await importFiles(site.stores, [path]);
}

async function textOf(url: string): Promise<string> {
  const { body } = await app.inject({ url, cookies: { rollcall_demo_viewer: 'department' } });
  return parseHTML(body).document.body.textContent.replace(/\s+/g, ' ');
}

test('where every school is loaded, averages are those that were published, and nothing is said of loading', async () => {
  const { laCode } = (await site.directories()).get(urn);
  for (const url of [`/schools/${urn}`, `/authorities/${laCode}`]) {
    assert.doesNotMatch(await textOf(url), /\bloaded\b/, url);
  }
});

test('where some are missing, averages are said to be of the schools loaded', async () => {
  await publishTotals((counted) => Math.floor(counted * 1.1));
  const school = (await site.directories()).get(urn);
  const area = (await areaFigures(site.stores, school)).find(
    ({ level, year, schoolType }) =>
      level === 'Local authority' && year === 201718 && schoolType === school.schoolType,
  );
  assert.equal(area?.coverage, 'loaded');
  const loaded = `of the ${area.schools} schools loaded`;
  const home = await textOf(`/schools/${urn}`);
  assert.match(home, new RegExp(`% \\(${loaded}\\), England [\\d.]+% \\(of the`));
  const all = `secondary schools loaded (${area.schools} in 2017/18) in ${school.laName}`;
  assert.ok(home.includes(`“Local authority” is all ${all}`));
  assert.ok(home.includes(`Average of ${all}`));
  const authority = await textOf(`/authorities/${school.laCode}`);
  assert.ok(authority.includes(`The average is that ${loaded}`));
});

test('where most are missing, no average is shown', async () => {
  await publishTotals((counted) => counted * 2);
  const school = (await site.directories()).get(urn);
  const home = await textOf(`/schools/${urn}`);
  assert.match(home, /England not known \(too few of its schools are loaded\)/);
  assert.match(
    await textOf(`/authorities/${school.laCode}`),
    /no average of the authority: too few of its secondary schools are loaded/,
  );
  const { data } = (await app.inject(`/api/v1/authorities/${school.laCode}/absence`)).json();
  for (const row of data as { school_type: string; sess_overall_percent: number | null }[]) {
    if (row.school_type !== 'State-funded secondary') continue;
    assert.equal(row.sess_overall_percent, null);
  }
});
