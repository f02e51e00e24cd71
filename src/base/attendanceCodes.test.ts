import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { withoutRealData } from '../testing/realData.ts';
import { attendanceCodes, codeOn, codesBetween, isPossible } from './attendanceCodes.ts';

const lastOld = '2024-08-18';
const firstNew = '2024-08-19';

test('a code that changed on 19 August 2024 has its old meaning before and its new one from then on', () => {
  const category = (code: string, date: string) => codeOn(code, date)?.category;
  for (const [code, before, after] of [
    ['J', 'aea', undefined],
    ['J1', undefined, 'authorised'],
    ['H', 'authorised', undefined],
    ['Y', 'not possible', undefined],
    ['Y4', undefined, 'not possible'],
    ['K', undefined, 'aea'],
    ['Q', undefined, 'not possible'],
    ['C2', undefined, 'authorised'],
  ] as const) {
    assert.equal(category(code, lastOld), before, code);
    assert.equal(category(code, firstNew), after, code);
  }
  for (const code of ['B', 'C']) {
    assert.notEqual(codeOn(code, lastOld)?.meaning, codeOn(code, firstNew)?.meaning);
  }
  assert.equal(category('D', '2011-08-31'), 'aea');
  assert.equal(category('D', '2011-09-01'), 'not possible');
  assert.equal(category('F', '2014-01-06'), undefined);
  assert.match(codeOn('X', '2021-01-11')?.meaning ?? '', /coronavirus/);
  assert.equal(category('?', firstNew), undefined);
});

test('no code means two things on one day, and none leaves a gap between two meanings', () => {
  for (const rows of Map.groupBy(attendanceCodes, ({ code }) => code).values()) {
    for (const [at, row] of rows.slice(1).entries()) {
      const next = new Date(`${rows[at]?.to}T00:00:00Z`);
      next.setUTCDate(next.getUTCDate() + 1);
      assert.equal(row.from, next.toISOString().slice(0, 10), row.code);
    }
  }
});

test('the codes of a year are those of the regulations, each with one column', () => {
  const columns = new Set(codesBetween('2025-09-01', '2026-07-31').map(({ column }) => column));
  assert.deepEqual(
    [...columns].join(' '),
    'slash backslash L B K P V W C C1 C2 E I J1 M R S T G N O U D Q X Y1 Y2 Y3 Y4 Y5 Y6 Y7 Z hash',
  );
  const old = codesBetween('2023-08-01', '2024-07-31').map(({ code }) => code);
  assert.equal(old.join(''), '/\\LBJPVWCEHIMRSTGNOUDXYZ#');
});

test('a morning mark is for mornings and an afternoon mark for afternoons; every other is for both', () => {
  assert.deepEqual(
    attendanceCodes.flatMap(({ code, session }) => (session ? [code + session] : [])),
    ['/AM', '\\PM'],
  );
});

test('every code is as the shared table of codes has it', { skip: withoutRealData }, () => {
  const path = new URL('../../../shared/data/attendance_codes.json', import.meta.url);
  const { codes } = JSON.parse(readFileSync(path, 'utf8')) as {
    codes: {
      code: string;
      possible: boolean;
      absent: boolean;
      attending: boolean;
      valid_from: string | null;
      valid_to: string | null;
    }[];
  };
  for (const given of codes) {
    const ours = codeOn(given.code, given.valid_from ?? given.valid_to ?? '2025-01-01');
    assert.ok(ours, given.code);
    assert.equal(isPossible(ours), given.possible, given.code);
    assert.equal(/present|aea/.test(ours.category), given.attending, given.code);
    assert.equal(/authorised/.test(ours.category), given.absent, given.code);
    const rows = attendanceCodes.filter(({ code }) => code === given.code);
    assert.equal(rows[0]?.from, given.valid_from, given.code);
    assert.equal(rows.at(-1)?.to, given.valid_to, given.code);
  }
});
