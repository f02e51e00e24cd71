import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
import { parseWords } from '../../cli/parse.ts';
import { runCall } from '../../cli/run.ts';
import { importFiles, sources } from '../../publications/index.ts';
import { layMarks } from '../../testing/layMarks.ts';
import { openTestSite, type TestSite } from '../../testing/site.ts';
import { scratchFolder } from '../../testing/stores.ts';
import { englandCommands } from './commands.ts';
import { laidCodes, placeAll } from './grid.ts';
import { shortName } from './map.ts';
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
    ...{ name: '', regionCode: '', withheld: 0, absencePercent: (100 * absent) / possible },
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

/** A made-up state of the daily feed: of each area 100,000 possible sessions of primary schools. */
function feedFile(
  areas: readonly { level: string; code: string; name: string; absent: number }[],
): string {
  const columns = sources.find(({ kind }) => kind === 'year-to-date')?.columns ?? [];
  const rows = areas.flatMap(({ level, code, name, absent }) =>
    ['Total', 'Primary'].map(
      (schoolType): Record<string, string | number> => ({
        ...{ time_period: 202627, time_identifier: 'Academic year', geographic_level: level },
        ...{ country_code: 'E92000001', country_name: 'England', school_type: schoolType },
        ...{ old_la_code: code === '' ? 'NA' : code, la_name: name },
        ...{ new_la_code: code === '' ? '' : `E06000${code}` },
        region_code: code === '' ? '' : 'E12000002',
        region_name: code === '' ? '' : 'North West',
        ...{ num_schools: 12, enrolments: 3000, possible_sessions: 100_000 },
        ...{ overall_attendance: 100_000 - absent, present_sessions: 100_000 - absent },
        ...{ reason_present: 100_000 - absent, reason_present_am: 50_000 },
        ...{ reason_present_pm: 50_000 - absent, overall_absence: absent },
        ...{ authorised_absence: absent, reason_i_authorised_illness: absent },
      }),
    ),
  );
  const names = columns.map(({ name }) => name);
  const cell = (row: Record<string, string | number>, name: string) =>
    row[name] ?? (name.endsWith('_perc') ? 5 : 0);
  const lines = rows.map((row) => names.map((name) => cell(row, name)).join(','));
  return `${[names.join(','), ...lines].join('\n')}\n`;
}

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

  const read = async (viewer: string, url: string) =>
    JSON.parse((await get(viewer, `/api/v1/england/${url}`)).body);

  test('the API gives the figures of the files, as its viewer may see them', async () => {
    for (const viewer of [department, 'public', 'head:900001']) {
      const { series, data } = await read(viewer, 'authorities');
      const rows = await csv(viewer, '/england/authorities.csv');
      assert.equal(series === 'registers', viewer === department);
      assert.deepEqual(
        data.map((row: Record<string, unknown>) => [
          row['la_code'],
          String(row['sess_overall_percent'] ?? ''),
        ]),
        rows.map((row) => [row['la_code'], row['sess_overall_percent']]),
      );
      const weeks = await read(viewer, 'weeks');
      assert.equal(weeks.data.length, (await csv(viewer, '/england/weeks.csv')).length);
      const known = weeks.data.filter(
        (row: Record<string, unknown>) => row['this_year_percent'] !== null,
      );
      assert.equal(known.length > 0, viewer === department);
    }
    const refused = await get('public', '/api/v1/england/authorities?figures=none');
    assert.equal(refused.statusCode, 400);
  });

  test('the verbs write the same files, and give others no registers', async () => {
    const { folder, remove } = scratchFolder();
    const type = async (typed: string) => {
      const asked = parseWords(typed.split(' '), englandCommands);
      assert.ok(asked.what === 'call');
      const lines: string[] = [];
      const line = (text: string) => void lines.push(text);
      const code = await runCall(asked.call, {
        ...{ stores: site.stores, clock, folder, signal: new AbortController().signal },
        settings: { demo: false, visitKm: 30 },
        output: { line, error: line, progress() {}, isTerminal: false },
      });
      assert.equal(code, 0, lines.join('\n'));
      return lines.join('\n');
    };
    try {
      for (const [name, as] of [
        ['authorities', department],
        ['weeks', department],
        ['authorities', 'public'],
        ['weeks', 'public'],
      ] as const) {
        await type(`england ${name} --as ${as} --out ${name}.csv`);
        const file = readFileSync(join(folder, `${name}.csv`), 'utf8');
        assert.equal(file, (await get(as, `/england/${name}.csv`)).body, `${name} ${as}`);
      }
      assert.match(await type('england authorities'), /counted from registers as the daily feed/);
    } finally {
      remove();
    }
  });

  test('the page ranks nobody: no authority is named for its figure', async () => {
    const { document } = parseHTML((await get(department, '/england')).body);
    const words = [...document.querySelectorAll('main p')].map((each) => String(each.textContent));
    const { authorities } = await site.directories();
    for (const { name } of authorities) {
      assert.ok(
        words.every((text) => !text.includes(name)),
        name,
      );
    }
    assert.ok(words.some((text) => /all lie between \d+\.\d% and \d+\.\d%/.test(text)));
  });

  test('an authority of the feed that has no school here is on the map, by its own name, without a link', async () => {
    const { folder, remove } = scratchFolder();
    const path = join(folder, 'ytd__2026-11-05.csv');
    writeFileSync(
      path,
      feedFile([
        { level: 'National', code: '', name: '', absent: 6000 },
        { level: 'Local authority', code: '990', name: 'Fenmoor', absent: 5000 },
        { level: 'Local authority', code: '942', name: 'Cumberland', absent: 7000 },
      ]),
    );
    try {
      await importFiles(site.stores, [path]);
      const { document } = parseHTML((await get('public', '/england?figures=feed')).body);
      const squares = [...document.querySelectorAll('#map-wide [role=img]')];
      assert.deepEqual(
        squares.map((each) => String(each.querySelector('title')?.textContent)),
        ['Cumberland: 7.0%'],
      );
      assert.equal(document.querySelectorAll('a[href="/authorities/942"]').length, 0);
      const told = [...document.querySelectorAll('main p')].map((each) => String(each.textContent));
      assert.ok(
        told.some((text) => /no school that is known here.*\(Cumberland\)\. Its square/.test(text)),
      );
      const rows = await csv('public', '/england/authorities.csv?figures=feed');
      assert.deepEqual(
        rows.find((row) => row['la_code'] === '942'),
        {
          ...{ la_name: 'Cumberland', la_code: '942', region_name: 'North West' },
          ...{ sess_overall_percent: '7', series: 'daily feed, year to date, 2026/27' },
        },
      );
    } finally {
      remove();
    }
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
