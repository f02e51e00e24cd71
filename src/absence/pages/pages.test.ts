import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { parse } from 'csv-parse/sync';
import { demoCast } from '../../demo/index.ts';
import {
  accessibilityProblems,
  launchBrowser,
  sidewaysOverflow,
  withoutBrowser,
} from '../../testing/browser.ts';
import { openTestSite, type TestSite } from '../../testing/site.ts';
import { pupilsCsv, sessionsCsv, totalsCsv, upns } from '../compare/informationSystem.fixture.ts';
import { layRegister } from '../compare/layRegister.fixture.ts';
import { keepUp } from '../keepUp.ts';

/*
 * Absence counted from registers as pages, files and the API give it, and a school’s agreement with its own system, over
 * the whole site. One school has a register: the half-term of 2025/26 that the comparison’s tests use.
 */

const { urn } = demoCast.improvingSecondary;
const page = `/schools/${urn}/absence`;
const year = 'year=202526';
const period = { from: '2026-05-11', to: '2026-06-19' };

let site: TestSite;
let app: FastifyInstance;
let laCode: string;
let regionCode: string;

before(async () => {
  site = await openTestSite({ issue: false });
  const school = (await site.directories()).get(urn);
  laCode = school.laCode;
  const { laestab } = school;
  regionCode = school.regionCode;
  await layRegister(site.stores, { urn, laestab: laestab ?? 0, laCode, regionCode });
  await keepUp(site.stores);
  app = await site.serve({ demo: true });
});
after(() => site?.close());

const cookies = (viewer: string) => ({ cookie: `rollcall_demo_viewer=${viewer}` });
const get = (viewer: string, url: string) => app.inject({ url, headers: cookies(viewer) });
const post = (viewer: string, url: string, form: Record<string, string>) =>
  app.inject({
    ...{ method: 'POST', url, payload: new URLSearchParams(form).toString() },
    headers: { ...cookies(viewer), 'content-type': 'application/x-www-form-urlencoded' },
  });
const textOf = (html: string) =>
  html
    .replaceAll(/<(script|style|svg)[\s\S]*?<\/\1>/g, ' ')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');
const head = `head:${urn}`;

describe('the figures of a school', () => {
  test('stand on its page as the definition counts them, with series, days and knowledge', async () => {
    const { statusCode, body } = await get(head, `${page}?${year}`);
    assert.equal(statusCode, 200);
    const text = textOf(body);
    const [, possible, , , , absent] = /\n(\d+),(\d+),(\d+),(\d+),(\d+)/.exec(totalsCsv({})) ?? [];
    assert.match(
      text,
      new RegExp(`Absence ${((100 * Number(absent)) / Number(possible)).toFixed(1)}%`),
    );
    assert.match(text, /as the daily feed counts/);
    assert.match(text, /Sessions from 11 May 2026 to 19 June 2026/);
    assert.match(text, /as known now/);
    assert.match(text, /1 upload, up to 19 June 2026/);
    assert.deepEqual(site.faults, []);
  });

  test('are the same in the file and in the API, by group and by time', async () => {
    const query = `${year}&from=${period.from}&to=${period.to}`;
    const file = await get(head, `${page}/figures.csv?${query}&by=sex&and=fsm&time=week`);
    const rows = parse(file.body, { columns: true }) as Record<string, string>[];
    const api = await get(
      head,
      `/api/v1/schools/${urn}/absence/registers?${query}&by=sex,fsm&time=week`,
    );
    const { data, series } = api.json();
    assert.equal(series, 'daily');
    assert.equal(data.length, rows.length);
    assert.ok(rows.length > 15);
    const columns = ['time_identifier', 'breakdown', 'sess_possible', 'sess_overall', 'enrolments'];
    const of = (row: Record<string, unknown>) => columns.map((column) => String(row[column]));
    assert.deepEqual(data.map(of), rows.map(of));
    const all = await get(head, `/api/v1/schools/${urn}/absence/registers?${query}`);
    const [total] = all.json().data;
    const sum = rows.reduce((sofar, row) => sofar + Number(row['sess_possible']), 0);
    assert.equal(total.sess_possible, sum);
    assert.equal(total.sessions_by_code.U > 0, true);
  });

  test('are counted as the census does, and as known earlier, when that is chosen', async () => {
    const possible = async (query: string) => {
      const { body } = await get(head, `${page}/figures.csv?${year}&${query}`);
      return Number(
        (parse(body, { columns: true }) as Record<string, string>[])[0]?.['sess_possible'],
      );
    };
    const daily = await possible('series=daily');
    assert.ok((await possible('series=census')) < daily);
    assert.ok((await possible('known=2026-05-29')) < daily / 2);
    assert.match(
      textOf((await get(head, `${page}?${year}&series=census`)).body),
      /as the school census counts/,
    );
  });

  test('are a plain form’s to choose, and what cannot be read is said beside its field', async () => {
    const { body } = await get(head, `${page}?${year}&from=2026-13-01&by=shoe_size&time=term`);
    const text = textOf(body);
    assert.match(body, /<title>Error: /);
    assert.match(text, /Give the first day as 2026-09-01/);
    assert.match(text, /Choose a group of pupils from the list/);
    assert.match(body, /<option value="term" selected>/);
    const years = await get(head, `${page}?${year}&from=2023-01-01`);
    assert.match(textOf(years.body), /is not in 2025\/26/);
  });

  test('of a year that no registers can be of are refused in a sentence: by the page, its file and the API', async () => {
    for (const wrong of ['100102', '999900', '-202526', '9'.repeat(60), '299900']) {
      const { statusCode, body } = await get(head, `${page}?year=${wrong}`);
      assert.equal(statusCode, 200, wrong);
      assert.match(textOf(body), /There is a problem Choose a year from the list/, wrong);
      const others = [
        `${page}/figures.csv?year=${wrong}`,
        `/api/v1/schools/${urn}/absence/registers?year=${wrong}`,
      ];
      for (const url of others) assert.equal((await get(head, url)).statusCode, 400, url);
    }
    assert.deepEqual(site.faults, []);
  });

  test('say plainly where there are none', async () => {
    const { statusCode, body } = await get(head, `${page}?year=202324`);
    assert.equal(statusCode, 200);
    const text = textOf(body);
    assert.match(text, /No registers are here for this time/);
    const [, from = '', to = ''] =
      /No session is counted from (\d+ \w+ \d+) to (\d+ \w+ \d+)/.exec(text) ?? [];
    assert.ok(Date.parse(from) < Date.parse(to), `${from} to ${to}`);
    assert.equal(from.slice(-4), '2023');
  });
});

describe('in a browser', { skip: withoutBrowser }, () => {
  test('pages fit a narrow screen and paper, work without scripts, and axe finds nothing wrong', async () => {
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    const browser = await launchBrowser();
    for (const javaScriptEnabled of [true, false]) {
      const context = await browser.newContext({
        viewport: { width: 320, height: 640 },
        javaScriptEnabled,
      });
      await context.addCookies([{ name: 'rollcall_demo_viewer', value: head, url: address }]);
      const tab = await context.newPage();
      const isWell = async () => {
        assert.equal(await sidewaysOverflow(tab), 0, tab.url());
        if (javaScriptEnabled) assert.deepEqual(await accessibilityProblems(tab), [], tab.url());
        await tab.emulateMedia({ media: 'print' });
        assert.equal(await sidewaysOverflow(tab), 0, `${tab.url()} on paper`);
        await tab.emulateMedia({ media: 'screen' });
      };
      await tab.goto(`${address}${page}?${year}&by=sen&and=fsm&time=day`);
      await isWell();
      await tab.getByLabel('Pupils by').selectOption('Ethnicity');
      await tab.getByRole('button', { name: 'Show these figures' }).click();
      assert.equal(await tab.getByRole('heading', { name: 'Absence by ethnicity' }).count(), 1);
      await tab.goto(`${address}${page}/compare?${year}`);
      await isWell();
      await tab.getByText('Paste rows instead').click();
      await tab.getByLabel('Rows of the summary').fill(sessionsCsv({ codes: { D: 'present' } }));
      await tab.getByRole('button', { name: 'Compare these rows' }).click();
      assert.equal(
        await tab
          .getByText(/^Counts D \(dual registered/)
          .first()
          .isVisible(),
        true,
      );
      await isWell();
      await context.close();
    }
    await browser.close();
  });
});

describe('who sees them', () => {
  test('the school, its authority and the department; nobody else', async () => {
    for (const viewer of [
      head,
      `school:${urn}`,
      `authority:${laCode}`,
      'department',
      `inspector:${laCode}`,
    ]) {
      assert.equal((await get(viewer, `${page}?${year}`)).statusCode, 200, viewer);
    }
    for (const viewer of ['head:900002', 'authority:801', 'public', `teacher:${urn}/7A`]) {
      for (const url of [
        page,
        `${page}/figures.csv`,
        `${page}/compare`,
        `/api/v1/schools/${urn}/absence/registers`,
      ]) {
        assert.equal((await get(viewer, url)).statusCode, 403, `${viewer} ${url}`);
      }
    }
    const elsewhere = await get('authority:991', `/authorities/991/absence?${year}`);
    assert.match(textOf(elsewhere.body), /No registers are here for this time/);
    assert.equal((await get(head, '/england/absence')).statusCode, 403);
    assert.equal((await get('department', `/england/absence?${year}`)).statusCode, 200);
    assert.equal(
      (await get(`authority:${laCode}`, `/authorities/${laCode}/absence?${year}`)).statusCode,
      200,
    );
  });

  test('the API has a region as it has an authority: whole, and for who may see it', async () => {
    const path = `/api/v1/regions/${regionCode}/absence/registers?${year}`;
    const { data } = (await get(`adviser:${regionCode}`, path)).json();
    assert.equal(data.length, 1);
    const [row] = data;
    assert.deepEqual(
      [row.geographic_level, row.region_code, row.urn],
      ['Regional', regionCode, null],
    );
    const ofAuthority = await get(
      'department',
      `/api/v1/authorities/${laCode}/absence/registers?${year}`,
    );
    const [authority] = ofAuthority.json().data;
    assert.ok(row.enrolments > 0);
    assert.equal(row.enrolments, authority.enrolments);
    // So few.
    assert.equal(row.sess_possible, null);
    assert.match(row.blank_reason, /numbers of sessions: not given of fewer than 60/);
    assert.deepEqual((await get('department', path)).json().data, data);
    for (const viewer of [head, `authority:${laCode}`, 'adviser:E12000009', 'public']) {
      assert.equal((await get(viewer, path)).statusCode, 403, viewer);
    }
    const nowhere = path.replace(regionCode, 'X99999999');
    assert.equal((await get('department', nowhere)).statusCode, 404);
    const none = await get('department', path.replace(`${year}`, 'year=202324'));
    assert.equal(none.statusCode, 404);
  });

  test('where entries were deleted because their time was over, pages and the API say so', async () => {
    const { records } = site.stores;
    const said = /Entries of these days were deleted, because each is kept for six years/;
    const at = new Date('2026-11-22T09:00:00Z');
    const whole: readonly (readonly [string, string, string])[] = [
      [head, page, `/schools/${urn}`],
      ['department', '/england/absence', ''],
      [`authority:${laCode}`, `/authorities/${laCode}/absence`, `/authorities/${laCode}`],
      [`adviser:${regionCode}`, `/regions/${regionCode}/absence`, `/regions/${regionCode}`],
    ];
    const tells = async (viewer: string, url: string, api: string) => {
      const inApi = api
        ? `/api/v1${api}/absence/registers?${year}`
        : `/api/v1/absence?level=national&${year}`;
      const { entries_deleted: deleted } = (await get(viewer, inApi)).json();
      const onPage = said.test(textOf((await get(viewer, `${url}?${year}`)).body));
      assert.equal(deleted, onPage, url);
      return onPage;
    };
    for (const each of whole) assert.equal(await tells(...each), false, each[1]);
    await records
      .insertInto('register_deletions')
      .values({
        ...{ urn, first_day: '2026-05-01', last_day: '2026-05-12', entries: 9 },
        ...{ made_before: at, begun_at: at, finished_at: at },
      })
      .execute();
    for (const each of whole) assert.equal(await tells(...each), true, each[1]);
    const later = `${page}?${year}&from=2026-06-01&to=2026-06-19`;
    assert.doesNotMatch(textOf((await get(head, later)).body), said);
    await records.deleteFrom('register_deletions').execute();
  });

  test('outside the circle no shorter period is given, and small groups are hidden', async () => {
    const { body } = await get(
      `inspector:${laCode}`,
      `${page}?${year}&by=sen&time=day&from=2026-06-01`,
    );
    const text = textOf(body);
    assert.doesNotMatch(text, /Absence by day/);
    assert.match(text, /a year to date is given, and no shorter period/);
    assert.doesNotMatch(text, /Which registers these figures rest on/, 'marks a day are pupils');
    const own = await get(head, `${page}?${year}`);
    assert.match(textOf(own.body), /Which registers these figures rest on/);
    const api = await get(
      `inspector:${laCode}`,
      `/api/v1/schools/${urn}/absence/registers?${year}&time=day`,
    );
    assert.equal(api.statusCode, 403);
    const file = await get(`inspector:${laCode}`, `${page}/figures.csv?${year}&by=fsm&and=sen`);
    const rows = parse(file.body, { columns: true }) as Record<string, string>[];
    const given = rows.filter((row) => row['enrolments'] !== '');
    assert.ok(given.length < rows.length, 'something is hidden');
    for (const row of given) assert.ok(Number(row['enrolments']) >= 6, JSON.stringify(row));
  });

  test('outside the circle sessions by code are given of no group of a school’s pupils', async () => {
    type Row = Record<'enrolments' | 'sess_overall' | 'sess_late', number | null> & {
      sessions_by_code: Record<string, number | null>;
      blank_reason: string | null;
    };
    const rows = async (viewer: string, place: string, by: string): Promise<Row[]> =>
      (await get(viewer, `/api/v1${place}/absence/registers?${year}&by=${by}`)).json().data;
    const hasCodes = (row: Row) =>
      Object.values(row.sessions_by_code).some((each) => each !== null);
    const school = `/schools/${urn}`;
    const inspector = `inspector:${laCode}`;
    for (const by of ['sex', 'fsm', 'sex,sen']) {
      const given = (await rows(inspector, school, by)).filter((row) => row.enrolments !== null);
      for (const row of given) {
        assert.equal(hasCodes(row), false, by);
        assert.equal(row.sess_late, null);
        assert.match(row.blank_reason ?? '', /sessions by code: not given of groups/);
      }
      assert.ok((await rows(head, school, by)).every(hasCodes));
    }
    const file = await get(inspector, `${page}/figures.csv?${year}&by=sex`);
    for (const row of parse(file.body, { columns: true }) as Record<string, string>[]) {
      assert.equal([row['sess_I'], row['sess_late'], row['sess_present']].join(), ',,');
    }
    // The register has fewer than 100 pupils: so has its authority.
    assert.ok(!(await rows(inspector, `/authorities/${laCode}`, 'sex')).some(hasCodes));
    const { body } = await get(inspector, `${page}?${year}`);
    assert.match(textOf(body), /Sessions by code are given of all pupils of a school/);
  });

  test('a file refuses what cannot be read of its address, and never gives other days than were asked for', async () => {
    for (const [viewer, query, status, why] of [
      [head, 'from=banana', 400, /Give the first day as 2026-09-01/],
      [head, `${year}&by=shoe_size`, 400, /Choose a group of pupils from the list/],
      [head, `${year}&from=2023-01-01`, 400, /is not in 2025\/26/],
      [
        head,
        `${year}&from=2026-06-02&to=2026-06-01`,
        400,
        /a first day that is not after the last/,
      ],
      [`inspector:${laCode}`, 'time=week', 403, /only a year to date is given/],
      [`inspector:${laCode}`, `${year}&from=2026-06-01`, 403, /only a year to date is given/],
      [`inspector:${laCode}`, `${year}&known=2026-06-01`, 403, /only a year to date is given/],
      [`inspector:${laCode}`, `${year}&and=shoe_size`, 400, /Choose a group/],
    ] as const) {
      const { statusCode, body } = await get(viewer, `${page}/figures.csv?${query}`);
      assert.equal(statusCode, status, query);
      assert.match(textOf(body), why, query);
      assert.doesNotMatch(textOf(body), /--\w/);
      const onPage = await get(viewer, `${page}?${query}`);
      assert.equal(onPage.statusCode, 200, query);
      assert.match(textOf(onPage.body), why, query);
    }
    const api = await get(
      `inspector:${laCode}`,
      `/api/v1/schools/${urn}/absence/registers?${year}&time=week`,
    );
    assert.equal(api.statusCode, 403);
    assert.doesNotMatch(api.body, /--\w/);
  });

  test('outside the circle the census series is given nowhere: one child may be all that it differs by', async () => {
    const inspector = `inspector:${laCode}`;
    const why = /only the daily series is given.* taking one series from the other/;
    const area = `/authorities/${laCode}`;
    const census = `${year}&series=census`;
    for (const [viewer, place, api] of [
      [inspector, `/schools/${urn}`, `/schools/${urn}/absence/registers?`],
      [`analyst:${laCode}`, area, `${area}/absence/registers?`],
      ['department', '/england', '/absence?level=national&'],
      ['department', `/schools/${urn}`, '/absence?level=school&by=sen&'],
    ] as const) {
      const { statusCode, body } = await get(viewer, `${place}/absence?${census}`);
      assert.equal(statusCode, 200);
      assert.match(textOf(body), why);
      assert.match(textOf(body), /counted from registers as the daily feed counts/);
      assert.doesNotMatch(body, /name="series"|series=census/);
      const file = await get(viewer, `${place}/absence/figures.csv?${census}`);
      assert.equal(file.statusCode, 403);
      assert.match(textOf(file.body), why);
      const reply = await get(viewer, `/api/v1${api}${census}`);
      assert.equal(reply.statusCode, 403);
      assert.match(reply.body, why);
      assert.equal((await get(viewer, `/api/v1${api}${year}`)).json().series, 'daily');
    }
    assert.match((await get(head, `${page}?${year}`)).body, /name="series"/);
  });

  test('the API’s list of a level has each viewer’s own rows, and is refused to who has none', async () => {
    const list = (viewer: string, level: string) =>
      get(viewer, `/api/v1/absence?level=${level}&${year}`);
    for (const viewer of [`inspector:${laCode}`, `authority:${laCode}`, head, 'department']) {
      const { data } = (await list(viewer, 'school')).json();
      assert.deepEqual(
        data.map((row: { urn: number }) => row.urn),
        [urn],
        viewer,
      );
    }
    assert.equal((await list(`inspector:${laCode}`, 'la')).json().data.length, 1);
    assert.equal((await list(head, 'la')).statusCode, 403);
    assert.equal((await list(`inspector:${laCode}`, 'national')).statusCode, 403);
    for (const viewer of ['inspector:801', 'head:900002', 'public', `teacher:${urn}/7A`]) {
      assert.equal((await list(viewer, 'school')).statusCode, 403, viewer);
    }
  });

  test('a card that hides a figure says why', async () => {
    const { body } = await get(`inspector:${laCode}`, `${page}?${year}`);
    assert.match(
      textOf(body),
      /Severely absent hidden Missed half or more; .* Not shown: it is of fewer than 6 pupils, or one of fewer than 6/,
    );
    assert.doesNotMatch(textOf((await get(head, `${page}?${year}`)).body), /Not shown:/);
  });

  test('whoever may not compare is told the state alone, and nothing of an expectation', async () => {
    const main = async (viewer: string, url: string) => {
      const { body } = await get(viewer, `${url}?${year}`);
      return textOf(body.slice(body.indexOf('<main'), body.indexOf('</main>')));
    };
    for (const url of [page, `${page}/compare`]) {
      assert.match(await main(head, url), /Compare a summary from .* issues no expectation/);
      for (const viewer of [`inspector:${laCode}`, `authority:${laCode}`, 'department']) {
        const text = await main(viewer, url);
        assert.match(text, /No summary yet Nobody has compared/);
        assert.doesNotMatch(text, /expectation|Compare a summary/i, viewer);
      }
    }
  });
});

describe('why don’t my numbers match?', () => {
  const compare = `${page}/compare`;
  const send = (viewer: string, summary: string, more = {}) =>
    post(viewer, compare, { summary, ...period, ...more });

  const sendFile = (csv: string) => {
    const boundary = 'rollcall-test';
    const part = (disposition: string, text: string) =>
      `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n\r\n${text}\r\n`;
    return app.inject({
      ...{ method: 'POST', url: compare },
      payload: [
        ...[part('name="from"', period.from), part('name="to"', period.to)],
        part('name="file"; filename="summary.csv"', csv),
        `--${boundary}--\r\n`,
      ].join(''),
      headers: { ...cookies(head), 'content-type': `multipart/form-data; boundary=${boundary}` },
    });
  };

  test('names the rule, and keeps nothing until it is asked to', async () => {
    const { statusCode, body } = await send(head, totalsCsv({ codes: { D: 'present' } }));
    assert.equal(statusCode, 200);
    assert.match(
      textOf(body),
      /Counts D \(dual registered, at the other school\) as a possible session/,
    );
    assert.match(textOf((await get(head, `${compare}?${year}`)).body), /No summary yet/);
  });

  test('a summary by pupil comes back without a UPN', async () => {
    const { statusCode, body } = await send(head, pupilsCsv({ codes: { U: 'present' } }));
    assert.equal(statusCode, 200);
    assert.match(textOf(body), /Counts U/);
    for (const upn of upns) assert.ok(!body.includes(upn));
  });

  test('a file that is too large comes back to the page and its form, which says how much it takes', async () => {
    const { statusCode, body } = await sendFile(`possible,absent\n${'1,1\n'.repeat(1_500_000)}`);
    assert.equal(statusCode, 200);
    assert.match(textOf(body), /There is a problem This file has more than 5 MB/);
    assert.match(textOf(body), /A CSV file, up to 5 MB/);
    assert.ok(body.includes(`value="${period.from}"`));
  });

  test('a file may be sent as well, in Windows’ letters and with tabs', async () => {
    const csv = totalsCsv({ codes: { D: 'present' } }).replaceAll(',', '\t');
    const { statusCode, body } = await sendFile(csv);
    assert.equal(statusCode, 200);
    assert.match(textOf(body), /Counts D/);
  });

  test('the form keeps its year, and the days that were compared stand above the figures', async () => {
    const { body } = await get(head, `${compare}?${year}`);
    assert.equal(body.split('name="year" value="202526"').length - 1, 2);
    const without = { summary: totalsCsv({}), year: '202526' };
    const shown = await post(head, compare, without);
    assert.match(
      textOf(shown.body),
      /Your figures agree with Rollcall’s Compared with the registers of 2025\/26: sessions from 1 August 2025 to 31 July 2026\./,
    );
    assert.equal(shown.body.split('name="year" value="202526"').length - 1, 3);
    const none = await post(head, compare, { ...without, year: '202425' });
    assert.match(textOf(none.body), /No marks of school .* from 2024-08-01 to 2025-07-31 are here/);
    assert.match(textOf(none.body), /Where the figures of 2024\/25 stand/);
  });

  test('a year that is none is refused in a sentence, wherever it is asked for', async () => {
    for (const [typed, sentence] of [
      ['100102', /No registers are kept of 1001\/02\. Give a year from 1990\/91 to 2098\/99/],
      ['209900', /No registers are kept of 2099\/00/],
      ['abc', /The year is none of a school: give its two years together, as 202627/],
      ['2026', /The year is none of a school/],
    ] as const) {
      for (const answer of [
        await get(head, `${compare}?year=${typed}`),
        await post(head, compare, { summary: totalsCsv({}), year: typed }),
        await post(head, `${page}/accept`, { year: typed }),
      ]) {
        assert.equal(answer.statusCode, 400, typed);
        assert.match(textOf(answer.body), sentence);
      }
    }
    assert.equal((await get(head, compare)).statusCode, 200);
  });

  test('a first day in the summary that is not read is refused, but where it is given beside it', async () => {
    const csv = totalsCsv({}).replace(/^(.+)\r\n(.+)\r\n/, '$1,From\r\n$2,7th May 2026\r\n');
    const asked = await post(head, compare, { summary: csv, year: '202526' });
    assert.match(
      textOf(asked.body),
      /There is a problem The first day that the summary gives is none that is read/,
    );
    assert.match(textOf((await send(head, csv)).body), /Your figures agree with Rollcall’s/);
  });

  test('what cannot be compared is an error on the page', async () => {
    const { statusCode, body } = await send(head, 'nothing at all');
    assert.equal(statusCode, 200);
    assert.match(textOf(body), /There is a problem No row of headings was found/);
  });

  test('an explained difference is accepted by name, position and reason, and its state is shown', async () => {
    const kept = await send(`school:${urn}`, sessionsCsv({ codes: { D: 'present' } }), {
      keep: 'yes',
    });
    assert.equal(kept.statusCode, 303);
    const shown = await get(head, `${compare}?${year}`);
    assert.match(textOf(shown.body), /Differs .* and we can say why/);
    const nothing = await post(head, `${page}/accept`, { year: '202425' });
    assert.match(textOf(nothing.body), /There is nothing to accept for 2024\/25/);
    assert.doesNotMatch(textOf(nothing.body), /Enter your full name/);
    const [, accepted = ''] = /name="accepted" value="(\d+)"/.exec(shown.body) ?? [];
    const form = {
      accepted,
      year: '202526',
      name: 'A. Person (made-up)',
      position: '',
      reason: 'short',
    };
    const faulty = await post(head, `${page}/accept`, form);
    assert.match(
      textOf(faulty.body),
      /Enter your position at the school Say in 10 to 500 characters/,
    );
    const good = {
      ...form,
      position: 'Headteacher',
      reason: 'Our system counts the other school’s.',
    };
    assert.equal((await post(head, `${page}/accept`, good)).statusCode, 303);
    const text = textOf((await get(`authority:${laCode}`, `${compare}?${year}`)).body);
    assert.match(text, /Explained and accepted/);
    assert.match(text, /A\. Person \(made-up\), Headteacher, accepted it/);
    for (const viewer of ['department', `inspector:${laCode}`]) {
      const outside = textOf((await get(viewer, `${compare}?${year}`)).body);
      assert.match(outside, /Agreed The school says that these figures are those/, viewer);
      assert.doesNotMatch(outside, /made-up\), Head|other school’s|figures in|Counts D/, viewer);
    }
  });

  test('whoever may only look sends nothing and accepts nothing', async () => {
    for (const viewer of [`authority:${laCode}`, 'department', 'head:900002', 'public']) {
      assert.equal((await send(viewer, totalsCsv({}))).statusCode, 403, viewer);
      assert.equal((await post(viewer, `${page}/accept`, {})).statusCode, 403, viewer);
    }
    const { body } = await get(`authority:${laCode}`, `${compare}?${year}`);
    assert.doesNotMatch(body, /<textarea/);
  });
});
