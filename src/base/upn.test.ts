import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import { isTemporaryUpn, makeUpn, parseUpn, upnFault, upnParts, writesUpn } from './upn.ts';

const examples: [upn: string, valid: boolean][] = [
  ['B801200005001', true],
  ['A950000178301', true],
  ['H243278544154', true],
  ['Q82340172400A', true],
  ['A801200005001', false],
  ['R247962919251', false],
  ['X428558133462', false],
];

for (const [upn, valid] of examples) {
  test(`${upn} is ${valid ? 'a' : 'no'} UPN by its check letter`, () => {
    assert.equal(parseUpn(upn), valid ? upn : undefined);
  });
}

const given = fc.record({
  laCode: fc.integer({ min: 201, max: 999 }).map(String),
  establishment: fc.nat(9999),
  year: fc.integer({ min: 1997, max: 2040 }),
  serial: fc.nat(99),
});
const temporary = fc.option(fc.constantFrom(...'ABCDEFGHJKLMNPQRTUVWXYZ'), { nil: undefined });

test('a number that was made is read back, says who gave it, and whether it is temporary', () => {
  fc.assert(
    fc.property(given, temporary, (parts, letter) => {
      const upn = makeUpn(letter === undefined ? parts : { ...parts, temporary: letter });
      assert.equal(parseUpn(` ${upn.toLowerCase()}\n`), upn);
      assert.equal(isTemporaryUpn(upn), letter !== undefined);
      assert.equal(upnParts(upn).laCode, parts.laCode);
      assert.equal(Number(upnParts(upn).establishment), parts.establishment);
    }),
  );
});

test('one mistyped digit, or two that changed places, is always noticed', () => {
  fc.assert(
    fc.property(given, fc.nat(11), fc.integer({ min: 1, max: 9 }), (parts, at, shift) => {
      const upn = makeUpn(parts);
      const digit = (Number(upn[at + 1]) + shift) % 10;
      const mistyped = `${upn.slice(0, at + 1)}${digit}${upn.slice(at + 2)}`;
      assert.equal(parseUpn(mistyped), undefined);
      const [one, other] = [upn[at], upn[at + 1]];
      if (at > 0 && one !== other) {
        const swapped = `${upn.slice(0, at)}${other}${one}${upn.slice(at + 2)}`;
        assert.equal(parseUpn(swapped), undefined);
      }
    }),
  );
});

test('a number that a person writes in groups is seen, and a telephone number is none', () => {
  for (const text of [
    'see B801200005001.',
    'b 801 2000 05001',
    'B801-2000-05-001, again',
    'Q 823.401.724.00 A',
    'B 801 - 2000 - 05001',
    'B801/2000/05001',
    'B801\u201120\u200b0005001',
    '\uff22801200005001',
  ]) {
    assert.equal(writesUpn(text), true, text);
  }
  for (const text of [
    'Rang mum’s 07700 900123 2 times',
    'class B 23.11.2026 10.30',
    'at 10.30 on 2026-11-23',
    'B 801',
    '',
  ]) {
    assert.equal(writesUpn(text), false, text);
  }
});

test('any text can be asked about, and what is said of it never repeats it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (text) => {
      const fault = upnFault(text);
      assert.equal(fault === undefined, parseUpn(text) === text);
      if (text.length > 5) assert.ok(!fault?.includes(text));
    }),
  );
  assert.throws(
    () => makeUpn({ laCode: 'ABC', establishment: 1, year: 2020, serial: 1 }),
    RangeError,
  );
});
