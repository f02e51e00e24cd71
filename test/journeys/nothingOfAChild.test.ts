import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dayInEngland, systemClock } from '../../src/base/clock.ts';
import { type CastChild, castChildren, type CastPersonKey } from '../../src/demo/index.ts';
import { layDemo } from '../../src/testing/demo.ts';
import { PlainBrowser } from '../../src/testing/plainBrowser.ts';
import {
  type Ended,
  freePort,
  killGroup,
  rollcall,
  run,
  type Started,
  start,
} from '../../src/testing/process.ts';
import { scratchFolder } from '../../src/testing/stores.ts';

/*
 * People and programs do everything there is to do about children, on a real site in a process of its own, and get some of
 * it wrong. Then everything that was written is searched: what the site and the commands printed, the metrics, the trail,
 * every address that a browser was led to, every header, and the warehouse’s files. Nothing of a child may stand there.
 * (A child stands in the records, which is what they are for, and on the pages of whoever may see it.)
 */

const { folder, remove } = scratchFolder();
const children = castChildren(dayInEngland(systemClock()));
const childOf = (key: string) => children.find((each) => each.key === key) as CastChild;
const browsers: PlainBrowser[] = [];
const printed: string[] = [];
let env: Record<string, string>;
let site: Started;
let address: string;

before(async () => {
  await layDemo(join(folder, 'data'));
  const port = await freePort();
  env = {
    ROLLCALL_DATA: join(folder, 'data'),
    ROLLCALL_PORT: String(port),
  };
  address = `http://localhost:${port}`;
  site = start(rollcall, ['serve', '--demo'], { env, ownGroup: true });
  await site.says('(Ctrl-C stops it)');
});
after(async () => {
  await killGroup(site);
  remove();
});

class Person {
  readonly #browser = new PlainBrowser();
  readonly #key: CastPersonKey;

  constructor(key: CastPersonKey) {
    this.#key = key;
    browsers.push(this.#browser);
  }

  async signIn(purpose?: string): Promise<this> {
    const page = await this.#browser.signIn(address, `cast-${this.#key}`);
    assert.equal(page.status, 200, this.#key);
    if (purpose) await this.send('/purpose', '/purpose', { purpose, return: '/' });
    return this;
  }

  async read(path: string): Promise<{ status: number; text: string }> {
    const page = await this.#browser.get(address + path);
    return { status: page.status, text: await page.text() };
  }

  /** Fills in the form on a page and sends it. */
  async send(page: string, to: string, form: Record<string, string>) {
    const { text } = await this.read(page);
    const csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const answer = await this.#browser.post(address + to, { csrf, ...form });
    return { status: answer.status, text: await answer.text() };
  }
}

/** The number of a child, as a list links to it by name. */
function numberOf(list: string, { forename }: CastChild): string {
  const link = new RegExp(`href="/pupils/(\\d+)">[^<]*${forename}`).exec(list)?.[1];
  assert.ok(link, 'the list has the child');
  return link;
}

async function command(...words: string[]): Promise<Ended> {
  const ended = await run(rollcall, [...words, '--demo'], { env });
  // What a verb that was carried out shows is for whoever typed it.
  printed.push(ended.stderr, ...(ended.code === 0 ? [] : [ended.stdout]));
  return ended;
}

const because = (child: CastChild) =>
  `${child.forename} ${child.surname}, born ${child.dateOfBirth}, UPN ${child.upn}`;

test('everybody does what there is to do about children, and it works', async () => {
  const merrin = childOf('elderSibling');
  const bryony = childOf('villageChild');
  const head = await new Person('head').signIn('attendance');
  const list = await head.read('/schools/900001/pupils?class=7B');
  const number = numberOf(list.text, merrin);
  assert.equal((await head.read(`/pupils/${number}`)).status, 200);

  const parent = await new Person('parent').signIn();
  assert.ok((await parent.read('/my-children')).text.includes(merrin.forename));
  const corrections = `/pupils/${number}/corrections`;
  const wrong = { field: 'date_of_birth', wanted: merrin.upn, because: because(merrin) };
  assert.match((await parent.send(corrections, corrections, wrong)).text, /Give the right value/);
  const right = { ...wrong, wanted: '2015-02-03' };
  const asked = await parent.send(corrections, corrections, right);
  assert.match(asked.text, /Not decided yet/);
  assert.match((await parent.read(`/pupils/${number}/export`)).text, /"upn": "/);
  assert.equal((await parent.read(`/pupils/${number}/who-looked`)).status, 200);

  const decision = /action="(\/pupils\/\d+\/corrections\/\d+)"/.exec(
    (await head.read(corrections)).text,
  )?.[1];
  assert.ok(decision);
  const answer = { outcome: 'refused', answer: because(merrin) };
  assert.match((await head.send(corrections, decision, answer)).text, /Refused/);
  const restriction = `/pupils/${number}/restriction`;
  assert.equal(
    (await head.send(restriction, restriction, { because: because(merrin) })).status,
    200,
  );
  assert.equal((await head.send(restriction, restriction, { lift: 'yes' })).status, 200);

  const worklist = '/schools/900001/worklist';
  const written = { pupil: number, text: `Rang home about ${merrin.forename} ${merrin.surname}` };
  const note = await head.send(worklist, `${worklist}/child`, written);
  assert.equal(note.status, 200);
  assert.match((await head.read(`/pupils/${number}/export`)).text, /Rang home about/);
  const numbered = { ...written, text: because(merrin) };
  assert.match(
    (await head.send(worklist, `${worklist}/child`, numbered)).text,
    /without a child’s number/,
  );

  const worker = await new Person('socialWorker').signIn('safeguarding');
  assert.equal((await worker.read('/my-cases')).status, 200);
  const told = {
    surname: bryony.surname,
    date_of_birth: bryony.dateOfBirth,
    reason: because(bryony),
  };
  const opened = await worker.send('/emergency', '/emergency', told);
  assert.match(opened.text, /in an emergency, until/);
  const none = { ...told, surname: 'Nobody at all' };
  assert.match(
    (await worker.send('/emergency', '/emergency', none)).text,
    /No child of this surname/,
  );

  const auditor = await new Person('auditor').signIn();
  const emergencies = await auditor.read('/emergencies');
  const review = /action="(\/emergencies\/\d+\/review)"/.exec(emergencies.text)?.[1];
  assert.ok(review);
  const reviewed = { note: because(bryony) };
  assert.equal((await auditor.send('/emergencies', review, reviewed)).status, 200);
  assert.equal((await auditor.read('/audit')).status, 200);
});

test('people and programs get it wrong in every way, and are told so', async () => {
  const child = childOf('signsIn');
  const name = encodeURIComponent(`${child.forename} ${child.surname}`);
  const head = await new Person('villageHead').signIn('attendance');
  for (const path of [
    ...[`/pupils/${child.upn}`, `/pupils/${name}`, `/pupils/1/${name}`, `/${name}/${child.upn}`],
    ...[`/schools?q=${name}`, `/schools/${child.upn}`, `/audit?child=${child.upn}`],
    ...[`/api/v1/schools/${child.upn}`, `/api/v1/schools?q=${name}&page=${child.dateOfBirth}`],
    ...[`/who-can-see?page=/pupils/${child.upn}`, `/sign-in/callback?state=${name}&code=${name}`],
  ]) {
    assert.notEqual((await head.read(path)).status, 500, path);
  }
  const form = { [child.upn]: name, reason: because(child) };
  for (const to of ['/pupils/1/emergency', `/pupils/${child.upn}/emergency`, '/purpose']) {
    assert.notEqual((await head.send('/purpose', to, form)).status, 500, to);
  }
});

test('commands read, export, correct and erase, and are refused, while the site runs', async () => {
  const out = join(folder, 'record.json');
  const purpose = ['--purpose', 'own-record'];
  const list = await command('pupils', 'list', '--urn', '900001', ...purpose);
  assert.equal(list.code, 0, list.stderr);
  const show = await command('pupils', 'show', '--pupil', '1', ...purpose);
  assert.match(show.stdout, /"surname"/);
  assert.equal((await command('pupils', 'export', '--pupil', '1', '--out', out)).code, 0);
  const { upn } = childOf('special');
  const said = because(childOf('special'));
  for (const words of [
    ['pupils', 'show', '--pupil', upn],
    ['pupils', 'list', '--urn', upn],
    ['pupils', 'restrict', '--pupil', '2', '--because', said],
    ['pupils', 'restrict', '--pupil', '2', '--lift'],
    ['pupils', 'erase', '--pupil', '2', '--because', said],
    ['pupils', 'erase', '--pupil', '2', '--because', 'asked'],
    ['pupils', 'retain', '--older-than', '7', '--dry-run'],
    ['pupils', 'show', '--pupil', '2', '--as', 'parent:1'],
    [
      'pupils',
      'correct',
      '--correction',
      '999',
      '--outcome',
      'refused',
      '--answer',
      said,
      '--by',
      'X',
    ],
  ]) {
    await command(...words);
  }
  assert.equal((await command('audit', 'verify')).code, 0);
});

/** Every way in which a page or a file could name a child. */
function marksOf({ forename, surname, upn, dateOfBirth }: CastChild): string[] {
  const [year, month, day] = dateOfBirth.split('-') as [string, string, string];
  return [
    // A surname with the mark that it carries: schools are called like flowers too.
    ...[forename, surname, upn, upn.toLowerCase(), dateOfBirth],
    ...[
      `${day}/${month}/${year}`,
      `${Number(day)}/${Number(month)}/${year}`,
      `${year}${month}${day}`,
    ],
    new Date(`${dateOfBirth}T12:00:00Z`).toLocaleDateString('en-GB', { dateStyle: 'long' }),
  ];
}

function marksIn(text: string): string[] {
  return children.flatMap((child) =>
    marksOf(child)
      .filter((mark) => text.includes(mark) || text.includes(encodeURIComponent(mark)))
      .map(() => `something of ${child.key}`),
  );
}

function filesUnder(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));
}

test('nothing of a child stands in what was written: logs, metrics, the trail, addresses, headers, the warehouse', async () => {
  const trail = join(folder, 'trail.ndjson');
  const exported = await command('audit', 'export', '--out', trail);
  assert.equal(exported.code, 0, exported.stderr);
  const metrics = await (await fetch(`${address}/metrics`)).text();
  const visited = browsers.flatMap(({ visited }) => visited);
  // What a person typed into the address bar is theirs; where the site led them from there is ours.
  const led = browsers.flatMap(({ answers }) =>
    answers.map(({ headers }) => JSON.stringify([...headers])),
  );
  site.process.kill('SIGTERM');
  const { stdout, stderr, code } = await site.ended;
  assert.equal(code, 0);
  assert.equal(stderr, '');
  const written: Record<string, string> = {
    'what the site printed': stdout,
    'what commands printed of errors': printed.join('\n'),
    'the metrics': metrics,
    'the trail': readFileSync(trail, 'utf8'),
    'headers and where they lead': led.join('\n'),
  };
  for (const file of filesUnder(join(folder, 'data', 'demo', 'warehouse'))) {
    written[`the warehouse’s ${file.split('/').at(-1)}`] = readFileSync(file, 'latin1');
  }
  for (const [where, text] of Object.entries(written)) {
    assert.deepEqual([...new Set(marksIn(text))], [], where);
  }
  assert.match(stdout, /An emergency: social-worker, person \d+, asked for a child’s record/);
  assert.ok(visited.length > 50, 'people did go about');
  for (const action of ['refused', 'exported', 'changed', 'emergency']) {
    assert.match(written['the trail'] ?? '', new RegExp(`,${action},`));
  }
  assert.match(metrics, /rollcall_/);
});

test('the search itself finds a child that was planted', () => {
  const child = childOf('special');
  assert.deepEqual(marksIn(`… ${child.upn} …`), ['something of special']);
  assert.deepEqual(marksIn(encodeURIComponent(`Born ${child.dateOfBirth}`)), [
    'something of special',
  ]);
});
