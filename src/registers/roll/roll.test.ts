import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { operator, openTrail } from '../../access/index.ts';
import { pupilKey } from '../../base/pupilKey.ts';
import { Refusal } from '../../base/problem.ts';
import { makeUpn } from '../../base/upn.ts';
import {
  auditEntriesAfter,
  beginReceipt,
  erasePupil,
  pupilSecretOf,
  restrictPupil,
  rollOf,
} from '../../records/index.ts';
import type { Stores } from '../../stores/index.ts';
import fc from '../../testing/chance.ts';
import { openTestStores, scratchFolder, testClock } from '../../testing/stores.ts';
import { statement } from '../../warehouse/index.ts';
import { importRoll, type ImportOptions, type RollKind, type RollOutcome } from './import.ts';
import { rollCommands } from './index.ts';
import { calendarsKind, pupilsKind, schoolsKind } from './kinds.ts';
import { yearGroupOf } from './rows.ts';

let stores: Stores;
let close: () => Promise<void>;
let warehouse: Parameters<Parameters<Stores['write']>[0]>[0]['warehouse'];
const { folder, remove } = scratchFolder();
before(async () => {
  ({ stores, close } = await openTestStores());
  warehouse = await stores.write(async (write) => write.warehouse);
});
after(async () => {
  await close();
  remove();
});

const fileOf = (text: string | Buffer, name = 'file.csv') => ({
  name,
  source: async function* () {
    const bytes = Buffer.from(text as string);
    // In small pieces, so that rows and characters are cut in two.
    for (let at = 0; at < bytes.length; at += 97) yield bytes.subarray(at, at + 97);
  },
});

function take<Row extends { urn: number }>(
  kind: RollKind<Row>,
  texts: string | Buffer | readonly (string | Buffer)[],
  options: Partial<ImportOptions> = {},
): Promise<RollOutcome> {
  const files = (Array.isArray(texts) ? texts : [texts]).map((text, at) =>
    fileOf(text as string, `file${at === 0 ? '' : at + 1}.csv`),
  );
  return importRoll(stores, kind, files, { clock: testClock, ...options });
}

const schoolsHead = 'urn,laestab,name,phase,la_code,region_code\n';
const daysHead = 'urn,date,am,pm,reason\n';
const pupilsHead =
  'urn,upn,surname,forename,date_of_birth,sex,year_group,fsm,sen,eal,ethnicity,entry_date,leaving_date\n';
const upn = (serial: number) => makeUpn({ laCode: '990', establishment: 4001, year: 2020, serial });
const pupil = (urn: number, serial: number, changes: Record<string, string> = {}) => {
  const cells: Record<string, string> = {
    ...{ urn: String(urn), upn: upn(serial), surname: 'O’Neill', forename: `Child ${serial}` },
    ...{ date_of_birth: '2014-02-28', sex: 'F', year_group: '7', fsm: '1', sen: 'K', eal: '0' },
    ...{ ethnicity: 'WBRI', entry_date: '2025-09-01', leaving_date: '' },
    ...changes,
  };
  return `${pupilsHead
    .trim()
    .split(',')
    .map((name) => cells[name])
    .join(',')}\n`;
};
const kinds = ({ problems }: RollOutcome) =>
  Object.fromEntries(problems.map(({ kind, rows }) => [kind, rows]));

type Enrolled = { pupil: string; entry_date: string; leaving_date: string; year_group: number };
/** The roll that stands: the rows of the newest receipt that has any. */
const enrolled = async (urn: number): Promise<(Enrolled & Record<string, unknown>)[]> => {
  const receipts = (await stores.receipts('pupils')).map(({ id }) => id);
  return warehouse.query(
    statement<Enrolled & Record<string, unknown>, { urn: number; receipts: number[] }>(
      'enrolled',
      `SELECT toString(pupil) AS pupil, toString(entry_date) AS entry_date, toString(leaving_date) AS leaving_date,
              year_group, sex, fsm, sen, eal, ethnicity, toString(born) AS born
       FROM enrolments WHERE urn = {urn:UInt32} AND receipt IN {receipts:Array(UInt32)}
         AND receipt = (SELECT max(receipt) FROM enrolments WHERE urn = {urn:UInt32} AND receipt IN {receipts:Array(UInt32)})
       ORDER BY enrolments.pupil, enrolments.entry_date`,
    ),
    { urn, receipts },
  );
};

test('schools are taken in once, and again only where something differs', async () => {
  const one = '900001,9904001,Lanternfield High,secondary,990,E99900001\n';
  const two = '900002,9902001,"Teasel, Green",Primary,990,E99900001\n';
  const first = await take(schoolsKind, schoolsHead + one + two);
  assert.deepEqual(first.counts, { new: 2, same: 0, changed: 0, removed: 0 });
  assert.equal((await take(schoolsKind, schoolsHead + one + two)).receipt, null);
  const renamed = await take(schoolsKind, schoolsHead + one.replace('High', 'Academy') + two);
  assert.deepEqual(renamed.counts, { new: 0, same: 1, changed: 1, removed: 0 });
  const dry = await take(schoolsKind, schoolsHead + one, { dryRun: true });
  assert.deepEqual(dry.counts, { new: 0, same: 0, changed: 1, removed: 0 });
  assert.equal(dry.receipt, null);
  assert.deepEqual((await take(schoolsKind, schoolsHead + one)).counts.changed, 1);
});

test('a school that is told twice with a difference, or that cannot be, is refused with its row and column', async () => {
  const outcome = await take(
    schoolsKind,
    `${schoolsHead}900010,9904010,One,secondary,990,E99900001
900010,9904010,Another,secondary,990,E99900001
900011,9914011,Two,secondary,990,E99900001
900012,99,Three,secondary,990,E99900001
900013,9904013,Four,college,990,E99900001
90014,9904014,,secondary,990,E99900001
900015,9904015,Five,special,990,E99900001
900016,9904016,Six,special,990,E92000001
900017,9904017,Seven,special,990,E12000099
900018,9904018,Eight,special,990,E13000001
`,
  );
  assert.deepEqual(kinds(outcome), {
    'told-twice': 2,
    'laestab-of-another-authority': 1,
    'laestab-not-read': 1,
    'phase-not-read': 1,
    'urn-not-read': 1,
    'name-missing': 1,
    'region-code-not-read': 2,
  });
  assert.equal(outcome.refused, 8);
  assert.equal(outcome.counts.new, 2);
  const [region] =
    outcome.problems.find(({ kind }) => kind === 'region-code-not-read')?.first ?? [];
  assert.deepEqual([region?.row, region?.column], [9, 'F (region_code)']);
  assert.match(region?.message ?? '', /E12000001 \(North East\), .*E13000002 \(Outer London\)\.$/);
  const [wrong] = outcome.problems.find(({ kind }) => kind === 'phase-not-read')?.first ?? [];
  assert.deepEqual([wrong?.file, wrong?.row, wrong?.column], ['file.csv', 6, 'D (phase)']);
});

test('a calendar says which halves of a day are open, and changes the days it has and no others', async () => {
  const text = `${daysHead}900001,2025-09-01,closed,closed,staff training\n900001,2025-09-02,open,open,\n`;
  assert.equal((await take(calendarsKind, text)).counts.new, 2);
  assert.equal((await take(calendarsKind, text)).receipt, null);
  const snow = `${daysHead}900001,2025-09-02,open,closed,"snow, and ice"\n900001,2025-09-31,open,open,\n900001,2025-09-03,yes,open,\n`;
  const outcome = await take(calendarsKind, snow);
  assert.deepEqual(outcome.counts, { new: 0, same: 0, changed: 1, removed: 0 });
  assert.deepEqual(kinds(outcome), { 'date-not-read': 1, 'open-not-read': 1 });
  assert.equal((await take(calendarsKind, snow.replace('2025-09-31', '2025-10-01'))).counts.new, 1);
});

test('a roll goes into both stores: names in the records, keys and months of birth in the warehouse', async () => {
  const urn = 900_100;
  const left = pupil(urn, 2, { year_group: 'R', fsm: '', sen: '', leaving_date: '2026-07-21' });
  await take(pupilsKind, pupilsHead + pupil(urn, 1) + left);
  const secret = await pupilSecretOf(stores.records);
  const keyOf = (serial: number) => String(pupilKey(upn(serial), secret));
  const rows = await enrolled(urn);
  assert.deepEqual(
    rows.find((row) => row.pupil === keyOf(1)),
    {
      ...{ pupil: keyOf(1), entry_date: '2025-09-01', leaving_date: '2149-06-06', year_group: 7 },
      ...{ sex: 'F', fsm: true, sen: 'K', eal: false, ethnicity: 'WBRI', born: '2014-02-01' },
    },
  );
  const two = rows.find((row) => row.pupil === keyOf(2));
  assert.deepEqual(
    [two?.leaving_date, two?.year_group, two?.['fsm'], two?.['sen']],
    ['2026-07-21', 0, null, ''],
  );
  const kept = await rollOf(stores.records, [urn]);
  assert.deepEqual(
    new Map(kept.map((row) => [row.upn, [row.surname, row.date_of_birth, row.leaving_date]])),
    new Map([
      [upn(1), ['O’Neill', '2014-02-28', null]],
      [upn(2), ['O’Neill', '2014-02-28', '2026-07-21']],
    ]),
  );
});

test('a roll takes the place of the school’s last one, whole; other schools’ stay as they are', async () => {
  const [urn, other] = [900_110, 900_111];
  const all = Array.from({ length: 30 }, (_, at) => pupil(urn, 100 + at)).join('');
  await take(pupilsKind, pupilsHead + all + pupil(other, 140));
  const now = [...Array(12).keys()].map((at) => pupil(urn, 100 + at)).join('');
  const text = pupilsHead + now.replace('Child 101', 'Renamed') + pupil(urn, 150);
  const held = await take(pupilsKind, text);
  assert.deepEqual([held.receipt, held.refused], [null, 13]);
  assert.match(held.problems[0]?.first[0]?.message ?? '', /18 of the 30 children on its roll/);
  assert.equal((await enrolled(urn)).length, 30, 'nothing of a roll cut short is taken');
  const outcome = await take(pupilsKind, text, { leavers: true });
  assert.deepEqual(outcome.counts, { new: 1, same: 11, changed: 1, removed: 18 });
  assert.match(outcome.remarks.join(), /School 900110: 18 of 30 enrolments/);
  assert.equal((await enrolled(urn)).length, 13);
  assert.equal((await enrolled(other)).length, 1);
  assert.equal((await rollOf(stores.records, [urn])).length, 13);
  assert.equal((await take(pupilsKind, text)).receipt, null, 'the same again changes nothing');
});

test('a roll that leaves out many children is refused until it is said that they left; ordinary rolls go in', async () => {
  const urn = 900_114;
  const roll = (from: number, changes: (at: number) => Record<string, string> = () => ({})) =>
    pupilsHead +
    Array.from({ length: 15 - from }, (_, at) =>
      pupil(urn, 600 + from + at, changes(from + at)),
    ).join('');
  const years = (up: number) => (at: number) => ({
    year_group: String(1 + Math.floor(at / 3) + up),
  });
  assert.equal((await take(pupilsKind, roll(0, years(0)))).counts.new, 15, 'a first roll');
  const cut = pupilsHead + pupil(urn, 600, years(0)(0));
  const dry = await take(pupilsKind, cut, { dryRun: true });
  assert.equal(dry.refused, 1);
  assert.match(
    dry.problems[0]?.first[0]?.message ?? '',
    /14 of the 15 children on its roll are not in the file.*--leavers.*the box on the page.*leavers=yes/,
  );
  assert.deepEqual((await take(pupilsKind, cut)).counts, {
    new: 0,
    same: 0,
    changed: 0,
    removed: 0,
  });
  assert.equal((await take(pupilsKind, roll(3, years(0)), { dryRun: true })).refused, 0, 'a fifth');
  assert.equal((await take(pupilsKind, roll(4, years(0)), { dryRun: true })).refused, 11);
  const dated = (at: number): Record<string, string> => ({
    ...years(0)(at),
    ...(at > 8 ? { leaving_date: '2026-07-21' } : {}),
  });
  assert.equal((await take(pupilsKind, roll(0, dated), { dryRun: true })).counts.changed, 6);
  const september =
    pupilsHead + Array.from({ length: 11 }, (_, at) => pupil(urn, 600 + at, years(1)(at))).join('');
  const next = await take(pupilsKind, september, { dryRun: true });
  assert.equal(next.refused, 0, 'the oldest left in July, and one child moved away');
});

/** A morning present for each of these children on each of these days. */
async function present(urn: number, children: readonly number[], days: readonly string[]) {
  const secret = await pupilSecretOf(stores.records);
  await stores.write(async (write) => {
    const scope = `${urn} ${children.join()} ${days.join()}`;
    const { id } = await write.begin({ kind: 'marks', scope, title: 'marks', digest: '' });
    const keys = children.map((at) => String(pupilKey(upn(at), secret)));
    await write.warehouse.append(
      'marks',
      ['receipt', 'urn', 'pupil', 'date', 'session', 'code', 'entered_at', 'entry'],
      keys.flatMap((key) => days.map((day) => [id, urn, key, day, 0, '/', `${day} 09:00:00`, 0])),
    );
  });
}

test('who has marks and is left out of a new roll stays on it until the last of them', async () => {
  const urn = 900_113;
  await take(pupilsKind, pupilsHead + [161, 162, 163].map((at) => pupil(urn, at)).join(''));
  await present(urn, [161, 162], ['2026-07-16', '2026-07-17']);
  const september = pupilsHead + pupil(urn, 162, { entry_date: '2026-07-16' });
  const outcome = await take(pupilsKind, september);
  assert.deepEqual(outcome.counts, { new: 1, same: 0, changed: 1, removed: 2 });
  assert.match(outcome.remarks.join(), /^1 enrolment is not in the file but has marks/);
  const roll = (await rollOf(stores.records, [urn])).map((row) => `${row.upn} ${row.leaving_date}`);
  assert.deepEqual(roll.sort(), [`${upn(161)} 2026-07-17`, `${upn(162)} null`].sort());
  assert.equal((await enrolled(urn)).length, 2);
  assert.equal((await take(pupilsKind, september)).receipt, null, 'the same again changes nothing');
});

test('a roll whose entry dates move forward takes no marks out; a date with none before it is corrected', async () => {
  const urn = 900_116;
  const children = Array.from({ length: 14 }, (_, at) => 700 + at);
  const rows = (changes: (at: number) => Record<string, string>) =>
    pupilsHead + children.map((at) => pupil(urn, at, changes(at))).join('');
  const started = (at: number): Record<string, string> =>
    at === 713 ? { entry_date: '2024-09-02', leaving_date: '2025-07-22' } : {};
  await take(pupilsKind, rows(started));
  await present(urn, children.slice(0, 12), ['2025-09-08', '2026-01-12']);
  await present(urn, [712], ['2026-01-12']);
  await present(urn, [713], ['2025-07-21']);
  const stand = async () => {
    const roll = await rollOf(stores.records, [urn]);
    const told = roll.map((row) => `${row.upn} ${row.entry_date} ${row.leaving_date}`).sort();
    const days = (await enrolled(urn)).map(({ entry_date, leaving_date }) =>
      `${entry_date} ${leaving_date}`.replace('2149-06-06', 'null'),
    );
    assert.deepEqual(
      days.sort(),
      roll.map((row) => `${row.entry_date} ${row.leaving_date}`).sort(),
    );
    return told;
  };
  const moved = rows((at) => ({
    ...{ entry_date: '2026-01-05', year_group: '8' },
    ...(at === 700 ? { leaving_date: '2026-02-13' } : {}),
  }));
  const dry = await take(pupilsKind, moved, { dryRun: true });
  const outcome = await take(pupilsKind, moved);
  assert.deepEqual([dry.counts, dry.remarks], [outcome.counts, outcome.remarks]);
  assert.deepEqual(outcome.counts, { new: 2, same: 0, changed: 12, removed: 1 });
  assert.deepEqual(outcome.remarks, [
    '12 enrolments have marks from before the entry date in the file: they begin on the earlier date, as before, so that those marks still count.',
  ]);
  const after = [
    ...children
      .slice(0, 12)
      .map((at) => `${upn(at)} 2025-09-01 ${at === 700 ? '2026-02-13' : null}`),
    `${upn(712)} 2026-01-05 null`,
    `${upn(713)} 2024-09-02 2025-07-22`,
    `${upn(713)} 2026-01-05 null`,
  ].sort();
  assert.deepEqual(await stand(), after);
  assert.equal((await take(pupilsKind, moved)).receipt, null, 'the same again changes nothing');
  const years =
    pupilsHead +
    children
      .slice(1)
      .flatMap((at) => [
        pupil(urn, at, { entry_date: '2026-02-02', leaving_date: '2026-07-21' }),
        pupil(urn, at, { entry_date: '2026-09-01', year_group: '9' }),
      ])
      .join('');
  const next = await take(pupilsKind, years, { leavers: true });
  assert.match(next.remarks.join(' '), /^12 enrolments have marks from before/);
  const joined = children.slice(1, 12).map((at) => `${upn(at)} 2025-09-01 2026-07-21`);
  const stands = await stand();
  assert.deepEqual(
    stands.filter((each) => each.includes(' 2025-09-01 2026-07-21')),
    joined.sort(),
  );
  assert.ok(stands.includes(`${upn(700)} 2025-09-01 2026-02-13`), 'and who left stays until then');
});

test('where new dates leave marks on no roll, a sentence says of how many marks and children, and never of whom', async () => {
  const urn = 900_117;
  const children = [721, 722, 723];
  const roll = (rows: string[]) => pupilsHead + rows.join('');
  const all = (changes: Record<string, string> = {}) =>
    children.map((at) => pupil(urn, at, { entry_date: '2022-09-01', ...changes }));
  await present(urn, children, ['2025-09-10', '2025-10-06', '2025-10-07', '2025-11-10']);
  const gap = (at: number) => [
    pupil(urn, at, { entry_date: '2025-09-08', leaving_date: '2025-09-30' }),
    pupil(urn, at, { entry_date: '2025-11-03' }),
  ];
  const [one = '', two = '', three = ''] = all();
  const cases: [what: string, rows: string[], says: RegExp | undefined][] = [
    ['a gap', [...gap(721), two, three], /^2 marks of 1 child count nowhere/],
    ['two gaps', [...gap(721), ...gap(722), three], /^4 marks of 2 children count nowhere/],
    ['they left', all({ leaving_date: '2025-11-07' }), /^3 marks of 3 children count nowhere/],
    ['on the last of its days', all({ leaving_date: '2025-11-10' }), undefined],
    ['a day more', all({ leaving_date: '2025-11-11' }), undefined],
    ['they joined later', all({ entry_date: '2025-10-06' }), undefined],
    [
      'joined later and left',
      all({ entry_date: '2025-10-06', leaving_date: '2025-10-06' }),
      /^6 marks of 3/,
    ],
    [
      'one mark',
      [pupil(urn, 721, { entry_date: '2022-09-01', leaving_date: '2025-11-09' }), two, three],
      /^1 mark of 1 child counts nowhere/,
    ],
    [
      'one day without marks',
      [
        pupil(urn, 721, { entry_date: '2022-09-01', leaving_date: '2025-10-31' }),
        pupil(urn, 721, { entry_date: '2025-11-02' }),
        two,
        three,
      ],
      undefined,
    ],
    ['one is left out', [two, three], undefined],
    ['one is refused', [pupil(urn, 721, { sex: '?' }), two, three], undefined],
    ['the same', [one, two, three], undefined],
  ];
  for (const [what, rows, says] of cases) {
    await take(pupilsKind, roll(all()));
    const dry = await take(pupilsKind, roll(rows), { dryRun: true });
    const { remarks } = await take(pupilsKind, roll(rows));
    assert.deepEqual(dry.remarks, remarks, what);
    const outside = remarks.filter((each) => each.includes('nowhere'));
    assert.equal(outside.length, says ? 1 : 0, `${what}: ${remarks.join()}`);
    if (says) assert.match(outside[0] ?? '', says, what);
    assert.doesNotMatch(remarks.join(), /[A-Z]\d{11}/);
    const again = await take(pupilsKind, roll(rows));
    assert.doesNotMatch(again.remarks.join(), /nowhere/, `${what}, sent again`);
  }
});

test('a child whose row is refused stays on the roll as it was, until the row is mended', async () => {
  const urn = 900_112;
  await take(pupilsKind, pupilsHead + [151, 152, 153, 154].map((at) => pupil(urn, at)).join(''));
  const mistyped =
    pupil(urn, 151, { sex: '?' }) +
    pupil(urn, 152) +
    pupil(urn, 152, { forename: 'Another' }) +
    pupil(urn, 153, { forename: 'Renamed' });
  const outcome = await take(pupilsKind, pupilsHead + mistyped);
  assert.deepEqual(outcome.counts, { new: 0, same: 0, changed: 1, removed: 1 });
  assert.equal(outcome.refused, 3);
  const names = async () =>
    (await rollOf(stores.records, [urn])).map(({ forename }) => forename).sort();
  assert.deepEqual(await names(), ['Child 151', 'Child 152', 'Renamed']);
  assert.equal((await enrolled(urn)).length, 3);
  assert.equal((await take(pupilsKind, pupilsHead + mistyped)).receipt, null);
  assert.deepEqual(await names(), ['Child 151', 'Child 152', 'Renamed']);
});

test('while nobody can tell whose a refused row is, no child that the file leaves out is ended', async () => {
  const urn = 900_115;
  const all = [631, 632, 633, 634];
  await take(pupilsKind, pupilsHead + all.map((at) => pupil(urn, at)).join(''));
  const rest = pupil(urn, 632) + pupil(urn, 633) + pupil(urn, 634);
  const digit = (text: string) => `${text.slice(0, -1)}${(Number(text.at(-1)) + 1) % 10}`;
  const cases: [what: string, row: string, remark: boolean, options?: Partial<ImportOptions>][] = [
    ['a wrong digit', pupil(urn, 631, { upn: digit(upn(631)) }), true],
    ['no UPN', pupil(urn, 631, { upn: '' }), true],
    ['the UPN of another', pupil(urn, 632, { date_of_birth: '2013-05-05' }), true],
    ['too many cells', pupil(urn, 631, { leaving_date: ',,1' }), true],
    ['a URN that is none', pupil(urn, 631, { urn: '90011' }), false],
    ['another school’s URN', pupil(urn + 1, 631), false, { onlyUrns: [urn] }],
    ['said to have left', pupil(urn, 631, { upn: '' }), true, { leavers: true }],
  ];
  for (const [what, row, isHeld, options] of cases) {
    const outcome = await take(pupilsKind, pupilsHead + rest + row, options);
    assert.equal(outcome.refused, 1, what);
    assert.deepEqual(outcome.counts, { new: 0, same: 3, changed: 0, removed: 0 }, what);
    assert.equal(outcome.receipt, null, what);
    const says =
      /School 900115: 1 child is on its roll and not in the file, and stays on it for now: a row does not say whose it is/;
    assert.equal(says.test(outcome.remarks.join()), isHeld, what);
    assert.doesNotMatch(outcome.remarks.join(), /[A-Z]\d{11}/);
  }
  const mended = await take(pupilsKind, pupilsHead + rest);
  assert.equal(mended.counts.removed, 1);
});

test('what stands does not depend on the order of the rows, nor on how they are cut into files', async () => {
  const rows = Array.from({ length: 24 }, (_, at) => pupil(900_120 + (at % 3), 200 + at));
  await take(pupilsKind, pupilsHead + rows.join(''));
  const before = await Promise.all([0, 1, 2].map((at) => enrolled(900_120 + at)));
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(rows, { minLength: rows.length }),
      fc.integer({ min: 1, max: rows.length - 1 }),
      async (order, cut) => {
        const files = [order.slice(0, cut), order.slice(cut)].map(
          (part) => pupilsHead + part.join(''),
        );
        const { counts, receipt } = await take(pupilsKind, files);
        assert.deepEqual([counts.same, counts.changed, receipt], [24, 0, null]);
      },
    ),
    { numRuns: 5 },
  );
  assert.deepEqual(await Promise.all([0, 1, 2].map((at) => enrolled(900_120 + at))), before);
});

test('every row that cannot be is refused under its own kind, and never with what stood in it', async () => {
  const urn = 900_130;
  const wrong: [string, Record<string, string>][] = [
    ['upn-wrong', { upn: `A${upn(301).slice(1)}` }],
    ['upn-missing', { upn: '' }],
    ['surname-missing', { surname: '' }],
    ['forename-not-read', { forename: 'A<b>' }],
    ['date-not-read', { date_of_birth: '2014-02-30' }],
    ['date-out-of-range', { date_of_birth: '1814-02-28' }],
    ['sex-not-read', { sex: 'X' }],
    ['year-group-not-read', { year_group: '15' }],
    ['fsm-not-read', { fsm: '2' }],
    ['sen-not-read', { sen: 'S' }],
    ['ethnicity-not-read', { ethnicity: 'W' }],
    ['left-before-entry', { leaving_date: '2025-08-31' }],
    ['born-after-entry', { date_of_birth: '2025-09-01' }],
  ];
  const text = wrong.map(([, changes], at) => pupil(urn, 300 + at, changes)).join('');
  const outcome = await take(pupilsKind, pupilsHead + text + pupil(urn, 399));
  assert.deepEqual(new Set(Object.keys(kinds(outcome))), new Set(wrong.map(([kind]) => kind)));
  assert.equal(outcome.refused, wrong.length);
  assert.equal(outcome.counts.new, 1);
  const told = JSON.stringify(outcome.problems);
  assert.doesNotMatch(told, /O’Neill|Child|1814|2014|[A-Z]\d{12}/);
  for (const { first } of outcome.problems) {
    assert.ok(first.every(({ row, column }) => (row ?? 0) > 1 && column !== undefined));
  }
});

test('a child is on a roll once at a time, and a UPN is one child’s', async () => {
  const urn = 900_140;
  const again = { entry_date: '2026-01-05', leaving_date: '' };
  const outcome = await take(
    pupilsKind,
    pupilsHead +
      pupil(urn, 400, { leaving_date: '2025-10-24' }) +
      pupil(urn, 400, again) +
      pupil(urn, 401) +
      pupil(urn, 401, again) +
      pupil(urn, 402) +
      pupil(urn, 402) +
      pupil(urn, 403) +
      pupil(urn, 403, { forename: 'Another' }) +
      pupil(urn, 404) +
      pupil(900_141, 404, { date_of_birth: '2013-01-01' }),
  );
  assert.deepEqual(kinds(outcome), {
    'enrolments-overlap': 2,
    'told-twice': 2,
    'upn-of-another-child': 1,
  });
  assert.deepEqual(outcome.counts, { new: 4, same: 1, changed: 0, removed: 0 });
  assert.equal((await enrolled(urn)).length, 4);
});

test('an erased child comes back only when that is said, and a restricted record is left as it is', async () => {
  const urn = 900_150;
  const gone = { leaving_date: '2019-07-21', entry_date: '2018-09-03' };
  await take(pupilsKind, pupilsHead + pupil(urn, 500, gone) + pupil(urn, 501));
  const [erased, restricted] = await rollOf(stores.records, [urn]);
  await erasePupil(stores.records, erased?.pupil ?? 0, { at: testClock(), day: '2026-11-22' });
  const because = { at: testClock(), because: 'It is disputed' };
  await restrictPupil(stores.records, restricted?.pupil ?? 0, because);
  const text = pupilsHead + pupil(urn, 500) + pupil(urn, 501, { surname: 'Other' });
  const refused = await take(pupilsKind, text);
  assert.deepEqual(kinds(refused), { 'erased-record': 1, 'restricted-record': 1 });
  assert.equal(refused.refused, 1);
  assert.deepEqual(
    (await rollOf(stores.records, [urn])).map(({ surname }) => surname),
    ['O’Neill'],
  );
  const back = await take(pupilsKind, text, { bringBackErased: true });
  assert.equal(back.counts.new, 1);
  const now = await rollOf(stores.records, [urn]);
  assert.deepEqual(now.map(({ upn: each }) => each).sort(), [upn(500), upn(501)].sort());
  assert.ok(
    now.every(({ pupil: id }) => id !== erased?.pupil),
    'under a number of its own',
  );
  assert.deepEqual(kinds(await take(pupilsKind, text)), { 'restricted-record': 1 });
});

test('what a school calls a class is no reason to refuse a child', async () => {
  const urn = 900_155;
  const head = `${pupilsHead.trim()},class\n`;
  const names = ['Oak Class', '6-B', 'Y5/6', 'Mrs O’Hara (pm)', '', '<7B>'];
  const rows = names.map((name, at) => pupil(urn, 510 + at).replace('\n', `,${name}\n`));
  const outcome = await take(pupilsKind, head + rows.join(''));
  assert.deepEqual(
    [outcome.counts.new, outcome.refused, kinds(outcome)],
    [6, 0, { 'class-not-read': 1 }],
  );
  const roll = await rollOf(stores.records, [urn]);
  assert.deepEqual(roll.map((each) => each.class_name ?? '').sort(), [
    '',
    '',
    '6-B',
    'Mrs O’Hara (pm)',
    'Oak Class',
    'Y5/6',
  ]);
});

test('a quotation mark opened by mistake loses its own row of a roll alone', async () => {
  const rows = [
    pupil(900_157, 530),
    pupil(900_157, 531, { surname: '"Smith' }),
    pupil(900_157, 532),
  ];
  const outcome = await take(pupilsKind, pupilsHead + rows.join(''));
  assert.deepEqual([outcome.rows, outcome.counts.new, outcome.refused], [3, 2, 1]);
  const [told] = outcome.problems;
  assert.deepEqual([told?.kind, told?.first[0]?.row], ['quote-not-closed', 3]);
});

test('a two-digit year is told with what can be done about it here', async () => {
  const outcome = await take(
    pupilsKind,
    pupilsHead + pupil(900_156, 520, { date_of_birth: '28/02/14' }),
  );
  const message = outcome.problems[0]?.first[0]?.message;
  assert.equal(message, 'The year has two digits: write all four, as 08/09/2025.');
});

test('a table is read however it is written: delimiter, encoding, titles above it, order of dates', async () => {
  const urn = 900_160;
  const british = pupil(urn, 600, { surname: 'Zoë', date_of_birth: '28/02/2014' }).replace(
    '2025-09-01',
    '01/09/2025',
  );
  const semicolons = (pupilsHead + british).replaceAll(',', ';');
  const latin = Buffer.from(`The roll of a school\n\n${semicolons}`, 'latin1');
  const first = await take(pupilsKind, latin);
  const [found] = first.found;
  assert.deepEqual(
    [found?.encoding, found?.delimiter, found?.headingRow, found?.dateOrder],
    ['Windows-1252', ';', 3, 'dmy'],
  );
  const [row] = await rollOf(stores.records, [urn]);
  assert.deepEqual(
    [row?.surname, row?.date_of_birth, row?.entry_date],
    ['Zoë', '2014-02-28', '2025-09-01'],
  );
  const utf16 = Buffer.from(
    `\uFEFF${(pupilsHead + pupil(urn, 600)).replaceAll(',', '\t')}`,
    'utf16le',
  );
  assert.equal((await take(pupilsKind, utf16)).counts.changed, 1);
  const open = pupil(urn, 600, { date_of_birth: '02/03/2014', entry_date: '09/01/2025' });
  const asked = await take(pupilsKind, pupilsHead + open);
  assert.deepEqual(kinds(asked), { 'date-order-ambiguous': 2 });
  const answered = await take(pupilsKind, pupilsHead + open, { dateOrder: 'mdy' });
  assert.equal(answered.refused, 0);
  assert.equal((await rollOf(stores.records, [urn]))[0]?.date_of_birth, '2014-02-03');
});

test('what is no such table is refused whole, in a sentence that says what is missing', async () => {
  const refused = (text: string | Buffer, says: RegExp) =>
    assert.rejects(take(pupilsKind, text), (error: unknown) => {
      assert.ok(error instanceof Refusal, String(error));
      assert.match(error.message, says);
      return true;
    });
  await refused('', /nothing in the file/);
  await refused('a,b\n1,2\n', /No row of headings/);
  await refused(pupilsHead.replace('sex,', ''), /needs a column that this file has not: sex/);
  await refused(pupilsHead.replace('sex', 'upn'), /Two columns are headed as upn/);
  await refused(Buffer.from('504b030400000000', 'hex'), /Excel workbook or a ZIP archive/);
});

test('what came in meanwhile is not overwritten: the whole file is refused, and nothing of it is kept', async () => {
  const urn = 900_170;
  const { records } = stores;
  let read = 0;
  const file = fileOf(pupilsHead + pupil(urn, 700));
  const source = async function* () {
    // It is opened for its head, and to the end; then, while its rows are read, another file of the kind commits.
    if (++read === 3) {
      const bringing = { kind: 'pupils', scope: 'meanwhile', title: 'Another', digest: '' };
      const id = await beginReceipt(records, { ...bringing, startedAt: testClock() });
      const committed = { committed_at: testClock() };
      await records.updateTable('receipts').set(committed).where('id', '=', id).execute();
    }
    yield* file.source();
  };
  await assert.rejects(
    importRoll(stores, pupilsKind, [{ name: file.name, source }], { clock: testClock }),
    /came in while this one was read/,
  );
  assert.deepEqual(await rollOf(records, [urn]), []);
  assert.deepEqual(await enrolled(urn), []);
});

test('any text is taken or refused in words, and every row of it is accounted for', async () => {
  const cell = fc.oneof(
    fc.constantFrom(
      '900180',
      upn(800),
      '2014-02-28',
      '2025-09-01',
      'F',
      '7',
      '1',
      'K',
      '',
      '"',
      ';',
    ),
    fc.string({ maxLength: 8 }),
  );
  const line = fc.array(cell, { minLength: 11, maxLength: 15 }).map((cells) => cells.join(','));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
      try {
        const text = `${pupilsHead}${lines.join('\n')}`;
        const { rows, refused, counts } = await take(pupilsKind, text, { dryRun: true });
        assert.equal(counts.new + counts.same + counts.changed + refused, rows);
      } catch (error) {
        assert.ok(error instanceof Refusal, String(error));
      }
    }),
    { numRuns: 60 },
  );
});

test('year groups are read however they are written', () => {
  const read = [
    'R',
    'Reception',
    'Year 7',
    'Y11',
    '07',
    'yr 1',
    '14',
    'N2',
    '0',
    '15',
    'Seven',
    '',
  ];
  assert.deepEqual(read.map(yearGroupOf), [
    ...['R', 'R', '7', '11', '7', '1', '14', 'N'],
    ...[undefined, undefined, undefined, undefined],
  ]);
});

test('the verbs say what they took each file for, refuse who is not the operator, and leave a trace without a child', async () => {
  const into = await mkdtemp(join(folder, 'verbs-'));
  await writeFile(
    join(into, 'pupils.csv.gz'),
    gzipSync(pupilsHead + pupil(900_190, 900) + pupil(900_190, 901, { sex: '?' })),
  );
  const lines: string[] = [];
  const errors: string[] = [];
  const run = (verb: string, files: string[], viewer = operator, switches: string[] = []) => {
    const command = rollCommands().find((each) => each.verb === verb);
    assert.ok(command);
    const output = {
      line: (text: string) => void lines.push(text),
      error: (text: string) => void errors.push(text),
      progress() {},
      isTerminal: false,
    };
    const { signal } = new AbortController();
    return command.run(
      {
        ...{ stores, viewer, output, clock: testClock, folder: into, signal },
        settings: { demo: false, visitKm: 40 },
        async writeFile() {},
      },
      { values: {}, switches: new Set(switches), files },
    );
  };
  assert.equal(await run('pupils import', ['pupils.csv.gz'], operator, ['dry-run']), 0);
  assert.match(lines.join('\n'), /2 rows: 1 new, 0 same, 0 amended, 1 refused; 0 removed/);
  assert.match(
    lines.join('\n'),
    /sex-not-read: 1 time\n {4}pupils\.csv\.gz, row 3, column F \(sex\)/,
  );
  assert.match(lines.join('\n'), /Nothing was kept \(--dry-run\)/);
  assert.equal(await run('pupils import', ['pupils.csv.gz']), 0);
  assert.match(lines.at(-1) ?? '', /Kept under receipt \d+/);
  const whole = [910, 911, 912, 913].map((at) => pupil(900_191, at));
  await writeFile(join(into, 'whole.csv'), pupilsHead + whole.join(''));
  await writeFile(join(into, 'cut.csv'), pupilsHead + whole[0]);
  assert.equal(await run('pupils import', ['whole.csv']), 0);
  assert.deepEqual([await run('pupils import', ['cut.csv']), errors.length], [1, 1]);
  assert.match(errors.join(), /^cut\.csv: School 900191: 3 of the 4 children on its roll are not/);
  assert.equal(await run('pupils import', ['cut.csv'], operator, ['leavers']), 0);
  await assert.rejects(run('pupils import', ['no.csv']), /there is no such file/);
  await assert.rejects(
    run('pupils import', ['pupils.csv.gz'], { role: 'school', scope: '900190' }),
    /the operator brings data in/,
  );
  await openTrail(stores.records, testClock).leave();
  const trail = JSON.stringify(await auditEntriesAfter(stores.records, 0, 1000));
  assert.match(trail, /pupils import/);
  assert.doesNotMatch(trail, /O’Neill|Child 9|[A-Z]\d{12}/);
});
