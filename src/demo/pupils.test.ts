import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWithin, yearsBefore } from '../base/day.ts';
import { isTemporaryUpn, parseUpn, upnParts } from '../base/upn.ts';
import { mark } from './names.ts';
import { castChildren } from './pupils.ts';

const days = ['2024-02-29', '2026-08-31', '2026-09-01', '2026-11-22', '2031-01-01'];

test('no child of the cast can be taken for a real one: each name is marked, and no authority gave its UPN', () => {
  const children = castChildren('2026-11-22');
  assert.ok(children.length >= 15);
  for (const { surname, upn, contacts } of children) {
    assert.ok(surname.endsWith(mark));
    assert.equal(parseUpn(upn), upn);
    assert.equal(upnParts(upn).laCode, '990');
    for (const { name, telephone, email } of contacts) {
      assert.ok(name.endsWith(mark));
      assert.match(telephone ?? '', /^07700 900\d{3}$/); // kept free for drama
      assert.ok(email?.endsWith('.example'));
    }
  }
  assert.equal(new Set(children.map(({ upn }) => upn)).size, children.length);
  assert.equal(children.filter(({ upn }) => isTemporaryUpn(upn)).length, 1);
});

for (const day of days) {
  test(`on ${day} each child is as old as its year group, and is enrolled unless it left`, () => {
    for (const child of castChildren(day)) {
      const now = child.enrolments.at(-1);
      assert.ok(now);
      const left = child.key.startsWith('left');
      assert.equal(isWithin(day, now.entryDate, now.leavingDate), !left, child.key);
      const year = now.yearGroup === 'R' ? 0 : Number(now.yearGroup);
      const start = Number((now.leavingDate ?? day).slice(0, 4));
      const month = Number((now.leavingDate ?? day).slice(5, 7));
      const yearStart = `${month >= 9 ? start : start - 1}-09-01`;
      const age = year + 4;
      assert.ok(child.dateOfBirth < yearsBefore(yearStart, age), child.key);
      assert.ok(child.dateOfBirth >= yearsBefore(yearStart, age + 1), child.key);
      for (const [at, each] of child.enrolments.entries()) {
        const last = each.leavingDate ?? '9999-12-31';
        assert.ok(each.entryDate <= last, child.key);
        assert.ok(last < (child.enrolments[at + 1]?.entryDate ?? '9999-12-32'), child.key);
      }
    }
  });
}
