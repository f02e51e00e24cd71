import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dayInEngland, systemClock } from '../../src/base/clock.ts';
import { demoCast } from '../../src/demo/index.ts';
import { castChildren } from '../../src/demo/pupils.ts';
import { layDemo } from '../../src/testing/demo.ts';
import {
  freePort,
  killGroup,
  linesOf,
  rollcall,
  run,
  siteOf,
  start,
  type Started,
  until,
} from '../../src/testing/process.ts';
import { PlainBrowser } from '../../src/testing/plainBrowser.ts';
import { scratchFolder } from '../../src/testing/stores.ts';

/*
 * A site that is killed (kill -9) while it works on what a school sent on a page: it takes the work up again when it is
 * started again, and nothing is kept by halves.
 */

const { urn } = demoCast.improvingSecondary;
const { folder, remove } = scratchFolder();
const env = { ROLLCALL_DATA: join(folder, 'data'), ROLLCALL_PORT: String(await freePort()) };
const address = `http://localhost:${env.ROLLCALL_PORT}`;
let site: Started | undefined;
before(() => layDemo(env.ROLLCALL_DATA));
after(async () => {
  if (site) await killGroup(site);
  remove();
});

async function serve(): Promise<void> {
  site = start(rollcall, ['serve', '--demo'], { env, ownGroup: true });
  await siteOf(site);
}

async function kill(): Promise<void> {
  if (site) await killGroup(site);
  site = undefined;
}

/** The head of the school, signed in at the site of now, and the token that its forms have. */
async function signedInHead() {
  const browser = new PlainBrowser();
  await browser.signIn(address, 'cast-head');
  const page = await browser.get(`${address}/schools/${urn}/uploads`);
  const token = /name="csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
  const post = (path: string, form: FormData | URLSearchParams) => {
    form.set('csrf', token);
    return browser.step(`${address}${path}`, { method: 'POST', body: form });
  };
  return { browser, post };
}

/** What the command line says of everything that was sent. */
async function uploads(): Promise<{ upload: number; state: string }[]> {
  const { stdout, code, stderr } = await run(
    rollcall,
    ['registers', 'uploads', '--demo', '--json'],
    {
      env,
    },
  );
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

async function stateOf(upload: number): Promise<string> {
  return (await uploads()).find((each) => each.upload === upload)?.state ?? 'not there';
}

/** The sums of the days that the file is of, without a line of anything else. */
async function figures(): Promise<string> {
  const words = ['--level', 'school', '--from', from, '--to', to, '--time', 'day', '--json'];
  const { stdout } = await run(rollcall, ['absence', '--demo', ...words], { env });
  return linesOf(stdout).join('\n');
}

/** Two school weeks of this school year. */
const [from, to] = ['2026-09-14', '2026-09-25'];

test('what was being read when the site was killed is read again; what was being kept is kept whole or not at all', async () => {
  const pupil = castChildren(dayInEngland(systemClock())).find(
    (each) => each.key === 'elderSibling',
  );
  assert.ok(pupil);
  await serve();
  const before = await figures();
  // So many rows that it is still at work when it is killed: the same few marks over and over.
  const marks = Array.from({ length: 20 }, (_, at) => {
    const date = `2026-09-${14 + Math.floor(at / 2) + (at < 10 ? 0 : 2)}`;
    return `${urn},${pupil.upn},${date},${at % 2 ? 'PM' : 'AM'},I`;
  });
  const table = `urn,upn,date,session,code\n${Array.from({ length: 60_000 }, () => marks.join('\n')).join('\n')}\n`;
  const form = new FormData();
  // The token stands before the file.
  form.set('csrf', '');
  form.set('file', new Blob([table]), 'long.csv');
  const head = await signedInHead();
  const sent = await head.post(`/schools/${urn}/uploads`, form);
  assert.equal(sent.status, 303);
  const path = sent.headers.get('location') ?? '';
  const upload = Number(path.split('/').at(-1));
  const page = await (await head.browser.step(`${address}${path}`)).text();
  assert.match(page, /http-equiv="refresh"/, 'it is at work');
  await kill();

  await serve();
  await until(async () => ['ready', 'failed', 'asking'].includes(await stateOf(upload)), 60);
  assert.equal(await stateOf(upload), 'ready', 'it was taken up again');
  assert.equal(await figures(), before, 'nothing of it counts before it is confirmed');

  const { post } = await signedInHead();
  void post(path, new URLSearchParams({ do: 'keep' })).catch(() => {});
  await until(async () => (await stateOf(upload)) !== 'ready');
  await kill();

  await serve();
  const state = await stateOf(upload);
  assert.ok(['ready', 'kept'].includes(state), state);
  const now = await figures();
  assert.equal(now === before, state === 'ready', 'kept whole, or not at all');
});
