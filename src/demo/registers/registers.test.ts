import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseUpn } from '../../base/upn.ts';
import { cellWords, percentages, publishedBands } from '../../testing/publishedBands.ts';
import { realFiles, withoutRealData } from '../../testing/realData.ts';
import { scratchFolder, testClock } from '../../testing/stores.ts';
import {
  connectWarehouse,
  migrateWarehouse,
  migrations,
  statement,
} from '../../warehouse/index.ts';
import { demoCast } from '../cast.ts';
import { makeEngland } from '../madeUpEngland.ts';
import { mark } from '../names.ts';
import { castChildren } from '../pupils.ts';
import type { MadeUpSchool } from '../school.ts';
import { codesByEntry, entry } from './codes.ts';
import { type EventKind, eventKinds, eventsAsked } from './events.ts';
import { registerBands, registerEntries } from './registers.sql.ts';
import { saveRegisters } from './save.ts';
import { fillRegisters } from './fill.ts';
import { parametersOf, tellRolls } from './told.ts';
import { writeRegisters } from './write.ts';
import { eventDays, type RegisterYear, registerYear, usualRegisterYear } from './year.ts';

const { folder, remove } = scratchFolder();
const warehouse = connectWarehouse(
  { kind: 'embedded', folder: join(folder, 'engine') },
  { maxExecutionSeconds: 300 },
);
after(async () => {
  await warehouse.close();
  remove();
});

const yearOf = (seed: number, events = eventsAsked([], []) ?? new Map()) =>
  registerYear(makeEngland({ schools: 60, seed }), { year: usualRegisterYear, events });

/** Village schools: a few hundred children. */
const small = (of: RegisterYear) =>
  of.schools.filter((school) => (school.hidden?.enrolments ?? 999) < 60).slice(0, 4);

async function filesOf(of: RegisterYear, schools: readonly MadeUpSchool[], name: string) {
  const into = join(folder, name);
  mkdirSync(into);
  const files = {
    pupils: join(into, 'pupils.csv'),
    marks: join(into, 'marks.csv'),
    amendments: join(into, 'amendments.csv'),
    truth: join(into, 'truth.csv'),
  };
  const written = await writeRegisters(warehouse, of, {
    ...{ schools, files, until: 65_535 },
    say: () => {},
  });
  const texts = Object.fromEntries(
    Object.entries(files).map(([kind, path]) => [kind, readFileSync(path, 'utf8')]),
  ) as Record<keyof typeof files, string>;
  return { ...texts, written };
}

const rowsOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));

test('the same seed gives the same bytes, whatever else is made with them; another seed gives others', async () => {
  const of = yearOf(7);
  const schools = small(of);
  const whole = await filesOf(of, schools, 'whole');
  const first = await filesOf(yearOf(7), schools.slice(0, 1), 'first');
  const rest = await filesOf(yearOf(7), schools.slice(1), 'rest');
  assert.ok(whole.marks.length > 100_000);
  for (const kind of ['pupils', 'marks', 'amendments', 'truth'] as const) {
    assert.equal(first[kind] + rest[kind], whole[kind], kind);
  }
  const other = yearOf(8);
  const others = await filesOf(other, small(other), 'other');
  assert.notEqual(others.marks.slice(0, 50_000), whole.marks.slice(0, 50_000));
});

test('each child has a UPN that is right, a name that is marked, and marks on the days it is enrolled', async () => {
  const of = yearOf(7);
  const { pupils, marks, amendments, written } = await filesOf(of, small(of), 'children');
  const enrolled = rowsOf(pupils);
  assert.equal(enrolled.length, written.enrolments);
  const between = new Map<string, [string, string]>();
  for (const [urn, upn = '', surname = '', , , , , , , , , from = '', to = ''] of enrolled) {
    assert.equal(parseUpn(upn), upn);
    assert.ok(surname.endsWith(mark));
    const key = `${urn} ${upn}`;
    assert.ok(!between.has(key), 'the same child twice on one roll');
    between.set(key, [from, to || '9999']);
  }
  const rows = rowsOf(marks);
  assert.equal(rows.length, written.marks);
  const codes = new Set(codesByEntry);
  for (const [urn, upn, date = '', session, code = ''] of rows) {
    const [from = '', to = ''] = between.get(`${urn} ${upn}`) ?? [];
    assert.ok(date >= from && date <= to);
    assert.ok(codes.has(code) && code !== '');
    assert.ok(session === 'AM' ? code !== '\\' : session === 'PM' && code !== '/');
  }
  const said = new Map(
    rows.map(([urn, upn, date, session, code]) => [`${urn} ${upn} ${date} ${session}`, code]),
  );
  assert.ok(rowsOf(amendments).length > 0);
  for (const [urn, upn, date = '', session, code, enteredOn = ''] of rowsOf(amendments)) {
    assert.notEqual(said.get(`${urn} ${upn} ${date} ${session}`) ?? code, code);
    assert.ok(enteredOn >= date);
  }
});

test('the cast’s children stand on their schools’ rolls under their own names', async () => {
  const of = yearOf(7);
  const urn = demoCast.smallRuralPrimary.urn;
  const school = of.schools.find((each) => each.urn === urn);
  assert.ok(school);
  const { pupils } = await filesOf(of, [school], 'cast');
  const child = castChildren('2026-07-01').find(({ key }) => key === 'earlyHelp');
  assert.ok(child);
  const row = rowsOf(pupils).find(([, upn]) => upn === child.upn);
  assert.deepEqual(row?.slice(2, 5), [child.surname, child.forename, child.dateOfBirth]);
});

type Sessions = Map<string, number>;

/** Sessions by day and entry. */
async function sessionsOf(of: RegisterYear, school: MadeUpSchool): Promise<Sessions> {
  await tellRolls(warehouse, of, [school]);
  const sessions: Sessions = new Map();
  for (const row of await warehouse.query(registerEntries, parametersOf(of))) {
    const date = new Date(row.date * 86_400_000).toISOString().slice(0, 10);
    const key = `${date} ${row.entry}`;
    sessions.set(key, (sessions.get(key) ?? 0) + row.sessions);
  }
  return sessions;
}

function sumOf(sessions: Sessions, from: string, to: string, entries: readonly number[] = []) {
  let sum = 0;
  for (const [key, count] of sessions) {
    const [date = '', is] = key.split(' ');
    if (date >= from && date <= to && (entries.length === 0 || entries.includes(Number(is))))
      sum += count;
  }
  return sum;
}

const absences = codesByEntry.flatMap((code, at) =>
  'IONCETMRSGU'.includes(code) && code ? [at] : [],
);
const late = [entry.late, entry.lateEdited, entry.lateAfterClose, entry.lateAfterCloseEdited];
const edited = [entry.lateEdited, entry.lateAfterCloseEdited];

const lastWeeks = Date.parse('2026-07-01') / 86_400_000;

/** How much of what each event moves there is during it, with it and without. */
const moves: [EventKind, readonly number[], (withIt: number, without: number) => boolean][] = [
  ['flu', [entry.ill], (withIt, without) => withIt > 1.3 * without],
  ['drift', absences, (withIt, without) => withIt > 1.15 * without],
  ['silence', [], (withIt, without) => withIt === 0 && without > 0],
  ['holiday-habit', [entry.holiday], (withIt, without) => withIt > 2 * without],
  ['code-swap', [entry.illInName], (withIt, without) => withIt > 0 && without === 0],
  ['late-edit', edited, (withIt, without) => withIt > 0 && without === 0],
];
for (const [kind, entries, shows] of moves) {
  test(`${kind}: what truth.csv tells is in the marks between its days, and nothing of it before`, async () => {
    const setting = eventKinds[kind];
    const calm = yearOf(7, new Map());
    const of = yearOf(7, new Map([[kind, setting]]));
    const school = of.schools.find(({ urn, authority }) =>
      kind === 'flu'
        ? urn === demoCast.academisedChain.urn && of.plan.fluAt.has(authority.index)
        : of.plan.ofSchools.has(urn),
    );
    assert.ok(school);
    const at =
      of.plan.fluAt.get(school.authority.index) ?? of.plan.ofSchools.get(school.urn)?.at ?? 0;
    const { start, end } = eventDays(of, school, kind, at);
    const [withIt, without] = [await sessionsOf(of, school), await sessionsOf(calm, school)];
    const during = [
      sumOf(withIt, start, end, entries),
      sumOf(without, start, end, entries),
    ] as const;
    assert.ok(shows(...during), `${during}`);
    const dayBefore = new Date(Date.parse(start) - 86_400_000).toISOString().slice(0, 10);
    for (const entries of [absences, late, []]) {
      assert.equal(sumOf(withIt, '', dayBefore, entries), sumOf(without, '', dayBefore, entries));
    }
  });
}

for (const size of [1.8, 2.5]) {
  test(`drift: in the last weeks there is ${size} times the absence there would have been`, async () => {
    const of = yearOf(7, new Map([['drift', { size, share: 0.3 }]]));
    const calm = yearOf(7, new Map());
    const drifting = of.schools.filter(({ urn }) => of.plan.ofSchools.has(urn)).slice(0, 12);
    const absent = async (year: RegisterYear) => {
      await tellRolls(warehouse, year, drifting);
      const rows = await warehouse.query(registerEntries, parametersOf(year));
      return rows
        .filter(({ date, entry: is }) => date >= lastWeeks && absences.includes(is))
        .reduce((sum, { sessions }) => sum + sessions, 0);
    };
    const times = (await absent(of)) / (await absent(calm));
    assert.ok(Math.abs(times - size) < 0.07 * size, String(times));
  });
}

test('code-swap: what has no reason yet stays as it was; only O becomes I', async () => {
  const of = yearOf(7, new Map([['code-swap', { size: 0.6, share: 0.1 }]]));
  const swapping = of.schools.filter(({ urn }) => of.plan.ofSchools.has(urn)).slice(0, 1);
  const counts = async (year: RegisterYear) => {
    const all = new Map<number, number>();
    for (const school of swapping) {
      const { at } = of.plan.ofSchools.get(school.urn) ?? { at: 0 };
      const { start, end } = eventDays(of, school, 'code-swap', at);
      const sessions = await sessionsOf(year, school);
      for (let is = 1; is < codesByEntry.length; is++) {
        all.set(is, (all.get(is) ?? 0) + sumOf(sessions, start, end, [is]));
      }
    }
    return all;
  };
  const [withIt, without] = [await counts(of), await counts(yearOf(7, new Map()))];
  const moved = [entry.other, entry.illInName] as number[];
  for (const [is, count] of without) {
    if (!moved.includes(is)) assert.equal(withIt.get(is), count, codesByEntry[is]);
  }
  assert.ok((without.get(entry.noReasonYet) ?? 0) > 0);
  const share = (withIt.get(entry.illInName) ?? 0) / (without.get(entry.other) ?? 1);
  assert.ok(share > 0.45 && share < 0.7, String(share));
});

test('off-rolling and declines after a move are told by child, and their enrolments say so', async () => {
  const of = yearOf(
    7,
    new Map([
      ['off-rolling', { size: 1, share: 0.01 }],
      ['decline-after-move', { size: 4, share: 1 }],
    ]),
  );
  const school = of.schools.find(({ urn }) => of.plan.ofSchools.get(urn)?.kind === 'off-rolling');
  assert.ok(school);
  const { pupils, truth } = await filesOf(of, [school], 'told');
  const enrolled = new Map(rowsOf(pupils).map((row) => [row[1], row]));
  const told = rowsOf(truth);
  assert.deepEqual([...new Set(told.map(([kind]) => kind))].sort(), [
    'decline-after-move',
    'off-rolling',
  ]);
  for (const [kind, , , upn, start] of told) {
    assert.equal(enrolled.get(upn)?.[kind === 'off-rolling' ? 12 : 11], start);
  }
});

test('events are asked for by kind, size and share, and a word that is none is not understood', () => {
  assert.deepEqual(
    eventsAsked(['drift:2.5:0.05'], ['events']),
    new Map([['drift', { size: 2.5, share: 0.05 }]]),
  );
  assert.equal(eventsAsked([], ['flu'])?.size, Object.keys(eventKinds).length - 1);
  for (const wrong of ['plague', 'drift:x', 'drift:1:2', 'drift:-1'])
    assert.equal(eventsAsked([wrong], []), undefined);
  assert.throws(
    () => registerYear(makeEngland({ schools: 3, seed: 1 }), { year: 202324, events: new Map() }),
    RangeError,
  );
});

test('all files are written, with their headers, by processes of their own', async () => {
  const into = join(folder, 'saved');
  const written = await saveRegisters(into, {
    england: { schools: 3, seed: 7 },
    ...{ year: usualRegisterYear, events: new Map(), until: '2025-09-05' },
  });
  const lines = (name: string) => readFileSync(join(into, name), 'utf8').trimEnd().split('\n');
  assert.equal(lines('marks.csv').length, written.marks + 1);
  assert.equal(lines('pupils.csv').length, written.enrolments + 1);
  assert.equal(lines('schools.csv').length, 4);
  assert.equal(lines('truth.csv')[0], 'kind,urn,la_code,upn,start,end,size');
  assert.ok(
    lines('marks.csv')
      .slice(1)
      .every((line) => line.split(',')[2]! <= '2025-09-05'),
  );
  const days = lines('calendars.csv').filter(
    (line) => line.startsWith('900002,') && line.includes(',open,'),
  );
  assert.equal(days.length, 190);
});

const kept = statement<{ marks: number; children: number; enrolled: number; codes: string[] }>(
  'kept',
  `SELECT count() AS marks, uniqExact(urn, pupil) AS children, (SELECT count() FROM enrolments) AS enrolled,
     arraySort(groupUniqArray(code)) AS codes FROM marks`,
);

test('what goes straight into the tables is what the files say', async () => {
  await migrateWarehouse(warehouse, migrations, testClock);
  const of = yearOf(7);
  const schools = small(of);
  const { written, marks } = await filesOf(of, schools, 'filed');
  await fillRegisters(warehouse, of, {
    schools,
    receipts: { enrolments: 1, marks: 1 },
    key: ['1', '2'],
  });
  const [found] = await warehouse.query(kept, {});
  assert.deepEqual(found, {
    marks: written.marks,
    children: new Set(rowsOf(marks).map(([urn, upn]) => `${urn} ${upn}`)).size,
    enrolled: written.enrolments,
    codes: [...new Set(rowsOf(marks).map(([, , , , code]) => code))].sort(),
  });
});

test('a class’s year of marks costs less than two seconds of processor time, the engine’s thinking included', async () => {
  const of = yearOf(7);
  const school = small(of).slice(0, 1);
  await filesOf(of, school, 'warm');
  const before = process.cpuUsage();
  const { written } = await filesOf(of, school, 'timed');
  const { user, system } = process.cpuUsage(before);
  assert.ok(written.marks > 3000);
  assert.ok(user + system < 2_000_000, `${user + system} µs`);
});

test('bands of absence are those of 2021/22', { skip: withoutRealData }, async () => {
  const [path = ''] = realFiles('dfe-absence-bands');
  const published = await publishedBands(path);
  const england = makeEngland({ schools: 600, seed: 'bands' });
  const of = registerYear(england, { year: usualRegisterYear, events: new Map() });
  await tellRolls(
    warehouse,
    of,
    of.schools.filter((_, at) => at % 10 === 0),
  );
  const made = new Map<number, number[]>();
  for (const { cell, band, enrolments } of await warehouse.query(registerBands, parametersOf(of))) {
    const counts = made.get(cell) ?? Array.from({ length: 11 }, () => 0);
    counts[band] = enrolments;
    made.set(cell, counts);
  }
  let compared = 0;
  for (const [cell, counts] of made) {
    const enrolments = counts.reduce((sum, count) => sum + count, 0);
    const theirs = percentages(published.get(cell) ?? []);
    if (enrolments < 300 || theirs.length === 0) continue;
    for (const [band, share] of percentages(counts).entries()) {
      const expected = theirs[band] ?? 0;
      // Two points, and what so small a sample of so few schools may be off by luck.
      const luck = 4.5 * Math.sqrt((Math.max(1, expected) * (100 - expected)) / enrolments);
      assert.ok(
        Math.abs(share - expected) < 2 + luck,
        `${cellWords(cell)}, band ${band}: ${share} for ${expected}`,
      );
    }
    compared++;
  }
  assert.ok(compared > 10, `${compared}`);
});
