import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { CommandInput } from '../../access/index.ts';
import { pupilKey } from '../../base/pupilKey.ts';
import { Refusal } from '../../base/problem.ts';
import { makeUpn, parseUpn } from '../../base/upn.ts';
import {
  addUpload,
  amendmentsOf,
  changeUpload,
  findUpload,
  pupilSecretOf,
} from '../../records/index.ts';
import fc from '../../testing/chance.ts';
import { entriesOfSession } from '../book/book.sql.ts';
import { openTestStores, scratchFolder, testClock } from '../../testing/stores.ts';
import { statement } from '../../warehouse/index.ts';
import { bytesOfFile } from './bytes.ts';
import { changesMuch } from './check.ts';
import { marksCommands } from './commands.ts';
import { keepUpload } from './keep.ts';
import { getUpload, receive, type UploadParts } from './receive.ts';
import { codeOfAnotherDay } from './problems.ts';
import { problemsOf } from './refused.ts';
import {
  closedDay,
  days,
  fortnight,
  leaver,
  openSchool,
  otherUrn,
  present,
  standingMarks,
  tableOf,
  upns,
  urn,
} from './school.fixture.ts';
import { stageFile } from './stage.ts';
import { forgetStaged } from './stage.sql.ts';
import { tidyUploads } from './tidy.ts';
import { outcomeOf } from './upload.ts';

const { stores, close } = await openTestStores();
const { folder, remove } = scratchFolder();
after(async () => {
  await close();
  remove();
});
const { keys } = await openSchool(stores);
const parts: UploadParts = { stores, clock: testClock, folder: join(folder, 'uploads') };
const { signal } = new AbortController();
const working = { ownUrns: [], signal };

let files = 0;
function fileOf(text: string) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `register-${(files += 1)}.csv`);
  writeFileSync(path, text);
  const read = { bytes: 0, of: text.length };
  return { path, file: { source: bytesOfFile(path, read), read } };
}

async function addOne(source = 'command line') {
  const now = testClock();
  const id = await addUpload(stores.records, {
    ...{ urn, title: 'register.csv', source, state: 'waiting', digest: '', bytes: 1 },
    ...{ person: null, person_name: 'Ida Marsh', position: 'Attendance staff' },
    ...{ viewer: 'operator', received_at: now, changed_at: now },
  });
  return id ?? assert.fail();
}

async function send(text: string, ownUrns: readonly number[] = []) {
  const { file } = fileOf(text);
  const id = await addOne();
  const upload = await receive(parts, await getUpload(parts, id), file, { ownUrns, signal });
  return { id, file, upload, outcome: outcomeOf(upload) };
}

const keep = async ({ id, file }: Awaited<ReturnType<typeof send>>) =>
  keepUpload(parts, id, { ...working, file, asShown: false });

async function standing(): Promise<string[]> {
  const rows = await stores.read(standingMarks, {});
  return rows.map(
    ({ pupil, date, session, code }) => `${keys.indexOf(pupil)} ${date} ${session} ${code}`,
  );
}

/** Runs a verb; gives what it said and how it ended. */
async function run(
  verb: string,
  input: Partial<CommandInput>,
  {
    afterCommit,
    signal: ends = signal,
  }: { afterCommit?: () => Promise<void>; signal?: AbortSignal } = {},
) {
  const command = marksCommands(afterCommit).find((each) => each.verb === verb) ?? assert.fail();
  const said: string[] = [];
  const wrong: string[] = [];
  const exit = await command.run(
    {
      ...{ stores, clock: testClock, signal: ends, folder },
      viewer: { role: 'operator', scope: null },
      settings: { demo: false, visitKm: 1, dataFolder: folder },
      output: {
        ...{ isTerminal: false, progress() {} },
        line: (text) => void said.push(text),
        error: (text) => void wrong.push(text),
      },
      async writeFile() {},
    },
    { values: {}, switches: new Set(), files: [], ...input },
  );
  return { exit, said: said.join('\n'), wrong };
}

const stagedKeys = statement<{ row: number; pupil: string }, { upload: number }>(
  'stagedKeys',
  'SELECT row, toString(pupil) AS pupil FROM marks_staged WHERE upload = {upload:UInt32} ORDER BY row',
);

test('the engine finds a UPN right or wrong, and gives its key, exactly as the rest of the program does', async () => {
  const secret = await pupilSecretOf(stores.records);
  const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ');
  const digits = (length: number) =>
    fc.stringMatching(new RegExp(`^\\d{${length}}$`)).filter((text) => text.length === length);
  const right = fc
    .tuple(digits(3), fc.nat(9999), fc.nat(99), fc.nat(99), fc.option(fc.constantFrom(...'ABCXYZ')))
    .map(([laCode, establishment, year, serial, temporary]) =>
      makeUpn({ laCode, establishment, year, serial, ...(temporary ? { temporary } : {}) }),
    );
  const any = fc
    .tuple(letter, digits(11), fc.oneof(digits(1), letter))
    .map((parts) => parts.join(''));
  const strange = fc.constantFrom(
    'A12345678901é'.slice(0, 12),
    'A+12345678901',
    'Q82340172400A',
    'q82340172400a',
  );
  const texts = fc.sample(fc.oneof(right, any, strange), { numRuns: 3000, seed: 4 });
  const table = tableOf(texts.map((upn) => [urn, upn, '2025-09-03', 'AM', '/']));
  const { file } = fileOf(table);
  await stores.write(async ({ warehouse }) => {
    const staging = { upload: 99_999, source: file.source, secret, signal, scratch: folder };
    await stageFile(warehouse, { ...staging, options: { file: 'a' } });
    const staged = await warehouse.query(stagedKeys, { upload: 99_999 });
    assert.equal(staged.length, texts.length);
    const expected = texts.map((text) => {
      const upn = parseUpn(text);
      return upn ? String(pupilKey(upn, secret)) : '0';
    });
    assert.deepEqual(
      staged.map(({ pupil }) => pupil),
      expected,
    );
    assert.ok(expected.includes('0') && expected.some((key) => key !== '0'));
    await warehouse.run(forgetStaged, { uploads: [99_999] });
  });
});

const [first, second] = upns;
const good = fortnight(present);
/** Each with the kind of problem that it is. The calendar has days before and after that Saturday. */
const bad: [row: (string | number)[], kind: string][] = [
  [[urn, first, '2025-09-13', 'AM', '/'], 'not-in-calendar'],
  [[urn, first, '2025-09-10', 'AM', 'QQ'], 'code-unknown'],
  [[urn, first, '2025-09-10', 'PM', 'H'], 'code-not-of-that-day'],
  [[urn, first, '2025-09-11', 'AM', '\\'], 'code-of-other-session'],
  [
    [urn, `${first.slice(0, -1)}${(Number(first.at(-1)) + 1) % 10}`, '2025-09-10', 'AM', '/'],
    'upn-wrong',
  ],
  [
    [
      urn,
      makeUpn({ laCode: '990', establishment: 1, year: 2018, serial: 9 }),
      '2025-09-10',
      'AM',
      '/',
    ],
    'pupil-not-on-roll',
  ],
  [[urn, leaver, '2025-09-08', 'AM', '/'], 'outside-enrolment'],
  [[urn, second, closedDay, 'AM', 'I'], 'school-closed'],
  [[urn, second, '2027-01-11', 'AM', '/'], 'date-in-future'],
  [[123_456, second, '2025-09-10', 'AM', '/'], 'school-not-known'],
  [[urn, second, '2025-09-11', 'AM', '/'], 'two-codes'],
  [[urn, second, '2025-09-11', 'AM', 'I'], 'two-codes'],
];

const columnOf = (kind: string) => {
  if (['school-not-known', 'another-school'].includes(kind)) return 'A (urn)';
  if (['upn-wrong', 'pupil-not-on-roll'].includes(kind)) return 'B (upn)';
  return ['date-in-future', 'outside-enrolment', 'not-in-calendar'].includes(kind)
    ? 'C (date)'
    : 'E (code)';
};

test('a mark on a Saturday is refused only where the school’s calendar has days around it and not that one', async () => {
  const marks = ['2025-09-06', '2025-09-07', '2025-09-13', '2025-09-14', '2025-09-20'].map(
    (day) => [...[urn, first, day, 'AM', '/']],
  );
  const { upload, outcome } = await send(
    tableOf([...marks, [urn, first, '2025-09-13', 'PM', '#']]),
  );
  assert.deepEqual(outcome.verdicts, { new: 3, 'not-in-calendar': 3 });
  const [told] = await problemsOf(parts, upload);
  assert.deepEqual(
    told?.first.map(({ row }) => row),
    [3, 4, 5],
  );
});

for (const quoted of [false, true]) {
  const by = quoted ? 'the reader' : 'the engine';
  test(`each kind of wrong mark is counted and told with its row and column, when ${by} reads it`, async () => {
    const more = [
      [urn, second, closedDay, 'PM', '#'],
      [urn, second, '2025-09-11', 'PM', 'I'],
      [urn, second, '2025-09-11', 'PM', 'I'],
    ];
    const table = tableOf([...good, ...bad.map(([row]) => row), ...more], { quoted });
    const { upload, outcome } = await send(table);
    assert.equal(upload.state, 'ready');
    const { new: fresh, repeated, ...refused } = outcome.verdicts;
    assert.deepEqual({ fresh, repeated }, { fresh: good.length + 2, repeated: 1 });
    const told = await problemsOf(parts, upload);
    const rows = told.flatMap(({ kind, first: some }) => some.map(({ row }) => `${row} ${kind}`));
    const expected = bad.map(([, kind], at) => `${good.length + 2 + at} ${kind}`);
    assert.deepEqual(rows.sort(), expected.sort());
    assert.equal(
      Object.values(refused).reduce((sum, marks) => sum + marks, 0),
      bad.length,
    );
    assert.ok(
      told.every(({ kind, first: some }) =>
        some.every((each) => each.column === columnOf(kind) && each.message !== ''),
      ),
      JSON.stringify(told),
    );
    assert.equal(/[A-Z]\d{11}/.test(JSON.stringify([told, outcome])), false, 'a UPN stands in it');
  });
}

test('a school’s own page refuses the marks of another school', async () => {
  const { outcome } = await send(tableOf([...good, [otherUrn, first, days[0], 'AM', '/']]), [urn]);
  assert.equal(outcome.verdicts['another-school'], 1);
  assert.equal(outcome.verdicts.new, good.length);
});

test('kept, amended, withdrawn: what stands is the newest, and withdrawing restores what stood', async () => {
  assert.deepEqual(await standing(), []);
  const one = await keep(await send(tableOf(good)));
  assert.equal(one.state, 'kept');
  const before = await standing();
  assert.equal(before.length, good.length);
  const again = await send(tableOf(good));
  assert.equal(again.outcome.verdicts.same, good.length);
  assert.equal((await keep(again)).receipt, null, 'nothing changed, and there is no receipt');

  const dated = [
    [urn, first, days[0], 'AM', 'I', '2025-09-05'],
    [urn, first, days[0], 'AM', 'M', '2025-09-06'],
    [urn, first, days[1], 'PM', 'I', '2025-09-05'],
  ];
  const amending = tableOf(dated, { heading: 'urn,upn,date,session,code,entered_on' });
  const two = await send(amending);
  assert.equal(two.outcome.verdicts.amended, 3);
  await keep(two);
  const after = await standing();
  assert.ok(after.includes(`0 ${days[0]} 0 M`) && after.includes(`0 ${days[1]} 1 I`));
  assert.equal(
    (await send(amending)).outcome.verdicts.same,
    3,
    'the same entries again are no news',
  );
  const made = await amendmentsOf(stores.records, { urns: [urn], from: days[0], to: days[4] });
  assert.deepEqual(
    made.map(({ date, original, entry, person_name, position, at }) => [
      ...[date, original, entry, person_name, position, at.toISOString().slice(0, 10)],
    ]),
    [],
    'nobody is named who did not change them: the file says only when it was done',
  );
  await keep(await send(tableOf([[urn, second, days[1], 'PM', 'I']])));
  const [sent] = await amendmentsOf(stores.records, { urns: [urn], from: days[0], to: days[4] });
  assert.deepEqual(
    [sent?.original, sent?.entry, sent?.person_name, sent?.position],
    ['\\', 'I', 'Ida Marsh', 'Attendance staff'],
    'what a file changes without saying when is changed by who sends it',
  );

  const named = tableOf([[urn, second, days[2], 'AM', 'L', 'bus late', 'A. Reed', 'Tutor']], {
    heading: 'urn,upn,date,session,code,reason,amended_by,position',
  });
  await keep(await send(named));
  const last = (await amendmentsOf(stores.records, { urns: [urn], from: days[0], to: days[4] })).at(
    -1,
  );
  assert.deepEqual(
    [last?.original, last?.entry, last?.reason, last?.person_name, last?.position],
    ['/', 'L', 'bus late', 'A. Reed', 'Tutor'],
  );
  assert.ok((await standing()).includes(`1 ${days[2]} 0 L`));
  const { exit } = await run('registers withdraw', { files: [String(two.id)] });
  assert.equal(exit, 0);
  assert.deepEqual(
    (await standing()).filter((each) => !each.startsWith(`1 ${days[2]} 0`)),
    before
      .filter((each) => !each.startsWith(`1 ${days[2]} 0`))
      .map((each) => (each === `1 ${days[1]} 1 \\` ? `1 ${days[1]} 1 I` : each)),
  );
});

test('what changed between the preview and the confirmation is checked again, and shown before it is kept', async () => {
  const coming = await send(tableOf([[urn, first, '2025-09-15', 'AM', 'I']]));
  assert.equal(coming.outcome.verdicts.new, 1);
  await keep(await send(tableOf([[urn, first, '2025-09-15', 'AM', '/']])));
  const shown = await keepUpload(parts, coming.id, {
    ...working,
    file: coming.file,
    asShown: true,
  });
  assert.equal(shown.state, 'ready', 'it waits to be looked at again');
  assert.deepEqual(outcomeOf(shown).verdicts, { new: 0, amended: 1 });
  const kept = await keepUpload(parts, coming.id, { ...working, file: coming.file, asShown: true });
  assert.equal(kept.state, 'kept');
  assert.ok((await standing()).includes('0 2025-09-15 0 I'));
});

test('a file that would change more than ten marks and more than a tenth of what is there says so first', async () => {
  const change = (count: number) =>
    tableOf(good.slice(0, count).map((row) => [...row.slice(0, 4), 'I']));
  const few = await send(change(8));
  assert.deepEqual([few.outcome.verdicts.amended, changesMuch(few.outcome)], [8, false]);
  const many = await send(change(30));
  assert.ok((many.outcome.verdicts.amended ?? 0) > 10 && many.outcome.there >= 40);
  assert.equal(changesMuch(many.outcome), true);
  assert.equal(changesMuch({ changes: 11, there: 111, ofManyEach: 0 }), false);
});

test('the command line keeps the good marks, says what is refused, and exits 1 only where nothing can be kept', async () => {
  const some = fileOf(
    tableOf([
      [urn, first, '2025-09-16', 'AM', '/'],
      [urn, first, '2025-09-16', 'PM', '?'],
    ]),
  );
  const dry = await run('registers import', { files: [some.path], switches: new Set(['dry-run']) });
  assert.equal(dry.exit, 0);
  assert.match(
    dry.said,
    /2 marks: 1 new, 0 same, 0 amended, 1 refused[\s\S]*Nothing was kept \(--dry-run\)/,
  );
  const kept = await run('registers import', { files: [some.path] });
  assert.equal(kept.exit, 0);
  assert.match(
    kept.said,
    /1 new[\s\S]*code-unknown: 1 mark\n {4}row 3, column E \(code\): There is no such[\s\S]*Kept as upload/,
  );
  const nothing = await run('registers import', {
    files: [fileOf(tableOf([[urn, first, '2025-09-17', 'PM', '?']])).path],
  });
  assert.deepEqual([nothing.exit, nothing.wrong.length], [1, 1]);
  assert.match(
    nothing.wrong[0] ?? '',
    /row 2, column E \(code\): .* No mark in the file can be kept\.$/,
  );
  const many = Array.from({ length: 400 }, () => [urn, '', '2025-09-17', 'PM', '/']);
  const both = fileOf(tableOf([...many, [urn, first, '2025-09-17', 'noon', '/']]));
  assert.match(
    (await run('registers import', { files: [both.path] })).said,
    /upn-missing: 400 marks\n( {4}row .*\n){5} {4}… and 395 more\n {2}session-not-read: 1 mark\n {4}row 402, column D/,
  );
  const open = fileOf(tableOf([[urn, first, '08/09/2025', 'AM', '/']]));
  const asked = await run('registers import', { files: [open.path] });
  assert.deepEqual([asked.exit, asked.wrong.length], [1, 1]);
  assert.match(asked.wrong[0] ?? '', /8 September 2025.*9 August 2025.*--date-order dmy/);
  const told = await run('registers import', {
    files: [open.path],
    values: { 'date-order': 'dmy' },
  });
  assert.match(told.said, /1 mark: 0 new, 1 same/);
  const list = await run('registers uploads', {});
  assert.match(list.said, /register-\d+\.csv: Kept; 1 new/);
  const heading = 'urn,upn,date,session,code,entered_on';
  const entry = fileOf(tableOf([[urn, first, '2025-09-08', 'AM', '/', '09/10/2025']], { heading }));
  const ofEntry = await run('registers import', { files: [entry.path] });
  assert.match(ofEntry.wrong[0] ?? '', /9 October 2025.*10 September 2025.*--date-order dmy/);
});

test('counts of a census return are kept as what the school returned, and become no marks', async () => {
  const before = await standing();
  const census = `<Message><Header><Source/></Header><School><URN>${urn}</URN><Pupils><PupilOnRoll><UPN>${first}</UPN><TermlyAttendance><SessionsPossible>120</SessionsPossible><AttendanceReason>I</AttendanceReason><AbsenceSessions>7</AbsenceSessions></TermlyAttendance></PupilOnRoll></Pupils></School></Message>`;
  const sent = await send(census);
  assert.equal(sent.outcome.censusCounts, 1, JSON.stringify(sent.outcome));
  const kept = await keep(sent);
  assert.equal(kept.state, 'kept');
  assert.deepEqual(await standing(), before);
  const [receipt] = await stores.receipts('census counts');
  assert.equal(receipt?.id, kept.receipt);
  const again = await send(census);
  assert.deepEqual([again.outcome.verdicts.new, again.outcome.verdicts.same], [0, 1]);
  assert.equal((await keep(again)).receipt, null, 'nothing changed, and there is no receipt');
  const other = await send(census.replace('>7<', '>8<'));
  assert.deepEqual([other.outcome.verdicts.new, other.outcome.verdicts.same], [1, 0]);
});

test('a plain table with two columns for the day of entry is told of in words', async () => {
  const heading = 'urn,upn,date,session,code,entered_on,amended on';
  const row = [urn, first, '2025-09-08', 'AM', '/', '2025-09-08', '2025-09-09'];
  const { upload } = await send(tableOf([row], { heading }));
  assert.match(upload.failure ?? '', /^Two columns are headed as entered_on: leave out/);
});

test('a transfer file or a return that names a school not known here is kept as nobody’s, least of all its sender’s', async () => {
  const of = { '990': '4001', '123': '4567' };
  for (const [lea, estab] of Object.entries(of)) {
    const school = `<LEA>${lea}</LEA><Estab>${estab}</Estab>`;
    const files = [
      `<CTfile><Header><SourceSchool>${school}</SourceSchool></Header><CTFpupilData><Pupil><UPN>${second}</UPN><Attendance><YearData>${school}<AttendSessions><AttendanceStartDate>2025-09-08</AttendanceStartDate><AttendanceMarks>/\\</AttendanceMarks></AttendSessions></YearData></Attendance></Pupil></CTFpupilData></CTfile>`,
      `<Message><School>${school}</School><Pupils><Pupil><UPN>${second}</UPN><TermlyAttendance><SessionsPossible>10</SessionsPossible></TermlyAttendance></Pupil></Pupils></Message>`,
    ];
    for (const text of files) {
      const { outcome, upload } = await send(text, [urn]);
      const [told] = await problemsOf(parts, upload);
      assert.deepEqual(
        [outcome.urns, told?.kind],
        lea === '990' ? [[urn], undefined] : [[], 'marks-of-another-school'],
      );
    }
  }
});

test('counts of a census return that cannot be are refused, each with its line and why', async () => {
  const pupil = (upn: string, reason: string, sessions: number) =>
    `<Pupil><UPN>${upn}</UPN>\n<TermlyAttendance><SessionsPossible>10</SessionsPossible><AttendanceReason>${reason}</AttendanceReason><AbsenceSessions>${sessions}</AbsenceSessions></TermlyAttendance></Pupil>`;
  const { upload, outcome } = await send(
    `<Message><School><URN>${urn}</URN></School><Pupils>${[
      ...[pupil(first, 'I', 4), pupil(first, 'I', 3), pupil(second, 'O', 400)],
      ...[pupil(second, 'QQ', 1), pupil('nonsense', 'I', 1), pupil(second, 'I', 10)],
    ].join('')}</Pupils></Message>`,
  );
  const [totals] = outcome.censusTotals;
  assert.deepEqual([totals?.pupils, totals?.possible, totals?.missed], [2, 20, { I: 14 }]);
  const told = await problemsOf(parts, upload);
  assert.deepEqual(
    told.map(({ kind, marks, first: [where] }) => [kind, marks, where?.row]).sort(),
    [
      ['more-missed-than-possible', 1, 4],
      ['pupil-twice', 1, 3],
      ['reason-not-known', 1, 5],
      ['upn-wrong', 1, 6],
    ],
  );
});

test('what was stopped half-way is taken up again, or is to be sent again; nothing half-kept stays', async () => {
  const fromPage = await addOne('page');
  const typed = await addOne();
  await changeUpload(stores.records, typed, { state: 'reading' });
  const list = await run('registers uploads', {});
  assert.match(list.said, new RegExp(`^${typed} .*: Not kept; 0 new`, 'm'));
  assert.doesNotMatch(list.said, /Being read/, 'nobody reads it');
  const left = await tidyUploads(parts);
  assert.deepEqual(
    left.map(({ id }) => id),
    [fromPage],
  );
  const row = await findUpload(stores.records, typed);
  assert.equal(row?.state, 'failed');
  assert.match(row?.failure ?? '', /send it again/);
  mkdirSync(parts.folder, { recursive: true });
  writeFileSync(join(parts.folder, 'passing-another-1'), 'left by a process that was killed');
  await tidyUploads(parts);
  assert.deepEqual(readdirSync(parts.folder), []);
});

test('where there is no room on the disk it is said so, nothing is kept, and room is all it takes', async (context) => {
  const small = join(folder, 'small');
  mkdirSync(small);
  const mounted = spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small]);
  if (mounted.status !== 0) return context.skip('only root can make a small disk to fill');
  try {
    const rows = fortnight(present);
    const table = tableOf(Array.from({ length: 60 }, () => rows).flat());
    const { file, path } = fileOf(table);
    const before = await standing();
    const id = await addOne();
    await assert.rejects(
      receive({ ...parts, folder: small }, await getUpload(parts, id), file, working),
      /The disk of the data folder is full: nothing of the register was kept\. Make room there/,
    );
    assert.deepEqual(readdirSync(small), []);
    const typed = await run('registers import', { files: [path], switches: new Set(['dry-run']) });
    assert.equal(typed.exit, 0, typed.wrong.join());
    assert.deepEqual(await standing(), before);
  } finally {
    spawnSync('/bin/umount', ['-l', small]);
  }
});

test('an amendment that comes late keeps its reason, name and position, beside what stood when it was made', async () => {
  const day = '2025-09-17';
  const heading = 'urn,upn,date,session,code,entered_on,reason,amended_by,position';
  const of = (code: string, entered: string) => [
    ...[urn, first, day, 'AM', code, entered, 'the parent rang', 'A. Reed', 'Tutor'],
  ];
  await keep(await send(tableOf([[urn, first, day, 'AM', '/']])));
  await keep(await send(tableOf([of('M', '2025-09-20')], { heading })));
  await keep(await send(tableOf([of('I', '2025-09-24')], { heading })));
  const late = await send(
    tableOf(
      [of('C', '2025-09-10'), of('I', '2025-09-18'), of('L', '2025-09-19'), of('U', '2025-09-22')],
      { heading },
    ),
  );
  assert.equal(late.outcome.verdicts.earlier, 4);
  await keep(late);
  assert.ok((await standing()).includes(`0 ${day} 0 I`), 'the newest stands as before');
  const made = await amendmentsOf(stores.records, { urns: [urn], from: day, to: day });
  assert.deepEqual(
    made.map(({ original, entry, at }) => [original, entry, at.toISOString().slice(8, 10)]),
    [
      ['/', 'M', '20'],
      ['M', 'I', '24'],
      [null, 'C', '10'],
      ['/', 'I', '18'],
      ['I', 'L', '19'],
      ['M', 'U', '22'],
    ],
  );
  assert.ok(
    made.every(
      (each) =>
        `${each.reason}, ${each.person_name}, ${each.position}` ===
        'the parent rang, A. Reed, Tutor',
    ),
  );
});

test('the history of an entry is the same, however its file is split and in whatever order the parts come', async () => {
  const heading = 'urn,upn,date,session,code,entered_on,reason,amended_by,position';
  const date = '2025-09-23';
  const told: string[][] = [
    ['N', '', '', '', ''],
    ['I', '2025-09-25', 'Rang in', 'Ms B', 'Clerk'],
    ['N', '2025-09-29', 'Mistake', 'Ms B', 'Clerk'],
    ['N', '2025-09-30', '', '', ''],
    ['I', '2025-09-25', '', '', ''],
  ];
  const orders = [
    [[0, 1, 2, 3]],
    [[2], [0, 1], [3]],
    [[3], [1, 2], [0]],
    [
      [0, 3],
      [2, 1],
    ],
    [
      [4, 0, 1],
      [3, 2, 4],
    ],
    [[4], [3, 2], [1, 0], [0]],
  ];
  const histories: unknown[] = [];
  for (const [at, split] of orders.entries()) {
    const session = at < 3 ? 0 : 1;
    const rowOf = (row: number) => [
      ...[urn, upns[at % 3] ?? '', date, session === 0 ? 'AM' : 'PM', ...(told[row] ?? [])],
    ];
    for (const part of split) {
      const sent = await send(tableOf(part.map(rowOf), { heading }));
      if (at === 0) assert.deepEqual(sent.outcome.verdicts, { new: 1, amended: 3 });
      assert.equal(changesMuch(sent.outcome), false);
      await keep(sent);
    }
    const of = { urns: [urn], pupil: keys[at % 3] ?? '' };
    const amendments = await amendmentsOf(stores.records, { ...of, from: date, to: date });
    const made = await stores.read(entriesOfSession, { ...of, date, session });
    histories.push(
      made.map(({ code, entered, entry }) => {
        const by = amendments.find(({ id }) => id === entry);
        const moment = new Date(entered * 1000).toISOString();
        const day = /T(09:30|13:30)/.test(moment) ? '' : moment.slice(0, 10);
        return [code, day, by?.reason ?? '', by?.person_name ?? '', by?.position ?? ''];
      }),
    );
    const again = await send(tableOf([0, 1, 2, 3, 4].map(rowOf), { heading }));
    assert.equal((again.outcome.verdicts.same ?? 0) + (again.outcome.verdicts.repeated ?? 0), 5);
    assert.equal(again.outcome.writes, 0, `sent again, order ${at} changes nothing`);
  }
  for (const [at, each] of histories.entries()) {
    assert.deepEqual(each, told.slice(0, 4), `order ${at}`);
  }
});

test('who or why of an entry is kept, whether the bare mark came before it, after it or beside it', async () => {
  const heading = 'urn,upn,date,session,code,entered_on,reason,amended_by,position';
  const who = ['Rang in', 'Ms B', 'Clerk'];
  const bare = (code: string, entered = '') => [code, entered, '', '', ''];
  const full = (code: string, entered = '') => [code, entered, ...who];
  const undated = `at the session I: Rang in, Ms B, Clerk, in place of nothing`;
  const dated = `2025-10-02 I: Rang in, Ms B, Clerk, in place of`;
  const amended = `2025-10-03 M`;
  const marked = 'at the session N';
  const cases: [what: string, files: string[][][], history: string[]][] = [
    ['before', [[bare('I')], [full('I')]], [undated]],
    ['after', [[full('I')], [bare('I')]], [undated]],
    ['beside', [[bare('I'), full('I')]], [undated]],
    ['before, in one file', [[full('I'), bare('I')]], [undated]],
    ['amended since', [[bare('I')], [bare('M', '2025-10-03')], [full('I')]], [undated, amended]],
    ['amended then', [[bare('I')], [full('I'), bare('M', '2025-10-03')]], [undated, amended]],
    ['dated', [[bare('I', '2025-10-02')], [full('I', '2025-10-02')]], [`${dated} nothing`]],
    [
      'dated, amending',
      [[bare('N')], [bare('I', '2025-10-02')], [full('I', '2025-10-02')]],
      [marked, `${dated} N`],
    ],
    [
      'dated, between',
      [[bare('N'), bare('I', '2025-10-02')], [bare('M', '2025-10-03')], [full('I', '2025-10-02')]],
      [marked, `${dated} N`, amended],
    ],
  ];
  for (const [at, [what, sent, history]] of cases.entries()) {
    const session = at % 2 === 0 ? 0 : 1;
    const date = `2025-09-${29 + Math.floor(at / 8)}`;
    const child = Math.floor(at / 2) % 4;
    const rowOf = (cells: string[]) => [
      ...[urn, upns[child] ?? '', date, session === 0 ? 'AM' : 'PM', ...cells],
    ];
    for (const rows of sent) await keep(await send(tableOf(rows.map(rowOf), { heading })));
    const of = { urns: [urn], pupil: keys[child] ?? '' };
    const amendments = await amendmentsOf(stores.records, { ...of, from: date, to: date });
    const made = await stores.read(entriesOfSession, { ...of, date, session });
    const told = made.map(({ code, entered, entry }) => {
      const moment = new Date(entered * 1000).toISOString();
      const day = /T(09:30|13:30)/.test(moment) ? 'at the session' : moment.slice(0, 10);
      const by = amendments.find(({ id }) => id === entry);
      const known = by && [by.reason, by.person_name, by.position].join(', ');
      return `${day} ${code}${known ? `: ${known}, in place of ${by.original ?? 'nothing'}` : ''}`;
    });
    assert.deepEqual(told, history, what);
    const again = await send(tableOf(sent.flat().map(rowOf), { heading }));
    assert.equal(again.outcome.writes, 0, `${what}, sent again`);
  }
});

for (const quoted of [false, true]) {
  const by = quoted ? 'the reader' : 'the engine';
  test(`a day of entry long before its session is refused, and a year ahead is not, when ${by} reads it`, async () => {
    const heading = 'urn,upn,date,session,code,entered_on';
    const of = (entered: string) => [urn, first, '2025-10-08', 'AM', 'I', entered];
    const days = ['2016-10-08', '2024-10-06', '2024-10-07', '2025-10-08', '2025-10-09', ''];
    const { upload, outcome } = await send(tableOf(days.map(of), { heading, quoted }));
    assert.deepEqual(outcome.verdicts, { new: 1, amended: 3, 'entered-long-before': 2 });
    const [told] = await problemsOf(parts, upload);
    assert.deepEqual(
      told?.first.map(({ row, column }) => [row, column]),
      [
        [2, 'F (entered_on)'],
        [3, 'F (entered_on)'],
      ],
    );
    assert.match(told?.first[0]?.message ?? '', /more than a year before the day of the session/);
  });
}

test('what a school’s system said before and says again undoes no amendment, and what it says anew does', async () => {
  const day = '2025-09-24';
  const undated = (code: string) => tableOf([[urn, first, day, 'AM', code]]);
  const dated = tableOf([[urn, first, day, 'AM', 'I', '2025-09-26']], {
    heading: 'urn,upn,date,session,code,entered_on',
  });
  const steps: [text: string, verdicts: object, stands: string][] = [
    [undated('N'), { new: 1 }, 'N'],
    [dated, { new: 0, amended: 1 }, 'I'],
    [undated('N'), { new: 0, same: 1 }, 'I'],
    [dated, { new: 0, same: 1 }, 'I'],
    [undated('I'), { new: 0, same: 1 }, 'I'],
    [undated('N'), { new: 0, amended: 1 }, 'N'],
    [undated('N'), { new: 0, same: 1 }, 'N'],
    [undated('M'), { new: 0, amended: 1 }, 'M'],
    [undated('N'), { new: 0, amended: 1 }, 'N'],
  ];
  for (const [at, [text, verdicts, stands]] of steps.entries()) {
    const sent = await send(text);
    assert.deepEqual(sent.outcome.verdicts, verdicts, `step ${at}`);
    await keep(sent);
    assert.ok((await standing()).includes(`0 ${day} 0 ${stands}`), `step ${at}`);
  }
});

test('what was shown is kept, and where other marks would change than those, nothing is until somebody looks again', async () => {
  const day = '2025-09-25';
  const of = (one: string, other: string) =>
    tableOf([
      [urn, first, day, 'AM', one],
      [urn, second, day, 'AM', other],
    ]);
  await keep(await send(of('/', '/')));
  const shown = await send(of('I', '/'));
  await keep(await send(of('I', 'O')));
  const { id, file } = shown;
  const held = await keepUpload(parts, id, { ...working, file, asShown: true });
  assert.deepEqual([held.state, outcomeOf(held).moved], ['ready', true]);
  assert.ok((await standing()).includes(`1 ${day} 0 O`));
  const looked = await keepUpload(parts, id, { ...working, file, asShown: true });
  assert.equal(looked.state, 'kept');
});

test('many changes of one session are many, whatever else is in the file', async () => {
  const days = ['2025-11-10', '2025-11-11', '2025-11-12'];
  const of = (dates: readonly string[], code: string) =>
    dates.flatMap((date) => upns.map((upn) => [urn, upn, date, 'AM', code]));
  const others = ['2025-11-17', '2025-11-18', '2025-12-01', '2025-12-02'];
  await keep(await send(tableOf([...of(days, '/'), ...of(others, '/')])));
  const all = await send(tableOf([...of(days, 'I'), ...of(others, '/')]));
  assert.deepEqual([all.outcome.changes, all.outcome.there], [12, 12]);
  assert.equal(changesMuch(all.outcome), true);
});

test('before an upload is withdrawn it is said which later ones said the same, and what was amended', async () => {
  const day = '2025-09-18';
  const both = [
    [urn, first, day, 'AM', '/'],
    [urn, second, day, 'AM', '/'],
  ];
  const one = await send(tableOf(both));
  await keep(one);
  const again = await send(tableOf([...both, [urn, first, day, 'PM', '\\']]));
  await keep(again);
  await keep(await send(tableOf([[urn, second, day, 'AM', 'I']])));
  const wanted = new RegExp(
    `2 marks of it count no longer, and what stood before stands again, save for marks that upload ${again.id} said again: .*send it again if they shall stand\\. 1 mark of it was amended later`,
  );
  const files = [String(one.id)];
  const dry = await run('registers withdraw', { files, switches: new Set(['dry-run']) });
  assert.match(dry.said, wanted);
  assert.match(dry.said, /would stay\. Nothing was withdrawn/);
  assert.ok((await standing()).includes(`0 ${day} 0 /`), 'nothing is withdrawn yet');
  const [other] = upns.slice(2);
  const heading = 'urn,upn,date,session,code,entered_on';
  const late = (code: string, entered: string) =>
    tableOf([[urn, other ?? '', day, 'AM', code, entered]], { heading });
  const newer = await send(late('I', '2025-09-25'));
  await keep(newer);
  await keep(await send(late('N', '2025-09-19')));
  assert.match((await run('registers uploads', {})).said, /0 refused, 1 earlier than what stands/);
  const rests = async () =>
    (await run('registers withdraw', { files: [String(newer.id)], switches: new Set(['dry-run']) }))
      .said;
  assert.doesNotMatch(await rests(), /amended later/, 'an earlier entry amends nothing');
  await keep(await send(late('M', '2025-09-26')));
  assert.match(await rests(), /1 mark of it was amended later/);
  const done = await run('registers withdraw', { files });
  assert.match(done.said, wanted);
  assert.ok(!(await standing()).includes(`0 ${day} 0 /`));
});

test('what was kept is kept, though the figures cannot be brought up to it', async () => {
  const { path } = fileOf(tableOf([[urn, first, '2025-09-19', 'AM', '/']]));
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  const afterCommit = async () => {
    throw new Error('no room for figures');
  };
  const { exit, said } = await run('registers import', { files: [path] }, { afterCommit });
  assert.equal(exit, 0);
  assert.match(said, /Kept as upload/);
  assert.match((await warned).message, /registers are kept.*no room for figures/);
  assert.match(
    (await run('registers uploads', {})).said,
    new RegExp(`register-${files}\\.csv: Kept;`),
  );
  assert.ok((await standing()).includes('0 2025-09-19 0 /'));
});

test('a line without an end is left to the reader after as much as a row may be, and told in words', async () => {
  const start = Buffer.from(tableOf([[urn, first, '2025-09-19', 'AM', '/']]));
  const piece = Buffer.alloc(1 << 16, 47);
  let pieces = 0;
  const source = async function* () {
    yield Buffer.concat([start, Buffer.from('\n'), Buffer.alloc(300_000, 47)]);
    for (let at = 0; at < 2000; at += 1) {
      pieces += 1;
      yield piece;
    }
  };
  const id = await addOne();
  const secret = await pupilSecretOf(stores.records);
  const staging = { upload: id, source, secret, signal, scratch: folder };
  const { reading, by } = await stores.write(({ warehouse }) =>
    stageFile(warehouse, { ...staging, options: { file: 'a', limits: { rowCharacters: 1000 } } }),
  );
  assert.equal(by, 'reader');
  assert.equal(reading.complete, false);
  assert.match(reading.problems.at(-1)?.message ?? '', /row|line/);
  assert.ok(pieces < 20, `${pieces} pieces were read of it`);
});

test('a gzip that breaks off is refused in words, and who stops an import does not wait for its bytes', async () => {
  const packed = gzipSync(tableOf(Array.from({ length: 4000 }, () => good).flat()));
  const { path } = fileOf('');
  writeFileSync(path, packed.subarray(0, packed.length - 200));
  const broken = await run('registers import', { files: [path] }).then(
    ({ wrong }) => wrong.join(),
    (error: unknown) => (error instanceof Refusal ? error.message : `a fault: ${String(error)}`),
  );
  assert.match(broken, /The gzip is damaged or breaks off before its end.* Nothing was kept\./);
  assert.doesNotMatch(broken, /a fault/);
  const next = fileOf(tableOf([])).path;
  const two = await run('registers import', { files: [path, next, next] });
  assert.equal(two.exit, 1);
  assert.ok(two.wrong[0]?.startsWith(`${path}: The gzip is damaged`), two.wrong[0]);
  assert.ok(two.wrong[0]?.includes(`Not looked at yet: ${next} and 1 more file. Send them again.`));

  const stop = new AbortController();
  let pieces = 0;
  const endless = async function* () {
    yield Buffer.from(tableOf([]));
    for (; pieces < 5000; pieces += 1) {
      if (pieces === 300) stop.abort();
      yield Buffer.from(tableOf(good, { heading: '' }));
    }
  };
  const id = await addOne();
  const file = { source: endless, read: { bytes: 0, of: 1 } };
  await assert.rejects(
    receive(parts, await getUpload(parts, id), file, { ownUrns: [], signal: stop.signal }),
    { name: 'AbortError' },
  );
  assert.ok(pieces < 310, `${pieces} pieces were read after it was stopped`);
});

test('of a code of another day it is said which one was right then, where there was one', () => {
  const says = (code: string, date: string) => codeOfAnotherDay(code, date);
  assert.match(says('H', '2024-08-19'), /no code H on 19 August 2024: .* was C \(Leave in ex/);
  assert.match(says('J', '2024-08-19'), /was J1 \(Interview for a job/);
  assert.match(says('J1', '2024-08-18'), /was J \(Interview, counted as attendance\) then/);
  assert.match(says('I02', '2022-01-10'), /was I \(Illness\) then/);
  assert.match(says('Y', '2025-01-10'), /was one of Q, Y1, .*Y7 then/);
  assert.match(says('K', '2024-08-18'), /nor another for the same/);
});

test('a code that stands, and that a file without days says again, was entered by nobody whom the file names', async () => {
  const heading = 'urn,upn,date,session,code,entered_on,reason,amended_by,position';
  const date = '2025-10-20';
  const row = (code: string, ...cells: string[]) => [urn, first, date, 'AM', code, ...cells];
  const who = ['No reason found', 'Ann Bee', 'Officer'];
  for (const cells of [
    row('N', '', '', '', ''),
    row('O', '2025-10-22', ...who),
    row('O', '', ...who),
  ]) {
    await keep(await send(tableOf([cells], { heading })));
  }
  const made = await amendmentsOf(stores.records, { urns: [urn], from: date, to: date });
  assert.deepEqual(
    made.map(({ original, entry, person_name, at }) => [
      ...[original, entry, person_name, at.toISOString().slice(0, 10)],
    ]),
    [['N', 'O', 'Ann Bee', '2025-10-22']],
  );
});

test('an entry keeps who made it and why in whatever order two files that say the same code come', async () => {
  const heading = 'urn,upn,date,session,code,entered_on,reason,amended_by,position';
  const told: string[][] = [];
  for (const [date, order] of [
    ['2025-10-29', [0, 1]],
    ['2025-10-30', [1, 0]],
  ] as const) {
    const files = [
      [urn, first, date, 'AM', 'N', '2025-10-31', 'Later', 'Cee Dee', 'Clerk'],
      [urn, first, date, 'AM', 'N', '', 'At once', 'Ann Bee', 'Officer'],
    ];
    for (const at of order) await keep(await send(tableOf([files[at] as string[]], { heading })));
    const pupil = String(pupilKey(first, await pupilSecretOf(stores.records)));
    const of = { urns: [urn], pupil };
    const amendments = await amendmentsOf(stores.records, { ...of, from: date, to: date });
    const made = await stores.read(entriesOfSession, { ...of, date, session: 0 });
    told.push(
      made.map(({ code, entry }) => {
        const by = amendments.find(({ id }) => id === entry);
        return `${code} ${by?.reason} ${by?.person_name}`;
      }),
    );
  }
  assert.deepEqual(told[0], told[1]);
  assert.ok(told[0]?.some((each) => each.includes('Ann Bee')));
});

test('of a large school a class whose codes all change is much, and the corrections of a day or two are not', async () => {
  const secret = await pupilSecretOf(stores.records);
  const children = Array.from({ length: 300 }, (_, serial) =>
    makeUpn({ laCode: '990', establishment: 4002, year: 2018, serial }),
  );
  await stores.write(async ({ begin, warehouse }) => {
    const bringing = { kind: 'pupils', scope: 'large', title: 'pupils', digest: '' };
    const { id } = await begin(bringing);
    await warehouse.append(
      'enrolments',
      ['receipt', 'urn', 'pupil', 'entry_date', 'leaving_date', 'year_group'],
      children.map((each) => [
        ...[id, otherUrn, String(pupilKey(each, secret)), '2024-09-01', '2149-06-06', 7],
      ]),
    );
  });
  const dates = ['2025-10-13', '2025-10-14', '2025-10-15', '2025-10-16', '2025-10-17'];
  const of = (
    some: readonly string[],
    days: readonly string[],
    code?: string,
    sessions: readonly (0 | 1)[] = [0, 1],
  ) =>
    some.flatMap((each) =>
      days.flatMap((date) =>
        sessions.map((session) => [
          ...[otherUrn, each, date, session === 0 ? 'AM' : 'PM', code ?? present(0, 0, session)],
        ]),
      ),
    );
  await keep(await send(tableOf(of(children, dates))));
  const cases: [what: string, rows: (string | number)[][], isMuch: boolean][] = [
    ['a class', of(children.slice(0, 25), dates, 'I'), true],
    [
      'a class among the whole school',
      of(children, dates).map((row, at) => (at < 250 ? [...row.slice(0, 4), 'I'] : row)),
      true,
    ],
    [
      'a class, and one mark of many others',
      [
        ...of(children.slice(0, 25), dates, 'I'),
        ...of(children.slice(25, 50), dates.slice(0, 1), 'L', [0]),
      ],
      true,
    ],
    ['an afternoon of twelve', of(children.slice(0, 12), dates.slice(0, 1), 'I', [1]), false],
    ['two days of 29', of(children.slice(0, 29), dates.slice(0, 2), 'I'), false],
    ['a week of ten', of(children.slice(0, 10), dates, 'I'), false],
    ['a session of many', of(children.slice(0, 40), dates.slice(0, 1), 'I', [0]), true],
  ];
  for (const [what, rows, isMuch] of cases) {
    const { outcome } = await send(tableOf(rows));
    assert.equal(changesMuch(outcome), isMuch, what);
  }
});
