import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Viewer } from '../../access/index.ts';
import { Refusal } from '../../base/problem.ts';
import { pupilKey } from '../../base/pupilKey.ts';
import { addUpload, changeUpload, pupilSecretOf } from '../../records/index.ts';
import {
  accessibilityProblems,
  launchBrowser,
  sidewaysOverflow,
  withoutBrowser,
} from '../../testing/browser.ts';
import { openDoors } from '../../testing/site.ts';
import { openTestStores, scratchFolder, testClock } from '../../testing/stores.ts';
import { createAssets, createRenderer } from '../../ui/index.ts';
import type { Asker } from '../../web/asker.ts';
import { problemJson } from '../../web/failures.ts';
import { createApp } from '../../web/index.ts';
import { explainFailure } from '../../warehouse/failure.ts';
import { marksRoutes } from './index.ts';
import { uploadJobs } from './jobs.ts';
import {
  days,
  directories,
  fortnight,
  openSchool,
  otherUrn,
  present,
  standingMarks,
  tableOf,
  upns,
  urn,
} from './school.fixture.ts';
import { isLeft, tidyUploads } from './tidy.ts';

const { stores, close } = await openTestStores();
const { folder, remove } = scratchFolder();
await openSchool(stores);
let commit = async () => {};
const assets = createAssets();
const traces: { action: string; data?: string }[] = [];
const trail = {
  async leave(...left: { action: string; data?: string }[]) {
    traces.push(...left);
  },
};
const viewers: Record<string, Viewer> = {
  head: { role: 'head', scope: String(urn) },
  other: { role: 'school', scope: String(otherUrn) },
  public: { role: 'public', scope: null },
  inspector: { role: 'inspector', scope: '990' },
};
const keys: Record<string, { viewer: Viewer; abilities: string[] }> = {
  good: { viewer: { role: 'system', scope: String(urn) }, abilities: ['registers:write'] },
  idle: { viewer: { role: 'system', scope: String(urn) }, abilities: [] },
};
const parts = { stores, clock: testClock, folder: join(folder, 'uploads') };
const app = await createApp({
  ...openDoors,
  ...{ assets, trail, clock: testClock, demo: false, viewAs: undefined },
  routes: marksRoutes({ ...parts, directories, trail, afterCommit: () => commit() }),
  render: createRenderer({
    site: { assets, homeHref: '/', navigation: [], footer: [], canSignIn: true } as never,
  }),
  doorkeeper: async ({ cookies, authorization }): Promise<Asker | null> => {
    const key = keys[authorization?.split(' ')[1] ?? ''];
    if (key) return { ...key, by: 'key', session: null, purpose: null, formToken: null };
    const viewer = viewers[cookies.get('who') ?? ''];
    if (!viewer) return null;
    const session = { person: 1, tokenHash: '', provedAt: testClock() };
    return { viewer, by: 'session', session, purpose: 'attendance', formToken: 'token' };
  },
  describeViewer: async () => 'somebody',
  reportFault: (route, error) => faults.push(`${route}: ${error.stack}`),
});
const faults: string[] = [];
after(async () => {
  await app.close();
  await close();
  remove();
  assert.deepEqual(faults, []);
});

const list = `/schools/${urn}/uploads`;
const boundary = 'xyz';

/** Sends a file by the form; gives where it led. */
async function sendFile(
  text: string,
  { who = 'head', token = 'token', name = 'register.csv' } = {},
) {
  const part = (head: string, body: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
  const file = part(`name="file"; filename="${name}"`, text);
  return app.inject({
    ...{ method: 'POST', url: list },
    payload: `${part('name="csrf"', token)}${file}--${boundary}--\r\n`,
    headers: { cookie: `who=${who}`, 'content-type': `multipart/form-data; boundary=${boundary}` },
  });
}

const get = (url: string, who = 'head') => app.inject({ url, headers: { cookie: `who=${who}` } });
const post = (url: string, fields: Record<string, string>, who = 'head') =>
  app.inject({
    ...{
      method: 'POST',
      url,
      payload: new URLSearchParams({ csrf: 'token', ...fields }).toString(),
    },
    headers: { cookie: `who=${who}`, 'content-type': 'application/x-www-form-urlencoded' },
  });

/** The page of an upload once nothing is done for it any more. */
async function settled(url: string): Promise<string> {
  for (;;) {
    const { body } = await get(url);
    if (!body.includes('http-equiv="refresh"')) return body;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const standing = async () => (await stores.read(standingMarks, {})).length;

test('a file goes from upload to preview to kept marks, and is withdrawn, all without a script', async () => {
  const rows = [
    ...fortnight(present),
    [urn, upns[0], days[0], 'AM', 'QQ'],
    [otherUrn, upns[0], days[0], 'AM', '/'],
  ];
  const led = await sendFile(tableOf(rows));
  assert.equal(led.statusCode, 303, led.body);
  const url = String(led.headers['location']);
  const preview = await settled(url);
  assert.match(preview, /Waiting for you to confirm/);
  assert.match(preview, /New<\/dt><dd[^>]*>40</);
  assert.match(preview, /Refused<\/dt><dd[^>]*>2</);
  assert.match(preview, /There is no such attendance code/);
  assert.match(preview, /day before month|Table with a row for each mark/);
  assert.equal(await standing(), 0, 'nothing is kept before somebody says so');
  const refused = await get(`${url}/refused.csv`);
  assert.match(refused.body, /^row,column,kind,what_to_do\n42,E \(code\),code-unknown,/);
  assert.equal(/[A-Z]\d{11}/.test(`${preview}${refused.body}`), false, 'a UPN is shown');
  assert.equal((await post(url, { do: 'keep' })).statusCode, 303);
  assert.match(
    await settled(url),
    /Kept\.<\/strong>[\s\S]*If it is withdrawn, 40 marks of it count no longer, and what stood before stands again\.[\s\S]*Withdraw this upload[\s\S]*The good marks were kept without these/,
  );
  assert.equal(await standing(), 40);
  await post(url, { do: 'withdraw' });
  assert.match(await settled(url), /Withdrawn/);
  assert.equal(await standing(), 0);
  assert.match((await get(list)).body, /register\.csv[\s\S]*Ida|register\.csv[\s\S]*Withdrawn/);
  assert.ok(traces.some(({ action, data }) => action === 'changed' && data === 'registers sent'));
  assert.deepEqual(readdirSync(join(folder, 'uploads')), [], 'no byte of it stays on the disk');
});

test('an upload’s pages are well on a narrow screen and on paper, from sending a file to withdrawing it', {
  skip: withoutBrowser,
}, async () => {
  const narrow = { width: 320, height: 640 };
  // A4 between its margins, in the browser’s pixels.
  const paper = { width: 718, height: 1000 };
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext({ viewport: narrow });
    await context.addCookies([{ name: 'who', value: 'head', url: address }]);
    const tab = await context.newPage();
    const isWell = async (heading: RegExp) => {
      await tab.getByText(heading).first().waitFor();
      assert.equal(await sidewaysOverflow(tab), 0, String(heading));
      assert.deepEqual(await accessibilityProblems(tab), [], String(heading));
      await tab.emulateMedia({ media: 'print' });
      await tab.setViewportSize(paper);
      assert.equal(await sidewaysOverflow(tab), 0, `${heading} on paper`);
      await tab.emulateMedia({ media: 'screen' });
      await tab.setViewportSize(narrow);
    };
    const send = async (table: string) => {
      await tab.goto(`${address}${list}`);
      const buffer = Buffer.from(table);
      const name = `${'a_very_long_name_of_a_file_that_does_not_break_'.repeat(2)}.csv`;
      await tab.locator('#file').setInputFiles({ name, mimeType: 'text/csv', buffer });
      await tab.getByRole('button', { name: 'Send' }).click();
    };
    await send(tableOf([[urn, upns[0], '08/09/2025', 'AM', '/']]));
    await isWell(/A question is open/);
    await tab.getByRole('button', { name: 'Cancel' }).click();
    await send(tableOf([...fortnight(present), [urn, upns[0], days[0], 'AM', 'QQ']]));
    await isWell(/Waiting for you to confirm/);
    await tab.locator('button[value="keep"]').click();
    await isWell(/^Kept/);
    await tab.locator('button[value="withdraw"]').click();
    await tab.getByText('Withdrawn').first().waitFor();
    await tab.goto(`${address}${list}`);
    await isWell(/What was sent/);
    assert.equal(await standing(), 0);
  } finally {
    await browser.close();
  }
});

test('a file of which nothing can be kept says so, and what is wrong in plain words', async () => {
  const wrong = [
    [urn, `${upns[0].slice(0, -1)}${(Number(upns[0].at(-1)) + 1) % 10}`, days[0], 'AM', '/'],
    [urn, upns[0], days[0], 'AM', 'H'],
  ];
  const url = String((await sendFile(tableOf(wrong))).headers['location']);
  const page = await settled(url);
  assert.match(page, /No mark in it can be kept\. Mend these/);
  assert.doesNotMatch(page, /The good marks|Keep the good marks/);
  assert.match(
    page,
    /UPN is wrong: 1 mark<\/h3>\s*<p[^>]*>This cannot be a UPN: [^<]*Correct it\.<\/p>\s*<ul[^>]*>\s*<li>Row 2, column B \(upn\)<\/li>/,
  );
  assert.match(page, /There was no code H on 3 September 2025: what it stands for was C /);
});

/** The records of a push: each is a session of one child. */
const recordsOf = (count: number, more: object = {}) =>
  Array.from({ length: count }, () => ({
    ...{ urn, upn: upns[0], date: days[0], session: 'AM', code: '/' },
    ...more,
  }));

test('each kind of problem has its places and what to do about it: on the page, in the table and in the answer to a system', async () => {
  const rows = [
    ...Array.from({ length: 6000 }, () => [urn, '', days[0], 'AM', '/']),
    [urn, upns[0], days[0], 'noon', '/'],
    [urn, upns[0], 'soon', 'AM', '/'],
    [urn, upns[0], days[0], 'AM', 'QQ'],
    [urn, upns[0], days[1], 'AM', '/'],
  ];
  const url = String((await sendFile(tableOf(rows))).headers['location']);
  const page = (await settled(url)).replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
  assert.match(
    page,
    /UPN is missing: 6,000 marks There is a mark but no UPN: [^.]*\. Row 2, column B \(upn\) Row 3, column B \(upn\) Row 4, .* And 5,995 more\./,
  );
  assert.match(page, /Session cannot be read: 1 mark The session is [^.]*\. Row 6,002, column D/);
  assert.match(page, /Date cannot be read: 1 mark There is no date [^.]*\. Row 6,003, column C/);
  assert.match(page, /There is no such code: 1 mark [^.]*\. Row 6,004, column E/);
  const lines = (await get(`${url}/refused.csv`)).body.trim().split('\n');
  assert.equal(lines.length, 1 + 5000 + 3 + 1);
  assert.match(lines.at(-1) ?? '', /^,,upn-missing,"?1,000 marks more: only the first of a kind/);
  for (const row of [6002, 6003, 6004]) {
    assert.ok(
      lines.some((line) => line.startsWith(`${row},`)),
      String(row),
    );
  }
  await post(url, { do: 'cancel' });
  const sent = [
    ...recordsOf(400, { upn: '' }),
    ...recordsOf(1, { session: 'noon' }),
    ...recordsOf(1, { date: 'soon' }),
  ];
  const { state, problems } = (await push(JSON.stringify(sent))).json();
  assert.equal(state, 'refused');
  assert.deepEqual(
    problems.map((each: { kind: string; marks: number; first: { row: number }[] }) => [
      ...[each.kind, each.marks, each.first.length, each.first[0]?.row],
    ]),
    [
      ['upn-missing', 400, 20, 1],
      ['date-not-read', 1, 1, 402],
      ['session-not-read', 1, 1, 401],
    ],
  );
});

test('what waits to be mended stays for its days, whatever else is sent, and then the page says that it is gone', async () => {
  const { upload } = (await push(JSON.stringify(recordsOf(3, { code: 'QQ' })))).json();
  const url = `${list}/${upload}`;
  const refusedRows = async () =>
    (await get(`${url}/refused.csv`)).body.trim().split('\n').slice(1);
  assert.equal((await refusedRows()).length, 3);
  await tidyUploads(parts);
  assert.equal((await refusedRows()).length, 3);
  assert.match(
    (await get(url)).body,
    /Row 1, column code[\s\S]*Where they stand is kept for 30 days/,
  );
  const waiting = String((await sendFile(tableOf(fortnight(present)))).headers['location']);
  await settled(waiting);
  assert.equal(readdirSync(join(folder, 'uploads')).length, 1);
  const later = () => new Date(testClock().getTime() + 31 * 86_400_000);
  await tidyUploads({ ...parts, clock: later });
  assert.match(
    (await refusedRows()).join(),
    /^,,code-unknown,3 marks of this kind: where they stand/,
  );
  const gone = (await get(url)).body;
  assert.match(gone, /There is no such code: 3 marks[\s\S]*There is no such attendance code/);
  assert.match(gone, /Where they stand was kept for 30 days, and is here no longer/);
  assert.match((await get(waiting)).body, /Cancelled[\s\S]*Nobody confirmed it within 30 days/);
  assert.deepEqual(readdirSync(join(folder, 'uploads')), [], 'nor does its file stay');
});

test('of a census return it is said how many pupils’ terms were kept, of one as of more', async () => {
  const pupil = (upn: string | undefined) =>
    `<Pupil><UPN>${upn}</UPN><TermlyAttendance><SessionsPossible>10</SessionsPossible></TermlyAttendance></Pupil>`;
  const returned = [
    [1, '1 pupil’s term was kept'],
    [2, '2 pupils’ terms were kept'],
  ] as const;
  for (const [pupils, said] of returned) {
    const text = `<Message><School><URN>${urn}</URN><Pupils>${upns.slice(0, pupils).map(pupil).join('')}</Pupils></School></Message>`;
    const url = String((await sendFile(text)).headers['location']);
    await settled(url);
    await post(url, { do: 'keep' });
    assert.ok((await settled(url)).includes(said), said);
  }
});

test('what a file leaves open is asked, and its answer reads it', async () => {
  const led = await sendFile(tableOf([[urn, upns[0], '08/09/2025', 'AM', '/']]));
  const url = String(led.headers['location']);
  const asked = await settled(url);
  assert.match(asked, /A question is open/);
  assert.doesNotMatch(asked, /What is refused|No mark in it can be kept/);
  const nothing = await post(url, { do: 'answer' });
  assert.equal(nothing.statusCode, 200);
  assert.match(nothing.body, /<title>Error: /);
  assert.match(
    nothing.body,
    /There is a problem[\s\S]*<a href="#answer">Choose one of the answers/,
  );
  assert.match(asked, /8 September 2025[\s\S]*9 August 2025[\s\S]*type="radio" value="dmy"/);
  await post(url, { do: 'answer', answer: 'dmy' });
  assert.match(
    await settled(url),
    /What would change[\s\S]*day before month \(as the person says\)/,
  );
  await post(url, { do: 'cancel' });
  assert.match(await settled(url), /Cancelled/);
  assert.equal((await post(url, { do: 'keep' })).statusCode, 303);
  assert.equal(await standing(), 0, 'what was cancelled is never kept');
});

test('nobody else sends a school’s register, or sees what it sent', async () => {
  const led = await sendFile(tableOf(fortnight(present)));
  const url = String(led.headers['location']);
  await settled(url);
  for (const who of ['other', 'public', 'inspector', 'nobody']) {
    for (const path of [list, url, `${url}/refused.csv`]) {
      assert.ok([401, 403].includes((await get(path, who)).statusCode), `${who} ${path}`);
    }
    assert.ok([401, 403].includes((await post(url, { do: 'keep' }, who)).statusCode), who);
    assert.ok([401, 403].includes((await sendFile('a', { who })).statusCode), who);
  }
  assert.equal((await get(url.replace(String(urn), String(otherUrn)), 'other')).statusCode, 404);
  assert.equal((await sendFile('a', { token: 'forged' })).statusCode, 403);
  for (const mistyped of [`/pupil/${upns[0]}`, `${list}/${upns[0]}`]) {
    for (const who of ['head', 'stranger']) {
      const failed = await get(mistyped, who);
      assert.notEqual(failed.statusCode, 200, mistyped);
      assert.doesNotMatch(failed.body, /[A-Z]\d{11}/, 'what was typed is repeated');
    }
  }
  assert.match((await get(`${list}/9999`)).body, /who-can-see\?page=%2Fschools%2F%3Aurn%2Fuploads/);
  assert.equal(await standing(), 0);
  await post(url, { do: 'cancel' });
});

/** A file of the operator’s: an upload of no school, its receipt and its marks. */
async function importMarks(marks: readonly (readonly [school: number, upn: string])[]) {
  const { records } = stores;
  const id = await addUpload(records, {
    ...{ urn: null, title: 'all-marks.csv', source: 'command line', state: 'kept', digest: '' },
    ...{ bytes: 1, person: null, person_name: 'The operator', position: 'operator' },
    ...{ viewer: 'operator', received_at: testClock(), changed_at: testClock() },
  });
  await stores.write(async (write) => {
    const bringing = { kind: 'marks', scope: String(id), title: 'all-marks.csv', digest: '' };
    const receipt = await write.begin(bringing);
    const secret = await pupilSecretOf(records);
    const columns = ['receipt', 'urn', 'pupil', 'date', 'session', 'code', 'entered_at', 'entry'];
    await write.warehouse.append(
      'marks',
      columns,
      marks.map(([school, upn]) => [
        ...[receipt.id, school, String(pupilKey(upn, secret)), days[0], 0, '/'],
        ...[`${days[0]} 09:00:00`, 0],
      ]),
    );
    const urns = [...new Set(marks.map(([school]) => school))];
    await changeUpload(records, id ?? 0, { receipt: receipt.id, outcome: { urns } });
  });
  return id as number;
}

test('a school sees what changed its register without it: what, when, by whom, and how many of its marks; nothing of others', async () => {
  const ours = upns.slice(0, 3).map((upn) => [urn, upn] as const);
  const both = await importMarks([...ours, [otherUrn, upns[3]]]);
  const others = await importMarks([[otherUrn, upns[0]]]);
  const { body } = await get(list);
  const text = body.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
  assert.match(text, /Nothing was sent from this page yet|What was sent/);
  assert.doesNotMatch(text, /Nothing was sent yet/);
  const day = '3 September 2025';
  assert.match(text, new RegExp(`all-marks\\.csv .*The operator 3 ${day} to ${day} yes`));
  assert.equal(text.split('all-marks.csv').length, 2, 'one of the two files has marks of it');
  assert.match(text, /cannot be withdrawn here, because .* can hold other schools’ marks too/);
  const other = (await get(`/schools/${otherUrn}/uploads`, 'other')).body;
  assert.equal(other.split('all-marks.csv').length, 3);
  assert.equal((await get(`${list}/${both}`)).statusCode, 404);
  assert.equal((await post(`${list}/${both}`, { do: 'withdraw' })).statusCode, 404);
  await stores.write(async (write) => {
    for (const scope of [both, others]) write.withdraw({ kind: 'marks', scope: String(scope) });
  });
  assert.doesNotMatch((await get(list)).body, /all-marks\.csv/);
});

async function push(body: Buffer | string, more: Record<string, string> = {}, key = 'good') {
  return app.inject({
    ...{ method: 'POST', url: '/api/v1/registers', payload: body },
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...more },
  });
}
const pushed = (code: string, at = 0) =>
  JSON.stringify([
    { urn, upn: upns[at], date: days[0], session: 'AM', code },
    { urn, upn: upns[at], date: days[0], session: 'PM', code: 'QQ' },
  ]);

test('a system pushes marks in JSON, packed or not; the same key gives the same answer and does nothing twice', async () => {
  const first = await push(gzipSync(pushed('/')), {
    'content-encoding': 'gzip',
    'idempotency-key': 'a-1',
  });
  assert.equal(first.statusCode, 200, first.body);
  const { upload, ...answer } = first.json();
  assert.deepEqual(
    { ...answer, problems: answer.problems.length },
    {
      ...{
        state: 'kept',
        new: 1,
        same: 0,
        amended: 0,
        earlier: 0,
        repeated: 0,
        refused: 1,
        problems: 1,
      },
    },
  );
  assert.deepEqual([answer.problems[0].kind, answer.problems[0].first[0].row], ['code-unknown', 2]);
  assert.equal(first.body.includes(upns[0]), false, 'a UPN is in the answer');
  assert.equal(await standing(), 1);
  const again = await push(pushed('/'), { 'idempotency-key': 'a-1' });
  assert.equal(again.body, first.body);
  assert.ok(upload > 0);
  assert.equal((await push(pushed('I'), { 'idempotency-key': 'a-1' })).statusCode, 409);
  const amended = await push(pushed('I'), { 'idempotency-key': 'a-2' });
  assert.equal(amended.json().amended, 1);
  const lines = await push(
    `{"urn":${urn},"upn":"${upns[1]}","date":"${days[1]}","session":"PM","code":"\\\\"}\n`,
    {
      'content-type': 'application/x-ndjson',
    },
  );
  assert.equal(lines.json().state, 'kept', lines.body);
});

test('what cannot be pushed is refused in words: without a key that may, packed too far, broken, of nothing', async () => {
  const before = await standing();
  assert.equal((await push(pushed('/'), {}, 'idle')).statusCode, 403);
  assert.equal((await push(pushed('/'), { cookie: 'who=head' }, 'none')).statusCode, 401);
  const bomb = gzipSync(Buffer.alloc(30_000_000, 32));
  const bombed = await push(bomb, { 'content-encoding': 'gzip' });
  assert.equal(bombed.statusCode, 400, bombed.body);
  assert.match(bombed.body, /unzips to more than a register can be/);
  const broken = await push(gzipSync(pushed('/')).subarray(0, 40), { 'content-encoding': 'gzip' });
  assert.equal(broken.statusCode, 400, broken.body);
  assert.equal((await push('[{"upn":')).statusCode, 400);
  assert.equal((await push('a', { 'content-type': 'text/plain' })).statusCode, 415);
  const nothing = await push(
    JSON.stringify([{ urn, upn: 'A', date: days[0], session: 'AM', code: '/' }]),
  );
  assert.equal(nothing.json().state, 'refused', nothing.body);
  assert.equal(await standing(), before);
  assert.deepEqual(readdirSync(join(folder, 'uploads')), [], 'no byte of it stays on the disk');
});

test('lines that were cut within the last are refused whole, and their key is free for all of them', async () => {
  const before = await standing();
  const lines = [0, 1].map((at) =>
    JSON.stringify({ urn, upn: upns[4], date: days[at], session: 'AM', code: '/' }),
  );
  const text = `${lines.join('\n')}\n`;
  const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': 'cut-short' };
  const cut = await push(text.slice(0, -20), headers);
  assert.deepEqual([cut.statusCode, await standing()], [400, before]);
  assert.match(
    cut.json().detail,
    /The last line breaks off.*Send it again, whole\. Nothing was kept/,
  );
  const whole = await push(text, headers);
  assert.deepEqual([whole.json().state, whole.json().new], ['kept', 2]);
});

test('a push that was kept is answered as kept, though what follows from it failed, and its key stays used', async () => {
  commit = async () => {
    throw new Error('no room for figures');
  };
  const body = JSON.stringify([{ urn, upn: upns[2], date: days[2], session: 'AM', code: '/' }]);
  const first = await push(body, { 'idempotency-key': 'late-1' });
  assert.equal(first.statusCode, 200, first.body);
  assert.equal(first.json().state, 'kept');
  const again = await push(body, { 'idempotency-key': 'late-1' });
  assert.equal(again.body, first.body);
  commit = async () => {};
});

test('a push that ended without an answer, however it ended, is done when it is sent again with the same key', async () => {
  const body = (at: number) =>
    JSON.stringify([{ urn, upn: upns[3], date: days[at], session: 'AM', code: '/' }]);
  const killed = async (key: string, text: string, change: Parameters<typeof changeUpload>[2]) => {
    const id = await addUpload(stores.records, {
      ...{ urn, title: 'Sent by the information system', source: 'system', state: 'reading' },
      ...{ digest: createHash('sha256').update(text).digest('hex'), bytes: 1, person: null },
      ...{ person_name: 'The school’s information system', position: 'information system' },
      ...{ viewer: `system:${urn}`, idempotency_key: `system ${key}` },
      ...{ received_at: testClock(), changed_at: testClock() },
    });
    await changeUpload(stores.records, id ?? 0, change);
    writeFileSync(join(folder, 'uploads', `upload-${id}`), text);
    return id;
  };
  const says = async (key: string, text: string) => {
    const reply = await push(text, { 'idempotency-key': key });
    return [reply.statusCode, reply.json().state ?? reply.json().detail];
  };
  const states = ['reading', 'checking', 'keeping', 'ready', 'asking', 'refused', 'cancelled'];
  for (const [at, state] of states.entries()) {
    await killed(`cut-${at}`, body(at % 5), { state });
    if (at % 2 === 0) await tidyUploads(parts);
    assert.deepEqual(await says(`cut-${at}`, body(at % 5)), [200, at < 5 ? 'kept' : 'unchanged']);
  }
  // What cannot be read, or leaves a question open, is not still being worked on either.
  for (const [at, text] of [
    '[{"upn":',
    JSON.stringify(recordsOf(1, { date: '18/09/25' })),
  ].entries()) {
    const first = await says(`open-${at}`, text);
    assert.doesNotMatch(String(first[1]), /worked on/);
    assert.deepEqual(await says(`open-${at}`, text), first);
  }
  const among = { ...parts, stores: { ...stores, alone: false } };
  const minutesAgo = (minutes: number) => new Date(testClock().getTime() - minutes * 60_000);
  assert.equal(
    isLeft(among, { id: 99_999, changed_at: minutesAgo(1) }),
    false,
    'others may be at it',
  );
  assert.equal(isLeft(among, { id: 99_999, changed_at: minutesAgo(6) }), true);
  // Kept, and killed before it was answered.
  const kept = await push(body(0));
  await changeUpload(stores.records, kept.json().upload, {
    ...{ idempotency_key: 'system late-4', outcome: {} },
  });
  assert.deepEqual(await says('late-4', body(0)), [200, 'unchanged']);
  await tidyUploads(parts);
  assert.deepEqual(readdirSync(join(folder, 'uploads')), []);
});

test('where the disk is full the sender reads that, and whoever runs the site where and at what', async () => {
  const full = new Error('No space left on device');
  const refusal = explainFailure(full, 'stageRead', {
    where: '/var/lib/rollcall',
    maxExecutionSeconds: 1,
  });
  assert.ok(refusal instanceof Refusal);
  assert.match(refusal.message, /disk of the warehouse at \/var\/lib\/rollcall is full.*stageRead/);
  const broken = { ...parts, stores: { ...stores, write: () => Promise.reject(refusal) } };
  const jobs = uploadJobs(broken);
  const id = await addUpload(stores.records, {
    ...{ urn, title: 'a.csv', source: 'page', state: 'waiting', digest: '', bytes: 1 },
    ...{ person: null, person_name: 'Ida', position: 'Head', viewer: 'head' },
    ...{ received_at: testClock(), changed_at: testClock() },
  });
  writeFileSync(join(folder, 'uploads', `upload-${id}`), 'urn\n');
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  await jobs.read(id ?? 0, [urn]);
  const page = (await get(`${list}/${id}`)).body;
  assert.match(
    page,
    /Not kept[\s\S]*The disk of this site is full, and nothing of this was stored/,
  );
  assert.doesNotMatch(page, /var\/lib|stageRead/);
  assert.match((await warned).message, /could not go on: .*\/var\/lib\/rollcall/);
  const { detail } = problemJson(refusal, 503);
  assert.match(detail, /^The disk of this site is full/);
  assert.doesNotMatch(detail, /var\/lib|stageRead/);
  const waiting = String(
    (await sendFile(tableOf([[urn, upns[3], days[3], 'AM', '/']]))).headers['location'],
  );
  await settled(waiting);
  const failure = 'The disk of this site was full.';
  await changeUpload(stores.records, Number(waiting.split('/').at(-1)), { failure });
  assert.match(await settled(waiting), /The disk of this site was full/);
  await post(waiting, { do: 'keep' });
  assert.doesNotMatch(await settled(waiting), /was full/, 'there is room again');
});
