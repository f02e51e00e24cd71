import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { keepUp } from '../../absence/index.ts';
import { parseWords } from '../../cli/parse.ts';
import { runCall } from '../../cli/run.ts';
import type { Day } from '../../base/day.ts';
import { demoCast } from '../../demo/index.ts';
import {
  alertsTold,
  answerAlert,
  answersTo,
  findPatternRun,
  keepPatterns,
} from '../../records/index.ts';
import {
  accessibilityProblems,
  launchBrowser,
  sidewaysOverflow,
  withoutBrowser,
} from '../../testing/browser.ts';
import { openTestSite, type TestSite } from '../../testing/site.ts';
import { registerPatternCommands } from './commands.ts';
import { type LaidSchool, layPatterns } from './registers.fixture.ts';
import { endBehind, lookedAtFrom, runBehind, runPatterns } from './run.ts';

/*
 * Patterns over the whole site: seven schools of one authority and their registers of three months. On the last Thursday
 * half of one school stays at home; on the Friday the registers of three others do not come; one school has eight children.
 */

const { urn } = demoCast.improvingSecondary;
const clock = () => new Date('2026-11-21T07:00:00Z');
const [thursday, friday] = ['2026-11-19', '2026-11-20'];
const tiny = demoCast.tinyPrimary.urn;

let site: TestSite;
let app: FastifyInstance;
let laCode: string;
let stopped: number[];
let other: number;

before(async () => {
  site = await openTestSite({ issue: false });
  const directory = await site.directories();
  laCode = directory.get(urn).laCode;
  const near = directory
    .schoolsOfAuthority(laCode)
    .filter((school) => school.closeDate === null && school.urn !== urn && school.urn !== tiny)
    .slice(0, 5);
  const laid = [directory.get(urn), directory.get(tiny), ...near].map(
    (school): LaidSchool => ({
      ...{ urn: school.urn, laCode, laestab: school.laestab ?? 0, regionCode: school.regionCode },
      pupils: school.urn === tiny ? 8 : 60,
    }),
  );
  stopped = near.slice(0, 3).map((school) => school.urn);
  other = near[4]?.urn ?? 0;
  await layPatterns(site.stores, {
    ...{ schools: laid, from: '2026-09-01', to: friday },
    comes: (school, day) => day !== friday || !stopped.includes(school.urn),
    absence: (school, day) =>
      day === thursday && (school.urn === urn || school.urn === tiny) ? 0.5 : 0.05,
  });
  await keepUp(site.stores);
  app = await site.serve({ demo: true, clock });
});
after(() => site?.close());

const parts = () => ({ stores: site.stores, directories: site.directories, clock });
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
const told = () => alertsTold(site.stores.records, { since: '2026-01-01' });
const morning = `/schools/${urn}/morning`;
const head = `head:${urn}`;

test('the first day that is looked at moves in the holidays alone, and is a year off or more', () => {
  const years = ['2026-12-24', '2026-12-25', '2027-07-31', '2027-08-01', '2028-02-29'];
  assert.deepEqual(years.map(lookedAtFrom), [
    ...['2025-08-01', '2025-12-25', '2025-12-25', '2026-08-01', '2026-12-25'],
  ]);
});

test('before the first look the page says that nothing was looked at', async () => {
  const { statusCode, body } = await get(head, morning);
  assert.equal(statusCode, 200);
  assert.match(textOf(body), /Nothing has been looked at yet/);
});

describe('a look at registers', () => {
  test('on a past day knows only what had come, and tells what happened with its day', async () => {
    const { told: alerts } = await runPatterns(parts(), { on: thursday });
    const shock = alerts.find((alert) => alert.urn === urn);
    assert.equal(shock?.kind, 'shock');
    assert.equal(shock?.happenedOn, thursday);
    assert.ok((shock?.observedPercent ?? 100) < 70 && (shock?.expectedPercent ?? 0) > 90);
    assert.ok(alerts.every(({ happenedOn }) => happenedOn <= (thursday as Day)));
    assert.deepEqual(
      alerts.filter((alert) => alert.urn === tiny),
      [],
    );
  });

  test('tells of the school once, and not of each of its groups', async () => {
    const rows = (await told()).filter((alert) => alert.urn === urn);
    assert.equal(rows.length, 1);
  });

  test('tells registers that stop together once of the area, and nothing a second time', async () => {
    const first = await runPatterns(parts());
    assert.equal(first.on, friday);
    const area = first.told.filter(({ scope, kind }) => scope === 'area' && kind === 'missing');
    assert.deepEqual(
      area.map((alert) => alert.urns.toSorted()),
      [stopped.toSorted()],
    );
    assert.deepEqual(
      first.told.filter((alert) => alert.urn === urn),
      [],
    );
    const second = await runPatterns(parts());
    assert.deepEqual(second.told, []);
  });

  test('runs behind once a day', async () => {
    const tomorrow = () => new Date('2026-11-22T07:00:00Z');
    const looked = async (day: string) => (await findPatternRun(site.stores.records, day))?.on_day;
    assert.equal(await looked('2026-11-21'), friday);
    const before = (await told()).length;
    runBehind({ ...parts(), clock: tomorrow });
    while ((await looked('2026-11-21')) !== '2026-11-21') await setTimeout(50);
    await endBehind(site.stores);
    assert.equal((await told()).length, before);
  });
});

describe('the morning page', () => {
  test('has the alert in a sentence, as a chart and as a table', async () => {
    const { body } = await get(head, morning);
    const text = textOf(body);
    assert.match(text, /On 19 November 2026 attendance was [456]\d\.\d%/);
    assert.match(body, /<svg[^>]*rollcall-chart__wide/);
    assert.match(text, /95 such days in 100/);
    assert.match(text, /Every register since 16 November 2026 is in/);
    assert.deepEqual(site.faults, []);
  });

  test('says plainly that nothing is unusual, and what was looked at', async () => {
    const { body } = await get(`head:${other}`, `/schools/${other}/morning`);
    assert.match(
      textOf(body),
      /Registers up to 20 November 2026 have been looked at.*Nothing unusual What is looked at/,
    );
  });

  test('names the registers that are not in', async () => {
    const [one] = stopped;
    const { body } = await get(`head:${one}`, `/schools/${one}/morning`);
    assert.match(textOf(body), /20 November 2026 The whole register/);
  });

  test('is for nobody but the school and those who help it', async () => {
    const status = async (viewer: string) => (await get(viewer, morning)).statusCode;
    for (const viewer of [
      'public',
      'parent:1',
      `inspector:${laCode}`,
      `head:${other}`,
      'teacher:1',
    ])
      assert.notEqual(await status(viewer), 200, viewer);
    for (const viewer of [head, `authority:${laCode}`, 'department'])
      assert.equal(await status(viewer), 200, viewer);
  });

  test('takes answers, and puts an alert off for its own side alone', async () => {
    const alert = (await told()).find((each) => each.urn === urn);
    const id = String(alert?.id);
    const say = (viewer: string, saying: string, to = `${morning}/answer`) =>
      post(viewer, to, { alert: id, saying });
    assert.equal((await say(head, 'useful')).statusCode, 303);
    assert.match(textOf((await get(head, morning)).body), /You said: useful/);
    assert.equal((await say(head, 'snooze 2')).statusCode, 303);
    assert.match(textOf((await get(head, morning)).body), /Put off \(1\)/);
    assert.match(
      textOf((await get(`authority:${laCode}`, `/authorities/${laCode}/week`)).body),
      /On 19 November 2026/,
    );
    const answers = await answersTo(site.stores.records, [Number(id)]);
    assert.deepEqual(
      answers.map(({ said, snoozed_until, role }) => [said, snoozed_until, role]),
      [
        ['useful', null, 'head'],
        ['snoozed', '2026-12-05', 'head'],
      ],
    );
    assert.equal((await say(head, 'whatever')).statusCode, 400);
    assert.equal(
      (await say(`head:${other}`, 'useful', `/schools/${other}/morning/answer`)).statusCode,
      404,
    );
    assert.equal((await say('department', 'useful')).statusCode, 403);
  });
});

describe('the week of an authority', () => {
  const week = () => `/authorities/${laCode}/week`;

  test('has what is of the area, and an answer to it', async () => {
    const officer = `authority:${laCode}`;
    const text = textOf((await get(officer, week())).body);
    assert.match(text, /the registers of 3 schools stopped coming together/);
    const alert = (await told()).find(({ scope }) => scope === 'area');
    const answer = { alert: String(alert?.id), saying: 'useful' };
    assert.equal((await post(officer, `${week()}/answer`, answer)).statusCode, 303);
    assert.equal((await post(`inspector:${laCode}`, `${week()}/answer`, answer)).statusCode, 403);
    assert.equal((await get(`inspector:${laCode}`, week())).statusCode, 403);
  });

  test('is the same in the API, where the department sees no group of a school', async () => {
    const path = `/api/v1/authorities/${laCode}/patterns`;
    const all = (await get(`authority:${laCode}`, path)).json();
    assert.equal(all.looked_up_to, friday);
    assert.ok(all.data.some((alert: { scope: string }) => alert.scope === 'area'));
    const outside = (await get('department', path)).json();
    assert.ok(
      outside.data.every(
        (alert: { scope: string; group: string }) => alert.scope !== 'school' || alert.group === '',
      ),
    );
    const own = (await get(head, `/api/v1/schools/${urn}/patterns`)).json();
    assert.deepEqual(
      own.data.map((alert: { kind: string }) => alert.kind),
      ['shock'],
    );
    assert.deepEqual(site.faults, []);
  });
});

test('how often such alerts proved right is said from the first answer on, a few as few', async () => {
  const { records } = site.stores;
  const day = { told_on: '2026-10-09', happened_on: '2026-10-09' };
  const at = clock();
  const run = { on_day: '2026-10-09', last_day: '2026-10-09', schools: 1, series: 1, at };
  const alerts = Array.from({ length: 9 }, (_, number) => ({
    ...{
      scope: 'school',
      urn: other,
      la_code: laCode,
      pupil_group: '',
      kind: 'shock',
      found: '{}',
    },
    ...{ ...day, started_on: `2026-10-0${number + 1}`, at },
  }));
  await keepPatterns(records, { ...run, alarms_a_year: 1 }, alerts);
  const older = (await told()).filter((alert) => alert.told_on === '2026-10-09');
  const by = { snoozed_until: null, person: null, role: 'head', scope: String(other), at };
  const [last, ...rest] = older;
  const says = async () => textOf((await get(`authority:${laCode}`, morning)).body);
  for (const { id } of rest) await answerAlert(records, { ...by, alert: id, said: 'not useful' });
  assert.match(await says(), /Of 9 such alerts that were answered so far, 1 was useful: too few/);
  await answerAlert(records, { ...by, alert: last?.id ?? 0, said: 'not useful' });
  assert.match(await says(), /Of 10 such alerts that were answered, 1 was useful \(10%\)/);
});

test('the verbs say what was told, and look again without telling it twice', async () => {
  const type = async (words: string) => {
    const asked = parseWords(words.split(' '), registerPatternCommands);
    assert.ok(asked.what === 'call');
    const lines: string[] = [];
    const line = (text: string) => void lines.push(text);
    const code = await runCall(asked.call, {
      ...{ stores: site.stores, clock, folder: '.', signal: new AbortController().signal },
      settings: { demo: false, visitKm: 30 },
      output: { line, error: line, progress() {}, isTerminal: false },
    });
    return { code, text: lines.join('\n') };
  };
  const again = await type('patterns run');
  assert.equal(again.code, 0, again.text);
  assert.match(again.text, /up to 2026-11-20: 0 new alerts/);
  const areas = await type('patterns list --level la --why');
  assert.match(areas.text, /Area \d{3}: On 20 November 2026 the registers of 3 schools stopped/);
  assert.doesNotMatch(areas.text, /School/);
  const schools = await type('patterns list --level school --since 2026-11-01');
  assert.match(schools.text, new RegExp(`School ${urn}: shock, 2026-11-19`));
});

test('the pages read well without JavaScript, on a narrow screen and on paper', {
  skip: withoutBrowser,
}, async () => {
  const browser = await launchBrowser();
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  try {
    for (const javaScriptEnabled of [true, false])
      for (const [viewer, path] of [
        [`authority:${laCode}`, morning],
        [`authority:${laCode}`, `/authorities/${laCode}/week`],
      ] as const) {
        const context = await browser.newContext({
          javaScriptEnabled,
          viewport: { width: javaScriptEnabled ? 1200 : 320, height: 800 },
        });
        await context.addCookies([{ name: 'rollcall_demo_viewer', value: viewer, url: address }]);
        const tab = await context.newPage();
        await tab.goto(`${address}${path}`);
        assert.equal(await sidewaysOverflow(tab), 0, tab.url());
        if (javaScriptEnabled) assert.deepEqual(await accessibilityProblems(tab), [], tab.url());
        await tab.emulateMedia({ media: 'print' });
        assert.equal(await sidewaysOverflow(tab), 0, `${tab.url()} on paper`);
        if (process.env['ROLLCALL_PATTERN_PICTURES'])
          await tab.screenshot({
            path: `${process.env['ROLLCALL_PATTERN_PICTURES']}/${javaScriptEnabled}-${path.split('/').at(-1)}.png`,
            fullPage: true,
          });
        await context.close();
      }
  } finally {
    await browser.close();
  }
});
