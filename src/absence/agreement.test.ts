import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { operator, openTrail } from '../access/index.ts';
import { parseWords } from '../cli/parse.ts';
import { runCall } from '../cli/run.ts';
import { Refusal } from '../base/problem.ts';
import type { Stores } from '../stores/index.ts';
import { openTestStores, scratchFolder, testClock } from '../testing/stores.ts';
import { acceptExplained, agreementOf } from './agreement.ts';
import { absenceCommands } from './commands.ts';
import {
  codesCsv,
  pupilsCsv,
  sessionsCsv,
  totalsCsv,
  upns,
} from './compare/informationSystem.fixture.ts';
import { layRegister } from './compare/layRegister.fixture.ts';
import { standingMarksOfSchool } from './compare/register.sql.ts';

/*
 * A school’s register over real stores, and the summary of its own system typed at the command line.
 */

const urn = 900001;
const year = 202526;
const period = '--from 2026-05-11 --to 2026-06-19';
const school = { urn, laestab: 9994000, laCode: '999', regionCode: 'E12000001' };

let stores: Stores;
let close: () => Promise<void>;
const { folder, remove } = scratchFolder();

before(async () => {
  ({ stores, close } = await openTestStores());
  await layRegister(stores, school);
});
after(async () => {
  await close();
  remove();
});

async function type(words: string) {
  const asked = parseWords(words.split(/ +/), absenceCommands);
  assert.ok(asked.what === 'call', words);
  const lines: string[] = [];
  const errors: string[] = [];
  const code = await runCall(asked.call, {
    ...{ stores, clock: testClock, settings: { demo: false, visitKm: 30 }, folder },
    output: {
      line: (text) => void lines.push(text),
      error: (text) => void errors.push(text),
      progress: () => {},
      isTerminal: false,
    },
    signal: new AbortController().signal,
  });
  return { code, text: lines.join('\n'), errors: errors.join('\n') };
}

async function compare(csv: string, options = period) {
  writeFileSync(join(folder, 'summary.csv'), csv);
  return type(`absence compare --urn ${urn} ${options} summary.csv`);
}

describe('the verb absence compare', () => {
  test('says that a summary agrees, in each form', async () => {
    for (const csv of [totalsCsv({}), sessionsCsv({}), codesCsv({}), pupilsCsv({})]) {
      const { code, text } = await compare(csv);
      assert.equal(code, 0, text);
      assert.match(text, /^Your figures agree with Rollcall’s\./);
    }
  });

  test('counts the register as the verb absence does', async () => {
    const { text } = await compare(totalsCsv({}), `${period} --json`);
    const { ours } = JSON.parse(text);
    const counted = await type(`absence --level school ${period} --unsuppressed --json`);
    const [row] = JSON.parse(counted.text);
    assert.deepEqual(
      [ours.possible, ours.absent, ours.authorised, ours.persistent, ours.severe, ours.enrolments],
      [
        ...['sess_possible', 'sess_overall', 'sess_authorised', 'enrolments_pa_10_exact'],
        ...['enrolments_pa_50_exact', 'enrolments'],
      ].map((column) => row[column]),
    );
  });

  test('names the rule, with what is official and which sessions it is about', async () => {
    const { code, text } = await compare(sessionsCsv({ codes: { D: 'present' } }), '');
    assert.equal(code, 0);
    assert.match(text, /and we can say why/);
    assert.match(text, /Counts D \(dual registered, at the other school\) as a possible session\./);
    assert.match(text, /neither in the numerator of a rate nor in its denominator/);
    assert.match(text, /about 5 sessions of 1 pupil/);
  });

  test('repeats no UPN, and leaves a trace of having looked at pupils', async () => {
    const csv = pupilsCsv({ codes: { U: 'present' } });
    const { text, errors } = await compare(csv);
    for (const upn of upns) assert.ok(!text.includes(upn) && !errors.includes(upn));
    const trace = await stores.records
      .selectFrom('audit_entries')
      .select(['data_class', 'subject_id'])
      .where('data_class', '=', 'pupil attendance')
      .execute();
    assert.ok(trace.some(({ subject_id }) => subject_id === String(urn)));
  });

  test('exits 1 where something remains that nothing explains, and lists it', async () => {
    const wrong = totalsCsv({}).replace(/^(\d+),/m, (_, count: string) => `${Number(count) + 1},`);
    const { code, text } = await compare(wrong);
    assert.equal(code, 1);
    assert.match(text, /nothing that we know of explains it/);
    assert.match(text, /The whole \| possible sessions/);
  });

  test('refuses what is no summary, a school without registers, and days of two years', async () => {
    assert.match((await compare('one,two\n1,2\n')).errors, /No row of headings was found/);
    const { errors } = await type('absence compare --urn 900009 summary.csv');
    assert.match(errors, /No row of headings/);
    await compare(totalsCsv({}));
    const none = await type('absence compare --urn 900009 summary.csv');
    assert.match(none.errors, /No marks of school 900009/);
    const years = await compare(totalsCsv({}), '--from 2025-05-01 --to 2026-06-19');
    assert.match(years.errors, /within one school year/);
    assert.match((await type('absence compare --urn 900001 no-such.csv')).errors, /cannot be read/);
  });
});

describe('a school’s agreement', () => {
  const state = async () => (await agreementOf(stores, urn, year)).state;
  const said = { name: 'A. Person (made-up)', position: 'Head', reason: 'We count D as theirs.' };
  const accept = async (summary: number, changes = {}) => {
    const trail = openTrail(stores.records, testClock);
    const doing = { viewer: operator, subject: {}, from: 'test' };
    await acceptExplained(
      { stores, trail, clock: testClock },
      doing,
      { urn, year, summary },
      { ...said, ...changes },
    );
  };

  test('begins without a summary', async () => {
    assert.equal(await state(), 'no summary yet');
  });

  test('comparing keeps nothing unless it is asked to', async () => {
    await compare(totalsCsv({}));
    assert.equal(await state(), 'no summary yet');
    await compare(totalsCsv({}), `${period} --keep`);
    assert.equal(await state(), 'agrees');
  });

  test('an explained difference stands once a person accepts it by name, position and reason', async () => {
    await compare(sessionsCsv({ codes: { D: 'present' } }), `${period} --keep`);
    const { summary } = await agreementOf(stores, urn, year);
    assert.equal(await state(), 'differs');
    assert.match(summary?.rules.join() ?? '', /Counts D/);
    await assert.rejects(accept(summary?.id ?? 0, { reason: 'no' }), Refusal);
    await accept(summary?.id ?? 0);
    const agreement = await agreementOf(stores, urn, year);
    assert.equal(agreement.state, 'explained and accepted');
    assert.equal(agreement.accepted?.name, said.name);
    await assert.rejects(accept(summary?.id ?? 0), /accepted already/);
  });

  test('it is accepted at the command line by the same rules', async () => {
    await compare(sessionsCsv({ codes: { D: 'present' } }), `${period} --keep`);
    assert.equal(await state(), 'differs');
    const typed = (reason: string, changes = '') =>
      `absence accept --urn ${urn} --year ${year} --name Amira --position Head --reason ${reason}${changes}`;
    for (const reason of ['no', 'Z999999999999']) {
      const misused = () => parseWords(typed(reason).split(' '), absenceCommands);
      assert.throws(misused, /needs --reason/);
    }
    const { code, text } = await type(typed('Counted_as_theirs'));
    assert.equal(code, 0);
    assert.match(text, /^Accepted for school 900001, 2025\/26/);
    const { accepted } = await agreementOf(stores, urn, year);
    assert.deepEqual(
      { ...accepted, at: null },
      { name: 'Amira', position: 'Head', reason: 'Counted_as_theirs', at: null },
    );
    const again = await type(typed('Counted_as_theirs'));
    assert.deepEqual([again.code, /accepted already/.test(again.errors)], [1, true]);
    const none = await type(typed('Counted_as_theirs').replace(`${year}`, '202425'));
    assert.match(none.errors, /Compare a summary first/);
    const as = await type(`${typed('Counted_as_theirs')} --as head:${urn}`);
    assert.equal(as.code, 1);
  });

  test('an unexplained one cannot be accepted, and a newer summary takes the older’s place', async () => {
    const wrong = totalsCsv({}).replace(/^(\d+),/m, (_, count: string) => `${Number(count) + 1},`);
    await compare(wrong, `${period} --keep`);
    const { summary, state: now } = await agreementOf(stores, urn, year);
    assert.equal(now, 'differs');
    await assert.rejects(accept(summary?.id ?? 0), /Only an explained difference/);
  });

  test('one figure, a percentage alone or a part of the year does not make the year agree', async () => {
    const [heading = '', figures = ''] = totalsCsv({}).split('\r\n');
    const alone = (name: string) => {
      const at = heading.split(',').indexOf(name);
      return `${name}\n${figures.split(',')[at]}\n`;
    };
    const day = (csv: string) => compare(csv, '--from 2026-05-11 --to 2026-05-11 --keep');
    await compare(totalsCsv({}), `${period} --keep`);
    assert.equal(await state(), 'agrees');
    const wrong = totalsCsv({}).replace(/^(\d+),/m, (_, count: string) => `${Number(count) + 1},`);
    await compare(wrong, `${period} --keep`);
    for (const name of ['Possible Sessions', '% Absence', 'PA pupils']) {
      const { text } = await compare(alone(name), `${period} --keep`);
      assert.match(text, /The year does not agree by this alone/, name);
      assert.equal(await state(), 'differs', name);
    }
    const sessions = sessionsCsv({}).split('\n');
    const { text } = await day(
      sessions.filter((row) => !/^\d/.test(row) || row.startsWith('11/05')).join('\n'),
    );
    assert.match(
      text,
      /^Your figures agree .*\n.*2025\/26: sessions from 11 May 2026 to 11 May 2026/,
    );
    assert.match(text, /This is a part of the year/);
    assert.equal(await state(), 'differs');
    await compare(totalsCsv({}), `${period} --keep`);
    assert.equal(await state(), 'agrees');
  });

  test('agrees in part where that is all that was ever compared', async () => {
    const other = 900007;
    await layRegister(stores, { ...school, urn: other });
    const typed = (csv: string, days: string) => {
      writeFileSync(join(folder, 'other.csv'), csv);
      return type(`absence compare --urn ${other} ${days} --keep other.csv`);
    };
    const first = sessionsCsv({})
      .split('\n')
      .filter((row) => !/^\d/.test(row) || row.startsWith('11/05'));
    assert.equal((await typed(first.join('\n'), '')).code, 0);
    const agreement = await agreementOf(stores, other, year);
    assert.deepEqual([agreement.state, agreement.summary?.isOfYear], ['agrees in part', false]);
    const [heading = '', figures = ''] = totalsCsv({}).split('\r\n');
    const at = heading.split(',').indexOf('% Absence');
    await typed(`% Absence\n${figures.split(',')[at]}\n`, period);
    const weak = await agreementOf(stores, other, year);
    assert.deepEqual([weak.state, weak.summary?.isOfYear], ['agrees in part', true]);
    await typed(totalsCsv({}), period);
    assert.equal((await agreementOf(stores, other, year)).state, 'agrees');
  });

  test('a percentage that some way of counting would give is not explained, and cannot be accepted', async () => {
    const { code, text } = await compare('Absence %\n14\n', `${period} --keep`);
    assert.equal(code, 1);
    assert.match(text, /^The one figure differs/);
    assert.doesNotMatch(text, /we can say why|^ {2}Your system:/m);
    const { summary, state: now } = await agreementOf(stores, urn, year);
    assert.deepEqual([now, summary?.outcome, summary?.rules], ['differs', 'differs', []]);
    await assert.rejects(accept(summary?.id ?? 0), /Only an explained difference/);
  });

  test('holds while the registers change a little, and not when they change much', async () => {
    await compare(totalsCsv({}), `${period} --keep`);
    const seen = async () => {
      const { state: now, changed } = await agreementOf(stores, urn, year);
      return [now, changed];
    };
    assert.deepEqual(await seen(), ['agrees', 'none']);
    const marks = await stores.read(standingMarksOfSchool, {
      ...{ urn, from: '2026-05-11', to: '2026-06-19' },
    });
    const all = marks.flatMap(({ pupil, dates, sessions, codes }) =>
      dates.map((date, at) => ({ pupil, date, session: sessions[at] ?? 0, code: codes[at] ?? '' })),
    );
    const find = (is: (mark: Mark) => boolean) => all.find(is) as Mark;
    const [authorised] = [all.filter(({ code }) => code === 'I')];
    // A pupil with four absences of 40 sessions is persistently absent; with three it is not.
    const persistent = marks.find(
      ({ codes }) => codes.filter((each) => each === 'X').length === 8 && codes.includes('I'),
    );
    const less = find(({ pupil, code }) => pupil === persistent?.pupil && code === 'I');
    // The first pupil of the register may be one who is not counted: who that is goes by the secret of these stores.
    const one = find(({ pupil, code }) => pupil === persistent?.pupil && code === '/');
    const more = find(
      ({ pupil, date, session, code }) =>
        [date, session].join() === [less.date, less.session].join() &&
        ['/', '\\'].includes(code) &&
        marks
          .find((each) => each.pupil === pupil)
          ?.codes.every((each) => ['/', '\\'].includes(each)) === true,
    );
    const present = less.session === 0 ? '/' : '\\';
    const cases: [string, Mark[], string[]][] = [
      ['one absence more', [{ ...one, code: 'O' }], ['agrees', 'small']],
      [
        'one pupil’s absence is another’s',
        [
          { ...less, code: present },
          { ...more, code: 'I' },
        ],
        ['agrees', 'small'],
      ],
      [
        'authorised absence is unauthorised',
        authorised.map((mark) => ({ ...mark, code: 'O' })),
        ['changed since', 'large'],
      ],
    ];
    for (const [name, changes, expected] of cases) {
      const undo = await amend(changes);
      assert.deepEqual(await seen(), expected, name);
      await stores.write(async ({ withdraw }) => withdraw(undo));
      assert.deepEqual(await seen(), ['agrees', 'none'], name);
    }
  });

  type Mark = { pupil: string; date: string; session: number; code: string };

  async function amend(changes: readonly Mark[]) {
    const bringing = { kind: 'marks', scope: 'later', title: 'Later', digest: 'later' };
    await stores.write(async ({ warehouse, begin }) => {
      const { id } = await begin(bringing);
      await warehouse.append(
        'marks',
        ['receipt', 'urn', 'pupil', 'date', 'session', 'code', 'entered_at', 'entry'],
        changes.map(({ pupil, date, session, code }) => [
          ...[id, urn, pupil, date, session, code, '2026-06-20 09:00:00', 0],
        ]),
      );
    });
    return { kind: bringing.kind, scope: bringing.scope };
  }
});
