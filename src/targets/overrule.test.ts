import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { parseHTML } from 'linkedom';
import { operator, parseViewer, roleNames, type Viewer } from '../access/index.ts';
import { demoCast } from '../demo/index.ts';
import { overrulesOf, searchAudit } from '../records/index.ts';
import type { Directory, School } from '../schools/index.ts';
import { openTestSite, type TestSite } from '../testing/site.ts';
import { everythingIssued } from '../testing/site.sql.ts';
import { targetCommands } from './index.ts';
import { fitForecast } from './forecast.ts';
import { issueTargets } from './issue.ts';
import type { Issued } from './issued.ts';
import { findSuggestions, type StandingSuggestion } from './overrule.ts';
import { findIssued } from './show.ts';
import { type SuggestionKind, suggestionKinds } from './suggestion.ts';
import type { Expectation } from './expectation.ts';
import { withoutLastYear } from './withoutYear.ts';

/* Suggestions on a whole site: who sees that one was set aside, who may set it aside, and what is kept of it. */

let site: TestSite;
let app: FastifyInstance;
let directory: Directory;
let school: School;
let suggestions: StandingSuggestion[];

before(async () => {
  site = await openTestSite();
  app = await site.serve({ demo: true });
  directory = await site.directories();
  for (const each of directory.schoolsOfAuthority('990')) {
    school = each;
    suggestions = (await findSuggestions(site.stores, operator, each))?.suggestions ?? [];
    if (each.trust && new Set(suggestions.map(({ kind }) => kind)).size === kinds.length) return;
  }
  throw new Error('no school here is suggested something of every kind');
});
after(() => site.close());

const kinds = Object.keys(suggestionKinds) as SuggestionKind[];
const oneOf = (kind: SuggestionKind) =>
  suggestions.find((each) => each.kind === kind) as StandingSuggestion;
const head = () => `head:${school.urn}`;
const path = () => `/schools/${school.urn}/suggestions`;
const why = 'REASON-MARK The hall burned down “in May” & we <closed>.';
const closure = { because: 'closure', shockYear: '201718', reason: why };

const get = (url: string, as: string) => app.inject({ url, cookies: { rollcall_demo_viewer: as } });
const post = (url: string, as: string, form: Record<string, string>) =>
  app.inject({
    method: 'POST',
    url,
    cookies: { rollcall_demo_viewer: as },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(form).toString(),
  });
const plain = (html: string) =>
  (parseHTML(html).document.querySelector('main')?.textContent ?? '').replace(/\s+/g, ' ');
const setAside = (suggestion: string, changes: Partial<typeof closure> = {}) =>
  post(path(), head(), { suggestion, ...closure, ...changes });
const takeBack = (suggestion: string) => post(`${path()}/take-back`, head(), { suggestion });
const rows = () =>
  overrulesOf(site.stores.records, {
    urns: school.chain.map(({ urn }) => urn),
    year: 201_819,
  });

/** Everybody, with whether they may see what was issued to the school, in sentences that know nothing of the policy’s table. */
function everybody(): { as: string; sees: boolean }[] {
  const scopes: Record<string, [scope: string, sees: boolean][]> = {
    // The department sees every expectation.
    department: [['', true]],
    // An authority, its officers and analysts, sees those of its own schools.
    authority: [
      [school.laCode, true],
      ['991', false],
    ],
    analyst: [
      [school.laCode, true],
      ['991', false],
    ],
    // So does a trust.
    trust: [
      [school.trust?.uid ?? '', true],
      ['99999', false],
    ],
    // A school sees its own.
    head: [
      [String(school.urn), true],
      [String(otherUrn()), false],
    ],
    school: [
      [String(school.urn), true],
      [String(otherUrn()), false],
    ],
    // Nobody else sees any.
    adviser: [[school.regionCode, false]],
    hub: [['north-coast', false]],
    teacher: [[`${school.urn}/7B`, false]],
    'social-worker': [['1', false]],
    'early-help': [['2', false]],
    inspector: [[school.laCode, false]],
    parent: [['3', false]],
    pupil: [['4', false]],
    system: [[String(school.urn), false]],
    auditor: [['', false]],
    administrator: [['', false]],
    public: [['', false]],
  };
  assert.deepEqual(
    Object.keys(scopes).sort(),
    roleNames.filter((role) => role !== 'operator').sort(),
    'somebody new: say who they are',
  );
  return Object.entries(scopes).flatMap(([role, each]) =>
    each.map(([scope, sees]) => ({ as: scope === '' ? role : `${role}:${scope}`, sees })),
  );
}

const otherUrn = () => directory.schools.find(({ urn }) => urn !== school.urn)?.urn;

/** Where a reason may be read. */
const pagesOf = () => [
  `/schools/${school.urn}`,
  path(),
  `/api/v1/schools/${school.urn}/expectation`,
  `/authorities/${school.laCode}`,
  `/trusts/${school.trust?.uid}`,
];

const formOf = (kind: SuggestionKind) => ({
  ...{ suggestion: oneOf(kind).key, ...closure },
  reason: `REASON-MARK of ${kind}.`,
});

test('of every kind of suggestion, its own head alone sets it aside or takes that back', async () => {
  for (const { as } of everybody()) {
    if (as === head()) continue;
    for (const kind of kinds) {
      const form = formOf(kind);
      const question = `${path()}/set-aside?suggestion=${form.suggestion}`;
      const replies = [
        await post(path(), as, form),
        await post(`${path()}/take-back`, as, { suggestion: form.suggestion }),
        await get(question, as),
      ];
      for (const { statusCode } of replies) assert.equal(statusCode, 403, `${as}: ${kind}`);
    }
  }
  assert.deepEqual(await rows(), [], 'nothing was kept of what was refused');
  for (const kind of kinds) {
    const form = formOf(kind);
    assert.equal((await post(path(), head(), form)).statusCode, 303, kind);
    assert.equal((await takeBack(form.suggestion)).statusCode, 303, kind);
  }
  assert.equal((await rows()).length, 2 * kinds.length);
  await forget();
});

test('that it was set aside, and why, is read by whoever sees the expectation and by nobody else', async () => {
  for (const kind of kinds) await post(path(), head(), formOf(kind));
  for (const { as, sees } of everybody()) {
    const bodies: string[] = [];
    for (const url of pagesOf()) bodies.push((await get(url, as)).body);
    const found = kinds.filter((kind) => bodies.some((body) => body.includes(formOf(kind).reason)));
    assert.deepEqual(found, sees ? kinds : [], as);
  }
  await forget();
});

/** Only tests ever remove what was said. */
const forget = () => site.stores.records.deleteFrom('overrules').execute();

async function issuedNow(): Promise<Issued> {
  return (await findIssued(site.stores, operator, school)) as Issued;
}

test('what was issued is not changed by a byte when everything is set aside, and publishing again gives the same', async () => {
  const all = () => site.stores.read(everythingIssued, {}, { kind: 'targets' });
  const strip = (issues: { figures: string; explanation: string }[]) =>
    issues.map(({ figures, explanation }) => [figures, explanation]);
  const [before, files] = [strip(await all()), await filesNow()];
  for (const { key } of suggestions) assert.equal((await setAside(key)).statusCode, 303);
  assert.deepEqual(strip(await all()), before);
  assert.deepEqual(await filesNow(), files);
  const since = /Rollcall has issued this again since\. It had said: Absence of at most /;
  assert.doesNotMatch(plain((await get(path(), 'department')).body), since);
  await issueTargets(site.stores, { year: 201_819, visitKm: 40 });
  assert.deepEqual(strip(await all()), before);
  assert.match(plain((await get(path(), 'department')).body), since);
  await forget();
});

const filesNow = async () => [
  (await get(`/schools/${school.urn}/expectation.csv`, head())).body,
  (await get(`/schools/${school.urn}/steps.csv`, head())).body,
];

test('showing suggestions writes nothing: only setting aside and taking back do', async () => {
  const { key } = oneOf('learn-from');
  const receipts = await site.stores.receipts();
  for (const url of [...pagesOf(), `${path()}/set-aside?suggestion=${key}`]) {
    assert.equal((await get(url, head())).statusCode < 500, true);
  }
  assert.deepEqual(await site.stores.receipts(), receipts);
  assert.deepEqual(await rows(), []);
  const twisted = await post(path(), head(), { suggestion: 'learn-from:999999', ...closure });
  assert.equal(twisted.statusCode, 404);
  for (const wrong of ['__proto__', 'expectation:900001', '', 'similar']) {
    assert.equal((await setAside(wrong)).statusCode, 404, wrong);
  }
  assert.deepEqual(await rows(), []);
});

test('a school to learn from that was set aside is suggested no more, and stands under “Set aside” with who, when and why', async () => {
  const { key, otherUrn: other } = oneOf('learn-from');
  const href = `/schools/${other}"`;
  const learn = (html: string) =>
    String(parseHTML(html).document.querySelector('[aria-labelledby="learn"]'));
  assert.ok(learn((await get(`/schools/${school.urn}`, head())).body).includes(href));
  await setAside(key, { because: 'comparison', shockYear: '' });
  const section = learn((await get(`/schools/${school.urn}`, 'department')).body);
  assert.ok(!section.includes(href));
  const said = plain(`<main>${section}</main>`);
  assert.match(
    said,
    /Set aside by the head on \d+ \w+ \d{4}\. The schools cannot be compared: “REASON-MARK The hall burned down “in May” & we <closed>\.”/,
  );
  assert.ok(section.includes('&lt;closed'), 'what was typed is words, not markup');
  assert.ok((await issuedNow()).figures.learn_from_urns.includes(String(other)), 'it was issued');
  await forget();
});

test('a similar school that was set aside stays in its table, since the comparison was made with it, and says so', async () => {
  await setAside(oneOf('similar').key, { because: 'comparison', shockYear: '' });
  const html = (await get(`/schools/${school.urn}`, 'department')).body;
  const table = parseHTML(html).document.querySelector('#similar-table');
  const count = (await issuedNow()).explanation.similar.length;
  assert.equal(table?.querySelectorAll('tbody tr').length, count);
  assert.match(table?.textContent ?? '', /Set aside by the head on/);
  await forget();
});

test('a shock in the last known year shows what is said without that year, marked as not issued', async () => {
  const { explanation, figures } = await issuedNow();
  const without = explanation.withoutLastYear;
  assert.equal(without?.year, figures.last_known_period);
  await setAside('forecast');
  const text = plain((await get(`/schools/${school.urn}`, 'department')).body);
  const percent = without?.overall.forecastPercent.toFixed(1);
  assert.match(
    text,
    new RegExp(`Not issued: without 2017/18 the forecast of absence would be ${percent}%`),
  );
  const { suggestions: given } = (
    await get(`/api/v1/schools/${school.urn}/expectation`, 'department')
  ).json();
  const forecast = given.find((each: { suggestion: string }) => each.suggestion === 'forecast');
  assert.equal(
    forecast.set_aside.without_shock_period.forecast_absence_percent,
    without?.overall.forecastPercent,
  );
  await forget();
  await setAside('forecast', { shockYear: '201617' });
  assert.doesNotMatch(plain((await get(path(), head())).body), /Not issued/);
  await forget();
});

test('the forecast without a year does not read it', () => {
  const history = (last: number) => ({
    ...{ urn: 1, laestab: null, schoolType: 'Special' as const, laCode: '990', regionCode: 'E1' },
    years: [
      { year: 201_516, absencePercent: 8 },
      { year: 201_617, absencePercent: 9 },
      { year: 201_718, absencePercent: last },
    ].map((each) => ({
      ...{ persistentPercent: 20, authorisedPercent: null, unauthorisedPercent: null },
      ...{ enrolments: 100, sessionsPossible: 30_000, ...each },
    })),
  });
  const others = Array.from({ length: 40 }, (_, index) => ({
    ...history(8 + (index % 7) / 3),
    urn: index + 2,
  }));
  const model = fitForecast(others, 201_819);
  const group = { urn: 1, similar: [], goodMatches: 0, missing: [], noMatchReason: 'None.' };
  const groups = new Map([[1, group]]);
  const expect = (): Expectation => ({
    ...{ urn: 1, year: 201_819, overall: null, persistent: null },
    ladder: {
      ...{ bestQuarterOfSimilarPercent: null, laAveragePercent: null, prePandemicPercent: null },
      ...{ prePandemicYear: null, comparedInYear: null },
    },
  });
  const found = [9, 30].map((last) => withoutLastYear(history(last), { model, groups, expect }));
  assert.equal(found[0]?.year, 201_718);
  assert.deepEqual(found[0], found[1]);
  const one = { ...history(9), years: history(9).years.slice(0, 1) };
  assert.equal(withoutLastYear(one, { model, groups, expect }), undefined);
});

test('what was said is kept for good: set aside, taken back and set aside again stand one after the other', async () => {
  await setAside('expectation');
  assert.equal((await setAside('expectation')).statusCode, 409);
  await takeBack('expectation');
  assert.equal((await takeBack('expectation')).statusCode, 409);
  await setAside('expectation', { because: 'data', shockYear: '', reason: 'Wrong since March' });
  const kept = await rows();
  assert.deepEqual(
    kept.map(({ because, reason }) => [because, reason]),
    [
      ['closure', why],
      [null, null],
      ['data', 'Wrong since March'],
    ],
  );
  const text = plain((await get(path(), 'department')).body);
  assert.match(
    text,
    /the head set “Absence of at most .* aside\. .*: the head took that back\. .*Wrong since March/,
  );
  await forget();
});

test('the trail says that it was done and by whom, and never the words of the reason', async () => {
  await setAside('forecast');
  await takeBack('forecast');
  const { entries } = await searchAudit(site.stores.records, {}, { from: 0, size: 1000 });
  const changed = entries.filter((each) => each.action === 'changed').slice(0, 2);
  assert.deepEqual(
    changed.map(({ role, scope, subject_kind, subject_id, detail }) => [
      ...[role, scope, subject_kind, subject_id],
      JSON.parse(detail),
    ]),
    ['suggestion taken up again', 'suggestion set aside'].map((done, index) => [
      ...['head', String(school.urn), 'school', String(school.urn)],
      { done, suggestion: 'forecast', year: 201_819, because: index === 0 ? null : 'closure' },
    ]),
  );
  assert.doesNotMatch(JSON.stringify(entries), /REASON-MARK/);
  assert.deepEqual(site.faults, []);
  await forget();
});

test('a form that is filled in wrongly says so at each field, keeps what was typed and changes nothing', async () => {
  const reply = await setAside('forecast', { because: '', shockYear: '', reason: 'a <b>' });
  const { document } = parseHTML(reply.body);
  const links = [...document.querySelectorAll('.govuk-error-summary a')];
  assert.deepEqual(
    links.map((link) => link.getAttribute('href')),
    ['#because', '#reason'],
  );
  for (const link of links) assert.ok(document.querySelector(link.getAttribute('href') ?? ''));
  assert.match(reply.body, /<textarea[^>]*id="reason"[^>]*>a &lt;b&gt;<\/textarea>/);
  assert.deepEqual(await rows(), []);
});

test('every suggestion on a school’s page shows what it rests on', async () => {
  for (const urn of [demoCast.improvingSecondary.urn, demoCast.newWithoutHistory.urn, school.urn]) {
    const found = await findSuggestions(site.stores, operator, directory.get(urn));
    const home = plain((await get(`/schools/${urn}`, 'department')).body);
    const list = plain((await get(`/schools/${urn}/suggestions`, 'department')).body);
    assert.ok((found?.suggestions.length ?? 0) >= 3);
    for (const { kind, restsOn, says } of found?.suggestions ?? []) {
      for (const input of restsOn) {
        const shown = new RegExp(input.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
        assert.match(list, shown, says);
        if (kind !== 'similar') assert.match(home, shown, says);
      }
    }
  }
});

describe('at the command line', () => {
  const run = async (verb: string, words: Record<string, string>, viewer: Viewer, back = false) => {
    const command = targetCommands.find((each) => each.verb === verb);
    assert.ok(command);
    const lines: string[] = [];
    const input = { values: words, switches: new Set(back ? ['take-back'] : []), files: [] };
    assert.equal(command.misused?.(input), undefined);
    const exit = await command.run(
      {
        ...{ stores: site.stores, viewer, clock: () => new Date(), folder: '.' },
        settings: { demo: true, visitKm: 40 },
        signal: new AbortController().signal,
        output: { line: (text) => lines.push(text), error() {}, progress() {}, isTerminal: false },
        writeFile: async () => {},
      },
      input,
    );
    assert.equal(exit, 0);
    return lines.join('\n');
  };
  const words = (changes = {}) => ({
    ...{ urn: String(school.urn), year: '201819', suggestion: 'forecast', because: 'closure' },
    ...{ 'shock-year': '2017/18', reason: why, ...changes },
  });

  test('it is said in the name of the head alone, shown so, and taken back', async () => {
    const asHead = parseViewer(head());
    for (const { as } of everybody()) {
      if (as === head()) continue;
      await assert.rejects(run('targets overrule', words(), parseViewer(as)), {
        reason: 'not-allowed',
      });
    }
    await assert.rejects(run('targets overrule', words(), operator), { reason: 'not-allowed' });
    await assert.rejects(run('targets overrule', words({ year: '201718' }), asHead), {
      reason: 'not-found',
    });
    await assert.rejects(run('targets overrule', words({ reason: 'short' }), asHead), {
      reason: 'bad-input',
    });
    assert.deepEqual(await rows(), []);
    const said = await run('targets overrule', words(), asHead);
    assert.match(said, /^Set aside: Absence of about .* What was issued stays as it was\.$/);
    const shown = await run('targets show', { urn: String(school.urn) }, operator);
    assert.match(
      shown,
      /Set aside by the head, entered by the operator on .*: forecast \(.*\)\. The school, or part of it, was closed, in 2017\/18: “REASON-MARK/,
    );
    assert.match(shown, /Not issued: without 2017\/18/);
    await assert.rejects(run('targets overrule', words(), asHead), { reason: 'check-failed' });
    const { urn, year, suggestion } = words();
    const back = await run('targets overrule', { urn, year, suggestion }, asHead, true);
    assert.match(back, /^It stands again: /);
    const { entries } = await searchAudit(site.stores.records, {}, { from: 0, size: 1000 });
    const last = entries.find((each) => each.action === 'changed');
    assert.deepEqual([last?.role, JSON.parse(last?.detail ?? '{}').as], ['operator', head()]);
    assert.doesNotMatch(JSON.stringify(entries), /REASON-MARK/);
    await forget();
  });
});
