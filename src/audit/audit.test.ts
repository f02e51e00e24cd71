import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import type { Browser } from 'playwright-core';
import {
  type Ask,
  decide,
  grant,
  openTrail,
  parseViewer,
  policy,
  type Purpose,
  purposes,
  roleNames,
  type Route,
  type Subject,
  type Trace,
  type Viewer,
} from '../access/index.ts';
import { csvText } from '../base/csv.ts';
import { Refusal } from '../base/problem.ts';
import { runCall } from '../cli/index.ts';
import { findAuditHead, searchAudit } from '../records/index.ts';
import { type Directories, directoriesOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import {
  accessibilityProblems,
  launchBrowser,
  sidewaysOverflow,
  withoutBrowser,
} from '../testing/browser.ts';
import { openTestStores, scratchFolder, testClock } from '../testing/stores.ts';
import { frame, render, site } from '../ui/gallery.fixture.ts';
import { startOfDay } from './days.ts';
import { findRoute } from './findRoute.ts';
import {
  auditCommands,
  searchAuditRoutes,
  whoCanSeePage,
  whoCanSeeWhatPage,
  whoLookedPage,
} from './index.ts';

function searchPage(path = '/audit'): Route {
  const found = searchAuditRoutes(stores.records, directories).find((each) => each.path === path);
  assert.ok(found);
  return found;
}

const { folder, remove } = scratchFolder();
let stores: Stores;
let directories: Directories;
let close: () => Promise<void>;

/** The one child here, with a parent, a caseworker and itself. */
const childSubject: Subject = {
  urns: [100000],
  trustUids: ['2044'],
  laCodes: ['801'],
  pupil: {
    ...{ id: 12, classes: ['100000/7B'], parents: [5], self: 8 },
    ...{ cases: [{ person: 6, service: 'social care' }], emergencies: [], restricted: false },
  },
};
const subjectOfChild = async (params: Readonly<Record<string, string>>): Promise<Subject> =>
  params['id'] === '12'
    ? childSubject
    : {
        urns: [],
        pupil: {
          ...{ id: 13, classes: [], parents: [], self: null },
          ...{ cases: [], emergencies: [], restricted: false },
        },
      };

const head: Viewer = { role: 'head', scope: '100000', person: 1 };
const staff: Viewer = { role: 'school', scope: '100000', person: 2 };
const socialWorker: Viewer = { role: 'social-worker', scope: null, person: 6 };

const looks: Partial<Trace>[] = [
  { viewer: head },
  { viewer: staff, action: 'changed', data: 'pupil characteristics' },
  { viewer: { role: 'authority', scope: '801', person: 3 }, action: 'exported' },
  { viewer: { role: 'operator', scope: null }, from: 'command line' },
  // Told to no family:
  { viewer: socialWorker, purpose: 'early-help' },
  { viewer: head, purpose: 'safeguarding' },
  { viewer: staff, purpose: 'emergency', action: 'emergency' },
  { viewer: head, data: 'link to another service' },
  { viewer: { role: 'teacher', scope: '100000/8A', person: 4 }, action: 'refused' },
  { viewer: { role: 'parent', scope: null, person: 55 }, purpose: 'own-record' },
  { viewer: staff, subject: { kind: 'pupil', id: '120' } },
];

before(async () => {
  ({ stores, close } = await openTestStores());
  directories = directoriesOf(stores);
  for (const [id, name] of [
    [1, 'Joan Head'],
    [2, 'Sam Staff'],
    [6, 'Wren Worker'],
    [55, 'Pat Parent'],
  ]) {
    await sql`INSERT INTO people (id, issuer, subject, name, email, created_at)
              VALUES (${id}, 'local', ${String(id)}, ${name}, '', ${testClock()})`.execute(
      stores.records,
    );
  }
  const trail = openTrail(stores.records, testClock, stores.anchors.note);
  for (const look of looks) {
    const { viewer = head, purpose, ...rest } = look;
    await trail.leave({
      viewer,
      action: 'read',
      data: 'pupil attendance',
      ...(viewer.role === 'operator' ? {} : { purpose: purpose ?? 'attendance' }),
      subject: { kind: 'pupil', id: '12' },
      from: '192.0.2.1',
      ...rest,
    });
  }
});
after(async () => {
  await close();
  remove();
});

type Asking = {
  params?: Record<string, string>;
  query?: Record<string, string>;
  viewer?: Viewer;
  purpose?: Purpose;
};

async function pageOf(
  route: Route,
  { params = {}, query = {}, viewer = head, purpose }: Asking = {},
) {
  const answer = await route.answer({
    viewer,
    params,
    query,
    form: {},
    may: (data, subject) => decide(viewer, data, subject, { purpose: purpose ?? null }).allowed,
  } as Ask);
  assert.ok(answer.kind === 'page');
  const html = render(answer.template, { ...answer.model, frame });
  assert.doesNotMatch(html, /undefined|\[object|NaN/);
  return html;
}

const rowsIn = (html: string, id: string) => {
  const table = html.slice(html.indexOf(`id="${id}"`));
  const body = table.slice(table.indexOf('<tbody'), table.indexOf('</tbody>'));
  return body
    .split('<tr')
    .slice(1)
    .map((row) =>
      row
        .replace(/<[^>]*>/g, ' ')
        .replace(/^[^>]*>/, '')
        .replace(/\s+/g, ' ')
        .trim(),
    );
};

describe('who looked at a child’s record', () => {
  const page = () => whoLookedPage(stores.records, directories, subjectOfChild);
  const parent: Viewer = { role: 'parent', scope: null, person: 5 };

  test('tells when, who by role and service, and what, newest first, and names the head alone', async () => {
    const html = await pageOf(page(), { params: { id: '12' }, viewer: parent });
    assert.deepEqual(
      rowsIn(html, 'looks').map((row) => row.replace('22 November 2026 at 09:00 ', '')),
      [
        'The head of the school with the URN 100000, Joan Head Looked at name, class and attendance',
        'The operator Looked at name, class and attendance',
        'An attendance officer of the local authority 801 Took a copy of name, class and attendance',
        'Attendance staff of the school with the URN 100000 Changed characteristics',
        'The head of the school with the URN 100000, Joan Head Looked at name, class and attendance',
      ],
    );
    assert.match(html, /5 entries found/);
  });

  test('nobody at the school hides a look by choosing a purpose, and of no look the purpose is told', async () => {
    const route = page();
    const before = (await pageOf(route, { params: { id: '12' }, viewer: parent })).length;
    const trail = openTrail(stores.records, testClock, stores.anchors.note);
    const chosen = ['attendance', 'safeguarding', 'record-keeping'] as const;
    for (const [index, purpose] of chosen.entries()) {
      await trail.leave({
        ...{ viewer: staff, action: 'read', data: 'pupil attendance', purpose },
        ...{ subject: { kind: 'pupil', id: String(700 + index) }, from: '192.0.2.1' },
      });
    }
    const rows = await Promise.all(
      chosen.map(async (_, index) =>
        rowsIn(
          await pageOf(route, { params: { id: String(700 + index) }, viewer: parent }),
          'looks',
        ),
      ),
    );
    assert.ok(before > 0);
    assert.equal(rows[0]?.length, 1);
    assert.deepEqual(rows, [rows[0], rows[0], rows[0]]);
  });

  test('leads the family back to the record, names the child to it alone, and never in the title', async () => {
    await sql`INSERT INTO pupils (id, upn, surname, forename, date_of_birth, sex, created_at)
              VALUES (12, NULL, 'Quillfeather', 'Perdita', NULL, NULL, ${testClock()})`.execute(
      stores.records,
    );
    const asked = { params: { id: '12' }, purpose: 'own-record' as const };
    const html = await pageOf(page(), { ...asked, viewer: parent });
    assert.match(html, /<span class="govuk-caption-l">Perdita Quillfeather<\/span>/);
    assert.match(html, /href="\/pupils\/12">Back to the record/);
    assert.doesNotMatch(/<title>.*<\/title>/s.exec(html)?.[0] ?? 'Perdita', /Perdita|Quill/);
    const others: Viewer[] = [
      { role: 'auditor', scope: null, person: 70 },
      { role: 'operator', scope: null },
      { role: 'parent', scope: null, person: 71 },
    ];
    for (const viewer of others) {
      assert.doesNotMatch(await pageOf(page(), { ...asked, viewer }), /Perdita|Quill|Back to/);
    }
  });

  test('says nothing of another service, of an emergency, of others in the family, and says the same whether there is any', async () => {
    const html = await pageOf(page(), { params: { id: '12' }, viewer: parent });
    assert.doesNotMatch(html, /Wren|social worker|early help|Pat Parent|Sam Staff|person \d/i);
    const other = await pageOf(page(), { params: { id: '999' }, viewer: parent });
    const ending = (text: string) => text.slice(text.indexOf('What is not listed here'));
    assert.equal(ending(other), ending(html));
  });

  test('is for the child, its parents, the auditor and the operator, and nobody else', async () => {
    const subject = await subjectOfChild({ id: '12' });
    const may = roleNames.filter((role) =>
      [5, 8, 6].some(
        (person) =>
          grant(
            page(),
            {
              viewer: { role, scope: role === 'teacher' ? '100000/7B' : '100000', person },
              ...{ chosen: null, canChoose: false },
            },
            subject,
          ).allowed,
      ),
    );
    assert.deepEqual(may.sort(), ['auditor', 'operator', 'parent', 'pupil']);
  });

  test('of what is no child’s number there is no page', async () => {
    for (const id of ['0', '1e3', '12 ', 'Ash', '-1', '9999999999']) {
      await assert.rejects(pageOf(page(), { params: { id } }), Refusal);
    }
  });
});

describe('the auditor’s search', () => {
  const page = () => searchPage();
  const search = async (query: Record<string, string>) =>
    rowsIn(await pageOf(page(), { query, viewer: { role: 'auditor', scope: null } }), 'entries');

  test('finds by every field, and shows children by their numbers', async () => {
    assert.equal((await search({})).length, looks.length + 3);
    assert.equal((await search({ person: '6' })).length, 1);
    assert.equal((await search({ child: '120' })).length, 1);
    assert.equal((await search({ school: '100000', action: 'refused' })).length, 1);
    assert.equal((await search({ role: 'parent' })).length, 1);
    assert.equal((await search({ purpose: 'safeguarding' })).length, 2);
    assert.equal((await search({ from: '2026-11-22', to: '2026-11-22' })).length, looks.length + 3);
    assert.equal((await search({ to: '2026-11-21' })).length, 0);
    const [row] = await search({ person: '6' });
    assert.match(
      row ?? '',
      /A social worker: Wren Worker, person 6 saw: pupil attendance child 12 /,
    );
    assert.doesNotMatch((await search({ role: 'parent' })).join(), /Pat/);
  });

  test('gives what was found as a file, harmless to a spreadsheet, with people by number alone', async () => {
    const route = searchPage('/audit.csv');
    assert.equal(route.exports, true);
    await openTrail(stores.records, testClock).leave({
      viewer: { role: 'inspector', scope: '801', person: 2 },
      action: 'refused',
      subject: { kind: 'page', id: '=HYPERLINK("http://elsewhere")' },
      from: '@SUM(1)',
    });
    const found = async (query: Record<string, string>) => {
      const answer = await route.answer({ query } as unknown as Ask);
      assert.ok(answer.kind === 'file');
      return answer.text.trimEnd().split('\n');
    };
    const rows = await found({ role: 'inspector' });
    assert.equal(rows.length, 2);
    assert.match(rows[1] ?? '', /"'=HYPERLINK\(""http:\/\/elsewhere""\)",'@SUM\(1\)/);
    assert.match(rows[1] ?? '', /,2,inspector,801,refused,/);
    assert.doesNotMatch((await found({})).join(), /Sam Staff|Joan Head/);
    await assert.rejects(found({ child: 'H801200001001' }), Refusal);
    const html = await pageOf(page(), { query: { role: 'inspector' } });
    assert.match(html, /href="\/audit\.csv\?role=inspector"/);
    assert.doesNotMatch(html, /nothing in particular/);
  });

  test('says what it cannot read, and shows nothing then', async () => {
    for (const query of [
      { child: 'H801200001001' },
      { from: '22/11/2026' },
      { to: '2026-02-30' },
      { person: '1 or 1=1' },
      { role: '__proto__' },
    ]) {
      const html = await pageOf(page(), { query });
      assert.match(html, /There is a problem/);
      assert.doesNotMatch(html, /id="entries"/);
    }
  });

  test('shows the last page where there are not so many', async () => {
    const query = { page: '3', role: 'head' };
    assert.equal((await search(query)).length, 3);
  });
});

describe('the policy in words', () => {
  test('has every role, every purpose and every reason of the table', async () => {
    const html = (await pageOf(whoCanSeeWhatPage())).replaceAll('&#39;', "'");
    for (const rules of Object.values(policy)) {
      for (const rule of Object.values(rules)) {
        if (rule.allow === 'own') assert.ok(html.includes(rule.otherwise), rule.otherwise);
        if (rule.allow === 'never') assert.ok(html.includes(rule.because), rule.because);
      }
    }
    for (const purpose of Object.values(purposes)) assert.ok(html.includes(purpose));
    assert.equal(rowsIn(html, 'overview').length, roleNames.length);
  });
});

describe('who can see a page', () => {
  const answer: Route['answer'] = async () => ({ kind: 'data', body: null });
  const routes: Route[] = [
    {
      method: 'GET',
      path: '/pupils/:id',
      summary: 'A child',
      needs: 'pupil attendance',
      subject: subjectOfChild,
      answer,
    },
    { method: 'GET', path: '/pupils/new', summary: 'Add a child', needs: 'administration', answer },
    {
      method: 'POST',
      path: '/pupils/:id/erase',
      summary: 'Erase',
      needs: 'administration',
      answer,
    },
    {
      method: 'GET',
      path: '/schools/:urn',
      summary: 'A school',
      needs: 'public statistic',
      shows: ['issued expectation'],
      answer,
    },
  ];
  const page = () => whoCanSeePage(() => routes, directories);
  const ask = (path: string, viewer: Viewer) => pageOf(page(), { query: { page: path }, viewer });

  test('says which roles may, by what they have to do with the child, and no name', async () => {
    const html = await ask('/pupils/12', head);
    const rows = rowsIn(html, 'part-0-table');
    assert.ok(
      rows.some((row) => row.startsWith('A head Of the school, and any other in an emergency')),
    );
    assert.ok(rows.some((row) => row.startsWith('A parent With parental responsibility')));
    assert.ok(
      rows.some((row) =>
        row.startsWith('A social worker Whose case the child is now, if anybody’s'),
      ),
    );
    assert.ok(!rows.some((row) => row.startsWith('An inspector')));
    assert.doesNotMatch(html, /Joan|Wren|Sam|school 100000|trust 2044|authority 801/);
  });

  test('tells somebody who may not see the page the same, whether there is such a child or not', async () => {
    const stranger: Viewer = { role: 'teacher', scope: '100001/3A', person: 9 };
    const there = await ask('/pupils/12', stranger);
    assert.equal(await ask('/pupils/13', stranger), there);
    assert.doesNotMatch(there, /school 100000|\/pupils\/12/);
  });

  test('speaks of the parts of a page that fewer people see', async () => {
    const html = await ask('/schools/100000', head);
    assert.match(html, /Everybody can see it/);
    assert.match(html, /A part of it: issued expectation/);
  });

  test('wants somebody who is signed in', async () => {
    await assert.rejects(
      ask('/pupils/12', { role: 'public', scope: null }),
      (error: unknown) => error instanceof Refusal && error.reason === 'signed-out',
    );
  });

  test('knows the pages of this site alone', async () => {
    for (const path of [
      '',
      'pupils/12',
      '//elsewhere/pupils/12',
      '/\\elsewhere',
      'https://elsewhere/',
      '/pupils/%',
      '/pupils/12/erase',
      '/pupils//',
      '/none',
      `/pupils/${'9'.repeat(300)}`,
      'javascript:alert(1)',
    ]) {
      assert.equal(findRoute(routes, path), undefined, path);
    }
    assert.equal(findRoute(routes, '/pupils/new?x=1#y')?.route.needs, 'administration');
    assert.deepEqual(findRoute(routes, '/pupils/1%32')?.params, { id: '12' });
  });
});

describe('the verbs', () => {
  async function run(
    verb: string,
    values: Record<string, string> = {},
    { as, switches = [] as string[] }: { as?: string; switches?: string[] } = {},
  ) {
    const lines: string[] = [];
    const errors: string[] = [];
    const command = auditCommands.find((each) => each.verb === verb);
    assert.ok(command);
    const exit = await runCall(
      {
        command,
        demo: false,
        as: as ? parseViewer(as) : undefined,
        input: { files: [], values, switches: new Set(switches) },
      },
      {
        stores,
        clock: testClock,
        settings: { demo: false, visitKm: 40 },
        folder,
        output: {
          line: (text) => void lines.push(text),
          error: (text) => void errors.push(text),
          progress() {},
          isTerminal: false,
        },
        signal: new AbortController().signal,
      },
    );
    return { exit, lines, errors };
  }

  test('verify says how many entries there are and that the chain is whole', async () => {
    const { exit, lines } = await run('audit verify');
    const head = await findAuditHead(stores.records);
    assert.deepEqual([exit, lines], [0, [`${head?.number} entries, chain whole`]]);
    const noted = await run(
      'audit verify',
      { anchor: `${head?.number}:${head?.hash}` },
      { switches: ['head'] },
    );
    assert.equal(
      noted.lines[1],
      `Keep this elsewhere, for: audit verify --anchor ${head?.number}:${head?.hash}`,
    );
  });

  test('verify finds what an anchor that was noted does not match, and one that the warehouse kept', async () => {
    const wrong = await run('audit verify', { anchor: `3:${'0'.repeat(64)}` });
    assert.deepEqual(
      [wrong.exit, wrong.lines],
      [1, ['Entry 3: this or an earlier one is not what was written at the time.']],
    );
    assert.equal(wrong.errors.length, 1);
    const was = await findAuditHead(stores.records);
    const before = await stores.anchors.all();
    assert.ok(before.length > 0);
    await sql`UPDATE audit_head SET number = 0, hash = ''`.execute(stores.records);
    await sql`CREATE TABLE kept AS SELECT * FROM audit_entries`.execute(stores.records);
    await sql`DELETE FROM audit_entries`.execute(stores.records);
    const cut = await run('audit verify');
    assert.deepEqual(
      [cut.exit, cut.lines],
      [1, ['Entry 1: it is missing: the end was cut off, head and all.']],
    );
    await sql`INSERT INTO audit_entries SELECT * FROM kept`.execute(stores.records);
    await sql`UPDATE audit_head SET number = ${was?.number}, hash = ${was?.hash}`.execute(
      stores.records,
    );
    await sql`DROP TABLE kept`.execute(stores.records);
  });

  test('export writes every entry with its hash, harmless to a spreadsheet, and leaves a trace first', async () => {
    await openTrail(stores.records, testClock).leave({
      viewer: head,
      action: 'refused',
      subject: { kind: 'page', id: '=HYPERLINK("http://elsewhere")' },
      from: '@SUM(1)',
    });
    const { exit, lines } = await run('audit export', { out: 'trail.csv' });
    const text = readFileSync(join(folder, 'trail.csv'), 'utf8');
    const rows = text.trimEnd().split('\n');
    const last = await findAuditHead(stores.records);
    assert.equal(exit, 0);
    assert.deepEqual(lines, [`${last?.number} entries written`]);
    assert.equal(rows.length, 1 + (last?.number ?? 0));
    assert.match(rows[0] ?? '', /^number,at,person,role,scope,action,.*,hash$/);
    assert.match(text, /"'=HYPERLINK\(""http:\/\/elsewhere""\)",'@SUM\(1\)/);
    assert.match(rows.at(-1) ?? '', new RegExp(`exported,audit,.*${last?.hash}$`));
  });

  test('search finds, and counts what it does not show', async () => {
    const { exit, lines } = await run('audit search', { child: '12', role: 'head' });
    assert.equal(exit, 0);
    assert.equal(lines.length, 4);
    assert.match(
      lines[0] ?? '',
      / · head:100000 · person 1 · read · link to another service · pupil 12 · attendance · 192\.0\.2\.1$/,
    );
    assert.equal(lines.at(-1), '3 entries');
    const wrong = await run('audit search', { child: 'Ash' });
    assert.deepEqual([wrong.exit, wrong.errors.length], [1, 1]);
  });

  test('the trail is the auditor’s and the operator’s, also by --as; a refusal is in it too', async () => {
    assert.equal((await run('audit search', { child: '12' }, { as: 'auditor' })).exit, 0);
    for (const as of ['head:100000', 'public', 'parent:5', 'administrator']) {
      const refused = await run('audit export', { out: 'refused.csv' }, { as });
      assert.equal(refused.exit, 1, as);
    }
    const { entries } = await searchAudit(
      stores.records,
      { actions: ['refused'], role: 'operator' },
      { from: 0, size: 10 },
    );
    assert.equal(entries.length, 4);
    assert.equal(entries[1]?.detail, '{"as":"parent:5"}');
    assert.equal(entries[1]?.person, null);
  });
});

test('a day begins at midnight in England, in summer too', () => {
  const starts = [
    '2026-11-22',
    '2026-07-01',
    '2026-03-29',
    '2026-03-30',
    '2026-10-25',
    '2026-10-26',
  ];
  assert.deepEqual(
    starts.map((day) => startOfDay(day).toISOString().slice(0, 13)),
    [
      '2026-11-22T00',
      '2026-06-30T23',
      '2026-03-29T00',
      '2026-03-29T23',
      '2026-10-24T23',
      '2026-10-26T00',
    ],
  );
});

test('no file that Rollcall writes runs in a spreadsheet, and numbers stay numbers', () => {
  const cells = ['=1+1', '+1', '-1+1', '@A', '\tx', '\rx', '\n=1', '＝1', '-0.3', -0.3, 'a=b', ''];
  const lines = csvText(
    ['cell'],
    cells.map((cell) => ({ cell })),
  );
  assert.equal(
    lines,
    `cell\n'=1+1\n'+1\n'-1+1\n'@A\n'\tx\n"'\rx"\n"'\n=1"\n'＝1\n-0.3\n-0.3\na=b\n\n`,
  );
});

test('axe finds nothing on the pages, and they fit a narrow screen', {
  skip: withoutBrowser,
}, async () => {
  const pages = {
    '/who-can-see-what': await pageOf(whoCanSeeWhatPage()),
    '/audit': await pageOf(searchPage()),
    '/wrong': await pageOf(searchPage(), { query: { from: 'x' } }),
    '/looked': await pageOf(whoLookedPage(stores.records, directories, subjectOfChild), {
      params: { id: '12' },
    }),
    '/who-can-see': await pageOf(
      whoCanSeePage(
        () => [whoLookedPage(stores.records, directories, subjectOfChild)],
        directories,
      ),
      { query: { page: '/pupils/12/who-looked' } },
    ),
  };
  const browser: Browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
    await page.route('**/*', async (route) => {
      const { pathname } = new URL(route.request().url());
      const asset = site.assets.find(pathname);
      return asset
        ? route.fulfill({ body: asset.body, contentType: asset.contentType })
        : route.fulfill({
            body: pages[pathname as keyof typeof pages] ?? '',
            contentType: 'text/html; charset=utf-8',
          });
    });
    for (const path of Object.keys(pages)) {
      await page.goto(`http://localhost${path}`);
      assert.deepEqual(await accessibilityProblems(page), [], path);
      assert.equal(await sidewaysOverflow(page), 0, path);
      if (process.env['SHOTS'])
        await page.screenshot({ path: `${process.env['SHOTS']}${path}.png`, fullPage: true });
    }
  } finally {
    await browser.close();
  }
});
