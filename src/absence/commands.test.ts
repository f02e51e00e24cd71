import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'csv-parse/sync';

import { runCall } from '../cli/run.ts';
import { parseWords } from '../cli/parse.ts';
import type { Stores } from '../stores/index.ts';
import { openTestStores, scratchFolder, testClock } from '../testing/stores.ts';
import { nothingCounted } from './answer.ts';
import { questionOf } from './ask.ts';
import { absenceCommands } from './commands.ts';
import { layGround, layMarks } from './ground.fixture.ts';
import type { Enrolment, Ground, Mark } from './reference.ts';

/*
 * The verb as a person types it, over real stores. Two schools of one authority with thirty pupils each, and one of
 * another; a week of September 2026.
 */

let stores: Stores;
let close: () => Promise<void>;
const { folder, remove } = scratchFolder();

before(async () => {
  ({ stores, close } = await openTestStores());
  await stores.write(async ({ warehouse, begin }) => {
    const receipt = await begin({ kind: 'marks', scope: 'a', title: 'A week', digest: 'a' });
    receipt.detail['history'] = true;
    const ground = week();
    const one = <Row extends object>(rows: readonly Row[]) =>
      rows.map((row) => ({ ...row, receipt: 0 }));
    const { schools, days, marks } = ground;
    const all: Ground = { ...ground, schools: one(schools), days: one(days), marks: one(marks) };
    await layGround(warehouse, all, receipt.id, 0);
  });
});
after(async () => {
  await close();
  remove();
});

const places = [
  [900001, '999', 'E12000001'],
  [900002, '999', 'E12000001'],
  [900003, '998', 'E12000001'],
] as const;

function week(): Ground {
  const days = ['2026-09-07', '2026-09-08', '2026-09-09', '2026-09-10', '2026-09-11'];
  const enrolments: Enrolment[] = [];
  const marks: Mark[] = [];
  for (const [urn] of places) {
    for (let pupil = 1; pupil <= 30; pupil++) {
      enrolments.push({
        ...{ urn, pupil, entry_date: '2026-09-01', leaving_date: '2149-06-06', year_group: 7 },
        ...{ sex: pupil % 2 ? 'F' : 'M', fsm: pupil <= 4, sen: pupil <= 10 ? 'K' : 'N' },
        ...{ eal: false, ethnicity: 'WBRI', born: '2015-01-01' },
      });
      for (const [at, date] of days.entries()) {
        const absent = at === 0 && pupil <= 8;
        for (const session of [0, 1]) {
          const code = absent ? 'I' : session === 0 ? '/' : '\\';
          const entered_at = `${date} 09:00:00`;
          marks.push({ receipt: 0, urn, pupil, date, session, code, entered_at, entry: 0 });
        }
      }
    }
  }
  const schools = places.map(([urn, la_code, region_code]) => ({
    ...{ receipt: 0, urn, laestab: Number(`${la_code}4000`) + urn - 900001, la_code, region_code },
  }));
  return { schools, trusts: [{ urn: 900001, trust: 2001 }], days: [], enrolments, marks };
}

/** Types a verb; gives its exit code, what it printed, and the file it wrote. */
async function type(words: string) {
  const asked = parseWords(words.split(' '), absenceCommands);
  assert.ok(asked.what === 'call');
  const lines: string[] = [];
  const errors: string[] = [];
  const code = await runCall(asked.call, {
    stores,
    clock: testClock,
    settings: { demo: false, visitKm: 30 },
    folder,
    output: {
      line: (text) => void lines.push(text),
      error: (text) => void errors.push(text),
      progress: () => {},
      isTerminal: false,
    },
    signal: new AbortController().signal,
  });
  return { code, lines, errors };
}

async function file(words: string): Promise<Record<string, string>[]> {
  const { code, errors } = await type(`${words} --out out.csv`);
  assert.equal(code, 0, errors.join());
  return parse(readFileSync(join(folder, 'out.csv')), { columns: true });
}

test('each school’s figures, unrounded, with every code of the year', async () => {
  const rows = await file('absence --level school --unsuppressed');
  assert.equal(rows.length, 3);
  const [row = {}] = rows;
  assert.deepEqual(
    Object.keys(row).slice(0, 23).join(),
    'time_period,time_identifier,geographic_level,urn,laestab,la_code,region_code,breakdown_topic,breakdown,enrolments,sess_possible,sess_overall,sess_authorised,sess_unauthorised,sess_overall_percent,sess_authorised_percent,sess_unauthorised_percent,enrolments_pa_10_exact,enrolments_pa_10_exact_percent,enrolments_pa_50_exact,enrolments_pa_50_exact_percent,sess_slash,sess_backslash',
  );
  assert.equal(row['time_period'], '202627');
  assert.equal(row['time_identifier'], 'Academic year');
  assert.equal(row['laestab'], '9994000');
  assert.equal(row['sess_possible'], '300');
  assert.equal(row['sess_overall'], '16');
  assert.equal(row['sess_overall_percent'], String((100 * 16) / 300));
  assert.equal(row['enrolments_pa_10_exact'], '8');
  assert.equal(row['sess_I'], '16');
  assert.equal(row['sess_hash'], '0');
  assert.ok('sess_Q' in row && !('sess_H' in row));
});

test('levels add up, and days cut sessions off', async () => {
  const possible = async (words: string) =>
    (await file(`absence ${words} --unsuppressed`)).map((row) => Number(row['sess_possible']));
  assert.deepEqual(await possible('--level national'), [900]);
  assert.deepEqual(await possible('--level region'), [900]);
  assert.deepEqual(await possible('--level la'), [300, 600]);
  assert.deepEqual(await possible('--level trust'), [300]);
  assert.deepEqual(await possible('--level national --to 2026-09-08'), [360]);
  assert.deepEqual(await possible('--level national --from 2026-09-10'), [360]);
  assert.deepEqual(await possible('--level national --as-known-on 2026-09-09'), [540]);
});

test('as known on a day has what had come by then, but for a history, which is taken at its word', async () => {
  const more = { kind: 'marks', scope: 'b', title: 'Sent now', digest: 'b' };
  await stores.write(async ({ warehouse, begin }) => {
    const { id } = await begin(more);
    const { marks } = week();
    const [mark] = marks;
    assert.ok(mark);
    await layMarks(warehouse, [{ ...mark, receipt: 0, code: 'M', date: '2026-09-14' }], id);
  });
  const possible = async (day: string) =>
    Number(
      (await file(`absence --level national --as-known-on ${day} --unsuppressed`))[0]?.[
        'sess_possible'
      ],
    );
  assert.equal(await possible('2026-11-21'), 900);
  assert.equal(await possible('2026-11-22'), 901);
  await stores.write(async (write) => write.withdraw(more));
  const early = await type('absence --level national --as-known-on 2026-09-01');
  assert.equal(early.code, 0);
  assert.match(early.lines.join(), /Nothing of it was known then/);
});

test('small numbers are hidden unless the operator says otherwise, and then it is kept on record', async () => {
  const rows = await file('absence --level school --by fsm');
  assert.ok(rows.every((row) => row['enrolments'] === '' && row['sess_I'] === ''));
  assert.ok(rows.every((row) => /fewer than 6/.test(row['blank_reason'] ?? '')));
  const [shown = {}] = await file('absence --level school --by sen');
  assert.equal(shown['enrolments'], '10');
  const whole = await file('absence --level school --by fsm --unsuppressed');
  assert.deepEqual(
    whole.map((row) => row['enrolments']),
    ['26', '4', '26', '4', '26', '4'],
  );
  const kept = await stores.records
    .selectFrom('audit_entries')
    .select(['action', 'detail'])
    .orderBy('number', 'desc')
    .executeTakeFirstOrThrow();
  assert.equal(kept.action, 'exported');
  assert.match(kept.detail, /"unsuppressed":true/);
});

test('each viewer sees what is theirs: the school whole, others with small numbers hidden, the public nothing', async () => {
  const own = await file('absence --level school --by fsm --as school:900001');
  assert.deepEqual(
    own.map((row) => [row['urn'], row['enrolments']]),
    [
      ['900001', '26'],
      ['900001', '4'],
    ],
  );
  const inspected = await file('absence --level school --by fsm --as inspector:999');
  assert.deepEqual([...new Set(inspected.map((row) => row['urn']))], ['900001', '900002']);
  assert.ok(inspected.every((row) => row['enrolments'] === ''));
  assert.equal((await file('absence --level la --as authority:998')).length, 1);
  assert.equal((await file('absence --level trust --as trust:2001')).length, 1);
  for (const words of [
    'absence --level school --as public',
    'absence --level school --as school:900009',
    'absence --level national --as head:900001',
    'absence --level school --as inspector:999 --unsuppressed',
    'absence --level school --as inspector:999 --to 2026-09-08',
  ]) {
    const { code, errors } = await type(words);
    assert.equal(code, 1, words);
    assert.equal(errors.length, 1, words);
  }
});

test('to whoever is outside the school’s circle the census series is refused, at every level, and they are told why', async () => {
  for (const words of ['school', 'trust', 'la', 'region', 'national']) {
    const { code, errors } = await type(`absence --level ${words} --series census --as department`);
    assert.equal(code, 1, words);
    assert.match(errors.join(), /only the daily series is given.* tell of them/, words);
  }
  for (const viewer of ['inspector:999', 'analyst:999', 'adviser:E12000001']) {
    const { code, errors } = await type(
      `absence --level school --series census --by sen --as ${viewer}`,
    );
    assert.equal(code, 1, viewer);
    assert.match(errors.join(), /only the daily series/, viewer);
  }
  for (const as of ['', ' --as school:900001', ' --as trust:2001', ' --as authority:999']) {
    assert.equal((await type(`absence --level school --series census${as}`)).code, 0, as);
  }
});

test('the steps are printed by name, and nothing is counted', async () => {
  const { code, lines } = await type('absence --level school --explain');
  assert.equal(code, 0);
  const names = lines.flatMap((line) => /^-- (\w+):/.exec(line)?.[1] ?? []);
  assert.deepEqual(names.slice(0, 3), ['weeks', 'rolls', 'too_small']);
  assert.ok(names.includes('figures'));
});

test('the steps of what was known on a day name what came later, and give only what they take', async () => {
  const asked = 'absence --level school --as-known-on 2026-09-09 --explain';
  const { lines } = await type(asked);
  assert.match(lines.join('\n'), /countedAsKnown[\s\S]*-- cameLater = /);
  const now = (await type('absence --level school --explain')).lines.join('\n');
  assert.doesNotMatch(now, /cameLater|knownBefore/);
});

test('a roll and a list of schools that come later change nothing of what was known before', async () => {
  const asked = (day: string) =>
    file(`absence --level school --by fsm --unsuppressed --as-known-on ${day}`);
  const before = await asked('2026-11-21');
  assert.equal(before.length, 6);
  const now = async () => file('absence --level school --by fsm --unsuppressed');
  const { enrolments, schools } = week();
  await stores.write(async ({ warehouse, begin }) => {
    const one = await begin({ kind: 'pupils', scope: 'c', title: 'A roll', digest: 'c' });
    const ground = { schools: [], trusts: [], days: [], marks: [] };
    const all = enrolments.map((each) => ({ ...each, fsm: true }));
    await layGround(warehouse, { ...ground, enrolments: all }, one.id, 0);
    const two = await begin({ kind: 'register schools', scope: 'd', title: 'A list', digest: 'd' });
    const moved = schools.map((each) => ({ ...each, receipt: 0, la_code: '997' }));
    await layGround(warehouse, { ...ground, schools: moved, enrolments: [] }, two.id, 0);
  });
  assert.deepEqual(await asked('2026-11-21'), before);
  const after = await asked('2026-11-22');
  assert.deepEqual(
    after.map((row) => [row['breakdown'], row['la_code']]),
    [900001, 900002, 900003].map(() => ['1', '997']),
  );
  assert.deepEqual(await now(), after);
  const back = (kind: string, scope: string) =>
    stores.write(async (write) => write.withdraw({ kind, scope }));
  await back('pupils', 'c');
  await back('register schools', 'd');
});

test('where no school is in a trust, that is what is said to be missing', () => {
  const question = questionOf({ level: 'trust', year: '202627' }, testClock);
  const school = { ...{ urn: 900001, laestab: 9994000, la_code: '999' }, region_code: '' };
  const said = (trust: number) =>
    nothingCounted(question, new Map([[900001, { ...school, trust }]])).message;
  assert.match(said(0), /which school is in which trust is not known.*publications import/);
  assert.match(said(2001), /no register that has been imported/);
});

test('what cannot be asked is wrong usage, or refused in one line', async () => {
  for (const words of [
    'absence',
    'absence --level planet',
    'absence --level school --by fsm,fsm',
    'absence --level school --by a,b',
    'absence --level school --from 2026-02-30',
  ]) {
    assert.throws(() => parseWords(words.split(' '), absenceCommands), words);
  }
  for (const words of [
    'absence --level school --year 202627 --from 2025-09-01',
    'absence --level school --from 2026-09-09 --to 2026-09-08',
    'absence --level school --year 201819',
    'absence --level school --year 100102',
  ]) {
    assert.equal((await type(words)).code, 1, words);
  }
});
