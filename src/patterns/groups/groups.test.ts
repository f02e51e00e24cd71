import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { parse } from 'csv-parse/sync';
import { parseHTML } from 'linkedom';
import { keepUp } from '../../absence/index.ts';
import { parseWords } from '../../cli/parse.ts';
import { runCall } from '../../cli/run.ts';
import type { Viewer } from '../../access/index.ts';
import { demoCast } from '../../demo/index.ts';
import {
  accessibilityProblems,
  launchBrowser,
  sidewaysOverflow,
  withoutBrowser,
} from '../../testing/browser.ts';
import { layMarks } from '../../testing/layMarks.ts';
import { openTestSite, type TestSite } from '../../testing/site.ts';
import { scratchFolder } from '../../testing/stores.ts';
import { groupsCommand } from './commands.ts';
import { newGroupFindings } from './newFindings.ts';
import { groupFindings } from './page.ts';

/* A school of 240 pupils whose 60 with SEN support miss a quarter of their sessions, all others one in twenty-five. */

const { urn } = demoCast.improvingSecondary;
const other = demoCast.academisedChain.urn;
const clock = () => new Date('2026-11-20T16:00:00Z');
const head = `head:${urn}`;
const cookies = (viewer: string) => ({ cookie: `rollcall_demo_viewer=${viewer}` });

let site: TestSite;
let app: FastifyInstance;
let laCode: string;

before(async () => {
  site = await openTestSite({ issue: false });
  const directory = await site.directories();
  laCode = directory.get(urn).laCode;
  const schools = [urn, other].map((each) => {
    const school = directory.get(each);
    const { laestab, regionCode } = school;
    return { urn: each, laestab: laestab ?? 0, laCode: school.laCode, regionCode };
  });
  const period = { from: '2026-09-07', to: '2026-11-13' };
  await layMarks(site.stores, {
    ...{ schools: schools.slice(0, 1), ...period, seed: 'parting' },
    pupils: Array.from({ length: 240 }, (_, at) => ({
      absence: at % 4 === 0 ? 0.25 : 0.04,
      ...{ sen: at % 4 === 0 ? 'K' : at === 1 ? 'E' : 'N', year_group: 4 + (at % 3) },
    })),
  });
  await layMarks(site.stores, {
    ...{ schools: schools.slice(1), ...period, seed: 'alike' },
    pupils: Array.from({ length: 90 }, (_, at) => ({
      absence: 0.05,
      sen: at % 4 === 0 ? 'K' : 'N',
    })),
  });
  await keepUp(site.stores);
  app = await site.serve({ demo: true, clock });
});
after(() => site?.close());

const get = (viewer: string, url: string) => app.inject({ url, headers: cookies(viewer) });
const csv = async (viewer: string, url: string): Promise<Record<string, string>[]> =>
  parse((await get(viewer, url)).body, { columns: true });

describe('the groups of a school', () => {
  test('the one that misses more is told in a sentence with its interval, and once', async () => {
    const { statusCode, body } = await get(head, `/schools/${urn}/groups`);
    assert.equal(statusCode, 200);
    const told = [...parseHTML(body).document.querySelectorAll('main ol li')].map((each) =>
      String(each.textContent),
    );
    assert.match(
      told.find((sentence) => sentence.startsWith('Special educational')) ?? '',
      /^Special educational needs support: from 5 October 2026 to 15 November 2026 these 60 pupils missed 2\d\.\d% of sessions and all others \d\.\d%, \d+\.\d percentage points more \(between \d+\.\d and \d+\.\d\)\.$/,
    );
    assert.ok(told[0]?.startsWith('Special educational needs support'));
    assert.ok(told.every((sentence) => !sentence.includes('points less')));
    assert.equal(
      told.filter((sentence) => sentence.startsWith('Special educational needs support:')).length,
      1,
    );
  });

  test('the file has the numbers that the marks say', async () => {
    const rows = await csv(head, `/schools/${urn}/groups.csv`);
    const row = rows.find(
      (each) => each['from'] === '2026-08-01' && each['group']?.startsWith('Special educational'),
    );
    assert.equal(row?.['pupils'], '60');
    assert.equal(row['parts'], 'Yes');
    assert.ok(Math.abs(Number(row['group_percent']) - 25) < 3);
    assert.ok(Math.abs(Number(row['others_percent']) - 4) < 1);
    assert.ok(Number(row['lower_points']) > 10);
  });

  test('a group of one child is nowhere', async () => {
    const rows = await csv(head, `/schools/${urn}/groups.csv`);
    assert.ok(rows.length > 20);
    assert.ok(rows.every((row) => Number(row['pupils']) >= 10));
    assert.ok(rows.every((row) => !/EHC|plan/.test(row['group'] ?? '')));
  });

  test('in a school where all miss alike none is told', async () => {
    const { body } = await get(`head:${other}`, `/schools/${other}/groups`);
    assert.ok(body.includes('No group parts from the other pupils of this school'));
  });

  test('are a finding for other pages, to those of the circle alone', async () => {
    const { stores, directories } = site;
    const school = (await directories()).get(urn);
    const options = { stores, directories, clock };
    const [first] = await groupFindings(options, { role: 'head', scope: String(urn) }, school);
    assert.equal(first?.kind, 'group');
    assert.equal(first.href, `/schools/${urn}/groups`);
    assert.equal(first.since, '2026-10-05');
    assert.deepEqual(await groupFindings(options, { role: 'department', scope: null }, school), []);
  });
});

describe('for the weekly e-mail', () => {
  const newIn = async (week: string, viewer: Viewer = { role: 'head', scope: String(urn) }) => {
    const school = (await site.directories()).get(urn);
    const found = await newGroupFindings(site.stores, viewer, { school, week });
    return found.map(({ brief }) => brief);
  };

  test('a group is told in the week in which it begins to part, and not again while it does', async () => {
    const weeks = ['2026-09-07', '2026-09-14', '2026-09-21', '2026-10-05', '2026-11-09'];
    const told = [];
    for (const week of weeks) told.push(...(await newIn(week)));
    assert.deepEqual(
      told.filter((brief) => brief.startsWith('Special educational needs support:')),
      [
        'Special educational needs support: these pupils miss more than all others, by more than chance brings.',
      ],
    );
    assert.ok((await newIn('2026-09-07')).length > 0);
  });

  test('no group of fewer than sixty pupils is told, though it is on the page', async () => {
    const { body } = await get(head, `/schools/${urn}/groups`);
    assert.match(body, /SEN support, Year/);
    assert.ok((await newIn('2026-09-07')).every((brief) => !brief.includes('Year')));
  });

  test('nothing is told of a week without registers, nor to anybody outside the circle', async () => {
    assert.deepEqual(await newIn('2026-11-30'), []);
    assert.deepEqual(await newIn('2026-09-07', { role: 'department', scope: null }), []);
  });
});

describe('who sees groups', () => {
  test('the circle does; who may see the year to date alone is told so; all others are refused', async () => {
    for (const viewer of [head, `school:${urn}`, `authority:${laCode}`]) {
      assert.ok((await csv(viewer, `/schools/${urn}/groups.csv`)).length > 20, viewer);
    }
    for (const viewer of ['department', `inspector:${laCode}`]) {
      const { statusCode, body } = await get(viewer, `/schools/${urn}/groups`);
      assert.equal(statusCode, 200);
      assert.ok(body.includes('Outside that circle only a year to date is given'));
      assert.equal((await csv(viewer, `/schools/${urn}/groups.csv`)).length, 0);
    }
    for (const viewer of ['public', `head:${other}`, 'parent:1']) {
      assert.equal((await get(viewer, `/schools/${urn}/groups`)).statusCode, 403, viewer);
    }
  });

  test('an authority sees the groups of its whole area', async () => {
    const rows = await csv(`authority:${laCode}`, `/authorities/${laCode}/groups.csv`);
    const row = rows.find((each) => each['group']?.startsWith('Special educational'));
    assert.ok(Number(row?.['pupils']) >= 60);
    const { body } = await get(`authority:${laCode}`, `/authorities/${laCode}/groups`);
    assert.match(body, /% of sessions and other pupils of the same schools \d/);
    assert.ok(body.includes('beside the other pupils of the same schools: by free school meals'));
    assert.equal((await get(head, `/authorities/${laCode}/groups`)).statusCode, 403);
  });
});

describe('groups by the API and by the verb', () => {
  const read = async (viewer: string, url: string) => {
    const { statusCode, body } = await get(viewer, `/api/v1${url}`);
    return { statusCode, body: JSON.parse(body) as Groups };
  };
  type Groups = {
    is_given: boolean;
    time_period: number | null;
    too_few: number;
    stand_out: string[];
    data: { period: string; group: string; pupils: number; parts: boolean; why: string }[];
  };

  test('the API gives what the file gives, with why, to whom the page does', async () => {
    const { statusCode, body } = await read(head, `/schools/${urn}/groups`);
    assert.equal(statusCode, 200);
    const rows = await csv(head, `/schools/${urn}/groups.csv`);
    assert.deepEqual(
      body.data.map(({ group, pupils }) => [group, String(pupils)]),
      rows.map((row) => [row['group'], row['pupils']]),
    );
    assert.equal(body.time_period, 202627);
    assert.ok(body.too_few > 0);
    assert.match(body.stand_out[0] ?? '', /^Special educational needs support: from 5 October/);
    const first = body.data.find(({ parts }) => parts);
    assert.match(first?.why ?? '', /percentage points (?:more|less) \(between/);
    const area = await read(`authority:${laCode}`, `/authorities/${laCode}/groups`);
    assert.ok(area.body.data.some(({ pupils }) => pupils >= 60));
  });

  test('the API gives others nothing, and says so', async () => {
    for (const viewer of ['department', `inspector:${laCode}`]) {
      const { statusCode, body } = await read(viewer, `/schools/${urn}/groups`);
      assert.equal(statusCode, 200);
      assert.deepEqual(body, {
        ...{ is_given: false, time_period: null, too_few: 0, stand_out: [], data: [] },
      });
    }
    for (const viewer of ['public', `head:${other}`, 'parent:1']) {
      assert.equal((await read(viewer, `/schools/${urn}/groups`)).statusCode, 403, viewer);
    }
    assert.equal((await read(head, `/authorities/${laCode}/groups`)).statusCode, 403);
  });

  async function type(words: string) {
    const asked = parseWords(words.split(' '), [groupsCommand]);
    assert.ok(asked.what === 'call');
    const lines: string[] = [];
    const line = (text: string) => void lines.push(text);
    const code = await runCall(asked.call, {
      ...{ stores: site.stores, clock, folder, signal: new AbortController().signal },
      settings: { demo: false, visitKm: 30 },
      output: { line, error: line, progress() {}, isTerminal: false },
    });
    return { code, text: lines.join('\n') };
  }
  const { folder, remove } = scratchFolder();
  after(remove);

  test('the verb says the same, and writes the same file', async () => {
    const told = await type(`patterns groups --urn ${urn} --out groups.csv`);
    assert.equal(told.code, 0, told.text);
    assert.match(told.text, /^Special educational needs support: from 5 October 2026/);
    const file = readFileSync(join(folder, 'groups.csv'), 'utf8');
    assert.equal(file, (await get(head, `/schools/${urn}/groups.csv`)).body);
    const why = await type(`patterns groups --urn ${urn} --why`);
    assert.ok(why.text.split('\n').length > told.text.split('\n').length);
    const area = await type(`patterns groups --la ${laCode} --as authority:${laCode}`);
    assert.equal(area.code, 0, area.text);
  });

  test('the verb refuses whom the page tells nothing, and a call that names no place', async () => {
    for (const as of ['department', `head:${other}`]) {
      const { code, text } = await type(`patterns groups --urn ${urn} --as ${as}`);
      assert.equal(code, 1);
      assert.equal(
        text,
        'Groups are compared for the school itself, its trust and its local authority.',
      );
    }
    for (const words of ['patterns groups', `patterns groups --urn ${urn} --la ${laCode}`]) {
      await assert.rejects(type(words), /needs --urn or --la, and not both/);
    }
  });
});

test('the page is accessible, and narrow enough for a phone', {
  skip: withoutBrowser,
}, async () => {
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const browser = await launchBrowser();
  try {
    for (const width of [320, 1200]) {
      const context = await browser.newContext({ viewport: { width, height: 900 } });
      await context.addCookies([
        { name: 'rollcall_demo_viewer', value: encodeURIComponent(head), url: address },
      ]);
      const page = await context.newPage();
      await page.goto(`${address}/schools/${urn}/groups`);
      assert.deepEqual(await accessibilityProblems(page), []);
      assert.equal(await sidewaysOverflow(page), 0);
      await context.close();
    }
  } finally {
    await browser.close();
  }
});
